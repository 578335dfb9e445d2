"""The types of docs/events.md: what a member of the body must be to count.

Each function gives the field's value, or None where the member has another
type. Values compare as the specification compares them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from .json_text import Object, Value, well_formed

COUNT_MAX = 2**53

Read = Callable[[Value], Any]

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
    """A number without a fraction, from 0 to 2^53, however it is spelt."""
    number = value.content
    if not isinstance(number, Decimal) or not 0 <= number <= COUNT_MAX:
        return None
    return int(number) if number == int(number) else None


def time(value: Value) -> datetime | None:
    """A string `YYYY-MM-DDTHH:MM:SS[.fraction](Z|±hh:mm)`, in microseconds."""
    match = _TIME.fullmatch(value.content) if isinstance(value.content, str) else None
    if not match:
        return None
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    fraction, sign, hours, minutes = match.groups("0")[6:]
    if int(hours) > 23 or int(minutes) > 59:
        return None
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    micros = int(fraction.ljust(6, "0")[:6])
    try:
        local = datetime(year, month, day, hour, minute, second, micros, timezone.utc)
        return local + offset if sign == "-" else local - offset
    except (ValueError, OverflowError):
        return None


def texts(value: Value) -> list[str] | None:
    """An array of strings only; an empty one is a value."""
    if not isinstance(value.content, list) or value.is_object:
        return None
    read = [text(element) for element in value.content]
    return None if None in read else [entry for entry in read if entry is not None]


@dataclass(frozen=True)
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
