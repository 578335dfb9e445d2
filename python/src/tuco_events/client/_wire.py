"""Protobuf's wire format for the messages of tuco.events.v1, and no more of it.

A message is a frozen dataclass whose fields are declared with `proto`:

    @dataclass(frozen=True)
    class Gap(Message):
        from_sequence: int = proto(1, UINT)
        reason: GapReason = proto(3, enum(GapReason))

Why not protobuf itself? Its generated code refuses to load under a runtime that is
older or much newer than it, and registers its files in a pool that the whole
process shares: a package that brings some breaks beside another that pins
protobuf, and beside the code that a user generated of our own proto/. It would be
several megabytes for requests of a few bytes, without types that checkers see, and
slow where it matters: events are read in C++ (`_core`), straight into what users
get. So requests and small answers are written and read here, and
tests/e2e/test_python_schema.py holds every declaration against proto/.

What is read comes from a server that may be anything: whatever it sends, these
functions give a message or raise WireError.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta, timezone
from enum import IntEnum
from typing import Any, Callable, TypeVar

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_UINT64_END = 1 << 64
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)
# No message of ours has more in each other.
_DEPTH_MAX = 16

E = TypeVar("E", bound=IntEnum)
M = TypeVar("M", bound="Message")


class WireError(ValueError):
    """Bytes that are no message of the kind expected."""


class Message:
    """The base of all messages: a dataclass whose fields are of `proto`."""


@dataclass(frozen=True)
class Kind:
    """How values of a field are written and read.

    Attributes:
        name: As in the schema, for tests that compare the two.
        wire: The wire type.
        zero: What an absent field of this kind means, unless it is optional.
        write: From a value to the number, or to the bytes that its length precedes.
        read: The way back. Raises ValueError for what is none.
        of: The enum or the message that the values are of.
    """

    name: str
    wire: int
    zero: Any
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]
    of: Any = None


@dataclass(frozen=True)
class Declared:
    """A field as it is declared.

    Attributes:
        name: Of the dataclass's field, and of the schema's.
        number: The schema's.
        kind: Of each value.
        many: Whether it repeats.
        explicit: Whether absent (None) is different from the kind's zero.
    """

    name: str
    number: int
    kind: Kind
    many: bool
    explicit: bool


def proto(
    number: int, kind: Kind, *, many: bool = False, explicit: bool = False
) -> Any:
    """Declares a field; for checkers it is one with a default."""
    default = () if many else None if explicit else kind.zero
    declared = Declared("", number, kind, many, explicit)
    return field(default=default, metadata={"proto": declared})


# Made when a message is first written or read.
_SCHEMAS: dict[type[Message], dict[int, Declared]] = {}


def schema(of: type[Message]) -> dict[int, Declared]:
    """The fields of a message by their numbers, in ascending order."""
    found = _SCHEMAS.get(of)
    if found is None:
        declared = [
            replace(each.metadata["proto"], name=each.name)
            for each in fields(of)  # type: ignore[arg-type]
        ]
        declared.sort(key=lambda each: each.number)
        found = _SCHEMAS[of] = {each.number: each for each in declared}
    return found


def encode(message: Message) -> bytes:
    """A message's bytes; fields come in the order of their numbers.

    Raises:
        TypeError: A field's value has a wrong type.
        ValueError: A number does not fit, or a text is not well-formed.
    """
    out = bytearray()
    for each in schema(type(message)).values():
        value = getattr(message, each.name)
        for one in value if each.many else (value,):
            if each.explicit and one is None:
                continue
            if not (each.many or each.explicit) and one == each.kind.zero:
                continue
            _append_field(out, each, one)
    return bytes(out)


def _append_field(out: bytearray, declared: Declared, value: object) -> None:
    kind = declared.kind
    try:
        written = kind.write(value)
    except (AttributeError, TypeError, struct.error):
        found = type(value).__name__
        what = f"{declared.name}: expected {kind.name}, found {found}"
        raise TypeError(what) from None
    _append_varint(out, declared.number << 3 | kind.wire)
    if kind.wire == _VARINT:
        if not isinstance(written, int):
            found = type(value).__name__
            raise TypeError(f"{declared.name}: expected {kind.name}, found {found}")
        if not 0 <= written < _UINT64_END:
            raise ValueError(f"{declared.name}: {value} is out of range")
        _append_varint(out, written)
    else:
        if kind.wire == _BYTES:
            _append_varint(out, len(written))
        out += written


def _append_varint(out: bytearray, value: int) -> None:
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)


def decode(of: type[M], data: bytes, depth: int = 0) -> M:
    """Reads a message; what the schema does not have is passed over.

    Raises:
        WireError: The bytes are none.
    """
    if depth > _DEPTH_MAX:
        raise WireError("too many messages in each other")
    by_number = schema(of)
    values: dict[str, Any] = {}
    for number, wire, value in parts(data):
        declared = by_number.get(number)
        if declared is None:
            continue
        read = _read(declared, wire, value, depth)
        if declared.many:
            values.setdefault(declared.name, []).extend(read)
        elif read:
            values[declared.name] = read[-1]
    for declared in by_number.values():
        if declared.many and declared.name in values:
            values[declared.name] = tuple(values[declared.name])
    return of(**values)


def _read(declared: Declared, wire: int, value: Any, depth: int) -> list[Any]:
    kind = declared.kind
    try:
        if wire == kind.wire:
            if isinstance(kind.of, type) and issubclass(kind.of, Message):
                return [decode(kind.of, value, depth + 1)]
            return _known([kind.read(value)])
        if wire == _BYTES and kind.wire == _VARINT and declared.many:
            return _known([kind.read(one) for one in _packed(value)])
    except WireError:
        raise
    except (ValueError, OverflowError, struct.error):
        raise WireError(f"{declared.name} is no {kind.name}") from None
    raise WireError(f"{declared.name} has the wire type {wire}")


def _known(values: list[Any]) -> list[Any]:
    return [value for value in values if value is not None]


def _packed(data: bytes) -> Iterator[int]:
    at = 0
    while at < len(data):
        value, at = _varint(data, at)
        yield value


def parts(data: bytes) -> Iterator[tuple[int, int, Any]]:
    """The fields of any message: number, wire type, and number or bytes.

    Raises:
        WireError: The bytes are no message.
    """
    at, end = 0, len(data)
    while at < end:
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        if number == 0:
            raise WireError("a field without a number")
        value: Any
        if wire == _VARINT:
            value, at = _varint(data, at)
        else:
            if wire == _BYTES:
                size, at = _varint(data, at)
            elif wire in (_FIXED64, _FIXED32):
                size = 8 if wire == _FIXED64 else 4
            else:
                raise WireError(f"a field of the wire type {wire}")
            if size > end - at:
                raise WireError("a field that ends behind its message")
            value = data[at : at + size]
            at += size
        yield number, wire, value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data):
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value % _UINT64_END, at
        shift += 7
        if shift > 63:
            break
    raise WireError("a number that does not end")


def _write_uint(value: int) -> int:
    if isinstance(value, bool):
        raise TypeError
    return value.__index__()


def _read_bool(value: int) -> bool:
    return value != 0


def _signed(value: int) -> int:
    return value - _UINT64_END if value >= _UINT64_END >> 1 else value


def _read_int32(value: int) -> int:
    low = value & 0xFFFFFFFF
    return low - (1 << 32) if low >= 1 << 31 else low


def _write_seconds(whole: int, nanos: int) -> bytes:
    out = bytearray()
    if whole:
        out.append(0x08)
        _append_varint(out, whole % _UINT64_END)
    if nanos:
        out.append(0x10)
        _append_varint(out, nanos % _UINT64_END)
    return bytes(out)


def _read_seconds(data: bytes) -> tuple[int, int]:
    found = {1: 0, 2: 0}
    for number, wire, value in parts(data):
        if number in found:
            if wire != _VARINT:
                raise WireError("a time of another type")
            found[number] = _signed(value)
    return found[1], found[2]


def _write_time(value: datetime) -> bytes:
    microseconds = (value - _EPOCH) // _MICROSECOND
    whole, rest = divmod(microseconds, 1_000_000)
    return _write_seconds(whole, rest * 1000)


def _read_time(data: bytes) -> datetime:
    whole, nanos = _read_seconds(data)
    return _EPOCH + timedelta(seconds=whole, microseconds=nanos // 1000)


def _write_duration(value: timedelta) -> bytes:
    microseconds = value // _MICROSECOND
    sign = -1 if microseconds < 0 else 1
    whole, rest = divmod(abs(microseconds), 1_000_000)
    return _write_seconds(sign * whole, sign * rest * 1000)


def _read_duration(data: bytes) -> timedelta:
    whole, nanos = _read_seconds(data)
    return timedelta(seconds=whole, microseconds=nanos / 1000)


def _write_double(value: float) -> bytes:
    return struct.pack("<d", value)


def _read_double(data: bytes) -> float:
    [value] = struct.unpack("<d", data)
    return float(value)


def _write_bytes(value: Any) -> bytes:
    if isinstance(value, (str, int)):
        raise TypeError
    return bytes(value)


def enum(of: type[E]) -> Kind:
    """Values of an enum.

    One that this version does not know reads as the enum's 0, or as nothing where
    it has none, like Flag, which only ever repeats.
    """
    members = {member.value: member for member in of}
    zero = members.get(0)
    return Kind(
        of.__name__, _VARINT, zero, of, lambda value: members.get(value, zero), of
    )


def submessage(of: type[Message]) -> Kind:
    """Messages; absent is None unless the field is declared otherwise."""

    def write(value: Any) -> bytes:
        if not isinstance(value, of):
            raise TypeError
        return encode(value)

    return Kind(of.__name__, _BYTES, None, write, bytes, of)


UINT = Kind("uint", _VARINT, 0, _write_uint, int)
INT32 = Kind("int32", _VARINT, 0, lambda value: value % _UINT64_END, _read_int32)
BOOL = Kind("bool", _VARINT, False, lambda value: int(bool(value)), _read_bool)
DOUBLE = Kind("double", _FIXED64, 0.0, _write_double, _read_double)
STRING = Kind("string", _BYTES, "", str.encode, bytes.decode)
BYTES = Kind("bytes", _BYTES, b"", _write_bytes, bytes)
TIMESTAMP = Kind("Timestamp", _BYTES, None, _write_time, _read_time)
DURATION = Kind("Duration", _BYTES, None, _write_duration, _read_duration)
