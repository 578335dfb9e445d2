"""Keeping subscriptions, and reading CURSOR ones."""

from collections.abc import Callable
from typing import Any

import grpc
import pytest

from conftest import StartServer
from support.client import Client, only_detail, read_events
from support.deliveries import reply
from support.protos import event, rpc, service
from support.server import Server
from support.subscriptions import CURSOR, SHARED, Subscriptions, seconds
from support.webhook import accept_all


@pytest.fixture
def kept(client: Client) -> Subscriptions:
    """The subscriptions of `server`."""
    return Subscriptions(client)


@pytest.fixture
def log_of_five(server: Server) -> Server:
    """`server` with five events."""
    assert accept_all(server, [reply() for _ in range(5)]) == [1, 2, 3, 4, 5]
    return server


def code_of(call: Callable[[], Any]) -> grpc.StatusCode:
    """The code that a call fails with."""
    with pytest.raises(grpc.RpcError) as failed:
        call()
    assert isinstance(failed.value, grpc.Call)
    return failed.value.code()


def field_of(call: Callable[[], Any]) -> str:
    """The field that a call says is at fault."""
    with pytest.raises(grpc.RpcError) as failed:
        call()
    assert isinstance(failed.value, grpc.Call)
    assert failed.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    detail = only_detail(failed.value, rpc.BadRequest)
    return str(detail.field_violations[0].field)


def cursor(client: Client, **request: Any) -> list[int]:
    """The sequences that a reader of `crm` gets up to the log's end."""
    stream = client.open(subscription="crm", stop_at_end=True, **request)
    return [found.sequence for response in stream for found in response.events]


def test_one_is_created_listed_and_deleted(kept: Subscriptions) -> None:
    made = kept.create("crm", SHARED, ordering_key=service.ORDERING_KEY_LEAD)
    assert made.name == "crm"
    assert made.ack_deadline.seconds == 30
    assert made.max_deliveries == 20
    assert (made.backoff_min.seconds, made.backoff_max.seconds) == (1, 3600)
    assert made.ordering_key == service.ORDERING_KEY_LEAD
    assert not made.HasField("expires_after")
    assert made.progress.HasField("created_at")
    assert [one.name for one in kept.list().subscriptions] == ["crm"]
    kept.delete("crm")
    assert list(kept.list().subscriptions) == []
    assert code_of(lambda: kept.get("crm")) == grpc.StatusCode.NOT_FOUND


def test_they_are_listed_page_by_page(kept: Subscriptions) -> None:
    for name in ("c", "a", "b"):
        kept.create(name, CURSOR)
    first = kept.list(page_size=2)
    assert [one.name for one in first.subscriptions] == ["a", "b"]
    second = kept.list(page_size=2, page_token=first.next_page_token)
    assert [one.name for one in second.subscriptions] == ["c"]
    assert second.next_page_token == ""


def test_settings_change_under_a_mask(kept: Subscriptions) -> None:
    kept.create("crm", SHARED, max_deliveries=5, ack_deadline=seconds(60))
    changed = kept.update("crm", ["max_deliveries", "expires_after"], max_deliveries=7)
    assert changed.max_deliveries == 7
    assert changed.ack_deadline.seconds == 60
    assert kept.update("crm", ["ack_deadline"]).ack_deadline.seconds == 30
    assert kept.get("crm").max_deliveries == 7


def test_they_outlive_the_server(start_server: StartServer) -> None:
    server = start_server()
    assert accept_all(server, [reply() for _ in range(3)]) == [1, 2, 3]
    with Client(server.grpc) as client:
        kept = Subscriptions(client)
        kept.create("crm", CURSOR, filter=service.EventFilter(phone="+14155550100"))
        kept.create("work", SHARED, max_deliveries=3)
        assert cursor(client) == [1, 2, 3]
        assert kept.acknowledge("crm", 2) == 2
        before = [kept.get("crm"), kept.get("work")]
    assert server.kill() == -9
    with Client(start_server().grpc) as client:
        kept = Subscriptions(client)
        after = [kept.get("crm"), kept.get("work")]
        for one in (*before, *after):
            one.progress.ClearField("oldest_unacknowledged_seconds")
            one.progress.ClearField("active_at")
            one.progress.ClearField("readers")
        assert after == before
        assert cursor(client) == [3]


