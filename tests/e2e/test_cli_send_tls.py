"""`send` to a server that is encrypted."""

import signal
import socket
import ssl
from pathlib import Path
from subprocess import Popen

import pytest

from conftest import StartServer
from support.cli import Background, Result, run
from support.deliveries import SECRET
from support.environment import BINARY
from support.self_signed import Certificate
from support.server import Server
from support.wait import DEADLINE_S, wait_until

SECRET_ENV = {"TUCO_WEBHOOK_SECRET": SECRET}


def send(url: str, *args: str) -> Result:
    """Runs `send`."""
    return run("send", f"--url={url}/webhooks/tuco", *args, env=SECRET_ENV)


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


def stop_and_go_on(process: Popen[bytes]) -> None:
    """As a shell does with Ctrl-Z and `fg`: what waits is interrupted."""
    status = Path(f"/proc/{process.pid}/stat")

    def is_stopped() -> bool:
        return status.read_text().rpartition(")")[2].split()[0] == "T"

    process.send_signal(signal.SIGSTOP)
    wait_until(is_stopped, "the stop")
    process.send_signal(signal.SIGCONT)
    wait_until(lambda: not is_stopped(), "the end of the stop")


def test_a_stop_while_it_waits_is_no_end(certificate: Certificate) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.file, certificate.key)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(DEADLINE_S)
        url = f"--url=https://127.0.0.1:{listener.getsockname()[1]}/"
        command = [str(BINARY), "send", url, f"--tls-ca={certificate.file}"]
        with Background(command, env=SECRET_ENV) as sending:
            accepted, _ = listener.accept()
            with context.wrap_socket(accepted, server_side=True) as connection:
                request = b""
                while not request.endswith(b"}"):
                    request += connection.recv(1 << 16)
                for _ in range(10):
                    stop_and_go_on(sending.process)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
                assert sending.wait() == 0, sending.stderr
