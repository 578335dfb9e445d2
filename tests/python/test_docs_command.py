"""The commands of docs/python.md and python/README.md do what the pages say."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from commands import environment
from conftest import DATA, SECRET
from made_logs import Log, numbered_bodies, rows_for

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = [REPOSITORY / "docs" / "python.md", REPOSITORY / "python" / "README.md"]


def commands(page: Path) -> list[str]:
    """The package's commands that a page tells to type."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", page.read_text("utf-8"), re.M | re.S)
    lines = [line for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith("python -m tuco_events ")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_run(page: Path, tmp_path: Path) -> None:
    if "parquet" in page.read_text("utf-8"):
        pytest.importorskip("pyarrow")
    shutil.copy(DATA / "deliveries.ndjson", tmp_path)
    (tmp_path / "secret.txt").write_text(SECRET)
    Log(rows_for(numbered_bodies(10))).write(tmp_path / "data")
    typed = commands(page)
    assert len(typed) >= 2
    for command in typed:
        _, _, arguments = command.partition(" ")
        done = subprocess.run(
            ["/bin/sh", "-c", f'exec "$PYTHON" {arguments}'],
            cwd=tmp_path,
            env=environment(PYTHON=sys.executable),
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, (command, done.stderr)


def test_every_command_has_an_example() -> None:
    typed = "\n".join(commands(PAGES[0]))
    for name in ("verify", "convert", "stats"):
        assert f"python -m tuco_events {name} " in typed
