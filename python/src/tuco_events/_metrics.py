"""Metrics of tables of events: arguments checked, then _core.

docs/metrics.md defines every number.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Literal, Optional, Protocol, Union

from . import _core
from ._core import Flag
from ._metrics_table import MetricsTable
from ._time_zone import Zone

Delivery = Literal["accepted", "confirmed"]
By = Union[str, Sequence[str]]
# A time: a date is its midnight, a str one of both in ISO 8601.
Moment = Union[datetime, date, str, None]
Window = tuple[
    Optional[Union[datetime, date, str]], Optional[Union[datetime, date, str]]
]
Flags = Iterable[Union[Flag, str]]

_ATTRIBUTES = ("workspace", "endpoint", "line", "campaign", "step", "channel")
_TIMES = ("hour", "day", "week", "hour_of_day", "day_of_week")
# The columns that any of these functions reads.
_COLUMNS = (
    "event_id",
    "type",
    "endpoint",
    "workspace_id",
    "occurred_at",
    "received_at",
    "flags",
    "opt_out",
    "message_id",
    "message_channel",
    "message_line_id",
    "message_step_index",
    "message_sent_at",
    "message_delivered_at",
    "message_read_at",
    "message_in_reply_to",
    "message_parents",
    "contact_lead_id",
    "contact_phone",
    "contact_email",
    "campaign_id",
    "campaign_name",
)
_PLACES = ("workspace", "endpoint", "line")
_FLAGS = tuple(flag.name for flag in Flag)
_MICROSECOND = timedelta(microseconds=1)
_LONGEST = timedelta(days=36_600)
_TWO_WEEKS = timedelta(days=14)


class ArrowTable(Protocol):
    """A table that hands out its rows through Arrow's C stream interface."""

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """Gives a capsule of an ArrowArrayStream."""


def metrics(
    table: ArrowTable,
    by: By = (),
    window: Window | None = None,
    delivery: Delivery = "accepted",
    tz: str | tzinfo = "UTC",
    *,
    include_tests: bool = False,
    include_flags: Flags | None = None,
    exclude_flags: Flags = (),
    attribution_window: timedelta = _TWO_WEEKS,
) -> MetricsTable:
    """Counts what became of messages, and gives rates with their intervals.

    docs/metrics.md defines every column.

    Args:
        table: Events: an EventTable or anything else with `__arrow_c_stream__`
            and its columns, in any order. No column is read that is not needed.
        by: What to tell messages apart by, one name or several: workspace,
            endpoint, line, campaign, step, channel; hour (an instant), day,
            week (its Monday), hour_of_day (0 to 23), day_of_week (Monday is 1).
        window: Which messages count, by their time: from the first moment to
            before the second, either of which may be None. A date is its
            midnight; what has no time zone is in `tz`.
        delivery: Whether `message.sent` counts as delivered, as Tuco's guide has
            it ("accepted"), or only a confirmation does ("confirmed").
        tz: The time zone of hours, days and weeks: its name or a tzinfo.
        include_tests: Whether test deliveries count.
        include_flags: If given, only events count that have one of these flags.
        exclude_flags: Events with one of these flags do not count.
        attribution_window: How long after a message a reply that does not say
            what it answers may still be an answer to it.

    Returns:
        A row for each group, in the order of the groups' values; without `by`
        one row.

    Raises:
        TypeError: An argument has a wrong type, or a column of the table has.
        ValueError: An argument has a value that it cannot have, or the table
            lacks columns; the message names them.
    """
    confirmed = _confirmed(delivery)
    zone = Zone(tz)
    begin, end = _window(window, zone)
    analysis = _analysis(
        table,
        _by(by, (*_ATTRIBUTES, *_TIMES)),
        include_tests,
        include_flags,
        exclude_flags,
        attribution_window,
    )
    transitions = zone.transitions(*_range(analysis))
    result, coverage = analysis.metrics(begin, end, confirmed, transitions, zone.name)
    return MetricsTable(result, zone, coverage)


