"""Filters, each against a naive one in Python over all events."""

import random
from typing import Any

import pytest

from support.client import Client
from support.protos import event as pb
from support.protos import service

Filter = dict[str, Any]

REPLY, SENT, FALLBACK = (
    pb.EVENT_TYPE_MESSAGE_REPLY,
    pb.EVENT_TYPE_MESSAGE_SENT,
    pb.EVENT_TYPE_MESSAGE_FALLBACK,
)
LATE, TEST = pb.FLAG_LATE, pb.FLAG_TEST

# What tests choose from: values of the samples, and ones that match nothing.
CHOICES: dict[str, list[Any]] = {
    "types": [[REPLY], [SENT, FALLBACK], [pb.EVENT_TYPE_MESSAGE_OPENED]],
    "type_names": [
        ["lead.updated"],
        ["message.replied", "x"],
        ["message.reply"],
        ["x"],
    ],
    "workspaces": [["org_abc123"], ["org_abc123", "org_x"], ["org_x"], [""]],
    "lines": [["line_001"], ["line_xyz789", "507f1f77bcf86cd799439011"], ["x"]],
    "campaigns": [["camp_def456"], ["674a1b2c3d4e5f6789012345", "x"]],
    "message_id": ["69b340dd6dae1d942ece4d09", "msg_test", "x"],
    "lead_id": ["69b2c41d352a78479d2c623b", "x"],
    "phone": ["+19042956129", "+12025550134", "x"],
    "test": [
        service.TEST_FILTER_INCLUDE,
        service.TEST_FILTER_EXCLUDE,
        service.TEST_FILTER_ONLY,
    ],
    "flags": [[LATE], [TEST], [TEST, LATE], [pb.FLAG_EARLY]],
}
SINGLE = [{name: value} for name, values in CHOICES.items() for value in values]


def has_type(event: Any, wanted: Filter) -> bool:
    """`types` and `type_names` are one list."""
    types, names = wanted.get("types", []), wanted.get("type_names", [])
    if not types and not names:
        return True
    return event.type in types or event.type_name in names


def has_flags(event: Any, wanted: Filter) -> bool:
    """Every wanted flag, and the wish about test deliveries."""
    is_test = TEST in event.flags
    by_test = {
        service.TEST_FILTER_EXCLUDE: not is_test,
        service.TEST_FILTER_ONLY: is_test,
    }
    return by_test.get(wanted.get("test"), True) and set(
        wanted.get("flags", [])
    ) <= set(event.flags)


def matches(event: Any, wanted: Filter) -> bool:
    """The contract's words, without any cleverness."""
    lists = {
        "workspaces": event.workspace_id,
        "lines": event.message.line_id,
        "campaigns": event.campaign.id,
    }
    singles = {
        "message_id": event.message.id,
        "lead_id": event.contact.lead_id,
        "phone": event.contact.phone,
    }
    return (
        has_type(event, wanted)
        and has_flags(event, wanted)
        and all(value in wanted.get(name, [value]) for name, value in lists.items())
        and all(value == wanted.get(name, value) for name, value in singles.items())
    )


def expected(events: list[Any], wanted: Filter) -> list[int]:
    """The sequences that match."""
    return [event.sequence for event in events if matches(event, wanted)]


def names_the_fields(wanted: Filter) -> str:
    """A test's name."""
    return ",".join(f"{name}={value}" for name, value in wanted.items())


@pytest.mark.parametrize("wanted", SINGLE, ids=names_the_fields)
def test_a_filter_gives_what_matches(
    sample_client: Client, sample_events: list[Any], wanted: Filter
) -> None:
    assert sample_client.sequences(filter=wanted) == expected(sample_events, wanted)


def test_filters_combine(sample_client: Client, sample_events: list[Any]) -> None:
    chance = random.Random(20261123)
    hits = 0
    for _ in range(200):
        names = chance.sample(sorted(CHOICES), chance.randint(2, 4))
        wanted = {name: chance.choice(CHOICES[name]) for name in names}
        found = sample_client.sequences(filter=wanted)
        assert found == expected(sample_events, wanted), wanted
        hits += bool(found)
    # Else the choices would prove nothing.
    assert 20 < hits < 180


def test_both_names_of_a_reply_are_one_type(
    sample_client: Client, sample_events: list[Any]
) -> None:
    names = {
        event.type_name for event in sample_client.events(filter={"types": [REPLY]})
    }
    assert names == {"message.reply", "message.replied"}


def test_the_filters_are_tried_with_samples_that_match(
    sample_events: list[Any],
) -> None:
    for name, values in CHOICES.items():
        counts = [len(expected(sample_events, {name: value})) for value in values]
        assert any(0 < count < 16 for count in counts), name


def test_a_batch_that_matches_nothing_still_says_how_far_it_is(
    sample_client: Client,
) -> None:
    responses = sample_client.responses(filter={"message_id": "none"})
    assert all(not response.events for response in responses)
    assert responses[-1].scanned_through == 16
