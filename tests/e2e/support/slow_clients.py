"""Clients that are slow on purpose, and come again whenever they are closed.

    python -m support.slow_clients HOST:PORT COUNT

A third of them never end their header, a third their body, and a third hardly
read the answers to what they asked. A line on stdout says when all have been
connected; they go at the end of stdin, and a line of JSON says what they did.
"""

import heapq
import json
import os
import selectors
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from support.wait import DEADLINE_S

# What each of them does so often.
_PERIOD_S = 1.0
# Connections made at a time, so that they do not come as one wave.
_WAVE = 50
_HEADER = b"POST /webhooks/tuco HTTP/1.1\r\nHost: slow\r\nX-Slow: "
_BODY = b"POST /webhooks/tuco HTTP/1.1\r\nHost: slow\r\nContent-Length: 8192\r\n\r\n{"
_READ = b"GET /healthz HTTP/1.1\r\nHost: slow\r\n\r\n" * 300
_OPENINGS = (_HEADER, _BODY, _READ)


class SlowClient:
    """One that sends or reads a byte a second, and connects again."""

    def __init__(self, address: tuple[str, int], opening: bytes) -> None:
        self.connections = 0
        self._address = address
        self._opening = opening
        self._connect()

    def _connect(self) -> None:
        self.socket = socket.socket()
        # Answers that nobody reads shall soon wait on the other side.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        self.socket.setblocking(False)
        self.socket.connect_ex(self._address)
        self.connections += 1
        self._opened = False

    def step(self) -> None:
        """A byte more, or another connection where this one was closed."""
        try:
            if not self._opened:
                self.socket.send(self._opening)
                self._opened = True
            elif self._opening is _READ:
                self._read()
            else:
                self.socket.send(b"x")
                self._look()
        except BlockingIOError:
            pass
        except OSError:
            self.close()
            self._connect()

    def _read(self) -> None:
        if not self.socket.recv(1):
            raise ConnectionResetError

    def _look(self) -> None:
        """Any answer is a refusal, behind which the server closes."""
        self.socket.recv(4096)
        raise ConnectionResetError

    def close(self) -> None:
        """Goes without a word."""
        self.socket.close()


def _run(address: tuple[str, int], count: int) -> None:
    clients: list[SlowClient] = []
    turns: list[tuple[float, int]] = []
    told = False
    with selectors.DefaultSelector() as stdin:
        stdin.register(sys.stdin, selectors.EVENT_READ)
        while not stdin.select(0.005):
            now = time.monotonic()
            for number in range(len(clients), min(len(clients) + _WAVE, count)):
                opening = _OPENINGS[number % len(_OPENINGS)]
                clients.append(SlowClient(address, opening))
                heapq.heappush(turns, (now + 0.1, number))
            while turns[0][0] <= now:
                _, number = heapq.heappop(turns)
                clients[number].step()
                heapq.heappush(turns, (now + _PERIOD_S, number))
            if len(clients) == count and not told:
                told = True
                print("connected", flush=True)
    for client in clients:
        client.close()
    print(json.dumps({"connections": sum(c.connections for c in clients)}))


class SlowClients:
    """Such clients in a process of their own; a context manager."""

    def __init__(self, address: str, count: int) -> None:
        folder = Path(__file__).parents[1]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "support.slow_clients", address, str(count)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(folder)},
        )
        # What they say when they have gone.
        self.said: dict[str, Any] = {}
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"connected\n"

    def __enter__(self) -> "SlowClients":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            said, _ = self._process.communicate(b"", DEADLINE_S)
            self.said = json.loads(said)
        finally:
            self._process.kill()
            self._process.wait()


if __name__ == "__main__":
    _host, _, _port = sys.argv[1].rpartition(":")
    _run((_host, int(_port)), int(sys.argv[2]))
