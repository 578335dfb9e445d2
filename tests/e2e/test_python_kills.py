"""A server that is killed over and over, and Python clients that lose nothing.

Deliveries are posted all the while; what was accepted is the journal that what the
clients saw is held against: every event, in order, none twice within a stream.
"""

import asyncio
import random
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType

import pytest

pytest.importorskip("tuco_events", reason="tools/test_python_client has the package")

from tuco_events import AsyncClient, Client, StreamError
from tuco_events.client import EventDelivery, Patience, Reconnecting, StatusCode

from conftest import StartServer
from support.deliveries import reply
from support.wait import DEADLINE_S
from support.webhook import post_all

KILLS = 4
# Much shorter than a user's, so that tests are.
QUICK = Patience(silence_max=8.0, pause_min=0.02, pause_max=0.2, outage_max=None)


class KilledServer:
    """Servers on one address and one log, each killed after a while."""

    def __init__(self, start: StartServer) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        self._start = start
        self._chance = random.Random(1)
        # Each event that was answered 200: its id and its sequence.
        self.accepted: dict[str, int] = {}
        # The last event's, known before that is posted.
        self.last: int | None = None
        self.server = self._start(grpc=self.address)
        self._thread = threading.Thread(target=self._run)
        self._failure: BaseException | None = None

    def __enter__(self) -> "KilledServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.finish()

    def finish(self) -> int:
        """Waits until all kills are over; how many events there are."""
        self._thread.join(4 * DEADLINE_S)
        assert not self._thread.is_alive()
        if self._failure is not None:
            raise self._failure
        assert self.last is not None
        return self.last

    def is_last(self, sequence: int) -> bool:
        """Whether no event follows this one."""
        return sequence == self.last

    def _run(self) -> None:
        try:
            for _ in range(KILLS):
                self._post_for(self._chance.uniform(0.1, 0.6))
                assert self.server.kill() == -9
                self.server = self._start(grpc=self.address)
            self._post_for(0.3)
            self.last = max(self.accepted.values()) + 1
            self._post(1)
        except BaseException as error:
            self._failure = error

    def _post_for(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._post(10)

    def _post(self, count: int) -> None:
        for answer in post_all(self.server, [reply() for _ in range(count)]):
            told = answer.json
            self.accepted[told["eventId"]] = int(told["sequence"])


@pytest.fixture(autouse=True)
def deadline() -> Iterator[None]:
    """Nothing hangs: what takes too long fails."""

    def late(number: int, frame: FrameType | None) -> None:
        raise TimeoutError("the test took too long")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(int(4 * DEADLINE_S))
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def killed(start_server: StartServer) -> Iterator[KilledServer]:
    """A server that is killed while the test runs."""
    with KilledServer(start_server) as running:
        yield running


def check(killed: KilledServer, seen: list[tuple[int, str]], last: int) -> None:
    """Gap-free, in order, and what was promised."""
    assert [sequence for sequence, _ in seen] == list(range(1, last + 1))
    assert {event_id: sequence for sequence, event_id in seen} == killed.accepted


def test_a_stream_is_whole_and_in_order(killed: KilledServer) -> None:
    seen: list[tuple[int, str]] = []
    drops: list[Reconnecting] = []

    def notice(told: object) -> None:
        if isinstance(told, Reconnecting):
            drops.append(told)

    with Client(killed.address, patience=QUICK) as client:
        for event in client.stream("earliest", on_notice=notice):
            seen.append((event.sequence, event.event_id))
            if killed.is_last(event.sequence):
                break
    check(killed, seen, killed.finish())
    assert drops


def test_an_asynchronous_stream_is_whole_and_in_order(killed: KilledServer) -> None:
    async def scenario() -> list[tuple[int, str]]:
        seen = []
        async with AsyncClient(killed.address, patience=QUICK) as client:
            async for event in client.stream("earliest"):
                seen.append((event.sequence, event.event_id))
                if killed.is_last(event.sequence):
                    break
        return seen

    seen = asyncio.run(asyncio.wait_for(scenario(), 4 * DEADLINE_S))
    check(killed, seen, killed.finish())


@pytest.mark.parametrize("concurrency", [1, 4])
def test_consumers_handle_everything(killed: KilledServer, concurrency: int) -> None:
    """At least once: an event whose acknowledgement was lost may come again."""
    seen: dict[int, int] = {}
    lock = threading.Lock()
    done = threading.Event()
    with Client(killed.address, patience=QUICK) as client:
        when_there(
            lambda: client.create_subscription(
                "work", "shared", start="earliest", backoff_min=1
            )
        )

        def handle(one: EventDelivery) -> None:
            with lock:
                sequence = one.event.sequence
                seen[sequence] = seen.get(sequence, 0) + 1
                assert one.event.event_id not in killed.accepted or (
                    killed.accepted[one.event.event_id] == sequence
                )

        def work() -> None:
            consumer.run()
            done.set()

        consumer = client.consumer("work", handle, concurrency=concurrency)
        worker = threading.Thread(target=work)
        worker.start()
        last = killed.finish()
        end = time.monotonic() + 2 * DEADLINE_S
        while len(seen) < last and time.monotonic() < end:
            time.sleep(0.01)
        consumer.close()
        worker.join(DEADLINE_S)
        assert done.is_set()
        assert sorted(seen) == list(range(1, last + 1))
        progress = client.get_subscription("work").progress
    assert progress is not None
    assert (progress.settled_through, progress.outstanding) == (last, 0)
    repeated = sum(count - 1 for count in seen.values())
    assert repeated < len(seen)


def test_a_cursor_that_is_acknowledged_goes_on(killed: KilledServer) -> None:
    """Also when the reader begins anew, every 200 events."""
    seen: list[int] = []

    def read_some() -> None:
        with Client(killed.address, patience=QUICK) as client:
            for event in client.stream(subscription="crm"):
                if not seen or event.sequence > seen[-1]:
                    seen.append(event.sequence)
                is_last = killed.is_last(event.sequence)
                if event.sequence % 50 == 0 or is_last:
                    acknowledge(client, event.sequence)
                if event.sequence % 200 == 0 or is_last:
                    return

    with Client(killed.address, patience=QUICK) as client:
        create_cursor(client)
    while not seen or not killed.is_last(seen[-1]):
        read_some()
    assert seen == list(range(1, killed.finish() + 1))


def create_cursor(client: Client) -> None:
    """Makes the subscription, when the server is there."""
    when_there(lambda: client.create_subscription("crm", "cursor", start="earliest"))


def acknowledge(client: Client, sequence: int) -> None:
    """Tells the server, when it is there."""
    when_there(lambda: client.acknowledge("crm", sequence))


def when_there(call: Callable[[], object]) -> None:
    """Makes a call until the server is there to answer it."""
    end = time.monotonic() + DEADLINE_S
    while True:
        try:
            call()
        except StreamError as error:
            if error.code is StatusCode.ALREADY_EXISTS:
                return
            if error.code is not StatusCode.UNAVAILABLE or time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return
