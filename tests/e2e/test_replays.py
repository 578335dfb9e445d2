"""What cannot be told from a replay is kept, and only released by hand."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from conftest import StartServer
from support.cli import Result, run
from support.client import Client, flags
from support.deliveries import Delivery, event_id, reply, time_text
from support.log_file import run_sql, set_meta
from support.server import Server
from support.wait import wait_until
from support.webhook import accept_all, metrics, post

HELD = 'tuco_quarantine_held{verified="true"}'
HORIZON_AGE = timedelta(days=40)


def quarantine(server: Server, *args: str) -> Result:
    """Runs `tuco-events quarantine`."""
    return run("quarantine", *args, f"--grpc={server.grpc}")


def listed(server: Server, *args: str) -> list[dict[str, Any]]:
    """What `quarantine list` prints."""
    return quarantine(server, "list", "--output=json", *args).json_lines()


def microseconds(age: timedelta) -> int:
    """The time that lies `age` back, as the log stores it."""
    return round((datetime.now(UTC) - age).timestamp() * 1e6)


def aged(age: timedelta) -> Delivery:
    """A delivery that was signed so long ago."""
    return reply(timestamp=time_text(age))


def server_that_forgot(start_server: StartServer, data: Path) -> Server:
    """A server whose log forgot the first of two keys, signed 40 days ago."""
    first = start_server()
    accept_all(first, [aged(HORIZON_AGE), reply()])
    assert first.stop() == 0
    run_sql(data, "DELETE FROM duplicate_keys WHERE sequence = 1")
    set_meta(data, forgotten_keys=1, dedup_horizon_us=microseconds(HORIZON_AGE))
    return start_server()


def test_a_delivery_older_than_the_horizon_is_kept(
    start_server: StartServer, tmp_path: Path
) -> None:
    server = server_that_forgot(start_server, tmp_path / "data")
    old = aged(HORIZON_AGE + timedelta(minutes=1))
    answer = post(server, old)
    assert answer.status == 202
    assert answer.json == {"status": "quarantined", "quarantineId": "q_1"}
    [entry] = listed(server, "--reason=REPLAY_BOUNDS")
    assert entry["id"] == "q_1"
    assert entry["verified"] is True
    assert entry["state"] == "QUARANTINE_STATE_HELD"
    assert metrics(server)[HELD] == 1
    # A younger one is an event, however late it is.
    younger = aged(HORIZON_AGE - timedelta(minutes=1))
    assert accept_all(server, [younger]) == [3]
    with Client(server.grpc) as client:
        assert "LATE" in flags(client.events()[-1])


def test_it_comes_in_by_hand_only(start_server: StartServer, tmp_path: Path) -> None:
    data = tmp_path / "data"
    server = server_that_forgot(start_server, data)
    old = aged(HORIZON_AGE + timedelta(minutes=1))
    assert post(server, old).status == 202
    # Neither a restart nor a copy brings it in.
    assert server.stop() == 0
    server = start_server()
    assert post(server, old).status == 202
    assert metrics(server)[HELD] == 2
    with Client(server.grpc) as client:
        assert client.sequences() == [1, 2]
    result = quarantine(server, "release", "q_1")
    assert result.code == 0, result.stderr
    with Client(server.grpc) as client:
        [*_, released] = client.events(include_body=True)
    assert (released.sequence, released.body) == (3, old.body)
    assert released.event_id == event_id(old.body)
    [first, second] = listed(server)
    assert first["state"] == "QUARANTINE_STATE_RELEASED"
    assert second["state"] == "QUARANTINE_STATE_HELD"
    # It is known now.
    assert post(server, old).json["status"] == "duplicate"
    assert quarantine(server, "release", "q_2").code == 0
    wait_until(
        lambda: listed(server)[1]["state"] == "QUARANTINE_STATE_DUPLICATE",
        "q_2 to be known for a copy",
    )
    with Client(server.grpc) as client:
        assert client.sequences() == [1, 2, 3]
