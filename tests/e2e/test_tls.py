"""HTTPS on the ingress, as clients see it that we did not write."""

import contextlib
import json
import shutil
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path

import pytest

from conftest import StartServer
from support.cli import run
from support.deliveries import SECRET, Delivery, reply, signed
from support.environment import environment
from support.self_signed import Certificate, make_certificate
from support.server import Server
from support.wait import DEADLINE_S, wait_until
from support.webhook import (
    Answer,
    connect,
    curl,
    metrics,
    read_answer,
    request_bytes,
    split_answers,
)

NODE = shutil.which("node")
USAGE = 2
WITH_SECRET = {"TUCO_WEBHOOK_SECRET": SECRET}

NODE_PROGRAM = r"""
import https from 'node:https';
import { readFileSync } from 'node:fs';

const { deliveries, port, ca } = JSON.parse(readFileSync(0, 'utf8'));
const agent = new https.Agent({ ca, keepAlive: true, maxSockets: 1 });
for (const { headers, body } of deliveries) {
  const answer = await new Promise((resolve, reject) => {
    const request = https.request(
        { agent, host: '127.0.0.1', port, path: '/webhooks/tuco',
          method: 'POST', headers },
        (response) => {
          const version = response.socket.getProtocol();
          let text = '';
          response.on('data', (part) => text += part);
          response.on('end', () => resolve({
            status: response.statusCode, answer: JSON.parse(text),
            reused: request.reusedSocket, version,
          }));
        });
    request.on('error', reject);
    request.end(body);
  });
  console.log(JSON.stringify(answer));
}
agent.destroy();
"""


def open_tls(server: Server, certificate: Certificate) -> ssl.SSLSocket:
    """A connection whose certificate was verified."""
    context = ssl.create_default_context(cafile=str(certificate.file))
    return context.wrap_socket(connect(server), server_hostname="localhost")


def https_post(server: Server, certificate: Certificate, *args: str) -> Answer:
    """Posts a fresh delivery by curl."""
    delivery = reply()
    for name, value in delivery.headers.items():
        args += ("-H", f"{name}: {value}")
    url = f"https://{server.http}/webhooks/tuco"
    return curl(url, "--cacert", str(certificate.file), *args, body=delivery.body)


def s_client(server: Server, *args: str) -> str:
    """What `openssl s_client` says of a handshake."""
    done = subprocess.run(
        ["openssl", "s_client", "-connect", server.http, *args],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=DEADLINE_S,
        check=False,
        env=environment(),
    )
    return (done.stdout + done.stderr).decode("utf-8", "replace")


def receive_all(connection: socket.socket) -> bytes:
    """What comes until the server ends."""
    received = b""
    while part := connection.recv(1 << 16):
        received += part
    return received


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_curl_posts_a_delivery(
    tls_server: Server, certificate: Certificate, version: str
) -> None:
    flags = [f"--tlsv{version}", "--tls-max", version]
    answer = https_post(tls_server, certificate, *flags)
    assert (answer.status, answer.json["status"]) == (200, "accepted")


def test_an_rsa_certificate_does_as_well(
    tmp_path: Path, start_server: StartServer
) -> None:
    certificate = make_certificate(tmp_path, kind="rsa")
    config = tmp_path / "tls.toml"
    config.write_text(certificate.config())
    server = start_server(f"--config={config}")
    assert https_post(server, certificate).status == 200


def test_the_ready_line_has_its_form(tls_server: Server) -> None:
    host, _, port = tls_server.http.rpartition(":")
    assert host == "127.0.0.1"
    assert int(port) > 0


@pytest.mark.parametrize("version", ["tls1", "tls1_1"])
def test_old_versions_are_refused(tls_server: Server, version: str) -> None:
    said = s_client(tls_server, f"-{version}", "-cipher", "ALL:@SECLEVEL=0")
    assert "alert protocol version" in said


@pytest.mark.parametrize(
    ("version", "cipher"),
    [
        ("tls1_2", "AES128-SHA"),
        ("tls1_2", "ECDHE-ECDSA-AES128-SHA"),
        ("tls1_2", "aNULL:eNULL"),
    ],
)
def test_weak_ciphers_are_refused(
    tls_server: Server, version: str, cipher: str
) -> None:
    said = s_client(tls_server, f"-{version}", "-cipher", f"{cipher}:@SECLEVEL=0")
    assert "alert handshake failure" in said


