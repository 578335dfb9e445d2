"""Which events of a log are wanted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta, timezone
from typing import Any, Literal, TypeVar, Union

from ._core import EventType, Flag
from ._types import LogOptions

Texts = Union[str, Iterable[str], None]
Types = Union[EventType, str, Iterable[Union[EventType, str]], None]
Flags = Union[Flag, str, Iterable[Union[Flag, str]], None]
Test = Literal["include", "exclude", "only"]
Enum = TypeVar("Enum", EventType, Flag)

_TESTS = ("include", "exclude", "only")
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)
_INT64_MIN, _INT64_MAX = -(1 << 63), (1 << 63) - 1
# The other name that Tuco has for a type.
_ALIASES = {"MESSAGE_REPLIED": "MESSAGE_REPLY"}


@dataclass(frozen=True)
class Where:
    """Which events of a log are wanted: those that match every field that is set.

    A field that may have several values matches when one of them does; a single
    one needs no list. The names are those of `tuco.events.v1.EventFilter` and
    `StreamEventsRequest`.

    Attributes:
        types: Types of event, or their names such as "MESSAGE_REPLY" or
            "message.reply".
        type_names: Names exactly as Tuco sends them, for types that this version
            does not know. Together with `types` one list.
        workspaces: Workspace ids.
        lines: Line ids.
        campaigns: Campaign ids.
        message_id: Message ids.
        lead_id: Lead ids.
        phone: Contacts' phone numbers, as they stand in the events.
        test: Whether test deliveries are wanted: "include", "exclude" or "only".
        flags: Flags, or their names, that must all be set.
        endpoints: Names of endpoints.
        without_flags: Flags of which none may be set.
        after_sequence: What comes behind this sequence.
        through_sequence: What comes up to this sequence, which is included.
        from_time: What was recorded at this time or later; like all times an
            aware datetime.
        to_time: What was recorded before this time.
        occurred_from: What occurred, by its signed timestamp, at this time or
            later; what has none is left out.
        occurred_to: What occurred before this time, likewise.
    """

    types: Types = None
    type_names: Texts = None
    workspaces: Texts = None
    lines: Texts = None
    campaigns: Texts = None
    message_id: Texts = None
    lead_id: Texts = field(default=None, repr=False)
    phone: Texts = field(default=None, repr=False)
    test: Test = "include"
    flags: Flags = None
    endpoints: Texts = None
    without_flags: Flags = None
    after_sequence: int = 0
    through_sequence: int | None = None
    from_time: datetime | None = None
    to_time: datetime | None = None
    occurred_from: datetime | None = None
    occurred_to: datetime | None = None


def where_of(where: Where | Mapping[str, Any] | None) -> Where:
    """What a caller passed as `where`.

    Raises:
        TypeError: It is neither a Where nor a mapping.
        ValueError: The mapping has a key that is no field.
    """
    if where is None:
        return Where()
    if isinstance(where, Where):
        return where
    if not isinstance(where, Mapping):
        raise TypeError(f"expected a Where or a dict, found {type(where).__name__}")
    names = [known.name for known in fields(Where)]
    for name in where:
        if name not in names:
            raise ValueError(f"there is no {name!r} to ask for; {', '.join(names)} are")
    return Where(**where)


def options_of(
    where: Where, *, columns: list[str], stop_at_damage: bool, rows: int
) -> LogOptions:
    """The same for _core, checked.

    Raises:
        TypeError: A field has a wrong type.
        ValueError: A field has a value that makes no sense.
    """
    return LogOptions(
        types=_enums("types", where.types, EventType),
        type_names=_texts("type_names", where.type_names),
        workspaces=_texts("workspaces", where.workspaces),
        lines=_texts("lines", where.lines),
        campaigns=_texts("campaigns", where.campaigns),
        endpoints=_texts("endpoints", where.endpoints),
        message_id=_texts("message_id", where.message_id),
        lead_id=_texts("lead_id", where.lead_id),
        phone=_texts("phone", where.phone),
        flags=_enums("flags", where.flags, Flag),
        without_flags=_enums("without_flags", where.without_flags, Flag),
        test=_test(where.test),
        recorded_at=_times("from_time", where.from_time, "to_time", where.to_time),
        occurred_at=_times(
            "occurred_from", where.occurred_from, "occurred_to", where.occurred_to
        ),
        after_sequence=_sequence("after_sequence", where.after_sequence),
        through_sequence=_INT64_MAX
        if where.through_sequence is None
        else _sequence("through_sequence", where.through_sequence),
        columns=columns,
        stop_at_damage=stop_at_damage,
        rows=rows,
    )


# No message has a value in it: these may be phone numbers.


def _items(name: str, value: Any, single: tuple[type, ...]) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, single):
        return [value]
    if not isinstance(value, Iterable) or isinstance(value, (bytes, bytearray)):
        kinds = " or ".join(kind.__name__ for kind in single)
        found = type(value).__name__
        raise TypeError(f"{name}: expected {kinds} or several, found {found}")
    items = list(value)
    if not items:
        # To the server an empty list is none; to most callers it is a mistake.
        raise ValueError(f"{name}: the list is empty; None stands for any")
    return items


def _texts(name: str, value: Texts) -> list[bytes]:
    encoded = []
    for item in _items(name, value, (str,)):
        if not isinstance(item, str):
            raise TypeError(f"{name}: expected str, found {type(item).__name__}")
        try:
            encoded.append(item.encode())
        except UnicodeEncodeError:
            raise ValueError(f"{name}: a text has a lone surrogate") from None
    return encoded


def _enums(name: str, value: Types | Flags, enum: type[Enum]) -> list[Enum]:
    return [_enum(name, item, enum) for item in _items(name, value, (enum, str))]


def _enum(name: str, item: Any, enum: type[Enum]) -> Enum:
    if isinstance(item, enum):
        return item
    if not isinstance(item, str):
        found = type(item).__name__
        raise TypeError(f"{name}: expected {enum.__name__} or str, found {found}")
    spelt = item.upper().replace(".", "_")
    try:
        return enum[_ALIASES.get(spelt, spelt)]
    except KeyError:
        known = ", ".join(value.name for value in enum)
        raise ValueError(f"{name}: there is no {item!r}; {known} are") from None


def _test(value: str) -> int:
    if value in _TESTS:
        return _TESTS.index(value)
    raise ValueError(f"test: expected include, exclude or only, found {value!r}")


def _times(
    from_name: str, begin: datetime | None, to_name: str, end: datetime | None
) -> tuple[int, int]:
    return (
        _INT64_MIN if begin is None else _time(from_name, begin),
        _INT64_MAX if end is None else _time(to_name, end),
    )


def _time(name: str, time: datetime) -> int:
    if not isinstance(time, datetime):
        raise TypeError(f"{name}: expected a datetime, found {type(time).__name__}")
    if time.tzinfo is None:
        raise ValueError(f"{name}: the datetime has no time zone")
    return (time - _EPOCH) // _MICROSECOND


def _sequence(name: str, value: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name}: expected an int, found {type(value).__name__}")
    if not 0 <= value < _INT64_MAX:
        raise ValueError(f"{name}: expected 0 to 2^63 - 2, found {value}")
    return value
