"""One running `tuco-events serve`."""

import json
import os
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from support.environment import BINARY, environment
from support.held_sockets import hand_over
from support.wait import DEADLINE_S

# The server itself gives open connections up after 30 s.
_STOP_DEADLINE_S = 45.0
# What it takes when nobody asks for anything any more: 2 s of silence and 1 s of
# grace for streams. Whoever supervises a process kills it after 10 s.
_QUIET_STOP_S = 8.0


class Server:
    """A server process from its start to its end.

    Its first line on stdout is read when it starts; `check_output` holds it to
    the promises that every server keeps.
    """

    def __init__(
        self,
        args: Sequence[str],
        *,
        stderr: Path,
        env: dict[str, str] | None = None,
        cwd: Path | None = None,
        secrets: Sequence[str] = (),
        sockets: Mapping[str, socket.socket] | None = None,
        prefix: Sequence[str] = (),
    ) -> None:
        self.secrets = list(secrets)
        self._stderr = stderr
        command = [*prefix, str(BINARY), "serve", *args]
        descriptors: list[int] = []
        if sockets:
            command, descriptors = hand_over(sockets, command)
        with stderr.open("wb") as errors:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=environment(env),
                cwd=cwd,
                pass_fds=descriptors,
                # So that a file that may not grow is an error, not the end.
                restore_signals=False,
            )
        self._first_line = _read_line(self._stdout, time.monotonic() + DEADLINE_S)
        self._rest: bytes | None = None
        if not self._first_line.endswith(b"\n"):
            code = self.kill()
            raise AssertionError(f"serve ended with {code}: {self.stderr}")
        self.ready: dict[str, Any] = json.loads(self._first_line)

    @property
    def _stdout(self) -> IO[bytes]:
        assert self.process.stdout is not None
        return self.process.stdout

    def has_runtime(self, sanitizer: str) -> bool:
        """Whether it was built for a sanitizer, such as `asan`."""
        maps = Path(f"/proc/{self.process.pid}/maps").read_text()
        return f"/lib{sanitizer}." in maps

    @property
    def http(self) -> str:
        """`host:port` of the ingress."""
        return str(self.ready["http"])

    @property
    def grpc(self) -> str:
        """`host:port` of the gRPC service."""
        return str(self.ready["grpc"])

    @property
    def admin(self) -> str:
        """`host:port` of metrics and probes."""
        return str(self.ready["admin"])

    @property
    def url(self) -> str:
        """Where deliveries of endpoint `tuco` go."""
        return f"http://{self.http}/webhooks/tuco"

    @property
    def stderr(self) -> str:
        """What it has written to stderr so far."""
        return self._stderr.read_text("utf-8", "replace")

    @property
    def running(self) -> bool:
        """Whether the process has not ended yet."""
        return self.process.poll() is None

    def send_signal(self, number: signal.Signals) -> None:
        """Sends a signal and does not wait."""
        self.process.send_signal(number)

    def wait(self) -> int:
        """Waits for the end; the exit code, negative for a signal."""
        try:
            code = self.process.wait(_STOP_DEADLINE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            if self._rest is None and self.process.returncode is not None:
                with self._stdout as stdout:
                    self._rest = stdout.read()
        return code

    def kill(self) -> int:
        """Ends it as `kill -9` does."""
        self.process.kill()
        return self.wait()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ends it as an operator does, and checks how long that takes."""
        start = time.monotonic()
        self.send_signal(number)
        code = self.wait()
        assert time.monotonic() - start < _QUIET_STOP_S, "stopping takes too long"
        self.check_output()
        return code

    def check_output(self) -> None:
        """Exactly one line on stdout, and no secret anywhere."""
        assert self._rest == b"", "more than one line on stdout"
        for secret in self.secrets:
            assert secret.encode() not in self._first_line
            assert secret not in self.stderr


def _read_line(stream: IO[bytes], end: float) -> bytes:
    """One line, or what came of it before the stream or the time ended."""
    line = b""
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while not line.endswith(b"\n"):
            if not selector.select(max(0.0, end - time.monotonic())):
                return line
            # Unbuffered, so that nothing behind the line is taken.
            byte = os.read(stream.fileno(), 1)
            if not byte:
                return line
            line += byte
    return line
