"""The table of events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, NoReturn, final

from . import _core
from ._optional import optional

if TYPE_CHECKING:
    import duckdb
    import pandas
    import polars
    import pyarrow

    from ._core import Event
    from ._errors import TucoError

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)
_MICROS_MIN, _MICROS_MAX = -(2**63), 2**63 - 1


@final
class EventTable:
    """Events in Arrow's columns, a row each.

    `read_deliveries` and its like make one; it never changes. Anything that
    reads Arrow takes it as it is, by `__arrow_c_stream__`: `polars.DataFrame`,
    `pyarrow.table`, `duckdb.sql`, and `metrics` of this package. docs/python.md
    lists the columns.

    Attributes:
        skipped: How many places of what was read are left out since they could
            not be read; 0 unless `on_error` allows that.
        errors: What was wrong with each, where `on_error` is "collect".
    """

    __slots__ = ("_columns", "errors", "skipped")
    __iter__ = None

    skipped: int
    errors: tuple[TucoError, ...]
    _columns: _core.EventTable

    def __init__(self) -> None:
        raise TypeError("use EventTable.from_events, or a function that reads events")

    @classmethod
    def _of(
        cls,
        table: _core.EventTable,
        errors: Sequence[TucoError] = (),
        skipped: int | None = None,
    ) -> EventTable:
        """Wraps what C++ has made."""
        made = object.__new__(cls)
        object.__setattr__(made, "_columns", table)
        object.__setattr__(made, "errors", tuple(errors))
        object.__setattr__(
            made, "skipped", len(made.errors) if skipped is None else skipped
        )
        return made

    @classmethod
    def from_events(
        cls, events: Iterable[Event], *, include_body: bool = False
    ) -> EventTable:
        """Makes a table of events.

        Args:
            events: Any number of them; each becomes a row.
            include_body: Whether the table has the columns `body` and
                `signature`.

        Returns:
            The table.

        Raises:
            TypeError: One of them is not an Event.
        """
        return cls._of(_core.table_of(events, include_body))

    @classmethod
    def concat(cls, tables: Iterable[EventTable]) -> EventTable:
        """Puts tables together, the rows of the first one first.

        Args:
            tables: One at least, all of them with the same columns.

        Returns:
            A table that shares their memory as far as possible.

        Raises:
            TypeError: One of them is not an EventTable.
            ValueError: There is none, or some have other columns than others.
        """
        given = list(tables)
        if not given:
            raise ValueError("expected at least one table")
        for table in given:
            if not isinstance(table, EventTable):
                raise TypeError(f"expected an EventTable, found {type(table).__name__}")
            if table.columns != given[0].columns:
                raise ValueError("some of the tables have other columns than others")
        errors = [error for table in given for error in table.errors]
        skipped = sum(table.skipped for table in given)
        made = _core.concat_tables([table._columns for table in given])
        return cls._of(made, errors, skipped)

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return [name for name, _, _ in self._columns.columns()]

    @property
    def schema(self) -> dict[str, str]:
        """The type of each column by its name, as docs/python.md has it.

        `dictionary[string]` is text that often repeats: `Categorical` in Polars,
        `category` in pandas.
        """
        return {name: kind for name, kind, _ in self._columns.columns()}

    def __len__(self) -> int:
        return len(self._columns)

    def __getitem__(self, rows: slice) -> EventTable:
        """Gives rows that follow each other, in the same memory.

        Raises:
            TypeError: `rows` is no slice.
            ValueError: It has a step.
        """
        if not isinstance(rows, slice):
            raise TypeError(
                f"expected a slice of rows, found {type(rows).__name__}; "
                "for columns use to_polars(), to_pandas() or to_arrow()"
            )
        begin, end, step = rows.indices(len(self))
        if step != 1:
            raise ValueError("expected a slice without a step")
        return self._of(self._columns.slice(begin, max(begin, end)))

    def between(
        self,
        start: datetime | None = None,
        end: datetime | None = None,
        *,
        by: str = "occurred_at",
    ) -> EventTable:
        """Gives the events of a time, in the order in which they are.

        Args:
            start: The first moment, or None for the beginning.
            end: The moment behind the last one, or None for the end.
            by: Which of the columns with times counts. Events without that time
                are left out.

        Returns:
            A table that shares this one's memory as far as possible.

        Raises:
            TypeError: A time is not a datetime.
            ValueError: A time has no time zone, or there is no such column.
        """
        if self.schema.get(by) != _TIME:
            times = [name for name, kind in self.schema.items() if kind == _TIME]
            raise ValueError(f"expected one of {', '.join(times)}, found {by!r}")
        first = _MICROS_MIN if start is None else _micros(start)
        behind = _MICROS_MAX if end is None else _micros(end)
        return self._of(self._columns.between(by, first, behind))

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Gives the batches as a capsule named `arrow_array_stream`.

        Args:
            requested_schema: Not looked at: who asks may convert.
        """
        return self._columns.__arrow_c_stream__(requested_schema)

    def __arrow_c_schema__(self) -> object:
        """Gives the columns as a capsule named `arrow_schema`."""
        return self._columns.__arrow_c_schema__()

    def to_arrow(self) -> pyarrow.Table:
        """Gives a pyarrow table in the same memory.

        Raises:
            ImportError: There is no pyarrow; the message says how to get it.
        """
        return optional("pyarrow", "arrow").table(self)

    def to_polars(self) -> polars.DataFrame:
        """Gives a Polars data frame.

        Raises:
            ImportError: There is no Polars; the message says how to get it.
        """
        frame: polars.DataFrame = optional("polars", "polars").DataFrame(self)
        return frame

    def to_pandas(self) -> pandas.DataFrame:
        """Gives a pandas data frame.

        Integers and booleans that may be missing have the types `UInt64`, `Int64`
        and `boolean`, whose numbers stay exact; times are aware, in UTC.

        Raises:
            ImportError: There is no pandas, or no pyarrow, through which it goes;
                the message says how to get them.
        """
        pandas = optional("pandas", "pandas")
        pyarrow = optional("pyarrow", "pandas")
        types = {
            pyarrow.uint64(): pandas.UInt64Dtype(),
            pyarrow.int64(): pandas.Int64Dtype(),
            pyarrow.bool_(): pandas.BooleanDtype(),
        }
        return pyarrow.table(self).to_pandas(types_mapper=types.get)

    def to_duckdb(
        self, connection: duckdb.DuckDBPyConnection | None = None
    ) -> duckdb.DuckDBPyRelation:
        """Gives a DuckDB relation, which can be queried again and again.

        Args:
            connection: Of which database; by default DuckDB's own.

        Raises:
            ImportError: There is no DuckDB, or no pyarrow, through which it goes;
                the message says how to get them.
        """
        duckdb = optional("duckdb", "duckdb")
        table = optional("pyarrow", "duckdb").table(self)
        return (duckdb if connection is None else connection).from_arrow(table)

    def __copy__(self) -> EventTable:
        return self

    def __deepcopy__(self, memo: Mapping[int, object]) -> EventTable:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "an EventTable is not pickled: write to_arrow() or to_polars() to a "
            "Parquet file"
        )

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"an EventTable never changes: cannot set {name}")

    def __repr__(self) -> str:
        """Says what is in there, without anything personal."""
        lines = [counted(len(self), "event")]
        span = self._columns.time_span("occurred_at")
        if span is not None:
            first, last = map(_spelt, span)
            lines[0] += f", {first} to {last}"
        for title, counts in (
            ("type", self._columns.type_counts()),
            ("flags", self._columns.flag_counts()),
        ):
            if counts:
                lines.append(f"  {title}: {_listed(counts)}")
        if self.skipped:
            lines.append(f"  skipped: {counted(self.skipped, 'place')}")
        return "<EventTable " + "\n".join(lines) + ">"


_TIME = "timestamp[us, UTC]"


def _micros(time: datetime) -> int:
    """Counts the microseconds since 1970."""
    if not isinstance(time, datetime):
        raise TypeError(f"expected a datetime, found {type(time).__name__}")
    if time.utcoffset() is None:
        raise ValueError("expected a datetime with a time zone, found one without")
    return (time - _EPOCH) // _MICROSECOND


def _spelt(micros: int) -> str:
    """Spells a moment in UTC to the second."""
    time = _EPOCH + micros * _MICROSECOND
    return time.strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")


def counted(count: int, noun: str) -> str:
    """Gives how many there are of what, whose plural has an s."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _listed(counts: Mapping[str, int]) -> str:
    """Lists names with their counts, the most frequent first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{name} {count:,}" for name, count in ordered)
