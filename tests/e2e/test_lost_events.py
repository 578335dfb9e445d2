"""A log that lost its newest events: every reader is told, nobody is misled."""

import json
import shutil
from pathlib import Path

from conftest import StartServer
from support.cli import run
from support.client import Client, flags
from support.deliveries import reply, signed
from support.protos import service
from support.server import Server
from support.webhook import accept_all, post

STEP = 2**20
FILES = ("events.db", "events.db-wal")


def lose_the_newest(start_server: StartServer, data: Path) -> None:
    """Leaves the log of a server that had eight events, of which it has three."""
    first = start_server()
    accept_all(first, [reply() for _ in range(3)])
    assert first.stop() == 0
    for name in FILES:
        shutil.copy(data / name, data.parent / name)
    second = start_server()
    accept_all(second, [reply() for _ in range(5)])
    assert second.stop() == 0
    for name in FILES:
        shutil.copy(data.parent / name, data / name)
    (data / "events.db-shm").unlink(missing_ok=True)


def server_with_old_files(start_server: StartServer, data: Path) -> Server:
    """A server that had eight events, of which a restored copy has three."""
    lose_the_newest(start_server, data)
    return start_server()


def test_every_reader_is_told_of_the_gap(
    start_server: StartServer, tmp_path: Path
) -> None:
    server = server_with_old_files(start_server, tmp_path / "data")
    assert accept_all(server, [reply()]) == [STEP]
    with Client(server.grpc) as client:
        for after, expected in ((0, [1, 2, 3, STEP]), (3, [STEP]), (6, [STEP])):
            responses = client.responses(after_sequence=after)
            found = [event for response in responses for event in response.events]
            assert [event.sequence for event in found] == expected
            assert found[-1].epoch == 2
            [gap] = [r.gap for r in responses if r.HasField("gap")]
            assert (gap.from_sequence, gap.to_sequence) == (max(after, 3) + 1, STEP - 1)
            assert gap.reason == service.GAP_REASON_LOST
            assert responses[-1].scanned_through == STEP
        # Who was behind it is told nothing.
        responses = client.responses(after_sequence=STEP - 1)
        assert not any(response.HasField("gap") for response in responses)
    complaints = [json.loads(line) for line in server.stderr.splitlines()]
    [lost] = [line for line in complaints if line["severity"] == "error"]
    assert lost["lost_from"] == "4"
    assert lost["lost_through_at_least"] == "8"
    assert lost["next_sequence"] == str(STEP)


def test_who_looks_on_is_told_before_a_server_is_started(
    start_server: StartServer, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    lose_the_newest(start_server, data)
    words = "events 4 to at least 8 are missing: the log lost what was there"
    exported = run("export", "--format=ndjson", f"--data={data}")
    assert (exported.code, len(exported.lines())) == (0, 3)
    assert words in exported.stderr
    backed_up = run("backup", f"--data={data}", str(tmp_path / "copy.db"))
    assert backed_up.code == 0
    assert backed_up.stdout.startswith("3 events, 1 to 3,")
    assert words in backed_up.stderr


def test_tail_tells_of_the_gap(start_server: StartServer, tmp_path: Path) -> None:
    server = server_with_old_files(start_server, tmp_path / "data")
    result = run("tail", f"--grpc={server.grpc}", "--from=earliest", "--no-follow")
    assert result.code == 0
    assert f"events 4 to {STEP - 1} are missing" in result.stderr


def test_an_event_that_repeats_another_says_which(
    start_server: StartServer, tmp_path: Path
) -> None:
    server = start_server()
    body = reply(messageId="m1").body
    accept_all(server, [signed(body), signed(body.replace(b"m1", b"m2"))])
    other_bytes = signed(body[:-1] + b" }")
    [sequence] = accept_all(server, [other_bytes])
    assert server.stop() == 0
    # Also from disk, and for what was there before the start.
    server = start_server()
    third = signed(body[:-1] + b"  }")
    assert post(server, third).json["status"] == "accepted"
    with Client(server.grpc) as client:
        events = {event.sequence: event for event in client.events()}
    assert [events[n].suspected_duplicate_of for n in (1, 2, sequence, 4)] == [
        0,
        0,
        1,
        1,
    ]
    assert "SUSPECTED_DUPLICATE" in flags(events[sequence])
    assert "SUSPECTED_DUPLICATE" not in flags(events[1])
