"""What was accepted stays, whatever ends the server."""

import http.client
import signal
import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from conftest import StartServer
from support.cli import run
from support.client import Client
from support.deliveries import event_id, reply, samples
from support.server import Server
from support.wait import wait_until
from support.webhook import accept_all, post, post_all


def end(server: Server, number: signal.Signals) -> None:
    """Ends the server by a signal."""
    server.send_signal(number)
    expected = 0 if number == signal.SIGTERM else -number
    assert server.wait() == expected


def printed(server: Server) -> str:
    """The log as `tail` prints it."""
    result = run(
        "tail",
        f"--grpc={server.grpc}",
        "--from=earliest",
        "--no-follow",
        "--output=json",
    )
    assert result.code == 0
    return result.stdout


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_restart_keeps_everything(
    start_server: StartServer, number: signal.Signals
) -> None:
    first = start_server()
    accept_all(first, samples())
    before = printed(first)
    end(first, number)
    second = start_server()
    assert printed(second) == before
    assert len(before.splitlines()) == 16
    answers = post_all(second, samples())
    assert [answer.json["status"] for answer in answers] == ["duplicate"] * 16
    assert [answer.json["sequence"] for answer in answers] == [
        str(sequence) for sequence in range(1, 17)
    ]
    assert accept_all(second, [reply()]) == [17]


def test_everything_accepted_before_a_kill_is_there_after_it(
    start_server: StartServer,
) -> None:
    first = start_server()
    accepted: dict[str, str] = {}

    def post_until_killed() -> None:
        connection = http.client.HTTPConnection(first.http, timeout=10)
        try:
            while True:
                delivery = reply()
                connection.request(
                    "POST", "/webhooks/tuco", delivery.body, delivery.headers
                )
                body = connection.getresponse().read().decode()
                accepted[event_id(delivery.body)] = body
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        posting = [pool.submit(post_until_killed) for _ in range(3)]
        wait_until(lambda: len(accepted) >= 100, "100 accepted deliveries")
        first.kill()
        for future in posting:
            future.result()
    second = start_server()
    with Client(second.grpc) as client:
        kept = {event.event_id: event.sequence for event in client.events()}
    for name, answer in accepted.items():
        assert answer == (
            f'{{"status":"accepted","eventId":"{name}","sequence":"{kept[name]}"}}'
        )
    assert sorted(kept.values()) == list(range(1, len(kept) + 1))


def test_sequences_go_on_over_many_restarts(start_server: StartServer) -> None:
    for sequence in range(1, 5):
        server = start_server()
        assert accept_all(server, [reply()]) == [sequence]
        end(server, signal.SIGKILL if sequence % 2 else signal.SIGTERM)
    with Client(start_server().grpc) as client:
        assert client.sequences() == [1, 2, 3, 4]


def test_the_data_is_for_its_owner_only(server: Server, tmp_path: Path) -> None:
    accept_all(server, [reply()])
    data = tmp_path / "data"
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    for file in data.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, file.name


def test_the_log_can_be_put_elsewhere(
    start_server: StartServer, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    server = start_server(f"--log=sqlite:{elsewhere}")
    accept_all(server, [reply()])
    assert (elsewhere / "events.db").exists()
    assert not (tmp_path / "data" / "events.db").exists()


def test_an_outside_reader_sees_what_was_accepted(
    server: Server, tmp_path: Path
) -> None:
    accept_all(server, samples())
    path = tmp_path / "data" / "events.db"
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        rows = database.execute(
            "SELECT sequence, body FROM events ORDER BY sequence"
        ).fetchall()
    finally:
        database.close()
    assert rows == [
        (sequence, sample.body) for sequence, sample in enumerate(samples(), start=1)
    ]
    assert post(server, reply()).json["sequence"] == "17"


def test_a_damaged_record_is_reported_and_never_skipped(
    start_server: StartServer, tmp_path: Path
) -> None:
    first = start_server()
    accept_all(first, samples())
    end(first, signal.SIGTERM)
    database = sqlite3.connect(tmp_path / "data" / "events.db")
    try:
        database.execute("UPDATE events SET body = x'7b7d' WHERE sequence = 9")
        database.commit()
    finally:
        database.close()
    second = start_server()
    result = run(
        "tail",
        f"--grpc={second.grpc}",
        "--from=earliest",
        "--no-follow",
        "--output=json",
    )
    assert result.code == 4
    assert "9" in result.stderr
    assert [line["sequence"] for line in result.json_lines()] == [
        str(sequence) for sequence in range(1, len(result.json_lines()) + 1)
    ]
    assert len(result.json_lines()) <= 8
