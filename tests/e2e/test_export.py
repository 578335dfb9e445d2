"""`tuco-events export`: the events of a log as text."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from conftest import StartServer
from support.cli import Result, run
from support.deliveries import SECRET, reply, samples
from support.webhook import accept_all


def export(data: Path, *args: str) -> Result:
    """Runs the command on the log in `data`."""
    return run("export", "--format=ndjson", f"--data={data}", *args)


def test_a_log_in_use_is_written_as_tail_prints_it(
    start_server: StartServer, tmp_path: Path
) -> None:
    server = start_server()
    accept_all(server, samples())
    result = export(tmp_path / "data")
    assert (result.code, result.stderr) == (0, "")
    raw = run(
        "tail",
        f"--grpc={server.grpc}",
        "--from=earliest",
        "--no-follow",
        "--output=raw",
    )
    lines: list[dict[str, Any]] = result.json_lines()
    assert {line.pop("endpoint") for line in lines} == {"tuco"}
    assert all(line.pop("receivedAt").endswith("Z") for line in lines)
    for line in lines:
        line.pop("headersDiffered", None)
    assert lines == raw.json_lines()


def test_verify_reads_it_back(start_server: StartServer, tmp_path: Path) -> None:
    server = start_server()
    accept_all(server, samples())
    file = tmp_path / "events.ndjson"
    result = export(tmp_path / "data", f"--output-file={file}")
    assert (result.code, result.stdout) == (0, f"16 events: {file}\n")
    assert file.stat().st_mode & 0o777 == 0o600
    checked = run("verify", f"--input={file}", env={"TUCO_WEBHOOK_SECRET": SECRET})
    assert checked.code == 0, checked.stderr
    again = export(tmp_path / "data", f"--output-file={file}")
    assert (again.code, again.stdout) == (2, "")


def test_a_stopped_servers_log_is_written(
    start_server: StartServer, tmp_path: Path
) -> None:
    server = start_server()
    accept_all(server, [reply() for _ in range(5)])
    server.kill()
    result = export(tmp_path / "data", "--from=2", "--to=3")
    assert result.code == 0, result.stderr
    assert len(result.json_lines()) == 2
    beyond = export(tmp_path / "data", "--from=6")
    assert (beyond.code, beyond.stdout) == (0, "")
    assert "there is no event 6 yet: the newest one is 5" in beyond.stderr


def test_a_damaged_event_is_named(start_server: StartServer, tmp_path: Path) -> None:
    server = start_server()
    accept_all(server, [reply() for _ in range(5)])
    assert server.stop() == 0
    with sqlite3.connect(tmp_path / "data" / "events.db") as log:
        log.execute("UPDATE events SET body = x'00' WHERE sequence = 5")
    result = export(tmp_path / "data")
    assert result.code == 4
    assert "record 5 is damaged" in result.stderr
    assert "4 events are written" in result.stderr
    assert [json.loads(line)["endpoint"] for line in result.lines()] == ["tuco"] * 4


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["--format=ndjson", "--data=missing"], 3, "there is no event log at "),
        (["--format=csv"], 2, "--format"),
        ([], 2, "--format"),
        (["--format=ndjson", "--from=0"], 2, "--from"),
        (["--format=ndjson", "--from=2", "--to=1"], 2, "--from is behind --to"),
    ],
)
def test_what_cannot_be_written_is_said(
    tmp_path: Path, args: list[str], code: int, words: str
) -> None:
    result = run("export", *args, cwd=tmp_path)
    assert (result.code, result.stdout) == (code, "")
    assert words in result.stderr
