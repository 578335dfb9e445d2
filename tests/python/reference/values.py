"""The types of docs/events.md: what a member of the body must be to count.

Each function gives the field's value, or None where the member has another
type. Values compare as the specification compares them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

from .json_text import Object, Value, well_formed

COUNT_MAX = 2**53

Read = Callable[[Value], Any]

_FIRST = datetime(1, 1, 1, tzinfo=timezone.utc)
_NUMBER = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([-+]?[0-9]+))?")
_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})"
    r"(?:\.([0-9]+))?(?:Z|([-+])([0-9]{2}):([0-9]{2}))"
)


def text(value: Value) -> str | None:
    """A string, well-formed."""
    return well_formed(value.content) if isinstance(value.content, str) else None


def boolean(value: Value) -> bool | None:
    """Either literal."""
    return value.content if isinstance(value.content, bool) else None


def literal_true(value: Value) -> bool | None:
    """`true` and nothing else."""
    return True if value.content is True else None


def count(value: Value) -> int | None:
    """A number without a fraction, from 0 to 2^53, as written."""
    match = _NUMBER.fullmatch(value.spelling) if value.is_number else None
    if not match:
        return None
    sign, whole, fraction, exponent = match.groups("")
    digits = (whole + fraction).lstrip("0")
    zeros = int(exponent or 0) - len(fraction)
    while digits.endswith("0"):
        digits, zeros = digits[:-1], zeros + 1
    if not digits:
        return 0
    if sign or zeros < 0 or len(digits) + zeros > len(str(COUNT_MAX)):
        return None
    number = int(digits) * 10**zeros
    return number if number <= COUNT_MAX else None


def time(value: Value) -> datetime | None:
    """A string `YYYY-MM-DDTHH:MM:SS[.fraction](Z|±hh:mm)`, in microseconds."""
    match = _TIME.fullmatch(value.content) if isinstance(value.content, str) else None
    if not match:
        return None
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    fraction, sign, hours_ahead, minutes_ahead = match.groups("0")[6:]
    # 60 is a leap second; the sum moves it to the second that follows.
    if hour > 23 or minute > 59 or second > 60:
        return None
    if int(hours_ahead) > 23 or int(minutes_ahead) > 59:
        return None
    ahead = timedelta(hours=int(hours_ahead), minutes=int(minutes_ahead))
    clock = timedelta(
        hours=hour,
        minutes=minute,
        seconds=second,
        microseconds=int(fraction.ljust(6, "0")[:6]),
    )
    try:
        days = timedelta(_days_before(year, month, day))
        return _FIRST + (days + clock + (ahead if sign == "-" else -ahead))
    except (ValueError, OverflowError):
        return None


def _days_before(year: int, month: int, day: int) -> int:
    """From the first day of the year 1; the year 0 may be the year 1 in UTC.

    Raises:
        ValueError: there is no such day.
    """
    if year == 0:  # The calendar repeats itself after 400 years.
        return _days_before(400, month, day) - 146097
    return date(year, month, day).toordinal() - 1


def texts(value: Value) -> list[str] | None:
    """An array of strings only; an empty one is a value."""
    if not isinstance(value.content, list) or value.is_object:
        return None
    read = [text(element) for element in value.content]
    return None if None in read else [entry for entry in read if entry is not None]


@dataclass(frozen=True, eq=False)
class Objects:
    """Reads an array of objects only, whose members are known by name."""

    members: Mapping[str, tuple[str, Read]]

    def __call__(self, value: Value) -> list[dict[str, Any]] | None:
        """The known members of every element."""
        if not isinstance(value.content, list) or value.is_object:
            return None
        if not all(element.is_object for element in value.content):
            return None
        return [self._element(element.content) for element in value.content]

    def _element(self, element: Object) -> dict[str, Any]:
        read = {}
        for key, (name, as_type) in self.members.items():
            value = element.get(key)
            if value is not None and as_type(value) is not None:
                read[name] = as_type(value)
        return read

    def has_unknown(self, value: Value) -> bool:
        """Whether an element has a member that is not read."""
        return any(
            not self._is_read(member.key, member.value)
            for element in value.content
            for member in element.content.last().values()
        )

    def _is_read(self, key: str, value: Value) -> bool:
        if key not in self.members:
            return False
        return value.is_null or self.members[key][1](value) is not None


PARENTS = Objects(
    {
        "messageId": ("message_id", text),
        "message": ("text", text),
        "sentAtUtc": ("sent_at", time),
        "batchId": ("batch_id", text),
        "stepIndex": ("step_index", count),
    }
)

RECENT_REPLIES = Objects(
    {
        "messageId": ("message_id", text),
        "message": ("text", text),
        "receivedAtUtc": ("received_at", time),
    }
)
