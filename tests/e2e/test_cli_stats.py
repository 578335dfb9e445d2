"""`tuco-events stats`: how a server is, for people and programs."""

import pytest

from support.cli import run
from support.deliveries import SECRET, reply
from support.server import Server
from support.webhook import accept_all


def test_stats_prints_it(server: Server) -> None:
    accept_all(server, [reply(newField="x")])
    result = run("stats", f"--grpc={server.grpc}")
    assert (result.code, result.stderr) == (0, "")
    texts: dict[str, str] = {}
    for line in result.lines():
        label, text = line.split(maxsplit=1)
        texts[label] = text
    assert list(texts) == [
        *("version", "started", "intake", "waiting", "events", "disk"),
        *("duplicates", "quarantine", "streams", "endpoint", "secret", "news"),
    ]
    assert texts["intake"] == "TAKING"
    assert texts["events"] == "1 to 1, epoch 1"
    assert texts["endpoint"].startswith("tuco, secrets ")
    assert texts["secret"].startswith("tuco/main, last used 20")
    assert texts["secret"].endswith(", 1 verified")
    assert texts["news"].startswith("unknown field data.newField, first at ")
    assert SECRET not in result.stdout


def test_stats_prints_json(server: Server) -> None:
    accept_all(server, [reply()])
    result = run("stats", "--output=json", env={"TUCO_EVENTS_GRPC": server.grpc})
    assert (result.code, result.stderr) == (0, "")
    [found] = result.json_lines()
    assert found["intake"] == {"state": "INTAKE_STATE_TAKING"}
    assert found["log"]["headSequence"] == "1"
    assert found["endpoints"][0]["lastSequence"] == "1"


def test_stats_says_when_there_is_no_server() -> None:
    result = run("stats", "--grpc=127.0.0.1:1")
    assert (result.code, result.stdout) == (3, "")
    [line] = result.stderr.splitlines()
    assert "127.0.0.1:1" in line


@pytest.mark.parametrize("args", [["--output=yaml"], ["--grpc=nonsense"], ["more"]])
def test_wrong_usage_of_stats(args: list[str]) -> None:
    assert run("stats", *args).code == 2
