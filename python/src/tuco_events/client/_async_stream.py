"""The asynchronous stream of events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Callable

from .._core import Event
from .._errors import StreamError
from .._table import EventTable
from ._async_unary import AsyncUnaryCalls
from ._calls import acknowledge
from ._channel import Server, from_rpc_error, import_grpc
from ._event_stream import Metadata, OnNotice
from ._patience import Outage, Patience, ended_early
from ._read_state import ReadState
from ._requests import Position
from ._status import not_understood
from ._stream_state import StreamState, with_position
from ._wire import WireError


class AsyncByteStream:
    """Responses of a streaming call as bytes, whatever the connection does.

    One task at a time, except for `close`. A read that is cancelled leaves the
    call; the next one begins it again.
    """

    def __init__(
        self,
        server: Server,
        patience: Patience,
        begin: Callable[[Any, Metadata], Any],
        on_notice: OnNotice,
        goes_on: Callable[[StreamError | None], bool],
    ) -> None:
        """As of ByteStream."""
        self._server = server
        self._outage = Outage(patience)
        self._begin = begin
        self._on_notice = on_notice
        self._goes_on = goes_on
        self._grpc = import_grpc()
        self._channel: Any = None
        self._call: Any = None
        self._pause: asyncio.Task[None] | None = None
        self.closed = False

    @property
    def is_open(self) -> bool:
        """Whether a call is under way."""
        return self._call is not None

    async def close(self) -> None:
        """Ends it; whoever reads gets None."""
        self.closed = True
        if self._pause is not None:
            self._pause.cancel()
        await self._leave()

    async def read(self) -> bytes | None:
        """The next response; None at the end, or when closed.

        Raises:
            StreamError: Trying again does not mend it, or the server was away for
                too long.
        """
        self._server.check_process()
        while not self.closed:
            error: StreamError | None = None
            try:
                data = await self._read_once()
                if data is not None:
                    return data
            except StreamError as failure:
                error = failure
            if self.closed or not self._goes_on(error):
                break
            await self._drop(error or ended_early())
        return None

    async def _read_once(self) -> bytes | None:
        if self._call is None:
            self._channel = self._server.open(self._grpc.aio)
            self._call = self._begin(self._channel, self._server.metadata())
        waited = self._outage.silence_max()
        # A task of its own: when the call is cancelled its read ends as if the task
        # that reads had been.
        reading = asyncio.ensure_future(self._call.read())
        try:
            await asyncio.wait({reading}, timeout=waited)
        except asyncio.CancelledError:
            reading.add_done_callback(_look_at)
            await self._leave()
            raise
        if not reading.done():
            reading.add_done_callback(_look_at)
            raise self._outage.silent(waited)
        data = self._result(reading)
        if data is not None:
            self._outage.heard()
        return data

    def _result(self, reading: asyncio.Future[Any]) -> bytes | None:
        if reading.cancelled():
            return None
        error = reading.exception()
        if isinstance(error, self._grpc.RpcError):
            raise from_rpc_error(error)
        if error is not None:
            # As of a channel that was closed meanwhile.
            raise StreamError(*ended_early().args[:2]) from error
        data = reading.result()
        return None if data is self._grpc.aio.EOF else bytes(data)

    async def _drop(self, cause: StreamError) -> None:
        """Leaves the connection, tells of it, and waits."""
        await self._leave()
        notice = self._outage.drop(cause)
        self._on_notice(notice)
        self._pause = asyncio.ensure_future(asyncio.sleep(notice.pause))
        try:
            await asyncio.wait({self._pause})
        finally:
            self._pause.cancel()
            self._pause = None

    async def _leave(self) -> None:
        channel, self._call, self._channel = self._channel, None, None
        # A fork has the channel's object but not the channel.
        if channel is not None and not self._server.is_fork():
            await channel.close()


def _look_at(done: asyncio.Future[Any]) -> None:
    """Nobody waits for it any more, so nobody need be told how it ended."""
    if not done.cancelled():
        done.exception()


class AsyncEventStream(AsyncIterator[Event]):
    """Events of a log in ascending order, none twice; iterate over it.

        async with client.stream(start=position) as stream:
            async for event in stream:
                await handle(event)
                await save(stream.position)

    While an event is handled nothing is read, and the server waits. The connection
    is opened again, behind what was given, however often it drops; after a
    cancellation too, when somebody goes on iterating. One task at a time, except
    for `close`.
    """

    def __init__(
        self,
        responses: AsyncByteStream,
        state: StreamState,
        on_notice: OnNotice,
        calls: AsyncUnaryCalls,
        forget: Callable[[AsyncByteStream], object],
    ) -> None:
        self._responses = responses
        self._state = state
        self._on_notice = on_notice
        self._calls = calls
        self._forget = forget

    def __aiter__(self) -> AsyncEventStream:
        return self

    async def __anext__(self) -> Event:
        """The next event; waits for it.

        Raises:
            StopAsyncIteration: The end is reached, or the stream is closed.
            StreamError: As of EventStream.
        """
        while True:
            event = None if self._responses.closed else self._state.next_event()
            if event is not None:
                return event
            notice = self._state.next_notice()
            if notice is not None:
                self._on_notice(notice)
            try:
                data = await self._responses.read()
                if data is None:
                    await self.close()
                    raise StopAsyncIteration
                self._state.received(data)
            except WireError as error:
                await self.close()
                raise with_position(not_understood(error), self.position) from None
            except StreamError as error:
                await self.close()
                raise with_position(error, self.position) from None

    @property
    def position(self) -> Position | None:
        """Where another stream would go on; as of EventStream."""
        return self._state.position

    async def acknowledge(self) -> int:
        """Tells the server that everything given is handled; as of EventStream."""
        subscription, through = self._state.acknowledgement()
        return await self._calls.make(acknowledge(subscription, through))

    async def close(self) -> None:
        """Ends the stream; whoever waits for an event gets none."""
        await self._responses.close()
        self._forget(self._responses)

    async def __aenter__(self) -> AsyncEventStream:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


async def read_all_async(
    responses: AsyncByteStream, state: ReadState, tell: OnNotice
) -> EventTable:
    """Reads responses until the end or the limit; as of `read_all`."""
    try:
        while not state.is_full and (data := await responses.read()) is not None:
            notice = state.received(data)
            if notice is not None:
                tell(notice)
    except WireError as error:
        raise state.failed(not_understood(error)) from None
    except StreamError as error:
        raise state.failed(error) from None
    finally:
        await responses.close()
    return state.take()