CREATES: dict[str, tuple[dict[str, Any], str]] = {
    "no name": ({"name": ""}, "subscription.name"),
    "an odd name": ({"name": "My CRM"}, "subscription.name"),
    "a long name": ({"name": "a" * 101}, "subscription.name"),
    "no mode": ({"mode": 0}, "subscription.mode"),
    "an unknown mode": ({"mode": 9}, "subscription.mode"),
    "too short a deadline": ({"ack_deadline": seconds(0)}, "subscription.ack_deadline"),
    "too long a deadline": (
        {"ack_deadline": seconds(601)},
        "subscription.ack_deadline",
    ),
    "no deliveries": ({"max_deliveries": 0}, "subscription.max_deliveries"),
    "absurdly many": ({"max_deliveries": 2**32 - 1}, "subscription.max_deliveries"),
    "too short a backoff": ({"backoff_min": seconds(0)}, "subscription.backoff_min"),
    "backoff the wrong way": (
        {"backoff_min": seconds(9), "backoff_max": seconds(8)},
        "subscription.backoff_max",
    ),
    "an unknown key": ({"ordering_key": 7}, "subscription.ordering_key"),
    "too short a life": ({"expires_after": seconds(59)}, "subscription.expires_after"),
    "an unknown test filter": (
        {"filter": service.EventFilter(test=9)},
        "subscription.filter.test",
    ),
    "a huge filter": (
        {"filter": service.EventFilter(phone="5" * 70_000)},
        "subscription.filter",
    ),
    "no anchor": ({"anchor": 0}, "anchor"),
}


@pytest.mark.parametrize("name", CREATES)
def test_a_setting_at_fault_is_named(kept: Subscriptions, name: str) -> None:
    fields, field = CREATES[name]
    settings: dict[str, Any] = {"name": "crm", "mode": SHARED} | fields
    assert field_of(lambda: kept.create(**settings)) == field
    assert list(kept.list().subscriptions) == []


def test_a_request_at_fault_is_named(kept: Subscriptions) -> None:
    kept.create("crm", CURSOR)
    kept.create("work", SHARED)
    faults: list[tuple[Callable[[], Any], str]] = [
        (
            lambda: kept.create("other", CURSOR, max_deliveries=3),
            "subscription.max_deliveries",
        ),
        (lambda: kept.update("crm", []), "update_mask"),
        (lambda: kept.update("crm", ["mode"]), "update_mask"),
        (lambda: kept.update("crm", ["filter.types"]), "update_mask"),
        (
            lambda: kept.update("crm", ["max_deliveries"], max_deliveries=3),
            "subscription.max_deliveries",
        ),
        (lambda: kept.get(""), "name"),
        (lambda: kept.delete("Ä"), "name"),
        (lambda: kept.seek("crm"), "position"),
        (lambda: kept.list(page_size=0), "page_size"),
        (lambda: kept.list(page_size=1001), "page_size"),
        (lambda: kept.list(page_token="crm"), "page_token"),
        (lambda: kept.list_parked("work", page_size=0), "page_size"),
        (lambda: kept.list_parked("work", page_token="q_1"), "page_token"),
        (lambda: kept.replay("work"), "sequences"),
        (lambda: kept.replay("work", sequences=[1], all=True), "sequences"),
        (lambda: kept.replay("work", sequences=range(1, 1002)), "sequences"),
        (lambda: kept.acknowledge("", 1), "subscription"),
    ]
    for call, field in faults:
        assert field_of(call) == field


def test_what_is_not_there_is_not_found(kept: Subscriptions, client: Client) -> None:
    calls: list[Callable[[], Any]] = [
        lambda: kept.get("crm"),
        lambda: kept.update("crm", ["filter"]),
        lambda: kept.delete("crm"),
        lambda: kept.seek("crm", after_sequence=0),
        lambda: kept.list_parked("crm"),
        lambda: kept.replay("crm", all=True),
        lambda: kept.acknowledge("crm", 0),
        lambda: next(client.open(subscription="crm")),
    ]
    for call in calls:
        assert code_of(call) == grpc.StatusCode.NOT_FOUND


def test_the_other_modes_calls_fail(kept: Subscriptions, client: Client) -> None:
    kept.create("crm", CURSOR)
    kept.create("work", SHARED)
    calls: list[Callable[[], Any]] = [
        lambda: kept.list_parked("crm"),
        lambda: kept.replay("crm", all=True),
        lambda: kept.acknowledge("work", 0),
        lambda: next(client.open(subscription="work")),
    ]
    for call in calls:
        assert code_of(call) == grpc.StatusCode.FAILED_PRECONDITION


def test_a_name_is_taken_once(kept: Subscriptions) -> None:
    kept.create("crm", CURSOR)
    again = code_of(lambda: kept.create("crm", SHARED))
    assert again == grpc.StatusCode.ALREADY_EXISTS
    assert kept.get("crm").mode == CURSOR


