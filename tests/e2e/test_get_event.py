"""GetEvent: one event by its sequence or its id."""

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import grpc
import pytest

from conftest import StartServer
from support.client import Client
from support.deliveries import reply
from support.webhook import accept_all


def refusal(client: Client, **request: Any) -> grpc.RpcError:
    """The error that the call ends with."""
    with pytest.raises(grpc.RpcError) as caught:
        client.get_event(**request)
    return caught.value


def test_an_event_is_found_by_either_key(
    sample_client: Client, sample_events: list[Any]
) -> None:
    for event in sample_events:
        for key in ({"sequence": event.sequence}, {"event_id": event.event_id}):
            assert sample_client.get_event(include_body=True, **key) == event


def test_the_body_is_left_out_unless_wanted(sample_client: Client) -> None:
    event = sample_client.get_event(sequence=1)
    assert not event.HasField("body")
    assert not event.HasField("signature")


def test_what_is_not_there_is_named(sample_client: Client) -> None:
    error = refusal(sample_client, sequence=17)
    assert error.code() == grpc.StatusCode.NOT_FOUND
    assert error.details() == "event 17 is not there: the newest one is 16"
    unknown = "evt_" + "0" * 32
    error = refusal(sample_client, event_id=unknown)
    assert error.code() == grpc.StatusCode.NOT_FOUND
    assert unknown in str(error.details())


@pytest.mark.parametrize("key", [{}, {"sequence": 0}, {"event_id": "evt_1"}])
def test_what_is_no_key_is_refused(sample_client: Client, key: dict[str, Any]) -> None:
    error = refusal(sample_client, **key)
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_a_lost_and_a_damaged_event_are_told_apart(
    start_server: StartServer, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    server = start_server()
    accept_all(server, [reply() for _ in range(2)])
    assert server.stop() == 0
    shutil.copy(data / "events.db", tmp_path / "old.db")
    server = start_server()
    accept_all(server, [reply()])
    assert server.stop() == 0
    for name in ("events.db-wal", "events.db-shm"):
        (data / name).unlink(missing_ok=True)
    shutil.copy(tmp_path / "old.db", data / "events.db")
    with sqlite3.connect(data / "events.db") as log:
        log.execute("UPDATE events SET body = x'00' WHERE sequence = 1")
    with Client(start_server().grpc) as client:
        error = refusal(client, sequence=3)
        assert error.code() == grpc.StatusCode.NOT_FOUND
        assert "gap" in str(error.details())
        error = refusal(client, sequence=1)
        assert error.code() == grpc.StatusCode.DATA_LOSS
        assert "record 1 is damaged" in str(error.details())
        assert client.get_event(sequence=2).sequence == 2
