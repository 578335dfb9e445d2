"""read_log beside servers, threads, other users and other SQLites."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import tuco_events
from tuco_events import LogError, iter_log, read_log

from log_reading import rows_of, sequences_of
from made_logs import (
    Log,
    Row,
    insert,
    numbered_bodies,
    row_for,
)

pa = pytest.importorskip("pyarrow")


def test_reading_leaves_no_file_behind(log: Path) -> None:
    assert os.listdir(log.parent) == ["events.db"]
    before = log.read_bytes()
    assert len(read_log(log)) == 10
    assert os.listdir(log.parent) == ["events.db"]
    assert log.read_bytes() == before


@contextlib.contextmanager
def open_log(log: Path) -> Iterator[sqlite3.Connection]:
    """A log that somebody has open, with an event in its -wal only."""
    with closing(sqlite3.connect(log, isolation_level=None)) as db:
        db.execute("PRAGMA wal_autocheckpoint = 0")
        insert(db, row_for(next(numbered_bodies(1, 10)), 11))
        yield db


@pytest.mark.parametrize("parts", [["-wal", "-shm"], ["-wal"]])
def test_a_copied_log_is_read_with_its_wal(
    parts: list[str], log: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    with open_log(log):
        for part in ["", *parts]:
            shutil.copy(f"{log}{part}", f"{copy / 'events.db'}{part}")
    names = sorted(os.listdir(copy))
    wal = (copy / "events.db-wal").read_bytes()
    assert sequences_of(read_log(copy)) == list(range(1, 12))
    assert sorted(os.listdir(copy)) == names
    assert (copy / "events.db-wal").read_bytes() == wal


def test_a_link_leads_to_the_log_and_its_wal(log: Path, tmp_path: Path) -> None:
    folder, file = tmp_path / "folder", tmp_path / "links" / "events.db"
    file.parent.mkdir()
    folder.symlink_to(log.parent)
    file.symlink_to(log)
    with open_log(log):
        for path in (folder, file):
            assert sequences_of(read_log(path)) == list(range(1, 12))


def test_a_log_in_use_is_read(log: Path) -> None:
    with open_log(log) as db:
        assert sequences_of(read_log(log)) == list(range(1, 12))
        insert(db, row_for(next(numbered_bodies(1, 11)), 12))
        assert sequences_of(read_log(log)) == list(range(1, 13))


def test_a_log_that_was_alone_and_is_no_more_is_refused(log: Path) -> None:
    """What a file has that nobody else uses is read without a lock."""
    tables = iter_log(log, batch_rows=1)
    next(tables)
    with closing(sqlite3.connect(log)) as other, other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("UPDATE events SET lead_id = lead_id")
        with pytest.raises(LogError):
            list(tables)


def test_a_path_may_have_any_characters(log: Path, tmp_path: Path) -> None:
    for name in ("a b", "50% off?", "x#y&mode=rwc", "file:z", "\u00e9", "a%41"):
        folder = tmp_path / name
        folder.mkdir()
        shutil.copy(log, folder)
        assert len(read_log(folder)) == 10, name
        with open_log(folder / "events.db"):
            assert len(read_log(folder)) == 11, name
    os.chdir(tmp_path)
    assert len(read_log("file:z")) == 11


READ = "import sys, tuco_events; print(len(tuco_events.read_log(sys.argv[1])))"


def read_as_nobody(path: Path) -> subprocess.CompletedProcess[str]:
    """Reads in another process, as a user that owns nothing."""
    prefix = []
    if os.geteuid() == 0:
        prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        if shutil.which("setpriv") is None:
            pytest.skip("needs setpriv, of util-linux")
    package = str(Path(tuco_events.__file__).parent.parent)
    return subprocess.run(
        [*prefix, sys.executable, "-c", READ, str(path)],
        env=os.environ | {"PYTHONPATH": package},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def public(log: Path) -> Iterator[Path]:
    """The log in a folder that everybody may look into and nobody may change."""
    folder = Path("/tmp") / f"tuco-events-test-{os.getpid()}"
    folder.mkdir()
    try:
        yield folder
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


@pytest.mark.parametrize("parts", [[""], ["", "-wal"], ["", "-wal", "-shm"]])
def test_a_folder_that_cannot_be_written_is_read(
    parts: list[str], log: Path, public: Path
) -> None:
    with open_log(log):
        for part in parts:
            copy = Path(shutil.copy(f"{log}{part}", public))
            copy.chmod(0o444)
    public.chmod(0o555)
    done = read_as_nobody(public)
    expected = 10 if parts == [""] else 11
    assert done.stdout == f"{expected}\n", done.stderr
    assert len(os.listdir(public)) == len(parts)


@pytest.mark.parametrize("part", ["", "-wal", "-shm"])
def test_files_of_another_user_are_named(part: str, log: Path, public: Path) -> None:
    with open_log(log):
        for name in ("", "-wal", "-shm"):
            copy = Path(shutil.copy(f"{log}{name}", public))
            copy.chmod(0o000 if name == part else 0o444)
    public.chmod(0o555)
    done = read_as_nobody(public)
    if part == "-shm":  # Its content is in the others, too.
        assert done.stdout == "11\n" or "PermissionError" in done.stderr
    else:
        assert done.returncode == 1
        assert f"PermissionError: [Errno 13] events.db{part} may be" in done.stderr


def test_sqlite3_is_there_in_any_order(log: Path) -> None:
    """Python's own, with another copy of the library or the same."""
    use = (
        "db = sqlite3.connect(sys.argv[1])\n"
        "assert db.execute('SELECT count(*) FROM events').fetchone() == (10,)\n"
        "assert len(tuco_events.read_log(sys.argv[1])) == 10\n"
        "assert db.execute('SELECT count(*) FROM events').fetchone() == (10,)\n"
    )
    for first, second in (("sqlite3", "tuco_events"), ("tuco_events", "sqlite3")):
        code = f"import sys\nimport {first}\nimport {second}\n{use}"
        command = [sys.executable, "-W", "error", "-c", code, str(log)]
        subprocess.run(command, check=True, timeout=60)


