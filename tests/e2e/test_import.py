"""`tuco-events import`: deliveries of an archive become events of a log."""

import json
from pathlib import Path
from typing import Any

import pytest

from conftest import StartServer
from support.cli import Result, run
from support.client import Client
from support.deliveries import OTHER_SECRET, SECRET, Delivery, reply, samples
from support.environment import DATA
from support.webhook import accept_all, post

ENV = {"TUCO_WEBHOOK_SECRET": SECRET}


def import_into(data: Path, *args: str, stdin: bytes = b"") -> Result:
    """Runs the command on the log in `data`."""
    return run("import", f"--data={data}", *args, env=ENV, stdin=stdin)


def counts(result: Result) -> dict[str, int]:
    """What `--output json` says."""
    return {name: int(count) for name, count in json.loads(result.stdout).items()}


def line(delivery: Delivery, **members: Any) -> bytes:
    """A delivery as a line of an archive."""
    text = json.dumps(
        {"headers": delivery.headers, "body": delivery.body.decode(), **members}
    )
    return text.encode() + b"\n"


def test_an_export_comes_back_as_it_was(
    start_server: StartServer, tmp_path: Path
) -> None:
    server = start_server()
    accept_all(server, [*samples(), reply().with_header("x-tuco-event", "other")])
    with Client(server.grpc) as client:
        before = client.events(include_body=True)
    file = tmp_path / "events.ndjson"
    exported = run(
        "export",
        "--format=ndjson",
        f"--data={tmp_path / 'data'}",
        f"--output-file={file}",
    )
    assert exported.code == 0, exported.stderr
    copy = tmp_path / "copy"
    result = import_into(copy, str(file), "--output=json")
    assert (result.code, result.stderr) == (0, "")
    assert counts(result) == {
        "lines": 17,
        "accepted": 17,
        "duplicates": 0,
        "notGenuine": 0,
        "replays": 0,
    }
    server = start_server(data=copy)
    with Client(server.grpc) as client:
        after = client.events(include_body=True)
    for old, new in zip(before, after, strict=True):
        assert new.origin != old.origin
        for name in ("recorded_at", "origin"):
            old.ClearField(name)
            new.ClearField(name)
        assert sorted(new.flags) == sorted(old.flags)
        del old.flags[:], new.flags[:]
        assert new == old


def test_the_samples_are_taken_in_once(
    start_server: StartServer, tmp_path: Path
) -> None:
    file = str(DATA / "deliveries.ndjson")
    looked = import_into(tmp_path / "data", "--dry-run", file)
    assert (looked.code, looked.stdout) == (
        0,
        "16 lines: 16 genuine, 0 not genuine; nothing is kept\n",
    )
    assert not (tmp_path / "data").exists()
    first = import_into(tmp_path / "data", file)
    assert (first.code, first.stdout) == (
        0,
        "16 lines: 16 accepted, 0 duplicates, 0 not genuine, 0 replays\n",
    )
    again = import_into(tmp_path / "data", "-", stdin=Path(file).read_bytes())
    assert (again.code, again.stdout) == (
        0,
        "16 lines: 0 accepted, 16 duplicates, 0 not genuine, 0 replays\n",
    )
    server = start_server()
    assert {post(server, each).json["status"] for each in samples()} == {"duplicate"}


def test_what_is_not_genuine_is_named_and_left_out(tmp_path: Path) -> None:
    forged = reply(secret=OTHER_SECRET)
    stdin = line(reply()) + line(forged, secret=OTHER_SECRET) + line(reply())
    result = import_into(tmp_path / "data", "-", "--output=json", stdin=stdin)
    assert result.code == 1
    assert "line 2: not genuine, SIGNATURE_MISMATCH" in result.stderr
    assert counts(result) | {"accepted": 2, "notGenuine": 1} == counts(result)


def test_a_line_that_cannot_be_read_ends_it(tmp_path: Path) -> None:
    stdin = line(reply()) + b"{}\n" + line(reply())
    result = import_into(tmp_path / "data", "-", "--output=json", stdin=stdin)
    assert result.code == 2
    assert 'line 2: "headers" is missing' in result.stderr
    assert "what is before it has been taken in" in result.stderr
    assert counts(result)["accepted"] == 1


def test_a_log_in_use_is_left_alone(start_server: StartServer, tmp_path: Path) -> None:
    server = start_server()
    result = import_into(tmp_path / "data", "-", stdin=line(reply()))
    assert (result.code, result.stdout) == (3, "")
    assert str(server.ready["pid"]) in result.stderr


@pytest.mark.parametrize(
    ("args", "env", "words"),
    [
        (["missing.ndjson"], ENV, "cannot read missing.ndjson"),
        (["."], ENV, "cannot be read"),
        (["--endpoint=other", "-"], ENV, 'no endpoint "other" is configured'),
        (["-"], {}, "no signing secret is configured"),
        (["--config=missing.toml", "-"], ENV, "missing.toml"),
        ([], ENV, "FILE"),
    ],
)
def test_wrong_usage_is_said(
    tmp_path: Path, args: list[str], env: dict[str, str], words: str
) -> None:
    result = run("import", *args, env=env, cwd=tmp_path)
    assert result.code == 2
    assert words in result.stderr
