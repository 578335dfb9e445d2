"""`tail`: positions, filters, following, reconnecting."""

import json
import subprocess
from typing import Any

import pytest

from conftest import StartServer
from support.cli import Result, run, tail
from support.deliveries import reply, samples
from support.environment import BINARY
from support.server import Server
from support.wait import wait_until
from support.webhook import accept_all, metrics


def printed(server: Server, *args: str) -> Result:
    """What `tail` prints of the log up to its end."""
    return run("tail", f"--grpc={server.grpc}", "--no-follow", "--output=json", *args)


def sequences(result: Result) -> list[int]:
    """The sequences of what was printed."""
    assert result.stderr == ""
    return [int(line["sequence"]) for line in result.json_lines()]


FILTERS: dict[str, tuple[list[str], list[int]]] = {
    "a type by either name": (["--event=message.reply"], [1, 2, 8, 9, 10, 13, 14]),
    "the other name": (["--event=message.replied"], [1, 2, 8, 9, 10, 13, 14]),
    "an unknown name": (["--event=lead.updated"], [16]),
    "two names": (["--event=message.sent", "--event=lead.updated"], [3, 4, 15, 16]),
    "a workspace": (["--workspace=org_abc123"], [*range(1, 13), 14, 15, 16]),
    "a line": (["--line=line_001"], [1, 3, 14]),
    "two lines": (["--line=line_002", "--line=line_xyz789"], [2, 13]),
    "a campaign": (["--campaign=camp_def456"], [13]),
    "a message": (["--message=69b340dd6dae1d942ece4d09"], [4, 5, 6, 7, 16]),
    "a lead": (
        ["--lead=69b2c41d352a78479d2c623b"],
        [4, 5, 6, 7, 8, 10, 11, 12, 16],
    ),
    "a phone": (["--phone=+12025550134"], [11, 12]),
    "tests left out": (["--test=exclude"], [*range(1, 14), 16]),
    "tests only": (["--test=only"], [14, 15]),
    "all of it": (["--test=include"], list(range(1, 17))),
    "two filters": (["--event=message.reply", "--line=line_001"], [1, 14]),
    "a start": (["--from=12"], [12, 13, 14, 15, 16]),
    "a limit": (["--from=3", "--limit=2"], [3, 4]),
    "a start and a filter": (["--from=9", "--event=message.reply"], [9, 10, 13, 14]),
    "a time long ago": (["--from=2026-01-01T00:00:00Z"], list(range(1, 17))),
}


@pytest.mark.parametrize("name", FILTERS)
def test_what_is_asked_for_is_printed(sample_server: Server, name: str) -> None:
    args, expected = FILTERS[name]
    if not any(arg.startswith("--from") for arg in args):
        args = ["--from=earliest", *args]
    result = printed(sample_server, *args)
    assert sequences(result) == expected
    assert result.code == 0


@pytest.mark.parametrize(
    "args",
    [
        ["--from=latest"],
        [],
        ["--from=earliest", "--phone=+1"],
        ["--from=2099-01-01T00:00:00Z"],
    ],
)
def test_nothing_found_is_a_negative_answer(
    sample_server: Server, args: list[str]
) -> None:
    result = printed(sample_server, *args)
    assert (result.code, result.stdout, result.stderr) == (1, "", "")


def test_from_time_is_when_an_event_was_recorded(
    sample_server: Server, sample_events: list[Any]
) -> None:
    start = sample_events[7].recorded_at.ToJsonString()
    expected = [
        event.sequence
        for event in sample_events
        if event.recorded_at.ToNanoseconds()
        >= sample_events[7].recorded_at.ToNanoseconds()
    ]
    assert sequences(printed(sample_server, f"--from={start}")) == expected


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--from=0"], "--from"),
        (["--from=yesterday"], "yesterday"),
        (["--from=-1"], "--from"),
        (["--from=99"], "past the head"),
        (["--limit=0"], "--limit"),
        (["--limit=-1"], "Value -1 not in range 1 to"),
        (["--limit=18446744073709551616"], "--limit"),
        (["--test=maybe"], "--test"),
        (["--output=xml"], "--output"),
        (["--frobnicate"], "--frobnicate"),
    ],
)
def test_wrong_usage_is_explained_on_one_line(
    sample_server: Server, args: list[str], says: str
) -> None:
    result = run("tail", f"--grpc={sample_server.grpc}", "--no-follow", *args)
    assert result.code == 2
    assert (result.stdout, len(result.stderr.splitlines())) == ("", 1)
    assert says in result.stderr


