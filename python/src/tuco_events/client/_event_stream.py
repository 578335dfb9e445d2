"""The synchronous stream of events."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Callable

from .._core import Event
from .._errors import StreamError
from .._table import EventTable
from ._calls import acknowledge
from ._channel import Server, from_rpc_error, import_grpc
from ._patience import Outage, Patience, ended_early
from ._read_state import ReadState
from ._requests import Position
from ._status import not_understood
from ._stream_state import Notice, StreamState, tell_log, with_position
from ._unary import UnaryCalls
from ._watchdog import Watchdog
from ._wire import WireError

OnNotice = Callable[[Notice], object]
Metadata = list[tuple[str, str]]


class ByteStream:
    """Responses of a streaming call as bytes, whatever the connection does.

    One thread at a time, except for `close`.
    """

    def __init__(
        self,
        server: Server,
        watchdog: Watchdog,
        patience: Patience,
        begin: Callable[[Any, Metadata], Any],
        on_notice: OnNotice,
        goes_on: Callable[[StreamError | None], bool],
    ) -> None:
        """Opens nothing yet.

        Args:
            server: Where the call goes.
            watchdog: Ends silences.
            patience: How long they may be.
            begin: Begins the call on a channel, wherever it is to go on now.
            on_notice: Told of each time that the call is begun again.
            goes_on: Whether a call that ended, with an error or without, is begun
                again; asked unless trying again would not mend it.
        """
        self._server = server
        self._watchdog = watchdog
        self._outage = Outage(patience)
        self._begin = begin
        self._on_notice = on_notice
        self._goes_on = goes_on
        self._grpc = import_grpc()
        self._channel: Any = None
        self._call: Any = None
        self._lock = threading.Lock()
        self._closed = threading.Event()

    @property
    def closed(self) -> bool:
        """Whether it was."""
        return self._closed.is_set()

    @property
    def is_open(self) -> bool:
        """Whether a call is under way."""
        return self._call is not None

    def close(self) -> None:
        """Ends it, also from another thread; whoever reads gets None."""
        self._closed.set()
        with self._lock:
            channel, self._call, self._channel = self._channel, None, None
        # A fork has the channel's object but not the channel.
        if channel is not None and not self._server.is_fork():
            channel.close()

    def read(self) -> bytes | None:
        """The next response; None at the end, or when closed.

        Raises:
            StreamError: Trying again does not mend it, or the server was away for
                too long.
        """
        self._server.check_process()
        while not self.closed:
            error: StreamError | None = None
            try:
                data = self._read_once()
                if data is not None:
                    return data
            except StreamError as failure:
                error = failure
            if self.closed or not self._goes_on(error):
                break
            self._drop(error or ended_early())
        return None

    def _read_once(self) -> bytes | None:
        call = self._open()
        if call is None:
            return None
        waited = self._outage.silence_max()
        with self._watchdog.guard(call.cancel) as guard:
            guard.arm(waited)
            try:
                data: bytes = next(call)
            except StopIteration:
                return None
            except self._grpc.RpcError as error:
                if guard.fired:
                    raise self._outage.silent(waited) from None
                raise from_rpc_error(error) from None
            finally:
                guard.disarm()
        self._outage.heard()
        return data

    def _open(self) -> Any:
        """The call that is open, or a new one; None when closed meanwhile."""
        with self._lock:
            if self._call is None and not self.closed:
                self._channel = self._server.open(self._grpc)
                self._call = self._begin(self._channel, self._server.metadata())
            return self._call

    def _drop(self, cause: StreamError) -> None:
        """Leaves the connection, tells of it, and waits."""
        with self._lock:
            channel, self._call, self._channel = self._channel, None, None
        if channel is not None:
            channel.close()
        notice = self._outage.drop(cause)
        self._on_notice(notice)
        self._closed.wait(notice.pause)


class EventStream(Iterator[Event]):
    """Events of a log in ascending order, none twice; iterate over it.

        with client.stream(start=position) as stream:
            for event in stream:
                handle(event)
                save(stream.position)

    While an event is handled nothing is read, and the server waits: it holds
    nothing in memory for a slow reader. The connection is opened again, behind what
    was given, however often it drops. One thread at a time, except for `close`.
    """

    def __init__(
        self,
        responses: ByteStream,
        state: StreamState,
        on_notice: OnNotice,
        calls: UnaryCalls,
        forget: Callable[[ByteStream], object],
    ) -> None:
        self._responses = responses
        self._state = state
        self._on_notice = on_notice
        self._calls = calls
        self._forget = forget

    def __iter__(self) -> EventStream:
        return self

    def __next__(self) -> Event:
        """The next event; waits for it.

        Raises:
            StopIteration: The end is reached, or the stream is closed.
            StreamError: Trying again does not mend it, or the server was away or
                silent for longer than `outage_max`. Its `position` says where to
                go on.
        """
        while True:
            event = None if self._responses.closed else self._state.next_event()
            if event is not None:
                return event
            notice = self._state.next_notice()
            if notice is not None:
                self._on_notice(notice)
            try:
                data = self._responses.read()
                if data is None:
                    self.close()
                    raise StopIteration
                self._state.received(data)
            except WireError as error:
                self.close()
                raise with_position(not_understood(error), self.position) from None
            except StreamError as error:
                self.close()
                raise with_position(error, self.position) from None

    @property
    def position(self) -> Position | None:
        """Where another stream would go on: behind what was given.

        Ask for it when the last event is handled. Where nothing matched the filter
        it may be far behind that event. None before the server has said anything.
        """
        return self._state.position

    def acknowledge(self) -> int:
        """Tells the server that everything given is handled, durably.

        For a stream of a CURSOR subscription.

        Returns:
            How far the subscription is acknowledged now.

        Raises:
            StreamError: As the server says.
            ValueError: It is a stream of no subscription.
        """
        return self._calls.make(acknowledge(*self._state.acknowledgement()))

    def close(self) -> None:
        """Ends the stream, from any thread; whoever waits for an event gets none."""
        self._responses.close()
        self._forget(self._responses)

    def __enter__(self) -> EventStream:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_responses"):
            self._responses.close()


def read_all(responses: ByteStream, state: ReadState, tell: OnNotice) -> EventTable:
    """Reads responses until the end or the limit.

    Raises:
        StreamError: As of ByteStream; with what was read before.
    """
    try:
        while not state.is_full and (data := responses.read()) is not None:
            notice = state.received(data)
            if notice is not None:
                tell(notice)
    except WireError as error:
        raise state.failed(not_understood(error)) from None
    except StreamError as error:
        raise state.failed(error) from None
    finally:
        responses.close()
    return state.take()


def teller(on_notice: OnNotice | None) -> OnNotice:
    """Who is told notices."""
    return tell_log if on_notice is None else on_notice
