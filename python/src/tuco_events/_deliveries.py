"""Archives of deliveries as tables of events."""

from __future__ import annotations

import operator
import os
import stat
from collections.abc import Iterable, Iterator
from typing import Any

from . import _core
from ._api import _is_raw
from ._errors import FormatError
from ._progress import Progress
from ._table import EventTable
from ._types import ON_ERROR, Body, Mode, OnError, Readable, Secret, Source

_ALL_ROWS = 2**62
_THREADS_MAX = 64


def read_deliveries(
    source: Source,
    *,
    endpoint: str = "tuco",
    include_body: bool = False,
    columns: Iterable[str] | None = None,
    on_error: OnError = "raise",
    secret: Secret | None = None,
    mode: Mode = "auto",
    threads: int | None = None,
    progress: bool | None = None,
) -> EventTable:
    """Reads archives of deliveries into a table of events.

    An archive has a JSON object a line: bodies as Tuco sent them, or deliveries
    as `tuco-events export` and `tail --output raw` write them, in any mixture.
    It may be compressed with gzip or zstd, which its content says.

    Args:
        source: A path, the archive's bytes, a file that is open for reading
            bytes, or several of these.
        endpoint: Whose deliveries they are, where a line does not say; as for
            `parse`.
        include_body: Whether the table has the columns `body` and `signature`, where
            `columns` does not say.
        columns: The names of the columns to read, which is faster the fewer they
            are; None stands for all of them. They stay in the order of
            docs/tables.md.
        on_error: What to do about a line that is neither, or damaged data:
            "raise" ends reading with an exception, whose `table` has every event
            before it; "skip" leaves it out and counts it in `skipped` of the
            table; "collect" puts what is wrong into `errors` of the table as
            well.
        secret: As for `verify`, to verify each delivery with. `verified_form`
            and `secret_name` are those of what is genuine; of anything else
            `verified_form` is UNSPECIFIED. By default nothing is verified.
        mode: As for `verify`.
        threads: How many threads work at most; None stands for as many as there
            are processors that this process may use.
        progress: Whether to show on stderr how far it is; None stands for: if
            that is a terminal.

    Returns:
        A row for each line, in order.

    Raises:
        FormatError: A line is no delivery, or the data are damaged; `file`,
            `line` and `column` say where, `table` has what is before.
        OSError: A path cannot be opened.
        TypeError: An argument has a wrong type.
        ValueError: As for `verify` and `parse`; or there is no such column; or
            `on_error` or `threads` is none of what it may be.
    """
    reading = _Reading(
        source,
        endpoint,
        include_body,
        columns,
        on_error,
        secret,
        mode,
        threads,
        progress,
    )
    with reading.progress:
        table, error = reading.next(_ALL_ROWS)
    if error is not None:
        error.table = table
        raise error
    return table


def iter_deliveries(
    source: Source,
    *,
    batch_rows: int = 65_536,
    endpoint: str = "tuco",
    include_body: bool = False,
    columns: Iterable[str] | None = None,
    on_error: OnError = "raise",
    secret: Secret | None = None,
    mode: Mode = "auto",
    threads: int | None = None,
    progress: bool | None = None,
) -> Iterator[EventTable]:
    """Reads archives as `read_deliveries` does, in tables of limited size.

    So an archive may be larger than the memory.

    Args:
        source: As for `read_deliveries`, as is the rest.
        batch_rows: How many rows a table has; the last one may have fewer.
        endpoint: As above.
        include_body: As above.
        columns: As above.
        on_error: As above; a table has the `skipped` and `errors` since the one
            before it.
        secret: As above.
        mode: As above.
        threads: As above.
        progress: As above.

    Yields:
        Tables with one row at least, or with something skipped.

    Raises:
        FormatError: As above, behind the last table; its own `table` is None.
        OSError: As above.
        TypeError: As above.
        ValueError: As above, or batch_rows is less than one.
    """
    rows = _at_least_one(batch_rows, "row")
    reading = _Reading(
        source,
        endpoint,
        include_body,
        columns,
        on_error,
        secret,
        mode,
        threads,
        progress,
    )
    return _tables(reading, rows)


