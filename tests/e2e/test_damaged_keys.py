"""Duplicate keys that a disk has damaged: every copy is known for one, or kept."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from conftest import StartServer
from support.cli import run
from support.deliveries import event_id, reply, time_text
from support.log_file import run_sql
from support.server import Server
from support.webhook import accept_all, metrics, post, post_all


def damage_said(server: Server) -> dict[str, Any]:
    """What the server's log says of damaged duplicate keys."""
    lines = [json.loads(line) for line in server.stderr.splitlines()]
    said: list[dict[str, Any]] = [line for line in lines if "given_up" in line]
    assert len(said) == 1
    return said[0]


def test_damaged_keys_are_made_again(start_server: StartServer, tmp_path: Path) -> None:
    deliveries = [reply() for _ in range(6)]
    server = start_server()
    accept_all(server, deliveries)
    assert server.stop() == 0
    run_sql(
        tmp_path / "data",
        "UPDATE duplicate_keys SET key = zeroblob(32) WHERE sequence = 2;"
        "DELETE FROM duplicate_keys WHERE sequence IN (4, 6)",
    )
    server = start_server()
    answers = [answer.json for answer in post_all(server, deliveries)]
    assert [answer["status"] for answer in answers] == ["duplicate"] * 6
    assert [answer["sequence"] for answer in answers] == list("123456")
    assert metrics(server)["tuco_restored_keys"] == 3
    assert metrics(server)["tuco_given_up_keys"] == 0
    assert damage_said(server)["restored"] == "3"
    # Once: the next start finds nothing.
    assert server.stop() == 0
    server = start_server()
    accept_all(server, [reply()])
    assert metrics(server)["tuco_restored_keys"] == 0
    assert "given_up" not in server.stderr


def test_a_replay_of_what_is_lost_with_its_key_is_kept(
    start_server: StartServer, tmp_path: Path
) -> None:
    deliveries = [reply() for _ in range(4)]
    server = start_server()
    accept_all(server, deliveries)
    assert server.stop() == 0
    run_sql(
        tmp_path / "data",
        "UPDATE duplicate_keys SET crc = 0 WHERE sequence = 2;"
        "UPDATE events SET body = x'7b7d' WHERE sequence = 2",
    )
    server = start_server()
    assert post(server, deliveries[1]).status == 202
    assert metrics(server)["tuco_given_up_keys"] == 1
    assert damage_said(server)["given_up"] == "1"
    for known in (deliveries[0], deliveries[2], deliveries[3]):
        assert post(server, known).json["status"] == "duplicate"
    assert post(server, reply(timestamp="none")).status == 202
    later = reply(timestamp=time_text(timedelta(minutes=-10)))
    assert accept_all(server, [later]) == [5]
    assert run("quarantine", "release", "q_1", f"--grpc={server.grpc}").code == 0
    assert post(server, deliveries[1]).json == {
        "status": "duplicate",
        "eventId": event_id(deliveries[1].body),
        "sequence": "6",
    }