def funnel(
    table: ArrowTable,
    by: By = (),
    window: Window | None = None,
    delivery: Delivery = "accepted",
    tz: str | tzinfo = "UTC",
    *,
    include_tests: bool = False,
    include_flags: Flags | None = None,
    exclude_flags: Flags = (),
    attribution_window: timedelta = _TWO_WEEKS,
) -> MetricsTable:
    """Counts how far messages got: attempted, delivered, opened, replied.

    A stage has the messages that got at least that far: who replied has opened,
    whether or not the channel told.

    Args:
        table: As for `metrics`.
        by: As for `metrics`.
        window: As for `metrics`.
        delivery: As for `metrics`.
        tz: As for `metrics`.
        include_tests: As for `metrics`.
        include_flags: As for `metrics`.
        exclude_flags: As for `metrics`.
        attribution_window: As for `metrics`.

    Returns:
        Four rows for each group.

    Raises:
        TypeError: As for `metrics`.
        ValueError: As for `metrics`.
    """
    confirmed = _confirmed(delivery)
    zone = Zone(tz)
    begin, end = _window(window, zone)
    analysis = _analysis(
        table,
        _by(by, (*_ATTRIBUTES, *_TIMES)),
        include_tests,
        include_flags,
        exclude_flags,
        attribution_window,
    )
    transitions = zone.transitions(*_range(analysis))
    result, coverage = analysis.funnel(begin, end, confirmed, transitions, zone.name)
    return MetricsTable(result, zone, coverage)


def cohorts(
    table: ArrowTable,
    by: By = (),
    window: Window | None = None,
    tz: str | tzinfo = "UTC",
    *,
    period: Literal["week", "day"] = "week",
    days: Sequence[int] = (1, 3, 7, 14, 30),
    until: Moment = None,
    include_tests: bool = False,
    include_flags: Flags | None = None,
    exclude_flags: Flags = (),
    attribution_window: timedelta = _TWO_WEEKS,
) -> MetricsTable:
    """Counts contacts by their first week or day, and who replied how soon.

    Args:
        table: As for `metrics`.
        by: What to tell contacts apart by, by the first message that reached
            them: workspace, endpoint, line, campaign, step, channel.
        window: Which contacts count, by the time of that message.
        tz: As for `metrics`.
        period: Whether contacts of a "week" or of a "day" make a cohort.
        days: After how many days to look.
        until: Up to when it is known what happened; by default the last time in
            the table. A contact counts in a row only if it was met as many days
            before this.
        include_tests: As for `metrics`.
        include_flags: As for `metrics`.
        exclude_flags: As for `metrics`.
        attribution_window: As for `metrics`.

    Returns:
        For each group and cohort a row for each of `days`.

    Raises:
        TypeError: As for `metrics`.
        ValueError: As for `metrics`.
    """
    if period not in ("week", "day"):
        raise ValueError(f"expected the period week or day, found {period!r}")
    zone = Zone(tz)
    begin, end = _window(window, zone)
    ages = _days(days)
    known = _moment("until", until, zone)
    analysis = _analysis(
        table,
        _by(by, _ATTRIBUTES),
        include_tests,
        include_flags,
        exclude_flags,
        attribution_window,
    )
    first, last = _range(analysis)
    if known is None:
        known = last or 0
    result, coverage = analysis.cohorts(
        begin,
        end,
        period == "week",
        ages,
        known,
        zone.transitions(first, last),
        zone.name,
    )
    return MetricsTable(result, zone, coverage)


def silences(
    table: ArrowTable,
    by: By = (),
    window: Window | None = None,
    tz: str | tzinfo = "UTC",
    *,
    at_least: timedelta = timedelta(minutes=10),
    false_alarms: float = 0.01,
    until: Moment = None,
) -> MetricsTable:
    """Finds gaps in traffic that look like an outage.

    Every event counts, tests and copies too: they all prove that the way was
    open. docs/metrics.md explains how a gap is told from a quiet hour.

    Args:
        table: As for `metrics`; it needs the columns occurred_at, received_at and
            those of `by`.
        by: Whose traffic to look at by itself: workspace, endpoint, line.
        window: Which events to look at, by their time.
        tz: The time zone in which people work and rest.
        at_least: Shorter gaps are not reported.
        false_alarms: How many gaps may be reported, on average over all the time
            of a group's traffic, that are no more than chance.
        until: When there still was no event, to see whether it is silent now.

    Returns:
        A row for each gap: begin, end, duration, how many events were to be
        expected in it, how many such gaps chance would make in all that time
        (`false_alarms`), and the confidence that it is not one of these.

    Raises:
        TypeError: As for `metrics`.
        ValueError: As for `metrics`; or the events are of more than 100 years.
    """
    zone = Zone(tz)
    begin, end = _window(window, zone)
    shortest = _microseconds("at_least", at_least)
    if not isinstance(false_alarms, (int, float)) or isinstance(false_alarms, bool):
        raise TypeError(f"expected false_alarms (float), found {_type(false_alarms)}")
    # An int may be larger than any float; a NaN is neither above nor below.
    if not 0 < false_alarms <= sys.float_info.max:
        raise ValueError("expected false_alarms above 0 and finite")
    known = _moment("until", until, zone)
    traffic = _core.Traffic(_stream(table), _by(by, _PLACES))
    first, last = _range(traffic)
    result = traffic.silences(
        begin,
        end,
        float(false_alarms),
        shortest,
        known,
        zone.transitions(first, last if known is None else known),
        zone.name,
    )
    return MetricsTable(result, zone, {})


