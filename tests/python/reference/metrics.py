"""docs/metrics.md in plain Python: slow, and clear.

Events are dicts with the columns of a table. What is absent is None.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone, tzinfo
from fractions import Fraction
from math import sqrt
from typing import Any

Row = dict[str, Any]

ABOUT_MESSAGES = {
    "MESSAGE_SENT",
    "MESSAGE_FAILED",
    "MESSAGE_FALLBACK",
    "MESSAGE_OPENED",
    "MESSAGE_DELIVERED",
}
CONTACTS = ("contact_lead_id", "contact_phone", "contact_email")
ATTRIBUTES = {
    "workspace": "workspace_id",
    "line": "message_line_id",
    "campaign": "campaign_id",
    "channel": "message_channel",
    "step": "message_step_index",
}
PERCENTS = (25, 50, 75, 90, 99)
RATES = {
    "delivery_rate": ("delivered", "attempted"),
    "failure_rate": ("failed", "attempted"),
    "fallback_rate": ("fallback", "attempted"),
    "open_rate": ("opened", "delivered"),
    "reply_rate": ("replied", "delivered"),
    "opt_out_rate": ("opted_out", "delivered"),
}
NO_TIME = datetime.max.replace(tzinfo=timezone.utc)


def fired_at(event: Row) -> datetime:
    """When the event was fired; NO_TIME when nobody knows."""
    return event["occurred_at"] or event["received_at"] or NO_TIME


def first_said(events: Iterable[tuple[datetime, Row]], column: str) -> Any:
    """What the earliest event says that says anything."""
    said = [
        (time, event[column])
        for time, event in events
        if event[column] not in (None, "")
    ]
    return min(said)[1] if said else None


@dataclass
class Message:
    """A message that was attempted."""

    id: str
    events: list[Row]
    answers: list[Reply] = field(default_factory=list)

    def has(self, kind: str) -> bool:
        """Whether there is such an event."""
        return any(event["type"] == kind for event in self.events)

    def says(self, column: str) -> bool:
        """Whether any event has such a time."""
        return any(event[column] is not None for event in self.events)

    @property
    def time(self) -> datetime:
        """When it was."""
        return min(map(self.time_in, self.events))

    @staticmethod
    def time_in(event: Row) -> datetime:
        """When an event says that it was."""
        return min(fired_at(event), event["message_sent_at"] or NO_TIME)

    def of(self, column: str) -> Any:
        """What it is by that column."""
        return first_said(
            ((self.time_in(event), event) for event in self.events), column
        )

    @property
    def confirmed(self) -> bool:
        """Whether its delivery is confirmed."""
        return self.has("MESSAGE_DELIVERED") or self.says("message_delivered_at")

    @property
    def opened(self) -> bool:
        """Whether it was opened."""
        return self.has("MESSAGE_OPENED") or self.says("message_read_at")

    @property
    def sent(self) -> bool:
        """Whether it was sent."""
        return self.has("MESSAGE_SENT") or self.confirmed or self.opened

    @property
    def fallback(self) -> bool:
        """Whether it fell back."""
        return self.has("MESSAGE_FALLBACK")

    @property
    def failed(self) -> bool:
        """Whether it failed for good."""
        return self.has("MESSAGE_FAILED") and not self.confirmed and not self.opened

    def delivered(self, delivery: str) -> bool:
        """Whether it was delivered, by whose word counts."""
        if delivery == "confirmed":
            return self.confirmed
        if self.confirmed or self.opened:
            return True
        return self.sent and not self.failed and not self.fallback

    @property
    def replied(self) -> bool:
        """Whether it was replied to."""
        return bool(self.answers)

    @property
    def opted_out(self) -> bool:
        """Whether it was answered with an opt-out."""
        return any(reply.opt_out for reply in self.answers)

    @property
    def first_reply(self) -> datetime:
        """When it was replied to first."""
        return min((reply.time for reply in self.answers), default=NO_TIME)

    @property
    def time_to_reply(self) -> timedelta | None:
        """How long that took."""
        if NO_TIME in (self.first_reply, self.time):
            return None
        return max(self.first_reply - self.time, timedelta())


@dataclass
class Reply:
    """A reply, with all its copies."""

    events: list[Row]

    @property
    def time(self) -> datetime:
        """When it was."""
        return min(map(self.time_in, self.events))

    @staticmethod
    def time_in(event: Row) -> datetime:
        """When an event says that it was."""
        return (
            event["occurred_at"]
            or event["message_sent_at"]
            or event["received_at"]
            or NO_TIME
        )

    def of(self, column: str) -> Any:
        """What it is by that column."""
        return first_said(
            ((self.time_in(event), event) for event in self.events), column
        )

    @property
    def parents(self) -> set[str]:
        """The ids of the messages before it."""
        return {
            parent["message_id"]
            for event in self.events
            for parent in event["message_parents"]
            if parent["message_id"]
        }

    @property
    def opt_out(self) -> bool:
        """Whether it is an opt-out."""
        return any(event["opt_out"] is True for event in self.events)


class History:
    """A table made into messages and replies."""

    def __init__(
        self,
        events: Sequence[Row],
        include_tests: bool = False,
        include_flags: set[str] | None = None,
        exclude_flags: Iterable[str] = (),
        attribution_window: timedelta = timedelta(days=14),
    ) -> None:
        self.window = attribution_window
        self.coverage: dict[str, int] = defaultdict(int)
        of_messages: dict[str, list[Row]] = defaultdict(list)
        of_replies: dict[object, list[Row]] = defaultdict(list)
        for number, event in enumerate(events):
            self.coverage["events"] += 1
            flags = set(event["flags"])
            if "TEST" in flags and not include_tests:
                self.coverage["tests"] += 1
            elif flags & set(exclude_flags) or (
                include_flags is not None and not flags & include_flags
            ):
                self.coverage["flagged"] += 1
            elif event["type"] == "MESSAGE_REPLY":
                by_event = ("event", event["event_id"] or number)
                of_replies[event["message_id"] or by_event].append(event)
            elif event["type"] not in ABOUT_MESSAGES:
                self.coverage["other_types"] += 1
            elif not event["message_id"]:
                self.coverage["without_message_id"] += 1
            else:
                of_messages[event["message_id"]].append(event)
        self.messages = {key: Message(key, found) for key, found in of_messages.items()}
        self.replies = [Reply(found) for found in of_replies.values()]
        self.count()
        self.match()

    def count(self) -> None:
        """Facts, replies, and copies of both."""
        for message in self.messages.values():
            facts = len({event["type"] for event in message.events})
            self.coverage["facts"] += facts
            self.coverage["copies"] += len(message.events) - facts
        for reply in self.replies:
            self.coverage["replies"] += 1
            self.coverage["copies"] += len(reply.events) - 1

    def match(self) -> None:
        """Gives each message its replies."""
        for reply in self.replies:
            message = self.answered_by(reply)
            if message is not None:
                message.answers.append(reply)
            else:
                self.coverage["replies_unmatched"] += 1
                self.coverage["opt_outs_unmatched"] += reply.opt_out

    def answered_by(self, reply: Reply) -> Message | None:
        """The message that the reply answers."""
        original = reply.of("message_in_reply_to")
        if original in self.messages:
            return self.messages[original]
        known = [
            self.messages[parent] for parent in reply.parents if parent in self.messages
        ]
        if known:
            first = datetime.min.replace(tzinfo=timezone.utc)
            return max(
                known, key=lambda m: (first if m.time == NO_TIME else m.time, m.id)
            )
        if original or reply.parents:
            return None
        return self.last_to_contact(reply)

    def last_to_contact(self, reply: Reply) -> Message | None:
        """The last message that reached who replies."""
        if reply.time == NO_TIME:
            return None
        for column in CONTACTS:
            contact = reply.of(column)
            if contact is None:
                continue
            candidates = [
                message
                for message in self.messages.values()
                if message.of(column) == contact
                and message.delivered("accepted")
                and timedelta() <= reply.time - message.time <= self.window
                and (column == "contact_lead_id" or self.may_share(reply, message))
            ]
            if candidates:
                return max(candidates, key=lambda m: (m.time, m.id))
        return None

    @staticmethod
    def may_share(reply: Reply, message: Message) -> bool:
        """Whether both may be of one workspace."""
        workspaces = {reply.of("workspace_id"), message.of("workspace_id")} - {None}
        return len(workspaces) < 2


def wilson(part: int, whole: int) -> tuple[float, float]:
    """The 95 % score interval: where |p - part/whole| is 1.96 standard errors."""
    z = 1.959963984540054
    p = part / whole
    centre = p + z * z / (2 * whole)
    half = z * sqrt((p * (1 - p) + z * z / (4 * whole)) / whole)
    scale = 1 + z * z / whole
    return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)


def quantile(values: list[timedelta], percent: int) -> timedelta | None:
    """Type 7 of Hyndman and Fan, cut to microseconds."""
    if not values:
        return None
    sorted_values = sorted(value // timedelta(microseconds=1) for value in values)
    place = Fraction(percent, 100) * (len(values) - 1)
    below = int(place)
    above = min(below + 1, len(values) - 1)
    exact = sorted_values[below] + (place - below) * (
        sorted_values[above] - sorted_values[below]
    )
    return timedelta(microseconds=int(exact))


def key_of(message: Message, by: Sequence[str], tz: tzinfo) -> tuple[Any, ...]:
    """The message's group."""
    return tuple(
        message.of(ATTRIBUTES[name])
        if name in ATTRIBUTES
        else time_value(name, message.time, tz)
        for name in by
    )


