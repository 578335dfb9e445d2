"""The table that metrics give."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, Union, final

from . import _core
from ._optional import optional

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

    from ._time_zone import Zone

Value = Union[str, int, float, date, datetime, timedelta, None]
# By ISO's number, from 1.
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_1970 = date(1970, 1, 1).toordinal()
# Rows that a terminal is shown.
_ROWS_SHOWN = 24
# The first column that is no key.
_FIRSTS = ("attempted", "messages", "contacts", "begin")
# What a reader of a terminal can do without: the rest of it is in the columns
# that these belong to.
_HIDDEN = ("_low", "_high", "_denominator", "_p25", "_p75", "_p99")


@final
class MetricsTable:
    """A small table of results, in Arrow's columns.

    Anything that reads Arrow takes it by `__arrow_c_stream__`: `polars.DataFrame`,
    `pyarrow.table`, DuckDB's queries.

    Attributes:
        coverage: How many events and messages were counted, and how many were
            left out for which reason; docs/metrics.md explains each.
    """

    coverage: Mapping[str, int]

    def __init__(
        self, table: _core.ResultTable, zone: Zone, coverage: Mapping[str, int]
    ) -> None:
        self._table = table
        self._zone = zone
        self._fields = table.fields()
        self.coverage = coverage

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return [name for name, _ in self._fields]

    def __len__(self) -> int:
        return len(self._table)

    def __getitem__(self, column: str) -> list[Value]:
        """The values of a column.

        Raises:
            KeyError: There is no such column.
        """
        for index, (name, form) in enumerate(self._fields):
            if name == column:
                return [self._value(form, raw) for raw in self._table.values(index)]
        raise KeyError(column)

    def __iter__(self) -> Iterator[dict[str, Value]]:
        return iter(self.to_dicts())

    def to_dicts(self) -> list[dict[str, Value]]:
        """Gives the rows: str, int, float, date, aware datetime, timedelta, None."""
        names = self.columns
        values = zip(*(self[name] for name in names))
        return [dict(zip(names, row)) for row in values]

    def to_arrow(self) -> pyarrow.Table:
        """Gives a pyarrow table.

        Raises:
            ImportError: There is no pyarrow.
        """
        return optional("pyarrow", "arrow").table(self)

    def to_polars(self) -> polars.DataFrame:
        """Gives a Polars data frame.

        Raises:
            ImportError: There is no Polars.
        """
        frame: polars.DataFrame = optional("polars", "polars").DataFrame(self)
        return frame

    def to_pandas(self) -> pandas.DataFrame:
        """Gives a pandas data frame.

        Raises:
            ImportError: There is no pandas, or no pyarrow, which it takes.
        """
        pandas = optional("pandas", "pandas")
        pyarrow = optional("pyarrow", "pandas")
        types = {pyarrow.int64(): pandas.Int64Dtype()}
        return pyarrow.table(self).to_pandas(types_mapper=types.get)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._table.stream()

    def __arrow_c_schema__(self) -> object:
        return self._table.schema()

    def __repr__(self) -> str:
        rows = self.to_dicts()
        shown = [
            _Column(
                name,
                [_cell(name, row) for row in rows[:_ROWS_SHOWN]],
                form in ("l", "g", "tDu"),
            )
            for name, form in self._fields
            if not name.endswith(_HIDDEN)
        ]
        lines = _blocks(shown, self._keys(), shutil.get_terminal_size((100, 24))[0])
        if len(rows) > _ROWS_SHOWN:
            lines.append(f"… {len(rows) - _ROWS_SHOWN:,} more rows")
        return "\n".join([*lines, *self._footnotes(rows)])

    def _keys(self) -> int:
        """Gives how many columns say what a row is about, at least one."""
        firsts = [self.columns.index(n) for n in _FIRSTS if n in self.columns]
        return max(min(firsts, default=1), 1)

    def _footnotes(self, rows: list[dict[str, Value]]) -> list[str]:
        """Gives what a reader has to know of the numbers above."""
        lines = []
        rates = []
        for name in self.columns:
            wholes = dict.fromkeys(row.get(f"{name}_denominator") for row in rows)
            if wholes and None not in wholes:
                rates.append(f"{name} of {' / '.join(map(str, wholes))}")
        if rates:
            lines.append("with 95 % intervals: " + ", ".join(rates))
        out = left_out(self.coverage)
        return [*lines, out] if out else lines

    def _value(self, form: str, raw: Any) -> Value:
        if raw is None or form in ("u", "l", "g"):
            return raw  # type: ignore[no-any-return]
        if form == "tdD":
            return date.fromordinal(raw + _1970)
        if form == "tDu":
            return timedelta(microseconds=raw)
        return self._zone.moment(raw)


# Of the counts what one of them is called.
_LEFT_OUT = {
    "tests": "test",
    "flagged": "flagged",
    "other_types": "other type",
    "without_message_id": "without message id",
    "copies": "copy",
    "replies_unmatched": "reply unmatched",
    "messages_outside_window": "message outside window",
    "messages_without_contact": "message without contact",
}


def left_out(coverage: Mapping[str, int]) -> str:
    """Gives a line that says what a result leaves out; "" where that is nothing."""
    counts = [
        f"{count:,} {one if count == 1 else name.replace('_', ' ')}"
        for name, one in _LEFT_OUT.items()
        if (count := coverage.get(name, 0))
    ]
    return "left out: " + ", ".join(counts) if counts else ""


def _cell(name: str, row: Mapping[str, Value]) -> str:
    value = row[name]
    low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
    if isinstance(value, float) and isinstance(low, float) and isinstance(high, float):
        return f"{percent(value)} [{percent(low)}, {percent(high)}]"
    return text_of(value)


def text_of(value: Value) -> str:
    """Gives a value as people read it."""
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, timedelta):
        return duration(value)
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes")
    if isinstance(value, int):
        return f"{value:,}"
    # What a terminal would take for commands is not for it.
    return "".join(
        c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(value)
    )


def words(name: str) -> str:
    """Gives a column's name as people say it."""
    return name.replace("_", " ").replace("opt out", "opt-out")


