"""Where a stream is: what to ask for now, and what has been given. Pure.

One thread at a time.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import Union

from .._core import Event
from .._errors import StreamError
from ._messages import CaughtUp, FellBehind, Gap, Heartbeat
from ._patience import Reconnecting, logger
from ._requests import Position
from ._rpc_messages import StreamEventsRequest, StreamEventsResponse
from ._wire import decode, encode

Notice = Union[Gap, CaughtUp, FellBehind, Heartbeat, Reconnecting]


class StreamState:
    """What `EventStream` and `AsyncEventStream` have in common.

    An event counts as given once it is taken from here. Whoever has taken all that
    was received, and opens the stream again with `request`, gets what follows.
    """

    def __init__(self, request: StreamEventsRequest) -> None:
        self._request = request
        self._ready: deque[Event] = deque()
        self._notice: Notice | None = None
        # Of the response that events are given of, and of the last event given.
        self._scanned = 0
        self._given: Position | None = None

    def goes_on(self, error: StreamError | None) -> bool:
        """Whether the stream is opened again after it ended."""
        return error is not None or not self._request.stop_at_end

    @property
    def position(self) -> Position | None:
        """Behind what was given; None before anything was."""
        return self._given

    def acknowledgement(self) -> tuple[str, int]:
        """The stream's subscription, and through where it was given.

        Raises:
            ValueError: It is a stream of no subscription.
        """
        if self._request.subscription is None:
            raise ValueError("only a subscription's stream can be acknowledged")
        through = 0 if self._given is None else self._given.after_sequence
        return self._request.subscription, through

    def request(self) -> bytes:
        """What opens the stream where it is now, all of what was received given."""
        request = self._request
        # The server keeps the place of a subscription.
        if self._given is not None and request.subscription is None:
            request = replace(
                request,
                anchor=None,
                from_time=None,
                after_sequence=self._given.after_sequence,
                epoch=self._given.epoch or request.epoch,
            )
        return encode(request)

    def received(self, data: bytes) -> None:
        """Takes a response, when everything of the one before was given.

        Raises:
            WireError: It is none.
        """
        response = decode(StreamEventsResponse, data)
        before = 0 if self._given is None else self._given.after_sequence
        for event in response.events:
            # A subscription's events that were not acknowledged come again when it
            # is opened again.
            if event.sequence > before:
                self._ready.append(event)
                before = event.sequence
        self._notice = notice_of(response)
        self._scanned = response.scanned_through
        self._passed_by()

    def next_event(self) -> Event | None:
        """Gives the next event that was received, if there is one."""
        if not self._ready:
            return None
        event = self._ready.popleft()
        self._given = Position.after(event)
        self._passed_by()
        return event

    def next_notice(self) -> Notice | None:
        """What the response said besides, once its events were given."""
        notice, self._notice = self._notice, None
        return notice

    def _passed_by(self) -> None:
        """Behind a response's last event is where all of it was looked at."""
        if self._ready:
            return
        given = self._given or Position(0)
        if self._scanned > given.after_sequence:
            self._given = replace(given, after_sequence=self._scanned)
        elif self._given is None:
            self._given = given


def notice_of(response: StreamEventsResponse) -> Notice | None:
    """What a response says besides its events."""
    return (
        response.caught_up or response.gap or response.heartbeat or response.fell_behind
    )


def tell_log(notice: Notice) -> None:
    """What becomes of notices that nobody asked for: a gap is never silent."""
    if isinstance(notice, Gap):
        logger.warning(
            "events %d to %d are missing: %s",
            notice.from_sequence,
            notice.to_sequence,
            notice.reason.name,
        )


def with_position(error: StreamError, position: Position | None) -> StreamError:
    """The error, saying where to go on."""
    error.position = position
    return error
