"""The examples of docs/python_client.md are one program, and it runs."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("tuco_events", reason="tools/test_python_client has the package")

from support.deliveries import samples
from support.environment import REPOSITORY
from support.markdown import blocks
from support.server import Server
from support.wait import DEADLINE_S
from support.webhook import accept_all

PAGE = REPOSITORY / "docs" / "python_client.md"
MARKED = "tests/e2e/test_python_docs.py"


def test_the_examples_run(server: Server, tmp_path: Path) -> None:
    accept_all(server, samples())
    parts = [block.text for block in blocks(PAGE) if MARKED in block.not_run]
    assert len(parts) > 8
    program = "\n\n".join(parts).replace("127.0.0.1:50051", server.grpc)
    # Of the clients that name no address.
    default = "from tuco_events.client import _client, _async_client\n" + "".join(
        f"{module}.{kind}.__init__.__defaults__ = ({server.grpc!r},)\n"
        for module, kind in (("_client", "Client"), ("_async_client", "AsyncClient"))
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", default + program],
        cwd=tmp_path,
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=2 * DEADLINE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "UNAVAILABLE: " in done.stdout


def test_every_method_is_on_the_page() -> None:
    from tuco_events import Client

    text = PAGE.read_text("utf-8")
    text += "".join(
        f" {word}subscription"
        for line in re.findall(r"^\| `create_`.*$", text, re.MULTILINE)
        for word in re.findall(r"`([a-z]+_)", line)
    )
    for name in vars(Client):
        if not name.startswith("_"):
            assert name in text, name