def time_value(name: str, time: datetime, tz: tzinfo) -> Any:
    """What a clock in the zone says."""
    if time == NO_TIME:
        return None
    local = time.astimezone(tz)
    return {
        "hour": local.replace(minute=0, second=0, microsecond=0),
        "day": local.date(),
        "week": local.date() - timedelta(days=local.weekday()),
        "hour_of_day": local.hour,
        "day_of_week": local.isoweekday(),
    }[name]


def in_window(time: datetime, window: tuple[datetime | None, datetime | None]) -> bool:
    """Whether a message of that time counts."""
    begin, end = window
    if time == NO_TIME:
        return begin is None and end is None
    return (begin is None or time >= begin) and (end is None or time < end)


def views(
    events: Sequence[Row], by: Sequence[str], **options: Any
) -> list[tuple[str | None, History]]:
    """The table, or with `endpoint` in `by` each endpoint's part of it."""
    if "endpoint" not in by:
        return [(None, History(events, **options))]
    parts = defaultdict(list)
    for event in events:
        parts[event["endpoint"] or None].append(event)
    return [(endpoint, History(part, **options)) for endpoint, part in parts.items()]


def grouped(
    events: Sequence[Row],
    by: Sequence[str],
    window: tuple[datetime | None, datetime | None],
    tz: tzinfo,
    **options: Any,
) -> tuple[list[tuple[tuple[Any, ...], list[Message]]], dict[str, int]]:
    """The messages that count in their groups, sorted, and the coverage."""
    groups: dict[tuple[Any, ...], list[Message]] = defaultdict(list)
    coverage: dict[str, int] = defaultdict(int)
    if not by:
        groups[()] = []
    rest = [name for name in by if name != "endpoint"]
    for endpoint, history in views(events, by, **options):
        for name, count in history.coverage.items():
            coverage[name] += count
        for message in history.messages.values():
            coverage["messages"] += 1
            if not in_window(message.time, window):
                coverage["messages_outside_window"] += 1
                continue
            key = list(key_of(message, rest, tz))
            if "endpoint" in by:
                key.insert(list(by).index("endpoint"), endpoint)
            groups[tuple(key)].append(message)
    ordered = sorted(
        groups.items(),
        key=lambda item: [
            (v is None, 0 if v is None else sortable(v)) for v in item[0]
        ],
    )
    return ordered, coverage


