"""A server that cannot start says why on one line and damages nothing."""

import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from conftest import LISTENERS, StartServer
from support.cli import Result, run
from support.client import Client
from support.config import write_endpoints
from support.deliveries import OTHER_SECRET, SECRET, reply, samples
from support.webhook import accept_all

USAGE, START, STORAGE = 2, 3, 4

# What must never be shown, whatever is wrong with it.
SHORT = "whsec_tooshort"
PLACEHOLDER = "whsec_your_secret_here_0000"


@dataclass(frozen=True)
class Case:
    """A wrong start: what is said, and what the process ends with."""

    code: int
    says: list[str]
    args: list[str] = field(default_factory=list)
    env: dict[str, str] = field(default_factory=lambda: {"TUCO_WEBHOOK_SECRET": SECRET})


def serve(folder: Path, *args: str, env: dict[str, str] | None = None) -> Result:
    """Runs a server that is expected to end by itself."""
    given = " ".join(args)
    flags = [
        f"--{name}={at}" for name, at in LISTENERS.items() if f"--{name}" not in given
    ]
    if "--data" not in given:
        flags.append(f"--data={folder / 'data'}")
    variables = {"TUCO_WEBHOOK_SECRET": SECRET} if env is None else env
    return run("serve", *flags, *args, env=variables, cwd=folder)


def assert_says(result: Result, code: int, *words: str) -> None:
    """One line on stderr with every word, nothing on stdout, no secret."""
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("tuco-events: ")
    for word in words:
        assert word in lines[0]
    for secret in (SECRET, OTHER_SECRET, SHORT, PLACEHOLDER):
        assert secret not in result.stderr
    assert result.code == code


