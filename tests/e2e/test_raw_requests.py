"""Requests byte by byte: well-formed, malformed, and made to smuggle another."""

import socket

import pytest

from conftest import StartServer
from support.raw_requests import RAW_REQUESTS, Fate, RawRequest
from support.server import Server
from support.webhook import Answer, connect, split_answers

LAST_REQUEST = b"GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def raw_server(start_module_server: StartServer) -> Server:
    """One server for the whole table, which it survives."""
    return start_module_server()


def send(connection: socket.socket, sent: bytes, size: int) -> None:
    """Sends in parts of `size`; the server may have closed before the end."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        for at in range(0, len(sent), size):
            connection.sendall(sent[at : at + size])
    except (BrokenPipeError, ConnectionResetError):
        pass


def receive(connection: socket.socket) -> list[Answer]:
    """All answers until the server closes, which it does in order."""
    received = b""
    while part := connection.recv(1 << 16):
        received += part
    return split_answers(received)


def answers_to(server: Server, request: RawRequest, size: int) -> list[Answer]:
    """The answers to the request, sent in parts of `size` bytes."""
    with connect(server) as connection:
        send(connection, request.sent, size)
        if request.fate is Fate.OPEN:
            connection.sendall(LAST_REQUEST)
        elif request.fate is Fate.WAITS:
            connection.shutdown(socket.SHUT_WR)
        answers = receive(connection)
    if request.fate is Fate.OPEN:
        assert answers.pop().json == {"status": "ok"}
    return answers


def assert_as_expected(request: RawRequest, answers: list[Answer]) -> None:
    """The answers, no more, and problem JSON where something was refused."""
    assert tuple(answer.status for answer in answers) == request.statuses
    for answer in answers:
        if answer.status < 400:
            continue
        assert answer.headers["connection"] == "close"
        assert answer.headers["content-type"] == "application/problem+json"
        assert set(answer.json) == {"type", "title", "status", "detail"}
        assert answer.json["status"] == answer.status
        assert ("allow" in answer.headers) == (answer.status == 405)
    if request.fate is Fate.CLOSED:
        assert answers[-1].headers["connection"] == "close"


@pytest.mark.parametrize("name", RAW_REQUESTS)
def test_the_answer_is_the_expected_one(raw_server: Server, name: str) -> None:
    request = RAW_REQUESTS[name]
    assert_as_expected(request, answers_to(raw_server, request, 1 << 20))


@pytest.mark.parametrize(
    "name", [name for name in RAW_REQUESTS if RAW_REQUESTS[name].is_small]
)
def test_the_answer_does_not_depend_on_the_parts(raw_server: Server, name: str) -> None:
    request = RAW_REQUESTS[name]
    assert_as_expected(request, answers_to(raw_server, request, 1))
