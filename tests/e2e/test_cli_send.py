"""`send`: deliveries of every shape that arrive as what they are."""

import http.server
import json
import threading
import time
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest

from support.cli import Result, run
from support.client import Client, flags
from support.deliveries import OTHER_SECRET, SECRET
from support.protos import event as pb
from support.server import Server
from support.webhook import metrics

SECRET_ENV = {"TUCO_WEBHOOK_SECRET": SECRET}


def send(server: Server, *args: str, env: dict[str, str] | None = None) -> Result:
    """Runs `send` against the server."""
    return run("send", f"--url={server.url}", *args, env=env or SECRET_ENV)


def only_event(client: Client) -> Any:
    """The one event in the log."""
    [event] = client.events(include_body=True)
    return event


SHAPES = {
    "S1": "message.reply",
    "S2": "message.sent",
    "S3": "message.reply",
    "S4": "message.reply",
    "S5": "message.delivered",
    "S6": "message.replied",
    "test": "message.sent",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_arrives_as_that_shape(
    server: Server, client: Client, shape: str
) -> None:
    result = send(server, f"--shape={shape}", "--output=json")
    assert (result.code, result.stderr) == (0, "")
    event = only_event(client)
    assert pb.Shape.Name(event.shape) == f"SHAPE_{shape.upper()}"
    assert event.type_name == SHAPES[shape]
    assert flags(event) == (["TEST"] if shape == "test" else [])
    assert event.message.text
    # But for the batch of a reply's original message, every member has a field.
    extra = json.loads(event.extra_json or "{}")
    assert extra in ({}, {"originalMessage": {"batchId": ANY}})
    [line] = result.json_lines()
    assert (line["event"], line["status"]) == (SHAPES[shape], 200)
    assert json.loads(line["answer"])["eventId"] == event.event_id
    assert line["latencyMs"] > 0


@pytest.mark.parametrize(
    ("shape", "name", "field"),
    [
        ("S1", "message.failed", "error"),
        ("S1", "message.opened", "read_at"),
        ("S2", "message.failed", "error"),
        ("S2", "message.fallback", "reason"),
        ("S2", "message.opened", "read_at"),
        ("S5", "message.fallback", "reason"),
    ],
)
def test_an_event_carries_what_it_is_about(
    server: Server, client: Client, shape: str, name: str, field: str
) -> None:
    assert send(server, f"--shape={shape}", f"--event={name}").code == 0
    event = only_event(client)
    assert event.type_name == name
    assert event.message.HasField(field)


def test_an_event_of_the_future_is_sent_too(server: Server, client: Client) -> None:
    assert send(server, "--event=lead.created").code == 0
    event = only_event(client)
    assert (event.type, event.type_name) == (0, "lead.created")


def test_fields_can_be_set(server: Server, client: Client) -> None:
    result = send(
        server,
        "--shape=S1",
        "--field=data.message=STOP",
        "--field=testMode=json:true",
        "--field=data.new=json:[1,2.50]",
    )
    assert result.code == 0
    event = only_event(client)
    assert (event.message.text, event.opt_out) == ("STOP", True)
    assert flags(event) == ["TEST"]
    assert event.extra_json == '{"data":{"new":[1,2.50]}}'


def test_many_deliveries_are_all_different_and_summed_up(
    server: Server, client: Client
) -> None:
    result = send(server, "--count=50", "--output=json")
    assert result.code == 0
    [summary] = result.json_lines()
    assert (summary["sent"], summary["accepted"]) == (50, 50)
    assert summary["statuses"] == {"200": 50}
    latency = summary["latencyMs"]
    assert 0 < latency["min"] <= latency["p50"] <= latency["p99"] <= latency["max"]
    assert len({event.event_id for event in client.events()}) == 50


def test_as_a_load_it_sends_every_shape_over_many_connections(
    server: Server, client: Client
) -> None:
    result = send(
        server,
        "--shape=all",
        "--count=600",
        "--connections=30",
        "--rate=300",
        "--output=json",
    )
    assert result.code == 0
    [summary] = result.json_lines()
    assert summary["statuses"] == {"200": 600}
    assert 100 < summary["perSecond"] <= 301
    events = client.events()
    assert len({event.event_id for event in events}) == 600
    assert {event.shape for event in events} == set(range(1, 7))
    assert (
        metrics(server)['tuco_http_responses_total{code="200",listener="http"}'] == 600
    )


class SlowHandler(http.server.BaseHTTPRequestHandler):
    """Answers 200, each time 50 ms later than it might."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Takes a delivery."""
        self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(0.05)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


def test_waiting_for_a_slow_server_counts_as_latency() -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), SlowHandler) as slow:
        threading.Thread(target=slow.serve_forever, daemon=True).start()
        url = f"--url=http://127.0.0.1:{slow.server_port}/webhooks/tuco"
        env = {"TUCO_WEBHOOK_SECRET": SECRET}
        result = run(
            *("send", url, "--count=12", "--rate=1000", "--output=json"), env=env
        )
        slow.shutdown()
    assert result.code == 0
    # All are due at once, and the last one waits for eleven others.
    assert result.json_lines()[0]["latencyMs"]["max"] >= 550