def sortable(value: Any) -> Any:
    """Texts by their bytes, and hours by when they were."""
    if isinstance(value, str):
        return value.encode()
    return value.timestamp() if isinstance(value, datetime) else value


def measures(messages: list[Message], delivery: str) -> Row:
    """A row of `metrics`."""
    having = {
        "attempted": messages,
        "sent": [m for m in messages if m.sent],
        "delivered": [m for m in messages if m.delivered(delivery)],
        "failed": [m for m in messages if m.failed],
        "fallback": [m for m in messages if m.fallback],
        "opened": [m for m in messages if m.opened],
        "replied": [m for m in messages if m.replied],
        "opted_out": [m for m in messages if m.opted_out],
    }
    row: Row = {name: len(found) for name, found in having.items()}
    row["replies"] = sum(len(m.answers) for m in messages)
    for rate, (part, whole) in RATES.items():
        ids = {m.id for m in having[whole]}
        numerator = sum(m.id in ids for m in having[part])
        row |= shares(rate, numerator, len(having[whole]))
        row[f"{rate}_denominator"] = whole
    times = [m.time_to_reply for m in messages if m.time_to_reply is not None]
    for percent in PERCENTS:
        row[f"time_to_reply_p{percent}"] = quantile(times, percent)
    return row


def shares(name: str, part: int, whole: int) -> Row:
    """A share and its interval."""
    low, high = wilson(part, whole) if whole else (None, None)
    return {
        name: part / whole if whole else None,
        f"{name}_low": low,
        f"{name}_high": high,
    }


