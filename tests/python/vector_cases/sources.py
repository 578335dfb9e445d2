"""Every member that may give a field its value, winning and losing.

A vector has one member of a field and all those behind it: the first of them
wins, the others go to extra_json. Values say where they stand.
"""

from __future__ import annotations

from typing import Any

from reference import values
from reference.fields import Field, fields_of

from .build import flat, placed

# What the contract's section 2 spells out.
_BY_NAME = {
    "contact.phone": "phone",
    "message.text": "text",
    "message.id": "message id",
    "message.line_id": "line",
    "contact.lead_id": "lead id",
}
_NAMES = ["contact.first_name", "contact.last_name"]
_OF_THE_WHOLE_BODY = ["test", "type_name", "occurred_at"]

_FIELDS = {field.name: field for field in fields_of(snake_case=False, reply=False)}


def cases() -> dict[str, bytes | str]:
    """Each by a name that says who wins."""
    found: dict[str, bytes | str] = {}
    for name, word in _BY_NAME.items():
        for rank, path in enumerate(_FIELDS[name].sources):
            found[f"{word} from {'.'.join(path)}"] = placed(
                _members(_FIELDS[name], rank)
            )
    for rank, place in enumerate(["lead", "the top level", "data"]):
        found[f"names from {place}"] = placed(_together(_NAMES, rank))
    others = [
        name
        for name in _FIELDS
        if name not in [*_BY_NAME, *_NAMES, *_OF_THE_WHOLE_BODY]
    ]
    for rank in range(max(len(_FIELDS[name].sources) for name in others)):
        found[f"every other field from its member {rank + 1}"] = placed(
            _together(others, rank)
        )
    return found | _SIDES | _FIRST_ONES_THAT_DO_NOT_COUNT


_SIDES = {
    f"{name} in S6": flat(
        '"data":{"message_id":"m_1","from":"data.from","to":"data.to",'
        '"recipientPhone":"data.recipientPhone"},"fromLinePhone":"fromLinePhone"',
        event,
    )
    for name, event in {
        "phone from data.from of message.reply": "message.reply",
        "phone from data.from of message.replied": "message.replied",
        "phone from data.to of message.sent": "message.sent",
        "phone from data.to of an unknown event": "lead.replied",
    }.items()
} | {
    "from and to of another type in S6": flat(
        '"data":{"message_id":"m_1","from":1,"to":["t"],"recipientPhone":"p"},'
        '"fromLinePhone":"l"',
        "message.replied",
    ),
    "from and to that are null in S6": flat(
        '"data":{"message_id":"m_1","from":null,"to":null,"recipientPhone":"p"}'
    ),
    "from and to in another shape": flat(
        '"data":{"messageId":"m_1","from":"f","to":"t"}'
    ),
    "from and to that are null in another shape": flat(
        '"data":{"messageId":"m_1","from":null,"to":null}'
    ),
    "from and to beside a message object": flat(
        '"message":{"text":"a"},"data":{"message_id":"m_1","from":"f","to":"t"}'
    ),
}

_FIRST_ONES_THAT_DO_NOT_COUNT: dict[str, bytes | str] = {
    "a first member of another type": placed(
        {
            "messageId": 7,
            "data.messageId": "m_1",
            "data.recipientPhone": ["+1"],
            "recipientPhone": "+2",
            "lead.firstName": {"a": "b"},
            "firstName": "Jane",
            "message.sentAt": 1776254400,
            "sentAt": "2026-04-15T11:00:00Z",
            "message.stepIndex": "1",
            "stepIndex": 2,
            "data.checkedAddresses": "+1",
            "message.checkedAddresses": ["+1", 1],
            "checkedAddresses": ["+2"],
            "message.sendFallbackSmsOnFailed": "true",
            "sendFallbackSmsOnFailed": False,
            "parentMessages": ["p"],
            "message.parentMessages": {"messageId": "p"},
            "data.parentMessages": [{"messageId": "p"}],
        }
    ),
    "a first member that is null": placed(
        {
            "messageId": None,
            "data.messageId": "m_1",
            "data.recipientPhone": None,
            "recipientPhone": "+2",
            "lead.firstName": None,
            "firstName": "Jane",
            "message.sentAt": None,
            "sentAt": "2026-04-15T11:00:00Z",
            "message.stepIndex": None,
            "stepIndex": 2,
            "data.checkedAddresses": None,
            "checkedAddresses": ["+2"],
            "message.sendFallbackSmsOnFailed": None,
            "sendFallbackSmsOnFailed": True,
            "parentMessages": None,
            "data.parentMessages": [{"messageId": "p"}],
        }
    ),
    "a first member that is empty": placed(
        {
            "messageId": "",
            "data.messageId": "m_1",
            "message": "",
            "data.message": "a",
            "data.checkedAddresses": [],
            "checkedAddresses": ["+2"],
            "parentMessages": [],
            "data.parentMessages": [{"messageId": "p"}],
        }
    ),
    "every known member null": placed(
        {
            ".".join(path): None
            for field in _FIELDS.values()
            for path in field.sources
            if path not in [("message",), ("timestamp",)]
        }
    ),
    "every known object null": flat(
        '"data":null,"message":null,"lead":null,"originalMessage":null'
    ),
}


def _members(field: Field, rank: int) -> dict[str, Any]:
    """The member of a rank and those behind it, each with a value of its own."""
    paths = [".".join(path) for path in field.sources]
    # A text `message` cannot be an object as well.
    left = [
        path
        for path in paths[rank:]
        if not (paths[rank] == "message" and path.startswith("message."))
    ]
    return {path: _value(field, path, paths.index(path)) for path in left}


def _together(names: list[str], rank: int) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name in names:
        members |= _members(_FIELDS[name], rank)
    return members


def _value(field: Field, path: str, rank: int) -> Any:
    if field.read is values.time:
        return f"2026-04-15T11:{rank:02}:00Z"
    if field.read is values.count:
        return rank
    if field.read is values.boolean:
        return rank % 2 == 0
    if field.read is values.texts:
        return [path]
    return path if field.read is values.text else [{"messageId": path}]
