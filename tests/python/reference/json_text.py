"""Reads JSON as V8's JSON.parse does, and remembers how everything was spelt.

The rules are those of docs/events.md, "Rules" and "What is not JSON".
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn

LEVELS_MAX = 64
"""Arrays and objects deeper than this are checked but not looked into."""

_BLANKS = re.compile("[ \t\n\r]*")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_LITERALS = {"null": None, "true": True, "false": False}


class NotAnObjectError(Exception):
    """JSON.parse would throw, or would give something else."""


@dataclass(frozen=True)
class Value:
    """A value and its spelling in the text.

    `content` is None, a bool, NUMBER, a str (which may hold lone surrogates), a
    list of values, an Object, or DEEP.
    """

    spelling: str
    content: Any

    @property
    def is_object(self) -> bool:
        """Whether it is an object that was looked into."""
        return isinstance(self.content, Object)

    @property
    def is_number(self) -> bool:
        """Whether it is a number; only its spelling says which."""
        return self.content is NUMBER

    @property
    def is_null(self) -> bool:
        """Whether it is the literal `null`."""
        return self.content is None


@dataclass(frozen=True)
class Member:
    """A key, its spelling with the quotes, and its value."""

    key: str
    spelling: str
    value: Value


class Object(list[Member]):
    """All members of an object in the order of the text."""

    def last(self) -> dict[str, Member]:
        """The members that count, of duplicate keys the last, in their order."""
        last: dict[str, Member] = {}
        for member in self:
            last.pop(member.key, None)
            last[member.key] = member
        return last

    def get(self, key: str) -> Value | None:
        """The value of the last member with that key."""
        member = self.last().get(key)
        return member.value if member else None


class Opaque:
    """Stands for what has nothing but its spelling."""


NUMBER = Opaque()
DEEP = Opaque()
"""An array or object that is too deep to be looked into."""


@dataclass
class Noticed:
    """What the flags tell about a body."""

    duplicate_keys: bool = False
    too_deep: bool = False
    ill_formed_text: bool = False


def read_object(body: bytes) -> tuple[Value, Noticed]:
    """The body's object, and what was noticed.

    Bytes that are not UTF-8 read as U+FFFD, one for each that a decoder of the
    WHATWG Encoding Standard writes, which is how Python replaces them.

    Raises:
        NotAnObjectError: it is not JSON, or JSON but no object.
    """
    reader = _Reader(body.decode("utf-8", "replace"))
    reader.noticed.ill_formed_text = reader.text.encode() != body
    value = reader.value(0)
    if reader.at != len(reader.text) or not value.is_object:
        raise NotAnObjectError
    return value, reader.noticed


def well_formed(text: str) -> str:
    """The text with U+FFFD for every lone surrogate."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def _refuse_constant(name: str) -> NoReturn:
    """NaN and Infinity are Python's own."""
    raise ValueError(name)


_DEEP_READER = json.JSONDecoder(
    parse_int=str, parse_float=str, parse_constant=_refuse_constant
)


class _Reader:
    """Goes through a text once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.noticed = Noticed()

    def value(self, level: int) -> Value:
        """One value and the blanks around it, in `level` arrays and objects."""
        self._skip_blanks()
        start = self.at
        content = self._content(level)
        spelling = self.text[start : self.at]
        self._skip_blanks()
        return Value(spelling, content)

    def _content(self, level: int) -> Any:
        first = self.text[self.at : self.at + 1]
        if first in ("{", "["):
            if level == LEVELS_MAX:
                return self._deep()
            return self._members(level) if first == "{" else self._elements(level)
        if first == '"':
            return self._string()[1]
        for literal, content in _LITERALS.items():
            if self._accept(literal):
                return content
        self._take(_NUMBER)
        return NUMBER

    def _elements(self, level: int) -> list[Value]:
        elements: list[Value] = []
        self._accept("[")
        self._skip_blanks()
        while not self._closed("]", bool(elements)):
            elements.append(self.value(level + 1))
        return elements

    def _members(self, level: int) -> Object:
        members = Object()
        self._accept("{")
        self._skip_blanks()
        while not self._closed("}", bool(members)):
            self._skip_blanks()
            spelling, key = self._string()
            self._skip_blanks()
            if not self._accept(":"):
                raise NotAnObjectError
            members.append(Member(key, spelling, self.value(level + 1)))
        self.noticed.duplicate_keys |= len(members.last()) < len(members)
        return members

    def _closed(self, bracket: str, behind_a_value: bool) -> bool:
        """Takes the closing bracket, or the comma before the next value."""
        if self._accept(bracket):
            return True
        if behind_a_value and not self._accept(","):
            raise NotAnObjectError
        return False

    def _string(self) -> tuple[str, str]:
        """A string as it is spelt, and decoded."""
        spelling = self._take(_STRING)
        decoded: str = json.loads(spelling)
        self._note(decoded)
        return spelling, decoded

    def _note(self, decoded: str) -> None:
        self.noticed.ill_formed_text |= well_formed(decoded) != decoded

    def _deep(self) -> Opaque:
        """Python's own reader checks what is not looked into."""
        self.noticed.too_deep = True
        start = self.at
        try:
            _, self.at = _DEEP_READER.raw_decode(self.text, start)
        except ValueError:
            raise NotAnObjectError from None
        for string in _STRING.finditer(self.text, start, self.at):
            self._note(json.loads(string[0]))
        return DEEP

    def _skip_blanks(self) -> None:
        match = _BLANKS.match(self.text, self.at)
        assert match
        self.at = match.end()

    def _accept(self, token: str) -> bool:
        if not self.text.startswith(token, self.at):
            return False
        self.at += len(token)
        return True

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if not match:
            raise NotAnObjectError
        self.at = match.end()
        return match[0]
