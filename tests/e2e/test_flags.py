"""What is odd about a genuine delivery is said by flags, never refused."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from conftest import StartServer
from support.cli import run
from support.client import Client, flags
from support.deliveries import SECRET, event_id, reply, signed, time_text
from support.server import Server
from support.webhook import post

NESTED = 100


def fresh(members: str) -> bytes:
    """An object with a current timestamp and `members` as they are spelt."""
    return f'{{"timestamp":"{time_text()}",{members}}}'.encode()


def odd_bodies() -> dict[str, tuple[bytes, list[str]]]:
    """Bodies that are no ordinary ones, and the flags they get."""
    no_object = ["NO_TIMESTAMP", "PARSE_ERROR"]
    deep = "[" * NESTED + "]" * NESTED
    return {
        "not JSON": (b"event=message.reply", no_object),
        "an array": (b'[{"event":"message.reply"}]', no_object),
        "a string": (b'"message.reply"', no_object),
        "null": (b"null", no_object),
        "empty": (b"", no_object),
        "bytes that are no text": (b"\xff\xfe\x00\x80", no_object),
        "cut off": (b'{"event":"message.reply"', no_object),
        "an empty object": (b"{}", ["NO_TIMESTAMP"]),
        "no readable time": (b'{"timestamp":"yesterday"}', ["NO_TIMESTAMP"]),
        "deep": (fresh(f'"x":{deep}'), ["TOO_DEEP"]),
        "a key twice": (fresh('"a":1,"a":2'), ["DUPLICATE_KEYS"]),
        "a key twice, once with escapes": (
            fresh('"ab":1,"a\\u0062":2'),
            ["DUPLICATE_KEYS"],
        ),
        "a lone surrogate": (fresh('"message":"\\ud83c"'), ["ILL_FORMED_TEXT"]),
        "bytes that are no UTF-8": (
            fresh('"message":"?"').replace(b"?", b"\xff"),
            ["ILL_FORMED_TEXT"],
        ),
    }


BODIES = odd_bodies()


def only_event(client: Client) -> Any:
    """The one event in the log, with its body."""
    [event] = client.events(include_body=True)
    return event


@pytest.mark.parametrize("case", BODIES)
def test_an_odd_body_is_accepted_and_flagged(
    server: Server, client: Client, case: str
) -> None:
    body, expected = BODIES[case]
    answer = post(server, signed(body))
    assert answer.status == 200
    assert answer.json["status"] == "accepted"
    event = only_event(client)
    assert (event.body, event.event_id) == (body, event_id(body))
    assert event.idempotency_key == event.event_id
    assert flags(event) == expected


def test_the_last_of_duplicate_keys_counts(server: Server, client: Client) -> None:
    post(
        server,
        signed(
            b'{"event":"message.sent","data":{"messageId":"first"},'
            b'"event":"message.reply","data":{"messageId":"last"}}'
        ),
    )
    event = only_event(client)
    assert (event.type_name, event.message.id) == ("message.reply", "last")


def test_half_an_emoji_becomes_a_replacement_character(
    server: Server, client: Client
) -> None:
    body = b'{"event":"message.reply","data":{"messageId":"m","message":"ok \\ud83c"}}'
    post(server, signed(body))
    event = only_event(client)
    assert event.message.text == "ok \ufffd"
    assert event.body == body


def test_integers_of_any_size_survive_as_they_are_spelt(
    server: Server, client: Client
) -> None:
    body = b'{"big":123456789012345680000,"data":{"messageId":"m","x":1.50}}'
    post(server, signed(body))
    assert only_event(client).extra_json == (
        '{"big":123456789012345680000,"data":{"x":1.50}}'
    )


def test_a_known_field_of_the_wrong_type_survives(
    server: Server, client: Client
) -> None:
    post(server, signed(b'{"event":"message.sent","data":{"messageId":7}}'))
    event = only_event(client)
    assert not event.message.HasField("id")
    assert event.extra_json == '{"data":{"messageId":7}}'


def test_a_fresh_delivery_has_no_flag(server: Server, client: Client) -> None:
    post(server, reply())
    assert flags(only_event(client)) == []


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(seconds=400), ["LATE"]),
        (timedelta(seconds=200), []),
        (timedelta(seconds=-200), []),
        (timedelta(seconds=-400), ["EARLY"]),
    ],
)
def test_a_time_out_of_tolerance_is_flagged(
    server: Server, client: Client, age: timedelta, expected: list[str]
) -> None:
    post(server, reply(timestamp=time_text(age)))
    assert flags(only_event(client)) == expected


@pytest.mark.parametrize("header", ["x-tuco-event", "x-tuco-timestamp"])
def test_an_unsigned_header_that_differs_is_flagged_and_not_believed(
    server: Server, client: Client, header: str
) -> None:
    other = {
        "x-tuco-event": "message.sent",
        "x-tuco-timestamp": time_text(timedelta(1)),
    }
    answer = post(server, reply().with_header(header, other[header]))
    assert answer.status == 200
    event = only_event(client)
    assert flags(event) == ["HEADER_MISMATCH"]
    assert event.type_name == "message.reply"


def test_a_time_that_is_only_spelt_otherwise_is_the_same(
    server: Server, client: Client
) -> None:
    delivery = reply(timestamp=time_text().replace("Z", "000Z"))
    header = delivery.headers["x-tuco-timestamp"].replace("000Z", "Z")
    post(server, delivery.with_header("x-tuco-timestamp", header))
    assert flags(only_event(client)) == []


def test_a_foreign_workspace_is_flagged(
    start_server: StartServer, tmp_path: Path
) -> None:
    config = tmp_path / "tuco.toml"
    config.write_text(
        """
        [[endpoint]]
        name = "tuco"
        workspaces = ["org_mine", "org_ours"]
        [[endpoint.secret]]
        name = "main"
        env = "THE_SECRET"
        """
    )
    server = start_server(f"--config={config}", env={"THE_SECRET": SECRET})
    with Client(server.grpc) as client:
        post(server, reply())
        assert flags(only_event(client)) == ["WORKSPACE_MISMATCH"]
        mine = json.loads(reply().body) | {"workspaceId": "org_ours"}
        post(server, signed(json.dumps(mine).encode()))
        [_, second] = client.events()
        assert flags(second) == []


def test_a_body_that_is_no_text_survives_tail_and_verify(server: Server) -> None:
    body = b"\xff\x00\n"
    post(server, signed(body))
    raw = run(
        "tail",
        f"--grpc={server.grpc}",
        "--from=earliest",
        "--no-follow",
        "--output=raw",
    )
    assert "bodyBase64" in json.loads(raw.stdout)
    result = run(
        "verify",
        "--input=-",
        stdin=raw.stdout.encode(),
        env={"TUCO_WEBHOOK_SECRET": SECRET},
    )
    [answer] = result.json_lines()
    assert (result.code, answer["event"]["eventId"]) == (0, event_id(body))


def test_text_from_outside_cannot_disturb_a_terminal(server: Server) -> None:
    post(server, reply(message="a\nb\r\x1b]0;gotcha\x07\u202ec"))
    result = run("tail", f"--grpc={server.grpc}", "--from=1", "--no-follow")
    assert len(result.stdout.splitlines()) == 1
    assert not set(result.stdout) & set("\r\x1b\x07\u202e")


def test_deliveries_may_lack_all_that_is_known(server: Server, client: Client) -> None:
    post(server, signed(b'{"event":"lead.created"}'))
    event = only_event(client)
    assert (event.type, event.type_name) == (0, "lead.created")
