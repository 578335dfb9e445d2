"""Many deliveries a second, over a few connections that are all kept full."""

import json
import random
import re
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable
from types import TracebackType

from support.deliveries import Delivery, reply
from support.journal import Journal
from support.wait import DEADLINE_S
from support.webhook import request_bytes

CONNECTIONS = 6
# On their way over one of them.
_PIPELINED_MAX = 48
_RECEIVE_BYTES = 1 << 16
_HEAD = re.compile(rb"HTTP/1\.1 (\d+) .*?content-length: (\d+).*?\r\n\r\n", re.S | re.I)


class Connection:
    """A connection that is posted to without waiting for answers."""

    def __init__(self, address: str, journal: Journal) -> None:
        host, _, port = address.rpartition(":")
        self.socket = socket.create_connection((host, int(port)), DEADLINE_S)
        self.socket.setblocking(False)
        self.open = True
        # Posted and not answered, in order.
        self.waiting: deque[Delivery] = deque()
        self._journal = journal
        self._unsent = b""
        self._received = b""

    def post(self, delivery: Delivery) -> None:
        """Puts a delivery behind what is on its way."""
        self._journal.posting(delivery.body)
        self.waiting.append(delivery)
        self._unsent += request_bytes(delivery)

    def send(self) -> None:
        """Sends what the socket takes."""
        try:
            if self._unsent:
                self._unsent = self._unsent[self.socket.send(self._unsent) :]
        except BlockingIOError:
            pass
        except OSError:
            self._unsent = b""

    def receive(self) -> list[Delivery]:
        """Takes what has come; the deliveries that it answers."""
        try:
            received = self.socket.recv(_RECEIVE_BYTES)
        except BlockingIOError:
            return []
        except OSError:
            received = b""
        self.open = received != b""
        self._received += received
        answered = []
        while head := _HEAD.match(self._received):
            end = head.end() + int(head[2])
            if end > len(self._received):
                break
            body = self._received[head.end() : end]
            assert head[1] == b"200", f"{head[1]!r} {body!r}"
            answered.append(self.waiting.popleft())
            self._journal.answered(answered[-1].body, json.loads(body))
            self._received = self._received[end:]
        return answered


class Flood:
    """Deliveries of all sizes, so many a second; a context manager.

    `again` is posted first.
    """

    def __init__(
        self,
        address: str,
        rate: int,
        journal: Journal,
        chance: random.Random,
        again: list[Delivery],
    ) -> None:
        self.posted = 0
        self.answered: list[Delivery] = []
        self._rate = rate
        self._chance = chance
        self._again = again
        self._connections = [Connection(address, journal) for _ in range(CONNECTIONS)]
        self._selector = selectors.DefaultSelector()
        for connection in self._connections:
            self._selector.register(connection.socket, selectors.EVENT_READ, connection)

    def __enter__(self) -> "Flood":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._selector.close()
        for connection in self._connections:
            connection.socket.close()

    def pour(self, done: Callable[[], bool]) -> None:
        """Posts until `done`, or until the server hangs up."""
        start = time.monotonic()
        before = self.posted
        while self._flows() and not done():
            due = int((time.monotonic() - start) * self._rate)
            self._post(due - (self.posted - before))
            self._take(0.001)

    def drain(self) -> list[Delivery]:
        """Takes every answer that a server, now dead, had sent.

        Returns the deliveries that have none.
        """
        end = time.monotonic() + DEADLINE_S
        while self._flows() and time.monotonic() < end:
            self._take(0.1)
        assert not self._flows(), "the server is dead, its connections are not"
        return [
            delivery
            for connection in self._connections
            for delivery in connection.waiting
        ]

    def _flows(self) -> bool:
        return any(connection.open for connection in self._connections)

    def _post(self, count: int) -> None:
        for _ in range(count):
            connection = self._chance.choice(self._connections)
            if len(connection.waiting) >= _PIPELINED_MAX:
                break
            connection.post(self._again.pop() if self._again else self._fresh())
            self.posted += 1
        for connection in self._connections:
            connection.send()

    def _fresh(self) -> Delivery:
        # Some of many pages.
        size_max = 60_000 if self._chance.random() < 0.01 else 600
        return reply(message="x" * self._chance.randrange(size_max))

    def _take(self, timeout_s: float) -> None:
        for key, _ in self._selector.select(timeout_s):
            connection: Connection = key.data
            self.answered += connection.receive()
            if not connection.open:
                self._selector.unregister(connection.socket)
