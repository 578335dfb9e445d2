"""Both clients behind one face, so that each test is of both."""

from __future__ import annotations

import asyncio
import itertools
import signal
from collections.abc import Coroutine, Iterator
from types import FrameType
from typing import Any, Callable, TypeVar

import pytest
from tuco_events import Event
from tuco_events.client import (
    AsyncClient,
    Client,
    EventDelivery,
    Notice,
    Patience,
    Position,
)

T = TypeVar("T")

DEADLINE_S = 60
# As short as a loaded machine allows.
QUICK = Patience(silence_max=2.0, pause_min=0.01, pause_max=0.05, outage_max=20.0)


@pytest.fixture(autouse=True)
def deadline() -> Iterator[None]:
    """Nothing hangs: what takes too long fails."""

    def late(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"the test took more than {DEADLINE_S} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(DEADLINE_S)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def run(scenario: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine to its end, or for as long as a test may take."""
    return asyncio.run(asyncio.wait_for(scenario, DEADLINE_S))


class Reader:
    """Reads streams with Client, or with AsyncClient."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.notices: list[Notice] = []
        self.position: Position | None = None

    def read(
        self, address: str, count: int | None = None, **options: Any
    ) -> list[Event]:
        """The stream's first `count` events, or all of them."""
        client_options = {"patience": options.pop("patience", QUICK)}
        for name in ("token", "token_file", "ca", "cert", "key", "timeout"):
            if name in options:
                client_options[name] = options.pop(name)
        options.setdefault("on_notice", self.notices.append)
        if self.kind == "async":
            return run(self._read_async(address, count, client_options, options))
        with Client(address, **client_options) as client:
            stream = client.stream(**options)
            found = list(itertools.islice(stream, count))
            self.position = stream.position
        return found

    async def _read_async(
        self,
        address: str,
        count: int | None,
        client_options: dict[str, Any],
        options: dict[str, Any],
    ) -> list[Event]:
        found: list[Event] = []
        async with AsyncClient(address, **client_options) as client:
            stream = client.stream(**options)
            while count is None or len(found) < count:
                try:
                    found.append(await stream.__anext__())
                except StopAsyncIteration:
                    break
            self.position = stream.position
        return found

    def call(self, address: str, method: str, *args: Any, **options: Any) -> Any:
        """Makes a call that is no stream; of a list, all of it."""
        if self.kind == "sync":
            with Client(address, timeout=10) as client:
                answer = getattr(client, method)(*args, **options)
                return list(answer) if isinstance(answer, Iterator) else answer

        async def make() -> Any:
            async with AsyncClient(address, timeout=10) as client:
                answer = getattr(client, method)(*args, **options)
                if hasattr(answer, "__aiter__"):
                    return [item async for item in answer]
                return await answer

        return run(make())

    def consume(
        self,
        address: str,
        handler: Callable[[EventDelivery, Callable[[], None]], object],
        *,
        patience: Patience = QUICK,
        **options: Any,
    ) -> None:
        """Consumes `work` until the handler calls its second argument."""
        if self.kind == "sync":
            with Client(address, patience=patience) as client:
                consumer = client.consumer(
                    "work", lambda one: handler(one, consumer.close), **options
                )
                consumer.run()
            return

        async def main() -> None:
            async with AsyncClient(address, patience=patience) as client:

                async def handle(one: EventDelivery) -> None:
                    stops: list[None] = []
                    try:
                        handler(one, lambda: stops.append(None))
                    finally:
                        if stops:
                            await consumer.close()

                consumer = client.consumer("work", handle, **options)
                await consumer.run()

        run(main())


@pytest.fixture(params=["sync", "async"])
def reader(request: pytest.FixtureRequest) -> Reader:
    """Each of the clients."""
    return Reader(request.param)


def sequences(events: list[Event]) -> list[int]:
    """Their sequences."""
    return [event.sequence for event in events]
