"""A delivery that comes again is answered as before and kept once."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from conftest import StartServer
from support.client import Client
from support.config import write_endpoints, write_rotation
from support.deliveries import (
    OTHER_SECRET,
    SECRET,
    Delivery,
    event_id,
    reply,
    samples,
    sign,
    signed,
)
from support.server import Server
from support.webhook import Answer, accept_all, post, post_all


def test_a_copy_is_answered_with_the_first_sequence(
    server: Server, client: Client
) -> None:
    first, second = reply(), reply()
    accept_all(server, [first, second])
    for _ in range(3):
        answer = post(server, first)
        assert answer.status == 200
        assert answer.json == {
            "status": "duplicate",
            "eventId": event_id(first.body),
            "sequence": "1",
        }
    assert client.sequences() == [1, 2]
    assert post(server, reply()).json["sequence"] == "3"


def test_copies_of_every_sample_are_duplicates(server: Server, client: Client) -> None:
    accept_all(server, samples())
    answers = post_all(server, samples())
    assert {answer.json["status"] for answer in answers} == {"duplicate"}
    assert [answer.json["sequence"] for answer in answers] == [
        str(sequence) for sequence in range(1, 17)
    ]
    assert len(client.events()) == 16


def test_the_same_message_in_other_bytes_is_another_event(server: Server) -> None:
    delivery = reply()
    respelt = signed(delivery.body.replace(b": ", b":"))
    assert accept_all(server, [delivery, respelt]) == [1, 2]


def test_unsigned_headers_make_no_other_event(server: Server) -> None:
    delivery = reply()
    accept_all(server, [delivery])
    answer = post(server, delivery.without_header("x-tuco-event"))
    assert answer.json["status"] == "duplicate"


def test_two_secrets_sign_one_event_during_rotation(
    start_server: StartServer, tmp_path: Path
) -> None:
    server = start_server(f"--config={write_rotation(tmp_path)}", env={})
    delivery = reply(SECRET)
    again = delivery.with_header("x-tuco-signature", sign(delivery.body, OTHER_SECRET))
    later = reply(OTHER_SECRET)
    assert post(server, delivery).json["status"] == "accepted"
    assert post(server, again).json == {
        "status": "duplicate",
        "eventId": event_id(delivery.body),
        "sequence": "1",
    }
    assert post(server, later).json["sequence"] == "2"
    with Client(server.grpc) as client:
        names = [event.secret_name for event in client.events()]
    assert names == ["before", "after"]


def test_a_revoked_secret_verifies_nothing(
    start_server: StartServer, tmp_path: Path
) -> None:
    secrets = {"old": SECRET, "main": OTHER_SECRET}
    config = write_endpoints(tmp_path, {"tuco": secrets})
    server = start_server(f"--config={config}", env={})
    assert post(server, reply(SECRET)).status == 401
    assert post(server, reply(OTHER_SECRET)).status == 200


def test_endpoints_keep_their_secrets_and_events_apart(
    start_server: StartServer, tmp_path: Path
) -> None:
    config = write_endpoints(
        tmp_path, {"tuco": {"main": SECRET}, "eu-2": {"main": OTHER_SECRET}}
    )
    server = start_server(f"--config={config}", env={})
    delivery = reply(SECRET)
    theirs = signed(delivery.body, OTHER_SECRET)
    assert post(server, delivery, path="/webhooks/eu-2").status == 401
    assert post(server, theirs, path="/webhooks/tuco").status == 401
    assert post(server, delivery).json["eventId"] == event_id(delivery.body)
    answer = post(server, theirs, path="/webhooks/eu-2")
    assert answer.json == {
        "status": "accepted",
        "eventId": event_id(delivery.body, "eu-2"),
        "sequence": "2",
    }
    with Client(server.grpc) as client:
        assert [event.endpoint for event in client.events()] == ["tuco", "eu-2"]


def test_copies_at_the_same_time_make_one_event(server: Server, client: Client) -> None:
    deliveries = [reply() for _ in range(25)]

    def send(order: Sequence[Delivery]) -> list[Answer]:
        return post_all(server, order)

    with ThreadPoolExecutor(4) as pool:
        rounds = list(pool.map(send, [deliveries] * 4))
    for copies in zip(*rounds, strict=True):
        assert Counter(copy.json["status"] for copy in copies) == {
            "accepted": 1,
            "duplicate": 3,
        }
        assert len({copy.json["sequence"] for copy in copies}) == 1
    assert client.sequences() == list(range(1, 26))
