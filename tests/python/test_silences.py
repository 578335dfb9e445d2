"""Outages are found, and quiet hours are not taken for them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import tuco_events

import arrow_tables as arrow

BEGIN = datetime(2026, 2, 2, tzinfo=timezone.utc)  # A Monday.
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

Times = list[datetime]


def table(times: Sequence[datetime | None], endpoint: str = "tuco") -> arrow.Table:
    size = len(times)
    return arrow.Table(
        [
            arrow.times("occurred_at", times),
            arrow.Column("received_at", "n", size, [], size),
            arrow.dictionary("endpoint", [endpoint] * size),
        ]
    )


def poisson(
    rate: Callable[[datetime], float], weeks: int, seed: int, most: float
) -> Times:
    """Events at `rate` an hour, by thinning those of the rate `most`."""
    chance = random.Random(seed)
    times = []
    hours = 0.0
    while hours < weeks * 168:
        hours += chance.expovariate(most)
        at = BEGIN + hours * HOUR
        if chance.random() * most < rate(at):
            times.append(at)
    return times


def working_hours(at: datetime, busy: float = 120) -> float:
    """Busy from nine to six on working days, nearly nothing else."""
    local = at.astimezone(ZoneInfo("America/New_York"))
    return busy if local.weekday() < 5 and 9 <= local.hour < 18 else busy / 400


def always(seed: int, weeks: int = 6) -> Times:
    return poisson(lambda at: 30, weeks, seed, 30)


def office(seed: int, weeks: int = 6) -> Times:
    return poisson(working_hours, weeks, seed, 120)


def campaigns(seed: int, weeks: int = 6) -> Times:
    """Bursts at any working hour, each of hundreds of messages within minutes."""
    chance = random.Random(seed)
    starts = poisson(lambda at: working_hours(at, 0.5), weeks, seed, 0.5)
    return sorted(
        start + timedelta(seconds=chance.expovariate(1 / 200))
        for start in starts
        for _ in range(chance.randint(50, 800))
    )


def clockwork(seed: int, weeks: int = 6) -> Times:
    """A hundred messages in the first minutes of each hour."""
    chance = random.Random(seed)
    return sorted(
        BEGIN + hour * HOUR + timedelta(seconds=chance.random() * 300)
        for hour in range(weeks * 168)
        for _ in range(100)
    )


def sparse(seed: int, weeks: int = 12) -> Times:
    return poisson(lambda at: working_hours(at, 2), weeks, seed, 2)


TRAFFIC = [always, office, campaigns, clockwork, sparse]


def silences(times: Sequence[datetime | None], **options: Any) -> Any:
    options = {"tz": "America/New_York", **options}
    return tuco_events.silences(table(times), **options)


def without(times: Times, begin: datetime, length: timedelta) -> Times:
    return [time for time in times if not begin <= time < begin + length]


@pytest.mark.parametrize("traffic", TRAFFIC)
def test_traffic_without_an_outage_has_no_silence(
    traffic: Callable[[int], Times],
) -> None:
    alarms = [len(silences(traffic(seed))) for seed in range(12)]
    # One in a hundred is to be expected.
    assert sum(alarms) <= 1, alarms


def test_few_weeks_make_no_alarms_either() -> None:
    for weeks in (1, 2, 3):
        for seed in range(6):
            assert len(silences(office(seed, weeks))) == 0, (weeks, seed)


# A Wednesday, 10:00 in New York, in the fourth week.
OUTAGE = BEGIN + 23 * DAY + 15 * HOUR


@pytest.mark.parametrize(
    ("traffic", "length"),
    [
        (always, 2 * HOUR),
        (office, HOUR),
        (clockwork, 4 * HOUR),
        (sparse, 6 * DAY),
    ],
)
def test_an_outage_is_found_at_its_place(
    traffic: Callable[[int], Times], length: timedelta
) -> None:
    for seed in range(6):
        times = without(traffic(seed), OUTAGE, length)
        [found] = silences(times).to_dicts()
        assert found["begin"] == max(t for t in times if t < OUTAGE)
        assert found["end"] == min(t for t in times if t > OUTAGE)
        assert found["duration"] == found["end"] - found["begin"]
        assert found["confidence"] > 0.99
        assert found["false_alarms"] < 0.01
        assert found["expected_events"] > 10


def test_a_long_outage_hides_no_short_one() -> None:
    times = without(office(1), OUTAGE, 30 * HOUR)
    times = without(times, OUTAGE + 6 * DAY, HOUR)
    assert len(silences(times)) == 2


def test_a_silence_that_goes_on_is_found_with_until() -> None:
    times = [time for time in office(2) if time < OUTAGE]
    assert len(silences(times)) == 0
    [found] = silences(times, until=OUTAGE + 2 * HOUR).to_dicts()
    assert found["begin"] == times[-1]
    assert found["end"] == OUTAGE + 2 * HOUR
    # At night nobody expects anything.
    night = OUTAGE.replace(hour=3) + DAY
    until_night = [time for time in office(2) if time < night]
    assert len(silences(until_night, until=night + 5 * HOUR)) == 0


def test_a_shorter_gap_can_be_left_out() -> None:
    times = without(office(3), OUTAGE, HOUR)
    assert len(silences(times, at_least=2 * HOUR)) == 0


def test_the_window_limits_what_is_looked_at() -> None:
    times = without(office(4), OUTAGE, HOUR)
    assert len(silences(times, window=(None, OUTAGE - DAY))) == 0


def test_each_group_is_traffic_of_its_own() -> None:
    one, other = office(5), without(office(6), OUTAGE, HOUR)
    both = arrow.Table(
        table(one, "a").batches[0].children, table(other, "b").batches[0].children
    )
    found = tuco_events.silences(both, by="endpoint", tz="America/New_York")
    assert found["endpoint"] == ["b"]
    assert len(tuco_events.silences(both, tz="America/New_York")) == 0


def test_nothing_is_said_of_nothing() -> None:
    empty = silences([])
    assert len(empty) == 0
    assert empty.columns == [
        "begin", "end", "duration", "expected_events", "false_alarms", "confidence"
    ]  # fmt: skip
    assert len(silences([None, BEGIN])) == 0


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"false_alarms": 0}, ValueError, "above 0"),
        ({"false_alarms": float("nan")}, ValueError, "above 0"),
        ({"false_alarms": 10**400}, ValueError, "finite"),
        ({"false_alarms": "few"}, TypeError, "found str"),
        ({"at_least": 5}, TypeError, "timedelta"),
        ({"by": "campaign"}, ValueError, "workspace, endpoint, line"),
        ({"until": BEGIN}, ValueError, "behind all events"),
    ],
)
def test_a_wrong_argument_is_named(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        silences([BEGIN + DAY], **options)


def test_centuries_are_refused() -> None:
    times = [datetime(1800, 1, 1, tzinfo=timezone.utc), BEGIN]
    with pytest.raises(ValueError, match="100 years at most: give a window"):
        silences(times)
    assert len(silences(times, window=("2000-01-01", None))) == 0
