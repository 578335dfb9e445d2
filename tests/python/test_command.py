"""`python -m tuco_events` as a whole: usage, exit codes, interruptions."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import tuco_events

from commands import environment, run
from conftest import DATA

SAMPLES = str(DATA / "deliveries.ndjson")


@pytest.mark.parametrize("command", [(), ("verify",), ("convert",), ("stats",)])
def test_help_has_examples(command: tuple[str, ...]) -> None:
    result = run(*command, "--help")
    assert (result.code, result.errors) == (0, "")
    assert f"  python -m tuco_events {' '.join(command)}" in result.text


def test_the_version_is_the_packages() -> None:
    assert run("--version").text == f"{tuco_events.__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("unknown",),
        ("verify",),
        ("verify", "--secret", "whsec", SAMPLES),
        ("convert", SAMPLES),
        ("convert", SAMPLES, "events.txt"),
        ("convert", SAMPLES, "events.parquet.gz"),
        ("convert", SAMPLES, "-"),
        ("convert", SAMPLES, "-", "--to", "parquet"),
        ("convert", SAMPLES, "events.csv", "--on-error", "ignore"),
        ("stats", SAMPLES, "--by", "phone"),
        ("stats", SAMPLES, "--limit", "0"),
        ("stats", SAMPLES, "--tz", "Mars/Olympus"),
        ("stats", SAMPLES, "--from", "yesterday"),
        ("stats", SAMPLES, "--from", "2026-04-02", "--to", "2026-04-01"),
        ("stats", SAMPLES, "--where", "types=message.sent"),
    ],
)
def test_wrong_usage_is_two(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert (result.code, result.output) == (2, b"")
    assert result.errors
    assert "Traceback" not in result.errors


@pytest.mark.parametrize(
    "arguments", [("verify",), ("stats",), ("convert", "--to", "csv")]
)
def test_a_file_that_is_not_there_is_two(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    missing = tmp_path / "missing"
    more = [tmp_path / "out"] if arguments[0] == "convert" else []
    result = run(*arguments, missing, *more)
    assert result.code == 2
    assert result.errors == f"tuco_events: {missing}: No such file or directory\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [("verify", "-"), ("stats", "-"), ("convert", "-", "-", "--to", "csv")],
)
def test_a_closed_stdin_is_two(arguments: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "tuco_events", *arguments]
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" <&-', "sh", *command],
        capture_output=True,
        env=environment(),
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == b"tuco_events: stdin is closed\n"


def test_a_name_cannot_play_with_the_terminal(tmp_path: Path) -> None:
    result = run("stats", tmp_path / "\033[31mred")
    assert "\033" not in result.errors
    assert "\N{REPLACEMENT CHARACTER}[31mred" in result.errors


@pytest.mark.parametrize(
    "arguments",
    [
        ("verify", SAMPLES),
        ("convert", SAMPLES, "-", "--to", "ndjson"),
        ("stats", SAMPLES),
        ("stats", SAMPLES, "--json"),
    ],
)
def test_a_reader_that_leaves_is_no_error(arguments: tuple[str, ...]) -> None:
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "tuco_events", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    assert process.stdout is not None
    process.stdout.close()
    _, errors = process.communicate()
    assert (process.returncode, errors) == (0, b"")


@pytest.mark.parametrize(
    "arguments",
    [("verify", SAMPLES), ("convert", SAMPLES, "-", "--to", "csv"), ("stats", SAMPLES)],
)
def test_a_full_disk_behind_stdout_is_four(arguments: tuple[str, ...]) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "tuco_events", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(),
            check=False,
        )
    assert done.returncode == 4
    assert done.stderr == (
        b"tuco_events: cannot write to stdout: No space left on device\n"
    )


def mind_signals() -> None:
    """Whoever runs the tests, as under nohup, may ignore some."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def converting(target: Path, *before: str) -> subprocess.Popen[bytes]:
    """A `convert` of stdin that has begun to read; `before` is what runs it."""
    process = subprocess.Popen(
        [*before, sys.executable, "-m", "tuco_events", "convert", "-", target],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,  # A terminal would have nohup make a file.
        stderr=subprocess.PIPE,
        env=environment(),
        preexec_fn=mind_signals,
    )
    # More than a pipe holds: once it is written, the command reads.
    assert process.stdin is not None
    process.stdin.write(b"\n" * (1 << 20))
    return process


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
)
def test_a_signal_ends_it_and_leaves_nothing(
    number: signal.Signals, code: int, tmp_path: Path
) -> None:
    process = converting(tmp_path / "events.csv")
    assert len(list(tmp_path.iterdir())) == 1
    process.send_signal(number)
    _, errors = process.communicate()
    assert (process.returncode, errors) == (code, b"")
    assert list(tmp_path.iterdir()) == []


def test_a_signal_that_is_ignored_stays_so(tmp_path: Path) -> None:
    process = converting(tmp_path / "events.csv", "nohup")
    process.send_signal(signal.SIGHUP)
    _, errors = process.communicate()
    assert process.returncode == 0, errors
    assert (tmp_path / "events.csv").exists()
