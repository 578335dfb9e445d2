"""Which message a reply answers, and of which time things are."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import tuco_events

from counted import HOUR, counts, coverage, metrics, one
from event_rows import (
    NOON,
    Row,
    opened,
    reply,
    sent,
    table,
)

# Replies.


def replied_to(*events: Row, **options: Any) -> list[Any]:
    """The lines of the messages that were replied to."""
    found = metrics(events, by="line", **options)
    return [row["line"] for row in found if row["replied"]]


def two(**columns: Any) -> list[Row]:
    """Messages a and b, the second one ten minutes later, on lines a and b."""
    later = NOON + timedelta(minutes=10)
    return [
        sent("a", message_line_id="a", **columns),
        sent("b", message_line_id="b", occurred_at=later, **columns),
    ]


def test_a_reply_answers_the_message_that_it_names() -> None:
    assert replied_to(*two(), reply(to="a", parents=["b"])) == ["a"]


def test_else_it_answers_its_last_parent() -> None:
    assert replied_to(*two(), reply(parents=["b", "a", "unknown"])) == ["b"]
    assert replied_to(*two(), reply(to="unknown", parents=["a"])) == ["a"]


def test_a_reply_to_an_unknown_message_answers_no_other() -> None:
    events = [*two(contact_lead_id="l"), reply(to="unknown", contact_lead_id="l")]
    assert replied_to(*events) == []
    assert coverage(events)["replies_unmatched"] == 1


def test_else_it_answers_the_last_message_to_the_lead() -> None:
    assert replied_to(*two(contact_lead_id="l"), reply(contact_lead_id="l")) == ["b"]


def test_else_the_last_message_to_the_phone_or_else_the_address() -> None:
    phone, email = {"contact_phone": "+1904"}, {"contact_email": "a@example.org"}
    assert replied_to(*two(**phone), reply(contact_lead_id="x", **phone)) == ["b"]
    assert replied_to(*two(**email), reply(contact_phone="+1905", **email)) == ["b"]


def test_a_message_behind_the_reply_is_not_answered() -> None:
    early = reply(contact_lead_id="l", occurred_at=NOON + timedelta(minutes=5))
    assert replied_to(*two(contact_lead_id="l"), early) == ["a"]


def test_a_message_before_the_window_is_not_answered() -> None:
    events = [*two(contact_lead_id="l"), reply(contact_lead_id="l")]
    at_most = timedelta(minutes=50)
    assert replied_to(*events, attribution_window=at_most) == ["b"]
    assert replied_to(*events, attribution_window=at_most - HOUR / 60) == []


def test_no_window_holds_for_a_reply_that_says_what_it_answers() -> None:
    late = reply(to="a", occurred_at=NOON + timedelta(days=100))
    assert replied_to(*two(), late, attribution_window=timedelta()) == ["a"]


def test_a_message_that_did_not_arrive_is_not_answered() -> None:
    a, b = two(contact_lead_id="l")
    unsuccessful = {**b, "type": "MESSAGE_FAILED"}
    assert replied_to(a, unsuccessful, reply(contact_lead_id="l")) == ["a"]


def test_one_phone_in_two_workspaces_is_two_contacts() -> None:
    a, b = two(contact_phone="+1904")
    a["workspace_id"], b["workspace_id"] = "org_1", "org_2"
    phone = {"contact_phone": "+1904"}
    assert replied_to(a, b, reply(workspace_id="org_1", **phone)) == ["a"]
    assert replied_to(a, b, reply(**phone)) == ["b"]


def test_several_replies_make_a_message_replied_once() -> None:
    events = [sent(), reply("r1", to="m1"), reply("r2", to="m1"), reply(None, to="m1")]
    found = counts(events)
    assert (found["replied"], found["replies"]) == (1, 3)


def test_replies_without_an_id_are_told_apart_by_their_bytes() -> None:
    events = [
        sent(),
        reply(None, to="m1", event_id="evt_1"),
        reply(None, to="m1", event_id="evt_1"),
        reply(None, to="m1", event_id="evt_2"),
    ]
    assert counts(events)["replies"] == 2


def test_a_message_of_which_only_a_reply_is_here_is_not_counted() -> None:
    events = [reply(to="m1", opt_out=True)]
    assert counts(events) == {}
    assert coverage(events) == {
        "events": 1,
        "replies": 1,
        "replies_unmatched": 1,
        "opt_outs_unmatched": 1,
    }


def test_an_opt_out_is_a_reply_too() -> None:
    found = one([sent(), sent("m2"), reply(to="m1", opt_out=True)])
    assert (found["replied"], found["opted_out"]) == (1, 1)
    assert found["opt_out_rate"] == 0.5


# Times.


def test_the_time_to_reply_is_to_the_first_reply() -> None:
    events = [
        sent(),
        reply("r1", to="m1", occurred_at=NOON + 3 * HOUR),
        reply("r2", to="m1", occurred_at=NOON + 2 * HOUR),
    ]
    assert one(events)["time_to_reply_p50"] == 2 * HOUR


def test_a_reply_dated_before_its_message_took_no_time() -> None:
    events = [sent(), reply(to="m1", occurred_at=NOON - HOUR)]
    assert one(events)["time_to_reply_p50"] == timedelta()


def test_a_message_is_of_the_earliest_time_that_its_events_name() -> None:
    day = timedelta(days=1)
    events = [sent(occurred_at=NOON), opened(message_sent_at=NOON - day)]
    assert metrics(events, by="day")["day"] == [date(2026, 4, 14)]


def test_a_message_is_of_its_arrival_when_nobody_signed_a_time() -> None:
    events = [sent(occurred_at=None, received_at=NOON)]
    assert metrics(events, by="hour")["hour"] == [NOON]


def test_a_reply_counts_when_its_message_was() -> None:
    tuesday = NOON + timedelta(days=6)
    found = metrics([sent(), reply(to="m1", occurred_at=tuesday)], by="day")
    assert found.to_dicts()[0]["replied"] == 1
    assert found["day"] == [date(2026, 4, 15)]


def test_the_window_is_of_messages_and_open_at_its_end() -> None:
    events = [
        sent("a", occurred_at=NOON),
        sent("b", occurred_at=NOON + HOUR),
        reply(to="a", occurred_at=NOON + 2 * HOUR),
    ]
    found = counts(events, window=(NOON, NOON + HOUR))
    assert (found["attempted"], found["replied"]) == (1, 1)
    assert coverage(events, window=(None, NOON))["messages_outside_window"] == 2
    assert counts(events, window=("2026-04-15T12:30:00Z", None))["attempted"] == 1


def test_a_date_in_a_window_is_its_midnight_in_the_zone() -> None:
    events = [sent("a", occurred_at=datetime(2026, 4, 14, 23, tzinfo=timezone.utc))]
    window = (date(2026, 4, 15), "2026-04-16")
    assert counts(events, window=window) == {}
    assert counts(events, window=window, tz="Europe/Berlin")["attempted"] == 1


def test_a_message_without_a_time_is_in_no_window() -> None:
    events = [sent(occurred_at=None)]
    assert counts(events)["attempted"] == 1
    assert counts(events, window=(None, NOON)) == {}
    assert metrics(events, by="day")["day"] == [None]


def test_times_that_no_calendar_has_count_as_missing() -> None:
    rows = table([sent()])
    times = next(c for c in rows.batches[0].children if c.name == "occurred_at")
    times.buffers[1] = (2**62).to_bytes(8, "little")
    assert tuco_events.metrics(rows, by="day")["day"] == [None]


def test_hours_twice_in_autumn_are_two() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=timezone.utc)
    events = [sent("a", occurred_at=first), sent("b", occurred_at=first + HOUR)]
    found = metrics(events, by="hour", tz="Europe/Berlin")["hour"]
    berlin = ZoneInfo("Europe/Berlin")
    assert found == [
        datetime(2026, 10, 25, 2, tzinfo=berlin),
        datetime(2026, 10, 25, 2, tzinfo=berlin, fold=1),
    ]
    assert [hour.utcoffset() for hour in found] == [2 * HOUR, HOUR]  # type: ignore[union-attr]
    assert metrics(events, by="hour_of_day", tz="Europe/Berlin")["hour_of_day"] == [2]


def test_weeks_begin_on_monday() -> None:
    found = metrics([sent()], by=("week", "day_of_week")).to_dicts()[0]
    assert (found["week"], found["day_of_week"]) == (date(2026, 4, 13), 3)
