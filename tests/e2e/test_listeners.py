"""Where a server listens, how it is told, and what its ready line says."""

import json
import socket
from pathlib import Path

import pytest

from conftest import StartServer
from support.cli import run
from support.client import Client
from support.deliveries import SECRET, reply, samples
from support.server import Server
from support.webhook import Answer, accept_all, curl, post

SECRET_ENV = {"TUCO_WEBHOOK_SECRET": SECRET}


def has_ipv6() -> bool:
    """Whether this machine has the loopback address of IPv6."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


def post_to_socket(path: Path) -> Answer:
    """Posts a delivery over a unix socket."""
    delivery = reply()
    headers = [f"-H{name}: {value}" for name, value in delivery.headers.items()]
    return curl(
        "http://localhost/webhooks/tuco",
        "--unix-socket",
        str(path),
        *headers,
        body=delivery.body,
    )


def test_the_ready_line_has_exactly_these_members(
    server: Server, tmp_path: Path
) -> None:
    version = json.loads(run("version", "--output=json").stdout)["version"]
    assert list(server.ready) == [
        "ready",
        "version",
        "pid",
        "http",
        "grpc",
        "admin",
        "data",
    ]
    assert server.ready["ready"] is True
    assert server.ready["version"] == version
    assert server.ready["pid"] == server.process.pid
    assert server.ready["data"] == str(tmp_path / "data")
    for name in ("http", "grpc", "admin"):
        host, _, port = server.ready[name].rpartition(":")
        assert host == "127.0.0.1"
        assert int(port) > 0


def test_a_listener_that_is_off_is_left_out(start_server: StartServer) -> None:
    server = start_server(grpc="off", admin="off")
    assert not {"grpc", "admin"} & set(server.ready)
    assert post(server, reply()).status == 200


def test_a_server_without_an_ingress_still_streams(start_server: StartServer) -> None:
    first = start_server()
    accept_all(first, samples())
    first.stop()
    second = start_server(http="off")
    assert "http" not in second.ready
    with Client(second.grpc) as client:
        assert len(client.events()) == 16


@pytest.mark.skipif(not has_ipv6(), reason="no IPv6 here")
def test_a_host_name_and_ipv6_are_addresses(start_server: StartServer) -> None:
    server = start_server(http="localhost:0", grpc="[::1]:0", admin="[::1]:0")
    assert curl(f"http://{server.http}/healthz").status == 200
    assert curl(f"http://{server.admin}/healthz").status == 200
    assert server.grpc.startswith("[::1]:")
    with Client(server.grpc) as client:
        assert client.events() == []


def test_unix_sockets_take_the_place_of_ports(
    start_server: StartServer, tmp_path: Path
) -> None:
    http, grpc, admin = (tmp_path / name for name in ("http", "grpc", "admin"))
    server = start_server(
        http=f"unix:{http}", grpc=f"unix:{grpc}", admin=f"unix:{admin}"
    )
    assert server.ready["http"] == f"unix:{http}"
    assert post_to_socket(http).json["status"] == "accepted"
    probe = curl("http://localhost/readyz", "--unix-socket", str(admin))
    assert probe.status == 200
    with Client(f"unix:{grpc}") as client:
        assert client.sequences() == [1]
    result = run("tail", f"--grpc=unix:{grpc}", "--from=1", "--no-follow")
    assert result.code == 0


def test_a_socket_left_behind_by_a_crash_is_taken_over(
    start_server: StartServer, tmp_path: Path
) -> None:
    sockets = {name: f"unix:{tmp_path / name}" for name in ("http", "grpc", "admin")}
    start_server(**sockets).kill()
    assert (tmp_path / "http").exists()
    start_server(**sockets)
    assert post_to_socket(tmp_path / "http").json["status"] == "accepted"


def test_a_socket_is_gone_when_its_server_is(
    start_server: StartServer, tmp_path: Path
) -> None:
    server = start_server(http=f"unix:{tmp_path / 'http'}")
    server.stop()
    assert not (tmp_path / "http").exists()


def test_settings_come_from_flag_then_environment_then_file(
    start_server: StartServer, tmp_path: Path
) -> None:
    config = tmp_path / "tuco.toml"
    config.write_text(
        '[http]\nlisten = "127.0.0.1:1"\n'
        '[grpc]\nlisten = "127.0.0.1:0"\n'
        '[admin]\nlisten = "off"\n'
    )
    data = tmp_path / "from-environment"
    server = Server(
        ["--http=127.0.0.1:0", f"--config={config}"],
        stderr=tmp_path / "stderr",
        env=SECRET_ENV
        | {
            "TUCO_EVENTS_HTTP": "127.0.0.1:2",
            "TUCO_EVENTS_ADMIN": "127.0.0.1:0",
            "TUCO_EVENTS_DATA": str(data),
        },
    )
    try:
        assert server.ready["data"] == str(data)
        assert {"http", "grpc", "admin"} <= set(server.ready)
        assert curl(f"http://{server.admin}/readyz").status == 200
    finally:
        assert server.stop() == 0


def test_the_secret_may_be_in_a_file_with_a_line_break(
    start_server: StartServer, tmp_path: Path
) -> None:
    for ending in ("", "\n", "\r\n"):
        file = tmp_path / "secret"
        file.write_bytes((SECRET + ending).encode())
        server = start_server(env={"TUCO_WEBHOOK_SECRET_FILE": str(file)})
        assert post(server, reply()).status == 200
        server.stop()


def test_endpoints_of_the_file_are_the_whole_truth(
    start_server: StartServer, tmp_path: Path
) -> None:
    config = tmp_path / "tuco.toml"
    config.write_text(
        '[[endpoint]]\nname = "other"\n'
        '[[endpoint.secret]]\nname = "main"\nenv = "OTHER"\n'
    )
    server = start_server(
        f"--config={config}", env=SECRET_ENV | {"OTHER": "o" + SECRET}
    )
    assert post(server, reply()).status == 404
    assert post(server, reply("o" + SECRET), path="/webhooks/other").status == 200
    assert "ignored" in server.stderr


def test_grpc_is_open_to_others_only_when_that_is_wanted(
    start_server: StartServer, tmp_path: Path
) -> None:
    config = tmp_path / "tuco.toml"
    config.write_text("[grpc]\ninsecure_bind = true\n")
    server = start_server(f"--config={config}", grpc="0.0.0.0:0")
    with Client(server.grpc.replace("0.0.0.0", "127.0.0.1")) as client:
        assert client.events() == []


def test_the_data_may_lie_beside_the_working_folder(
    start_server: StartServer, tmp_path: Path
) -> None:
    server = start_server(data=Path("here"), cwd=tmp_path)
    assert server.ready["data"] == "here"
    assert post(server, reply()).status == 200
    assert (tmp_path / "here" / "events.db").exists()


def test_two_servers_run_side_by_side(
    start_server: StartServer, tmp_path: Path
) -> None:
    one = start_server()
    two = start_server(data=tmp_path / "second")
    assert accept_all(one, [reply(), reply()]) == [1, 2]
    assert accept_all(two, [reply()]) == [1]
