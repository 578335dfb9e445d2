"""Row 9: appends to the log against SQLite alone."""

from __future__ import annotations

from rows.contest import Contest, Ratio
from rows.goal import Goal
from rows.settings import Settings

OURS = "tuco-events"


def append(settings: Settings, job: str) -> list[str]:
    """Appends to a new log."""
    return [settings.built("append_rounds"), job, str(settings.new_folder())]


APPEND = Contest(
    {
        OURS: lambda settings: append(settings, "log"),
        "bare SQLite": lambda settings: append(settings, "sqlite"),
    },
    [
        Ratio(
            Goal(
                "append, synced batches of 256: events/s, ours ÷ bare SQLite",
                0.8,
                at_least=True,
            ),
            ["bare SQLite"],
            [OURS],
        )
    ],
    seconds_a_round=1.0,
)
