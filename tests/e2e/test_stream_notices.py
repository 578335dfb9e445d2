"""What a stream says besides events: heartbeats, epochs, delays."""

import time
from typing import Any

import grpc
import pytest

from support.client import Client, only_detail
from support.deliveries import reply
from support.protos import rpc, service
from support.server import Server
from support.webhook import accept_all


def test_a_silent_stream_says_every_five_seconds_that_it_is_there(
    server: Server, client: Client
) -> None:
    accept_all(server, [reply(), reply()])
    stream = client.open(anchor=service.ANCHOR_LATEST)
    assert next(stream).HasField("caught_up")
    begin = time.monotonic()
    response = next(stream)
    assert 4.5 < time.monotonic() - begin < 15
    assert list(response.events) == []
    assert response.scanned_through == 2
    assert response.heartbeat == service.Heartbeat(head_sequence=2, scanned_through=2)
    accept_all(server, [reply()])
    assert [event.sequence for event in next(stream).events] == [3]
    stream.cancel()


def test_live_events_wait_for_each_other_when_asked(
    server: Server, client: Client
) -> None:
    stream = client.open(
        anchor=service.ANCHOR_LATEST, max_batch_delay={"nanos": 900_000_000}
    )
    assert next(stream).HasField("caught_up")
    for _ in range(3):
        accept_all(server, [reply()])
    assert [event.sequence for event in next(stream).events] == [1, 2, 3]
    stream.cancel()


@pytest.mark.parametrize(
    "delay", [{"seconds": 1, "nanos": 1}, {"seconds": -1}, {"nanos": -1}]
)
def test_a_delay_out_of_its_range_is_refused(
    client: Client, delay: dict[str, Any]
) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        next(client.open(anchor=service.ANCHOR_EARLIEST, max_batch_delay=delay))
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    [violation] = only_detail(caught.value, rpc.BadRequest).field_violations
    assert violation.field == "max_batch_delay"


@pytest.mark.parametrize("epoch", [0, 2])
def test_the_position_of_another_log_is_refused(client: Client, epoch: int) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        next(client.open(after_sequence=0, epoch=epoch))
    assert caught.value.code() == grpc.StatusCode.FAILED_PRECONDITION
    info = only_detail(caught.value, rpc.ErrorInfo)
    assert (info.reason, dict(info.metadata)) == ("EPOCH_UNKNOWN", {"epoch": "1"})


def test_the_position_of_this_log_is_taken(client: Client) -> None:
    assert client.responses(after_sequence=0, epoch=1)
