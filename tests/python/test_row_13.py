"""Row 13 of the benchmarks still runs, with the wheel and its peers."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

RUN = Path(__file__).parents[2] / "bench" / "run"


@pytest.mark.skipif(sys.version_info < (3, 11), reason="bench/run needs Python 3.11")
def test_row_13_runs(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, RUN, "--rows", "13", "--smoke", "--logs", tmp_path],
        env=os.environ | {"TUCO_BENCH_PYTHON": sys.executable},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for peer in ("polars", "duckdb"):
        for form in ("bodies", "deliveries"):
            assert f"archive of {form} to Arrow: {peer} ÷ ours" in done.stdout