def stages(messages: list[Message], delivery: str) -> list[Row]:
    """The rows of `funnel`."""
    counts = {
        "attempted": len(messages),
        "delivered": sum(
            m.delivered(delivery) or m.opened or m.replied for m in messages
        ),
        "opened": sum(m.opened or m.replied for m in messages),
        "replied": sum(m.replied for m in messages),
    }
    rows = []
    previous = None
    for stage, count in counts.items():
        before = previous or "attempted"
        row: Row = {
            "stage": stage,
            "messages": count,
            "dropped": None if previous is None else counts[before] - count,
        }
        row |= shares("rate_of_previous", count, counts[before])
        row["rate_of_previous_denominator"] = before
        row |= shares("rate_of_first", count, counts["attempted"])
        row["rate_of_first_denominator"] = "attempted"
        rows.append(row)
        previous = stage
    return rows


def cohort_rows(
    events: Sequence[Row],
    by: Sequence[str],
    window: tuple[datetime | None, datetime | None],
    tz: tzinfo,
    period: str,
    days: Sequence[int],
    until: datetime,
    **options: Any,
) -> list[Row]:
    """The rows of `cohorts`."""
    groups, _ = grouped(events, by, (None, None), tz, **options)
    met: dict[Any, list[tuple[Message, tuple[Any, ...]]]] = defaultdict(list)
    for key, messages in groups:
        endpoint = key[list(by).index("endpoint")] if "endpoint" in by else None
        for message in messages:
            if message.time == NO_TIME or not message.delivered("accepted"):
                continue
            contact = next(
                ((c, message.of(c)) for c in CONTACTS if message.of(c)), None
            )
            if contact is not None:
                met[endpoint, contact].append((message, key))
    cohorts: dict[Any, list[tuple[datetime, datetime]]] = defaultdict(list)
    for messages_to in met.values():
        first, key = min(messages_to, key=lambda item: (item[0].time, item[0].id))
        if in_window(first.time, window):
            reply = min(message.first_reply for message, _ in messages_to)
            cohorts[key, time_value(period, first.time, tz)].append((first.time, reply))
    rows = []
    for key, _ in groups:
        for date in sorted(date for group, date in cohorts if group == key):
            for number in days:
                length = timedelta(days=number)
                seen = [c for c in cohorts[key, date] if c[0] + length <= until]
                replied = sum(reply <= first + length for first, reply in seen)
                row = dict(zip(by, key)) | {
                    "cohort": date,
                    "days": number,
                    "contacts": len(seen),
                    "replied": replied,
                }
                row |= shares("reply_rate", replied, len(seen))
                row["reply_rate_denominator"] = "contacts"
                rows.append(row)
    return rows
