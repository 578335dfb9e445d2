"""Sockets that a service manager holds, and what the server tells it."""

import os
import signal
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from conftest import StartServer
from support.client import Client
from support.deliveries import SECRET, reply
from support.environment import BINARY, environment
from support.good_clients import post_steadily
from support.held_sockets import HeldSockets, hand_over
from support.wait import DEADLINE_S
from support.webhook import accept_all, connect, curl, read_answer, request_bytes

RESTARTS = int(os.environ.get("TUCO_EDGE_RESTARTS", "4"))
RATE = float(os.environ.get("TUCO_EDGE_RATE", "100"))
# How long each server serves, as one does that is restarted by people: whoever
# waited for it must get a turn before the next one.
SERVED_S = 1.0
# What the load lasts for each: that, the 2 s of silence that a server waits for
# while somebody keeps a connection open, and its start.
SECONDS_EACH = 3.0 + SERVED_S
# Tuco waits so long for an answer, and does not ask again.
TUCO_TIMEOUT_MS = 10_000


def test_serves_on_the_sockets_that_it_is_given(start_server: StartServer) -> None:
    with HeldSockets("admin", "http", "grpc") as held:
        server = start_server(sockets=held.sockets)
        for name in ("http", "grpc", "admin"):
            assert server.ready[name] == held.address(name)
        assert accept_all(server, [reply()]) == [1]
        assert curl(f"http://{server.admin}/readyz").status == 200
        with Client(server.grpc) as client:
            assert [event.sequence for event in client.events()] == [1]


def test_a_single_socket_of_any_name_is_the_ingress(start_server: StartServer) -> None:
    with HeldSockets("tuco-events.socket") as held:
        server = start_server(sockets=held.sockets, grpc="off")
        assert server.ready["http"] == held.address("tuco-events.socket")


def test_who_came_before_the_server_is_served(start_server: StartServer) -> None:
    with HeldSockets("http") as held:
        host, _, port = held.address("http").partition(":")
        with socket.create_connection((host, int(port)), DEADLINE_S) as early:
            early.sendall(request_bytes(reply()))
            start_server(sockets=held.sockets)
            assert read_answer(early).json["sequence"] == "1"


def test_nobody_is_refused_while_it_restarts(
    start_server: StartServer, capsys: pytest.CaptureFixture[str]
) -> None:
    with HeldSockets("http") as held, ThreadPoolExecutor() as beside:
        server = start_server(sockets=held.sockets)
        load = beside.submit(post_steadily, server, RATE, RESTARTS * SECONDS_EACH)
        restarts = 0
        while not load.done() and restarts < RESTARTS:
            time.sleep(SERVED_S)
            assert server.stop() == 0
            server = start_server(sockets=held.sockets)
            restarts += 1
        served = load.result()
        with capsys.disabled():
            print(
                f"\nedge: {restarts} restarts under {served.count} requests, "
                f"{served.statuses}, {served.failures} without an answer, p50 "
                f"{served.percentile(50):.1f} ms, longest "
                f"{served.percentile(100):.0f} ms"
            )
        assert restarts == RESTARTS
        assert served.count == int(RATE * RESTARTS * SECONDS_EACH)
        assert (served.failures, set(served.statuses)) == (0, {200})
        assert served.percentile(100) < TUCO_TIMEOUT_MS
        with Client(server.grpc) as client:
            sequences = [event.sequence for event in client.events()]
        assert sequences == list(range(1, served.count + 1))


def test_sockets_of_another_process_are_left_alone(start_server: StartServer) -> None:
    with HeldSockets("http") as held:
        variables = {"TUCO_WEBHOOK_SECRET": SECRET, "LISTEN_PID": "1"}
        server = start_server(sockets=held.sockets, env=variables)
        assert server.ready["http"] != held.address("http")


def refusal(sockets: dict[str, socket.socket], folder: Path) -> str:
    """What `serve` says of sockets that it does not start with."""
    command = [str(BINARY), "serve", f"--data={folder}", "--http=off", "--grpc=off"]
    launched, descriptors = hand_over(sockets, command)
    done = subprocess.run(
        launched,
        pass_fds=descriptors,
        env=environment({"TUCO_WEBHOOK_SECRET": SECRET}),
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    assert done.returncode == 2
    return done.stderr


def test_says_which_socket_it_cannot_use(tmp_path: Path) -> None:
    with HeldSockets("http", "web") as held:
        error = refusal(dict(held.sockets), tmp_path)
    assert "found 'web'; a socket unit sets it with FileDescriptorName=" in error
    with HeldSockets("http", "http+") as held:
        assert "found 'http'" in refusal(dict(held.sockets), tmp_path)
    with HeldSockets("http", "grpc", "admin", "more") as held:
        error = refusal(dict(held.sockets), tmp_path)
    assert "LISTEN_FDS: expected at most 3 sockets, found 4" in error
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(type=kind) as other:
            other.bind(("127.0.0.1", 0))
            error = refusal({"http": other}, tmp_path)
        assert "LISTEN_FDS: descriptor 3: expected a TCP or unix socket" in error


def test_a_unix_socket_stays_where_its_holder_put_it(
    start_server: StartServer, tmp_path: Path
) -> None:
    path = tmp_path / "http.sock"
    with socket.socket(socket.AF_UNIX) as held:
        held.bind(str(path))
        held.listen()
        server = start_server(sockets={"http": held})
        assert server.ready["http"] == f"unix:{path}"
        assert server.stop() == 0
    assert path.is_socket()


def test_the_manager_is_told_when_it_is_ready_and_when_it_stops(
    start_server: StartServer, tmp_path: Path
) -> None:
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(path))
        manager.settimeout(DEADLINE_S)
        variables = {"TUCO_WEBHOOK_SECRET": SECRET, "NOTIFY_SOCKET": str(path)}
        server = start_server(env=variables)
        assert manager.recv(100) == b"READY=1"
        with connect(server):
            server.send_signal(signal.SIGTERM)
            assert manager.recv(100) == b"STOPPING=1"
