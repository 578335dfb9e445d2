"""The table's columns in plain Python, and bodies to fill them with."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Any

from tuco_events import Event, EventTable

from random_bodies import Bodies

# Whose fields are columns of their own, with the part's name before them.
_PARTS = ("message", "contact", "campaign", "crm")
_BODIES = ("body", "signature")


def random_bodies(count: int, seed: int) -> list[bytes]:
    """Bodies at random, the same ones for the same seed."""
    return [Bodies(f"{seed} {number}").body() for number in range(count)]


def row_of(event: Event, include_body: bool = False) -> dict[str, Any]:
    """The row of an event as pyarrow's to_pylist() gives it."""
    row: dict[str, Any] = {}
    for name, value in event.to_dict().items():
        if name in _BODIES and not include_body:
            continue
        if name in _PARTS:
            for inner, inner_value in value.items():
                row[f"{name}_{inner}"] = inner_value
        elif name in ("sequence", "epoch"):
            row[name] = value or None  # Zero is none.
        else:
            row[name] = _spelt(value)
    return row


def rows_of(events: Iterable[Event], include_body: bool = False) -> list[Any]:
    """The rows of events."""
    return [row_of(event, include_body) for event in events]


def _spelt(value: Any) -> Any:
    """Enums by name."""
    if isinstance(value, IntEnum):
        return value.name
    if isinstance(value, list):
        return [_spelt(one) for one in value]
    return value


def rows(table: EventTable) -> list[dict[str, Any]]:
    """The table's rows, once pyarrow has found it valid."""
    arrow = table.to_arrow()
    arrow.validate(full=True)
    return list(arrow.to_pylist())


def ids(table: EventTable) -> list[str]:
    """The ids of its messages."""
    return list(table.to_arrow().column("message_id").to_pylist())
