"""The programs in examples/ do what the pages that show them say."""

import re
import subprocess
from pathlib import Path

from conftest import StartServer
from support.deliveries import reply, samples
from support.environment import BINARY, REPOSITORY
from support.server import Server
from support.webhook import accept_all

EXAMPLE = BINARY.parent.parent / "examples" / "follow_events"


def follow(server: Server, file: Path) -> subprocess.CompletedProcess[str]:
    """Runs the program to its end."""
    return subprocess.run(
        [str(EXAMPLE), server.grpc, str(file)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_docs_streaming_md_shows_the_program() -> None:
    page = (REPOSITORY / "docs" / "streaming.md").read_text("utf-8")
    source = (REPOSITORY / "examples" / "follow_events.cc").read_text("utf-8")
    shown = re.findall(r"^```cpp\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    # All but the comment at its top.
    assert source.partition("\n\n")[2] in shown


def test_it_prints_every_reply_once(server: Server, tmp_path: Path) -> None:
    accept_all(server, samples())
    file = tmp_path / "position"
    first = follow(server, file)
    assert (first.returncode, first.stderr) == (0, "")
    numbers = [int(line.split()[0]) for line in first.stdout.splitlines()]
    assert numbers == [1, 2, 8, 9, 10, 13, 14]
    assert file.read_text().split() == ["14", "1"]
    again = follow(server, file)
    assert (again.returncode, again.stdout) == (0, "")
    accept_all(server, [reply(message="and one more")])
    last = follow(server, file)
    assert (last.returncode, last.stdout) == (0, "17 and one more\n")


def test_it_says_when_the_log_is_another_one(
    start_server: StartServer, tmp_path: Path
) -> None:
    file = tmp_path / "position"
    file.write_text("1 7\n")
    server = start_server()
    accept_all(server, [reply()])
    done = follow(server, file)
    assert done.returncode == 1
    assert "FAILED_PRECONDITION" in done.stderr
