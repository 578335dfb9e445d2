"""`serve --dev`: what it prints can be pasted, and the secret stays secret."""

import json
import re
import stat
import subprocess
from pathlib import Path

import pytest

from conftest import StartServer
from support.cli import Background, Result, run
from support.environment import environment
from support.server import Server
from support.wait import DEADLINE_S


def printed(server: Server, word: str) -> str:
    """The one indented line on stderr that has `word` among its first two."""
    commands = re.findall(r"^  (\S.*)$", server.stderr, re.MULTILINE)
    [command] = [line for line in commands if word in line.split(" ")[:2]]
    return str(command)


def paste(command: str) -> Result:
    """Runs a command as a shell does."""
    done = subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=DEADLINE_S,
        check=False,
    )
    return Result(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def dev_server(start_server: StartServer) -> Server:
    """A server that was given nothing but --dev."""
    return start_server("--dev", env={})


def test_the_printed_commands_post_an_event_and_show_it(dev_server: Server) -> None:
    curl = paste(printed(dev_server, "curl"))
    assert (curl.code, curl.stderr) == (0, "")
    answer = json.loads(curl.stdout)
    assert (answer["status"], answer["sequence"]) == ("accepted", "1")
    tail = printed(dev_server, "tail")
    # In place of the shell, so that Ctrl-C reaches it as in a terminal.
    with Background(["bash", "-c", f"exec {tail}"]) as following:
        [line] = following.wait_for_lines(1)
        assert "message.reply" in line
        assert following.interrupt() == 130


def test_the_printed_delivery_is_a_duplicate_the_second_time(
    dev_server: Server,
) -> None:
    command = printed(dev_server, "curl")
    answers = [json.loads(paste(command).stdout) for _ in range(2)]
    assert [answer["status"] for answer in answers] == ["accepted", "duplicate"]


def test_the_secret_is_for_its_owner_only_and_never_printed(
    dev_server: Server, tmp_path: Path
) -> None:
    file = tmp_path / "data" / "dev-secret"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    secret = file.read_text().strip()
    assert re.fullmatch(r"whsec_[0-9a-f]{64}", secret)
    dev_server.secrets.append(secret)
    assert paste(printed(dev_server, "curl")).code == 0
    assert dev_server.stop() == 0


def test_a_restart_keeps_the_secret_and_prints_a_fresh_delivery(
    start_server: StartServer, tmp_path: Path
) -> None:
    file = tmp_path / "data" / "dev-secret"
    first = start_server("--dev", env={})
    secret = file.read_bytes()
    old = printed(first, "curl")
    assert json.loads(paste(old).stdout)["sequence"] == "1"
    first.stop()
    second = start_server("--dev", env={})
    assert file.read_bytes() == secret
    new = printed(second, "curl")
    assert json.loads(paste(new).stdout)["sequence"] == "2"
    # The port is another one now, the signature still holds.
    again = paste(old.replace(first.http, second.http))
    assert json.loads(again.stdout)["status"] == "duplicate"


def test_a_configured_secret_comes_first(
    start_server: StartServer, tmp_path: Path
) -> None:
    server = start_server("--dev")
    assert not (tmp_path / "data" / "dev-secret").exists()
    assert json.loads(paste(printed(server, "curl")).stdout)["status"] == "accepted"


def test_paths_with_blanks_can_be_pasted_too(
    start_server: StartServer, tmp_path: Path
) -> None:
    folder = tmp_path / "it's here"
    folder.mkdir()
    server = start_server(
        "--dev",
        env={},
        http=f"unix:{folder / 'http'}",
        grpc=f"unix:{folder / 'grpc'}",
    )
    assert json.loads(paste(printed(server, "curl")).stdout)["status"] == "accepted"
    tail = printed(server, "tail")
    assert paste(f"{tail} --no-follow").code == 0


def test_a_broken_dev_secret_is_not_replaced(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "dev-secret").write_text("")
    result = run(
        "serve",
        "--dev",
        "--http=127.0.0.1:0",
        "--grpc=off",
        "--admin=off",
        f"--data={data}",
    )
    assert result.code == 2
    assert str(data / "dev-secret") in result.stderr
    assert (data / "dev-secret").read_text() == ""
