"""`subscriptions`, and `tail --subscription`."""

import json
import subprocess
from pathlib import Path

import pytest

from conftest import StartServer
from support.cli import Result, run, tail
from support.client import Client
from support.consumer import Consumer, park
from support.deliveries import reply
from support.environment import BINARY
from support.server import Server
from support.subscriptions import Subscriptions
from support.wait import DEADLINE_S, wait_until
from support.webhook import accept_all


def subscriptions(server: Server, *args: str) -> Result:
    """`tuco-events subscriptions`."""
    return run("subscriptions", *args, f"--grpc={server.grpc}")


def created(server: Server, name: str, mode: str, *args: str) -> None:
    """Creates one at the log's beginning."""
    command = ("create", name, f"--mode={mode}", "--from=earliest", *args)
    assert subscriptions(server, *command).code == 0


def printed(server: Server, *args: str) -> list[int]:
    """The sequences that `tail --subscription crm` prints up to the end."""
    result = run(
        "tail",
        f"--grpc={server.grpc}",
        "--subscription=crm",
        "--no-follow",
        "--output=json",
        *args,
    )
    assert result.code == (0 if result.stdout else 1), result.stderr
    return [int(line["sequence"]) for line in result.json_lines()]


def settled(client: Client, name: str = "crm") -> int:
    """How far a subscription is acknowledged."""
    return int(Subscriptions(client).progress(name).settled_through)


def test_one_is_created_shown_and_deleted(server: Server, client: Client) -> None:
    made = subscriptions(
        server,
        "create",
        "work",
        "--mode=shared",
        "--event=message.replied",
        "--line=line_001",
        "--test=exclude",
        "--ack-deadline-s=60",
        "--max-deliveries=5",
        "--backoff-min-s=2",
        "--backoff-max-s=9",
        "--ordering-key=lead",
        "--expires-after-s=3600",
        "--output=json",
    )
    assert made.code == 0, made.stderr
    [found] = made.json_lines()
    assert found["name"] == "work"
    assert found["mode"] == "SUBSCRIPTION_MODE_SHARED"
    assert found["filter"] == {
        "types": ["EVENT_TYPE_MESSAGE_REPLY"],
        "lines": ["line_001"],
        "test": "TEST_FILTER_EXCLUDE",
    }
    assert found["ackDeadline"] == "60s"
    assert found["maxDeliveries"] == 5
    assert (found["backoffMin"], found["backoffMax"]) == ("2s", "9s")
    assert found["orderingKey"] == "ORDERING_KEY_LEAD"
    assert found["expiresAfter"] == "3600s"
    text = subscriptions(server, "show", "work")
    assert "ordering key    LEAD\n" in text.stdout
    assert "max deliveries  5\n" in text.stdout
    [line] = subscriptions(server, "list", "--output=json").json_lines()
    assert line["name"] == "work"
    assert subscriptions(server, "delete", "work").code == 0
    assert subscriptions(server, "delete", "work").code == 1
    assert Subscriptions(client).list().subscriptions == []


def test_they_are_listed_in_columns(server: Server) -> None:
    assert subscriptions(server, "list").code == 1
    created(server, "crm", "cursor")
    created(server, "work", "shared")
    result = subscriptions(server, "list")
    heading, crm, work = result.lines()
    assert heading.split()[:3] == ["NAME", "MODE", "SETTLED"]
    assert crm.split() == ["crm", "CURSOR", "0", "0", "-", "0", "0", "0", "0"]
    assert work.split()[:2] == ["work", "SHARED"]


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["create", "crm", "--mode=cursor"], 1),
        (["create", "No", "--mode=cursor"], 2),
        (["create", "new"], 2),
        (["create", "new", "--mode=cursor", "--max-deliveries=3"], 2),
        (["create", "new", "--mode=shared", "--max-deliveries=1001"], 2),
        (["create", "new", "--mode=shared", "--ack-deadline-s=601"], 2),
        (["create", "new", "--mode=shared", "--ack-deadline-s=9223372036854775807"], 2),
        (["create", "new", "--mode=shared", "--ack-deadline-s="], 2),
        (["create", "new", "--mode=cursor", "--from=77"], 2),
        (["create", "new", "--mode=cursor", "--from=soon"], 2),
        (["show", "other"], 1),
        (["show", "Other"], 2),
        (["reset", "crm"], 2),
        (["reset", "crm", "--from=78"], 2),
        (["reset", "other", "--from=earliest"], 1),
        (["delete", "other"], 1),
        (["parked", "crm"], 2),
        (["parked", "other"], 1),
        (["replay", "other"], 2),
        (["replay", "other", "--all"], 1),
        (["replay", "other", "1", "--all"], 2),
        (["replay", "other", "-1"], 2),
        ([], 2),
    ],
)
def test_the_exit_code_says_what_was_wrong(
    server: Server, args: list[str], code: int
) -> None:
    created(server, "crm", "cursor")
    result = subscriptions(server, *args)
    assert (result.code, result.stdout) == (code, "")
    assert result.stderr


