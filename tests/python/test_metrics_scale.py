"""A million events whose metrics are known, in every layout that Arrow has."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta, timezone

import pytest
import tuco_events

import arrow_tables as arrow

EVENTS = 1_000_000
BEGIN = datetime(2026, 3, 2, tzinfo=timezone.utc)
SENT, FAILED, FALLBACK, OPENED, REPLY = range(5)
TYPES = [
    "MESSAGE_SENT",
    "MESSAGE_FAILED",
    "MESSAGE_FALLBACK",
    "MESSAGE_OPENED",
    "MESSAGE_REPLY",
]
CAMPAIGNS = 19
MICRO = 10**6

# (type, message, microseconds since BEGIN, whether it is a test, the reply).
Event = tuple[int, int, int, bool, int]


class World:
    """What happens to message n follows from n, and is counted as it happens."""

    def __init__(self, events: int) -> None:
        self.events: list[Event] = []
        self.truth: list[Counter[str]] = [Counter() for _ in range(CAMPAIGNS)]
        self.times_to_reply: list[list[int]] = [[] for _ in range(CAMPAIGNS)]
        self.coverage: Counter[str] = Counter()
        self.messages = 0
        while len(self.events) < events:
            self.add(self.messages)
            self.messages += 1
        random.Random(2026).shuffle(self.events)

    def add(self, n: int) -> None:
        """Message n happens."""
        truth = self.truth[n % CAMPAIGNS]
        time = 2 * MICRO * n
        self.coverage["messages"] += 1
        truth["attempted"] += 1
        if n % 25 == 3:
            truth["failed"] += 1
            self.tell(FAILED, n, time)
            return
        if n % 10 == 7:
            truth["fallback"] += 1
            self.tell(FALLBACK, n, time)
            return
        truth.update(("sent", "delivered"))
        self.tell(SENT, n, time)
        if n % 3 == 0:
            truth["opened"] += 1
            self.tell(OPENED, n, time + 60 * MICRO)
        if n % 7 < 2:
            self.reply(n, time, truth)

    def reply(self, n: int, time: int, truth: Counter[str]) -> None:
        """Its contact answers."""
        delay = (n * 7919 % 86_400) * MICRO + n % 1000
        truth["replied"] += 1
        self.times_to_reply[n % CAMPAIGNS].append(delay)
        for number in range(1 + (n % 14 == 0)):
            truth["replies"] += 1
            self.tell(REPLY, n, time + delay + number, 1 + number)
        # Every 70th message is answered with STOP.
        truth["opted_out"] += n % 70 == 0

    def tell(self, kind: int, n: int, time: int, reply: int = 0) -> None:
        """An event, and its copies."""
        event = (kind, n, time, False, reply)
        self.events.append(event)
        self.coverage["replies" if reply else "facts"] += 1
        if (n + kind) % 9 == 0:  # By another webhook, a little later.
            self.coverage["copies"] += 1
            self.events.append((kind, n, time + 5, False, reply))
        if n % 50 == 0:
            self.coverage["tests"] += 1
            self.events.append((kind, n + 10**9, time, True, reply))

    def batch(self, events: list[Event]) -> list[arrow.Column]:
        """The events as columns; how a reply names its message depends on it."""
        size = len(events)
        lead = [f"lead-{n:012}" for _, n, _, _, _ in events]
        since = (BEGIN - arrow.EPOCH) // timedelta(microseconds=1)
        occurred = arrow.integers(
            "occurred_at", [since + t for _, _, t, _, _ in events]
        )
        occurred.format = "tsu:UTC"
        parents = [
            [message_id(n)] if r and n % 3 == 1 else [] for _, n, _, _, r in events
        ]
        columns = [
            arrow.dictionary("type", [TYPES[kind] for kind, *_ in events], "C"),
            arrow.texts(
                "message_id",
                [
                    f"reply-{r}-{n:012}" if r else message_id(n)
                    for _, n, _, _, r in events
                ],
            ),
            arrow.texts(
                "message_in_reply_to",
                [
                    message_id(n) if r and n % 3 == 0 else None
                    for _, n, _, _, r in events
                ],
                "vu",
            ),
            arrow.lists(
                "message_parents",
                list(map(len, parents)),
                arrow.structs(
                    "item",
                    [
                        arrow.texts(
                            "message_id", [parent for ids in parents for parent in ids]
                        )
                    ],
                ),
            ),
            arrow.texts("contact_lead_id", lead, "U"),
            arrow.dictionary(
                "campaign_id",
                [
                    None if r else f"campaign-{n % CAMPAIGNS}"
                    for _, n, _, _, r in events
                ],
            ),
            arrow.booleans(
                "opt_out", [r == 1 and n % 70 == 0 for _, n, _, _, r in events]
            ),
            arrow.lists(
                "flags",
                [int(test) for _, _, _, test, _ in events],
                arrow.dictionary("item", ["TEST" for *_, test, _ in events if test]),
                "+L",
            ),
            occurred,
        ]
        columns += [
            arrow.Column(name, "n", size, [], size)
            for name in (
                "event_id",
                "workspace_id",
                "received_at",
                "message_sent_at",
                "message_delivered_at",
                "message_read_at",
                "contact_phone",
                "contact_email",
            )
        ]
        return columns

    def table(self, batch_rows: int = 65_536) -> arrow.Table:
        """All events."""
        parts = range(0, len(self.events), batch_rows)
        return arrow.Table(
            *(self.batch(self.events[i : i + batch_rows]) for i in parts)
        )


def message_id(n: int) -> str:
    return f"{n:024x}"


@pytest.fixture(scope="module")
def world() -> World:
    return World(EVENTS)


@pytest.fixture(scope="module")
def rows(world: World) -> arrow.Table:
    return world.table()


def quantile(values: list[int], percent: int) -> timedelta:
    """By the formula in integers."""
    place = (len(values) - 1) * percent
    low, part = divmod(place, 100)
    high = min(low + 1, len(values) - 1)
    cut = (values[high] - values[low]) * part // 100
    return timedelta(microseconds=values[low] + cut)


def test_every_metric_of_a_million_events_is_exact(
    world: World, rows: arrow.Table
) -> None:
    result = tuco_events.metrics(rows, by="campaign")
    order = sorted(range(CAMPAIGNS), key=lambda c: f"campaign-{c}")
    assert result["campaign"] == [f"campaign-{c}" for c in order]
    for row, campaign in zip(result.to_dicts(), order):
        truth = world.truth[campaign]
        for name in (
            "attempted", "sent", "delivered", "failed", "fallback", "opened",
            "replied", "opted_out", "replies",
        ):  # fmt: skip
            assert row[name] == truth[name], (campaign, name)
        assert row["reply_rate"] == truth["replied"] / truth["delivered"]
        times = sorted(world.times_to_reply[campaign])
        for percent in (25, 50, 75, 90, 99):
            assert row[f"time_to_reply_p{percent}"] == quantile(times, percent)
    assert result.coverage["events"] == len(world.events)
    for name, count in world.coverage.items():
        assert result.coverage[name] == count, name
    assert result.coverage["replies_unmatched"] == 0


def test_days_add_up_to_the_whole(rows: arrow.Table) -> None:
    whole = tuco_events.metrics(rows, tz="America/New_York").to_dicts()[0]
    days = tuco_events.metrics(rows, by="day", tz="America/New_York")
    hours = tuco_events.metrics(rows, by=("hour",), tz="America/New_York")
    for name in ("attempted", "delivered", "opened", "replied", "opted_out"):
        assert sum(days[name]) == whole[name]  # type: ignore[arg-type]
        assert sum(hours[name]) == whole[name]  # type: ignore[arg-type]


def test_nothing_of_the_stream_is_kept() -> None:
    before = len(arrow.ALIVE)
    tuco_events.metrics(World(10_000).table(1000), by="campaign")
    assert len(arrow.ALIVE) == before
