"""Event logs as tables of events, read where they are."""

from __future__ import annotations

import errno
import os
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from typing import Any, NoReturn, Union

from . import _core
from ._errors import LogError
from ._progress import Progress
from ._table import EventTable
from ._types import ON_ERROR, OnError
from ._where import Where, options_of, where_of

LogPath = Union[str, "os.PathLike[str]"]

# What is read in one transaction: for as long as it takes, the server's
# write-ahead log cannot start over.
_ROWS = 50_000
_ROWS_MAX = 1_000_000
# With more than these the reading is what takes the time.
_DECODERS_MAX = 3

# The first and the last sequence, 0 where it is no record, and what it is.
_Damage = tuple[int, int, str]
_Part = tuple[_core.EventTable, list[_Damage]]


def read_log(
    path: LogPath,
    *,
    where: Where | Mapping[str, Any] | None = None,
    include_body: bool = False,
    columns: Iterable[str] | None = None,
    on_error: OnError = "raise",
    progress: bool | None = None,
) -> EventTable:
    """Reads an event log into a table of events.

    The log may be that of a server that runs, or a copy. It is only read, and up
    to what it held when this was called. Every row is compared with its checksum,
    also where the filter leaves it out: a damaged column could be why.

    Args:
        path: The server's data directory, or the database in it.
        where: Which events are wanted: a `Where`, or a dict with its fields.
        include_body: Whether the table has the columns `body` and `signature`, where
            `columns` does not say.
        columns: The names of the columns to read, which is faster the fewer they
            are; None stands for all of them. They stay in the order of
            docs/tables.md.
        on_error: What to do about damage: "raise" ends reading with an exception,
            whose `table` has every event before it; "skip" leaves out what is not
            legible and counts it in `skipped` of the table; "collect" puts what is
            wrong into `errors` of the table as well.
        progress: Whether to show on stderr how far it is; None stands for: if
            that is a terminal.

    Returns:
        A row for each event, in the order of the log.

    Raises:
        FileNotFoundError: There is no log at `path`.
        LogError: It is no log, a newer version wrote it, or it is damaged: a
            record does not fit its checksum, or is missing. What retention
            removed is not missing.
        PermissionError: This user may not read the log's files.
        TypeError: An argument has a wrong type.
        ValueError: An argument has a value that makes no sense, or names a column
            that there is not.
    """
    reading = _Reading(path, where, include_body, columns, on_error, progress, _ROWS)
    tables: list[_core.EventTable] = []
    errors: list[LogError] = []
    try:
        for table, found in reading.tables():
            tables.append(table)
            errors += found
    except LogError as error:
        error.table = EventTable._of(reading.joined(tables))
        raise
    joined = reading.joined(tables)
    return EventTable._of(joined, errors if on_error == "collect" else [], len(errors))


def iter_log(
    path: LogPath,
    *,
    batch_rows: int = _ROWS,
    where: Where | Mapping[str, Any] | None = None,
    include_body: bool = False,
    columns: Iterable[str] | None = None,
    on_error: OnError = "raise",
    progress: bool | None = None,
) -> Iterator[EventTable]:
    """Reads an event log as `read_log` does, in tables of limited size.

    So a log may be larger than the memory.

    Args:
        path: As for `read_log`, as is the rest.
        batch_rows: How many rows of the log a table is made of, up to 1,000,000;
            it has fewer where the filter leaves some out, or they are large.
        where: As above.
        include_body: As above.
        columns: As above.
        on_error: As above; a table has the `skipped` and `errors` since the one
            before it.
        progress: As above.

    Yields:
        Tables with one row at least, or with something skipped.

    Raises:
        FileNotFoundError: As above.
        LogError: As above, behind the last table; its own `table` is None.
        PermissionError: As above.
        TypeError: As above.
        ValueError: As above.
    """
    rows = _rows(batch_rows)
    reading = _Reading(
        path, where, include_body, columns, on_error, progress, rows, wipes=True
    )
    return _tables(reading, on_error)


def _tables(reading: _Reading, on_error: OnError) -> Iterator[EventTable]:
    with closing(reading.tables()) as parts:
        for part, errors in parts:
            kept = errors if on_error == "collect" else []
            table = EventTable._of(part, kept, len(errors))
            if len(table) or table.skipped:
                yield table


