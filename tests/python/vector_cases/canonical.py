"""Bodies that were reformatted on their way: what was sent, and what arrived.

What was sent is what JSON.stringify gives; the pairs were written by hand from
ECMAScript's rules, and the library is held against V8 itself elsewhere
(tests/lib/canonical_v8_test.mjs).
"""

from __future__ import annotations

# Long enough to have every member, short enough to read.
_SENT = (
    '{"event":"message.reply","timestamp":"2026-04-15T12:00:00.000Z",'
    '"workspaceId":"org_1","data":{"messageId":"m_1","message":"caf\u00e9 \U0001f389",'
    '"count":%s}}'
)
_PRETTY = """{
  "event": "message.reply",
  "timestamp": "2026-04-15T12:00:00.000Z",
  "workspaceId": "org_1",
  "data": {
    "messageId": "m_1",
    "message": "caf\u00e9 \U0001f389",
    "count": 1
  }
}
"""


def _sent(value: str = "1") -> str:
    return _SENT % value


def _arrived(value: str) -> str:
    """The same with another spelling of the count."""
    return _SENT % value


# Genuine: the name, what was sent, what arrived.
REFORMATTED: list[tuple[str, str, str]] = [
    ("a blank behind it", _sent(), _sent() + " "),
    ("a line end behind it", _sent(), _sent() + "\r\n"),
    ("printed prettily", _sent(), _PRETTY),
    (
        "escaped for ASCII",
        _sent(),
        _sent().replace("\u00e9", "\\u00E9").replace("\U0001f389", "\\ud83c\\uDF89"),
    ),
    ("a slash that was escaped", _sent('"a/b"'), _arrived('"a\\/b"')),
    ("a number with a fraction", _sent(), _arrived("1.0")),
    ("a number with an exponent", _sent("100"), _arrived("1E+2")),
    ("a number without one", _sent("1e+21"), _arrived("1000000000000000000000")),
    ("zero with a sign", _sent("0"), _arrived("-0")),
    ("a small number", _sent("1e-7"), _arrived("0.0000001")),
    ("digits that no double needs", _sent("0.1"), _arrived("0.10000000000000000555")),
    (
        "members that JavaScript puts first",
        _sent('{"2":0,"10":0,"a":0}'),
        _arrived('{"a":0,"10":0,"2":0}'),
    ),
    ("a lone surrogate", _sent('"\\ud83c"'), _arrived('"\\uD83C"')),
    ("a control character", _sent('"\\u001f\\n"'), _arrived('"\\u001F\\u000A"')),
    ("an array alone", "[1]", "[ 1 ]"),
]

# Not genuine, although JSON.stringify(JSON.parse(arrived)) is what was sent.
REFUSED: list[tuple[str, str, str]] = [
    ("a key twice, the first one forged", _sent(), _arrived('9,"count":1')),
    ("a key twice, spelt otherwise", _sent(), _arrived('9,"c\\u006funt":1')),
    ("a key twice with one value", _sent(), _arrived('1,"count":1')),
    ("a number that becomes null", _sent("null"), _arrived("1e400")),
    ("a number that becomes zero", _sent("0"), _arrived("1e-400")),
    (
        "an integer that loses digits",
        _sent("9007199254740992"),
        _arrived("9007199254740993"),
    ),
    ("a byte order mark", _sent(), "\ufeff" + _sent()),
    ("bytes behind it", _sent(), _sent() + "x"),
    ("a second value", _sent(), _sent() + "{}"),
    ("another order of members", '{"a":1,"b":2}', '{"b":2,"a":1}'),
    ("too deep", "[" * 65 + "]" * 65, " " + "[" * 65 + "]" * 65),
]
