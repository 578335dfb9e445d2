"""A disk that takes no more: deliveries are refused, and nothing is lost."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conftest import StartServer
from support.client import Client
from support.deliveries import Delivery, event_id, reply
from support.server import Server
from support.webhook import Answer, accept_all, curl, metrics, post, post_all

UNAVAILABLE = 'tuco_deliveries_total{answer="unavailable"}'


@contextmanager
def full_disk(server: Server, data: Path) -> Iterator[None]:
    """Lets no file of the server grow beyond what the largest has now."""
    largest = max(file.stat().st_size for file in data.iterdir())
    pid, limit = server.process.pid, resource.RLIMIT_FSIZE
    before = resource.prlimit(pid, limit)
    resource.prlimit(pid, limit, (largest, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, limit, before)


def post_until_full(server: Server) -> tuple[list[Delivery], Delivery, Answer]:
    """What was accepted, and the first delivery that was not, with its answer."""
    accepted: list[Delivery] = []
    for _ in range(100):
        delivery = reply(message="x" * 100_000)
        [answer] = post_all(server, [delivery])
        if answer.status != 200:
            return accepted, delivery, answer
        accepted.append(delivery)
    raise AssertionError("the disk does not get full")


def test_a_full_disk_is_told_and_recovered_from(
    start_server: StartServer, tmp_path: Path
) -> None:
    server = start_server()
    first = reply(message="x" * 200_000)
    accept_all(server, [first])
    with full_disk(server, tmp_path / "data"):
        accepted, refused, answer = post_until_full(server)
        assert answer.status == 503
        assert int(answer.headers["retry-after"]) > 0
        assert answer.headers["content-type"] == "application/problem+json"
        assert post(server, refused).status == 503
        assert post(server, first).json["status"] == "duplicate"
        assert metrics(server)[UNAVAILABLE] == 2
        assert curl(f"http://{server.admin}/healthz").status == 200
        assert curl(f"http://{server.admin}/readyz").status == 503
        with Client(server.grpc) as client:
            assert client.sequences() == list(range(1, len(accepted) + 2))
    kept = [first, *accepted, refused]
    assert post(server, refused).json == {
        "status": "accepted",
        "eventId": event_id(refused.body),
        "sequence": str(len(kept)),
    }
    assert curl(f"http://{server.admin}/readyz").status == 200
    server.stop()
    with Client(start_server().grpc) as client:
        events = client.events(include_body=True)
    assert [event.body for event in events] == [delivery.body for delivery in kept]
