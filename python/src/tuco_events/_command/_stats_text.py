"""What `stats` shows to people: a page of characters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from .._metrics import _TIMES
from .._metrics_table import (
    Value,
    duration,
    group_label,
    left_out,
    percent,
    text_of,
    words,
)
from .._table import counted
from ._layout import bar, fitted, interval_bar, rows_of, width_of

if TYPE_CHECKING:
    from .._metrics_table import MetricsTable
    from ._stats import Report

Row = Mapping[str, Value]

_RATES = (
    "delivery_rate",
    "failure_rate",
    "fallback_rate",
    "open_rate",
    "reply_rate",
    "opt_out_rate",
)
# Of a group, what is left out last when there is no room.
_GROUP_RATES = ("delivery_rate", "reply_rate", "open_rate", "opt_out_rate")
_WIDTH_MIN = 40
_BAR_MIN, _BAR_MAX = 8, 40
_LABEL_MAX = 32


@dataclass(frozen=True)
class Style:
    """How to write.

    Attributes:
        width: How many cells a line has.
        colours: Whether there may be colours.
        blocks: Whether there may be blocks, or ASCII only.
    """

    width: int
    colours: bool
    blocks: bool

    def title(self, text: str) -> str:
        """A heading."""
        return f"\033[1m{text}\033[0m" if self.colours else text

    def pale(self, text: str) -> str:
        """What matters less."""
        return f"\033[2m{text}\033[0m" if self.colours else text

    def plain(self, text: str) -> str:
        """The text in what the stream can write."""
        return text if self.blocks else text.replace("–", "-").replace("…", "~")


def text_lines(report: Report, style: Style, limit: int) -> Iterator[str]:
    """Gives the lines.

    Args:
        report: What to tell.
        style: How.
        limit: How many groups to show at most.
    """
    page = _Page(style)
    lines = [page.summary(report)]
    if len(report.table):
        lines += ["", style.title("Events"), *page.types(report)]
        lines += ["", *page.rates(report.result)]
    for by, result in report.groups:
        lines += [
            "",
            style.title("By " + ", ".join(by)),
            *page.groups(by, result, limit),
        ]
    return map(style.plain, lines)


class _Page:
    """Lays out each part in the width that there is."""

    def __init__(self, style: Style) -> None:
        self._style = style
        self._width = max(style.width - 1, _WIDTH_MIN)

    def summary(self, report: Report) -> str:
        said = counted(len(report.table), "event")
        if report.span:
            first, last = (time.isoformat(" ", "minutes")[:16] for time in report.span)
            said += f", {first} to {last} UTC"
        if report.table.skipped:
            said += f"; {counted(report.table.skipped, 'damaged place')} left out"
        return said

    def types(self, report: Report) -> list[str]:
        """A line for each type, the most frequent first."""
        counts = report.table._columns.type_counts()
        total = len(report.table)
        rows = [
            [_type_name(name), f"{count:,}", percent(count / total)]
            for name, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
        ]
        shares = sorted((count / total for count in counts.values()), reverse=True)
        lines = rows_of(rows, [False, True, True])
        room = self._room(lines)
        return [
            f"{line}  {bar(share, room, self._style.blocks)}" if room else line
            for line, share in zip(lines, shares)
        ]

    def rates(self, result: MetricsTable) -> list[str]:
        """The rates of all messages."""
        [row] = result.to_dicts()
        title = self._style.title("Messages")
        lines = [f"{title}: {text_of(row['attempted'])} attempted"]
        known = [name for name in _RATES if row[name] is not None]
        if known:
            lines += self._rate_lines(row, known)
        if row["time_to_reply_p50"] is not None:
            lines.append(
                f"time to reply: median {_duration(row['time_to_reply_p50'])}, "
                f"90% within {_duration(row['time_to_reply_p90'])}, "
                f"of {text_of(row['replied'])} replied"
            )
        if out := left_out(result.coverage):
            lines.append(self._style.pale(out))
        return lines

    def _rate_lines(self, row: Row, names: Sequence[str]) -> list[str]:
        cells = [
            [words(name), _share(row, name), _interval(row, name), _of(row, name)]
            for name in names
        ]
        lines = rows_of(cells, [False, True, False, False])
        if max(map(width_of, lines)) > self._width:
            narrow = [[first, share, of] for first, share, _, of in cells]
            lines = rows_of(narrow, [False, True, False])
        room = self._room(lines)
        if not room:
            return lines
        width = max(map(width_of, lines))
        return [
            f"{fitted(line, width)}  {self._interval_bar(row, name, room)}".rstrip()
            for line, name in zip(lines, names)
        ]

    def _interval_bar(self, row: Row, name: str, room: int) -> str:
        low, share, high = (
            _number(row[key]) for key in (f"{name}_low", name, f"{name}_high")
        )
        return interval_bar(low, share, high, room, self._style.blocks)

    def groups(self, by: Sequence[str], result: MetricsTable, limit: int) -> list[str]:
        """A line for each group, in as many columns as there is room for."""
        rows = result.to_dicts()
        if not rows:
            return ["no messages"]
        shown = _shown(by, rows, limit)
        labels = [group_label(by, row) for row in shown]
        most = max(_number(row["attempted"]) for row in shown)
        names = [n for n in _GROUP_RATES if any(row[n] is not None for row in rows)]
        lines = self._group_lines(labels, shown, names)
        room = self._room(lines)
        width = max(map(width_of, lines))
        if room:
            lines[1:] = [
                f"{fitted(line, width)}  "
                + bar(_number(row["attempted"]) / (most or 1), room, self._style.blocks)
                for line, row in zip(lines[1:], shown)
            ]
        lines[0] = self._style.pale(lines[0])
        if len(rows) > len(shown):
            lines.append(self._style.pale(f"… {len(rows) - len(shown):,} more groups"))
        return lines

    def _group_lines(
        self, labels: Sequence[str], rows: Sequence[Row], names: Sequence[str]
    ) -> list[str]:
        """The first that fits: two rates at least with intervals, or all without."""
        width = min(_LABEL_MAX, self._width // 3)
        cut = [fitted(label, width).rstrip() for label in labels]
        counts = range(len(names), -1, -1)
        lines: list[str] = []
        for intervals in (True, False):
            for count in counts[: max(len(names) - 1, 1)] if intervals else counts:
                lines = _group_table(cut, rows, names[:count], intervals)
                if max(map(width_of, lines)) <= self._width:
                    return lines
        return lines

    def _room(self, lines: Sequence[str]) -> int:
        """The cells that are left for a bar; 0 where that are too few."""
        room = self._width - max(map(width_of, lines)) - 2
        return min(room, _BAR_MAX) if room >= _BAR_MIN else 0


def _group_table(
    labels: Sequence[str],
    rows: Sequence[Row],
    names: Sequence[str],
    intervals: bool,
) -> list[str]:
    head = ["", "attempted"]
    for name in names:
        head.append(words(name))
        if intervals:
            head.append(f"of {rows[0][f'{name}_denominator']}")
    cells = [head]
    for label, row in zip(labels, rows):
        line = [label, text_of(row["attempted"])]
        for name in names:
            line.append(_share(row, name))
            if intervals:
                line.append(_interval(row, name))
        cells.append(line)
    columns = [False, True] + ([True, False] if intervals else [True]) * len(names)
    return rows_of(cells, columns)


def _type_name(name: str) -> str:
    """A type as Tuco calls it."""
    if name == "UNSPECIFIED":
        return "other"
    return name.lower().replace("_", ".", 1)


def _share(row: Row, name: str) -> str:
    value = row[name]
    return "–" if value is None else percent(_number(value))


def _interval(row: Row, name: str) -> str:
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    if low is None or high is None:
        return ""
    return f"[{100 * _number(low):.1f}, {100 * _number(high):.1f}]"


def _of(row: Row, name: str) -> str:
    whole = str(row[f"{name}_denominator"])
    return f"of {text_of(row[whole])} {whole}"


def _number(value: Value) -> int | float:
    assert isinstance(value, (int, float))
    return value


def _duration(value: Value) -> str:
    assert isinstance(value, timedelta)
    return duration(value)


def _shown(by: Sequence[str], rows: Sequence[Row], limit: int) -> Sequence[Row]:
    """The groups to show: of times the latest, in their order, else the largest."""
    times = [name for name in by if name in _TIMES]
    if not times:
        return sorted(rows, key=lambda row: -_number(row["attempted"]))[:limit]

    def lateness(index: int) -> list[Any]:
        row = rows[index]
        # What has no time is earlier than all; of one time the largest come last.
        known = [(row[name] is not None, row[name]) for name in times]
        return [*known, _number(row["attempted"])]

    latest = sorted(range(len(rows)), key=lateness)[-limit:]
    return [rows[index] for index in sorted(latest)]
