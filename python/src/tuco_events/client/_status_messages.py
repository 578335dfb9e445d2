"""google.rpc.Status, and what is in its details."""

from __future__ import annotations

from dataclasses import dataclass

from ._wire import (
    BYTES,
    INT32,
    STRING,
    Message,
    proto,
    submessage,
)


@dataclass(frozen=True)
class PackedAny(Message):
    type_url: str = proto(1, STRING)
    value: bytes = proto(2, BYTES)


@dataclass(frozen=True)
class RpcStatus(Message):
    code: int = proto(1, INT32)
    message: str = proto(2, STRING)
    details: tuple[PackedAny, ...] = proto(3, submessage(PackedAny), many=True)


@dataclass(frozen=True)
class MapEntry(Message):
    key: str = proto(1, STRING)
    value: str = proto(2, STRING)


@dataclass(frozen=True)
class ErrorInfo(Message):
    reason: str = proto(1, STRING)
    domain: str = proto(2, STRING)
    metadata: tuple[MapEntry, ...] = proto(3, submessage(MapEntry), many=True)


@dataclass(frozen=True)
class FieldViolation(Message):
    field: str = proto(1, STRING)
    description: str = proto(2, STRING)


@dataclass(frozen=True)
class BadRequest(Message):
    field_violations: tuple[FieldViolation, ...] = proto(
        1, submessage(FieldViolation), many=True
    )