def test_a_position_is_in_the_log(log_of_five: Server, kept: Subscriptions) -> None:
    calls: list[Callable[[], Any]] = [
        lambda: kept.create("crm", CURSOR, after_sequence=6),
        lambda: kept.seek("work", after_sequence=2**63),
    ]
    for call in calls:
        if kept.list().subscriptions == []:
            kept.create("work", SHARED)
        with pytest.raises(grpc.RpcError) as failed:
            call()
        info = only_detail(failed.value, rpc.ErrorInfo)
        assert info.reason == "POSITION_OUT_OF_RANGE"
        assert info.metadata["head"] == "5"


@pytest.fixture
def crm(log_of_five: Server, kept: Subscriptions) -> None:
    """A CURSOR at the beginning of `log_of_five`."""
    assert log_of_five.running
    kept.create("crm", CURSOR)


@pytest.mark.usefixtures("crm")
def test_it_goes_on_behind_what_is_acknowledged(
    kept: Subscriptions, client: Client
) -> None:
    assert cursor(client) == [1, 2, 3, 4, 5]
    assert kept.acknowledge("crm", 3) == 3
    assert cursor(client) == [4, 5]
    assert kept.acknowledge("crm", 1) == 3
    assert kept.progress("crm").settled_through == 3
    assert kept.progress("crm").lag_events == 2
    assert kept.progress("crm").oldest_unacknowledged == 4
    assert kept.acknowledge("crm", 5) == 5
    assert kept.progress("crm").lag_events == 0
    assert not kept.progress("crm").HasField("oldest_unacknowledged")


@pytest.mark.usefixtures("crm")
def test_it_brings_its_own_filter_and_place(client: Client) -> None:
    filtered = field_of(lambda: cursor(client, filter=service.EventFilter()))
    assert filtered == "filter"
    assert field_of(lambda: cursor(client, epoch=1)) == "epoch"


@pytest.mark.usefixtures("crm")
def test_its_filter_counts(server: Server, kept: Subscriptions, client: Client) -> None:
    assert accept_all(server, [reply(recipientPhone="+1999")]) == [6]
    kept.update("crm", ["filter"], filter=service.EventFilter(phone="+1999"))
    assert cursor(client) == [6]
    assert kept.acknowledge("crm", 6) == 6


@pytest.mark.usefixtures("crm")
def test_more_than_was_delivered_is_out_of_range(
    kept: Subscriptions, client: Client
) -> None:
    with pytest.raises(grpc.RpcError) as failed:
        kept.acknowledge("crm", 1)
    info = only_detail(failed.value, rpc.ErrorInfo)
    assert (info.reason, info.metadata["delivered"]) == ("NOT_DELIVERED", "0")
    assert cursor(client) == [1, 2, 3, 4, 5]
    with pytest.raises(grpc.RpcError) as failed:
        kept.acknowledge("crm", 2**64 - 1)
    assert only_detail(failed.value, rpc.ErrorInfo).metadata["delivered"] == "5"
    assert kept.acknowledge("crm", 5) == 5


@pytest.mark.usefixtures("crm")
def test_a_reader_takes_over(client: Client) -> None:
    first = client.open(subscription="crm")
    assert len(read_events(first, 5)) == 5
    second = client.open(subscription="crm")
    assert len(read_events(second, 5)) == 5
    assert code_of(lambda: list(first)) == grpc.StatusCode.ABORTED
    second.cancel()


@pytest.mark.usefixtures("crm")
def test_a_move_ends_its_reader(kept: Subscriptions, client: Client) -> None:
    stream = client.open(subscription="crm")
    assert len(read_events(stream, 5)) == 5
    assert kept.acknowledge("crm", 5) == 5
    assert kept.seek("crm", after_sequence=1).progress.settled_through == 1
    assert code_of(lambda: list(stream)) == grpc.StatusCode.ABORTED
    assert cursor(client) == [2, 3, 4, 5]
    kept.seek("crm", anchor=service.ANCHOR_LATEST)
    assert cursor(client) == []


@pytest.mark.usefixtures("crm")
def test_its_end_is_its_readers_end(kept: Subscriptions, client: Client) -> None:
    stream = client.open(subscription="crm")
    assert len(read_events(stream, 5)) == 5
    kept.delete("crm")
    assert code_of(lambda: list(stream)) == grpc.StatusCode.ABORTED


@pytest.mark.usefixtures("crm")
def test_it_follows(server: Server, kept: Subscriptions, client: Client) -> None:
    stream = client.open(subscription="crm", include_body=True)
    assert len(read_events(stream, 5)) == 5
    later = reply()
    assert accept_all(server, [later]) == [6]
    [found] = read_events(stream, 1)
    assert found.body == later.body
    assert found.type == event.EVENT_TYPE_MESSAGE_REPLY
    assert kept.acknowledge("crm", 6) == 6
    assert kept.progress("crm").readers == 1
    stream.cancel()
