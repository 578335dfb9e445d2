"""gRPC when the process runs out of descriptors, and when it may have few."""

import resource
import socket

import pytest

from conftest import StartServer
from support.client import Client
from support.deliveries import reply
from support.server import Server
from support.wait import DEADLINE_S, wait_until
from support.webhook import connect, metrics, post, read_answer, request_bytes

FEW = 128


def crowd(server: Server, count: int) -> list[socket.socket]:
    """Connections that say nothing; those that the kernel takes count."""
    host, _, port = server.grpc.rpartition(":")
    return [
        socket.create_connection((host, int(port)), DEADLINE_S) for _ in range(count)
    ]


def leave(connections: list[socket.socket]) -> None:
    """Ends them all."""
    for connection in connections:
        connection.close()


def limit_descriptors(server: Server, count: int) -> None:
    """Lets the running server have so many descriptors."""
    pid = server.process.pid
    _, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (count, hard))


def open_connections(server: Server) -> int:
    """How many the server has for gRPC."""
    return int(metrics(server)["tuco_grpc_connections"])


def is_served(server: Server) -> bool:
    """Whether a new client gets an answer."""
    with Client(server.grpc) as client:
        return bool(client.status().version)


# CVE-2023-4785: the listener of gRPC 1.51 itself never accepts again.
def test_grpc_is_served_again_after_descriptors_ran_out(
    start_server: StartServer,
) -> None:
    server = start_server()
    if server.has_runtime("ubsan"):
        pytest.skip("UBSan needs descriptors to tell an object from none")
    # Before there are none: ingest goes on, on what it has.
    with connect(server) as ingest, Client(server.grpc) as early:
        assert early.status().version
        limit_descriptors(server, 8)
        connections = crowd(server, 20)
        wait_until(lambda: "will retry" in server.stderr, "the complaint")
        ingest.sendall(request_bytes(reply()))
        assert read_answer(ingest).status == 200
        assert len(early.events()) == 1
        leave(connections)
        limit_descriptors(server, 1024)
        assert is_served(server)
        assert post(server, reply()).status == 200


def test_a_crowd_on_grpc_leaves_descriptors_for_the_ingress(
    start_server: StartServer,
) -> None:
    server = start_server(prefix=["prlimit", f"--nofile={FEW}:{FEW}"])
    connections = crowd(server, 2 * FEW)
    for _ in range(20):
        assert post(server, reply()).status == 200
    wait_until(lambda: open_connections(server) == FEW // 4, "as many as may be")
    leave(connections)
    assert is_served(server)
    with Client(server.grpc) as client:
        assert len(client.events()) == 20
