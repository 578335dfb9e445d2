"""Portions of a stream: their limits, and where to go on after each."""

from typing import Any

import pytest

from support.client import Client
from support.deliveries import reply
from support.protos import event as pb
from support.server import Server
from support.webhook import accept_all


@pytest.mark.parametrize("limit", [1, 2, 5, 15, 16, 4096])
def test_a_batch_has_at_most_so_many_events(sample_client: Client, limit: int) -> None:
    batches = [
        [event.sequence for event in response.events]
        for response in sample_client.responses(max_batch_events=limit)
    ]
    assert [entry for batch in batches for entry in batch] == list(range(1, 17))
    assert max(len(batch) for batch in batches) == min(limit, 16)


def test_a_larger_event_comes_alone(sample_client: Client) -> None:
    for response in sample_client.responses(max_batch_bytes=1, include_body=True):
        assert len(response.events) <= 1


def test_a_batch_has_at_most_so_many_bytes(server: Server, client: Client) -> None:
    accept_all(server, [reply(message="x" * 20_000) for _ in range(40)])
    limit = 200_000
    responses = client.responses(max_batch_bytes=limit, include_body=True)
    assert sum(len(response.events) for response in responses) == 40
    for response in responses:
        assert sum(event.ByteSize() for event in response.events) <= 1.05 * limit
    assert len(responses) < 20


def test_every_response_is_below_what_clients_take(
    server: Server, client: Client
) -> None:
    accept_all(server, [reply(message="é" * 125_000) for _ in range(30)])
    # grpcio's own limit of 4 MiB would end the stream.
    assert len(client.events(include_body=True, max_batch_bytes=3145728)) == 30


FILTERS: list[dict[str, Any]] = [
    {},
    {"types": [pb.EVENT_TYPE_MESSAGE_REPLY]},
    {"type_names": ["lead.updated"]},
    {"message_id": "none"},
]


@pytest.mark.parametrize("wanted", FILTERS)
@pytest.mark.parametrize("limit", [1, 3])
def test_scanned_through_is_where_to_go_on(
    sample_client: Client, wanted: dict[str, Any], limit: int
) -> None:
    request = {"filter": wanted, "max_batch_events": limit}
    responses = sample_client.responses(**request)
    matching = [event.sequence for r in responses for event in r.events]
    seen: list[int] = []
    before = 0
    for response in responses:
        seen += [event.sequence for event in response.events]
        reached = response.scanned_through
        assert before <= reached <= 16
        assert seen == [sequence for sequence in matching if sequence <= reached]
        assert (
            seen + sample_client.sequences(after_sequence=reached, **request)
            == matching
        )
        before = reached
    assert before == 16