def _analysis(
    table: ArrowTable,
    by: list[str],
    include_tests: bool,
    include_flags: Flags | None,
    exclude_flags: Flags,
    attribution_window: timedelta,
) -> _core.Analysis:
    wanted = _flags("include_flags", include_flags or ())
    if include_flags is not None and not wanted:
        raise ValueError("expected at least one flag in include_flags, found none")
    if "TEST" in wanted and not include_tests:
        raise ValueError("include_flags has TEST: say include_tests=True as well")
    return _core.Analysis(
        _stream(table),
        by,
        bool(include_tests),
        wanted,
        _flags("exclude_flags", exclude_flags),
        _microseconds("attribution_window", attribution_window),
    )


def _stream(table: ArrowTable) -> object:
    if not hasattr(table, "__arrow_c_stream__") or isinstance(table, type):
        raise TypeError(
            "expected a table with __arrow_c_stream__ (an EventTable, or one of "
            f"pyarrow, Polars, pandas or DuckDB), found {_type(table)}"
        )
    return table.__arrow_c_stream__()


def _range(read: _core.Analysis | _core.Traffic) -> tuple[int | None, int | None]:
    return read.time_range() or (None, None)


def _confirmed(delivery: str) -> bool:
    if delivery not in ("accepted", "confirmed"):
        raise ValueError(
            f"expected the delivery accepted or confirmed, found {delivery!r}"
        )
    return delivery == "confirmed"


def _by(by: By, allowed: Sequence[str]) -> list[str]:
    if not isinstance(by, (str, Sequence)):
        raise TypeError(f"expected by (a name or several), found {_type(by)}")
    names = [by] if isinstance(by, str) else list(by)
    for name in names:
        if name not in allowed:
            raise ValueError(
                f"expected by to be of {', '.join(allowed)}, found {name!r}"
            )
    if len(set(names)) != len(names):
        raise ValueError(f"expected each name once in by, found {', '.join(names)}")
    return names


def _flags(argument: str, flags: Flags) -> list[str]:
    if isinstance(flags, (str, Flag)):
        raise TypeError(f"expected several flags in {argument}, found {_type(flags)}")
    names = [flag.name if isinstance(flag, Flag) else flag for flag in flags]
    for name in names:
        if name not in _FLAGS:
            raise ValueError(
                f"expected {argument} to be of {', '.join(_FLAGS)}, found {name!r}"
            )
    return names


def _days(days: Sequence[int]) -> list[int]:
    numbers = sorted({operator.index(number) for number in days})
    if not numbers or numbers[0] < 1 or numbers[-1] > _LONGEST.days:
        raise ValueError(f"expected days from 1 to {_LONGEST.days}, found {days!r}")
    return numbers


def _microseconds(argument: str, length: timedelta) -> int:
    if not isinstance(length, timedelta):
        raise TypeError(f"expected {argument} (timedelta), found {_type(length)}")
    if not timedelta() <= length <= _LONGEST:
        raise ValueError(
            f"expected {argument} from 0 to {_LONGEST.days} days, found {length}"
        )
    return length // _MICROSECOND


def _window(window: Window | None, zone: Zone) -> tuple[int | None, int | None]:
    if window is None:
        return None, None
    if isinstance(window, str) or not isinstance(window, Sequence):
        raise TypeError(f"expected a window (begin, end), found {_type(window)}")
    if len(window) != 2:
        raise ValueError(f"expected a window (begin, end), found {len(window)} items")
    begin, end = (_moment("window", moment, zone) for moment in window)
    if begin is not None and end is not None and begin >= end:
        raise ValueError("expected a window that begins before it ends")
    return begin, end


def _moment(argument: str, moment: Moment, zone: Zone) -> int | None:
    if moment is None:
        return None
    if isinstance(moment, str):
        moment = _parsed(argument, moment)
    if isinstance(moment, datetime):
        return zone.microseconds(moment)
    if isinstance(moment, date):
        return zone.microseconds(datetime(moment.year, moment.month, moment.day))
    raise TypeError(
        f"expected {argument} of datetime, date or str, found {_type(moment)}"
    )


def _parsed(argument: str, text: str) -> datetime:
    # Python 3.9 does not know Z.
    plain = text[:-1] + "+00:00" if text.endswith("Z") else text
    try:
        return datetime.fromisoformat(plain)
    except ValueError:
        raise ValueError(
            f"expected {argument} in ISO 8601, such as 2026-04-15 or "
            f"2026-04-15T12:00:00Z, found {text!r}"
        ) from None


def _type(value: object) -> str:
    return type(value).__name__
