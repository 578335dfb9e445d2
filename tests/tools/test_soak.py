"""What tools/soak says when it cannot begin."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from copied_tree import REPOSITORY


def soak(build: Path, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Runs it with benchmarks in another folder."""
    return subprocess.run(
        [sys.executable, str(REPOSITORY / "tools" / "soak"), *args],
        env=os.environ | {"TUCO_BENCH_DIR": str(build)} | env,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_it_names_its_parts(tmp_path: Path) -> None:
    done = soak(tmp_path, "sever")
    assert done.returncode == 2
    assert "no part 'sever'; there are server, streams" in done.stderr


@pytest.mark.parametrize("text", ["many", "0", "-1", "1.5"])
def test_a_number_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    done = soak(tmp_path, SOAK_SECONDS=text)
    assert done.returncode == 2
    assert f"SOAK_SECONDS: expected a number from 1, found {text!r}" in done.stderr


@pytest.mark.parametrize("part", ["server", "streams"])
def test_what_is_not_built_is_missing(tmp_path: Path, part: str) -> None:
    done = soak(tmp_path / "bench", part)
    assert done.returncode == 2
    assert "is missing" in done.stderr