def _tables(reading: _Reading, rows: int) -> Iterator[EventTable]:
    with reading.progress:
        while True:
            table, error = reading.next(rows)
            reading.progress.wipe()
            if len(table) or table.skipped:
                yield table
            if error is not None:
                raise error
            if len(table) < rows:
                return


class _Reading:
    """Archives being read."""

    def __init__(
        self,
        source: Source,
        endpoint: str,
        include_body: bool,
        columns: Iterable[str] | None,
        on_error: OnError,
        secret: Secret | None,
        mode: Mode,
        threads: int | None,
        progress: bool | None,
    ) -> None:
        raw = _is_raw(mode)
        if on_error not in ON_ERROR:
            raise ValueError(
                f"expected on_error to be one of {', '.join(ON_ERROR)}, "
                f"found {on_error!r}"
            )
        self._on_error = on_error
        sources = list(_each(source))
        self._names = [_name(one) for one in sources]
        self.progress = Progress(_total(sources), progress)
        self._reader = _core.DeliveryReader(
            sources,
            endpoint,
            bool(include_body),
            columns,
            secret,
            raw,
            _threads(threads),
            on_error == "raise",
            self.progress.callback,
        )

    def next(self, rows: int) -> tuple[EventTable, FormatError | None]:
        """Gives the next rows, and the error that ends them."""
        table = self._reader.next(rows)
        errors = [self._error(*mistake) for mistake in self._reader.take_mistakes()]
        if self._on_error == "raise":
            return EventTable._of(table), errors[0] if errors else None
        kept = errors if self._on_error == "collect" else []
        return EventTable._of(table, kept, len(errors)), None

    def _error(self, file: int, line: int, column: int, message: str) -> FormatError:
        return FormatError(message, self._names[file], line, column)


def _each(source: Source) -> Iterator[str | Body | Readable]:
    """Gives what there is to read, one by one; paths as str."""
    if _is_one(source):
        yield _checked(source)
    elif isinstance(source, Iterable):
        for one in source:
            yield _checked(one)
    else:
        yield _checked(source)


def _is_one(source: object) -> bool:
    return (
        isinstance(source, (str, os.PathLike))
        or hasattr(source, "read")
        or _is_bytes_like(source)
    )


def _is_bytes_like(source: object) -> bool:
    try:
        memoryview(source)  # type: ignore[arg-type]
    except TypeError:
        return False
    return True


def _checked(source: object) -> Any:
    """The source itself; a path as str, once it can be opened."""
    if not _is_one(source):
        raise TypeError(
            "expected a path, bytes or a file that is open for reading, found "
            f"{type(source).__name__}"
        )
    if not isinstance(source, (str, os.PathLike)):
        return source
    path = os.fsdecode(source)
    mode = os.stat(path).st_mode
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        # Says why it cannot be opened, before anything is read.
        with open(path, "rb"):
            pass
    return path


def _name(source: object) -> str | None:
    """What an error calls the source."""
    if isinstance(source, str):
        return source
    name = getattr(source, "name", None)
    return name if isinstance(name, str) else None


def _total(sources: list[Any]) -> int | None:
    """The bytes that there are; None where that is not known."""
    total = 0
    for source in sources:
        if isinstance(source, str) and os.path.isfile(source):
            total += os.stat(source).st_size
        elif _is_bytes_like(source):
            total += memoryview(source).nbytes
        else:
            return None
    return total


def _threads(threads: int | None) -> int:
    if threads is None:
        return min(len(os.sched_getaffinity(0)), _THREADS_MAX)
    return min(_at_least_one(threads, "thread"), _THREADS_MAX)


def _at_least_one(number: int, noun: str) -> int:
    count = operator.index(number)
    if count < 1:
        raise ValueError(f"expected at least one {noun}, found {count}")
    return count
