"""Every command in the documentation is run, as a reader would run it.

The blocks fenced as ```sh or ```console of the pages in the root, docs/ and
python/ are run page by page, in order, by one shell's worth of state (folder
and exported variables go from block to block). So is ```python: all blocks of a
page are one program, run at the page's end. A block that only works elsewhere
has a line before it that says why:

    <!-- not run: needs a host name that Tuco can reach -->

The stage is what a reader has after `make run`: a copy of the repository with
the program in build/bin, `serve --dev` running on its default ports with data in
./data (also to be had as DIR, which pages write for it), and one delivery in the
log, posted by the command that the server printed. Three things differ:

- The default ports are others, so that tests disturb nobody: in the blocks,
  and by way of a wrapper around the program, where they are not spelt out.
- `make` builds nothing; it fails for a target that the Makefile does not have.
- What goes on until it is stopped (a block with `serve`, or with a `tail` that
  follows) runs in the background to the page's end and must still run then.
"""

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.cli import Background
from support.environment import BINARY, REPOSITORY, environment
from support.markdown import Block, blocks, pages
from support.server import Server
from support.wait import DEADLINE_S, wait_until

PAGES = pages(REPOSITORY)

# Folders that no command writes to; linked, since copying takes longer.
SOURCES = ["bench", "cmake", "fuzz", "lib", "proto", "server", "tests", "tools"]

# Puts the moved ports where the program would take its defaults.
WRAPPER = """#!/bin/bash
export TUCO_EVENTS_HTTP=${{TUCO_EVENTS_HTTP-127.0.0.1:{8080}}}
export TUCO_EVENTS_GRPC=${{TUCO_EVENTS_GRPC-127.0.0.1:{50051}}}
export TUCO_EVENTS_ADMIN=${{TUCO_EVENTS_ADMIN-127.0.0.1:{9464}}}
if [[ ${{1-}} == send && " $* " != *" --url"* ]]; then
  set -- "$@" --url http://127.0.0.1:{8080}/webhooks/tuco
fi
exec {program} "$@"
"""

# What every block begins with: the last one's state, and no builds.
PRELUDE = """set -euo pipefail
[[ -e {state} ]] && source {state}
make() {{
  local word
  for word in "$@"; do
    case $word in -* | *=*) continue ;; esac
    grep -q "^$word:" {makefile} || {{ echo "no target $word" >&2; return 1; }}
  done
}}
"""
EPILOGUE = """
{{ export -p; printf 'cd %q\\n' "$PWD"; }} > {state}
"""


class Stage:
    """The copy of the repository that a page's blocks run in."""

    def __init__(self, folder: Path) -> None:
        self.repository = folder / "tuco-events"
        self._state = shlex.quote(str(folder / "state"))
        self._ports = dict(zip((8080, 50051, 9464), _free_ports(3), strict=True))
        shutil.copytree(
            REPOSITORY,
            self.repository,
            ignore=shutil.ignore_patterns("build*", "data", ".*", *SOURCES),
        )
        for name in SOURCES:
            (self.repository / name).symlink_to(REPOSITORY / name)
        (self.repository / "data").mkdir(mode=0o700)
        (self.repository / "DIR").symlink_to("data")
        self.program = self.repository / "build" / "bin" / "tuco-events"
        self.program.parent.mkdir(parents=True)
        names = {str(port): moved for port, moved in self._ports.items()}
        text = WRAPPER
        for port, moved in names.items():
            text = text.replace("{" + port + "}", str(moved))
        text = text.replace("{{", "{").replace("}}", "}")
        self.program.write_text(text.replace("{program}", shlex.quote(str(BINARY))))
        self.program.chmod(0o755)

    def env(self) -> dict[str, str]:
        """What the shell knows at the page's beginning."""
        path = [str(self.program.parent), str(Path(sys.executable).parent)]
        return {
            "PATH": ":".join([*path, os.environ["PATH"]]),
            "HOME": str(self.repository),
        }

    def serve(self, stderr: Path) -> Server:
        """The server that `make run` starts, with one delivery in its log."""
        moved = self._ports
        server = Server(
            [
                "--dev",
                f"--http=127.0.0.1:{moved[8080]}",
                f"--grpc=127.0.0.1:{moved[50051]}",
                f"--admin=127.0.0.1:{moved[9464]}",
            ],
            stderr=stderr,
            cwd=self.repository,
        )
        [curl] = re.findall(r"^  (curl .*)$", server.stderr, re.MULTILINE)
        subprocess.run(["bash", "-c", curl], check=True, capture_output=True)
        return server

    def command(self, block: Block) -> list[str]:
        """The block as a command, whatever folder it is run in."""
        names = {
            "state": self._state,
            "makefile": shlex.quote(str(REPOSITORY / "Makefile")),
        }
        text = self.moved(block.text)
        if goes_on(block):
            return ["bash", "-c", PRELUDE.format(**names) + text]
        whole = PRELUDE.format(**names) + text + EPILOGUE.format(**names)
        return ["bash", "-c", whole]

    def moved(self, text: str) -> str:
        """The text with the default ports replaced."""
        for port, moved in self._ports.items():
            text = re.sub(rf"(?<!\d){port}(?!\d)", str(moved), text)
        return text


