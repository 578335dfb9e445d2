"""How the tests of read_log look at tables and errors, and change logs."""

from __future__ import annotations

import datetime
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
from tuco_events import EventTable, LogError

from made_logs import START_US, time_at


def rows_of(table: Any) -> list[dict[str, Any]]:
    """The table's rows, once pyarrow has found it valid."""
    made = pa.table(table)
    made.validate(full=True)
    rows: list[dict[str, Any]] = made.to_pylist()
    return rows


def sequences_of(table: Any) -> list[int]:
    """Which events it has."""
    sequences: list[int] = pa.table(table)["sequence"].to_pylist()
    return sequences


def execute(path: Path, sql: str, *values: Any) -> None:
    """Changes a log behind everybody's back."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(sql, values)


def log_errors(table: EventTable) -> list[LogError]:
    """What was wrong with the log."""
    assert all(isinstance(error, LogError) for error in table.errors)
    return [error for error in table.errors if isinstance(error, LogError)]


def missing_of(error: LogError) -> range:
    """The sequences that it is about, if it knows them."""
    if error.sequence is None or error.last_sequence is None:
        return range(0)
    return range(error.sequence, error.last_sequence + 1)


def at(seconds: int) -> datetime.datetime:
    """So many seconds behind the first event."""
    return time_at(START_US + seconds * 1_000_000)
