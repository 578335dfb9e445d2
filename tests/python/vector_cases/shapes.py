"""Shapes, test marks and names of events."""

from __future__ import annotations

from .build import flat, placed, reply

_BODIES = {
    "S1": {"data.messageId": "m_1", "data.message": "a"},
    "S2": {"message._id": "m_1", "message.message": "a"},
    "S3": {"messageId": "m_1", "message": "a", "data.reply.name": "Jane"},
    "S4": {"message.messageId": "m_1", "message.message": "a"},
    "S5": {"messageId": "m_1", "message": "a"},
    "S6": {"data.message_id": "m_1", "data.body": "a"},
}

_MARKS = {"testMode": True, "data.testMode": True, "data.test": True}
_MARKED = {
    f"{shape} with every test mark": placed({**members, **_MARKS})
    for shape, members in _BODIES.items()
} | {
    f"{shape} with the test mark {mark}": placed({**_BODIES[shape], mark: True})
    for shape, mark in [
        ("S2", "testMode"),
        ("S3", "data.testMode"),
        ("S1", "data.test"),
    ]
}

_SHAPES = {
    "S1 without an id": flat('"data":{"lineId":"l"}'),
    "S1 for all that its id is at the top": flat(
        '"messageId":"m_1","data":{"messageId":"m_1"}'
    ),
    "S5 when the id is at the top only": flat(
        '"messageId":"m_1","data":{"lineId":"l"}'
    ),
    "S5 by a message alone": flat('"message":"a"'),
    "S1 when the id at the top is none": flat('"messageId":7,"data":{"status":"sent"}'),
    "S2 whatever is in data": reply(
        '"message":{"_id":"m_1"},"data":{"message_id":"m_2","reply":{}}'
    ),
    "S4 when _id is no text": flat('"message":{"_id":7}'),
    "S4 for an empty message": reply('"message":{}'),
    "S6 whatever is at the top": flat(
        '"messageId":"m_1","originalMessageId":"o","data":{"message_id":"m_1"}'
    ),
    "S3 by an empty list of parents": reply('"message":"a","parentMessages":[]'),
    "S3 by an original message": reply('"message":"a","originalMessageId":"o"'),
    "no S3 by a list of texts": reply('"message":"a","parentMessages":["p"]'),
    "no shape": flat('"data":{"leadId":"l","message":7},"message":["a"]'),
    "TEST before any shape": flat('"message":{"message":"a"},"data":{"test":true}'),
    "no TEST with an id": flat('"message":{"_id":"m_1"},"data":{"test":true}'),
    "no TEST by testMode": flat('"testMode":true,"data":{"message":"a"}'),
    "test marks that are no literal true": flat(
        '"testMode":"true","data":{"testMode":1,"test":false}'
    ),
    "test marks that disagree": flat('"testMode":false,"data":{"test":true}'),
}

_EVENTS = {
    f"event {name}": flat('"messageId":"m_1","message":"STOP"', name)
    for name in [
        "message.replied",
        "message.delivered",
        "lead.created",
        "Message.Reply",
    ]
} | {
    "event empty": flat('"messageId":"m_1"', ""),
    "event absent": '{"timestamp":"2026-04-15T12:00:00Z","messageId":"m_1"}',
    "event null": '{"event":null,"messageId":"m_1"}',
}

_OPT_OUTS = {
    "an opt-out in full width": reply('"message":"\uff33\uff34\uff2f\uff30\uff01"'),
    "an opt-out of two words": reply('"message":"stop \\u00a0-\\t all"'),
    "an opt-out in quotes": reply('"message":"\u00ab\\nUnsubscribe.\\u2029\u00bb"'),
    "no opt-out beside an emoji": reply('"message":"STOP \U0001f6d1"'),
    "no opt-out of other letters": reply('"message":"\u017ftop"'),
    "no opt-out of an empty text": reply('"message":""'),
    "neither without a text": reply('"messageId":"m_1"'),
}

CASES: dict[str, bytes | str] = {**_SHAPES, **_MARKED, **_EVENTS, **_OPT_OUTS}