class _Reading:
    """A log being read: by one thread, while others decode what was read."""

    def __init__(
        self,
        path: LogPath,
        where: Where | Mapping[str, Any] | None,
        include_body: bool,
        columns: Iterable[str] | None,
        on_error: OnError,
        progress: bool | None,
        rows: int,
        wipes: bool = False,
    ) -> None:
        if on_error not in ON_ERROR:
            raise ValueError(
                f"expected on_error to be one of {', '.join(ON_ERROR)}, "
                f"found {on_error!r}"
            )
        self._file = _database(path)
        self._raises = on_error == "raise"
        self._progress = progress
        # Before a table is given to somebody who may print something.
        self._wipes = wipes
        self._empty = _core.table_of([], bool(include_body), columns)
        self._options = options_of(
            where_of(where),
            columns=[name for name, _, _ in self._empty.columns()],
            stop_at_damage=self._raises,
            rows=rows,
        )

    def tables(
        self,
    ) -> Generator[tuple[_core.EventTable, list[LogError]], None, None]:
        """Gives what is read, with what is damaged up to there.

        Raises:
            LogError: Unless damage is left out, behind what comes before it.
        """
        reader = self._opened()
        before = reader.next_sequence - 1
        events = 0
        with Progress(reader.through_sequence - before, self._progress) as progress:
            for scanned_through, (table, damages) in self._parts(reader):
                events += len(table)
                if progress.callback is not None:
                    progress.callback(scanned_through - before, events)
                if self._wipes:
                    progress.wipe()
                errors = [self._error(*damage) for damage in damages]
                yield table, [] if self._raises else errors
                if errors and self._raises:
                    raise errors[0]

    def joined(self, tables: list[_core.EventTable]) -> _core.EventTable:
        """Makes one table of them, or an empty one of none."""
        return _core.concat_tables(tables) if tables else self._empty

    def _parts(
        self, reader: _core.LogReader
    ) -> Generator[tuple[int, _Part], None, None]:
        decoders = min(len(os.sched_getaffinity(0)), _DECODERS_MAX)
        pool = ThreadPoolExecutor(decoders, "tuco-events-log")
        process = os.getpid()
        pending: deque[tuple[int, Future[_Part]]] = deque()
        try:
            while True:
                rows = reader.scan()
                if not isinstance(rows, _core.LogRows):
                    break
                pending.append((rows.scanned_through, pool.submit(rows.decode)))
                if len(pending) > decoders:
                    yield _decoded(process, *pending.popleft())
            while pending:
                yield _decoded(process, *pending.popleft())
            if rows is not None:
                self._fail(*rows)
        finally:
            pool.shutdown(cancel_futures=True)
            reader.close()

    def _opened(self) -> _core.LogReader:
        if not os.path.lexists(self._file):
            what = "there is no event log"
            raise FileNotFoundError(errno.ENOENT, what, self._file)
        # The -wal and the -shm are beside the file, not beside a link to it.
        file = os.path.realpath(self._file)
        folder, name = os.path.split(file)
        # A copy under another name may lie beside the mark of another log.
        mark = os.path.join(folder, "mark") if name == "events.db" else ""
        reader = _core.open_log(os.fsencode(file), os.fsencode(mark), self._options)
        if isinstance(reader, tuple):
            self._fail(*reader)
        return reader

    def _error(self, first: int, last: int, what: str) -> LogError:
        return LogError(what, self._file, first or None, last or None)

    def _fail(self, kind: str, text: str) -> NoReturn:
        if kind == "permission":
            why = _why_refused(os.path.realpath(self._file), text)
            raise PermissionError(errno.EACCES, why, self._file)
        raise LogError(text, self._file)


def _decoded(
    process: int, scanned_through: int, part: Future[_Part]
) -> tuple[int, _Part]:
    if os.getpid() != process:  # Where no thread is left to decode it.
        raise RuntimeError(
            "the reading was begun before the process forked: begin again"
        )
    return scanned_through, part.result()


def _database(path: LogPath) -> str:
    given = os.fspath(path)
    if not isinstance(given, str):
        raise TypeError(f"expected a path (str), found {type(given).__name__}")
    # Absolute: to SQLite a name that begins with `file:` is something else.
    absolute = os.path.abspath(given)
    if os.path.isdir(absolute):
        return os.path.join(absolute, "events.db")
    return absolute


def _why_refused(file: str, text: str) -> str:
    for part in (file, file + "-wal", file + "-shm"):
        if os.path.exists(part) and not os.access(part, os.R_OK):
            name = os.path.basename(part)
            return f"{name} may be read by the user only that the server runs as"
    return text


def _rows(batch_rows: int) -> int:
    if isinstance(batch_rows, bool) or not isinstance(batch_rows, int):
        found = type(batch_rows).__name__
        raise TypeError(f"expected batch_rows to be an int, found {found}")
    if not 1 <= batch_rows <= _ROWS_MAX:
        raise ValueError(
            f"expected batch_rows to be 1 to {_ROWS_MAX:,}, found {batch_rows}"
        )
    return batch_rows