def _free_ports(count: int) -> list[int]:
    """Ports that nobody listens on at this moment."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


def name_of(page: Path) -> str:
    """The page's path from the root."""
    return str(page.relative_to(REPOSITORY))


def goes_on(block: Block) -> bool:
    """Whether the block runs until it is stopped."""
    for line in block.text.replace("\\\n", " ").splitlines():
        if re.search(r"\btuco-events serve\b", line) and "--help" not in line:
            return True
        ends = "--no-follow" in line or "--limit" in line or "--help" in line
        if re.search(r"\btuco-events tail\b", line) and not ends:
            return True
    return False


def run_blocks(stage: Stage, page: Path, running: list[Background]) -> None:
    """Runs a page's shell blocks; those that go on are left in `running`."""
    for block in blocks(page):
        if block.not_run or block.language == "python":
            continue
        place = f"{name_of(page)}:{block.line}"
        background = Background(
            stage.command(block), env=stage.env(), cwd=stage.repository
        )
        running.append(background)
        if goes_on(block):
            wait_for_output(background, place)
            continue
        code = background.wait()
        assert code == 0, f"{place} ended with {code}:\n{background.stderr}"


def wait_for_output(background: Background, place: str) -> None:
    """Waits until what goes on has said something, or ended."""
    wait_until(
        lambda: background.stdout or background.process.poll() is not None,
        f"a first line of {place}: {background.stderr}",
    )


def run_python(stage: Stage, page: Path) -> None:
    """Runs a page's Python as one program."""
    parts = [
        block.text
        for block in blocks(page)
        if block.language == "python" and not block.not_run
    ]
    done = subprocess.run(
        [sys.executable, "-c", stage.moved("\n\n".join(parts))],
        cwd=stage.repository,
        env=environment(stage.env()),
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    assert done.returncode == 0, f"Python of {name_of(page)}:\n{done.stderr}"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A stage with its server running."""
    made = Stage(tmp_path)
    server = made.serve(tmp_path / "stderr")
    yield made
    assert server.stop() == 0


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_commands_of_a_page_work(stage: Stage, page: Path) -> None:
    running: list[Background] = []
    try:
        run_blocks(stage, page, running)
        run_python(stage, page)
        for background in running:
            if background.process.poll() not in (None, 0):
                raise AssertionError(background.stderr)
    finally:
        for background in running:
            background.__exit__(None, None, None)


def test_there_are_commands_to_run() -> None:
    found = {name_of(page): blocks(page) for page in PAGES}
    assert {"README.md", "docs/quickstart.md"} <= set(found)
    assert any(not block.not_run for block in found["README.md"])


def test_a_block_is_left_out_only_with_a_reason(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "```sh\none\n```\n<!-- not run: public host -->\n\n```sh\ntwo\n```\n"
        "```console\n$ three\noutput\n```\n```json\n{}\n```\n"
    )
    assert [(block.text, block.not_run) for block in blocks(page)] == [
        ("one", ""),
        ("two", "public host"),
        ("three", ""),
    ]