def test_http11_is_chosen(tls_server: Server) -> None:
    assert "ALPN protocol: http/1.1" in s_client(tls_server, "-alpn", "h2,http/1.1")
    assert "alert no application protocol" in s_client(tls_server, "-alpn", "h2")
    assert "No ALPN negotiated" in s_client(tls_server)


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_node_posts_over_one_connection(
    tmp_path: Path, tls_server: Server, certificate: Certificate
) -> None:
    program = tmp_path / "post.mjs"
    program.write_text(NODE_PROGRAM)
    deliveries = [reply() for _ in range(3)]
    done = subprocess.run(
        [str(NODE), str(program)],
        input=json.dumps(
            {
                "deliveries": [
                    {"headers": one.headers, "body": one.body.decode()}
                    for one in deliveries
                ],
                "port": int(tls_server.http.rpartition(":")[2]),
                "ca": certificate.file.read_text(),
            }
        ).encode(),
        capture_output=True,
        timeout=DEADLINE_S,
        check=False,
        env=environment(),
    )
    assert done.returncode == 0, done.stderr.decode()
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["answer"]["status"] for answer in answers] == ["accepted"] * 3
    assert [answer["reused"] for answer in answers] == [False, True, True]
    assert {answer["version"] for answer in answers} == {"TLSv1.3"}


def test_a_request_may_be_split_at_every_byte(
    tls_server: Server, certificate: Certificate
) -> None:
    with open_tls(tls_server, certificate) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        request = request_bytes(reply())
        for at in range(len(request)):
            connection.sendall(request[at : at + 1])
        assert read_answer(connection).json["sequence"] == "1"


def test_pipelined_requests_are_answered_in_order(
    tls_server: Server, certificate: Certificate
) -> None:
    with open_tls(tls_server, certificate) as connection:
        last = request_bytes(reply(), "Connection: close\r\n")
        connection.sendall(request_bytes(reply()) + last)
        answers = split_answers(receive_all(connection))
    assert [answer.json["sequence"] for answer in answers] == ["1", "2"]


def test_a_large_body_is_taken(tls_server: Server, certificate: Certificate) -> None:
    large = large_delivery(256 * 1024)
    with open_tls(tls_server, certificate) as connection:
        connection.sendall(request_bytes(large))
        assert read_answer(connection).json["status"] == "accepted"
    with open_tls(tls_server, certificate) as connection:
        connection.sendall(request_bytes(large_delivery(256 * 1024 + 1))[:1000])
        assert read_answer(connection).status == 413


def large_delivery(size: int) -> Delivery:
    """A genuine delivery of so many bytes."""
    body = reply().body
    head, _, rest = body.partition(b"{")
    pad = size - len(body) - len(b'"pad":"",')
    return signed(head + b'{"pad":"' + b"x" * pad + b'",' + rest)


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n",
        b"\x16\x03\x01\x00\x05hello",
        b"\x00" * 100,
        b"\x80\x2e\x01\x00\x02" + b"x" * 41,
        b"",
    ],
    ids=["HTTP", "no hello", "zeros", "SSL 2", "nothing"],
)
def test_what_is_no_handshake_ends_the_connection(
    tls_server: Server, certificate: Certificate, sent: bytes
) -> None:
    with connect(tls_server) as connection:
        connection.sendall(sent)
        received = b""
        with contextlib.suppress(OSError):  # It may be gone already.
            connection.shutdown(socket.SHUT_WR)
            received = receive_all(connection)
    assert b"HTTP/" not in received
    assert https_post(tls_server, certificate).status == 200


def test_draining_answers_and_closes(
    tls_server: Server, certificate: Certificate
) -> None:
    with open_tls(tls_server, certificate) as connection:
        request = request_bytes(reply())
        connection.sendall(request[:-20])
        # Answered behind the first half, so that half has been read.
        assert https_post(tls_server, certificate).status == 200
        tls_server.send_signal(signal.SIGTERM)
        wait_until(
            lambda: curl(f"http://{tls_server.admin}/readyz").status == 503, "draining"
        )
        connection.sendall(request[-20:])
        answer = read_answer(connection)
        assert answer.json["status"] == "accepted"
        assert answer.headers["connection"] == "close"
        assert connection.recv(1) == b""
    assert tls_server.wait() == 0


