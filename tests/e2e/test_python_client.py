"""The Python clients and a real server: all that the schema has.

tools/test_python_client runs these, with the package as the wheel has it.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("tuco_events", reason="tools/test_python_client has the package")

import tuco_events
from tuco_events import (
    AsyncClient,
    Client,
    Event,
    EventType,
    SignatureError,
    StreamError,
)
from tuco_events.client import (
    CaughtUp,
    Delivery,
    EventDelivery,
    EventFilter,
    Gap,
    GapReason,
    Heartbeat,
    IntakeState,
    Nack,
    OrderingKey,
    ParkReason,
    Position,
    QuarantineFilter,
    QuarantineState,
    Rejection,
    StatusCode,
    SubscriptionMode,
)

from conftest import StartServer
from support.deliveries import OTHER_SECRET, SECRET, reply, samples, sign
from support.server import Server
from support.wait import wait_until
from support.webhook import accept_all, post
from test_lost_events import STEP, server_with_old_files


@pytest.fixture
def events_client(server: Server) -> Iterator[Client]:
    """Ours, of `server`."""
    with Client(server.grpc) as opened:
        yield opened


@pytest.fixture(scope="session")
def full(sample_server: Server) -> Iterator[Client]:
    """Ours, of the server that holds the samples; for reading only."""
    with Client(sample_server.grpc) as opened:
        yield opened


def sequences(events: Any) -> list[int]:
    """Their sequences."""
    return [event.sequence for event in events]


def code_of(call: Callable[[], object]) -> StatusCode:
    """What a call fails with."""
    with pytest.raises(StreamError) as raised:
        call()
    code: StatusCode = raised.value.code
    return code


# Reading.


def test_events_are_those_that_protobuf_reads(
    full: Client, sample_events: list[Any]
) -> None:
    """Field by field, in the JSON that both print."""
    from google.protobuf import json_format

    events = list(full.stream("earliest", stop_at_end=True, include_body=True))
    assert len(events) == 16
    for ours, theirs in zip(events, sample_events, strict=True):
        assert json_format.Parse(ours.to_json(), type(theirs)()) == theirs
    assert [full.get_event(event.sequence, include_body=True) for event in events] == (
        events
    )
    assert full.get_event(events[3].event_id, include_body=True) == events[3]
    assert list(full.list_events(page_size=5, include_body=True)) == events


def test_filters_are_the_servers(full: Client) -> None:
    replies = list(
        full.stream("earliest", stop_at_end=True, types=EventType.MESSAGE_REPLY)
    )
    assert sequences(replies) == [1, 2, 8, 9, 10, 13, 14]
    assert sequences(full.list_events(types=EventType.MESSAGE_REPLY)) == (
        sequences(replies)
    )
    tests = full.stream("earliest", stop_at_end=True, test="only")
    assert sequences(tests) == [14, 15]
    phone = replies[0].contact.phone
    assert phone is not None
    found = list(full.list_events(phone=phone, test="exclude"))
    assert found
    assert {event.contact.phone for event in found} == {phone}


@pytest.mark.parametrize(
    ("start", "first"),
    [("earliest", 1), (0, 1), (5, 5), (Position(5), 6), (Position(5, 1), 6)],
)
def test_a_stream_begins_where_it_is_told_to(
    full: Client, start: Any, first: int
) -> None:
    found = sequences(full.stream(start, stop_at_end=True))
    assert found == list(range(first, 17))


def test_a_table_has_what_a_stream_has(full: Client) -> None:
    table = full.read()
    assert len(table) == 16
    assert len(full.read(limit=5)) == 5
    assert len(full.read(start=10, types=EventType.MESSAGE_REPLY)) == 3
    assert len(full.read(until=None, limit=16)) == 16
    with pytest.raises(ValueError, match="limit"):
        full.read(until=None)
    with pytest.raises(ValueError, match="limit"):
        full.read(limit=0)


def test_a_table_has_the_streams_values(full: Client) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    events = list(full.stream("earliest", stop_at_end=True, include_body=True))
    table = pyarrow.table(full.read(include_body=True))
    assert table["sequence"].to_pylist() == sequences(events)
    assert table["event_id"].to_pylist() == [event.event_id for event in events]
    assert table["body"].to_pylist() == [event.body for event in events]
    assert "body" not in pyarrow.table(full.read()).column_names
    for name in ("body", "signature", "type"):
        alone = pyarrow.table(full.read(columns=[name]))
        assert alone.column_names == [name]
        assert alone[name].to_pylist() == table[name].to_pylist()
    with pytest.raises(ValueError, match="no column 'typ'"):
        full.read(columns=["typ"])


def test_live_events_come_as_they_are_accepted(
    server: Server, events_client: Client
) -> None:
    notices: list[Any] = []
    stream = events_client.stream("latest", on_notice=notices.append)
    poster = threading.Thread(
        target=lambda: (
            wait_until(lambda: stream.position, "the stream"),
            accept_all(server, [reply() for _ in range(3)]),
        )
    )
    poster.start()
    assert sequences(next(stream) for _ in range(3)) == [1, 2, 3]
    poster.join()
    assert CaughtUp(0) in notices
    assert stream.position == Position(3, 1)


def test_heartbeats_come_and_lose_nothing(server: Server) -> None:
    """And a filter that nothing matches is passed by."""
    accept_all(server, samples())
    heard = threading.Event()
    notices: list[Any] = []

    def notice(told: Any) -> None:
        notices.append(told)
        if isinstance(told, Heartbeat):
            heard.set()
            stream.close()

    with Client(server.grpc) as client:
        stream = client.stream("earliest", phone="nobody", on_notice=notice)
        assert list(stream) == []
    assert heard.is_set()
    assert stream.position == Position(16, None)
    assert notices[-1].scanned_through == 16


def test_a_position_of_another_log_is_refused(full: Client) -> None:
    with pytest.raises(StreamError) as raised:
        list(full.stream(Position(3, 9), stop_at_end=True))
    assert raised.value.code is StatusCode.FAILED_PRECONDITION
    assert "another log" in raised.value.advice
    with pytest.raises(StreamError) as raised:
        list(full.stream(Position(99), stop_at_end=True))
    assert raised.value.details == {"earliest": "1", "head": "16"}
    assert "events 1 to 16" in str(raised.value)


def test_the_field_at_fault_is_named(full: Client) -> None:
    with pytest.raises(StreamError) as raised:
        next(full.stream("earliest", max_batch_events=5000))
    assert raised.value.field == "max_batch_events"
    assert raised.value.code is StatusCode.INVALID_ARGUMENT


def test_an_asynchronous_stream_is_the_same(sample_server: Server) -> None:
    async def scenario() -> tuple[list[Event], tuple[int, list[str]], list[int]]:
        async with AsyncClient(sample_server.grpc) as client:
            stream = client.stream("earliest", stop_at_end=True)
            events = [event async for event in stream]
            table = await client.read(columns=iter(["body", "type"]))
            listed = [event.sequence async for event in client.list_events()]
            return events, (len(table), table.columns), listed

    events, table, listed = asyncio.run(asyncio.wait_for(scenario(), 60))
    assert sequences(events) == listed == list(range(1, 17))
    assert table == (16, ["type", "body"])


# Status and verifying.


def test_the_status_is_read_whole(full: Client) -> None:
    status = full.get_status()
    assert status.version == tuco_events.__version__
    assert status.intake is not None
    assert status.intake.state is IntakeState.TAKING
    assert status.log is not None
    assert (status.log.epoch, status.log.head_sequence) == (1, 16)
    assert [endpoint.name for endpoint in status.endpoints] == ["tuco"]
    assert status.started_at is not None
    assert datetime.now(UTC) - status.started_at < timedelta(hours=1)
    assert "lead.updated" in [news.name for news in status.drift_names]


def test_deliveries_are_verified_with_the_servers_secrets(full: Client) -> None:
    sample = samples()[0]
    event = full.verify_and_parse(sample.body, sample.signature)
    assert event == tuco_events.verify_and_parse(sample.body, sample.signature, SECRET)
    with pytest.raises(SignatureError) as raised:
        full.verify_and_parse(sample.body, "0" * 64)
    assert raised.value.reason is tuco_events.Reason.SIGNATURE_MISMATCH
    assert raised.value.findings == ()


def test_an_explanation_comes_with_the_error(full: Client) -> None:
    body = b"\xef\xbb\xbf" + samples()[0].body
    with pytest.raises(SignatureError) as raised:
        full.verify_and_parse(body, sign(samples()[0].body), explain=True)
    [finding] = raised.value.findings
    assert finding.kind is tuco_events.FindingKind.BODY_HAS_BOM
    assert finding.secret_name == "tuco/main"


def test_a_batch_is_answered_in_order(full: Client) -> None:
    good, bad = samples()[1], samples()[2]
    answers = full.verify_and_parse_batch(
        [
            Delivery(good.body, good.signature, event_header="message.other"),
            Delivery(bad.body, "0" * 64),
            Delivery(good.body, good.signature, endpoint="nobody"),
        ]
    )
    assert isinstance(answers[0], Event)
    assert tuco_events.Flag.HEADER_MISMATCH in answers[0].flags
    assert isinstance(answers[1], Rejection)
    assert answers[1].reason is tuco_events.Reason.SIGNATURE_MISMATCH
    assert isinstance(answers[2], Rejection)
    assert answers[2].reason is tuco_events.Reason.ENDPOINT_UNKNOWN
    assert full.verify_and_parse_batch([]) == []


# Subscriptions.


def test_a_cursor_goes_on_where_it_was_acknowledged(
    server: Server, events_client: Client
) -> None:
    accept_all(server, samples())
    made = events_client.create_subscription(
        "crm", "cursor", start="earliest", expires_after=3600, test="exclude"
    )
    assert made.mode is SubscriptionMode.CURSOR
    assert made.filter is not None
    assert made.expires_after == timedelta(hours=1)
    with events_client.stream(subscription="crm") as stream:
        for event in stream:
            if event.sequence == 5:
                assert stream.acknowledge() == 5
                break
    with events_client.stream(subscription="crm", stop_at_end=True) as stream:
        assert sequences(stream)[0] == 6
        # What is behind the last event and matches nothing is done with as well.
        assert stream.acknowledge() == 16
    progress = events_client.get_subscription("crm").progress
    assert progress is not None
    assert (progress.settled_through, progress.lag_events) == (16, 0)
    assert code_of(lambda: events_client.acknowledge("crm", 99)) is (
        StatusCode.OUT_OF_RANGE
    )
    with pytest.raises(ValueError, match="subscription"):
        events_client.stream("latest").acknowledge()


def test_a_reader_that_is_taken_over_is_told(
    server: Server, events_client: Client
) -> None:
    accept_all(server, samples())
    events_client.create_subscription("crm", "cursor", start="earliest")
    first = events_client.stream(subscription="crm")
    next(first)
    second = events_client.stream(subscription="crm")
    next(second)
    assert code_of(lambda: list(first)) is StatusCode.ABORTED


def test_subscriptions_are_kept_in_every_way(events_client: Client) -> None:
    client = events_client
    client.create_subscription(
        "work",
        SubscriptionMode.SHARED,
        ordering_key="lead",
        ack_deadline=60,
        max_deliveries=3,
        backoff_min=timedelta(seconds=2),
        backoff_max=10,
    )
    client.create_subscription("crm", "cursor", types=[EventType.MESSAGE_SENT])
    assert [each.name for each in client.list_subscriptions(page_size=1)] == [
        "crm",
        "work",
    ]
    work = client.get_subscription("work")
    assert work.ordering_key is OrderingKey.LEAD
    assert (work.ack_deadline, work.max_deliveries) == (timedelta(minutes=1), 3)
    changed = client.update_subscription(
        "work", max_deliveries=None, filter=EventFilter(phone="+1"), backoff_max=20
    )
    assert changed.max_deliveries == 20
    assert changed.filter == EventFilter(phone="+1")
    assert changed.backoff_max == timedelta(seconds=20)
    with pytest.raises(TypeError, match="mode cannot be changed"):
        client.update_subscription("work", mode="cursor")
    moved = client.seek_subscription("crm", "latest")
    assert moved.progress is not None
    client.delete_subscription("crm")
    assert code_of(lambda: client.get_subscription("crm")) is StatusCode.NOT_FOUND
    assert code_of(lambda: client.create_subscription("work", "shared")) is (
        StatusCode.ALREADY_EXISTS
    )
    assert code_of(lambda: client.create_subscription("No", "shared")) is (
        StatusCode.INVALID_ARGUMENT
    )
    with pytest.raises(ValueError, match="mode"):
        client.create_subscription("x", "both")  # type: ignore[arg-type]


def test_work_is_shared_retried_parked_and_replayed(
    server: Server, events_client: Client
) -> None:
    accept_all(server, samples())
    client = events_client
    client.create_subscription("work", "shared", start="earliest", backoff_min=1)
    seen: list[tuple[int, int]] = []
    lock = threading.Lock()

    def handle(one: EventDelivery) -> None:
        with lock:
            seen.append((one.event.sequence, one.attempt))
            if len(seen) == 17:
                for consumer in consumers:
                    consumer.close()
        if one.event.sequence == 3 and one.attempt == 1:
            raise LookupError
        if one.event.sequence == 4:
            raise Nack("park")

    consumers = [client.consumer("work", handle, concurrency=2) for _ in range(2)]
    threads = [threading.Thread(target=consumer.run) for consumer in consumers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(seen) == sorted(
        [(3, 2), *((sequence, 1) for sequence in range(1, 17))]
    )
    progress = client.get_subscription("work").progress
    assert progress is not None
    assert (progress.settled_through, progress.parked) == (16, 1)
    [parked] = client.list_parked("work", include_body=True)
    assert parked.event.sequence == 4
    assert parked.event.body
    assert parked.reason is ParkReason.CONSUMER
    assert client.replay_parked("work", [4, 5]).not_parked == (5,)
    again = client.consumer("work", lambda one: again.close())
    again.run()
    assert list(client.list_parked("work")) == []


def test_a_handler_that_is_slower_than_the_deadline_keeps_its_event(
    server: Server, events_client: Client
) -> None:
    accept_all(server, [reply()])
    events_client.create_subscription(
        "work", "shared", start="earliest", ack_deadline=1
    )
    attempts: list[int] = []

    def handle(one: EventDelivery) -> None:
        attempts.append(one.attempt)
        time.sleep(3)
        consumer.close()

    consumer = events_client.consumer("work", handle, concurrency=2)
    consumer.run()
    assert attempts == [1]
    progress = events_client.get_subscription("work").progress
    assert progress is not None
    assert progress.settled_through == 1


def test_the_other_modes_call_says_so(events_client: Client) -> None:
    events_client.create_subscription("crm", "cursor")
    assert code_of(lambda: events_client.consume("crm", print)) is (
        StatusCode.FAILED_PRECONDITION
    )
    assert code_of(lambda: events_client.consume("nobody", print)) is (
        StatusCode.NOT_FOUND
    )


# The quarantine.


def test_the_quarantine_is_looked_at_and_worked_on(
    server: Server, events_client: Client
) -> None:
    for _ in range(3):
        assert post(server, reply(secret=OTHER_SECRET)).status == 401
    client = events_client
    held = list(client.list_quarantine(page_size=2))
    assert [each.state for each in held] == [QuarantineState.HELD] * 3
    wanted = QuarantineFilter(states=(QuarantineState.PURGED,))
    assert list(client.list_quarantine(filter=wanted)) == []
    whole = client.get_quarantined(held[0].id, explain=True)
    assert whole.delivery.body
    assert whole.delivery.headers
    [released, unknown] = client.release_quarantined([held[0].id, "q_99"])
    assert released.error is not None
    assert released.error.code == StatusCode.FAILED_PRECONDITION
    assert unknown.error is not None
    assert unknown.error.code == StatusCode.NOT_FOUND
    [kept] = client.hold_quarantined([held[1].id])
    assert kept.state is QuarantineState.HELD
    assert client.get_quarantined(held[1].id).delivery.held_back
    client.hold_quarantined([held[1].id], undo=True)
    [gone] = client.purge_quarantine([held[2].id])
    assert gone.state is QuarantineState.PURGED


def test_a_gap_is_told_and_read_over(start_server: StartServer, tmp_path: Path) -> None:
    server = server_with_old_files(start_server, tmp_path / "data")
    assert accept_all(server, [reply()]) == [STEP]
    gap = Gap(4, STEP - 1, GapReason.LOST)
    notices: list[Any] = []
    with Client(server.grpc) as client:
        stream = client.stream("earliest", stop_at_end=True, on_notice=notices.append)
        assert sequences(stream) == [1, 2, 3, STEP]
        assert gap in notices
        assert stream.position == Position(STEP, 2)
        told: list[Any] = []
        assert len(client.read(on_notice=told.append)) == 4
        assert gap in told
