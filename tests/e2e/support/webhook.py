"""HTTP as others speak it: by curl, by Python's own client, byte by byte."""

import http.client
import json
import socket
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from support.deliveries import Delivery
from support.environment import environment
from support.server import Server
from support.wait import DEADLINE_S


@dataclass(frozen=True)
class Answer:
    """A response; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes
    # How many 1xx responses came before it.
    interim: int = 0

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


def curl(url: str, *args: str, body: bytes | None = None) -> Answer:
    """Runs curl with `body`, if any, as the data to send."""
    data = [] if body is None else ["--data-binary", "@-"]
    command = ["curl", "-sS", "-i", "--noproxy", "*", "--max-time", "20"]
    done = subprocess.run(
        [*command, *data, *args, url],
        input=body or b"",
        capture_output=True,
        env=environment(),
        timeout=DEADLINE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    answers = split_answers(done.stdout)
    assert len(answers) == 1
    return answers[0]


def post(
    server: Server,
    delivery: Delivery,
    *args: str,
    path: str = "/webhooks/tuco",
) -> Answer:
    """Posts by curl."""
    headers: list[str] = []
    for name, value in delivery.headers.items():
        headers += ["-H", f"{name}: {value}"]
    url = f"http://{server.http}{path}"
    return curl(url, *headers, *args, body=delivery.body)


def post_all(server: Server, deliveries: Sequence[Delivery]) -> list[Answer]:
    """Posts one after the other over one connection, by http.client."""
    connection = http.client.HTTPConnection(server.http, timeout=DEADLINE_S)
    answers = []
    try:
        for delivery in deliveries:
            connection.request(
                "POST", "/webhooks/tuco", delivery.body, delivery.headers
            )
            response = connection.getresponse()
            headers = {name.lower(): value for name, value in response.getheaders()}
            answers.append(Answer(response.status, headers, response.read()))
    finally:
        connection.close()
    return answers


def accept_all(server: Server, deliveries: Sequence[Delivery]) -> list[int]:
    """Posts what must be accepted; the sequences."""
    answers = post_all(server, deliveries)
    assert [answer.json.get("status") for answer in answers] == ["accepted"] * len(
        deliveries
    )
    return [int(answer.json["sequence"]) for answer in answers]


def request_bytes(
    delivery: Delivery, extra: str = "", target: str = "/webhooks/tuco"
) -> bytes:
    """A request as it goes over the wire; `extra` is whole header lines."""
    head = f"POST {target} HTTP/1.1\r\nHost: test\r\n"
    for name, value in delivery.headers.items():
        head += f"{name}: {value}\r\n"
    if "content-length" not in extra.lower() and "chunked" not in extra.lower():
        extra += f"Content-Length: {len(delivery.body)}\r\n"
    return (head + extra + "\r\n").encode() + delivery.body


def connect(server: Server) -> socket.socket:
    """A connection to the ingress."""
    host, _, port = server.http.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=DEADLINE_S)


def read_answer(connection: socket.socket) -> Answer:
    """Reads one response and leaves the connection open."""
    response = http.client.HTTPResponse(connection, method="POST")
    try:
        response.begin()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, headers, response.read())
    finally:
        response.close()


def exchange(server: Server, request: bytes) -> list[Answer]:
    """Sends `request`, reads until the server closes, and returns all of it."""
    with connect(server) as connection:
        connection.sendall(request)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    return split_answers(received)


def split_answers(received: bytes) -> list[Answer]:
    """The responses in a stream of bytes; HEAD's have no body."""
    answers = []
    interim = 0
    while received:
        head, _, received = received.partition(b"\r\n\r\n")
        status_line, *lines = head.decode("ascii").split("\r\n")
        status = int(status_line.split(" ")[1])
        if status < 200:
            interim += 1
            continue
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            assert name.lower() not in headers, f"{name} came twice"
            headers[name.lower()] = value.strip()
        size = int(headers.get("content-length", 0))
        answers.append(Answer(status, headers, received[:size], interim))
        received = received[size:]
        interim = 0
    return answers


def metrics(server: Server) -> dict[str, float]:
    """The samples of /metrics, by name with labels in alphabetical order."""
    answer = curl(f"http://{server.admin}/metrics")
    assert answer.status == 200
    samples = {}
    for line in answer.body.decode().splitlines():
        if line.startswith("#") or not line:
            continue
        key, _, value = line.rpartition(" ")
        name, _, labels = key.rstrip("}").partition("{")
        if labels:
            key = name + "{" + ",".join(sorted(labels.split(","))) + "}"
        assert key not in samples, f"{key} came twice"
        samples[key] = float(value)
    return samples