def test_many_threads_read_at_once(log: Path) -> None:
    counts: list[int] = []

    def work() -> None:
        for _ in range(10):
            counts.append(len(read_log(log)))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [10] * 80


def test_an_iterator_that_is_left_holds_nothing(log: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        tables = iter_log(log, batch_rows=2)
        next(tables)
        tables.close()  # type: ignore[attr-defined]
    assert len(os.listdir("/proc/self/fd")) == before
    names = {thread.name for thread in threading.enumerate()}
    assert not any(name.startswith("tuco-events") for name in names)


# Both keep threads that a child does not have.
FORKING = """
import os, sys, tuco_events
line = b'{"event":"message.sent","data":{"message":"%s"}}\\n' % (b"x" * 400)
readings = [
    tuco_events.iter_log(sys.argv[1], batch_rows=1),
    tuco_events.iter_deliveries(line * 30000, batch_rows=9, threads=4),
]
for reading in readings:
    next(reading)
child = os.fork()
if child == 0:
    refused = 0
    while readings:
        try:
            next(readings[-1])
        except RuntimeError as error:
            refused += "begin again" in str(error)
        del readings[-1]
    os._exit(40 + refused)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
print([len(next(reading)) for reading in readings])
"""


def test_a_fork_leaves_what_is_being_read_to_its_parent(log: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORKING, str(log)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("42\n[1, 9]\n", "")


def test_an_interrupt_ends_it(log: Path) -> None:
    code = (
        "import sys, tuco_events\n"
        "try:\n"
        "    print('ready', flush=True)\n"
        "    while True:\n"
        "        tuco_events.read_log(sys.argv[1])\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted', flush=True)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(log)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.2)
        process.send_signal(2)
        assert process.communicate(timeout=60)[0] == "interrupted\n"
        assert process.returncode == 0


def test_the_row_of_the_specification_is_read(tmp_path: Path) -> None:
    """docs/log_format.md gives its checksum."""
    row = Row(
        sequence=1,
        event_id=bytes(range(16)),
        event=b"",
        body=b"{}",
        signature=b"\xab" * 32,
        type_name="message.sent",
        workspace_id="w1",
        occurred_at_us=1776254400042000,
        received_at_us=1776254400100000,
        recorded_at_us=1776254400101000,
    )
    assert row.crc() == 512181803
    Log([row]).write(tmp_path)
    [read] = rows_of(read_log(tmp_path, include_body=True))
    assert (read["sequence"], read["body"], read["signature"]) == (1, b"{}", "ab" * 32)
