"""The sixteen samples, from the POST to every way of reading them back."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict

from support.cli import run
from support.client import Client
from support.deliveries import SECRET, Delivery, event_id, samples
from support.expected_events import COMMON, EXPECTED
from support.server import Server
from support.webhook import post

SAMPLES = samples()
NAMES = [sample.name for sample in SAMPLES]


def expected_fields(sample: Delivery, sequence: int) -> dict[str, Any]:
    """The event's fields but for the times that only the server knows."""
    known = {"event_id": event_id(sample.body), "sequence": str(sequence)}
    fallback = {"idempotency_key": event_id(sample.body)}
    return fallback | COMMON | known | EXPECTED[sample.name]


def without(fields: dict[str, Any], *names: str) -> dict[str, Any]:
    """A copy without some members, which must be there."""
    left = dict(fields)
    for name in names:
        del left[name]
    return left


def camel(name: str) -> str:
    """The name as protobuf's JSON spells it."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def camel_case(value: Any) -> Any:
    """`value` with every member's name in lowerCamelCase."""
    if isinstance(value, dict):
        return {camel(name): camel_case(member) for name, member in value.items()}
    if isinstance(value, list):
        return [camel_case(entry) for entry in value]
    return value


def test_every_sample_is_accepted_with_the_next_sequence(server: Server) -> None:
    for sequence, sample in enumerate(SAMPLES, start=1):
        answer = post(server, sample)
        assert answer.status == 200
        assert answer.headers["content-type"] == "application/json"
        assert answer.json == {
            "status": "accepted",
            "eventId": event_id(sample.body),
            "sequence": str(sequence),
        }


@pytest.mark.parametrize("index", range(len(SAMPLES)), ids=NAMES)
def test_the_stream_has_every_field_of_a_sample(
    sample_events: list[Any], index: int
) -> None:
    fields = MessageToDict(sample_events[index], preserving_proto_field_name=True)
    typed = without(fields, "received_at", "recorded_at", "body", "signature")
    assert typed == expected_fields(SAMPLES[index], index + 1)


def test_the_stream_keeps_the_order_and_the_bytes(sample_events: list[Any]) -> None:
    assert [event.sequence for event in sample_events] == list(range(1, 17))
    assert [event.body for event in sample_events] == [s.body for s in SAMPLES]
    assert [event.signature for event in sample_events] == [
        sample.signature for sample in SAMPLES
    ]


def test_bodies_come_only_when_asked_for(sample_client: Client) -> None:
    for event in sample_client.events():
        assert not event.HasField("body")
        assert not event.HasField("signature")


def test_times_of_arrival_and_commit_are_now_and_in_order(
    sample_events: list[Any],
) -> None:
    received = [e.received_at.ToDatetime(tzinfo=UTC) for e in sample_events]
    recorded = [e.recorded_at.ToDatetime(tzinfo=UTC) for e in sample_events]
    now = datetime.now(UTC)
    assert all(now - timedelta(minutes=10) < time <= now for time in received)
    assert all(time <= now for time in recorded)
    assert recorded == sorted(recorded)
    assert all(
        before <= after for before, after in zip(received, recorded, strict=True)
    )


def tail(server: Server, output: str) -> str:
    """All that `tail` prints of the log."""
    result = run(
        "tail",
        f"--grpc={server.grpc}",
        "--from=earliest",
        "--no-follow",
        f"--output={output}",
    )
    assert (result.code, result.stderr) == (0, "")
    return result.stdout


def test_tail_prints_events_as_protobuf_json(sample_server: Server) -> None:
    lines = [json.loads(line) for line in tail(sample_server, "json").splitlines()]
    typed = [without(line, "receivedAt", "recordedAt") for line in lines]
    assert typed == [
        camel_case(expected_fields(sample, sequence))
        for sequence, sample in enumerate(SAMPLES, start=1)
    ]


def test_tail_prints_deliveries_as_they_were_signed(sample_server: Server) -> None:
    lines = [json.loads(line) for line in tail(sample_server, "raw").splitlines()]
    assert [line["body"].encode() for line in lines] == [s.body for s in SAMPLES]
    assert [line["name"] for line in lines] == [event_id(s.body) for s in SAMPLES]
    for line, sample in zip(lines, SAMPLES, strict=True):
        headers = {name.lower(): value for name, value in line["headers"].items()}
        assert headers["x-tuco-signature"] == sample.signature
        assert headers["x-tuco-event"] == sample.headers["x-tuco-event"]


def test_tail_prints_one_line_an_event_for_people(sample_server: Server) -> None:
    lines = tail(sample_server, "text").splitlines()
    assert len(lines) == len(SAMPLES)
    for sequence, (line, sample) in enumerate(
        zip(lines, SAMPLES, strict=True), start=1
    ):
        assert f" {sequence} " in line
        assert sample.headers["x-tuco-event"] in line
    assert "OPT-OUT" in lines[NAMES.index("flat reply, no lead, opt-out")]
    assert "Device offline" in lines[NAMES.index("failed")]
    assert "[test late]" in lines[NAMES.index("dashboard test")]


def test_what_tail_prints_raw_verifies(sample_server: Server) -> None:
    raw = tail(sample_server, "raw")
    result = run(
        "verify",
        "--input=-",
        stdin=raw.encode(),
        env={"TUCO_WEBHOOK_SECRET": SECRET},
    )
    assert (result.code, result.stderr) == (0, "")
    answers = result.json_lines()
    assert [answer["genuine"] for answer in answers] == [True] * len(SAMPLES)
    assert [answer["event"]["eventId"] for answer in answers] == [
        event_id(sample.body) for sample in SAMPLES
    ]
