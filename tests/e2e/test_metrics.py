"""The admin listener: metrics that count what happens, and probes."""

import json
import re
import signal

import pytest

from conftest import StartServer
from support.client import Client
from support.deliveries import SECRET, Delivery, reply, samples, signed, time_text
from support.environment import REPOSITORY
from support.protos import service
from support.server import Server
from support.subscriptions import SHARED, Subscriptions
from support.wait import wait_until
from support.webhook import (
    accept_all,
    connect,
    curl,
    metrics,
    post,
    read_answer,
    request_bytes,
)

ACCEPTED = 'tuco_deliveries_total{answer="accepted"}'
DUPLICATE = 'tuco_deliveries_total{answer="duplicate"}'
REJECTED = 'tuco_deliveries_total{answer="rejected"}'


def responses(code: int) -> str:
    """The counter of the ingress's responses with a code."""
    return f'tuco_http_responses_total{{code="{code}",listener="http"}}'


def of_type(name: str) -> Delivery:
    """A delivery of the event that Tuco calls so."""
    body = json.dumps({"event": name, "timestamp": time_text(), "data": {}})
    return signed(body.encode())


def rise(before: dict[str, float], after: dict[str, float], *names: str) -> list[float]:
    """By how much each has risen."""
    return [after[name] - before[name] for name in names]


def test_what_becomes_of_deliveries_is_counted(server: Server) -> None:
    before = metrics(server)
    first = reply()
    accept_all(server, [first, reply(), reply()])
    post(server, first)
    post(server, reply().with_header("x-tuco-signature", "0" * 64))
    post(server, reply().without_header("x-tuco-signature"))
    after = metrics(server)
    assert rise(before, after, ACCEPTED, DUPLICATE, REJECTED) == [3, 1, 2]
    assert rise(before, after, responses(200), responses(401)) == [4, 2]
    assert after["tuco_log_head_sequence"] == 3
    assert after["tuco_duplicate_keys"] == 3
    assert after["tuco_commit_queue_records"] == 0


def test_refusals_are_counted_by_their_code(server: Server) -> None:
    before = metrics(server)
    post(server, reply(), path="/x")
    curl(server.url)
    post(server, reply().with_header("content-encoding", "gzip"))
    post(server, reply(message="x" * 300_000))
    post(server, reply(), path="/webhooks/tuco?" + "x" * 3000)
    post(server, reply().with_header("x-filler", "x" * 9000))
    codes = [404, 405, 415, 413, 414, 431]
    after = metrics(server)
    assert rise(before, after, *map(responses, codes)) == [1] * len(codes)
    # The two that are signed and small enough to be kept.
    assert rise(before, after, ACCEPTED, REJECTED) == [0, 2]


def test_the_log_is_counted_again_after_a_restart(start_server: StartServer) -> None:
    first = start_server()
    accept_all(first, samples())
    first.stop()
    after = metrics(start_server())
    assert after["tuco_log_head_sequence"] == 16
    assert after["tuco_duplicate_keys"] == 16
    assert after[ACCEPTED] == 0


def test_times_and_sizes_of_commits_are_measured(server: Server) -> None:
    accept_all(server, [reply(), reply(), reply()])
    post(server, reply().with_header("x-tuco-signature", "0" * 64))
    after = metrics(server)
    assert after["tuco_verify_seconds_count"] == 4
    assert 0 < after["tuco_verify_seconds_sum"] < after["tuco_delivery_seconds_sum"]
    assert after["tuco_delivery_seconds_count"] == 4
    assert after["tuco_commit_events_sum"] == 3
    assert after["tuco_commit_seconds_count"] == after["tuco_commit_events_count"]
    assert after['tuco_commit_events_bucket{le="1"}'] >= 3
    assert after["tuco_commit_seconds_sum"] > 0


def test_the_log_and_its_volume_are_measured(server: Server) -> None:
    accept_all(server, [reply()])
    after = metrics(server)
    assert after["tuco_log_bytes"] >= 4096
    assert after["tuco_log_wal_bytes"] >= 0
    assert after["tuco_log_free_bytes"] > 1_000_000


def test_the_age_of_the_newest_event_is_told_by_endpoint_and_type(
    start_server: StartServer,
) -> None:
    def age(type_label: str) -> str:
        return f'tuco_last_event_age_seconds{{endpoint="tuco",type="{type_label}"}}'

    first = start_server()
    accept_all(first, [reply(), of_type("lead.updated"), of_type("message.opened")])
    # Not genuine, and so of no age.
    forged = of_type("message.failed").with_header("x-tuco-signature", "0" * 64)
    post(first, forged)
    first.stop()
    after = metrics(start_server())
    ages = {name for name in after if name.startswith("tuco_last_event_age")}
    types = ["message.reply", "other", "message.opened"]
    assert ages == {age(name) for name in types}
    assert all(0 <= after[name] < 600 for name in ages)


