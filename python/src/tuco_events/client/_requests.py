"""From what users pass in to requests. Pure functions.

They check what a type checker would, since a wrong filter must not become another
one; ranges are left to the server, which names the field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypedDict, TypeVar, Union

from .._core import Event, EventType, Flag
from .._where import Flags, Test, Texts, Types, _enums, _test, _texts
from ._messages import Anchor, EventFilter, TestFilter
from ._rpc_messages import StreamEventsRequest
from ._wire import encode

T = TypeVar("T")


@dataclass(frozen=True)
class Position:
    """A place in a log, to be kept and to go on from: `start=position`.

    Attributes:
        after_sequence: Behind the event with this sequence; 0 is the beginning.
        epoch: That of the event. A server whose log never had it says so, since it
            is another log, where the sequence means nothing.
    """

    after_sequence: int
    epoch: int | None = None

    @classmethod
    def after(cls, event: Event) -> Position:
        """Behind an event of a log."""
        return cls(event.sequence, event.epoch or None)


Start = Union[Literal["earliest", "latest"], int, datetime, Position]
Seconds = Union[float, timedelta]


class Filters(TypedDict, total=False):
    """Which events are wanted: those that match every field that is given.

    A list is matched by any of its entries; one entry may stand without a list.
    `types` and `type_names` count as one list together. Where explains them.
    """

    types: Types
    type_names: Texts
    workspaces: Texts
    lines: Texts
    campaigns: Texts
    endpoints: Texts
    message_id: str
    lead_id: str
    phone: str
    test: Test
    flags: Flags
    without_flags: Flags


_LISTS = ("type_names", "workspaces", "lines", "campaigns", "endpoints")
_TEXTS = ("message_id", "lead_id", "phone")


def to_filter(filters: Filters) -> EventFilter | None:
    """A filter; None when nothing is asked for. Values are as of Where.

    Raises:
        TypeError: A name that is no filter's, or a value of a wrong type.
        ValueError: A list is empty, or a value is none of those there are.
    """
    values: dict[str, Any] = {}
    given: Mapping[str, Any] = filters
    for name, value in given.items():
        if value is None:
            continue
        if name in _LISTS:
            values[name] = tuple(text.decode() for text in _texts(name, value))
        elif name in _TEXTS:
            values[name] = _one(name, value, str)
        elif name == "types":
            values[name] = tuple(_enums(name, value, EventType))
        elif name in ("flags", "without_flags"):
            values[name] = tuple(_enums(name, value, Flag))
        elif name == "test":
            values[name] = TestFilter(_test(value) + 1)
        else:
            raise TypeError(f"there is no filter {name!r}")
    return EventFilter(**values) if values else None


def _one(name: str, value: object, of: type[T]) -> T:
    if isinstance(value, of):
        return value
    raise TypeError(f"{name}: expected {of.__name__}, found {type(value).__name__}")


def to_position(start: Start) -> dict[str, Any]:
    """The fields of a request that say where to begin.

    Raises:
        TypeError: No place in a log.
        ValueError: A text that is none, a negative number, or a naive datetime.
    """
    if isinstance(start, Position):
        if start.epoch is None:
            return {"after_sequence": start.after_sequence}
        return {"after_sequence": start.after_sequence, "epoch": start.epoch}
    if isinstance(start, datetime):
        if start.tzinfo is None:
            raise ValueError("start: expected an aware datetime, found one without tz")
        return {"from_time": start}
    if isinstance(start, str):
        if start in ("earliest", "latest"):
            return {"anchor": Anchor[start.upper()]}
        raise ValueError(f"start: expected earliest or latest, found {start!r}")
    if isinstance(start, int) and not isinstance(start, bool):
        if start < 0:
            raise ValueError(f"start: expected a sequence, found {start}")
        return {"after_sequence": max(start - 1, 0)}
    raise TypeError(
        "start: expected 'earliest', 'latest', a sequence, a datetime or a Position, "
        f"found {type(start).__name__}"
    )


def to_anchored(start: Start) -> dict[str, Any]:
    """As `to_position`, for a request that cannot name an epoch."""
    fields = to_position(start)
    fields.pop("epoch", None)
    return fields


def to_duration(name: str, value: Seconds | None) -> timedelta | None:
    """A duration; numbers are seconds.

    Raises:
        TypeError: Neither a number nor a timedelta.
        ValueError: No timedelta is as long, or it is NaN.
    """
    if value is None or isinstance(value, timedelta):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            return timedelta(seconds=value)
        except (OverflowError, ValueError):
            raise ValueError(f"{name}: expected seconds, found {value}") from None
    raise TypeError(f"{name}: expected seconds, found {type(value).__name__}")


def stream_request(
    start: Start | None,
    subscription: str | None,
    filters: Filters,
    *,
    include_body: bool = False,
    stop_at_end: bool = False,
    max_batch_events: int | None = None,
    max_batch_bytes: int | None = None,
    max_batch_delay: Seconds | None = None,
) -> StreamEventsRequest:
    """What opens a stream; `start` and `subscription` exclude each other.

    Raises:
        TypeError: A wrong type, or both a start and a subscription, or a filter
            with a subscription, which brings its own.
        ValueError: As of `to_position`, `to_filter` and `to_duration`; or a number is
            out of range.
    """
    if subscription is None:
        where = to_position("latest" if start is None else start)
    elif start is not None or filters:
        raise TypeError("a subscription has a start and filters of its own")
    else:
        where = {"subscription": _one("subscription", subscription, str)}
    request = StreamEventsRequest(
        filter=to_filter(filters),
        include_body=include_body,
        stop_at_end=stop_at_end,
        max_batch_events=max_batch_events,
        max_batch_bytes=max_batch_bytes,
        max_batch_delay=to_duration("max_batch_delay", max_batch_delay),
        **where,
    )
    encode(request)  # Says what is wrong now, and not when the stream is opened.
    return request
