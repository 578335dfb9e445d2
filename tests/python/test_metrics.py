"""Each definition of docs/metrics.md, one test each."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import tuco_events
from tuco_events import Flag
from tuco_events._metrics_table import left_out

from counted import HOUR, counts, coverage, metrics, one
from event_rows import (
    NOON,
    Row,
    delivered,
    failed,
    fallback,
    opened,
    reply,
    row,
    sent,
    table,
)

# What happened to a message.


def test_a_sent_message_is_delivered_as_accepted() -> None:
    assert counts([sent()]) == {"attempted": 1, "sent": 1, "delivered": 1}


def test_a_sent_message_is_not_confirmed() -> None:
    assert counts([sent()], delivery="confirmed") == {"attempted": 1, "sent": 1}


@pytest.mark.parametrize(
    "event", [delivered(), sent(message_delivered_at=NOON)], ids=["event", "time"]
)
def test_a_confirmation_is_delivery_by_both(event: Row) -> None:
    for delivery in ("accepted", "confirmed"):
        assert counts([event], delivery=delivery) == {
            "attempted": 1,
            "sent": 1,
            "delivered": 1,
        }


def test_a_failed_message_is_neither_sent_nor_delivered() -> None:
    assert counts([failed()]) == {"attempted": 1, "failed": 1}


def test_what_was_sent_and_failed_was_not_delivered_in_either_order() -> None:
    expected = {"attempted": 1, "sent": 1, "failed": 1}
    later = NOON + HOUR
    assert counts([sent(), failed(occurred_at=later)]) == expected
    assert counts([failed(), sent(occurred_at=later)]) == expected


@pytest.mark.parametrize("proof", [delivered(), opened()], ids=["delivered", "opened"])
def test_a_failure_does_not_undo_what_went_further(proof: Row) -> None:
    found = counts([proof, failed(occurred_at=NOON + HOUR)])
    assert "failed" not in found
    assert found["delivered"] == 1


def test_a_fallback_is_counted_and_not_delivered() -> None:
    assert counts([fallback()]) == {"attempted": 1, "fallback": 1}


def test_a_fallback_stays_one_when_the_text_message_arrives() -> None:
    assert counts([fallback(), delivered()]) == {
        "attempted": 1,
        "sent": 1,
        "delivered": 1,
        "fallback": 1,
    }


@pytest.mark.parametrize(
    "event", [opened(), sent(message_read_at=NOON)], ids=["event", "time"]
)
def test_what_was_opened_was_sent_and_delivered(event: Row) -> None:
    assert counts([event]) == {
        "attempted": 1,
        "sent": 1,
        "delivered": 1,
        "opened": 1,
    }


def test_an_opening_is_no_confirmation() -> None:
    found = one([opened(), delivered("m2")], delivery="confirmed")
    assert (found["opened"], found["delivered"]) == (1, 1)
    # The numerator is of the denominator.
    assert found["open_rate"] == 0.0


def test_neither_status_nor_sent_at_is_evidence() -> None:
    assert counts([fallback(message_sent_at=NOON)]) == {"attempted": 1, "fallback": 1}


# Copies and what is left out.


def test_copies_count_once_whatever_their_bytes() -> None:
    events = [
        sent(event_id="evt_1"),
        sent(event_id="evt_2", occurred_at=NOON + HOUR),
        reply(to="m1", event_id="evt_3"),
        reply(to="m1", event_id="evt_4", occurred_at=NOON + 2 * HOUR),
    ]
    assert counts(events)["replies"] == 1
    assert coverage(events) == {
        "events": 4,
        "copies": 2,
        "facts": 1,
        "replies": 1,
        "messages": 1,
    }


def test_tests_are_out_unless_asked_for() -> None:
    events = [sent(), sent("m2", flags=["TEST"])]
    assert counts(events)["attempted"] == 1
    assert coverage(events)["tests"] == 1
    assert counts(events, include_tests=True)["attempted"] == 2


def test_flagged_events_can_be_excluded() -> None:
    events = [sent(), sent("m2", flags=["LATE"]), sent("m3", flags=["EARLY", "LATE"])]
    assert counts(events)["attempted"] == 3
    assert counts(events, exclude_flags=["EARLY"])["attempted"] == 2
    assert counts(events, exclude_flags={Flag.LATE})["attempted"] == 1
    assert coverage(events, exclude_flags=["LATE"])["flagged"] == 2


def test_flagged_events_can_be_all_there_is() -> None:
    events = [sent(), sent("m2", flags=["LATE"]), sent("m3", flags=["EARLY", "LATE"])]
    assert counts(events, include_flags=["LATE"])["attempted"] == 2
    both = counts(events, include_flags=["LATE"], exclude_flags=["EARLY"])
    assert both["attempted"] == 1


def test_a_flag_of_a_newer_version_does_no_harm() -> None:
    assert counts([sent(flags=["NEWER"])])["attempted"] == 1


def test_other_types_and_events_without_an_id_are_counted_apart() -> None:
    events = [row("UNSPECIFIED"), sent(None), sent(""), sent()]
    assert counts(events)["attempted"] == 1
    assert coverage(events) == {
        "events": 4,
        "other_types": 1,
        "without_message_id": 2,
        "facts": 1,
        "messages": 1,
    }


def test_the_order_of_rows_does_not_matter() -> None:
    events = [
        sent(campaign_id="a", occurred_at=NOON + HOUR),
        opened(campaign_id="b"),
        reply(to="m1"),
        failed("m2", campaign_id="a"),
    ]
    by = ("campaign", "hour")
    assert metrics(events, by=by).to_dicts() == metrics(events[::-1], by=by).to_dicts()


# Groups.


def test_groups_are_sorted_and_the_unknown_is_last() -> None:
    events = [
        sent("1", message_line_id="b", message_step_index=0),
        sent("2", message_line_id=None, message_step_index=1),
        sent("3", message_line_id="a", message_step_index=10),
        sent("4", message_line_id="a", message_step_index=9),
        sent("5", message_line_id="a"),
    ]
    found = metrics(events, by=["line", "step"])
    assert found["line"] == ["a", "a", "a", "b", None]
    assert found["step"] == [9, 10, None, 0, 1]


def test_a_message_is_in_the_group_that_its_first_event_names() -> None:
    events = [
        opened(campaign_id="later", occurred_at=NOON + HOUR),
        sent(campaign_id="sooner"),
        sent(campaign_id=None, occurred_at=NOON - HOUR),
    ]
    assert metrics(events, by="campaign")["campaign"] == ["sooner"]


def test_a_campaign_has_the_name_that_came_last() -> None:
    events = [
        sent("1", campaign_id="c", campaign_name="Old"),
        sent("2", campaign_id="c", campaign_name="New", occurred_at=NOON + HOUR),
        sent("3", campaign_id="d"),
    ]
    found = metrics(events, by="campaign")
    assert found.columns[:2] == ["campaign", "campaign_name"]
    assert found["campaign_name"] == ["New", None]


def test_each_endpoint_counts_what_it_saw() -> None:
    events = [
        sent(endpoint="crm"),
        sent(endpoint="tuco"),
        opened(endpoint="tuco"),
    ]
    found = metrics(events, by="endpoint")
    assert found["endpoint"] == ["crm", "tuco"]
    assert found["attempted"] == [1, 1]
    assert found["opened"] == [0, 1]
    assert counts(events)["attempted"] == 1


def test_without_events_there_is_one_row_of_nothing_or_none() -> None:
    found = one([])
    assert found["attempted"] == 0
    assert found["delivery_rate"] is None
    assert found["delivery_rate_low"] is None
    empty = metrics([], by=("day", "line"))
    assert len(empty) == 0
    assert empty.columns[:3] == ["day", "line", "attempted"]


# Rates and quantiles.


def test_rates_name_their_denominators() -> None:
    events = [sent("1"), sent("2"), opened("2"), failed("3"), fallback("4")]
    found = one(events)
    assert found["delivery_rate"] == 0.5
    assert found["failure_rate"] == 0.25
    assert found["fallback_rate"] == 0.25
    assert found["open_rate"] == 0.5
    for rate, whole in {
        "delivery_rate": "attempted",
        "failure_rate": "attempted",
        "fallback_rate": "attempted",
        "open_rate": "delivered",
        "reply_rate": "delivered",
        "opt_out_rate": "delivered",
    }.items():
        assert found[f"{rate}_denominator"] == whole


# Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_intervals_are_as_published(
    part: int, whole: int, low: float, high: float
) -> None:
    events = [sent(f"{n}") for n in range(whole)]
    events += [opened(f"{n}") for n in range(part)]
    found = one(events)
    assert round(found["open_rate_low"], 4) == low
    assert round(found["open_rate_high"], 4) == high


def test_intervals_end_where_shares_do() -> None:
    found = one([sent()])
    assert found["delivery_rate_high"] == 1
    assert found["open_rate_low"] == 0


def test_quantiles_are_interpolated() -> None:
    # As numpy.percentile([1, 2, 4, 8], q) and Excel's PERCENTILE have it.
    events = [sent(f"{n}") for n in range(4)]
    events += [
        reply(f"r{n}", to=f"{n}", occurred_at=NOON + timedelta(seconds=2**n))
        for n in range(4)
    ]
    found = one(events)
    seconds = [found[f"time_to_reply_p{p}"].total_seconds() for p in (25, 50, 75, 90)]
    assert seconds == [1.75, 3, 5, 6.8]
    assert found["time_to_reply_p99"] == timedelta(seconds=7.88)


# Funnels and cohorts.


def test_a_funnel_counts_who_got_at_least_that_far() -> None:
    events = [
        sent("1"),
        sent("2"),
        opened("2"),
        sent("3"),
        reply(to="3"),
        failed("4"),
    ]
    found = tuco_events.funnel(table(events))
    assert found["stage"] == ["attempted", "delivered", "opened", "replied"]
    assert found["messages"] == [4, 3, 2, 1]
    assert found["dropped"] == [None, 1, 1, 1]
    assert found["rate_of_previous"] == [1, 0.75, 2 / 3, 0.5]
    assert found["rate_of_first"] == [1, 0.75, 0.5, 0.25]
    assert found["rate_of_previous_denominator"] == [
        "attempted",
        "attempted",
        "delivered",
        "opened",
    ]


def test_cohorts_are_of_first_contacts() -> None:
    day = timedelta(days=1)
    events = [
        sent("1", contact_lead_id="a"),
        sent("2", contact_lead_id="a", occurred_at=NOON + 2 * day),
        reply(to="2", occurred_at=NOON + 2 * day + HOUR),
        sent("3", contact_phone="+1904", occurred_at=NOON + 7 * day),
        sent("4"),
        failed("5", contact_lead_id="b"),
    ]
    until = NOON + 8 * day
    found = tuco_events.cohorts(table(events), days=[1, 3], until=until)
    assert found["cohort"] == [
        date(2026, 4, 13), date(2026, 4, 13), date(2026, 4, 20), date(2026, 4, 20)
    ]  # fmt: skip
    assert found["days"] == [1, 3, 1, 3]
    assert found["contacts"] == [1, 1, 1, 0]
    assert found["replied"] == [0, 1, 0, 0]
    assert found["reply_rate"] == [0, 1, 0, None]
    assert found["reply_rate_denominator"] == ["contacts"] * 4
    assert found.coverage["messages_without_contact"] == 1


def test_the_window_of_cohorts_is_of_first_contacts() -> None:
    day = timedelta(days=1)
    events = [
        sent("1", contact_lead_id="a"),
        sent("2", contact_lead_id="a", occurred_at=NOON + 2 * day),
        reply(to="2", occurred_at=NOON + 2 * day + HOUR),
    ]
    until = NOON + 9 * day
    window = (NOON, NOON + day)
    found = tuco_events.cohorts(
        table(events), window=window, days=[3], period="day", until=until
    )
    assert found["replied"] == [1]
    assert found["cohort"] == [date(2026, 4, 15)]
    later = (NOON + day, None)
    assert len(tuco_events.cohorts(table(events), window=later, until=until)) == 0


# Arguments.


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"by": "colour"}, ValueError, "by to be of workspace, .*found 'colour'"),
        ({"by": ("day", "day")}, ValueError, "each name once"),
        ({"by": 7}, TypeError, "found int"),
        ({"delivery": "maybe"}, ValueError, "accepted or confirmed, found 'maybe'"),
        ({"tz": "Mars/Base"}, ValueError, "time zone, .*found 'Mars/Base'"),
        ({"tz": 1}, TypeError, "time zone .*found int"),
        ({"window": "2026"}, TypeError, "window .*found str"),
        ({"window": (None,)}, ValueError, "found 1 items"),
        ({"window": ("April", None)}, ValueError, "ISO 8601.*found 'April'"),
        ({"window": (7, None)}, TypeError, "window of datetime.*found int"),
        ({"window": (NOON, NOON)}, ValueError, "begins before it ends"),
        ({"include_flags": []}, ValueError, "at least one flag"),
        ({"include_flags": "LATE"}, TypeError, "several flags"),
        ({"include_flags": ["TEST"]}, ValueError, "include_tests=True"),
        ({"exclude_flags": ["LAZY"]}, ValueError, "found 'LAZY'"),
        ({"attribution_window": 14}, TypeError, "timedelta.*found int"),
        ({"attribution_window": -HOUR}, ValueError, "from 0 to 36600 days"),
    ],
)
def test_a_wrong_argument_is_named(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        tuco_events.metrics(table([sent()]), **options)


def test_what_is_no_table_is_named() -> None:
    with pytest.raises(TypeError, match=r"__arrow_c_stream__.*found list"):
        tuco_events.metrics([sent()])  # type: ignore[arg-type]


def test_columns_that_are_missing_are_named() -> None:
    rows = table([sent()])
    [whole] = rows.batches
    whole.children = [
        c for c in whole.children if c.name not in ("flags", "message_parents")
    ]
    whole.children = [c for c in whole.children if c.name != "workspace_id"]
    lacks = "the table lacks flags, message_parents, workspace_id$"
    with pytest.raises(ValueError, match=lacks):
        tuco_events.metrics(rows, by="workspace")


def test_a_column_of_another_type_is_named() -> None:
    rows = table([sent()])
    column = next(c for c in rows.batches[0].children if c.name == "occurred_at")
    column.format = "l"
    with pytest.raises(TypeError, match="occurred_at: expected timestamp, found int"):
        tuco_events.metrics(rows)


def test_what_is_in_a_list_need_not_have_a_name() -> None:
    rows = table([sent()])
    flags = next(c for c in rows.batches[0].children if c.name == "flags")
    [item] = flags.children
    item.name = None
    assert tuco_events.metrics(rows)["attempted"] == [1]
    item.format = "l"
    with pytest.raises(TypeError, match="without a name: expected text, found int"):
        tuco_events.metrics(rows)


def test_a_type_that_is_none_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"column type: .*MESSAGE_SENT"):
        tuco_events.metrics(table([row("message.sent")]))


def test_only_columns_that_are_needed_have_to_be_there() -> None:
    rows = table([sent()])
    [whole] = rows.batches
    grouping = ("message_line_id", "campaign_id", "campaign_name", "endpoint")
    whole.children = [c for c in whole.children if c.name not in grouping]
    assert tuco_events.metrics(rows)["attempted"] == [1]
    with pytest.raises(ValueError, match="the table lacks message_line_id"):
        tuco_events.metrics(rows, by="line")


# The result.


def test_a_result_is_shown_with_denominators_and_what_is_left_out() -> None:
    events = [sent("1", campaign_id="c"), opened("1"), sent("2", flags=["TEST"])]
    text = repr(metrics(events, by="campaign"))
    assert "100.0% [20.7%, 100.0%]" in text
    assert "open_rate of delivered" in text
    assert text.endswith("left out: 1 test")


@pytest.mark.parametrize(
    ("name", "singular", "plural"),
    [
        ("tests", "1 test", "2 tests"),
        ("flagged", "1 flagged", "2 flagged"),
        ("other_types", "1 other type", "2 other types"),
        ("without_message_id", "1 without message id", "2 without message id"),
        ("copies", "1 copy", "2 copies"),
        ("replies_unmatched", "1 reply unmatched", "2 replies unmatched"),
    ],
)
def test_what_is_left_out_is_counted_in_words(
    name: str, singular: str, plural: str
) -> None:
    assert left_out({"events": 9, name: 1}) == f"left out: {singular}"
    assert left_out({name: 2, "messages_outside_window": 1234}) == (
        f"left out: {plural}, 1,234 messages outside window"
    )
    assert left_out({"events": 9, name: 0}) == ""


def test_a_result_fits_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = repr(metrics([sent(message_line_id="main-line")], by="line")).split("\n")
    table_lines = [line for line in lines if "intervals" not in line]
    assert max(map(len, table_lines)) <= 80
    # Each block says whose numbers these are.
    assert sum(line.startswith("main-line") for line in lines) >= 3


def test_a_result_shows_no_control_characters() -> None:
    text = repr(metrics([sent(message_line_id="\x1b[31m")], by="line"))
    assert "\x1b" not in text


def test_a_result_has_columns_and_rows() -> None:
    found = metrics([sent("1"), sent("2")], by="day")
    assert len(found) == 1
    assert list(found) == found.to_dicts()
    assert found["attempted"] == [2]
    with pytest.raises(KeyError):
        found["colour"]
