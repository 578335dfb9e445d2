"""Where a stream begins, where it ends, and what it is refused."""

from datetime import timedelta
from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from support.client import Client, only_detail
from support.protos import rpc, service
from support.server import Server

ALL = list(range(1, 17))


def refused(client: Client, **request: Any) -> grpc.RpcError:
    """The error that opening the stream ends with."""
    with pytest.raises(grpc.RpcError) as caught:
        list(client.open(stop_at_end=True, **request))
    return caught.value


def test_earliest_is_the_whole_log(sample_client: Client) -> None:
    assert sample_client.sequences(anchor=service.ANCHOR_EARLIEST) == ALL


def test_latest_is_only_what_is_to_come(sample_client: Client) -> None:
    [response] = sample_client.responses(anchor=service.ANCHOR_LATEST)
    assert (list(response.events), response.scanned_through) == ([], 16)


@pytest.mark.parametrize("after", range(17))
def test_after_sequence_is_exclusive(sample_client: Client, after: int) -> None:
    assert sample_client.sequences(after_sequence=after) == ALL[after:]


def test_from_time_compares_when_events_were_recorded(
    sample_client: Client, sample_events: list[Any]
) -> None:
    times = [event.recorded_at.ToNanoseconds() for event in sample_events]
    for nanoseconds in {at + step for at in times for step in (-1000, 0, 1000)}:
        start = Timestamp()
        start.FromNanoseconds(nanoseconds)
        expected = [
            sequence
            for sequence, at in zip(ALL, times, strict=True)
            if at >= nanoseconds
        ]
        assert sample_client.sequences(from_time=start) == expected


def test_from_time_may_lie_before_and_behind_everything(
    sample_client: Client, sample_events: list[Any]
) -> None:
    newest = sample_events[-1].recorded_at.ToDatetime()
    assert sample_client.sequences(from_time=Timestamp(seconds=0)) == ALL
    future = Timestamp()
    future.FromDatetime(newest + timedelta(days=1))
    [response] = sample_client.responses(from_time=future)
    assert (list(response.events), response.scanned_through) == ([], 16)


def test_an_empty_log_ends_at_once(client: Client) -> None:
    for position in (
        {"anchor": service.ANCHOR_EARLIEST},
        {"anchor": service.ANCHOR_LATEST},
        {"after_sequence": 0},
        {"from_time": Timestamp(seconds=1)},
    ):
        [response] = client.responses(**position)
        assert (list(response.events), response.scanned_through) == ([], 0)


def test_a_stream_that_ends_has_not_caught_up(sample_client: Client) -> None:
    for response in sample_client.responses():
        assert response.WhichOneof("notice") is None


@pytest.mark.parametrize(
    ("request_fields", "field"),
    [
        ({}, "position"),
        ({"anchor": 0}, "anchor"),
        ({"anchor": 9}, "anchor"),
        ({"from_time": Timestamp(seconds=-(10**12))}, "from_time"),
        ({"from_time": Timestamp(seconds=1, nanos=-1)}, "from_time"),
        ({"after_sequence": 0, "max_batch_events": 0}, "max_batch_events"),
        ({"after_sequence": 0, "max_batch_events": 4097}, "max_batch_events"),
        ({"after_sequence": 0, "max_batch_bytes": 0}, "max_batch_bytes"),
        ({"after_sequence": 0, "max_batch_bytes": 3145729}, "max_batch_bytes"),
        ({"after_sequence": 0, "filter": {"types": [0]}}, "filter.types"),
        ({"after_sequence": 0, "filter": {"types": [99]}}, "filter.types"),
        ({"after_sequence": 0, "filter": {"flags": [99]}}, "filter.flags"),
        ({"after_sequence": 0, "filter": {"test": 9}}, "filter.test"),
        ({"after_sequence": 0, "filter": {"lines": ["x"] * 5000}}, "filter.lines"),
    ],
)
def test_a_wrong_request_is_told_its_field(
    sample_client: Client, request_fields: dict[str, Any], field: str
) -> None:
    error = refused(sample_client, **request_fields)
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
    [violation] = only_detail(error, rpc.BadRequest).field_violations
    assert violation.field == field
    assert violation.description


@pytest.mark.parametrize("after", [17, 2**63, 2**64 - 1])
def test_a_position_past_the_head_is_told_where_the_log_is(
    sample_client: Client, after: int
) -> None:
    error = refused(sample_client, after_sequence=after)
    assert error.code() == grpc.StatusCode.OUT_OF_RANGE
    info = only_detail(error, rpc.ErrorInfo)
    assert info.domain == "tuco.events.v1"
    assert info.reason
    assert dict(info.metadata) == {"earliest": "1", "head": "16"}


def test_an_empty_log_is_only_behind_zero(server: Server, client: Client) -> None:
    error = refused(client, after_sequence=1)
    assert error.code() == grpc.StatusCode.OUT_OF_RANGE
    assert only_detail(error, rpc.ErrorInfo).metadata["head"] == "0"
