"""Limits of HTTP, and what curl and others do with it.

What is malformed is in test_raw_requests.py.
"""

import resource
from pathlib import Path

from conftest import StartServer
from support.client import Client
from support.config import write_endpoints
from support.deliveries import SECRET, Delivery, event_id, reply, signed
from support.server import Server
from support.wait import wait_until
from support.webhook import (
    accept_all,
    connect,
    exchange,
    post,
    read_answer,
    request_bytes,
)

BODY_BYTES_MAX = 256 * 1024
TARGET_BYTES_MAX = 2 * 1024
HEADER_BYTES_MAX = 8 * 1024


def sized(size: int) -> Delivery:
    """A genuine delivery whose body has `size` bytes."""
    frame = b'{"data":{"message":"' + b'"}}'
    return signed(frame[:-3] + b"x" * (size - len(frame)) + frame[-3:])


def chunked(body: bytes) -> bytes:
    """The body in one chunk, and its end."""
    return f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"


def test_a_body_up_to_the_limit_is_accepted(server: Server) -> None:
    answer = post(server, sized(BODY_BYTES_MAX))
    assert answer.json["status"] == "accepted"


def test_a_body_past_the_limit_is_refused(server: Server, client: Client) -> None:
    assert post(server, sized(BODY_BYTES_MAX + 1)).status == 413
    assert client.events() == []


def test_too_large_a_body_is_refused_before_it_is_sent(server: Server) -> None:
    announced = f"Content-Length: {BODY_BYTES_MAX + 1}\r\n"
    [answer] = exchange(server, request_bytes(signed(b""), announced))
    assert answer.status == 413
    assert answer.headers["connection"] == "close"


def test_a_chunked_body_past_the_limit_is_refused(server: Server) -> None:
    delivery = sized(BODY_BYTES_MAX + 1)
    head = request_bytes(
        Delivery(b"", delivery.headers), "Transfer-Encoding: chunked\r\n"
    )
    [answer] = exchange(server, head + chunked(delivery.body))
    assert answer.status == 413


def test_the_limit_of_the_body_can_be_set(
    start_server: StartServer, tmp_path: Path
) -> None:
    config = tmp_path / "tuco.toml"
    config.write_text("[http]\nbody_bytes_max = 2048\n")
    server = start_server(f"--config={config}")
    assert post(server, sized(2048)).status == 200
    assert post(server, sized(2049)).status == 413


def test_an_endpoint_can_have_a_limit_of_its_own(
    start_server: StartServer, tmp_path: Path
) -> None:
    secrets = {"small": {"main": SECRET}, "large": {"main": SECRET}}
    config = write_endpoints(tmp_path, secrets)
    lines = config.read_text().replace(
        'name = "small"', 'name = "small"\nbody_bytes_max = 1024', 1
    )
    config.write_text(lines)
    server = start_server(f"--config={config}")
    assert post(server, sized(1024), path="/webhooks/small").status == 200
    assert post(server, sized(1025), path="/webhooks/large").status == 200
    refused = post(server, sized(1025), path="/webhooks/small")
    assert (refused.status, refused.headers["connection"]) == (413, "close")
    announced = Delivery(b"", signed(b"").headers)
    # Before any of it is sent.
    length = request_bytes(announced, "Content-Length: 1025\r\n", "/webhooks/small")
    [answer] = exchange(server, length)
    assert answer.status == 413
    head = request_bytes(announced, "Transfer-Encoding: chunked\r\n", "/webhooks/small")
    [answer] = exchange(server, head + chunked(sized(1025).body))
    assert answer.status == 413


def test_a_chunked_body_is_accepted(server: Server, client: Client) -> None:
    delivery = reply()
    head = request_bytes(
        Delivery(b"", delivery.headers),
        "Transfer-Encoding: chunked\r\nConnection: close\r\n",
    )
    [answer] = exchange(server, head + chunked(delivery.body))
    assert answer.json["eventId"] == event_id(delivery.body)
    assert [event.body for event in client.events(include_body=True)] == [delivery.body]


