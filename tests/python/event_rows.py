"""Events as rows: by hand, by chance, and as a table that anybody can read."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

import arrow_tables as arrow

Row = dict[str, Any]

# The day in all examples: a Wednesday.
NOON = datetime(2026, 4, 15, 12, tzinfo=timezone.utc)

TEXT_COLUMNS = (
    "event_id",
    "type",
    "endpoint",
    "workspace_id",
    "message_id",
    "message_line_id",
    "message_channel",
    "message_in_reply_to",
    "contact_lead_id",
    "contact_phone",
    "contact_email",
    "campaign_id",
    "campaign_name",
)
REPEATING = {
    "type",
    "endpoint",
    "workspace_id",
    "message_line_id",
    "message_channel",
    "campaign_id",
    "campaign_name",
}
TIME_COLUMNS = (
    "occurred_at",
    "received_at",
    "message_sent_at",
    "message_delivered_at",
    "message_read_at",
)
BLANK: Row = {
    **dict.fromkeys((*TEXT_COLUMNS, *TIME_COLUMNS)),
    "flags": [],
    "opt_out": None,
    "message_step_index": None,
    "message_parents": [],
}


def row(kind: str, message: str | None = "m1", **columns: Any) -> Row:
    """An event at noon; `parents` are ids."""
    parents = [{"message_id": parent} for parent in columns.pop("parents", ())]
    return {
        **BLANK,
        "type": kind,
        "endpoint": "tuco",
        "message_id": message,
        "occurred_at": NOON,
        "message_parents": parents,
        **columns,
    }


def sent(message: str | None = "m1", **columns: Any) -> Row:
    return row("MESSAGE_SENT", message, **columns)


def failed(message: str | None = "m1", **columns: Any) -> Row:
    return row("MESSAGE_FAILED", message, **columns)


def fallback(message: str | None = "m1", **columns: Any) -> Row:
    return row("MESSAGE_FALLBACK", message, **columns)


def opened(message: str | None = "m1", **columns: Any) -> Row:
    return row("MESSAGE_OPENED", message, **columns)


def delivered(message: str | None = "m1", **columns: Any) -> Row:
    return row("MESSAGE_DELIVERED", message, **columns)


def reply(reply_id: str | None = "r1", to: str | None = None, **columns: Any) -> Row:
    """A reply an hour after noon."""
    return row(
        "MESSAGE_REPLY",
        reply_id,
        **{
            "occurred_at": NOON + timedelta(hours=1),
            "message_in_reply_to": to,
            "opt_out": False,
            **columns,
        },
    )


def batch(rows: Sequence[Row], plain: bool = False) -> list[arrow.Column]:
    """The rows' columns, typed as by EventTable, or in its types' wider forms."""
    text = "U" if plain else "u"
    list_form = "+L" if plain else "+l"

    def values(column: str) -> list[Any]:
        return [event[column] for event in rows]

    def repeating(name: str, found: list[Any]) -> arrow.Column:
        if plain:
            return arrow.texts(name, found, "vu")
        return arrow.dictionary(name, found)

    columns = [
        repeating(name, values(name))
        if name in REPEATING
        else arrow.texts(name, values(name), text)
        for name in TEXT_COLUMNS
    ]
    columns += [
        arrow.times(name, values(name), "tsn:" if plain else "tsu:UTC")
        for name in TIME_COLUMNS
    ]
    flags = [flag for event in rows for flag in event["flags"]]
    parents = [
        parent["message_id"] for event in rows for parent in event["message_parents"]
    ]
    columns += [
        arrow.booleans("opt_out", values("opt_out")),
        arrow.integers("message_step_index", values("message_step_index")),
        arrow.lists(
            "flags",
            list(map(len, values("flags"))),
            arrow.texts("item", flags, text),
            list_form,
        ),
        arrow.lists(
            "message_parents",
            list(map(len, values("message_parents"))),
            arrow.structs("item", [arrow.texts("message_id", parents, text)]),
            list_form,
        ),
    ]
    return columns


def table(rows: Sequence[Row], batches: int = 1, plain: bool = False) -> arrow.Table:
    """A table of the rows in that many batches."""
    size = max(1, -(-len(rows) // batches))
    parts = [rows[i : i + size] for i in range(0, len(rows), size)] or [[]]
    return arrow.Table(*(batch(part, plain) for part in parts))


class Histories:
    """Small histories in which everything goes wrong that can.

    Few ids and few moments, so that things meet: copies, reordering, flags,
    replies to messages that nobody knows, ids and times that are missing or the
    same, two shapes of one event that disagree, hours around changes of clocks.
    """

    # Before and after clocks go forward and back in Berlin, New York and Lord
    # Howe, and a day like others.
    MOMENTS = tuple(
        datetime.fromisoformat(text).replace(tzinfo=timezone.utc)
        for text in (
            "2026-03-29T00:30:00",
            "2026-10-25T00:10:00",
            "2026-03-08T06:40:00",
            "2026-11-01T05:20:00",
            "2026-04-04T14:45:00",
            "2026-04-15T12:00:00",
            "1969-12-31T22:00:00",
        )
    )

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.base = self.random.choice(self.MOMENTS)
        self.ids = [f"message-{n}" for n in range(self.random.randint(1, 6))]

    def rows(self) -> list[Row]:
        """A history in any order."""
        rows = [self.event() for _ in range(self.random.randint(0, 30))]
        rows += [self.copy(event) for event in rows if self.random.random() < 0.3]
        self.random.shuffle(rows)
        return rows

    def maybe(self, share: float, *values: Any) -> Any:
        """One of the values, or None."""
        return self.random.choice(values) if self.random.random() < share else None

    def moment(self) -> datetime:
        """Some time soon after the base."""
        # Whole minutes meet; of longer steps, some are beyond every window.
        unit = self.random.choice([1, 60, 3600, 86400, 7 * 86400])
        step = timedelta(seconds=unit * self.random.randint(0, 4))
        micro = timedelta(microseconds=self.random.choice([0, 0, 1, 999_999]))
        return self.base + step + micro

    def event(self) -> Row:
        """An event of any kind."""
        kinds = ["SENT"] * 4 + ["FAILED", "FALLBACK", "OPENED", "DELIVERED"]
        kind = "MESSAGE_" + self.random.choice([*kinds, *["REPLY"] * 4])
        event = {
            **BLANK,
            "event_id": self.maybe(0.9, *(f"evt_{n}" for n in range(40))),
            "type": kind if self.random.random() < 0.95 else "UNSPECIFIED",
            "endpoint": self.random.choice(["tuco", "tuco", "crm"]),
            "workspace_id": self.maybe(0.6, "org_1", "org_2", ""),
            "message_id": self.maybe(0.93, *self.ids, ""),
            "message_line_id": self.maybe(0.6, "line-1", "line-2"),
            "message_channel": self.maybe(0.5, "imessage", "sms", "email"),
            "campaign_id": self.maybe(0.6, "camp-1", "camp-é", "camp-2"),
            "campaign_name": self.maybe(0.4, "Spring", "Spring sale", "Ärger"),
            "contact_lead_id": self.maybe(0.4, "lead-1", "lead-2", ""),
            "contact_phone": self.maybe(0.5, "+1904", "+1905"),
            "contact_email": self.maybe(0.3, "a@example.org", "b@example.org"),
            "message_step_index": self.maybe(0.4, 0, 1, 2),
            "flags": self.random.sample(
                ["TEST", "LATE", "EARLY", "NO_TIMESTAMP", "OF_A_NEWER_VERSION"],
                self.random.choice([0, 0, 0, 0, 1, 2]),
            ),
        }
        for column, share in zip(TIME_COLUMNS, (0.9, 0.7, 0.3, 0.1, 0.1)):
            if self.random.random() < share:
                event[column] = self.moment()
        if kind == "MESSAGE_REPLY":
            self.answer(event)
        return event

    def answer(self, event: Row) -> None:
        """Makes the event a reply."""
        ids = [*self.ids, "unknown"]
        event["message_id"] = self.maybe(0.9, *(f"reply-{n}" for n in range(6)))
        event["message_in_reply_to"] = self.maybe(0.3, *ids, "")
        event["message_parents"] = [
            {"message_id": self.maybe(0.9, *ids)}
            for _ in range(self.random.choice([0, 0, 0, 1, 3]))
        ]
        event["opt_out"] = self.maybe(0.8, True, False, False)

    def copy(self, event: Row) -> Row:
        """The event once more, by another webhook or in another shape."""
        other = {**event, "event_id": f"evt_copy{self.random.random()}"}
        for column in self.random.sample(sorted(BLANK), 2):
            if column not in ("type", "message_id", "flags", "message_parents"):
                other[column] = self.event()[column]
        return other
