"""SIGTERM: nobody who has connected is left without an answer."""

import signal
import time

import grpc
import pytest

from conftest import StartServer
from support.client import Client
from support.deliveries import event_id, reply
from support.protos import service
from support.server import Server
from support.wait import wait_until
from support.webhook import connect, curl, post, read_answer, request_bytes


def terminate(server: Server) -> None:
    """Sends SIGTERM and waits until the server has taken notice of it."""
    server.send_signal(signal.SIGTERM)
    wait_until(lambda: curl(f"http://{server.admin}/readyz").status == 503, "draining")


def test_an_idle_server_ends_at_once(server: Server) -> None:
    start = time.monotonic()
    assert server.stop() == 0
    # Without a connection there is nobody to wait for.
    assert time.monotonic() - start < 2


def test_sigint_ends_it_as_interrupted(server: Server) -> None:
    assert server.stop(signal.SIGINT) == 130


def test_an_open_connection_is_answered_and_told_to_close(
    start_server: StartServer,
) -> None:
    server = start_server()
    with connect(server) as connection:
        connection.sendall(request_bytes(reply()))
        before = read_answer(connection)
        assert before.json["status"] == "accepted"
        assert "connection" not in before.headers
        terminate(server)
        connection.sendall(request_bytes(reply()))
        after = read_answer(connection)
        assert after.json == before.json | {
            "eventId": after.json["eventId"],
            "sequence": "2",
        }
        assert after.headers["connection"] == "close"
        assert connection.recv(1) == b""
    assert server.wait() == 0
    server.check_output()
    with Client(start_server().grpc) as client:
        assert client.sequences() == [1, 2]


def test_a_delivery_that_is_half_sent_is_still_taken(server: Server) -> None:
    delivery = reply()
    request = request_bytes(delivery)
    with connect(server) as connection:
        connection.sendall(request[:-20])
        # Answered behind the first half, so that half has been read.
        assert post(server, reply()).status == 200
        terminate(server)
        connection.sendall(request[-20:])
        answer = read_answer(connection)
        assert answer.json["eventId"] == event_id(delivery.body)
        assert answer.headers["connection"] == "close"
    assert server.wait() == 0


def test_a_silent_connection_does_not_hold_it_up(server: Server) -> None:
    with connect(server) as connection:
        connection.sendall(request_bytes(reply()))
        read_answer(connection)
        start = time.monotonic()
        assert server.stop() == 0
        assert 1.5 < time.monotonic() - start < 15


def test_new_connections_are_refused_while_draining(server: Server) -> None:
    with connect(server) as connection:
        connection.sendall(request_bytes(reply())[:-5])
        assert post(server, reply()).status == 200
        terminate(server)
        with pytest.raises(ConnectionRefusedError):
            connect(server)
    assert server.wait() == 0


def test_subscribers_get_what_is_accepted_while_draining(
    server: Server, client: Client
) -> None:
    stream = client.open(anchor=service.ANCHOR_LATEST)
    assert next(stream).HasField("caught_up")
    with connect(server) as connection:
        connection.sendall(request_bytes(reply()))
        read_answer(connection)
        terminate(server)
        connection.sendall(request_bytes(reply()))
        assert read_answer(connection).json["sequence"] == "2"
    sequences = []
    # What came before the error counts.
    with pytest.raises(grpc.RpcError) as caught:  # noqa: PT012
        for response in stream:
            sequences += [event.sequence for event in response.events]
    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
    assert sequences == [1, 2]
    assert server.wait() == 0


def test_a_second_signal_ends_the_draining(server: Server) -> None:
    with connect(server) as connection:
        connection.sendall(request_bytes(reply())[:-5])
        assert post(server, reply()).status == 200
        terminate(server)
        server.send_signal(signal.SIGTERM)
        assert server.wait() == 0


def test_sighup_does_not_end_it(server: Server) -> None:
    server.send_signal(signal.SIGHUP)
    wait_until(lambda: "SIGHUP" in server.stderr, "a word about SIGHUP")
    assert post(server, reply()).status == 200
