"""The asynchronous consumer of a SHARED subscription: `Consumer`, with tasks."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable
from types import TracebackType
from typing import Any, Callable

from .._errors import StreamError
from ._async_stream import AsyncByteStream
from ._calls import SERVICE
from ._consume_state import ConsumeState, Nack, OnError, joined, verdict_on_error
from ._consumer import LAST_RESULTS_S, LOOK_EVERY_S
from ._event_stream import Metadata, OnNotice
from ._messages import EventDelivery
from ._patience import logger
from ._status import not_understood
from ._wire import WireError

AsyncHandler = Callable[[EventDelivery], Awaitable[object]]


class AsyncConsumer:
    """Handles a SHARED subscription's events for as long as `run` runs."""

    def __init__(
        self,
        state: ConsumeState,
        handler: AsyncHandler,
        on_error: OnError,
        concurrency: int,
        on_notice: OnNotice,
        responses: Callable[..., AsyncByteStream],
        forget: Callable[[AsyncConsumer], object],
    ) -> None:
        self._state = state
        self._handler = handler
        self._on_error = on_error
        self._concurrency = concurrency
        self._on_notice = on_notice
        self._responses = responses(self._begin, on_notice, self._goes_on)
        self._forget = forget
        self._requests: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._writing: asyncio.Task[None] | None = None
        self._waiting: set[asyncio.Future[None]] = set()
        self._stopping = False
        self._ended = False
        self._failure: BaseException | None = None

    async def close(self) -> None:
        """Has `run` return once the handlers that run are done."""
        self._stopping = True
        self._changed()

    async def __aenter__(self) -> AsyncConsumer:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def run(self) -> None:
        """Handles events until `close`; see `AsyncClient.consume`. Once.

        Raises:
            RuntimeError: It has run before.
            TypeError: The handler is no coroutine function.
        """
        if self._ended:
            raise RuntimeError("this consumer has run before; make another one")
        reader = asyncio.ensure_future(self._read())
        keeper = asyncio.ensure_future(self._keep())
        workers = [
            asyncio.ensure_future(self._work()) for _ in range(self._concurrency)
        ]
        try:
            done, _ = await asyncio.wait(workers, return_when=asyncio.FIRST_EXCEPTION)
            for worker in done:
                worker.result()
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            await self._finish(reader)
            keeper.cancel()
            self._forget(self)
        if self._failure is not None:
            raise self._failure

    async def _work(self) -> None:
        while (delivery := await self._take()) is not None:
            await self._handle(delivery)

    async def _take(self) -> EventDelivery | None:
        while not self._is_over():
            delivery = self._state.take()
            if delivery is not None:
                return delivery
            await self._change()
        return None

    async def _handle(self, delivery: EventDelivery) -> None:
        nack: Nack | None = None
        try:
            try:
                returned: object = self._handler(delivery)
                if inspect.isawaitable(returned):
                    await returned
            except Exception as error:
                nack = verdict_on_error(delivery, error, self._on_error)
            else:
                if not inspect.isawaitable(returned):
                    found = type(returned).__name__
                    raise TypeError(
                        "handler: expected a coroutine function, found one that "
                        f"returns a {found}; Client takes functions"
                    )
        except BaseException:
            self._state.give_back(delivery)
            raise
        if nack is None:
            self._requests.put_nowait(self._state.ack(delivery))
        else:
            self._requests.put_nowait(self._state.nack(delivery, nack))

    def _is_over(self) -> bool:
        return self._stopping or self._ended

    def _goes_on(self, _: StreamError | None) -> bool:
        if not self._is_over():
            return True
        # What was said and not answered is said once more.
        return self._state.unanswered > 0

    # Waiting for something to change. Everything is in one thread, so what was
    # looked at has not changed before the wait begins.

    async def _change(self) -> None:
        waiting = asyncio.get_running_loop().create_future()
        self._waiting.add(waiting)
        try:
            await waiting
        finally:
            self._waiting.discard(waiting)

    def _changed(self) -> None:
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)

    # Reading and writing.

    def _begin(self, channel: Any, metadata: Metadata) -> Any:
        requests: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._requests = requests
        for request in self._state.open():
            requests.put_nowait(request)
        if self._stopping:
            requests.put_nowait(None)
        call = channel.stream_stream(SERVICE + "Consume")(metadata=metadata)
        if self._writing is not None:
            self._writing.cancel()
        self._writing = asyncio.ensure_future(_write_all(call, requests))
        return call

    async def _read(self) -> None:
        try:
            while (data := await self._responses.read()) is not None:
                self._received(data)
        except WireError as error:
            self._fail(not_understood(error))
        except Exception as error:
            self._fail(error)
        finally:
            self._ended = True
            self._changed()

    def _received(self, data: bytes) -> None:
        for request in self._state.received(data):
            self._requests.put_nowait(request)
        self._changed()
        notice = self._state.next_notice()
        if notice is not None:
            self._on_notice(notice)

    def _fail(self, error: Exception) -> None:
        # What comes while it stops changes nothing any more.
        if not (self._stopping and isinstance(error, StreamError)):
            self._failure = error

    async def _keep(self) -> None:
        due = time.monotonic() + self._state.extend_every
        while True:
            # The first response may say that deadlines are shorter.
            await asyncio.sleep(min(LOOK_EVERY_S, max(due - time.monotonic(), 0)))
            due = min(due, time.monotonic() + self._state.extend_every)
            if time.monotonic() >= due:
                for request in self._state.extend():
                    self._requests.put_nowait(request)
                due = time.monotonic() + self._state.extend_every

    async def _finish(self, reader: asyncio.Task[None]) -> None:
        """Says no more, and takes the last results."""
        self._stopping = True
        self._requests.put_nowait(None)
        try:
            if self._responses.is_open or self._state.unanswered:
                await asyncio.wait({reader}, timeout=LAST_RESULTS_S)
        finally:
            await self._responses.close()
            await asyncio.wait({reader})
            if self._writing is not None:
                self._writing.cancel()
        if self._state.unanswered:
            logger.warning(
                "%d events were handled, and may come again", self._state.unanswered
            )


async def _write_all(call: Any, requests: asyncio.Queue[bytes | None]) -> None:
    """Writes until there is no more to say; whoever reads sees how it ended."""
    try:
        is_last = False
        while not is_last and (first := await requests.get()) is not None:
            request, is_last = joined(first, requests.get_nowait, asyncio.QueueEmpty)
            await call.write(request)
        await call.done_writing()
    except Exception:
        pass
