"""Bodies written down in short."""

from __future__ import annotations

import json
from typing import Any


def flat(members: str, event: str = "message.sent") -> str:
    """A body with these members, spelt as they are."""
    head = f'{{"event":"{event}","timestamp":"2026-04-15T12:00:00Z"'
    return head + ("," + members if members else "") + "}"


def reply(members: str) -> str:
    """The same for a reply."""
    return flat(members, "message.reply")


def placed(members: dict[str, Any], event: str = "message.sent") -> str:
    """A body with members at paths such as `data.reply.name`."""
    body: dict[str, Any] = {"event": event, "timestamp": "2026-04-15T12:00:00Z"}
    for path, value in members.items():
        *objects, key = path.split(".")
        inner = body
        for name in objects:
            inner = inner.setdefault(name, {})
        inner[key] = value
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
