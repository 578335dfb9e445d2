"""Where a read of many events into a table is. Pure.

Responses go to C++ as they come, and not through Python objects: that is what makes
`read` fast. One thread at a time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from .._core import ResponseReader, event_of
from .._errors import StreamError
from .._table import EventTable
from ._requests import Filters, Position, Start, stream_request
from ._rpc_messages import StreamEventsResponse
from ._stream_state import Notice, notice_of
from ._wire import WireError, decode, encode, parts

# Fewer and larger responses: nobody waits for the first event.
_BATCH_EVENTS = 4096
_BATCH_BYTES = 3 << 20
# What the server sends only if it is asked to.
_OF_BODIES = {"body", "signature"}
# StreamEventsResponse.events.
_EVENTS = 1


class ReadState:
    """What `Client.read` and `AsyncClient.read` have in common."""

    def __init__(
        self,
        start: Start,
        until: str | None,
        limit: int | None,
        include_body: bool,
        columns: Iterable[str] | None,
        filters: Filters,
    ) -> None:
        """Checks the arguments.

        Raises:
            TypeError: One has a wrong type.
            ValueError: One has no meaning, or nothing would end the read.
        """
        if columns is not None and not isinstance(columns, str):
            columns = list(columns)
            include_body = not _OF_BODIES.isdisjoint(columns)
        if until not in ("now", None):
            raise ValueError(f"until: expected 'now' or None, found {until!r}")
        if until is None and limit is None:
            raise ValueError("expected a limit where there is no end")
        if limit is not None and limit < 1:
            raise ValueError(f"limit: expected 1 or more, found {limit}")
        self._limit = limit
        self._request = stream_request(
            start,
            None,
            filters,
            include_body=include_body,
            stop_at_end=until == "now",
            max_batch_events=min(_BATCH_EVENTS, limit or _BATCH_EVENTS),
            max_batch_bytes=_BATCH_BYTES,
        )
        self._rows = ResponseReader(include_body, columns)
        self._last = b""
        self._heard = False

    @property
    def is_full(self) -> bool:
        """Whether there are as many events as are wanted."""
        return self._limit is not None and len(self._rows) >= self._limit

    @property
    def position(self) -> Position | None:
        """Behind what was read; None before anything was."""
        if not self._heard:
            return None
        self._remember_epoch()
        return Position(self._rows.scanned_through, self._request.epoch)

    def goes_on(self, error: StreamError | None) -> bool:
        """Whether the stream is opened again after it ended."""
        return error is not None or not self._request.stop_at_end

    def request(self) -> bytes:
        """What opens the stream where it is now."""
        if self._heard:
            self._remember_epoch()
            self._request = replace(
                self._request,
                anchor=None,
                from_time=None,
                after_sequence=self._rows.scanned_through,
            )
        return encode(self._request)

    def received(self, data: bytes) -> Notice | None:
        """Takes a response; what it says besides its events.

        Raises:
            WireError: It is none. What came before it stays.
        """
        try:
            self._rows.add(data)
        except ValueError as error:
            raise WireError(str(error)) from None
        self._heard = True
        if data.startswith(b"\x0a"):  # With events, beside which no gap is told.
            self._last = data
            return None
        return notice_of(decode(StreamEventsResponse, data))

    def failed(self, error: StreamError) -> StreamError:
        """The error, with what was read before it and where to go on."""
        error.position = self.position
        error.table = self.take()
        return error

    def take(self) -> EventTable:
        """What was read, up to the limit."""
        table = EventTable._of(self._rows.take())
        return table if self._limit is None else table[: self._limit]

    def _remember_epoch(self) -> None:
        """That of the last event, which C++ does not say."""
        events = [value for number, _, value in parts(self._last) if number == _EVENTS]
        self._last = b""
        if events:
            epoch = event_of(events[-1]).epoch
            self._request = replace(self._request, epoch=epoch or None)
