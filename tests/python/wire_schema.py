"""The messages of tuco.events.v1 as the schema's text declares them.

And values of them serialized: neither by protobuf nor by what is tested.
"""

from __future__ import annotations

import datetime
import re
import struct
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

import tuco_events

PROTO = Path(__file__).resolve().parents[2] / "proto" / "tuco" / "events" / "v1"
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


@dataclass(frozen=True)
class Field:
    """A field of a message."""

    name: str
    number: int
    type: str
    repeated: bool
    optional: bool


def read_messages(file: str = "event.proto") -> dict[str, list[Field]]:
    """Every message of a file by its name."""
    text = re.sub(r"//.*", "", (PROTO / file).read_text("utf-8"))
    return {
        name: [
            Field(
                field["name"],
                int(field["number"]),
                field["type"],
                field["label"] == "repeated",
                field["label"] == "optional",
            )
            for field in re.finditer(
                r"(?:(?P<label>repeated|optional)\s+)?(?P<type>[\w.]+)\s+"
                r"(?P<name>\w+)\s*=\s*(?P<number>\d+)\s*;",
                body,
            )
        ]
        for name, body in re.findall(r"^message (\w+) \{(.*?)^\}", text, re.M | re.S)
    }


MESSAGES = read_messages()
NUMBERS = {"bool", "int64", "uint64"}
ENUMS: dict[str, type[IntEnum]] = {
    name: getattr(tuco_events, name)
    for name in ("EventType", "Flag", "Shape", "VerifiedForm", "Origin")
}


def varint(value: int) -> bytes:
    """A number of any size, negative ones as their two's complement."""
    value &= (1 << 64) - 1
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def tag(number: int, wire_type: int) -> bytes:
    return varint(number << 3 | wire_type)


def number(field: int, value: int) -> bytes:
    return tag(field, VARINT) + varint(value)


def chunk(field: int, value: bytes) -> bytes:
    """Text, bytes or a message."""
    return tag(field, BYTES) + varint(len(value)) + value


def fixed64(field: int, value: float) -> bytes:
    return tag(field, FIXED64) + struct.pack("<d", value)


def timestamp(time: datetime.datetime) -> bytes:
    seconds, rest = divmod(time - EPOCH, datetime.timedelta(seconds=1))
    encoded = b""
    if seconds:
        encoded += number(1, seconds)
    if rest.microseconds:
        encoded += number(2, rest.microseconds * 1000)
    return encoded


def one(field: Field, value: Any) -> bytes:
    """A field with one value."""
    if field.type in NUMBERS or field.type in ENUMS:
        return number(field.number, int(value))
    if field.type == "string":
        return chunk(field.number, value.encode())
    if field.type == "bytes":
        return chunk(field.number, value)
    if field.type == "google.protobuf.Timestamp":
        return chunk(field.number, timestamp(value))
    return chunk(field.number, serialized(field.type, value))


def serialized(message: str, values: dict[str, Any]) -> bytes:
    """A message with these values, as protobuf serializes it."""
    encoded = b""
    for field in MESSAGES[message]:
        value = values.get(field.name)
        if field.repeated:
            if field.type in ENUMS and value:
                encoded += chunk(field.number, b"".join(varint(item) for item in value))
            else:
                encoded += b"".join(one(field, item) for item in value or [])
        elif field.type in MESSAGES:
            inner = serialized(field.type, value or {})
            encoded += chunk(field.number, inner) if inner else b""
        elif value is not None and (field.optional or value):
            encoded += one(field, value)
    return encoded


# What the log keeps in columns of its own.
NOT_IN_LOG = {
    "sequence", "epoch", "recorded_at", "suspected_duplicate_of", "body", "signature"
}  # fmt: skip


def event_bytes(event: tuco_events.Event, **values: Any) -> bytes:
    """The event as the log stores it, with some fields replaced."""
    kept = {k: v for k, v in event.to_dict().items() if k not in NOT_IN_LOG}
    return serialized("Event", kept | values)


def row_of(event: tuco_events.Event, **columns: Any) -> dict[str, Any]:
    """The row of a table that the event is, with some columns replaced."""
    return flat("Event", event.to_dict()) | columns


def flat(message: str, values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    row: dict[str, Any] = {}
    for field in MESSAGES[message]:
        value = values[field.name]
        name = prefix + field.name
        if field.type in ("Message", "Contact", "Campaign", "Crm"):
            row |= flat(field.type, value, field.name + "_")
        elif field.repeated and field.type in ENUMS:
            row[name] = [item.name for item in value]
        elif field.type in ENUMS:
            row[name] = value.name
        elif name in ("sequence", "epoch"):
            row[name] = value or None
        elif name not in ("body", "signature"):
            row[name] = value
    return row
