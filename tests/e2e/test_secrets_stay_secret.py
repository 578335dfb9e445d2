"""No text of a secret leaves the server, and none is where a core file looks."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import StartServer
from support.cli import run
from support.client import Client
from support.deliveries import Delivery, reply
from support.server import Server
from support.wait import wait_until
from support.webhook import curl, metrics, post

SECRETS = {
    "file": "whsec_file_9d2f60c1b7aa4e53",
    "moved": "whsec_moved_51c07be2d49f8a36",
    "revoked": "whsec_revoked_c3f1e08a7b6d2945",
    "variable": "whsec_variable_7ae4d1093cb2f586",
    "credential": "whsec_credential_2b8f6a90d3e7c154",
}
_MAPPING_BYTES_MAX = 1 << 30
_MAPPING = re.compile(rb"^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+\s*(.*)$")


def write_config(folder: Path) -> Path:
    """Endpoint `tuco` with a secret from each place."""
    lines = ["[[endpoint]]", 'name = "tuco"']
    for name in ("file", "moved", "revoked"):
        (folder / name).write_text(SECRETS[name] + "\n")
        lines += ["[[endpoint.secret]]", f'name = "{name}"']
        lines += [f'file = "{folder / name}"']
        lines += ['state = "revoked"'] if name == "revoked" else []
    (folder / "credentials").mkdir()
    (folder / "credentials" / "tuco").write_text(SECRETS["credential"])
    lines += ["[[endpoint.secret]]", 'name = "variable"', 'env = "SECRET_OF_A_TEST"']
    lines += ["[[endpoint.secret]]", 'name = "credential"', 'credential = "tuco"']
    config = folder / "tuco-events.toml"
    config.write_text("\n".join(lines) + "\n")
    return config


def mappings(pid: int) -> Iterator[tuple[int, int, bool]]:
    """Begin and end of what the process may read, and whether it is dumped."""
    found: tuple[int, int] | None = None
    for line in Path(f"/proc/{pid}/smaps").read_bytes().splitlines():
        if match := _MAPPING.match(line):
            readable = match[3].startswith(b"r") and match[4] not in (
                b"[vvar]",
                b"[vsyscall]",
            )
            found = (int(match[1], 16), int(match[2], 16)) if readable else None
        elif found and line.startswith(b"VmFlags:"):
            yield *found, b"dd" not in line.split()


def memory(pid: int, *, dumped: bool) -> Iterator[bytes]:
    """What is in memory: what a core file may have, or what it never has."""
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as file:
        for begin, end, is_dumped in mappings(pid):
            # A sanitizer's shadow is terabytes, and of no text.
            if is_dumped != dumped or end - begin > _MAPPING_BYTES_MAX:
                continue
            try:
                yield os.pread(file.fileno(), end - begin, begin)
            except OSError:
                continue


def told(blobs: Iterator[bytes]) -> set[str]:
    """The names of the secrets whose texts are in one of these."""
    return {
        name
        for blob in blobs
        for name, text in SECRETS.items()
        if text.encode() in blob
    }


def exercise(server: Server) -> list[bytes]:
    """Has the server verify, refuse, explain and tell of itself: its answers."""
    deliveries = [reply(text) for text in SECRETS.values()]
    deliveries.append(reply("whsec_of_nobody_0123456789"))
    longer = reply(SECRETS["file"])
    deliveries.append(Delivery(longer.body + b"\n ", longer.headers))
    answers: list[Any] = [post(server, delivery) for delivery in deliveries]
    with Client(server.grpc) as client:
        for delivery in deliveries:
            answers.append(
                client.verify(delivery.body, delivery.signature, explain=True)
            )
        answers += [client.status(), *client.events(include_body=True)]
    for command in ("stats", "quarantine list", "quarantine show q_1 q_2"):
        answers.append(run(*command.split(), f"--grpc={server.grpc}"))
    answers.append(curl(f"http://{server.admin}/metrics"))
    answers.append(server.stderr)
    return [repr(answer).encode() for answer in answers]


def reload(server: Server, config: Path) -> None:
    """Reloads twice: once in vain, once with another text of one secret."""
    good = config.read_text()
    for text, result in ((good + "nonsense\n", "failed"), (good, "applied")):
        name = f'tuco_config_reloads_total{{result="{result}"}}'
        before = metrics(server)[name]
        config.write_text(text)
        server.send_signal(signal.SIGHUP)
        wait_until(lambda: metrics(server)[name] > before, name)  # noqa: B023


@pytest.fixture
def exercised(
    start_server: StartServer, tmp_path: Path
) -> tuple[Server, list[bytes], Path]:
    """A server that has done all that has to do with secrets, and its answers."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    config = write_config(folder)
    server = start_server(
        f"--config={config}",
        env={
            "SECRET_OF_A_TEST": SECRETS["variable"],
            "CREDENTIALS_DIRECTORY": str(folder / "credentials"),
        },
    )
    server.secrets += SECRETS.values()
    answers = exercise(server)
    reload(server, config)
    answers += exercise(server)
    return server, answers, tmp_path


def test_every_place_of_a_secret_is_read(
    exercised: tuple[Server, list[bytes], Path],
) -> None:
    server, _, _ = exercised
    for name in ("file", "moved", "variable", "credential"):
        assert post(server, reply(SECRETS[name])).status == 200, name
    assert post(server, reply(SECRETS["revoked"])).status == 401


def test_no_answer_and_no_file_tells_one(
    exercised: tuple[Server, list[bytes], Path],
) -> None:
    server, answers, folder = exercised
    assert told(iter(answers)) == set()
    kept = [path for path in (folder / "data").rglob("*") if path.is_file()]
    assert kept
    assert told(path.read_bytes() for path in kept) == set()
    assert told(iter([server.stderr.encode()])) == set()
    process = Path(f"/proc/{server.process.pid}")
    for name in ("environ", "cmdline"):
        assert told(iter([(process / name).read_bytes()])) == set(), name


def test_none_is_where_a_core_file_looks(
    exercised: tuple[Server, list[bytes], Path],
) -> None:
    server, _, _ = exercised
    pid = server.process.pid
    try:
        with open(f"/proc/{pid}/mem", "rb"):
            pass
    except PermissionError:
        pytest.skip("this system does not let us read a child's memory")
    # They are in memory, for explanations: so the search is one that finds.
    assert told(memory(pid, dumped=False)) == SECRETS.keys()
    # A sanitizer's runtime copies the environment before the server begins.
    copied = any(map(server.has_runtime, ("asan", "tsan")))
    assert told(memory(pid, dumped=True)) == ({"variable"} if copied else set())