def group_label(by: Sequence[str], row: Mapping[str, Value]) -> str:
    """Gives what a row is about, of all names in `by`; "" without any."""
    return " · ".join(_label_part(name, row) for name in by)


def _label_part(name: str, row: Mapping[str, Value]) -> str:
    value = row[name]
    if value is None:
        return f"no {name}"
    if name == "campaign" and row.get("campaign_name"):
        return text_of(row["campaign_name"])
    if name == "day_of_week" and isinstance(value, int):
        return DAYS[value - 1]
    if name == "hour_of_day":
        return f"{value:02}:00"
    return f"step {value}" if name == "step" else text_of(value)


def percent(share: float) -> str:
    """Gives a share in percent."""
    return f"{100 * share:.1f}%"


def duration(value: timedelta) -> str:
    """Gives a duration in the two largest of its units."""
    seconds = value.total_seconds()
    if seconds < 60:
        return f"{seconds:.3g}s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{int(seconds // 60)}m {int(seconds % 60):02}s"
    if minutes < 48 * 60:
        return f"{minutes // 60}h {minutes % 60:02}m"
    hours = round(seconds / 3600)
    return f"{hours // 24}d {hours % 24:02}h"


class _Column(NamedTuple):
    """A column as a terminal shows it."""

    name: str
    cells: list[str]
    is_number: bool

    @property
    def width(self) -> int:
        return max(map(len, (self.name, *self.cells)))

    def line(self, row: int) -> str:
        """Gives the cell of a row, of -1 the name, as wide as all others."""
        cell = self.name if row < 0 else self.cells[row]
        return cell.rjust(self.width) if self.is_number else cell.ljust(self.width)


def _blocks(columns: list[_Column], keys: int, width: int) -> list[str]:
    """Gives lines of a width at most, in blocks that begin with the key columns."""
    front, rest = columns[:keys], columns[keys:]
    lines: list[str] = []
    while rest or not lines:
        block = list(front)
        while rest:
            block.append(rest.pop(0))
            if rest and sum(c.width + 2 for c in (*block, rest[0])) > width + 2:
                break
        lines += _aligned(block)
        if rest:
            lines.append("")
    return lines


def _aligned(columns: list[_Column]) -> list[str]:
    lines = [
        "  ".join(column.line(row) for column in columns).rstrip()
        for row in range(-1, len(columns[0].cells))
    ]
    return [lines[0], "─" * max(map(len, lines)), *lines[1:]]
