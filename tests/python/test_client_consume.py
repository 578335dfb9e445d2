"""Consumers, against a server and a network that do everything wrong."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Callable

import pytest

pytest.importorskip("grpc", reason="needs grpcio")

import grpc
from tuco_events import StreamError
from tuco_events.client import (
    AsyncClient,
    Client,
    EventDelivery,
    Nack,
    Patience,
    StatusCode,
    Subscription,
)
from tuco_events.client._messages import NackAction, VerdictOutcome
from tuco_events.client._rpc_messages import ConsumeRequest, Verdict, VerdictResult

from client_readers import QUICK, Reader, deadline, reader, run
from fake_server import FakeServer, Wire, delivered, opened, results, stay

__all__ = ["deadline", "reader"]

Stop = Callable[[], None]
SHORT = Subscription("work", ack_deadline=timedelta(seconds=1))


@pytest.fixture
def fake() -> Iterator[FakeServer]:
    """A server without scripts."""
    with FakeServer() as server:
        yield server


class Queue:
    """A SHARED subscription: what is not acknowledged is given to the next call."""

    def __init__(self, *sequences: int, subscription: Subscription | None = None):
        self.left = dict.fromkeys(sequences, 0)
        self.verdicts: list[Verdict] = []
        self.opened: list[ConsumeRequest] = []
        self.ends_after: list[int] = []
        self._subscription = subscription

    def script(
        self, requests: Iterator[ConsumeRequest], _: grpc.ServicerContext
    ) -> Iterator[bytes]:
        """A call of Consume."""
        first = next(requests)
        self.opened.append(first)
        yield opened(self._subscription)
        yield from self._judge(first)
        for sequence in list(self.left):
            self.left[sequence] += 1
            yield delivered(sequence, attempt=self.left[sequence])
        ends_after = self.ends_after.pop(0) if self.ends_after else None
        for number, request in enumerate(requests, 1):
            yield from self._judge(request)
            if number == ends_after:
                return

    def _judge(self, request: ConsumeRequest) -> Iterator[bytes]:
        told = []
        for verdict in request.verdicts:
            self.verdicts.append(verdict)
            known = verdict.sequence in self.left
            if verdict.extend is None:
                self.left.pop(verdict.sequence, None)
            outcome = VerdictOutcome.APPLIED if known else VerdictOutcome.SETTLED
            told.append(VerdictResult(verdict.sequence, outcome))
        if told:
            yield results(*told)


def acks(queue: Queue) -> list[int]:
    """What was acknowledged, in order."""
    return [each.sequence for each in queue.verdicts if each.ack is not None]


def test_what_is_handled_is_acknowledged_in_order(
    fake: FakeServer, reader: Reader
) -> None:
    queue = Queue(*range(1, 101))
    fake.consumers = [queue.script]
    seen: list[tuple[int, int]] = []

    def handle(one: EventDelivery, stop: Stop) -> None:
        seen.append((one.event.sequence, one.attempt))
        if len(seen) == 100:
            stop()

    reader.consume(fake.address, handle)
    assert seen == [(sequence, 1) for sequence in range(1, 101)]
    assert acks(queue) == list(range(1, 101))
    assert not queue.left
    opening = queue.opened[0].open
    assert opening is not None
    assert (opening.subscription, opening.max_outstanding_events) == ("work", 16)


@pytest.mark.parametrize(
    ("on_error", "action"),
    [
        ("retry", NackAction.RETRY),
        ("park", NackAction.PARK),
        (NackAction.SKIP, NackAction.SKIP),
        (lambda one, error: "park", NackAction.PARK),
        (lambda one, error: Nack("retry", 7), NackAction.RETRY),
    ],
)
def test_an_exception_is_a_nack_and_the_next_event_is_handled(
    fake: FakeServer, reader: Reader, on_error: Any, action: NackAction
) -> None:
    queue = Queue(1, 2)
    fake.consumers = [queue.script]

    def handle(one: EventDelivery, stop: Stop) -> None:
        if one.event.sequence == 1:
            raise KeyError("of the handler")
        stop()

    reader.consume(fake.address, handle, on_error=on_error)
    nacks = {each.sequence: each.nack for each in queue.verdicts if each.nack}
    assert nacks[1].action is action
    assert acks(queue) == [2]
    if callable(on_error) and action is NackAction.RETRY:
        assert nacks[1].retry_after == timedelta(seconds=7)


def test_a_handler_says_itself_what_becomes_of_an_event(
    fake: FakeServer, reader: Reader
) -> None:
    queue = Queue(1, 2, 3)
    fake.consumers = [queue.script]

    def handle(one: EventDelivery, stop: Stop) -> None:
        if one.event.sequence == 3:
            stop()
            return
        raise Nack("park") if one.event.sequence == 1 else Nack(retry_after=0.5)

    reader.consume(fake.address, handle, on_error="skip")
    said = {each.sequence: each.nack for each in queue.verdicts if each.nack}
    assert said[1].action is NackAction.PARK
    assert said[2].retry_after == timedelta(seconds=0.5)


def test_the_log_names_the_place_and_not_the_exceptions_text(
    fake: FakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    queue = Queue(1, 2)
    fake.consumers = [queue.script]

    def handle(one: EventDelivery, stop: Stop) -> None:
        if one.event.sequence == 2:
            stop()
            return
        raise ValueError("+15550100 is no number")

    with caplog.at_level(logging.ERROR, "tuco_events"):
        Reader("sync").consume(fake.address, handle)
    assert "handling event 1 failed: ValueError at " in caplog.text
    assert "test_client_consume.py:" in caplog.text
    assert "+15550100" not in caplog.text


def test_an_exception_of_on_error_ends_it(fake: FakeServer, reader: Reader) -> None:
    queue = Queue(1, 2)
    fake.consumers = [queue.script]

    def give_up(one: EventDelivery, error: Exception) -> Nack:
        raise error

    def handle(one: EventDelivery, stop: Stop) -> None:
        raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"):
        reader.consume(fake.address, handle, on_error=give_up)
    assert not queue.verdicts


@pytest.mark.parametrize("concurrency", [1, 3])
def test_a_handler_of_the_other_client_settles_nothing(
    fake: FakeServer, concurrency: int
) -> None:
    """What a coroutine function was given was not handled, whatever it returned."""
    queue = Queue(1, 2, 3)
    fake.consumers = [queue.script]

    def plain(one: EventDelivery) -> None: ...

    async def coroutine(one: EventDelivery) -> None: ...

    def generator(one: EventDelivery) -> Iterator[None]:
        yield

    async def scenario() -> None:
        async with AsyncClient(fake.address, patience=QUICK) as client:
            wrong: Any = plain
            await client.consume("work", wrong, concurrency=concurrency)

    for handler in (coroutine, generator):
        with (
            Client(fake.address, patience=QUICK) as client,
            pytest.raises(TypeError, match=r"handler: .* AsyncClient"),
        ):
            client.consume("work", handler, concurrency=concurrency)
    with pytest.raises(TypeError, match=r"handler: .* NoneType; Client"):
        run(scenario())
    assert not queue.verdicts


def test_several_are_handled_at_a_time(fake: FakeServer) -> None:
    queue = Queue(*range(1, 9))
    fake.consumers = [queue.script]
    together = threading.Barrier(4, timeout=30)
    done: list[int] = []

    with Client(fake.address) as client:

        def handle(one: EventDelivery) -> None:
            together.wait()
            done.append(one.event.sequence)
            if len(done) == 8:
                consumer.close()

        consumer = client.consumer("work", handle, concurrency=4)
        consumer.run()
    assert sorted(acks(queue)) == list(range(1, 9))


def test_several_tasks_run_at_a_time(fake: FakeServer) -> None:
    queue = Queue(*range(1, 9))
    fake.consumers = [queue.script]

    async def scenario() -> None:
        running = 0
        all_run = asyncio.Event()

        async def handle(one: EventDelivery) -> None:
            nonlocal running
            running += 1
            if running == 8:
                all_run.set()
                await consumer.close()
            await all_run.wait()

        async with AsyncClient(fake.address) as client:
            consumer = client.consumer("work", handle, concurrency=8)
            await consumer.run()

    run(scenario())
    assert sorted(acks(queue)) == list(range(1, 9))


def test_deadlines_are_extended_while_a_handler_runs(
    fake: FakeServer, reader: Reader
) -> None:
    queue = Queue(1, 2, subscription=SHORT)
    fake.consumers = [queue.script]
    if reader.kind == "async":

        async def scenario() -> None:
            async def handle(one: EventDelivery) -> None:
                await asyncio.sleep(1.5)
                await consumer.close()

            async with AsyncClient(fake.address) as client:
                consumer = client.consumer("work", handle)
                await consumer.run()

        run(scenario())
    else:

        def handle(one: EventDelivery, stop: Stop) -> None:
            time.sleep(1.5)
            stop()

        reader.consume(fake.address, handle)
    extended = [each.sequence for each in queue.verdicts if each.extend is not None]
    # What is worked on, and what waits for its turn.
    assert {1, 2} <= set(extended)
    assert acks(queue) == [1]


def test_a_drop_loses_no_verdict_and_repeats_no_work(
    fake: FakeServer, reader: Reader
) -> None:
    queue = Queue(*range(1, 21))
    queue.ends_after = [5, 3, 1]
    fake.consumers = [queue.script]
    seen: list[int] = []

    def handle(one: EventDelivery, stop: Stop) -> None:
        seen.append(one.event.sequence)
        if len(set(seen)) == 20:
            stop()

    reader.consume(fake.address, handle)
    assert set(seen) == set(range(1, 21))
    assert not queue.left
    assert len(queue.opened) > 1


@pytest.mark.parametrize("bytes_before", [0, 30, 120, 300, 1000])
def test_a_connection_that_dies_anywhere_leaves_nothing_undone(
    fake: FakeServer, reader: Reader, bytes_before: int
) -> None:
    queue = Queue(*range(1, 51))
    fake.consumers = [queue.script]
    seen: set[int] = set()

    def handle(one: EventDelivery, stop: Stop) -> None:
        seen.add(one.event.sequence)
        if len(seen) == 50:
            stop()

    with Wire(fake.address, cut_after=bytes_before) as wire:
        reader.consume(wire.address, handle)
    assert seen == set(range(1, 51))
    assert not queue.left


@pytest.mark.parametrize(
    "code", ["NOT_FOUND", "FAILED_PRECONDITION", "ABORTED", "PERMISSION_DENIED"]
)
def test_what_trying_again_does_not_mend_ends_it(
    fake: FakeServer, reader: Reader, code: str
) -> None:
    def script(
        requests: Iterator[ConsumeRequest], context: grpc.ServicerContext
    ) -> Iterator[bytes]:
        next(requests)
        context.abort(grpc.StatusCode[code], "as the test says")
        yield b""

    fake.consumers = [script]
    with pytest.raises(StreamError) as raised:
        reader.consume(fake.address, lambda one, stop: None)
    assert raised.value.code is StatusCode[code]


def test_a_silent_server_raises_instead_of_hanging(
    fake: FakeServer, reader: Reader
) -> None:
    def script(
        requests: Iterator[ConsumeRequest], context: grpc.ServicerContext
    ) -> Iterator[bytes]:
        stay(context)
        yield b""

    fake.consumers = [script]
    patience = Patience(0.2, 0.01, 0.05, outage_max=1.0)
    with pytest.raises(StreamError) as raised:
        reader.consume(fake.address, lambda one, stop: None, patience=patience)
    assert raised.value.code is StatusCode.DEADLINE_EXCEEDED


def test_rubbish_ends_it(fake: FakeServer, reader: Reader) -> None:
    fake.consumers = [lambda requests, context: iter([opened(), b"\xff\xff"])]
    with pytest.raises(StreamError, match="cannot be read"):
        reader.consume(fake.address, lambda one, stop: None)


def test_close_during_an_outage_returns_at_once(reader: Reader) -> None:
    with FakeServer() as gone:
        address = gone.address
    patience = Patience(1, 10, 10, None)
    start = time.monotonic()
    if reader.kind == "sync":
        with Client(address, patience=patience) as client:
            consumer = client.consumer("work", lambda one: None)
            timer = threading.Timer(0.5, consumer.close)
            timer.start()
            consumer.run()
            timer.join()
    else:

        async def scenario() -> None:
            async with AsyncClient(address, patience=patience) as client:

                async def handle(one: EventDelivery) -> None: ...

                consumer = client.consumer("work", handle)
                closing = asyncio.ensure_future(_later(0.5, consumer.close))
                await consumer.run()
                await closing

        run(scenario())
    assert time.monotonic() - start < 8


async def _later(seconds: float, call: Callable[[], Any]) -> None:
    await asyncio.sleep(seconds)
    await call()


@pytest.mark.parametrize("concurrency", [1, 3])
def test_an_interrupt_stops_it_and_gives_back_what_was_not_done(
    fake: FakeServer, concurrency: int
) -> None:
    """Ctrl-C while handlers run; what they had is not judged where it raised."""
    queue = Queue(*range(1, 8))
    fake.consumers = [queue.script]

    def handle(one: EventDelivery) -> None:
        if one.event.sequence == 3:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.3)

    with Client(fake.address) as client, pytest.raises(KeyboardInterrupt):
        client.consume("work", handle, concurrency=concurrency)
    assert {1, 2} <= set(acks(queue)) if concurrency == 1 else acks(queue)
    assert not [each for each in queue.verdicts if each.nack]
    if concurrency == 1:
        assert 3 in queue.left


def test_cancelling_gives_back_what_was_not_done(fake: FakeServer) -> None:
    queue = Queue(1, 2, 3)
    fake.consumers = [queue.script]
    cancelled: list[int] = []

    async def scenario() -> None:
        begun = asyncio.Event()

        async def handle(one: EventDelivery) -> None:
            if one.event.sequence == 1:
                return
            begun.set()
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                cancelled.append(one.event.sequence)
                raise

        async with AsyncClient(fake.address) as client:
            work = asyncio.ensure_future(client.consume("work", handle))
            await begun.wait()
            work.cancel()
            with pytest.raises(asyncio.CancelledError):
                await work

    run(scenario())
    assert cancelled == [2]
    assert acks(queue) == [1]
    assert set(queue.left) == {2, 3}


def test_closing_the_client_ends_consume(fake: FakeServer) -> None:
    queue = Queue(1)
    fake.consumers = [queue.script]
    client = Client(fake.address, patience=QUICK)
    client.consume("work", lambda one: client.close())
    assert acks(queue) == [1]


def test_a_consumer_runs_once(fake: FakeServer) -> None:
    fake.consumers = [Queue(1).script]
    with Client(fake.address) as client:
        consumer = client.consumer("work", lambda one: consumer.close())
        consumer.run()
        with pytest.raises(RuntimeError, match="has run before"):
            consumer.run()


def test_wrong_arguments_are_complained_of_at_once(fake: FakeServer) -> None:
    with Client(fake.address) as client:
        tries: list[dict[str, Any]] = [
            {"concurrency": 0}, {"on_error": "ack"}, {"on_error": "raise"},
            {"extend_max": -1}, {"extend_max": float("nan")},
            {"max_outstanding_events": -1},
        ]  # fmt: skip
        for options in tries:
            with pytest.raises(ValueError, match=r"expected|out of range"):
                client.consumer("work", print, **options)
        for name in ("concurrency", "extend_max", "max_outstanding_bytes"):
            options = {name: "x"}
            with pytest.raises(TypeError, match=name):
                client.consumer("work", print, **options)