def test_the_rate_is_kept(server: Server) -> None:
    start = time.monotonic()
    result = send(server, "--count=6", "--rate=10", "--output=json")
    assert (result.code, len(result.json_lines())) == (0, 6)
    assert time.monotonic() - start >= 0.5


def test_people_get_a_line_for_each_delivery(server: Server) -> None:
    result = send(server, "--count=2")
    lines = result.stdout.splitlines()
    assert len(lines) == 2
    assert all(line.startswith("200  message.reply") for line in lines)


def test_a_wrong_secret_is_a_negative_answer(server: Server) -> None:
    env = {"TUCO_WEBHOOK_SECRET": OTHER_SECRET}
    result = send(server, "--output=json", env=env)
    assert result.code == 1
    assert result.json_lines()[0]["status"] == 401


def test_the_secret_comes_from_the_first_place_that_has_one(
    server: Server, tmp_path: Path
) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_text(SECRET + "\n")
    bad.write_text(OTHER_SECRET)
    wrong = {"TUCO_WEBHOOK_SECRET": OTHER_SECRET}
    assert send(server, f"--secret-file={good}", env=wrong).code == 0
    env = SECRET_ENV | {"TUCO_WEBHOOK_SECRET_FILE": str(bad)}
    assert send(server, env=env).code == 0
    assert send(server, env={"TUCO_WEBHOOK_SECRET_FILE": str(good)}).code == 0
    dev = tmp_path / "work" / "data" / "dev-secret"
    dev.parent.mkdir(parents=True)
    dev.write_text(SECRET + "\n")
    found = run("send", f"--url={server.url}", cwd=tmp_path / "work")
    assert found.code == 0


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--shape=S9"], "S9"),
        (["--shape=S3", "--event=message.sent"], "message.sent"),
        (["--url=ftp://x/"], "ftp://x/"),
        (["--url=127.0.0.1:8080"], "127.0.0.1:8080"),
        (["--count=0"], "--count"),
        (["--rate=-1"], "--rate"),
        (["--field=novalue"], "novalue"),
        (["--field=a=json:{"], "json"),
        (["--secret-file=absent"], "absent"),
        (["--output=xml"], "--output"),
        (["--secret=whsec_5f0c2a7e9d41b3"], "--secret"),
    ],
)
def test_wrong_usage_is_explained_on_one_line(
    tmp_path: Path, args: list[str], says: str
) -> None:
    result = run("send", *args, env=SECRET_ENV, cwd=tmp_path)
    assert result.code == 2
    assert (result.stdout, len(result.stderr.splitlines())) == ("", 1)
    assert says in result.stderr
    assert SECRET not in result.stderr


def test_without_a_secret_it_says_where_to_put_one(tmp_path: Path) -> None:
    result = run("send", cwd=tmp_path)
    assert result.code == 2
    assert "--secret-file" in result.stderr


def test_a_server_that_is_not_there_is_said_so(server: Server) -> None:
    url = server.url
    server.stop()
    result = run("send", f"--url={url}", env=SECRET_ENV)
    assert result.code == 3
    assert len(result.stderr.splitlines()) == 1
    assert server.http in result.stderr