def test_the_page_on_metrics_names_them_all(server: Server, client: Client) -> None:
    Subscriptions(client).create("work", SHARED)
    accept_all(server, [reply()])
    text = curl(f"http://{server.admin}/metrics").body.decode()
    served = set(re.findall(r"^# TYPE (\S+)", text, re.M))
    page = (REPOSITORY / "docs" / "monitoring.md").read_text("utf-8")
    assert set(re.findall(r"`((?:tuco|process)_\w+)`", page)) == served


def test_the_rules_for_alarms_are_of_metrics_that_there_are() -> None:
    rules = REPOSITORY / "examples" / "prometheus" / "tuco-events.rules.yml"
    text = rules.read_text("utf-8")
    page = (REPOSITORY / "docs" / "monitoring.md").read_text("utf-8")
    used = set(re.findall(r"\b(tuco_\w+)", text))
    assert used
    for name in used:
        assert f"`{name.removesuffix('_bucket')}`" in page
    alarms = re.findall(r"alert: (\w+)", text)
    manual = (REPOSITORY / "docs" / "operations.md").read_text("utf-8")
    assert re.findall(r"^\| (Tuco\w+) \|", manual, re.M) == alarms


def test_open_streams_and_connections_are_counted(
    server: Server, client: Client
) -> None:
    assert metrics(server)["tuco_streams"] == 0
    stream = client.open(anchor=service.ANCHOR_LATEST)
    next(stream)
    assert metrics(server)["tuco_streams"] == 1
    stream.cancel()
    wait_until(lambda: metrics(server)["tuco_streams"] == 0, "the stream's end")
    with connect(server) as connection:
        connection.sendall(request_bytes(reply()))
        read_answer(connection)
        assert metrics(server)["tuco_http_connections"] == 1
    wait_until(
        lambda: metrics(server)["tuco_http_connections"] == 0, "the connection's end"
    )


def test_the_process_is_measured(server: Server) -> None:
    found = metrics(server)
    assert found["process_resident_memory_bytes"] > 1_000_000
    assert found["process_open_fds"] > 5
    assert found["process_start_time_seconds"] > 1_700_000_000
    assert found["process_cpu_seconds_total"] >= 0


def test_the_text_is_what_prometheus_reads(server: Server) -> None:
    answer = curl(f"http://{server.admin}/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = answer.body.decode().splitlines()
    names = {line.split(" ")[2] for line in lines if line.startswith("# TYPE")}
    assert {"tuco_deliveries_total", "tuco_http_responses_total"} <= names
    for line in lines:
        if not line.startswith("#"):
            name = line.partition("{")[0].split(" ")[0]
            assert {name, re.sub("_(bucket|count|sum)$", "", name)} & names


def test_nothing_personal_or_secret_is_in_the_metrics(server: Server) -> None:
    accept_all(server, samples())
    post(server, reply(), path="/webhooks/jane@example.com")
    text = curl(f"http://{server.admin}/metrics").body.decode()
    for word in (SECRET, "+1904", "jane", "org_abc123", "lead.updated"):
        assert word not in text


def test_the_probes_say_yes(server: Server) -> None:
    healthy = curl(f"http://{server.admin}/healthz")
    assert (healthy.status, healthy.json) == (200, {"status": "ok"})
    ready = curl(f"http://{server.admin}/readyz")
    assert (ready.status, ready.json) == (200, {"status": "ready"})


def test_a_draining_server_is_alive_but_not_ready(server: Server) -> None:
    with connect(server) as connection:
        connection.sendall(request_bytes(reply())[:-5])
        assert post(server, reply()).status == 200
        server.send_signal(signal.SIGTERM)
        wait_until(
            lambda: curl(f"http://{server.admin}/readyz").status == 503, "draining"
        )
        assert curl(f"http://{server.admin}/healthz").status == 200
    assert server.wait() == 0


@pytest.mark.parametrize("path", ["/", "/webhooks/tuco", "/metrics/"])
def test_nothing_else_is_on_the_admin_listener(server: Server, path: str) -> None:
    assert curl(f"http://{server.admin}{path}").status == 404


def test_the_admin_listener_only_reads(server: Server) -> None:
    answer = curl(f"http://{server.admin}/metrics", body=b"x")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
