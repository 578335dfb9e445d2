"""The event log of a server that has stopped, changed by hand.

What docs/log_format.md says of it, so that tests can make what takes a month, or
a failing disk, to come about.
"""

import sqlite3
import struct
from contextlib import closing
from pathlib import Path


def crc32c(data: bytes) -> int:
    """The checksum of a row's columns."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def column(value: int | str) -> bytes:
    """A column as the checksum covers it."""
    if isinstance(value, int):
        return struct.pack("<q", value)
    return struct.pack("<Q", len(value)) + value.encode()


def run_sql(data: Path, sql: str) -> None:
    """Runs statements on the log in the folder `data`."""
    with closing(sqlite3.connect(data / "events.db")) as log:
        log.executescript(sql)


def set_meta(data: Path, **values: int) -> None:
    """Writes rows of table meta."""
    with closing(sqlite3.connect(data / "events.db")) as log, log:
        for key, value in values.items():
            crc = crc32c(column(key) + column(value))
            log.execute(
                "INSERT OR REPLACE INTO meta (key, value, crc) VALUES (?, ?, ?)",
                (key, value, crc),
            )
