"""The asynchronous client."""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Callable, Literal

from .._table import EventTable
from . import _calls
from ._async_consumer import AsyncConsumer, AsyncHandler
from ._async_rpcs import AsyncRpcs
from ._async_stream import AsyncByteStream, AsyncEventStream, read_all_async
from ._async_unary import AsyncUnaryCalls
from ._channel import Server, import_grpc, is_closed
from ._client import DEFAULT_ADDRESS
from ._consume_state import ConsumeState, OnError
from ._consumer import ConsumeOptions, check_on_error, opening_of
from ._credentials import StrPath
from ._event_stream import Metadata, OnNotice, teller
from ._patience import Patience
from ._read_state import ReadState
from ._requests import Filters, Seconds, Start, stream_request
from ._stream_state import StreamState

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .._errors import StreamError


class AsyncClient(AsyncRpcs):
    """Client for asyncio: the same methods, to be awaited.

        async with tuco_events.AsyncClient("127.0.0.1:50051") as client:
            async for event in client.stream(start="earliest"):
                print(event.sequence, event.type.name)

    A client belongs to one event loop. Cancelling whoever waits is always right:
    nothing is lost by it, and a stream goes on where it was.
    """

    def __init__(
        self,
        address: str = DEFAULT_ADDRESS,
        *,
        tls: bool | None = None,
        ca: StrPath | None = None,
        cert: StrPath | None = None,
        key: StrPath | None = None,
        token: str | None = None,
        token_file: StrPath | None = None,
        timeout: float = 30.0,
        patience: Patience | None = None,
    ) -> None:
        """As of Client."""
        import_grpc()
        self._server = Server.of(
            address,
            tls=tls, ca=ca, cert=cert, key=key, token=token, token_file=token_file,
        )  # fmt: skip
        self._patience = patience or Patience()
        super().__init__(AsyncUnaryCalls(self._server, timeout))
        self._open: set[Any] = set()
        self._closed = False

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends everything that is open; as of Client."""
        self._closed = True
        left, self._open = self._open, set()
        for each in left:
            await each.close()
        await self._calls.close()

    def stream(
        self,
        start: Start | None = None,
        *,
        subscription: str | None = None,
        include_body: bool = False,
        stop_at_end: bool = False,
        on_notice: OnNotice | None = None,
        max_batch_events: int | None = None,
        max_batch_bytes: int | None = None,
        max_batch_delay: Seconds | None = None,
        **filters: Unpack[Filters],
    ) -> AsyncEventStream:
        """Follows the log from a position on; the arguments are those of Client."""
        request = stream_request(
            start,
            subscription,
            filters,
            include_body=include_body,
            stop_at_end=stop_at_end,
            max_batch_events=max_batch_events,
            max_batch_bytes=max_batch_bytes,
            max_batch_delay=max_batch_delay,
        )
        state = StreamState(request)
        tell = teller(on_notice)
        responses = self._events(state, tell)
        stream = AsyncEventStream(responses, state, tell, self._calls, self._forget)
        self._remember(responses)
        return stream

    async def read(
        self,
        start: Start = "earliest",
        *,
        until: Literal["now"] | None = "now",
        limit: int | None = None,
        include_body: bool = False,
        columns: Iterable[str] | None = None,
        on_notice: OnNotice | None = None,
        **filters: Unpack[Filters],
    ) -> EventTable:
        """Reads events into a table; as of Client."""
        state = ReadState(start, until, limit, include_body, columns, filters)
        tell = teller(on_notice)
        responses = self._events(state, tell)
        self._remember(responses)
        try:
            return await read_all_async(responses, state, tell)
        finally:
            self._forget(responses)

    def consumer(
        self,
        subscription: str,
        handler: AsyncHandler,
        *,
        concurrency: int = 1,
        on_error: OnError = "retry",
        include_body: bool = False,
        max_outstanding_events: int | None = None,
        max_outstanding_bytes: int | None = None,
        extend_max: float = 3600.0,
        on_notice: OnNotice | None = None,
    ) -> AsyncConsumer:
        """A consumer of a SHARED subscription, which works when it is `run`."""
        opening = opening_of(
            subscription,
            concurrency,
            max_outstanding_events,
            max_outstanding_bytes,
            include_body,
        )
        consumer = AsyncConsumer(
            ConsumeState(opening, extend_max),
            handler,
            check_on_error(on_error),
            concurrency,
            teller(on_notice),
            self._responses,
            self._forget,
        )
        self._remember(consumer)
        return consumer

    async def consume(
        self,
        subscription: str,
        handler: AsyncHandler,
        **options: Unpack[ConsumeOptions],
    ) -> None:
        """Works through a SHARED subscription; as of Client.

        `handler` is a coroutine function. When this is cancelled, so are the
        handlers that run; what they had, and what was not begun, goes to other
        consumers at once. A handler that returns nothing to await is a TypeError, and
        its event counts as not handled.
        """
        await self.consumer(subscription, handler, **options).run()

    def _events(
        self, state: StreamState | ReadState, tell: OnNotice
    ) -> AsyncByteStream:
        def begin(channel: Any, metadata: Metadata) -> Any:
            method = channel.unary_stream(_calls.SERVICE + "StreamEvents")
            return method(state.request(), metadata=metadata)

        return self._responses(begin, tell, state.goes_on)

    def _responses(
        self,
        begin: Callable[[Any, Metadata], Any],
        tell: OnNotice,
        goes_on: Callable[[StreamError | None], bool],
    ) -> AsyncByteStream:
        return AsyncByteStream(self._server, self._patience, begin, tell, goes_on)

    def _remember(self, opened: Any) -> None:
        if self._closed:
            raise is_closed()
        self._open.add(opened)

    def _forget(self, opened: Any) -> None:
        self._open.discard(opened)
