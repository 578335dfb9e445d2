"""What the disk itself takes: no server that syncs can answer sooner."""

from __future__ import annotations

import os
import time

from rows.settings import Settings

# A page of a database into a file that is there already, which is the least
# that a journal writes: no new blocks, no new length.
PAGE = b"\xa5" * 8192
FILE_BYTES = 8 << 20


def sync_p99_ms(settings: Settings, seconds: float) -> float:
    """The 99th percentile of one write and one fdatasync, for so long."""
    file = os.open(settings.new_folder() / "disk", os.O_RDWR | os.O_CREAT)
    try:
        os.write(file, bytes(FILE_BYTES))
        os.fsync(file)
        return _percentile(_times(file, seconds), 0.99) * 1e3
    finally:
        os.close(file)


def _times(file: int, seconds: float) -> list[float]:
    """How long each of them took, in seconds."""
    taken: list[float] = []
    offset = 0
    end = time.perf_counter() + seconds
    while not taken or time.perf_counter() < end:
        begin = time.perf_counter()
        os.pwrite(file, PAGE, offset)
        os.fdatasync(file)
        taken.append(time.perf_counter() - begin)
        offset = (offset + len(PAGE)) % FILE_BYTES
    return taken


def _percentile(values: list[float], share: float) -> float:
    """The value that this share of all is below."""
    return sorted(values)[int(share * (len(values) - 1))]