CASES: dict[str, Case] = {
    "an unknown flag": Case(USAGE, ["--frobnicate"], ["--frobnicate"]),
    "an argument too many": Case(USAGE, ["now"], ["now"]),
    "an address without a port": Case(
        USAGE, ["--http", "localhost", "host:port"], ["--http=localhost"]
    ),
    "a port that is none": Case(
        USAGE, ["--grpc", "70000", "host:port"], ["--grpc=127.0.0.1:70000"]
    ),
    "an address in the environment": Case(
        USAGE,
        ["TUCO_EVENTS_GRPC", "nowhere"],
        env={"TUCO_WEBHOOK_SECRET": SECRET, "TUCO_EVENTS_GRPC": "nowhere"},
        args=["--data=d", "--http=127.0.0.1:0", "--admin=off"],
    ),
    "no secret": Case(USAGE, ["TUCO_WEBHOOK_SECRET_FILE", "--dev"], env={}),
    "a short secret": Case(
        USAGE, ["16", "allow_short_secret"], env={"TUCO_WEBHOOK_SECRET": SHORT}
    ),
    "a placeholder": Case(
        USAGE, ["placeholder"], env={"TUCO_WEBHOOK_SECRET": PLACEHOLDER}
    ),
    "a secret file that is not there": Case(
        USAGE, ["absent.txt"], env={"TUCO_WEBHOOK_SECRET_FILE": "absent.txt"}
    ),
    "a log that we cannot have": Case(
        USAGE, ["postgres://x", "sqlite:"], ["--log=postgres://x"]
    ),
    "grpc open to the world": Case(
        USAGE, ["0.0.0.0:0", "insecure_bind"], ["--grpc=0.0.0.0:0"]
    ),
    "a configuration that is not there": Case(
        USAGE, ["absent.toml"], ["--config=absent.toml"]
    ),
    "an address of another machine": Case(
        START, ["192.0.2.1:0"], ["--http=192.0.2.1:0"]
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_wrong_start_is_explained(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    args = case.args
    if name == "an address in the environment":
        result = run("serve", *args, env=case.env, cwd=tmp_path)
    else:
        result = serve(tmp_path, *args, env=case.env)
    assert_says(result, case.code, *case.says)


def test_an_empty_secret_file_is_refused(tmp_path: Path) -> None:
    for content in ("", "\n"):
        file = tmp_path / "secret.txt"
        file.write_text(content)
        result = serve(tmp_path, env={"TUCO_WEBHOOK_SECRET_FILE": str(file)})
        assert_says(result, USAGE, str(file), "empty")


def test_a_revoked_secret_alone_is_refused(tmp_path: Path) -> None:
    config = write_endpoints(tmp_path, {"tuco": {"old": SECRET}})
    result = serve(tmp_path, f"--config={config}", env={})
    assert_says(result, USAGE, "tuco", "active")


WRONG_FILES: dict[str, tuple[str, str, list[str]]] = {
    "an unknown key": ("[http]\nbody_max = 1\n", "2:1", ["body_max"]),
    "an unknown table": ("\n[htpp]\n", "2:2", ["htpp"]),
    "a number out of range": (
        "[http]\nbody_bytes_max = 17\n",
        "2:18",
        ["body_bytes_max", "1024"],
    ),
    "a value of another type": ("[http]\nlisten = 8080\n", "2:10", ["listen"]),
    "an address that is none": ('[grpc]\nlisten = "x"\n', "2:10", ["listen", "x"]),
    "an endpoint without a name": (
        '[[endpoint]]\n[[endpoint.secret]]\nname = "a"\nenv = "A"\n',
        "1:1",
        ["name"],
    ),
    "an endpoint without a secret": ('[[endpoint]]\nname = "a"\n', "1:1", ["secret"]),
    "a secret in two places": (
        '[[endpoint]]\nname = "a"\n[[endpoint.secret]]\nname = "b"\nenv = "A"\n'
        'file = "f"\n',
        "6:8",
        ["file", "env"],
    ),
    "a secret's state that is none": (
        '[[endpoint]]\nname = "a"\n[[endpoint.secret]]\nname = "b"\nenv = "A"\n'
        'state = "gone"\n',
        "6:9",
        ["active", "revoked"],
    ),
    "no TOML": ("[http\n", "1:6", []),
    "a key twice": ("[http]\nlisten='off'\nlisten='off'\n", "3:8", ["listen"]),
}


@pytest.mark.parametrize("name", WRONG_FILES)
def test_a_wrong_configuration_is_pointed_at(tmp_path: Path, name: str) -> None:
    text, place, words = WRONG_FILES[name]
    config = tmp_path / "tuco-events.toml"
    config.write_text(text)
    result = serve(tmp_path, f"--config={config}")
    assert_says(result, USAGE, str(config), *words)
    assert re.search(rf"tuco-events\.toml:{place}: ", result.stderr), result.stderr


@pytest.fixture
def taken_port() -> Iterator[str]:
    """An address of this machine that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("name", ["http", "grpc", "admin"])
def test_a_port_in_use_is_named(tmp_path: Path, taken_port: str, name: str) -> None:
    assert_says(serve(tmp_path, f"--{name}={taken_port}"), START, taken_port, "in use")


@pytest.mark.parametrize("name", ["http", "grpc", "admin"])
def test_a_port_in_use_harms_no_data(
    start_server: StartServer, tmp_path: Path, taken_port: str, name: str
) -> None:
    server = start_server()
    accept_all(server, samples())
    server.stop()
    assert serve(tmp_path, f"--{name}={taken_port}").code == START
    with Client(start_server().grpc) as client:
        assert len(client.events()) == 16


def test_data_below_a_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    for folder in (file, file / "data"):
        assert_says(serve(tmp_path, f"--data={folder}"), START, str(folder))
    assert file.read_text() == "mine"


def test_a_second_server_on_the_same_data_is_refused(
    start_server: StartServer, tmp_path: Path
) -> None:
    first = start_server()
    accept_all(first, samples())
    pid = str(first.process.pid)
    assert_says(serve(tmp_path), START, str(tmp_path / "data"), pid)
    assert accept_all(first, [reply()]) == [17]


FOREIGN_FILES = {
    "empty": b"",
    "text": b"These are my notes.\n",
    "another database": b"SQLite format 3\0" + bytes(4080),
}


@pytest.mark.parametrize("name", FOREIGN_FILES)
def test_a_file_that_is_not_ours_is_left_as_it_is(tmp_path: Path, name: str) -> None:
    file = tmp_path / "data" / "events.db"
    file.parent.mkdir()
    file.write_bytes(FOREIGN_FILES[name])
    assert_says(serve(tmp_path), STORAGE, str(file), "move it away")
    assert file.read_bytes() == FOREIGN_FILES[name]


def test_a_journal_without_its_log_is_left_as_it_is(tmp_path: Path) -> None:
    journal = tmp_path / "data" / "events.db-wal"
    journal.parent.mkdir()
    journal.write_bytes(b"precious")
    assert_says(serve(tmp_path), STORAGE, str(journal))
    assert journal.read_bytes() == b"precious"
    assert not (tmp_path / "data" / "events.db").exists()
