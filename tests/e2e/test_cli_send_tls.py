"""`send` to a server that is encrypted."""

from pathlib import Path

import pytest

from conftest import StartServer
from support.cli import Result, run
from support.deliveries import SECRET
from support.self_signed import Certificate, make_certificate
from support.server import Server


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


def send(url: str, *args: str) -> Result:
    """Runs `send`."""
    env = {"TUCO_WEBHOOK_SECRET": SECRET}
    return run("send", f"--url={url}/webhooks/tuco", *args, env=env)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_deliveries_arrive_encrypted(
    tls_server: Server, certificate: Certificate, host: str
) -> None:
    port = tls_server.http.rpartition(":")[2]
    url = f"https://{host}:{port}"
    ca = f"--tls-ca={certificate.file}"
    many = send(url, ca, "--shape=all", "--count=140", "--connections=4")
    assert (many.code, many.stderr) == (0, "")
    assert "140" in many.stdout


def test_a_certificate_that_nobody_vouches_for_is_not_taken(tls_server: Server) -> None:
    found = send(f"https://{tls_server.http}")
    assert found.code == 3
    assert "its certificate is not taken: self-signed certificate" in found.stderr


def test_a_certificate_must_be_for_the_host(
    tmp_path: Path, certificate: Certificate, start_server: StartServer
) -> None:
    config = tmp_path / "tls.toml"
    config.write_text(certificate.config())
    server = start_server(f"--config={config}", http="127.0.0.2:0")
    found = send(f"https://{server.http}", f"--tls-ca={certificate.file}")
    assert found.code == 3
    assert "its certificate is not taken: IP address mismatch" in found.stderr


def test_what_speaks_no_tls_is_explained(server: Server) -> None:
    found = send(f"https://{server.http}")
    assert found.code == 3
    assert f"cannot connect to {server.http}: no TLS there" in found.stderr


def test_what_cannot_be_trusted_is_explained(tmp_path: Path) -> None:
    missing = send("https://127.0.0.1:1", f"--tls-ca={tmp_path}/none.pem")
    assert missing.code == 2
    assert f"{tmp_path}/none.pem" in missing.stderr
    plain = send("http://127.0.0.1:1", f"--tls-ca={tmp_path}/none.pem")
    assert plain.code == 2
    assert "--tls-ca: expected an https:// URL" in plain.stderr
