"""The metrics are those of docs/metrics.md in plain Python, whatever comes."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import tuco_events

from event_rows import Histories, Row, table
from reference import metrics as reference

HISTORIES = 1200
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
DIMENSIONS = (
    "workspace", "endpoint", "line", "campaign", "step", "channel",
    "hour", "day", "week", "hour_of_day", "day_of_week",
)  # fmt: skip


class Question:
    """A table and what is asked of it, by chance."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.histories = Histories(seed)
        self.rows = self.histories.rows()
        self.tz = self.random.choice(ZONES)
        self.zone = ZoneInfo(self.tz)
        self.by = self.random.sample(DIMENSIONS, self.random.choice([0, 1, 1, 2, 3]))
        begin, end = self.moment(), self.moment()
        if begin is not None and end is not None and begin >= end:
            end = None
        self.window = (begin, end)
        self.delivery = self.random.choice(["accepted", "confirmed"])
        self.options: dict[str, Any] = {
            "include_tests": self.random.random() < 0.3,
            "exclude_flags": self.random.choice([(), (), ("EARLY",)]),
            "attribution_window": self.random.choice(
                [timedelta(days=14), timedelta(), timedelta(seconds=61)]
            ),
        }
        if self.random.random() < 0.1:
            self.options["include_flags"] = {"LATE", "NO_TIMESTAMP"}

    def moment(self) -> datetime | None:
        """A moment, or none."""
        return self.histories.moment() if self.random.random() < 0.3 else None

    def table(self) -> Any:
        """The rows in some layout."""
        batches = self.random.randint(1, 4)
        return table(self.rows, batches, plain=self.random.random() < 0.5)


def campaign_names(question: Question) -> dict[str, str]:
    """The name that came last of each campaign."""
    first = datetime.min.replace(tzinfo=timezone.utc)
    named: dict[str, tuple[datetime, str]] = {}
    for event in question.rows:
        campaign, name = event["campaign_id"], event["campaign_name"]
        if campaign and name and selected(event, question.options):
            found = (event["occurred_at"] or first, name)
            named[campaign] = max(found, named.get(campaign, found))
    return {campaign: name for campaign, (_, name) in named.items()}


def selected(event: Row, options: dict[str, Any]) -> bool:
    flags = set(event["flags"])
    if "TEST" in flags and not options["include_tests"]:
        return False
    wanted = options.get("include_flags")
    return not flags & set(options["exclude_flags"]) and (
        wanted is None or bool(flags & wanted)
    )


def keyed(question: Question, by: Sequence[str], key: tuple[Any, ...]) -> Row:
    """The columns of a group."""
    names = campaign_names(question)
    row: Row = {}
    for name, value in zip(by, key):
        row[name] = value
        if name == "campaign":
            row["campaign_name"] = names.get(value)
    return row


def assert_same(found: list[Row], expected: list[Row], seed: int) -> None:
    assert len(found) == len(expected), seed
    for got, wanted in zip(found, expected):
        assert list(got) == list(wanted), seed
        for name, value in wanted.items():
            if isinstance(value, float):
                close = math.isclose(got[name], value, rel_tol=1e-12, abs_tol=1e-12)
                assert close, (seed, name, got[name], value)
            else:
                assert got[name] == value, (seed, name)


@pytest.mark.parametrize("part", range(12))
def test_random_histories_have_the_same_metrics(part: int) -> None:
    size = HISTORIES // 12
    for seed in range(part * size, (part + 1) * size):
        question = Question(seed)
        result = tuco_events.metrics(
            question.table(),
            question.by,
            question.window,
            question.delivery,  # type: ignore[arg-type]
            question.tz,
            **question.options,
        )
        groups, coverage = reference.grouped(
            question.rows, question.by, question.window, question.zone,
            **question.options,
        )  # fmt: skip
        expected = [
            keyed(question, question.by, key)
            | reference.measures(messages, question.delivery)
            for key, messages in groups
        ]
        assert_same(result.to_dicts(), expected, seed)
        assert_covered(result.coverage, coverage, seed)


def assert_covered(found: Any, expected: dict[str, int], seed: int) -> None:
    assert {name: count for name, count in found.items() if count} == {
        name: count for name, count in expected.items() if count
    }, seed
    assert found["events"] == sum(
        found[name]
        for name in (
            "tests", "flagged", "other_types", "without_message_id",
            "copies", "facts", "replies",
        )
    )  # fmt: skip


@pytest.mark.parametrize("part", range(4))
def test_random_histories_have_the_same_funnels(part: int) -> None:
    for seed in range(10_000 + part * 60, 10_000 + (part + 1) * 60):
        question = Question(seed)
        result = tuco_events.funnel(
            question.table(),
            question.by,
            question.window,
            question.delivery,  # type: ignore[arg-type]
            question.tz,
            **question.options,
        )
        groups, _ = reference.grouped(
            question.rows, question.by, question.window, question.zone,
            **question.options,
        )  # fmt: skip
        expected = [
            keyed(question, question.by, key) | stage
            for key, messages in groups
            for stage in reference.stages(messages, question.delivery)
        ]
        assert_same(result.to_dicts(), expected, seed)


@pytest.mark.parametrize("part", range(4))
def test_random_histories_have_the_same_cohorts(part: int) -> None:
    for seed in range(20_000 + part * 60, 20_000 + (part + 1) * 60):
        question = Question(seed)
        by = [name for name in question.by if name in DIMENSIONS[:6]]
        period: Any = question.random.choice(["week", "day"])
        days = question.random.choice([[1], [1, 2, 7], [1, 30]])
        until = question.histories.moment()
        result = tuco_events.cohorts(
            question.table(),
            by,
            question.window,
            question.tz,
            period=period,
            days=days,
            until=until,
            **question.options,
        )
        expected = reference.cohort_rows(
            question.rows, by, question.window, question.zone, period, days, until,
            **question.options,
        )  # fmt: skip
        named = [
            keyed(question, by, tuple(row[name] for name in by))
            | {name: value for name, value in row.items() if name not in by}
            for row in expected
        ]
        assert_same(result.to_dicts(), named, seed)
