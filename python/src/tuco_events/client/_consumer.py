"""The synchronous consumer of a SHARED subscription.

    the caller's thread    runs the handler, or waits for those that do
    workers                run the handler, where several may at a time
    reader                 reads responses, and opens the call again
    keeper                 extends deadlines

They share a ConsumeState under one lock, and write by one queue, which grpcio reads.
"""

from __future__ import annotations

import inspect
import threading
import time
from collections.abc import Coroutine, Generator, Iterator
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Callable, TypedDict

from .._errors import StreamError
from ._calls import SERVICE
from ._consume_state import (
    ConsumeState,
    Nack,
    OnError,
    joined,
    to_action,
    verdict_on_error,
)
from ._event_stream import ByteStream, Metadata, OnNotice
from ._messages import EventDelivery, NackAction
from ._patience import logger
from ._rpc_messages import ConsumeOpen
from ._status import not_understood
from ._wire import WireError, encode

Handler = Callable[[EventDelivery], object]

# How long the last results may take when a consumer stops.
LAST_RESULTS_S = 10.0
# Python's waits are not interrupted by signals that another thread handles.
LOOK_EVERY_S = 0.5
# Events that wait here for each handler, so that none waits for the network.
_PER_HANDLER = 16
_OUTSTANDING_MAX = 10_000


class ConsumeOptions(TypedDict, total=False):
    """How a subscription is consumed.

    Attributes:
        concurrency: How many handlers may run at a time; 1.
        on_error: What becomes of an event whose handler raised: "retry" (without
            it), "park" or "skip"; or a function of the delivery and the exception
            that returns one of these or a Nack. What it raises ends `consume`.
        include_body: Whether events have `body` and `signature`.
        max_outstanding_events: How many events are held here at most, 1 to 10000;
            16 for each handler.
        max_outstanding_bytes: How many bytes of them, up to 64 MiB; 4 MiB.
        extend_max: For how many seconds a handler may run before its event may go to
            another consumer, 0 to a month; 3600.
        on_notice: As of `stream`; called in a thread of the consumer's own.
    """

    concurrency: int
    on_error: OnError
    include_body: bool
    max_outstanding_events: int | None
    max_outstanding_bytes: int | None
    extend_max: float
    on_notice: OnNotice | None


def opening_of(
    subscription: str,
    concurrency: int,
    max_outstanding_events: int | None,
    max_outstanding_bytes: int | None,
    include_body: bool,
) -> ConsumeOpen:
    """What opens a consumer's calls; the arguments are of `ConsumeOptions`.

    Raises:
        TypeError: One has a wrong type.
        ValueError: One is out of range.
    """
    if not isinstance(concurrency, int) or isinstance(concurrency, bool):
        found = type(concurrency).__name__
        raise TypeError(f"concurrency: expected a number, found {found}")
    if concurrency < 1:
        raise ValueError(f"concurrency: expected 1 or more, found {concurrency}")
    if max_outstanding_events is None:
        max_outstanding_events = min(_PER_HANDLER * concurrency, _OUTSTANDING_MAX)
    opening = ConsumeOpen(
        subscription, max_outstanding_events, max_outstanding_bytes, include_body
    )
    encode(opening)  # Says what is wrong now, and not in a thread of its own.
    return opening


def check_on_error(on_error: OnError) -> OnError:
    """Complains early of what is none.

    Raises:
        ValueError: It is none.
    """
    if not callable(on_error) or isinstance(on_error, NackAction):
        to_action(on_error)
    return on_error


