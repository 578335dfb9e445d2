"""What Tuco sends that this version does not know: said once, and remembered."""

import json
import sqlite3
import time
from pathlib import Path
from typing import Any

from conftest import StartServer
from support.deliveries import Delivery, reply, samples, signed
from support.server import Server
from support.wait import wait_until
from support.webhook import accept_all, metrics, post
from test_spool import ALL, SPOOLED, start

MESSAGE = "Tuco sends what this version does not know"


def announced(server: Server) -> list[tuple[str, str]]:
    """Kind and name of what a server has said in its log."""
    lines = [json.loads(line) for line in server.stderr.splitlines()]
    return [(line["kind"], line["name"]) for line in lines if MESSAGE in str(line)]


def remembered(data: Path) -> dict[str, int]:
    """The log's rows, by key."""
    with sqlite3.connect(f"file:{data}/events.db?mode=ro", uri=True) as log:
        return dict(log.execute("SELECT key, value FROM meta WHERE key LIKE 'drift:%'"))


def names(server: Server) -> dict[str, float]:
    """The metric's values by kind."""
    start = 'tuco_drift_names{kind="'
    found = metrics(server).items()
    return {
        name.removeprefix(start).removesuffix('"}'): value
        for name, value in found
        if name.startswith(start) and value
    }


def delivery(body: dict[str, Any]) -> Delivery:
    """A genuine delivery of that body."""
    return signed(json.dumps(body).encode())


def test_a_name_is_said_once_in_a_logs_life(
    start_server: StartServer, tmp_path: Path
) -> None:
    before = time.time() * 1e6
    server = start_server()
    accept_all(server, [reply(newField="private"), reply(newField="+14155550100")])
    accept_all(server, [reply(status=7)])
    expected = [
        ("unknown_field", "data.newField"),
        ("wrong_type", "data.status"),
    ]
    assert announced(server) == expected
    assert '"expected":"text"' in server.stderr
    assert '"found":"number"' in server.stderr
    assert "private" not in server.stderr
    assert "+14155550100" not in server.stderr
    assert names(server) == {"unknown_field": 1, "wrong_type": 1}
    assert metrics(server)["tuco_drift_events"] == 3
    assert server.stop() == 0

    rows = remembered(tmp_path / "data")
    assert list(rows) == [f"drift:{kind}:{name}" for kind, name in expected]
    assert all(before <= value <= time.time() * 1e6 for value in rows.values())

    server = start_server()
    accept_all(server, [reply(newField="again"), reply(other=1)])
    assert announced(server) == [("unknown_field", "data.other")]
    assert names(server) == {"unknown_field": 2, "wrong_type": 1}
    assert remembered(tmp_path / "data").items() >= rows.items()


def test_an_event_and_a_body_may_be_news(server: Server) -> None:
    accept_all(server, samples())
    accept_all(server, [signed(b"[1]"), delivery({"event": "+14155550100"})])
    assert ("no_object", "") in announced(server)
    assert ("unknown_event", "lead.updated") in announced(server)
    assert ("unknown_event", "*") in announced(server)
    assert "+14155550100" not in server.stderr


def test_a_forger_makes_no_names(server: Server, tmp_path: Path) -> None:
    forged = reply(evil="x").with_header("x-tuco-signature", "0" * 64)
    assert post(server, forged).status == 401
    accept_all(server, [reply()])
    assert announced(server) == []
    assert names(server) == {}
    assert remembered(tmp_path / "data") == {}


def test_no_more_names_are_remembered_than_there_may_be(
    server: Server, tmp_path: Path
) -> None:
    fields = [f"field{number}" for number in range(1010)]
    for first in range(0, len(fields), 10):
        accept_all(server, [reply(**dict.fromkeys(fields[first : first + 10], "x"))])
    assert len(announced(server)) == 1000
    assert names(server) == {"unknown_field": 1000}
    assert len(remembered(tmp_path / "data")) == 1000
    accept_all(server, [reply(oneMore="x")])
    assert server.stderr.count("no more names") == 1


def test_what_was_spooled_is_remembered_when_it_is_in_the_log(
    start_server: StartServer, tmp_path: Path
) -> None:
    spool = tmp_path / "spool"
    server = start(start_server, tmp_path, spool, reserve=ALL)
    assert post(server, reply(newField="x")).json["status"] == "spooled"
    assert announced(server) == []
    assert server.stop() == 0
    server = start(start_server, tmp_path, spool)
    wait_until(lambda: metrics(server)[SPOOLED] == 0, "the merge")
    assert announced(server) == [("unknown_field", "data.newField")]
