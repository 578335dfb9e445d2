"""TLS on gRPC: who gets in, new certificates, and what strangers cost."""

import os
import socket
import ssl
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import grpc
import pytest

from conftest import StartServer
from support.certificates import Authority, Pair
from support.cli import run
from support.client import Client
from support.deliveries import SECRET, reply
from support.server import Server
from support.wait import DEADLINE_S, wait_until
from support.webhook import post

Start = Callable[..., Server]

FLOOD_BYTES = 24 << 20
FLOOD_CPU_S = 0.1


def config_of(folder: Path, **keys: object) -> Path:
    """A configuration file with these keys in [grpc]."""
    file = folder / "tls.toml"
    lines = [
        f"{key} = {str(value).lower()}"
        if isinstance(value, bool)
        else f'{key} = "{value}"'
        for key, value in keys.items()
    ]
    file.write_text("\n".join(["[grpc]", *lines, ""]))
    return file


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Who the server and its clients trust."""
    return Authority(tmp_path / "authority")


@pytest.fixture
def mutual(tmp_path: Path, authority: Authority, start_server: StartServer) -> Server:
    """A server that wants to see certificates."""
    pair = authority.issue("server")
    config = config_of(
        tmp_path,
        tls_cert=pair.certificate,
        tls_key=pair.key,
        tls_client_ca=authority.certificate,
    )
    return start_server(f"--config={config}")


def credentials(authority: Authority, pair: Pair | None) -> grpc.ChannelCredentials:
    """Those of a client that trusts `authority` and shows `pair`."""
    return grpc.ssl_channel_credentials(
        authority.certificate.read_bytes(),
        pair.key.read_bytes() if pair else None,
        pair.certificate.read_bytes() if pair else None,
    )


def is_refused(server: Server, shown: grpc.ChannelCredentials | None) -> bool:
    """Whether a client with these credentials gets no answer."""
    with Client(server.grpc, credentials=shown) as client:
        try:
            client.status()
        except grpc.RpcError as error:
            return bool(error.code() == grpc.StatusCode.UNAVAILABLE)
    return False


def shown_by(server: Server) -> bytes:
    """The certificate that the server shows."""
    return ssl.get_server_certificate(_address(server)).encode()


def _address(server: Server) -> tuple[str, int]:
    host, _, port = server.grpc.rpartition(":")
    return host, int(port)


def test_a_client_with_a_certificate_is_served(
    mutual: Server, authority: Authority
) -> None:
    pair = authority.issue("client")
    assert post(mutual, reply()).status == 200
    with Client(mutual.grpc, credentials=credentials(authority, pair)) as client:
        assert len(client.events()) == 1


def test_a_client_without_or_with_another_certificate_is_refused(
    mutual: Server, authority: Authority, tmp_path: Path
) -> None:
    stranger = Authority(tmp_path / "strangers").issue("client")
    gone = authority.issue("gone", valid=(timedelta(days=-2), timedelta(days=-1)))
    assert is_refused(mutual, credentials(authority, None))
    assert is_refused(mutual, credentials(authority, stranger))
    assert is_refused(mutual, credentials(authority, gone))
    assert is_refused(mutual, None), "without TLS at all"


def test_without_client_ca_the_server_alone_shows_a_certificate(
    tmp_path: Path, authority: Authority, start_server: StartServer
) -> None:
    pair = authority.issue("server")
    config = config_of(tmp_path, tls_cert=pair.certificate, tls_key=pair.key)
    server = start_server(f"--config={config}")
    assert not is_refused(server, credentials(authority, None))
    assert is_refused(server, None)


def test_new_files_are_taken_and_bad_ones_are_not(
    mutual: Server, authority: Authority, tmp_path: Path
) -> None:
    client = credentials(authority, authority.issue("client"))
    folder = authority.folder
    before = shown_by(mutual)
    later, third = authority.issue("later"), authority.issue("third")

    later.certificate.replace(folder / "server.pem")
    wait_until(lambda: "was not reloaded" in mutual.stderr, "the complaint")
    assert shown_by(mutual) == before
    assert not is_refused(mutual, client)

    later.key.replace(folder / "server.key")
    wait_until(lambda: shown_by(mutual) != before, "the new certificate")
    assert not is_refused(mutual, client)

    (folder / "server.pem").write_text("no certificate\n")
    wait_until(lambda: mutual.stderr.count("was not reloaded") == 2, "another one")
    assert not is_refused(mutual, client)
    third.key.replace(folder / "server.key")
    third.certificate.replace(folder / "server.pem")

    strangers = Authority(tmp_path / "strangers", "another authority")
    strangers.certificate.replace(authority.certificate)
    wait_until(lambda: is_refused(mutual, client), "the other authority")


BAD_FILES: dict[str, tuple[dict[str, str], list[str]]] = {
    "no certificate file": ({"tls_cert": "absent.pem"}, ["absent.pem", "No such"]),
    "no key file": ({"tls_key": "absent.key"}, ["absent.key", "No such"]),
    "no authority file": ({"tls_client_ca": "absent"}, ["absent", "No such"]),
    "another's key": ({"tls_key": "other.key"}, ["other.key", "server.pem"]),
    "a key for a certificate": ({"tls_cert": "server.key"}, ["server.key", "PEM"]),
    "a certificate for a key": ({"tls_key": "server.pem"}, ["server.pem", "PEM"]),
    "a key as authority": ({"tls_client_ca": "server.key"}, ["server.key", "PEM"]),
    "a key alone": ({"tls_cert": ""}, ["tls_cert", "together"]),
    "a weak key": (
        {"tls_cert": "weak.pem", "tls_key": "weak.key"},
        ["weak.pem", "too small"],
    ),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_start_with_bad_files_is_explained(
    tmp_path: Path, authority: Authority, name: str
) -> None:
    changes, says = BAD_FILES[name]
    authority.issue("server")
    authority.issue("other")
    if "weak" in name:
        authority.issue("weak", bits=1024)
    keys = {
        "tls_cert": "server.pem",
        "tls_key": "server.key",
        "tls_client_ca": "ca.pem",
    }
    paths = {
        key: str(authority.folder / file) if file else ""
        for key, file in (keys | changes).items()
    }
    config = config_of(tmp_path, **paths)
    env = {"TUCO_WEBHOOK_SECRET": SECRET}
    for command in ("serve", "check-config"):
        result = run(command, f"--config={config}", env=env, cwd=tmp_path)
        assert result.code == 2
        assert len(result.stderr.splitlines()) == 1
        for text in says:
            assert text in result.stderr


def test_only_a_required_certificate_opens_gRPC_to_the_world(  # noqa: N802
    tmp_path: Path, authority: Authority, start_server: StartServer
) -> None:
    pair = authority.issue("server")
    keys = {"listen": "0.0.0.0:0", "tls_cert": pair.certificate, "tls_key": pair.key}
    env = {"TUCO_WEBHOOK_SECRET": SECRET}
    result = run("check-config", f"--config={config_of(tmp_path, **keys)}", env=env)
    assert result.code == 2
    assert "tls_client_ca" in result.stderr
    assert "insecure_bind" in result.stderr
    keys["tls_client_ca"] = authority.certificate
    server = start_server(f"--config={config_of(tmp_path, **keys)}", grpc="0.0.0.0:0")
    assert server.grpc.startswith("0.0.0.0:")


def _cpu_s(server: Server) -> float:
    """Seconds of processor time that the server has used."""
    stat = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2]
    fields = stat.split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    length = len(payload).to_bytes(3, "big")
    return length + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


# `:method: GET`, `:scheme: http`, `:path: /`; then fields that the table keeps.
HEADERS = b"\x82\x86\x84"
FIELD = b"\x40\x01a\x7f\x81\x1f" + b"x" * 4000


def header_flood() -> bytes:
    """One request whose header block never ends."""
    rest = _frame(9, 0, 1, FIELD)
    count = FLOOD_BYTES // len(rest)
    return _frame(1, 0, 1, HEADERS) + rest * count


def rapid_reset() -> bytes:
    """Requests that are given up at once."""
    requests = bytearray()
    stream = 1
    while len(requests) < FLOOD_BYTES // 8:
        requests += _frame(1, 4, stream, HEADERS) + _frame(3, 0, stream, bytes(4))
        stream += 2
    return bytes(requests)


@pytest.mark.parametrize("flood", [header_flood, rapid_reset])
@pytest.mark.parametrize("encrypted", [True, False])
def test_a_flood_of_a_stranger_costs_nothing(
    mutual: Server, authority: Authority, flood: Callable[[], bytes], encrypted: bool
) -> None:
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + _frame(4, 0, 0)
    before = _cpu_s(mutual)
    connection = socket.create_connection(_address(mutual), DEADLINE_S)
    if encrypted:
        context = ssl.create_default_context(cafile=authority.certificate)
        context.set_alpn_protocols(["h2"])
        connection = context.wrap_socket(connection, server_hostname="127.0.0.1")
    with connection:
        try:
            connection.sendall(preface + flood())
            while connection.recv(65_536):
                pass
        except OSError:
            pass  # It hung up, as it should.
    pair = authority.issue("client")
    assert not is_refused(mutual, credentials(authority, pair))
    assert _cpu_s(mutual) - before <= FLOOD_CPU_S


def test_the_command_line_shows_a_certificate(
    mutual: Server, authority: Authority, tmp_path: Path
) -> None:
    pair = authority.issue("client")
    assert post(mutual, reply()).status == 200
    tail = ["tail", f"--grpc={mutual.grpc}", "--from=earliest", "--no-follow"]
    shown = [f"--tls-cert={pair.certificate}", f"--tls-key={pair.key}"]
    trusted = f"--tls-ca={authority.certificate}"
    done = run(*tail, trusted, *shown)
    assert (done.code, len(done.lines())) == (0, 1)

    nothing = run(*tail)
    assert nothing.code == 3
    assert "--tls-ca" in nothing.stderr
    no_certificate = run(*tail, trusted)
    assert no_certificate.code == 3
    assert "--tls-cert" in no_certificate.stderr
    strangers = Authority(tmp_path / "strangers")
    distrusted = run(*tail, f"--tls-ca={strangers.certificate}", *shown)
    assert distrusted.code == 3
    assert "certificate verify failed" in distrusted.stderr


def test_files_of_the_command_line_are_looked_at(
    authority: Authority, tmp_path: Path
) -> None:
    pair = authority.issue("client")
    trusted = f"--tls-ca={authority.certificate}"
    cases = [
        [f"--tls-ca={tmp_path / 'absent'}"],
        [trusted, f"--tls-cert={pair.certificate}"],
        [f"--tls-cert={pair.certificate}", f"--tls-key={pair.key}"],
        [trusted, f"--tls-cert={pair.certificate}", f"--tls-key={pair.certificate}"],
    ]
    for flags in cases:
        result = run("stats", "--grpc=127.0.0.1:1", *flags)
        assert result.code == 2, flags
        assert "--tls-ca" in result.stderr
