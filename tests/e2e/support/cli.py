"""The command line, run to its end or in the background."""

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from support.environment import BINARY, environment
from support.wait import DEADLINE_S, wait_until


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    code: int
    stdout: str
    stderr: str

    def json_lines(self) -> list[Any]:
        """Each line of stdout, read as JSON."""
        return [json.loads(line) for line in self.lines()]

    def lines(self) -> list[str]:
        """The lines of stdout, whatever else Unicode breaks lines at."""
        return [line for line in self.stdout.split("\n") if line]


def run(
    *args: str,
    stdin: bytes = b"",
    env: dict[str, str] | None = None,
    cwd: Path | None = None,
) -> Result:
    """Runs `tuco-events` with `args` and waits for its end."""
    done = subprocess.run(
        [str(BINARY), *args],
        input=stdin,
        capture_output=True,
        env=environment(env),
        cwd=cwd,
        timeout=2 * DEADLINE_S,
        check=False,
    )
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


class Background:
    """A command that goes on until it is told to stop; a context manager."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: dict[str, str] | None = None,
        cwd: Path | None = None,
        stdin: int = subprocess.DEVNULL,
        stderr: int | None = None,
    ) -> None:
        # Closed in __exit__.
        self._stdout: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        self._stderr: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        self.process = subprocess.Popen(
            list(command),
            stdin=stdin,
            stdout=self._stdout,
            stderr=self._stderr if stderr is None else stderr,
            env=environment(env),
            cwd=cwd,
            # A group of its own: what a shell started ends with it.
            start_new_session=True,
        )

    def __enter__(self) -> "Background":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()
        self._stdout.close()
        self._stderr.close()

    @property
    def stdout(self) -> str:
        """What it has written to stdout so far."""
        return _contents(self._stdout)

    @property
    def stderr(self) -> str:
        """What it has written to stderr so far."""
        return _contents(self._stderr)

    def wait_for_lines(self, count: int) -> list[str]:
        """Waits until stdout has `count` whole lines; all of them."""

        def lines() -> list[str]:
            text = self.stdout
            found = text.split("\n")[:-1]
            return found if len(found) >= count else []

        return wait_until(lines, f"{count} lines; stderr: {self.stderr}")

    def end(self) -> None:
        """Ends it at once, with what it has started, if it still runs."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def interrupt(self, number: signal.Signals = signal.SIGINT) -> int:
        """Ends it as Ctrl-C does; the exit code."""
        self.process.send_signal(number)
        return self.process.wait(DEADLINE_S)

    def wait(self) -> int:
        """Waits for the end; the exit code."""
        return self.process.wait(DEADLINE_S)


def tail(address: str, *args: str) -> Background:
    """`tuco-events tail` in the background."""
    return Background([str(BINARY), "tail", "--grpc", address, *args])


def _contents(file: IO[bytes]) -> str:
    # Reading must not move the position that the process writes at.
    with open(f"/proc/self/fd/{file.fileno()}", "rb") as copy:
        return copy.read().decode("utf-8", "replace")
