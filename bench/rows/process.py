"""A process that ends when its row does, whatever happens."""

from __future__ import annotations

import os
import selectors
import subprocess
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Self

from rows.settings import BrokenError, MissingError, program

# What a program of ours ends with when the machine does not have what it takes.
IS_MISSING = 2
ANSWER_SECONDS = 120.0
# A server waits for 2 s of silence and then ends its streams.
STOP_SECONDS = 15.0


class Process:
    """A process that is told things by lines, and answers by lines.

    Leaving it ends it: by the end of its stdin if that is a pipe, else by
    SIGTERM, and by SIGKILL where that does not help. If this program is killed
    the system kills the process.
    """

    def __init__(
        self,
        name: str,
        command: list[str],
        *,
        stdin: int = subprocess.DEVNULL,
        env: dict[str, str] | None = None,
        stderr: Path | None = None,
    ) -> None:
        if not Path(command[0]).exists():
            raise MissingError(f"{command[0]} is missing: make bench builds it")
        self.name = name
        self.began = time.monotonic()
        self._stderr = stderr
        self._rest = b""
        with ExitStack() as stack:
            errors = stack.enter_context(stderr.open("wb")) if stderr else None
            self._process = subprocess.Popen(
                [program("setpriv"), "--pdeathsig", "KILL", *command],
                bufsize=0,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=_environment(env or {}),
            )

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def write(self, line: str) -> None:
        """Tells the process something."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line.encode())
        except BrokenPipeError:
            raise self._ended() from None

    def read_line(self) -> str:
        """What it answers next, without the newline."""
        stdout = self._process.stdout
        assert stdout is not None
        end = time.monotonic() + ANSWER_SECONDS
        with selectors.DefaultSelector() as selector:
            selector.register(stdout, selectors.EVENT_READ)
            while b"\n" not in self._rest:
                if not selector.select(max(0.0, end - time.monotonic())):
                    raise BrokenError(f"{self.name} says nothing")
                piece = os.read(stdout.fileno(), 1 << 16)
                if not piece:
                    raise self._ended()
                self._rest += piece
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode()

    def _ended(self) -> MissingError | BrokenError:
        said = self._stderr.read_text("utf-8", "replace") if self._stderr else ""
        status = self._process.wait()
        text = f"{self.name} ended: status {status}\n{said}".strip()
        return MissingError(text) if status == IS_MISSING else BrokenError(text)

    def has_ended(self) -> bool:
        """Whether it is over; what it said can still be read."""
        return self._process.poll() is not None

    def greet(self) -> None:
        """Hears what the process says first, if anything."""

    def end(self) -> None:
        """Ends the process."""
        try:
            if self._process.stdin is not None:
                self._process.stdin.close()
            else:
                self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS)
        finally:
            self._process.kill()
            self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()

    def __enter__(self) -> Self:
        """Greets the process."""
        try:
            self.greet()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Ends the process."""
        self.end()


def output_of(
    command: list[str], seconds: float, env: dict[str, str] | None = None
) -> str:
    """What a program of ours prints, which ends within its time."""
    try:
        return subprocess.run(
            command,
            env=_environment(env or {}),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            timeout=seconds,
        ).stdout
    except subprocess.SubprocessError as error:
        raise BrokenError(str(error)) from None


def _environment(variables: dict[str, str]) -> dict[str, str]:
    """This program's environment without settings of the server, and `variables`."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("TUCO_")
    }
    return inherited | variables
