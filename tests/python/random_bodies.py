"""Bodies at random, in and around the shapes that Tuco sends.

Members come from the table of known ones and from beside it; values are few, so
that members often agree; everything is spelt in more than one way. Some bodies
are damaged afterwards.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable

from reference import values
from reference.fields import OBJECTS, Field, Path, fields_of

_TEXTS = [
    '""', '"a"', '"\\u0061"', '"b"', '"m_1"', '"\u00e9"', '"\\u00E9"',
    '"\\ud83c\\udf89"', '"\U0001f389"', '"true"', '"1"', '"\\u0000"', '"\U000e0001"',
    '"\\/\\"\\\\\\b\\f\\n\\r\\t"', '"\u2028\u007f<"',
]  # fmt: skip
_ODD_TEXTS = ['"\\ud83c"', '"\\udf89 \\ud83c"', '"\ufffd"', '"\\ud83c\\ud83c\\udf89"']
_WORDS = [
    "stop", "STOP", "Stop all", "stopall", "Unsubscribe", "cancel", "END", "quit",
    "opt out", "OptOut", "revoke", "opt-out", "stop  all", "stop it",
    "\uff33\uff34\uff2f\uff30", "\uff53top", "\u017ftop", "end\u0301", "e\u0301nd",
]  # fmt: skip
_AROUND = [
    "", "", "", " ", "!", "...", "\\n", "\\t", "\u00a0", "\u3000", "\u2026", "'", '\\"',
    "\uff01", "\u3002", "\u2014", "*", "+", "$", "\u00a1", "\u200b", "\ufe0f",
    "\U0001f6d1", "\\u0000", "\u2028", "\ufeff", "\u00ab", "\u0085", "-", "1", "\u00b4",
]  # fmt: skip
_TIMES = [
    "2026-04-15T12:00:00Z", "2026-04-15T12:00:00.000Z", "2026-04-15T14:00:00+02:00",
    "2026-04-15T12:00:00.5Z", "2026-04-15T12:00:00.123456789Z",
    "2026-04-15T12:00:00.1234569Z", "2024-02-29T00:00:00-00:00", "2025-02-29T00:00:00Z",
    "2026-04-15T12:00:60Z", "2026-04-15T24:00:00Z", "2026-04-15t12:00:00z",
    "2026-04-15 12:00:00Z", "2026-04-15T12:00:00", "2026-04-15T12:00Z", "2026-04-15",
    "2026-04-15T12:00:00.Z", "2026-04-15T12:00:00+0200", "2026-04-15T12:00:00+24:00",
    "2026-04-15T12:00:00+23:59", "2026-04-15T12:00:00-23:60", "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+00:01", "0000-12-31T23:59:00-00:01",
    "9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:00-00:01",
    "2026-13-01T00:00:00Z", "2026-00-10T00:00:00Z",
    "2026-04-31T00:00:00Z", "+002026-04-15T12:00:00Z", " 2026-04-15T12:00:00Z",
    "2026-04-15T12:00:00Z\\n", "\uff12026-04-15T12:00:00Z", "1900-02-29T00:00:00Z",
    "2000-02-29T23:59:59.999Z", "1969-12-31T23:59:59.999999Z",
]  # fmt: skip
_NUMBERS = [
    "0", "-0", "1", "1.0", "1e0", "10e-1", "0.1e1", "2", "-1", "1.5", "1e-1", "1e3",
    "1E+3", "9007199254740992", "9007199254740993", "9007199254740992.0",
    "9.007199254740992e15", "9007199254740991", "18446744073709551616", "1e400",
    "1e-400", "0e999", "-0.0", "1.00000000000000000001", "0.99999999999999999999",
    "100000000000000000000e-20", "1e99999999999999999999", "0e-99999999999999999999",
]  # fmt: skip
_EVENTS = [
    "message.sent", "message.failed", "message.fallback", "message.reply",
    "message.replied", "message.opened", "message.delivered", "message.reply",
    "message.reply", "lead.created", "MESSAGE.REPLY", "",
]  # fmt: skip
_NOT_JSON = ["nul", "tru", "01", "1.", ".5", "+1", "NaN", "Infinity", "-", "'a'",
             '"\\x"', '"\t"', '"\\ud8"', "[1,]", "{,}", '{"a"}', "[", '"', "",
             '{"a":1,}', "undefined", "\u00a01", "1 2", "/**/1"]  # fmt: skip
_BLANKS = ["", "", "", "", "", "", " ", "\n", "\t \r"]


class Bodies:
    """Makes one body from a seed."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)
        snake_case, reply = self._one_in(3), self._one_in(2)
        self._fields = fields_of(snake_case, reply)
        self._sources: dict[Path, Field] = {
            path: field for field in self._fields for path in field.sources
        }
        self._left_out = [("message",), ("message",), ("data", "reply"), ("none",)]

    def body(self) -> bytes:
        """The body; the same one at every call of a new object."""
        body = self._object((), self._paths()).encode()
        if self._one_in(40):
            body = b"[" + body + b"]"
        if self._one_in(12):
            body = self._damaged(body)
        return body

    def _one_in(self, count: int) -> bool:
        return self._random.randrange(count) == 0

    def _paths(self) -> set[Path]:
        """The members to write: of some fields some sources, and others."""
        paths: set[Path] = {("event",), ("timestamp",)}
        for field in self._random.sample(self._fields, self._random.randrange(1, 14)):
            count = self._random.randrange(1, len(field.sources) + 1)
            paths.update(self._random.sample(field.sources, count))
        for field in self._fields:
            if field.name in ("message.id", "message.text") and not self._one_in(3):
                paths.add(self._random.choice(field.sources))
        for _ in range(self._random.randrange(4)):
            around: Path = self._random.choice([(), *sorted(OBJECTS)])
            paths.add(
                (*around, self._random.choice(["new", "from", "to", "", "1", "x"]))
            )
        if self._one_in(4):
            paths.add(("data", "reply", "messageId"))
        left_out: set[Path] = set(self._random.sample(self._left_out, 2))
        return {
            path
            for path in paths
            if not any(path[: len(around)] == around for around in left_out)
            and not self._one_in(10)
        }

    def _object(self, around: Path, paths: set[Path]) -> str:
        """An object with the members that lie below it."""
        keys = sorted({path[len(around)] for path in paths if len(path) > len(around)})
        self._random.shuffle(keys)
        if keys and self._one_in(40):
            keys.insert(self._random.randrange(len(keys)), self._random.choice(keys))
        members = [
            f"{self._key(key)}:{self._member((*around, key), paths)}" for key in keys
        ]
        return self._blank() + "{" + ",".join(members) + self._blank() + "}"

    def _member(self, path: Path, paths: set[Path]) -> str:
        below = {other for other in paths if other[: len(path)] == path != other}
        if below and not (path in paths and self._one_in(3)) and not self._one_in(20):
            return self._object(path, below) + self._blank()
        return self._blank() + self._value(path) + self._blank()

    def _value(self, path: Path) -> str:
        """A value, most often of the member's type."""
        field = self._sources.get(path)
        if path == ("event",) and not self._one_in(20):
            return json.dumps(self._random.choice(_EVENTS))
        if field and not self._one_in(6):
            return self._of_type(field)
        return self._any(3)

    def _of_type(self, field: Field) -> str:
        if field.name == "message.text" and self._one_in(2):
            return self._word()
        makers: dict[object, Callable[[], str]] = {
            values.text: self._text,
            values.time: self._time,
            values.count: lambda: self._random.choice(_NUMBERS),
            values.texts: lambda: self._array(self._text),
            values.boolean: self._literal,
            values.literal_true: self._literal,
            values.PARENTS: lambda: self._array(self._element),
            values.RECENT_REPLIES: lambda: self._array(self._element),
        }
        return makers[field.read]()

    def _word(self) -> str:
        before, behind = self._random.choice(_AROUND), self._random.choice(_AROUND)
        return f'"{before}{self._random.choice(_WORDS)}{behind}"'

    def _text(self) -> str:
        return self._random.choice(_ODD_TEXTS if self._one_in(25) else _TEXTS)

    def _time(self) -> str:
        times = _TIMES if self._one_in(3) else _TIMES[:6]
        return f'"{self._random.choice(times)}"'

    def _literal(self) -> str:
        return self._random.choice(["true", "true", "false", "null"])

    def _array(self, element: Callable[[], str]) -> str:
        elements = [element() for _ in range(self._random.randrange(3))]
        if self._one_in(15):
            elements.append(self._any(2))
        return "[" + self._blank() + ",".join(elements) + "]"

    def _element(self) -> str:
        """An element of parents or recent replies."""
        makers: dict[str, Callable[[], str]] = {
            "messageId": self._text,
            "message": self._text,
            "sentAtUtc": self._time,
            "receivedAtUtc": self._time,
            "batchId": self._text,
            "stepIndex": lambda: self._random.choice(_NUMBERS),
        }
        keys = self._random.sample(sorted(makers), self._random.randrange(4))
        if self._one_in(10):
            keys.append(self._random.choice(["new", "messageId"]))
        members = [
            f"{self._key(key)}:"
            + (self._any(1) if self._one_in(12) or key == "new" else makers[key]())
            for key in keys
        ]
        return "{" + ",".join(members) + self._blank() + "}"

    def _any(self, levels: int) -> str:
        """Any value at all."""
        kind = self._random.randrange(9 if levels else 6)
        if kind < 2:
            return self._random.choice(["null", "true", "false"])
        if kind < 4:
            return self._text()
        if kind < 6:
            return self._random.choice(_NUMBERS)
        inner = [self._any(levels - 1) for _ in range(self._random.randrange(3))]
        if kind == 6:
            return "[" + (self._blank() + ",").join(inner) + "]"
        if kind == 7:
            keys = [
                self._key(self._random.choice(["a", "b", "messageId"])) for _ in inner
            ]
            pairs = map(":".join, zip(keys, inner))
            return "{" + self._blank() + ",".join(pairs) + "}"
        return self._deep() if self._one_in(4) else self._text()

    def _deep(self) -> str:
        levels = self._random.choice([59, 60, 61, 62, 63, 64, 65, 80])
        inner = self._random.choice(["", "1", '{"a":1,"a":"\\ud83c"}', '"\\ud83c"'])
        if self._one_in(2):
            return '{"a":' * levels + (inner or "0") + "}" * levels
        return "[" * levels + inner + "]" * levels

    def _key(self, key: str) -> str:
        if key and self._one_in(25):
            at = self._random.randrange(len(key))
            return f'"{key[:at]}\\u{ord(key[at]):04x}{key[at + 1 :]}"'
        return json.dumps(key) + self._blank()

    def _blank(self) -> str:
        return self._random.choice(_BLANKS)

    def _damaged(self, body: bytes) -> bytes:
        """With something put in, taken out or cut off."""
        at = self._random.randrange(len(body) + 1)
        kind = self._random.randrange(5)
        if kind == 0:
            return body[:at]
        if kind == 1:
            return body[:at] + body[at + 1 :]
        if kind == 2:
            odd = self._random.choice(
                [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf0\x9f\x8e"]
            )
            return body[:at] + odd + body[at:]
        if kind == 3:
            return body[:at] + bytes([self._random.randrange(256)]) + body[at + 1 :]
        broken = self._random.choice(_NOT_JSON).encode()
        colon = body.find(b":", at)
        return body[: colon + 1] + broken + b"," + body[colon + 1 :]
