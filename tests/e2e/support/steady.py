"""Deliveries that go on coming, so many a second, while a test does other things."""

import http.client
import itertools
import threading
import time
from collections.abc import Callable
from types import TracebackType

from support.deliveries import Delivery
from support.server import Server
from support.wait import DEADLINE_S, wait_until


class Steady:
    """Posts from a thread of its own over one connection; a context manager.

    What `make` returns for 0, 1, 2 … is posted `rate` times a second, or as
    often as the machine can.
    """

    def __init__(
        self, server: Server, make: Callable[[int], Delivery], rate: int = 200
    ) -> None:
        self.statuses: list[int] = []
        self._connection = http.client.HTTPConnection(server.http, timeout=DEADLINE_S)
        self._make = make
        self._pause_s = 1 / rate
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Steady":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._connection.close()

    def wait_for_more(self, count: int) -> None:
        """Waits until `count` more were answered."""
        wanted = len(self.statuses) + count
        wait_until(lambda: len(self.statuses) >= wanted, f"{count} more answers")

    def _run(self) -> None:
        start = time.monotonic()
        for number in itertools.count():
            due = start + number * self._pause_s
            if self._stop.wait(max(0.0, due - time.monotonic())):
                return
            delivery = self._make(number)
            self._connection.request(
                "POST", "/webhooks/tuco", delivery.body, delivery.headers
            )
            response = self._connection.getresponse()
            response.read()
            self.statuses.append(response.status)
