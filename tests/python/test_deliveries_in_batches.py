"""iter_deliveries; and how reading is interrupted, shared and watched."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from tuco_events import (
    EventTable,
    FormatError,
    iter_deliveries,
    read_deliveries,
)

from archives import archive, numbered
from table_reference import ids

# In batches.


def test_batches_have_their_size() -> None:
    content = archive(numbered(1_000))
    batches = list(iter_deliveries(content, batch_rows=300))
    assert [len(batch) for batch in batches] == [300, 300, 300, 100]
    assert [i for batch in batches for i in ids(batch)] == [
        f"m_{n}" for n in range(1_000)
    ]
    assert [len(b) for b in iter_deliveries(content, batch_rows=1_000)] == [1_000]
    assert list(iter_deliveries(b"")) == []
    with pytest.raises(ValueError, match="row"):
        iter_deliveries(content, batch_rows=0)


def test_batches_come_before_the_error() -> None:
    content = archive([*numbered(5), b"{"])
    batches = iter_deliveries(content, batch_rows=3)
    assert [len(next(batches)), len(next(batches))] == [3, 2]
    with pytest.raises(FormatError) as caught:
        next(batches)
    assert caught.value.line == 6
    assert caught.value.table is None


def test_batches_have_their_own_mistakes() -> None:
    content = archive([*numbered(2), b"{"] * 2)
    batches = list(iter_deliveries(content, batch_rows=10, on_error="collect"))
    assert [batch.skipped for batch in batches] == [2]


def test_mistakes_come_soon_after_the_rows_in_front_of_them() -> None:
    content = archive([*numbered(1), b"{", *numbered(60_000)])
    # A number of rows at which no part of the archive ends.
    batches = list(iter_deliveries(content, batch_rows=999, on_error="skip"))
    [first] = [i for i, batch in enumerate(batches) if batch.skipped]
    assert first < len(batches) / 2


def test_an_archive_may_be_larger_than_what_is_kept() -> None:
    code = (
        "import re, tuco_events\n"
        'line = b\'{"event":"message.sent","data":{"messageId":"m",\'\\\n'
        "    b'\"message\":\"' + b'x' * 2000 + b'\"}}\\n'\n"
        "class Endless:\n"
        "    left = 800_000_000 // len(line)\n"
        "    def read(self, size):\n"
        "        count = min(size // len(line), self.left)\n"
        "        self.left -= count\n"
        "        return line * count\n"
        "rows = sum(map(len, tuco_events.iter_deliveries(Endless(), threads=2)))\n"
        "assert rows == 800_000_000 // len(line), rows\n"
        "status = open('/proc/self/status').read()\n"
        "print(re.search(r'VmHWM:\\s+(\\d+)', status)[1])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, stdout=subprocess.PIPE
    )
    # 65,536 rows of 2 KB, twice, and some chunks.
    assert int(done.stdout) < 500_000


def test_a_reader_that_is_left_ends_its_threads() -> None:
    content = archive(numbered(100_000))
    before = threading.active_count(), len(os.listdir("/proc/self/task"))
    for _ in range(20):
        batches = iter_deliveries(content, batch_rows=100, threads=4)
        next(batches)
        del batches
    after = threading.active_count(), len(os.listdir("/proc/self/task"))
    assert after == before


# Interrupts, threads, progress.


def test_an_interrupt_ends_reading() -> None:
    code = (
        "import signal, tuco_events\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        'line = b\'{"event":"message.sent"}\\n\' * 1000\n'
        "class Endless:\n"
        "    def read(self, size):\n"
        "        return line[:size]\n"
        "print('reading', flush=True)\n"
        "try:\n"
        "    for batch in tuco_events.iter_deliveries(\n"
        "            Endless(), batch_rows=2**40, on_error='skip'):\n"
        "        pass\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted')\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "reading\n"
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert output == "interrupted\n"


@pytest.mark.parametrize("written", [False, True])
def test_an_interrupt_ends_the_wait_for_a_pipe(written: bool, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    # With somebody who writes nothing it can be opened.
    writer = os.open(pipe, os.O_RDWR) if written else None
    code = (
        "import signal, sys, tuco_events\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "print('reading', flush=True)\n"
        "try:\n"
        "    tuco_events.read_deliveries(sys.argv[1])\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted')\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(pipe)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "reading\n"
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    try:
        output, _ = process.communicate(timeout=20)
    finally:
        process.kill()
    assert output == "interrupted\n"
    if writer is not None:
        os.close(writer)


def test_other_threads_run_meanwhile() -> None:
    content = archive(numbered(300_000))
    done = threading.Event()

    def read() -> None:
        read_deliveries(content, threads=1)
        done.set()

    thread = threading.Thread(target=read)
    thread.start()
    ticks = 0
    while not done.wait(0.001):
        ticks += 1
    thread.join()
    assert ticks > 5


def test_many_threads_read_at_once() -> None:
    content = archive(numbered(5_000))
    tables: list[EventTable] = []
    threads = [
        threading.Thread(target=lambda: tables.append(read_deliveries(content)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(table) for table in tables] == [5_000] * 8


class Terminal(io.StringIO):
    """A stderr that says it is one."""

    def isatty(self) -> bool:
        """It is."""
        return True


class SlowFile(io.BytesIO):
    """Takes more than a second to be read."""

    def read(self, size: int | None = -1) -> bytes:
        """Gives a twelfth of it at most."""
        time.sleep(0.1)
        return super().read(min(size or 0, len(self.getvalue()) // 12 + 1))


def test_a_terminal_shows_progress_without_personal_data(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    content = archive(numbered(100))
    assert len(read_deliveries([SlowFile(content), content])) == 200
    written = terminal.getvalue()
    assert "events" in written
    assert "m_1" not in written
    assert written.endswith("\r")
    shown = len(terminal.getvalue())
    read_deliveries(SlowFile(content), progress=False)
    assert len(terminal.getvalue()) == shown


def test_what_is_no_terminal_shows_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    read_deliveries(SlowFile(archive(numbered(10))))
    assert capfd.readouterr() == ("", "")