class Consumer:
    """Handles a SHARED subscription's events for as long as `run` runs."""

    def __init__(
        self,
        state: ConsumeState,
        handler: Handler,
        on_error: OnError,
        concurrency: int,
        on_notice: OnNotice,
        responses: Callable[..., ByteStream],
        forget: Callable[[Consumer], object],
    ) -> None:
        self._state = state
        self._handler = handler
        self._on_error = on_error
        self._concurrency = concurrency
        self._on_notice = on_notice
        self._responses = responses(self._begin, on_notice, self._goes_on)
        self._forget = forget
        self._change = threading.Condition()
        self._requests: SimpleQueue[bytes | None] = SimpleQueue()
        self._stopping = False
        self._ended = False
        self._failure: BaseException | None = None

    def close(self) -> None:
        """Has `run` return once the handlers that run are done; from any thread."""
        with self._change:
            self._stopping = True
            self._change.notify_all()

    def __enter__(self) -> Consumer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def run(self) -> None:
        """Handles events until `close`; see `Client.consume`. Once.

        Raises:
            RuntimeError: It has run before.
            TypeError: The handler is a coroutine function, or a generator.
        """
        if self._ended:
            raise RuntimeError("this consumer has run before; make another one")
        reader = threading.Thread(target=self._read, name="tuco-events reader")
        keeper = threading.Thread(target=self._keep, name="tuco-events keeper")
        reader.daemon = keeper.daemon = True
        reader.start()
        keeper.start()
        try:
            self._work_all()
        finally:
            self._finish(reader)
            keeper.join()
            self._forget(self)
        if self._failure is not None:
            raise self._failure

    def _work_all(self) -> None:
        if self._concurrency == 1:
            self._work()
            return
        workers = [
            threading.Thread(target=self._work_aside, name=f"tuco-events worker {n}")
            for n in range(self._concurrency)
        ]
        for worker in workers:
            worker.daemon = True
            worker.start()
        try:
            with self._change:
                while not self._is_over():
                    self._change.wait(LOOK_EVERY_S)
        finally:
            self.close()
            for worker in workers:
                worker.join()

    def _work_aside(self) -> None:
        try:
            self._work()
        except BaseException as error:
            self._fail(error)

    def _work(self) -> None:
        while (delivery := self._take()) is not None:
            self._handle(delivery)

    def _take(self) -> EventDelivery | None:
        with self._change:
            while not self._is_over():
                delivery = self._state.take()
                if delivery is not None:
                    return delivery
                self._change.wait(LOOK_EVERY_S)
        return None

    def _handle(self, delivery: EventDelivery) -> None:
        nack: Nack | None = None
        try:
            try:
                returned = self._handler(delivery)
            except Exception as error:
                nack = verdict_on_error(delivery, error, self._on_error)
            else:
                _check_done(returned)
        except BaseException:
            with self._change:
                self._state.give_back(delivery)
            raise
        with self._change:
            if nack is None:
                self._requests.put(self._state.ack(delivery))
            else:
                self._requests.put(self._state.nack(delivery, nack))

    def _is_over(self) -> bool:
        return self._stopping or self._ended

    def _goes_on(self, _: StreamError | None) -> bool:
        with self._change:
            if not self._is_over():
                return True
            # What was said and not answered is said once more.
            return self._state.unanswered > 0

    # The reader's.

    def _begin(self, channel: Any, metadata: Metadata) -> Any:
        with self._change:
            # Whoever reads the old one is to end.
            self._requests.put(None)
            requests: SimpleQueue[bytes | None] = SimpleQueue()
            self._requests = requests
            for request in self._state.open():
                requests.put(request)
            if self._stopping:
                requests.put(None)
        method = channel.stream_stream(SERVICE + "Consume")
        return method(_written(requests), metadata=metadata)

    def _read(self) -> None:
        try:
            while (data := self._responses.read()) is not None:
                self._received(data)
        except WireError as error:
            self._fail(not_understood(error))
        except BaseException as error:
            self._fail(error)
        with self._change:
            self._ended = True
            self._change.notify_all()

    def _received(self, data: bytes) -> None:
        with self._change:
            for request in self._state.received(data):
                self._requests.put(request)
            notice = self._state.next_notice()
            self._change.notify_all()
        if notice is not None:
            self._on_notice(notice)

    def _fail(self, error: BaseException) -> None:
        with self._change:
            # What comes while it stops changes nothing any more.
            if self._failure is None and not (
                self._stopping and isinstance(error, StreamError)
            ):
                self._failure = error
            self._ended = True
            self._change.notify_all()

    # The keeper's.

    def _keep(self) -> None:
        with self._change:
            due = time.monotonic() + self._state.extend_every
            while not self._ended:
                left = due - time.monotonic()
                if left > 0:
                    # The first response may say that deadlines are shorter.
                    self._change.wait(min(left, LOOK_EVERY_S))
                    due = min(due, time.monotonic() + self._state.extend_every)
                    continue
                for request in self._state.extend():
                    self._requests.put(request)
                due = time.monotonic() + self._state.extend_every

    # The end.

    def _finish(self, reader: threading.Thread) -> None:
        """Says no more, and takes the last results."""
        with self._change:
            self._stopping = True
            self._requests.put(None)
            self._change.notify_all()
            waits = self._responses.is_open or self._state.unanswered
        if waits:
            reader.join(LAST_RESULTS_S)
        self._responses.close()
        reader.join()
        with self._change:
            self._ended = True
            self._change.notify_all()
            if self._state.unanswered:
                logger.warning(
                    "%d events were handled, and may come again", self._state.unanswered
                )


def _check_done(returned: object) -> None:
    """Coroutines and generators have done nothing yet, and must not count as done.

    Raises:
        TypeError: A handler has returned one, or something else to await.
    """
    kinds = (inspect.isawaitable, inspect.isgenerator, inspect.isasyncgen)
    if not any(is_one(returned) for is_one in kinds):
        return
    if isinstance(returned, (Coroutine, Generator)):
        returned.close()  # Or Python warns that nobody ran it.
    found = type(returned).__name__
    raise TypeError(
        f"handler: expected a function that is done when it returns, found one that "
        f"returns a {found}; AsyncClient takes coroutine functions"
    )


def _written(requests: SimpleQueue[bytes | None]) -> Iterator[bytes]:
    """What grpcio writes, in a thread of its own, until there is no more to say."""
    is_last = False
    while not is_last and (first := requests.get()) is not None:
        request, is_last = joined(first, requests.get_nowait, Empty)
        yield request
