"""What bench/run says and ends with; programs that only pretend to measure."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from copied_tree import REPOSITORY

RUN = [sys.executable, str(REPOSITORY / "bench" / "run")]
# Takes the place of the library's jobs, of which row 8 sets two side by side.
ANSWERS = """#!/bin/sh
case $1 in
  verify-many) answer={many} ;;
  *) answer=100 ;;
esac
while read -r events; do echo $answer; done
"""
ENDS = "#!/bin/sh\nexit {status}\n"
# Says its number and answers nothing until its stdin ends.
IS_SILENT = '#!/bin/sh\necho $$ >>"{pids}"\ncat >/dev/null\n'


def environment(build: Path) -> dict[str, str]:
    """That of this process, with benchmarks in another folder."""
    return os.environ | {"TUCO_BENCH_DIR": str(build)}


def bench(build: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Runs the script to its end."""
    return subprocess.run(
        [*RUN, *args],
        env=environment(build),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def plant(build: Path, script: str) -> None:
    """Makes a program of the library's jobs."""
    program = build / "library_rounds"
    program.write_text(script)
    program.chmod(0o755)


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--rows", "3,17"], "argument --rows: no row '17'; there are 1, 2, 3,"),
        (["--rows", ""], "argument --rows: no row ''"),
        (["--rounds", "0"], "--rounds: expected a number from 1 to 1000, found '0'"),
        (["--rounds", "many"], "--rounds: expected a number from 1 to 1000"),
        (["--events", "9999"], "--events: expected a number from 10000 to"),
        (["--events", "1e7"], "found '1e7'"),
        (["--logs", "nowhere"], "argument --logs: no folder nowhere"),
        (["peers"], "unrecognized arguments: peers"),
    ],
)
def test_bad_input_is_refused(args: list[str], says: str, tmp_path: Path) -> None:
    done = bench(tmp_path, *args)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr.splitlines()[-1]


def test_the_list_has_every_row(tmp_path: Path) -> None:
    done = bench(tmp_path, "--list")
    assert done.returncode == 0
    names = [line.split()[0] for line in done.stdout.splitlines()]
    rows = [str(row) for row in range(1, 17)]
    assert names == [*rows, "canonical"]


@pytest.mark.parametrize("row", ["3", "8", "9", "16"])
def test_a_missing_program_is_no_verdict(row: str, tmp_path: Path) -> None:
    done = bench(tmp_path / "bench", "--rows", row)
    assert done.returncode == 2
    assert done.stderr.endswith("is missing: make bench builds it\n")


def test_a_folder_that_cannot_be_written_is_no_verdict(tmp_path: Path) -> None:
    done = bench(tmp_path, "--rows", "8", "--logs", "/proc")
    assert done.returncode == 3
    assert done.stderr.startswith("bench: ")


@pytest.mark.parametrize(("many", "status"), [(60, 0), (70, 1)])
def test_the_status_says_whether_the_goal_is_met(
    many: int, status: int, tmp_path: Path
) -> None:
    plant(tmp_path, ANSWERS.format(many=many))
    done = bench(tmp_path, "--rows", "8", "--rounds", "5")
    assert done.returncode == status, done.stderr
    ratio = f"0.{many} (0.{many}-0.{many}), goal ≤ 0.65"
    assert done.stdout.splitlines()[-1].endswith(ratio + "  MISSED" * status)
    assert list(tmp_path.glob("run-*")) == []


def test_a_short_round_is_not_judged(tmp_path: Path) -> None:
    plant(tmp_path, ANSWERS.format(many=70))
    done = bench(tmp_path, "--rows", "8", "--smoke")
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("goal ≤ 0.65  not judged\n")


@pytest.mark.parametrize(("ends_with", "status"), [(1, 3), (2, 2), (3, 3)])
def test_a_program_that_ends_is_no_verdict(
    ends_with: int, status: int, tmp_path: Path
) -> None:
    plant(tmp_path, ENDS.format(status=ends_with))
    done = bench(tmp_path, "--rows", "8")
    assert done.returncode == status
    assert f"bench: in batches ended: status {ends_with}" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_what_was_started_ends(number: signal.Signals, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    plant(tmp_path, IS_SILENT.format(pids=pids))
    with subprocess.Popen([*RUN, "--rows", "8"], env=environment(tmp_path)) as process:
        wait_until(lambda: pids.exists() and pids.read_text().endswith("\n"))
        process.send_signal(number)
        process.wait(60)
    wait_until(lambda: not Path("/proc", pids.read_text().strip()).exists())
    if number != signal.SIGKILL:
        assert list(tmp_path.glob("run-*")) == []


def test_two_runs_take_turns_with_the_large_log(tmp_path: Path) -> None:
    began = tmp_path / "began"
    fill = tmp_path / "fill_log"
    fill.write_text(f'#!/bin/sh\ntouch "{began}"\nexit 3\n')
    fill.chmod(0o755)
    (tmp_path / "no_sync.so").touch()
    with (tmp_path / "log-10000.in-use").open("w") as mark:
        fcntl.flock(mark, fcntl.LOCK_EX)
        with subprocess.Popen(
            [*RUN, "--rows", "10", "--events", "10000", "--smoke"],
            env=environment(tmp_path),
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            assert "row 10" in process.stdout.readline()
            assert "waiting for another run" in process.stdout.readline()
            assert not began.exists()
            fcntl.flock(mark, fcntl.LOCK_UN)
            process.wait(60)
    assert began.exists()


def wait_until(holds: Callable[[], bool]) -> None:
    """Waits for what is to come at any moment."""
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)
