"""Behind a proxy that is trusted, bounds go by the client's address."""

import contextlib
import ssl
import struct
from pathlib import Path

import pytest

from conftest import StartServer
from support.cli import run
from support.deliveries import OTHER_SECRET, reply
from support.self_signed import make_certificate
from support.server import Server
from support.webhook import connect, exchange, read_answer, request_bytes

CLIENT = "203.0.113.9"
SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
ADDRESSES = bytes([203, 0, 113, 9, 192, 0, 2, 1]) + struct.pack("!HH", 1025, 443)


def proxy_header(command: int, family: int, rest: bytes) -> bytes:
    """A header of the PROXY protocol, version 2."""
    return SIGNATURE + struct.pack("!BBH", command, family, len(rest)) + rest


FROM_CLIENT = proxy_header(0x21, 0x11, ADDRESSES)


@pytest.fixture
def start_trusting(tmp_path: Path, start_server: StartServer) -> StartServer:
    """Starts a server with more lines under [http]."""

    def start(*settings: str, **listeners: str) -> Server:
        config = tmp_path / "proxied.toml"
        config.write_text("\n".join(["[http]", *settings, ""]))
        return start_server(f"--config={config}", **listeners)

    return start


def refused_request(extra: str = "") -> bytes:
    """One that is answered 401, and kept with its source."""
    return request_bytes(reply(secret=OTHER_SECRET), extra)


def sources(server: Server) -> list[str]:
    """The sources of what was refused, in their order."""
    listed = run("quarantine", "list", "--output=json", f"--grpc={server.grpc}")
    return [entry["source"] for entry in listed.json_lines()]


def test_x_forwarded_for_counts_for_each_request(start_trusting: StartServer) -> None:
    server = start_trusting('trusted_peers = ["127.0.0.0/8", "10.0.0.0/8"]')
    for value in (CLIENT, f"192.0.2.1, {CLIENT}, 10.0.0.9", "unknown"):
        [answer] = exchange(server, refused_request(f"X-Forwarded-For: {value}\r\n"))
        assert answer.status == 401
    assert sources(server) == [CLIENT, CLIENT, "127.0.0.1"]


def test_strangers_are_not_believed(start_trusting: StartServer) -> None:
    server = start_trusting('trusted_peers = ["192.0.2.1"]', "proxy_protocol = true")
    exchange(server, refused_request(f"X-Forwarded-For: {CLIENT}\r\n"))
    [answer] = exchange(server, FROM_CLIENT + refused_request())
    assert answer.status == 400
    assert sources(server) == ["127.0.0.1"]


def test_the_proxy_header_names_the_client(start_trusting: StartServer) -> None:
    server = start_trusting('trusted_peers = ["127.0.0.1"]', "proxy_protocol = true")
    exchange(server, FROM_CLIENT + refused_request())
    exchange(server, proxy_header(0x20, 0, b"") + refused_request())
    assert sources(server) == [CLIENT, "127.0.0.1"]


def test_a_connection_without_it_is_closed(start_trusting: StartServer) -> None:
    server = start_trusting('trusted_peers = ["127.0.0.1"]', "proxy_protocol = true")
    for sent in (
        b"PROXY TCP4 203.0.113.9 192.0.2.1 1025 443\r\n",
        proxy_header(0x21, 0x11, ADDRESSES[:-1]),
        proxy_header(0x20, 0, b"x" * 4081),
        b"G",
    ):
        with connect(server) as connection:
            connection.sendall(sent)
            with contextlib.suppress(ConnectionResetError):
                assert connection.recv(1) == b""
    assert sources(server) == []


def test_the_proxy_header_comes_before_tls(
    tmp_path: Path, start_trusting: StartServer
) -> None:
    certificate = make_certificate(tmp_path)
    _, *lines = certificate.config().splitlines()
    server = start_trusting(
        *lines, 'trusted_peers = ["127.0.0.1"]', "proxy_protocol = true"
    )
    context = ssl.create_default_context(cafile=str(certificate.file))
    connection = connect(server)
    connection.sendall(FROM_CLIENT)
    with context.wrap_socket(connection, server_hostname="localhost") as secured:
        secured.sendall(refused_request())
        assert read_answer(secured).status == 401
    assert sources(server) == [CLIENT]