def test_curl_is_told_to_continue_with_a_big_body(server: Server) -> None:
    answer = post(server, sized(200_000), "-H", "Expect: 100-continue")
    assert answer.json["status"] == "accepted"
    assert answer.interim == 1


def test_the_body_may_wait_until_it_is_asked_for(server: Server) -> None:
    delivery = reply()
    request = request_bytes(delivery, "Expect: 100-continue\r\n")
    head = request[: -len(delivery.body)]
    with connect(server) as connection:
        connection.sendall(head)
        assert connection.recv(1024) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(delivery.body)
        assert read_answer(connection).json["status"] == "accepted"


def test_a_target_up_to_the_limit_is_accepted(server: Server) -> None:
    path = "/webhooks/tuco?"
    path += "x" * (TARGET_BYTES_MAX - len(path))
    assert post(server, reply(), path=path).status == 200


def test_too_long_a_target_is_refused(server: Server) -> None:
    path = "/webhooks/tuco?"
    path += "x" * (TARGET_BYTES_MAX + 1 - len(path))
    answer = post(server, reply(), path=path)
    assert answer.status == 414
    assert answer.headers["connection"] == "close"


def test_too_big_a_header_is_refused(server: Server) -> None:
    answer = post(server, reply().with_header("x-filler", "x" * HEADER_BYTES_MAX))
    assert answer.status == 431
    assert answer.headers["connection"] == "close"


def test_too_many_header_fields_are_refused(server: Server) -> None:
    many = "".join(f"x-{number}: 1\r\n" for number in range(65))
    [answer] = exchange(server, request_bytes(reply(), many))
    assert answer.status == 431


def test_pipelined_deliveries_are_answered_in_order(server: Server) -> None:
    deliveries = [reply() for _ in range(5)]
    requests = [request_bytes(delivery) for delivery in deliveries[:-1]]
    requests.append(request_bytes(deliveries[-1], "Connection: close\r\n"))
    answers = exchange(server, b"".join(requests))
    assert [answer.json["eventId"] for answer in answers] == [
        event_id(delivery.body) for delivery in deliveries
    ]
    assert [answer.json["sequence"] for answer in answers] == list("12345")


def test_http_1_0_is_answered_and_closed(server: Server) -> None:
    request = request_bytes(reply()).replace(b"HTTP/1.1", b"HTTP/1.0", 1)
    [answer] = exchange(server, request)
    assert answer.json["status"] == "accepted"


def test_one_connection_carries_many_deliveries(server: Server) -> None:
    assert accept_all(server, [reply() for _ in range(50)]) == list(range(1, 51))


def test_a_client_that_leaves_midway_disturbs_nobody(
    server: Server, client: Client
) -> None:
    with connect(server) as connection:
        connection.sendall(request_bytes(reply())[:-5])
    assert post(server, reply()).json["sequence"] == "1"
    assert client.sequences() == [1]


def test_deliveries_come_in_again_after_descriptors_ran_out(server: Server) -> None:
    pid = server.process.pid
    limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    with connect(server) as kept:
        kept.sendall(request_bytes(reply()))
        assert read_answer(kept).status == 200
        used = {int(path.name) for path in Path(f"/proc/{pid}/fd").iterdir()}
        lowest_free = min(set(range(len(used) + 1)) - used)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (lowest_free, limits[1]))
        with connect(server) as outside:  # The kernel's queue takes it.
            outside.sendall(request_bytes(reply()))
            wait_until(lambda: "cannot accept" in server.stderr, "accepting to fail")
            # Whoever is inside is served all the same.
            for _ in range(20):
                kept.sendall(request_bytes(reply()))
                assert read_answer(kept).status == 200
            resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)
            assert read_answer(outside).json["status"] == "accepted"
    assert server.stderr.count("cannot accept") == 1
