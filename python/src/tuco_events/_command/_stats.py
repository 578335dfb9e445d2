"""`stats`: counts and rates of archives and logs, in the terminal or as JSON."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from io import TextIOWrapper
from typing import Any, cast

from .._core import table_of
from .._metrics import _ATTRIBUTES, _COLUMNS, _TIMES, _parsed, metrics
from .._metrics_table import MetricsTable, Value
from .._table import EventTable
from ._console import takes_blocks, takes_colours
from ._sources import add_arguments, read
from ._stats_text import Style, text_lines

_ROWS = 50_000
_BY = (*_ATTRIBUTES, *_TIMES)
# Where nobody says how wide it is, as in a file.
_WIDTH = 100

_DESCRIPTION = """\
Counts what archives or logs hold, and what became of the messages in them, with
rates, what they are rates of, and 95% intervals. docs/metrics.md defines every
number. It tells nothing personal.

A SOURCE is an archive of bodies or deliveries, one a line, plain, gzip or zstd; or
the server's data directory, or the events.db in it.
"""

_EPILOG = """\
examples:
  python -m tuco_events stats data
  python -m tuco_events stats deliveries.ndjson.gz --by campaign --by line
  python -m tuco_events stats data --by day --tz Europe/Berlin --from 2026-04-01
  python -m tuco_events stats data --by campaign --json | jq .metrics
"""


@dataclass
class Report:
    """What `stats` found out.

    Attributes:
        table: The events.
        result: The metrics of all messages.
        groups: For each `--by` the names in it, and the metrics.
        span: The first and the last time of an event.
    """

    table: EventTable
    result: MetricsTable
    groups: list[tuple[list[str], MetricsTable]]
    span: tuple[datetime, datetime] | None


def add_to(commands: Any) -> None:
    """Adds the command to those that the parser knows."""
    command = commands.add_parser(
        "stats",
        help="count events, and give rates with their intervals",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    command.add_argument(
        "sources", nargs="+", metavar="SOURCE", help="archives or logs; - is stdin"
    )
    command.add_argument(
        "--by",
        action="append",
        default=[],
        type=_names,
        metavar="NAME[,NAME…]",
        help=f"a table of groups as well, by {', '.join(_BY)}; again for another",
    )
    command.add_argument(
        "--delivery",
        choices=("accepted", "confirmed"),
        default="accepted",
        help="whether message.sent counts as delivered (the default), or only a "
        "confirmation",
    )
    command.add_argument(
        "--from",
        dest="begin",
        metavar="TIME",
        help="only messages of then or later; events are counted all the same",
    )
    command.add_argument(
        "--to", dest="end", metavar="TIME", help="only messages before this time"
    )
    command.add_argument(
        "--tz",
        default="UTC",
        metavar="ZONE",
        help="time zone of days and hours, and of a TIME that has none (default: UTC)",
    )
    command.add_argument(
        "--include-tests", action="store_true", help="count test deliveries too"
    )
    command.add_argument(
        "--limit",
        type=_limit,
        default=40,
        metavar="N",
        help="how many groups of each table are shown (default: 40): the largest, of "
        "times the latest; JSON has all",
    )
    command.add_argument("--json", action="store_true", help="everything as JSON")
    add_arguments(command)
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Counts, and prints."""
    report = _report(options)
    if options.json:
        text = json.dumps(_json(report), ensure_ascii=False, indent=2)
        sys.stdout.buffer.write(text.encode() + b"\n")
        return 0
    # A campaign's name may have characters that the terminal has not.
    cast("TextIOWrapper", sys.stdout).reconfigure(errors="replace")
    style = Style(
        width=shutil.get_terminal_size((_WIDTH, 24)).columns,
        colours=takes_colours(sys.stdout),
        blocks=takes_blocks(sys.stdout),
    )
    for line in text_lines(report, style, options.limit):
        print(line)
    return 0


def _names(text: str) -> list[str]:
    names = text.split(",")
    for name in names:
        if name not in _BY:
            raise argparse.ArgumentTypeError(
                f"expected one of {', '.join(_BY)}, found {name!r}"
            )
    if len(set(names)) != len(names):
        raise argparse.ArgumentTypeError(f"expected each name once, found {text!r}")
    return names


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"expected a number above 0, found {text!r}")
    return int(text)


def _report(options: argparse.Namespace) -> Report:
    begin, end = _moment("--from", options.begin), _moment("--to", options.end)
    settings: dict[str, Any] = {
        "window": (begin, end),
        "delivery": options.delivery,
        "tz": options.tz,
        "include_tests": options.include_tests,
    }
    # Says what is wrong with the settings before anything is read.
    metrics(EventTable._of(table_of([], False)), **settings)
    tables = list(read(options.sources, options, rows=_ROWS, columns=_COLUMNS))
    table = EventTable.concat(tables or [EventTable._of(table_of([], False))])
    return Report(
        table=table,
        result=metrics(table, **settings),
        groups=[(by, metrics(table, by=by, **settings)) for by in options.by],
        span=_span(table),
    )


def _moment(name: str, text: str | None) -> datetime | None:
    # Without a time zone it stays so: `metrics` takes it to be in `tz`.
    return None if text is None else _parsed(name, text)


def _span(table: EventTable) -> tuple[datetime, datetime] | None:
    span = table._columns.time_span("occurred_at")
    if span is None:
        return None
    first, last = (
        datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=time)
        for time in span
    )
    return first, last


def _json(report: Report) -> dict[str, Any]:
    [total] = list(_rows(report.result)) or [{}]
    return {
        "events": len(report.table),
        "skipped": report.table.skipped,
        "first": _value(report.span[0]) if report.span else None,
        "last": _value(report.span[1]) if report.span else None,
        "types": report.table._columns.type_counts(),
        "flags": report.table._columns.flag_counts(),
        "coverage": dict(report.result.coverage),
        "metrics": total,
        "groups": [
            {"by": by, "metrics": list(_rows(result))} for by, result in report.groups
        ],
    }


def _rows(result: MetricsTable) -> Iterator[dict[str, Any]]:
    """The rows; durations in seconds, and named so."""
    for row in result:
        yield {
            f"{name}_s" if name.startswith("time_to_") else name: _value(value)
            for name, value in row.items()
        }


def _value(value: Value) -> Any:
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, (date, datetime)):
        return value.isoformat().replace("+00:00", "Z")
    return value
