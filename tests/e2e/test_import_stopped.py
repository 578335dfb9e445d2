"""An import that is stopped, or looked on at, while its archive comes in."""

import json
import os
import re
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from support.cli import Background, run
from support.deliveries import SECRET, Delivery, reply
from support.environment import BINARY
from support.wait import wait_until

ENV = {"TUCO_WEBHOOK_SECRET": SECRET}
# How often an import looks around, in lines.
STRIDE = 256


def line(delivery: Delivery) -> bytes:
    """A delivery as a line of an archive."""
    text = {"headers": delivery.headers, "body": delivery.body.decode()}
    return json.dumps(text).encode() + b"\n"


class Archive:
    """A pipe that an import reads from, and what was written into it."""

    def __init__(self) -> None:
        self.reader, self._writer = os.pipe()
        self.lines: list[bytes] = []

    def write(self, count: int) -> None:
        """Puts fresh deliveries into it."""
        fresh = [line(reply()) for _ in range(count)]
        for each in fresh:
            assert os.write(self._writer, each) == len(each)
        self.lines += fresh

    def close(self) -> None:
        """Ends it."""
        for end in (self.reader, self._writer):
            os.close(end)


@contextmanager
def importing(
    data: Path, stderr: int | None = None
) -> Iterator[tuple[Archive, Background]]:
    """An import that has begun to read."""
    archive = Archive()
    command = [str(BINARY), "import", f"--data={data}", "-"]
    with Background(command, env=ENV, stdin=archive.reader, stderr=stderr) as running:
        yield archive, running
    archive.close()


def events(data: Path) -> int:
    """How many events the log has."""
    database = data / "events.db"
    if not database.exists():
        return 0
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as log:
        [count] = log.execute("SELECT count(*) FROM events").fetchone()
    return int(count)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_and_a_second_run_completes_it(
    tmp_path: Path, number: signal.Signals
) -> None:
    data = tmp_path / "data"
    with importing(data) as (archive, running):
        archive.write(1_000)
        wait_until(lambda: events(data) > 0, "the first events")
        assert running.interrupt(number) == 130
        [where] = re.findall(
            r"interrupted: what is before line (\d+) is in the log", running.stderr
        )
        kept = int(where) - 1
        assert 0 < kept <= 1_000
        assert events(data) == kept
        assert running.stdout.startswith(f"{kept} lines: {kept} accepted, ")
        lines = b"".join(archive.lines)
    again = run("import", f"--data={data}", "-", env=ENV, stdin=lines)
    assert again.code == 0, again.stderr
    assert again.stdout == (
        f"1000 lines: {1_000 - kept} accepted, {kept} duplicates, "
        "0 not genuine, 0 replays\n"
    )
    assert events(data) == 1_000


def test_whoever_looks_on_sees_how_far_it_has_come(tmp_path: Path) -> None:
    watcher, terminal = os.openpty()
    os.set_blocking(watcher, False)
    with importing(tmp_path / "data", stderr=terminal) as (archive, running):
        said = b""

        def progress() -> list[str]:
            nonlocal said
            archive.write(STRIDE)
            try:
                said += os.read(watcher, 4_096)
            except BlockingIOError:
                return []
            return re.findall(r"(\d+) lines, \d+ a second", said.decode())

        [lines, *_] = wait_until(progress, "a word on how far it has come")
        assert int(lines) % STRIDE == 0
        assert 0 < int(lines) <= len(archive.lines)
        assert running.interrupt() == 130
    for end in (watcher, terminal):
        os.close(end)


def test_a_file_is_told_nothing_of_it(tmp_path: Path) -> None:
    stdin = b"".join(line(reply()) for _ in range(2 * STRIDE))
    result = run("import", f"--data={tmp_path / 'data'}", "-", env=ENV, stdin=stdin)
    assert (result.code, result.stderr) == (0, "")
