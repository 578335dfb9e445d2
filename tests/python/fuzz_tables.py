"""Fuzzes what makes tables: atheris looks for inputs that break the package.

    fuzz_tables.py archive|event|log|response [LIBFUZZER_ARGUMENT...]

tools/fuzz_python builds the package's C++ with coverage and sanitizers, and runs
this. Each target may fail with what it documents only, and everything that it
returns is read to the last byte.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import atheris

with atheris.instrument_imports():
    import tuco_events
    from tuco_events import EventTable, FormatError, LogError, _core

SECRET = "whsec_sample_5f0c2a7e9d41"
COLUMNS = ["type", "occurred_at", "message_text", "message_parents", "body"]


def read_whole(table: EventTable) -> None:
    """Reads every value of the table, in each of its batches."""
    columns = table._columns
    assert columns.json_rows().count(b"\n") == len(table)
    columns.csv_rows()
    repr(table)
    half = len(table) // 2
    assert len(table[:half]) + len(table[half:]) == len(table)
    assert len(EventTable.concat([table[half:], table[:half]])) == len(table)


def archive(data: bytes) -> None:
    """Lines, plain or compressed; the first byte says how they are read."""
    if not data:
        return
    how, content = data[0], data[1:]
    try:
        table = tuco_events.read_deliveries(
            content,
            columns=COLUMNS if how & 1 else None,
            include_body=bool(how & 2),
            on_error="raise" if how & 4 else "collect",
            secret=SECRET if how & 8 else None,
            mode="raw" if how & 16 else "auto",
            threads=1,
            progress=False,
        )
    except FormatError as error:
        if error.table is None:
            raise
        table = error.table
    read_whole(table)
    if not how & 1:
        tuco_events.metrics(table)


def event(data: bytes) -> None:
    """A stored event."""
    try:
        decoded = _core.event_of(data)
    except ValueError:
        return
    decoded.to_dict()
    decoded.to_json()
    read_whole(EventTable.from_events([decoded], include_body=True))


def response(data: bytes) -> None:
    """A response of StreamEvents, of which what was good stays."""
    reader = _core.ResponseReader(True)
    rows = 0
    for part in (data, data[: len(data) // 2]):
        with suppress(ValueError):
            reader.add(part)
        assert len(reader) >= rows
        rows = len(reader)
    table = EventTable._of(reader.take())
    assert len(table) == rows
    read_whole(table)


def log(data: bytes) -> None:
    """A log's database."""
    path = Path(FOLDER, "events.db")
    path.write_bytes(data)
    try:
        table = tuco_events.read_log(
            path, include_body=True, on_error="collect", progress=False
        )
    except LogError:
        return
    read_whole(table)


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target for target in (archive, event, log, response)
}

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as FOLDER:
        atheris.Setup([sys.argv[0], *sys.argv[2:]], TARGETS[sys.argv[1]])
        atheris.Fuzz()
