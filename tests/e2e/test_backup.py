"""`tuco-events backup`: a copy of a log, also of one in use."""

import json
import sqlite3
import threading
from pathlib import Path

import pytest

from conftest import StartServer
from support.cli import run
from support.client import Client
from support.deliveries import reply, samples
from support.webhook import accept_all, post, post_all


def restore(copy: Path, data: Path) -> None:
    """Puts the copy in the place of a log, as the command's help says."""
    copy.replace(data / "events.db")
    for name in ("events.db-wal", "events.db-shm"):
        (data / name).unlink(missing_ok=True)


def test_a_copy_is_one_file_with_everything(
    start_server: StartServer, tmp_path: Path
) -> None:
    server = start_server()
    accept_all(server, samples())
    with Client(server.grpc) as client:
        before = client.events(include_body=True)
    copy = tmp_path / "copy.db"
    result = run("backup", f"--data={tmp_path / 'data'}", "--output=json", str(copy))
    assert (result.code, result.stderr) == (0, "")
    assert json.loads(result.stdout) == {
        "file": str(copy),
        "events": "16",
        "firstSequence": "1",
        "lastSequence": "16",
        "bytes": str(copy.stat().st_size),
    }
    assert copy.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.glob("copy*")] == ["copy.db"]
    # What comes later is not in it, and after a restore readers are told.
    assert accept_all(server, [reply()]) == [17]
    assert server.stop() == 0
    restore(copy, tmp_path / "data")
    server = start_server()
    with Client(server.grpc) as client:
        responses = client.responses(after_sequence=0, include_body=True)
    events = [event for response in responses for event in response.events]
    assert events == before
    [gap] = [response.gap for response in responses if response.HasField("gap")]
    assert gap.from_sequence == 17
    answers = post_all(server, samples())
    assert {answer.json["status"] for answer in answers} == {"duplicate"}


def test_the_server_goes_on_while_it_is_copied(
    start_server: StartServer, tmp_path: Path
) -> None:
    server = start_server()
    accept_all(server, [reply(message="x" * 100_000) for _ in range(60)])
    stop = threading.Event()
    posted = []

    def post_until_stopped() -> None:
        while not stop.is_set():
            posted.append(post(server, reply()).json["status"])

    thread = threading.Thread(target=post_until_stopped)
    thread.start()
    try:
        for number in range(3):
            copy = tmp_path / f"copy{number}.db"
            result = run(
                "backup", str(copy), env={"TUCO_EVENTS_DATA": str(tmp_path / "data")}
            )
            assert result.code == 0, result.stderr
            with sqlite3.connect(f"file:{copy}?mode=ro", uri=True) as log:
                [(count, last)] = log.execute(
                    "SELECT count(*), max(sequence) FROM events"
                )
            assert count == last >= 60
            assert f"{count} events, 1 to {last}," in result.stdout
    finally:
        stop.set()
        thread.join()
    assert set(posted) == {"accepted"}


def test_a_stopped_servers_log_is_copied(
    start_server: StartServer, tmp_path: Path
) -> None:
    server = start_server()
    accept_all(server, [reply() for _ in range(3)])
    server.kill()
    result = run("backup", f"--data={tmp_path / 'data'}", str(tmp_path / "copy.db"))
    assert result.code == 0, result.stderr
    assert result.stdout.startswith("3 events, 1 to 3, in ")


def test_a_damaged_event_is_named(start_server: StartServer, tmp_path: Path) -> None:
    server = start_server()
    accept_all(server, [reply() for _ in range(5)])
    assert server.stop() == 0
    with sqlite3.connect(tmp_path / "data" / "events.db") as log:
        log.execute("UPDATE events SET body = x'00' WHERE sequence = 3")
    result = run("backup", f"--data={tmp_path / 'data'}", str(tmp_path / "copy.db"))
    assert result.code == 4
    assert "record 3 is damaged" in result.stderr
    assert list(tmp_path.glob("copy*")) == []


@pytest.mark.parametrize(
    ("prepare", "code", "words"),
    [
        ("nothing", 2, "there is no event log at "),
        ("other", 4, "is not an event log of tuco-events"),
        ("target", 2, "is there already: choose another name"),
        ("folder", 2, "No such file or directory"),
    ],
)
def test_what_cannot_be_copied_is_said(
    start_server: StartServer, tmp_path: Path, prepare: str, code: int, words: str
) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy.db"
    if prepare == "other":
        data.mkdir()
        (data / "events.db").write_bytes(b"no log at all" * 100)
    elif prepare != "nothing":
        assert start_server().stop() == 0
    if prepare == "target":
        copy.write_bytes(b"mine")
    if prepare == "folder":
        copy = tmp_path / "missing" / "copy.db"
    result = run("backup", f"--data={data}", str(copy))
    assert (result.code, result.stdout) == (code, "")
    assert words in result.stderr
    if prepare == "target":
        assert copy.read_bytes() == b"mine"
