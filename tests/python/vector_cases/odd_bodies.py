"""Bodies as no documentation describes them."""

from __future__ import annotations

import json

from .build import flat, reply

_ESCAPED = "".join(
    chr(point)
    for first, last in [
        (0x01, 0x1F),
        (0x22, 0x22),
        (0x26, 0x27),
        (0x3C, 0x3E),
        (0x5C, 0x5C),
        (0x7E, 0xA0),
        (0xAC, 0xAE),
        (0x5FF, 0x604),
        (0x6DC, 0x6DE),
        (0x70E, 0x710),
        (0x17B3, 0x17B6),
        (0x200A, 0x2010),
        (0x2027, 0x202F),
        (0x205F, 0x2065),
        (0x2069, 0x2070),
        (0xFEFE, 0xFF00),
        (0xFFF8, 0xFFFD),
        (0x1D172, 0x1D17B),
        (0xE0000, 0xE0002),
        (0xE001F, 0xE0080),
    ]
    for point in range(first, last + 1)
)
CASES: dict[str, bytes | str] = {
    "empty": "",
    "not JSON": "event=message.sent",
    "a JSON array": '["message.sent"]',
    "a byte order mark": "\ufeff{}",
    "an empty object": "{}",
    "duplicate keys": '{"event":"message.sent","data":{"messageId":"m_1"},'
    '"timestamp":"2026-04-15T12:00:00Z","data":{"messageId":"m_2"},'
    '"e\\u0076ent":"message.failed"}',
    "lone surrogates": reply(
        '"data":{"messageId":"m_\\udc00","message":"cut \\ud83c",'
        '"firstName":"\\ud83c\\udf89"}'
    ),
    "bytes that are not UTF-8": reply('"data":{"messageId":"m_1","message":"?"}')
    .encode()
    .replace(b"?", b"a\xffb\xe2\x82"),
    "characters that printers escape": reply(
        f'"data":{{"messageId":"m_1","message":{json.dumps(_ESCAPED)}}}'
    ),
    "deep": reply(f'"data":{{"messageId":"m_1","deep":{"[" * 70}{"]" * 70}}}'),
    "wrong types": '{"event":7,"timestamp":1776254400,"workspaceId":["w"],'
    '"data":{"messageId":"m_1","message":{"a":1.0},"status":false,'
    '"attachmentUrls":["u",1]}}',
    "an opt-out": reply('"data":{"messageId":"m_1","message":" Stop! "}'),
    "no opt-out": reply('"data":{"messageId":"m_1","message":"please stop"}'),
    "the greatest count": flat(
        '"messageId":"m_1","message":"a","stepIndex":9007199254740992'
    ),
    "a count with an exponent": flat('"messageId":"m_1","message":"a","stepIndex":2e0'),
    "microseconds and an offset": '{"event":"message.opened",'
    '"timestamp":"2026-04-15T14:00:00.1234567+02:00","messageId":"m_1",'
    '"message":"a","sentAt":"0001-01-01T00:00:00Z",'
    '"readAt":"9999-12-31T23:59:59.999999Z"}',
    "test mode": flat('"testMode":true,"data":{"messageId":"m_1"}'),
    "unknown members": '{ "event" : "message.sent", '
    '"timestamp":"2026-04-15T12:00:00Z", "messageId":"m_1","message":"a",'
    '"new" : { "caf\\u00e9" : 1.0 , "n":null}, "campaignId":null}',
    "a contradiction": flat(
        '"messageId":"m_1","data":{"messageId":"m_2"},"message":"a"'
    ),
    # Below: JSON.parse refuses it, or would give no object.
    "an array with odd things in it": '[{"a":1,"a":2},"\\ud83c"]',
    "cut off": flat('"messageId":"m_1"')[:-1],
    "a tab inside of a text": flat('"message":"a\tb"'),
    "a bad byte outside of texts": flat("").encode() + b"\xff",
    "blanks around it": " \t\r\n" + flat('"messageId":"m_1"') + " \t\r\n",
    # Below: it is an object all the same.
    "surrogates in UTF-8": flat('"message":"?"')
    .encode()
    .replace(b"?", b"\xed\xa0\xbc\xed\xbe\x89"),
    "overlong and too long UTF-8": flat('"message":"?"')
    .encode()
    .replace(b"?", b"\xc0\xaf \xf4\x90\x80\x80 \xf0\x9f\x8e"),
    "a bad byte in an unknown key": flat('"a?":1').encode().replace(b"?", b"\xff"),
    "a lone surrogate in an unknown text": flat('"new":["\\ud83c"]'),
    "two keys that differ in a lone surrogate": flat('"\\ud800":1,"\\ud801":2'),
    "as deep as is looked into": flat(f'"x":{"[" * 62}{{"a":1,"a":2}}{"]" * 62}'),
    "a level deeper": flat(f'"x":{"[" * 63}{{"a":1,"a":2}}{"]" * 63}'),
    "ill-formed text deep down": flat(f'"x":{"[" * 64}"\\ud83c"{"]" * 64}'),
    "not JSON deep down": flat(f'"x":{"[" * 64}nul{"]" * 64}'),
    "a duplicate that is shadowed": flat('"messageId":"m_1","messageId":7'),
    "a duplicate object": flat(
        '"data":{"messageId":"m_1","new":1},"data":{"message":"a"}'
    ),
}