def test_an_address_that_is_none_is_wrong_usage() -> None:
    result = run("tail", "--grpc=nowhere")
    assert result.code == 2
    assert "nowhere" in result.stderr


def test_a_server_that_is_not_there_is_said_so(server: Server) -> None:
    address = server.grpc
    server.stop()
    result = run("tail", f"--grpc={address}")
    assert result.code == 3
    assert address in result.stderr
    assert "serve" in result.stderr


def test_the_address_may_come_from_the_environment(sample_server: Server) -> None:
    env = {"TUCO_EVENTS_GRPC": sample_server.grpc}
    result = run("tail", "--from=16", "--no-follow", "--output=json", env=env)
    assert sequences(result) == [16]


def test_following_shows_only_what_is_new(server: Server) -> None:
    accept_all(server, samples())
    with tail(server.grpc, "--output=json", "--limit=2") as following:
        wait_until(lambda: metrics(server)["tuco_streams"] == 1, "the stream")
        accept_all(server, [reply(), reply()])
        lines = following.wait_for_lines(2)
        assert [json.loads(line)["sequence"] for line in lines] == ["17", "18"]
        assert following.wait() == 0


def test_an_interrupt_ends_following(server: Server) -> None:
    accept_all(server, [reply()])
    with tail(server.grpc, "--from=earliest") as following:
        following.wait_for_lines(1)
        assert following.interrupt() == 130
        assert len(following.stdout.splitlines()) == 1


def test_an_interrupt_ends_waiting_for_the_first_event(server: Server) -> None:
    with tail(server.grpc) as following:
        wait_until(lambda: metrics(server)["tuco_streams"] == 1, "the stream")
        assert following.interrupt() == 130


def test_following_goes_on_when_the_server_comes_back(
    start_server: StartServer,
) -> None:
    first = start_server()
    accept_all(first, [reply(), reply()])
    with tail(first.grpc, "--from=earliest", "--output=json") as following:
        following.wait_for_lines(2)
        first.kill()
        second = start_server(grpc=first.grpc)
        accept_all(second, [reply(), reply()])
        lines = following.wait_for_lines(4)
        assert [json.loads(line)["sequence"] for line in lines] == list("1234")
        assert "reconnecting" in following.stderr


def test_following_misses_and_repeats_nothing_while_servers_are_killed(
    start_server: StartServer,
) -> None:
    server = start_server()
    count = 0
    with tail(server.grpc, "--from=earliest", "--output=json") as following:
        for _ in range(5):
            accept_all(server, [reply() for _ in range(40)])
            count += 40
            following.wait_for_lines(count)
            # While it reads, and while nothing comes.
            accept_all(server, [reply() for _ in range(40)])
            count += 40
            server.kill()
            server = start_server(grpc=server.grpc)
        lines = following.wait_for_lines(count)
        numbers = [int(json.loads(line)["sequence"]) for line in lines]
        assert numbers == list(range(1, count + 1))


def test_a_reader_that_has_enough_ends_it_quietly(server: Server) -> None:
    accept_all(server, [reply(message="x" * 10_000) for _ in range(30)])
    done = subprocess.run(
        [
            "bash",
            "-c",
            f"set -o pipefail; {BINARY} tail --grpc={server.grpc}"
            " --from=earliest --output=raw | head -n 1 | wc -l",
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "1", "")
