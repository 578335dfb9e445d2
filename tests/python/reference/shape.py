"""The shape of a body: docs/events.md, "Shapes"."""

from __future__ import annotations

from .fields import MESSAGE_ID
from .json_text import Value
from .members import member_at, read_at, read_field
from .values import PARENTS, literal_true, text

_NESTED = [
    "message", "body", "recipientPhone", "status", "lineId", "line_id",
    "firstName", "lastName",
]  # fmt: skip


def shape_of(body: Value) -> str:
    """The first rule that holds decides, whatever the event's name."""
    rules = {
        "TEST": _is_health_check,
        "S2": lambda body: read_at(body, text, "message", "_id") is not None,
        "S4": lambda body: _is_object(body, "message"),
        "S6": lambda body: read_at(body, text, "data", "message_id") is not None,
        "S3": _is_flat_reply,
        "S1": _is_nested,
        "S5": _is_flat,
    }
    return next((shape for shape, rule in rules.items() if rule(body)), "UNSPECIFIED")


def _is_object(body: Value, *path: str) -> bool:
    value = member_at(body, path)
    return value is not None and value.is_object


def _is_health_check(body: Value) -> bool:
    marked = read_at(body, literal_true, "data", "test") is not None
    return marked and read_field(body, MESSAGE_ID) is None


def _is_flat_reply(body: Value) -> bool:
    return (
        _is_object(body, "data", "reply")
        or read_at(body, PARENTS, "parentMessages") is not None
        or read_at(body, text, "originalMessageId") is not None
    )


def _is_nested(body: Value) -> bool:
    if read_at(body, text, "data", "messageId") is not None:
        return True
    if read_at(body, text, "messageId") is not None:
        return False
    return any(read_at(body, text, "data", key) is not None for key in _NESTED)


def _is_flat(body: Value) -> bool:
    return any(read_at(body, text, key) is not None for key in ["messageId", "message"])
