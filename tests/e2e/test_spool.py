"""A log that takes nothing: deliveries go to the spool, and later into the log."""

from pathlib import Path

from conftest import StartServer
from support.cli import run
from support.client import Client, flags
from support.config import write_endpoints
from support.deliveries import SECRET, Delivery, event_id, reply
from support.server import Server
from support.wait import wait_until
from support.webhook import accept_all, curl, metrics, post
from test_storage_failure import full_disk

SPOOLED = "tuco_spool_records"


def start(
    start_server: StartServer, folder: Path, spool: Path, reserve: int = 0
) -> Server:
    """A server with a spool whose log leaves so many bytes of its volume alone."""
    config = write_endpoints(folder, {"tuco": {"main": SECRET}})
    config.write_text(
        f'[log]\nspool_dir = "{spool}"\nreserve_bytes = {reserve}\n'
        + config.read_text()
    )
    return start_server(f"--config={config}", env={})


# More than any volume has.
ALL = 1 << 60


def test_what_the_log_cannot_take_is_spooled_and_merged_after_a_restart(
    start_server: StartServer, tmp_path: Path
) -> None:
    spool = tmp_path / "spool"
    server = start(start_server, tmp_path, spool, reserve=ALL)
    deliveries = [reply() for _ in range(5)]
    for delivery in deliveries:
        assert post(server, delivery).json == {
            "status": "spooled",
            "eventId": event_id(delivery.body),
        }
    assert post(server, deliveries[2]).json == {
        "status": "duplicate",
        "eventId": event_id(deliveries[2].body),
    }
    assert metrics(server)[SPOOLED] == 5
    assert metrics(server)["tuco_log_head_sequence"] == 0
    assert curl(f"http://{server.admin}/readyz").status == 200
    server.kill()

    server = start(start_server, tmp_path, spool)
    wait_until(lambda: metrics(server)[SPOOLED] == 0, "the merge")
    with Client(server.grpc) as client:
        events = client.events(include_body=True)
    assert [event.body for event in events] == [d.body for d in deliveries]
    assert all("LATE" in flags(event) for event in events)
    assert {event.origin for event in events} == {3}
    again = post(server, deliveries[0])
    assert again.json["status"] == "duplicate"
    assert again.json["sequence"] == "1"


def test_a_full_disk_costs_nothing_with_a_spool(
    start_server: StartServer, tmp_path: Path
) -> None:
    server = start(start_server, tmp_path, tmp_path / "spool")
    first = reply(message="x" * 200_000)
    accept_all(server, [first])
    kept: list[Delivery] = [first]
    with full_disk(server, tmp_path / "data"):
        for _ in range(100):
            delivery = reply(message="x" * 100_000)
            answer = post(server, delivery)
            assert answer.status == 200, answer
            kept.append(delivery)
            if answer.json["status"] == "spooled":
                break
        else:
            raise AssertionError("the disk does not get full")
    wait_until(lambda: metrics(server)[SPOOLED] == 0, "the merge")
    last = reply()
    accept_all(server, [last])
    with Client(server.grpc) as client:
        events = client.events(include_body=True)
    assert [event.body for event in events] == [d.body for d in [*kept, last]]


def test_two_servers_do_not_share_a_spool(
    start_server: StartServer, tmp_path: Path
) -> None:
    start(start_server, tmp_path, tmp_path / "spool")
    config = tmp_path / "tuco-events.toml"
    second = run(
        "serve",
        "--http=off",
        "--grpc=off",
        "--admin=off",
        f"--config={config}",
        f"--data={tmp_path / 'second'}",
    )
    assert second.code == 3
    assert str(tmp_path / "spool") in second.stderr
