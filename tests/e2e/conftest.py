"""Fixtures: servers that start, are checked and stop with each test."""

import os
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

# Before grpc is imported: tests start processes, never copies of themselves.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")

from support.client import Client
from support.deliveries import OTHER_SECRET, SECRET, samples
from support.environment import BINARY
from support.self_signed import Certificate, make_certificate
from support.server import Server
from support.webhook import accept_all

LISTENERS = {"http": "127.0.0.1:0", "grpc": "127.0.0.1:0", "admin": "127.0.0.1:0"}

StartServer = Callable[..., Server]


def pytest_sessionstart() -> None:
    """Says at once what is missing."""
    if not os.access(BINARY, os.X_OK):
        pytest.exit(f"{BINARY} is missing: make build, or set TUCO_EVENTS_BIN", 2)


def _starter(folder: Path, servers: list[Server]) -> StartServer:
    def start(
        *args: str,
        data: Path | None = None,
        env: dict[str, str] | None = None,
        cwd: Path | None = None,
        sockets: Mapping[str, socket.socket] | None = None,
        prefix: Sequence[str] = (),
        **listeners: str,
    ) -> Server:
        flags = [f"--{name}={at}" for name, at in (LISTENERS | listeners).items()]
        server = Server(
            [*flags, f"--data={data or folder / 'data'}", *args],
            stderr=folder / f"stderr-{len(servers)}",
            env={"TUCO_WEBHOOK_SECRET": SECRET} if env is None else env,
            cwd=cwd,
            secrets=(SECRET, OTHER_SECRET),
            sockets=sockets,
            prefix=prefix,
        )
        servers.append(server)
        return server

    return start


def _end(servers: list[Server]) -> None:
    codes = [server.stop() for server in servers if server.running]
    for server in servers:
        server.check_output()
    assert all(code == 0 for code in codes), f"serve ended with {codes}"


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[StartServer]:
    """Starts servers whose data is below the test's folder.

    Keyword arguments name other listeners, data, environment or working
    folder, sockets that listen already, or a `prefix`: the command that runs the
    server. Those that still run at the end are stopped, and must end well.
    """
    servers: list[Server] = []
    yield _starter(tmp_path, servers)
    _end(servers)


@pytest.fixture(scope="module")
def start_module_server(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[StartServer]:
    """Like `start_server`, for servers that the tests of a module share."""
    servers: list[Server] = []
    yield _starter(tmp_path_factory.mktemp("module"), servers)
    _end(servers)


@pytest.fixture
def server(start_server: StartServer) -> Server:
    """A server with an empty log, and SECRET for endpoint `tuco`."""
    return start_server()


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    """A certificate for this machine."""
    return make_certificate(tmp_path)


@pytest.fixture
def tls_server(
    tmp_path: Path, certificate: Certificate, start_server: StartServer
) -> Server:
    """A server whose ingress has that certificate."""
    config = tmp_path / "tls.toml"
    config.write_text(certificate.config())
    return start_server(f"--config={config}")


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    """A gRPC client of `server`."""
    with Client(server.grpc) as opened:
        yield opened


@pytest.fixture(scope="session")
def sample_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that holds the samples; tests only read from it."""
    servers: list[Server] = []
    started = _starter(tmp_path_factory.mktemp("samples"), servers)()
    assert accept_all(started, samples()) == list(range(1, 17))
    yield started
    _end(servers)


@pytest.fixture(scope="session")
def sample_client(sample_server: Server) -> Iterator[Client]:
    """A gRPC client of `sample_server`."""
    with Client(sample_server.grpc) as opened:
        yield opened


@pytest.fixture(scope="session")
def sample_events(sample_client: Client) -> list[Any]:
    """What `sample_server` holds, bodies included."""
    return sample_client.events(include_body=True)
