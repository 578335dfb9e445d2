"""What no field holds: docs/events.md, "`extra_json`: nothing is lost"."""

from __future__ import annotations

from typing import Any

from .fields import MESSAGE_ID, OBJECTS, REPEATED_ID, Field, Path
from .json_text import Member, Value
from .values import Objects, Read, text


class Extra:
    """Knows which members the fields hold.

    Args:
        fields: the table for the body's shape.
        given: what the fields say, by their names; None where absent.
    """

    def __init__(self, fields: list[Field], given: dict[str, Any]) -> None:
        self._known: dict[Path, tuple[Read, Any]] = {
            REPEATED_ID: (text, given[MESSAGE_ID.name])
        }
        for field in fields:
            for path in field.sources:
                assert path not in self._known, path
                self._known[path] = (field.read, given[field.name])

    def of(self, body: Value) -> str | None:
        """A JSON object in the body's nesting; None when nothing is left."""
        return self._left_of(body, ())

    def _left_of(self, value: Value, path: Path) -> str | None:
        left = [
            f"{member.spelling}:{spelling}"
            for member in value.content.last().values()
            for spelling in [self._left_of_member(member, (*path, member.key))]
            if spelling is not None
        ]
        return "{" + ",".join(left) + "}" if left else None

    def _left_of_member(self, member: Member, path: Path) -> str | None:
        if path in OBJECTS and member.value.is_object:
            return self._left_of(member.value, path)
        return None if self._is_held(member.value, path) else member.value.spelling

    def _is_held(self, value: Value, path: Path) -> bool:
        """Whether it gave a field its value, says the same, or is a known null."""
        if path not in self._known:
            return path in OBJECTS and value.is_null
        if value.is_null:
            return True
        read, given = self._known[path]
        says = read(value)
        if says is None or says != given:
            return False
        return not (isinstance(read, Objects) and read.has_unknown(value))
