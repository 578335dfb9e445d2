"""The synchronous client."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Callable, Literal

from .._errors import StreamError
from .._table import EventTable
from . import _calls
from . import _messages as m
from ._channel import Server, import_grpc, is_closed
from ._consume_state import ConsumeState, OnError
from ._consumer import ConsumeOptions, Consumer, check_on_error, opening_of
from ._credentials import StrPath
from ._event_stream import ByteStream, EventStream, Metadata, OnNotice, read_all, teller
from ._patience import Patience
from ._read_state import ReadState
from ._requests import Filters, Seconds, Start, stream_request
from ._rpcs import Rpcs
from ._stream_state import StreamState
from ._unary import UnaryCalls
from ._watchdog import Watchdog

if TYPE_CHECKING:
    from typing_extensions import Unpack

DEFAULT_ADDRESS = "127.0.0.1:50051"


class Client(Rpcs):
    """Speaks to a tuco-events server; a context manager.

        with tuco_events.Client("127.0.0.1:50051") as client:
            for event in client.stream(start="earliest"):
                print(event.sequence, event.type.name)

    It needs grpcio: `pip install "tuco-events[client]"`. Nothing is connected to
    before it is needed. All methods may be called from any number of threads; a
    client belongs to the process that made it. Whatever the server or the
    connection does is a StreamError that says what to do.
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
        """Checks its arguments and connects to nothing yet.

        Args:
            address: `host:port`, `[v6]:port` or `unix:PATH`.
            tls: Whether the connection is encrypted. None: where `ca` is given.
            ca: The file of the authorities that the server's certificate is of.
                With `tls=True` and without it: public ones.
            cert: The file of the client's certificate, for a server that wants one.
            key: The file of its key.
            token: Shown with each call.
            token_file: The file of a token, read again when it changes. Certificates
                are read for each new connection.
            timeout: Seconds that a call may take that is no stream; from 0.001 to a
                month.
            patience: How long a server may be away or silent; `Patience` has what
                counts without it.

        Raises:
            ImportError: grpcio is not installed.
            TypeError: An argument has a wrong type.
            ValueError: The address is none, a file cannot be read, a token would go to
                another machine unencrypted, or the timeout is none.
        """
        import_grpc()
        self._server = Server.of(
            address,
            tls=tls, ca=ca, cert=cert, key=key, token=token, token_file=token_file,
        )  # fmt: skip
        self._patience = patience or Patience()
        super().__init__(UnaryCalls(self._server, timeout))
        self._watchdog = Watchdog()
        self._lock = threading.Lock()
        self._open: set[Any] = set()
        self._closed = False

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends everything that is open, from any thread.

        Streams end as if there were no more events; `consume` returns once the
        events that are being handled are.
        """
        with self._lock:
            self._closed = True
            left, self._open = self._open, set()
        for each in left:
            each.close()
        self._calls.close()

    # Reading.

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
    ) -> EventStream:
        """Follows the log from a position on, first from disk and then live.

        Args:
            start: "latest" (as without it: only what comes from now on), "earliest",
                the sequence of the first event, the time from which on events were
                recorded, or a Position that was kept.
            subscription: The CURSOR subscription that keeps the position, instead
                of `start` and filters; see `EventStream.acknowledge`.
            include_body: Whether events have `body` and `signature`.
            stop_at_end: Whether to end once everything was given that the log held
                at the beginning, instead of waiting for new events.
            on_notice: Called, by whoever iterates, with what is said besides events:
                a Gap, CaughtUp, FellBehind, Heartbeat or Reconnecting. Without it
                a Gap is a warning of the logger "tuco_events".
            max_batch_events: How many come at once, 1 to 4096; 256 without it.
            max_batch_bytes: How many bytes, 1 to 3 MiB; 1 MiB without it.
            max_batch_delay: How long a live event waits for others to come with it,
                0 to 1 s; 0 without it.
            **filters: Which events are wanted; see Filters.

        Returns:
            An iterator of events, and a context manager. Nothing is asked for
            before the first event is.

        Raises:
            TypeError: An argument has a wrong type.
            ValueError: An argument has no meaning.
        """
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
        stream = EventStream(responses, state, tell, self._calls, self._forget)
        self._remember(responses)
        return stream

    def read(
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
        """Reads events into a table: all that the log holds now, or a part of it.

        Args:
            start: As of `stream`.
            until: "now": what the log held at the beginning. None, with a limit:
                what comes yet is waited for.
            limit: How many events are read at most.
            include_body: Whether the table has the columns `body` and `signature`,
                where `columns` does not say.
            columns: The names of the columns that it has; None stands for all.
            on_notice: As of `stream`.
            **filters: Which events are wanted; see Filters.

        Raises:
            StreamError: As of iterating over a stream. Its `table` has what was
                read before, and `position` says where to go on.
        """
        state = ReadState(start, until, limit, include_body, columns, filters)
        tell = teller(on_notice)
        responses = self._events(state, tell)
        self._remember(responses)
        try:
            return read_all(responses, state, tell)
        finally:
            self._forget(responses)

    def consumer(
        self,
        subscription: str,
        handler: Callable[[m.EventDelivery], object],
        *,
        concurrency: int = 1,
        on_error: OnError = "retry",
        include_body: bool = False,
        max_outstanding_events: int | None = None,
        max_outstanding_bytes: int | None = None,
        extend_max: float = 3600.0,
        on_notice: OnNotice | None = None,
    ) -> Consumer:
        """A consumer of a SHARED subscription, which works when it is `run`.

        For those who stop it by `close` while the client goes on. The arguments are
        those of `consume`.

        Raises:
            TypeError: An argument has a wrong type.
            ValueError: An argument has a value that it cannot have.
        """
        opening = opening_of(
            subscription,
            concurrency,
            max_outstanding_events,
            max_outstanding_bytes,
            include_body,
        )
        consumer = Consumer(
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

    def consume(
        self,
        subscription: str,
        handler: Callable[[m.EventDelivery], object],
        **options: Unpack[ConsumeOptions],
    ) -> None:
        """Works through a SHARED subscription, together with other consumers.

            def handle(delivery):
                crm.update(delivery.event.contact.phone)

            client.consume("crm", handle)

        An event is acknowledged when its handler returns. When it raises, the event
        is delivered again after the subscription's backoff, or what `on_error` says,
        or the `Nack` that was raised. While handlers run, their events' deadlines
        are extended. An event may come again: `sequence` and `idempotency_key`
        tell.

        Returns when the client is closed: handlers that run are waited for, and
        what was not begun goes to other consumers at once. So it does on
        KeyboardInterrupt, which passes through.

        Args:
            subscription: Its name.
            handler: Called with each EventDelivery, in this thread; with a
                `concurrency` above 1 in threads of the consumer's own.
            **options: See ConsumeOptions.

        Raises:
            StreamError: Trying again does not mend it, or the server was away or
                silent for longer than `outage_max`.
            TypeError: An argument has a wrong type; or the handler is a coroutine
                function, which AsyncClient takes. Its event counts as not handled.
            ValueError: As of `consumer`.
        """
        self.consumer(subscription, handler, **options).run()

    # What is open.

    def _events(self, state: StreamState | ReadState, tell: OnNotice) -> ByteStream:
        def begin(channel: Any, metadata: Metadata) -> Any:
            method = channel.unary_stream(_calls.SERVICE + "StreamEvents")
            return method(state.request(), metadata=metadata)

        return self._responses(begin, tell, state.goes_on)

    def _responses(
        self,
        begin: Callable[[Any, Metadata], Any],
        tell: OnNotice,
        goes_on: Callable[[StreamError | None], bool],
    ) -> ByteStream:
        return ByteStream(
            self._server, self._watchdog, self._patience, begin, tell, goes_on
        )

    def _remember(self, opened: Any) -> None:
        with self._lock:
            if self._closed:
                raise is_closed()
            self._open.add(opened)

    def _forget(self, opened: Any) -> None:
        with self._lock:
            self._open.discard(opened)