def test_a_pair_that_cannot_be_used_ends_the_start(tmp_path: Path) -> None:
    good = make_certificate(tmp_path, "good")
    other = make_certificate(tmp_path, "other")
    absent = tmp_path / "absent.pem"
    for pair, words in {
        Certificate(absent, good.key): ["absent.pem", "No such file"],
        Certificate(good.file, absent): ["absent.pem", "No such file"],
        Certificate(tmp_path, good.key): [str(tmp_path), "folder"],
        Certificate(good.key, good.key): ["good.key", "no certificate"],
        Certificate(good.file, good.file): ["good.pem", "no private key"],
        Certificate(good.file, other.key): ["other.key", "good.pem"],
    }.items():
        config = tmp_path / "tls.toml"
        config.write_text(pair.config())
        for command in ("serve", "check-config"):
            result = run(command, f"--config={config}", env=WITH_SECRET, cwd=tmp_path)
            assert (result.code, result.stdout) == (USAGE, "")
            [line] = result.stderr.splitlines()
            for word in words:
                assert word in line


def test_metrics_tell_when_the_certificate_expires(tls_server: Server) -> None:
    name = "tuco_http_certificate_expiry_timestamp_seconds"
    days_left = (metrics(tls_server)[name] - time.time()) / 86_400
    assert 89.9 < days_left < 90.1


def test_a_certificate_that_has_expired_is_served_and_complained_of(
    tmp_path: Path, start_server: StartServer
) -> None:
    expired = make_certificate(tmp_path, "expired", days=-1)
    config = tmp_path / "tls.toml"
    config.write_text(expired.config())
    server = start_server(f"--config={config}")
    assert "the certificate of the ingress has expired" in server.stderr
    url = server.url.replace("http:", "https:")
    assert curl(url.replace("/webhooks/tuco", "/healthz"), "--insecure").status == 200
    result = run("check-config", f"--config={config}", env=WITH_SECRET, cwd=tmp_path)
    assert (result.code, "has expired, on " in result.stderr) == (0, True)


def test_a_new_certificate_is_taken_when_its_files_change(
    tmp_path: Path, tls_server: Server, certificate: Certificate
) -> None:
    def shown() -> bytes:
        """The certificate that a new connection sees."""
        host, _, port = tls_server.http.rpartition(":")
        return ssl.get_server_certificate((host, int(port))).encode()

    old = certificate.file.read_bytes()
    assert shown() in old
    with open_tls(tls_server, certificate) as open_connection:
        new = make_certificate(tmp_path, "new")
        shutil.copy(new.key, certificate.key)
        wait_until(lambda: "server.key" in tls_server.stderr, "the complaint")
        assert shown() in old
        shutil.copy(new.file, certificate.file)
        wait_until(lambda: shown() in new.file.read_bytes(), "the new certificate")
        open_connection.sendall(request_bytes(reply()))
        assert read_answer(open_connection).status == 200


def test_check_config_warns_two_weeks_before_the_end(tmp_path: Path) -> None:
    for days, warned in ((13, True), (15, False)):
        config = tmp_path / "tls.toml"
        config.write_text(make_certificate(tmp_path, days=days).config())
        result = run(
            "check-config", f"--config={config}", env=WITH_SECRET, cwd=tmp_path
        )
        assert result.code == 0
        assert ("expires within 14 days" in result.stderr) == warned


def test_the_command_of_dev_mode_speaks_https(
    tmp_path: Path, certificate: Certificate, start_server: StartServer
) -> None:
    config = tmp_path / "tls.toml"
    config.write_text(certificate.config())
    server = start_server("--dev", f"--config={config}", env={})
    [command] = [line for line in server.stderr.splitlines() if "curl -sS" in line]
    done = subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        env=environment(),
        timeout=DEADLINE_S,
        check=True,
    )
    assert json.loads(done.stdout)["status"] == "accepted"
