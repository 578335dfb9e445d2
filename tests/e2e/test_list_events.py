"""ListEvents: pages of the log."""

from pathlib import Path
from typing import Any

import grpc
import pytest

from conftest import StartServer
from support.client import Client, only_detail
from support.deliveries import reply
from support.protos import rpc
from support.server import Server
from support.webhook import accept_all


def pages(client: Client, **request: Any) -> list[Any]:
    """The responses of a walk through all pages."""
    found = [client.list_events(**request)]
    while found[-1].next_page_token:
        assert len(found) < 100
        token = found[-1].next_page_token
        found.append(client.list_events(**request, page_token=token))
    return found


def listed(client: Client, **request: Any) -> list[Any]:
    """The events of all pages."""
    return [event for page in pages(client, **request) for event in page.events]


def refusal(client: Client, **request: Any) -> grpc.RpcError:
    """The error that the call ends with."""
    with pytest.raises(grpc.RpcError) as caught:
        client.list_events(**request)
    return caught.value


def test_pages_hold_what_a_stream_holds(
    sample_client: Client, sample_events: list[Any]
) -> None:
    for size in (1, 5, 16, 1000):
        found = pages(sample_client, page_size=size, include_body=True)
        assert [event for page in found for event in page.events] == sample_events
        assert all(len(page.events) <= size for page in found)
    assert listed(sample_client) == listed(sample_client, page_size=100)
    assert not listed(sample_client)[0].HasField("body")


def test_filters_are_those_of_streams(sample_client: Client) -> None:
    kinds = {event.type_name for event in listed(sample_client)}
    for kind in kinds:
        chosen = {"type_names": [kind]}
        expected = sample_client.sequences(filter=chosen)
        found = listed(sample_client, filter=chosen, page_size=2)
        assert [event.sequence for event in found] == expected != []


def test_the_first_page_begins_where_one_says(sample_client: Client) -> None:
    everything = listed(sample_client)
    assert listed(sample_client, after_sequence=10) == everything[10:]
    assert listed(sample_client, after_sequence=16) == []
    since = everything[4].recorded_at
    found = listed(sample_client, from_time=since, page_size=3)
    assert found == [event for event in everything if not event_before(event, since)]


def event_before(event: Any, time: Any) -> bool:
    """Whether the event was recorded before that time."""
    recorded = event.recorded_at
    return (recorded.seconds, recorded.nanos) < (time.seconds, time.nanos)


def test_an_empty_log_has_one_empty_page(client: Client) -> None:
    response = client.list_events()
    assert (list(response.events), response.next_page_token) == ([], "")


def test_large_events_make_a_page_shorter(server: Server, client: Client) -> None:
    large = {"text": "x" * 200_000}
    accept_all(server, [reply(**large) for _ in range(40)])
    found = pages(client, include_body=True)
    assert [e.sequence for page in found for e in page.events] == list(range(1, 41))
    assert len(found) > 1
    assert all(page.ByteSize() < 4 << 20 for page in found)


def test_a_page_fits_a_client_s_message_however_large_its_last_event_is(
    start_server: StartServer, tmp_path: Path
) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[http]\nbody_bytes_max = 1048576\n")
    server = start_server(f"--config={config}")
    sizes = [200_000] * 7 + [1_000_000]
    accept_all(server, [reply(text="x" * size) for size in sizes])
    with Client(server.grpc) as client:
        found = pages(client, include_body=True)
    assert [e.sequence for page in found for e in page.events] == list(range(1, 9))


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        ({"page_size": 0}, "page_size"),
        ({"page_size": 1001}, "page_size"),
        ({"page_token": "7"}, "page_token"),
        ({"page_token": "after_x"}, "page_token"),
        ({"filter": {"flags": [99]}}, "filter.flags"),
        ({"from_time": {"nanos": -1}}, "from_time"),
    ],
)
def test_what_is_wrong_is_named(
    client: Client, request_: dict[str, Any], field: str
) -> None:
    error = refusal(client, **request_)
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
    [violation] = only_detail(error, rpc.BadRequest).field_violations
    assert violation.field == field


@pytest.mark.parametrize("place", [{"after_sequence": 17}, {"page_token": "after_17"}])
def test_a_place_past_the_head_is_refused(
    sample_client: Client, place: dict[str, Any]
) -> None:
    error = refusal(sample_client, **place)
    assert error.code() == grpc.StatusCode.OUT_OF_RANGE
    info = only_detail(error, rpc.ErrorInfo)
    assert dict(info.metadata) == {"earliest": "1", "head": "16"}
