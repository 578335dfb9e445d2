"""Behind a proxy: both sides agree about where each request ends.

A proxy that forwards requests hands back one answer for each. Were the ingress
to see more requests than the proxy forwarded, it would give more answers than
come back; each of its answers is JSON, and none of a proxy's own is. So the
answers that clients get are held against those that the ingress counts.
"""

import os
import random
import re
import selectors
import socket
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from conftest import StartServer
from support.deliveries import reply
from support.mutated_requests import mutated_request
from support.proxies import PROXIES, Proxy, is_installed
from support.server import Server
from support.wait import DEADLINE_S, wait_until
from support.webhook import metrics, request_bytes

MUTATIONS = int(os.environ.get("TUCO_EDGE_MUTATIONS", "100"))
SEED = int(os.environ.get("TUCO_EDGE_SEED", "1"))
BATCH = 250
AT_ONCE = 64
LAST_REQUEST = b"GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
# How the body of each answer of the ingress begins.
ANSWER = re.compile(rb'\{"(?:status|type)":"')


@dataclass
class Client:
    """One connection to the proxy: a request, and then one that ends it all.

    It waits for the proxy to close, which gives up on requests without an end:
    who left earlier would miss answers on a busy machine.
    """

    socket: socket.socket
    unsent: bytes
    end: float
    received: bytes = field(default=b"")


def _open(address: tuple[str, int], request: bytes) -> Client:
    connection = socket.create_connection(address)
    connection.setblocking(False)
    return Client(connection, request + LAST_REQUEST, time.monotonic() + DEADLINE_S)


def _step(client: Client, events: int) -> bool:
    """Sends and receives what there is; whether more may come."""
    try:
        if events & selectors.EVENT_WRITE and client.unsent:
            client.unsent = client.unsent[client.socket.send(client.unsent) :]
        if events & selectors.EVENT_READ:
            part = client.socket.recv(1 << 16)
            client.received += part
            return part != b""
    except BlockingIOError:
        pass
    except OSError:
        return False
    return True


def send_all(address: tuple[str, int], requests: list[bytes]) -> list[bytes]:
    """What came back for each request, each on a connection of its own."""
    received = [b""] * len(requests)
    waiting = list(enumerate(requests))[::-1]
    with selectors.DefaultSelector() as selector:
        while waiting or selector.get_map():
            while waiting and len(selector.get_map()) < AT_ONCE:
                number, request = waiting.pop()
                client = _open(address, request)
                both = selectors.EVENT_READ | selectors.EVENT_WRITE
                selector.register(client.socket, both, (number, client))
            for key, events in selector.select(0.05):
                number, client = key.data
                more = _step(client, events)
                if more and not client.unsent:
                    selector.modify(client.socket, selectors.EVENT_READ, key.data)
                if not more:
                    client.end = 0.0
            now = time.monotonic()
            for key in list(selector.get_map().values()):
                number, client = key.data
                if client.end <= now:
                    selector.unregister(client.socket)
                    client.socket.close()
                    received[number] = client.received
    return received


def answers_given(server: Server) -> int:
    """How many answers the ingress has given."""
    return int(
        sum(
            value
            for name, value in metrics(server).items()
            if name.startswith("tuco_http_responses_total{")
            and 'listener="http"' in name
        )
    )


def assert_agreement(server: Server, proxy: Proxy, requests: list[bytes]) -> None:
    """As many answers come back as the ingress gives."""
    before = answers_given(server)
    received = send_all(proxy.address, requests)
    back = sum(len(ANSWER.findall(part)) for part in received)
    try:
        wait_until(lambda: answers_given(server) - before >= back, "answers", 5.0)
    finally:
        given = answers_given(server) - before
        if given != back and len(requests) > 1:
            half = len(requests) // 2
            assert_agreement(server, proxy, requests[:half])
            assert_agreement(server, proxy, requests[half:])
    assert given == back, (requests, received)


@pytest.mark.parametrize("name", PROXIES)
def test_the_ends_of_mutated_requests_are_agreed_on(
    start_server: StartServer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
) -> None:
    if not is_installed(name):
        pytest.skip(f"no {name} here")
    chance = random.Random(SEED)
    server = start_server()
    with Proxy(name, tmp_path, server.http) as proxy:
        # That answers are counted at all.
        [answer] = send_all(proxy.address, [request_bytes(reply())])
        assert len(ANSWER.findall(answer)) == 2
        left = MUTATIONS
        while left > 0:
            requests = [mutated_request(chance) for _ in range(min(BATCH, left))]
            assert_agreement(server, proxy, requests)
            left -= len(requests)
        given = answers_given(server)
    with capsys.disabled():
        print(f"\nedge: {name}, {MUTATIONS} mutated requests, {given} answers")
    # Most of it is to reach the ingress, or nothing is tried here.
    assert given > MUTATIONS // 4
