"""From a body to its event, in proto3 JSON."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from .extra import Extra
from .fields import fields_of
from .json_text import NotAnObjectError, Noticed, read_object
from .members import read_at, read_field
from .opt_out import is_opt_out
from .shape import shape_of
from .values import text

Json = dict[str, Any]

_REPLY = "EVENT_TYPE_MESSAGE_REPLY"
_TYPES = {
    "message.sent": "EVENT_TYPE_MESSAGE_SENT",
    "message.failed": "EVENT_TYPE_MESSAGE_FAILED",
    "message.fallback": "EVENT_TYPE_MESSAGE_FALLBACK",
    "message.reply": _REPLY,
    "message.replied": _REPLY,
    "message.opened": "EVENT_TYPE_MESSAGE_OPENED",
    "message.delivered": "EVENT_TYPE_MESSAGE_DELIVERED",
}


def event_of(body: bytes, endpoint: str = "tuco", **verified: str) -> Json:
    """What the body says, members in the proto's order.

    Args:
        body: the signed bytes.
        endpoint: whose delivery it is; part of the event's id.
        **verified: `form` (RAW or CANONICAL) and `secret_name`, of a body that
            was verified.
    """
    try:
        value, noticed = read_object(body)
    except NotAnObjectError:
        return _event_without_meaning(body, endpoint, verified)
    type_name = read_at(value, text, "event") or ""
    type_ = _TYPES.get(type_name)
    shape = shape_of(value)
    fields = fields_of(snake_case=shape == "S6", reply=type_ == _REPLY)
    given = {field.name: read_field(value, field) for field in fields}
    id_ = event_id(body, endpoint)
    event = {
        "eventId": id_,
        "idempotencyKey": _idempotency_key(given["message.id"], type_name, id_),
        "type": type_,
        "typeName": type_name or None,
        "endpoint": endpoint,
        "workspaceId": given["workspace_id"],
        "occurredAt": given["occurred_at"],
        "flags": _flags(given, noticed),
        "shape": None if shape == "UNSPECIFIED" else f"SHAPE_{shape}",
        **_verification(verified),
        "optOut": _opt_out(type_, given["message.text"]),
        **{part: _part(part, given) for part in _PARTS},
        "extraJson": Extra(fields, given).of(value),
    }
    return _printed_members(event)


_PARTS = ["message", "contact", "campaign", "crm"]


def event_id(body: bytes, endpoint: str) -> str:
    """The contract, section 2: half a SHA-256 over endpoint, zero byte, body."""
    digest = hashlib.sha256(endpoint.encode() + b"\0" + body).digest()
    return "evt_" + digest[:16].hex()


def _event_without_meaning(
    body: bytes, endpoint: str, verified: dict[str, str]
) -> Json:
    """Docs/events.md, "What is not JSON"."""
    id_ = event_id(body, endpoint)
    return _printed_members(
        {
            "eventId": id_,
            "idempotencyKey": id_,
            "endpoint": endpoint,
            "flags": ["FLAG_NO_TIMESTAMP", "FLAG_PARSE_ERROR"],
            **_verification(verified),
        }
    )


def _verification(verified: dict[str, str]) -> Json:
    """Which bytes were verified, and by which secret."""
    if not verified:
        return {}
    return {
        "verifiedForm": f"VERIFIED_FORM_{verified['form']}",
        "secretName": verified["secret_name"],
    }


def _idempotency_key(message_id: str | None, type_name: str, id_: str) -> str:
    """Tuco's own key, or the event's id without a message id."""
    return id_ if message_id is None else f"{message_id}/{type_name}"


def _opt_out(type_: str | None, message_text: str | None) -> bool | None:
    """There for replies that have a text."""
    if type_ != _REPLY or message_text is None:
        return None
    return is_opt_out(message_text)


def _flags(given: Json, noticed: Noticed) -> list[str]:
    """In ascending order of their numbers."""
    flags = {
        "FLAG_TEST": given["test"],
        "FLAG_NO_TIMESTAMP": given["occurred_at"] is None,
        "FLAG_DUPLICATE_KEYS": noticed.duplicate_keys,
        "FLAG_TOO_DEEP": noticed.too_deep,
        "FLAG_ILL_FORMED_TEXT": noticed.ill_formed_text,
    }
    return [flag for flag, is_set in flags.items() if is_set]


def _part(part: str, given: Json) -> Json | None:
    """The fields of a nested message; None where it would be empty."""
    return (
        _printed_members(
            {
                name[len(part) + 1 :]: value
                for name, value in given.items()
                if name.startswith(part + ".")
            }
        )
        or None
    )


def _printed_members(members: Json) -> Json:
    """The members that protobuf prints: absent and empty lists are left out."""
    return {
        _camel_case(name): _printed(value)
        for name, value in members.items()
        if value is not None and value != []
    }


def _printed(value: Any) -> Any:
    """The value as proto3 JSON spells it."""
    if isinstance(value, list):
        return [_printed(entry) for entry in value]
    if isinstance(value, dict):
        return _printed_members(value)
    if isinstance(value, datetime):
        return _printed_time(value)
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_integer else value


def _printed_time(time: datetime) -> str:
    """UTC with 0, 3 or 6 digits behind the second."""
    text = time.replace(tzinfo=None, microsecond=0).isoformat()
    if time.microsecond == 0:
        return text + "Z"
    digits = f"{time.microsecond:06}"
    return f"{text}.{digits[:3] if digits.endswith('000') else digits}Z"


def _camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
