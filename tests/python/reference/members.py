"""Finds members by path and types, as docs/events.md writes them."""

from __future__ import annotations

from typing import Any

from .fields import Field, Path
from .json_text import Value
from .values import Read


def member_at(body: Value, path: Path) -> Value | None:
    """The member at the path; of duplicate keys the last."""
    value: Value | None = body
    for key in path:
        value = value.content.get(key) if value and value.is_object else None
    return value


def read_at(body: Value, read: Read, *path: str) -> Any:
    """What the member says; None when it is absent, null or of another type."""
    value = member_at(body, path)
    return None if value is None else read(value)


def read_field(body: Value, field: Field) -> Any:
    """What the first source that is there with the right type says."""
    found = (read_at(body, field.read, *path) for path in field.sources)
    return next((value for value in found if value is not None), None)
