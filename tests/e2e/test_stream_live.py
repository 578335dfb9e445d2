"""Streams that follow: from disk to live, beside each other, cancelled."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest

from support.client import Client, read_events
from support.deliveries import reply, samples
from support.protos import event as pb
from support.protos import service
from support.server import Server
from support.wait import wait_until
from support.webhook import accept_all, metrics


def wait_for_streams(server: Server, count: int) -> None:
    """Waits until so many streams are open."""
    wait_until(
        lambda: metrics(server)["tuco_streams"] == count, f"{count} open streams"
    )


def until_caught_up(stream: Any) -> list[Any]:
    """Reads responses up to the one that says CAUGHT_UP; all of them."""
    responses = []
    for response in stream:
        responses.append(response)
        if response.HasField("caught_up"):
            return responses
    raise AssertionError("the stream ended")


def test_a_stream_catches_up_once_and_goes_on_live(
    server: Server, client: Client
) -> None:
    accept_all(server, samples())
    stream = client.open(anchor=service.ANCHOR_EARLIEST, max_batch_events=3)
    responses = until_caught_up(stream)
    assert [e.sequence for r in responses for e in r.events] == list(range(1, 17))
    assert responses[-1].caught_up.head_sequence == 16
    assert responses[-1].scanned_through == 16
    for sequence in range(17, 22):
        delivery = reply()
        accept_all(server, [delivery])
        response = next(stream)
        assert response.WhichOneof("notice") is None
        assert [event.sequence for event in response.events] == [sequence]
        assert response.scanned_through == sequence
    stream.cancel()


def test_latest_begins_with_the_next_event(server: Server, client: Client) -> None:
    accept_all(server, samples())
    stream = client.open(anchor=service.ANCHOR_LATEST, include_body=True)
    [response] = until_caught_up(stream)
    assert (list(response.events), response.caught_up.head_sequence) == ([], 16)
    delivery = reply()
    accept_all(server, [delivery])
    [event] = read_events(stream, 1)
    assert (event.sequence, event.body) == (17, delivery.body)
    stream.cancel()


def test_a_live_filter_skips_what_does_not_match(
    server: Server, client: Client
) -> None:
    stream = client.open(
        after_sequence=0, filter={"types": [pb.EVENT_TYPE_MESSAGE_FAILED]}
    )
    until_caught_up(stream)
    accept_all(server, samples())
    [event] = read_events(stream, 1)
    assert (event.type_name, event.sequence) == ("message.failed", 5)
    stream.cancel()


def test_live_and_stored_events_are_the_same(server: Server, client: Client) -> None:
    stream = client.open(anchor=service.ANCHOR_LATEST, include_body=True)
    until_caught_up(stream)
    accept_all(server, samples())
    assert read_events(stream, 16) == client.events(include_body=True)
    stream.cancel()


def test_two_streams_go_at_their_own_pace(server: Server, client: Client) -> None:
    accept_all(server, samples())
    replies = {"types": [pb.EVENT_TYPE_MESSAGE_REPLY]}
    one = client.open(after_sequence=0, max_batch_events=1)
    two = client.open(after_sequence=4, filter=replies, max_batch_events=1)
    wait_for_streams(server, 2)
    first = [event.sequence for event in read_events(one, 3)]
    second = [event.sequence for event in read_events(two, 5)]
    assert first == [1, 2, 3]
    assert second == [8, 9, 10, 13, 14]
    accept_all(server, [reply()])
    assert [event.sequence for event in read_events(two, 1)] == [17]
    assert [event.sequence for event in read_events(one, 14)] == list(range(4, 18))
    one.cancel()
    two.cancel()
    wait_for_streams(server, 0)


def test_nothing_is_missed_or_repeated_while_deliveries_come_in(
    server: Server, client: Client
) -> None:
    count = 400
    with ThreadPoolExecutor(4) as pool:
        posting = [
            pool.submit(accept_all, server, [reply() for _ in range(count // 4)])
            for _ in range(4)
        ]
        streams = [
            client.open(after_sequence=0, max_batch_events=limit)
            for limit in (1, 7, 256)
        ]
        for stream in streams:
            events = read_events(stream, count)
            assert [event.sequence for event in events] == list(range(1, count + 1))
            times = [event.recorded_at.ToNanoseconds() for event in events]
            assert all(a <= b for a, b in itertools.pairwise(times))
            stream.cancel()
        for future in posting:
            future.result()


def test_a_cancelled_stream_is_over_at_both_ends(
    server: Server, client: Client
) -> None:
    stream = client.open(anchor=service.ANCHOR_EARLIEST)
    until_caught_up(stream)
    wait_for_streams(server, 1)
    stream.cancel()
    with pytest.raises(grpc.RpcError) as caught:
        next(stream)
    assert caught.value.code() == grpc.StatusCode.CANCELLED
    wait_for_streams(server, 0)


def test_a_client_that_goes_away_leaves_no_stream(server: Server) -> None:
    with Client(server.grpc) as client:
        stream = client.open(anchor=service.ANCHOR_EARLIEST)
        until_caught_up(stream)
        wait_for_streams(server, 1)
    wait_for_streams(server, 0)


def test_a_deadline_ends_a_stream(client: Client) -> None:
    stream = client.stub.StreamEvents(
        service.StreamEventsRequest(anchor=service.ANCHOR_LATEST), timeout=0.5
    )
    with pytest.raises(grpc.RpcError) as caught:
        list(stream)
    assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED


def test_a_stopping_server_ends_its_streams(server: Server, client: Client) -> None:
    stream = client.open(anchor=service.ANCHOR_EARLIEST)
    until_caught_up(stream)
    assert server.stop() == 0
    with pytest.raises(grpc.RpcError) as caught:
        next(stream)
    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