def test_a_server_that_is_away_is_said() -> None:
    result = run("subscriptions", "list", "--grpc=127.0.0.1:1")
    assert result.code == 3


def test_what_is_parked_is_listed_and_replayed(server: Server, client: Client) -> None:
    assert accept_all(server, [reply(), reply()]) == [1, 2]
    created(server, "work", "shared")
    assert subscriptions(server, "parked", "work").code == 1
    with Consumer(client, "work") as consumer:
        assert consumer.opened().name == "work"
        assert len(consumer.take(2)) == 2
        consumer.judge(park(1), park(2))
        assert [consumer.outcome(1), consumer.outcome(2)] == ["APPLIED"] * 2
    heading, first, second = subscriptions(server, "parked", "work").lines()
    assert heading.split()[0] == "SEQUENCE"
    assert first.split()[:3] == ["1", "1", "CONSUMER"]
    assert second.split()[-1] == "message.reply"
    [line, _] = subscriptions(server, "parked", "work", "--output=json").json_lines()
    assert line["event"]["sequence"] == "1"
    assert line["reason"] == "PARK_REASON_CONSUMER"
    result = subscriptions(server, "replay", "work", "1", "7")
    assert (result.code, result.stdout) == (1, "1 replayed\n")
    assert "7: not parked" in result.stderr
    result = subscriptions(server, "replay", "work", "--all")
    assert (result.code, result.stdout) == (0, "1 replayed\n")


def test_tail_acknowledges_what_it_printed(server: Server, client: Client) -> None:
    assert accept_all(server, [reply() for _ in range(5)]) == [1, 2, 3, 4, 5]
    created(server, "crm", "cursor")
    assert printed(server, "--limit=2") == [1, 2]
    assert settled(client) == 2
    assert printed(server) == [3, 4, 5]
    assert settled(client) == 5
    assert printed(server) == []
    assert subscriptions(server, "reset", "crm", "--from=4").code == 0
    assert printed(server) == [4, 5]


def test_tail_acknowledges_nothing_that_was_not_written(
    server: Server, client: Client
) -> None:
    assert accept_all(server, [reply()]) == [1]
    created(server, "crm", "cursor")
    command = [str(BINARY), "tail", f"--grpc={server.grpc}", "--subscription=crm"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, check=False, timeout=DEADLINE_S)
    assert done.returncode == 4
    assert settled(client) == 0


def test_a_subscription_has_its_own_place_and_filter(server: Server) -> None:
    for flag in ("--from=1", "--event=message.reply", "--test=only", "--phone=+1"):
        result = run("tail", f"--grpc={server.grpc}", "--subscription=crm", flag)
        assert result.code == 2
        assert "--subscription" in result.stderr


@pytest.mark.parametrize(("name", "mode"), [("other", "cursor"), ("crm", "shared")])
def test_tail_needs_a_cursor_that_is_there(
    server: Server, name: str, mode: str
) -> None:
    created(server, "crm", mode)
    result = run("tail", f"--grpc={server.grpc}", f"--subscription={name}")
    assert result.code == 2


def test_tail_leaves_to_another_reader(server: Server) -> None:
    assert accept_all(server, [reply()]) == [1]
    created(server, "crm", "cursor")
    with tail(server.grpc, "--subscription=crm", "--output=json") as first:
        first.wait_for_lines(1)
        with tail(server.grpc, "--subscription=crm"):
            assert first.wait() == 3
            assert "another reader" in first.stderr


def test_tail_goes_on_over_restarts(start_server: StartServer) -> None:
    server = start_server()
    address = server.grpc
    assert accept_all(server, [reply() for _ in range(3)]) == [1, 2, 3]
    created(server, "crm", "cursor")
    with tail(address, "--subscription=crm", "--output=json") as reader:
        reader.wait_for_lines(3)
        with Client(address) as client:
            wait_until(lambda: settled(client) == 3, "the acknowledgement")
            # Durable once something later is.
            Subscriptions(client).update("crm", ["expires_after"])
        assert server.kill() == -9
        server = start_server(grpc=address)
        assert accept_all(server, [reply()]) == [4]
        lines = reader.wait_for_lines(4)
        assert [int(json.loads(line)["sequence"]) for line in lines] == [1, 2, 3, 4]
        with Client(address) as client:
            wait_until(lambda: settled(client) == 4, "the acknowledgement")
        assert reader.interrupt() == 130
