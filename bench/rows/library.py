"""Rows 6 to 8, and the canonical form: what the library does for an event."""

from __future__ import annotations

from rows.contest import Contest, Ratio
from rows.goal import Goal
from rows.peers import go, node, python
from rows.settings import Settings

OURS = "tuco-events"


def ours(settings: Settings, job: str) -> list[str]:
    """A job of the library."""
    return [settings.built("library_rounds"), job]


VERIFY_AND_PARSE = Contest(
    {
        OURS: lambda settings: ours(settings, "verify-and-parse"),
        "Node": lambda settings: node("verify_and_parse"),
        "Python": lambda settings: python("verify_and_parse"),
        "Go": lambda settings: go(settings, "verify_and_parse"),
    },
    [
        Ratio(
            Goal(f"verify and parse: {peer} ÷ ours", goal, at_least=True),
            [peer],
            [OURS],
        )
        for peer, goal in (("Node", 6), ("Python", 6), ("Go", 8))
    ],
)

FLOOR = Contest(
    {
        OURS: lambda settings: ours(settings, "verify-and-parse"),
        "SHA-NI": lambda settings: ours(settings, "sha-floor"),
        "simdjson": lambda settings: ours(settings, "simdjson-floor"),
    },
    [
        Ratio(
            Goal("verify and parse: ours ÷ (SHA-NI + simdjson)", 1.8),
            [OURS],
            ["SHA-NI", "simdjson"],
        )
    ],
)

VERIFY_MANY = Contest(
    {
        "in batches": lambda settings: ours(settings, "verify-many"),
        "one by one": lambda settings: ours(settings, "verify"),
    },
    [
        Ratio(
            Goal("verify: in batches of 64 ÷ one by one", 0.65),
            ["in batches"],
            ["one by one"],
        )
    ],
)

CANONICAL = Contest(
    {
        OURS: lambda settings: ours(settings, "canonicalise"),
        "Node": lambda settings: node("canonicalise"),
    },
    [
        Ratio(
            Goal("canonical form: Node ÷ ours", 3, at_least=True),
            ["Node"],
            [OURS],
        )
    ],
)
