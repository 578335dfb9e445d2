"""What row 14 of the benchmarks measures still works; bench/run needs a server."""

import subprocess
import sys
from pathlib import Path

import pytest

from made_logs import Log, numbered_bodies, rows_for

pytest.importorskip("polars")

PROGRAM = Path(__file__).parents[2] / "bench" / "peers" / "events_to_polars.py"


@pytest.mark.parametrize("job", ["log", "sqlite3"])
def test_a_log_becomes_a_data_frame(job: str, tmp_path: Path) -> None:
    Log(rows_for(numbered_bodies(10))).write(tmp_path)
    done = subprocess.run(
        [sys.executable, PROGRAM, job, tmp_path],
        input="5\n100\n",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert [float(line) > 0 for line in done.stdout.splitlines()] == [True, True]
