"""The synchronous calls of EventService that are no streams."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Literal

from .._core import Event
from .._types import Body
from . import _calls
from . import _messages as m
from . import _rpc_messages as rpc
from ._requests import Filters, Seconds, Start
from ._unary import UnaryCalls

if TYPE_CHECKING:
    from typing_extensions import Unpack


class Rpcs:
    """One method for each call, with the schema's name; the base of Client.

    Each raises StreamError when the call does not succeed, TypeError for an argument
    of a wrong type, and ValueError for one without a meaning.
    """

    def __init__(self, calls: UnaryCalls) -> None:
        self._calls = calls

    # Single events and the server.

    def get_event(self, key: int | str, *, include_body: bool = False) -> Event:
        """One event, by its sequence or its id.

        Raises:
            StreamError: There is none (NOT_FOUND), or not any more (OUT_OF_RANGE).
        """
        return self._calls.make(_calls.get_event(key, include_body))

    def list_events(
        self,
        start: Start | None = None,
        *,
        page_size: int | None = None,
        include_body: bool = False,
        **filters: Unpack[Filters],
    ) -> Iterator[Event]:
        """Events up to the newest, page by page as they are needed.

        For a part of the log; `read` and `stream` are for all of it.

        Args:
            start: As of `stream`; without it the oldest event.
            page_size: Events asked for at once, 1 to 1000; 100 without it.
            include_body: Whether events have `body` and `signature`.
            **filters: Which events are wanted; see Filters.
        """
        request = _calls.list_events(start, filters, page_size, include_body)
        return self._calls.pages(lambda token: _calls.page_of_events(request, token))

    def get_status(self) -> m.ServerStatus:
        """How the server is."""
        return self._calls.make(_calls.get_status())

    # Verifying.

    def verify_and_parse(
        self,
        body: Body,
        signature: str,
        *,
        event_header: str | None = None,
        timestamp_header: str | None = None,
        endpoint: str | None = None,
        explain: bool = False,
    ) -> Event:
        """Verifies a delivery with the server's secrets. Stores nothing.

        Args:
            body: What arrived, byte for byte.
            signature: The value of X-Tuco-Signature.
            event_header: That of X-Tuco-Event, to flag a difference from the body.
            timestamp_header: That of X-Tuco-Timestamp, likewise.
            endpoint: Whose secrets are tried; None stands for every endpoint's.
            explain: Whether an error's `findings` say what would have to be
                different.

        Raises:
            SignatureError: The delivery is not genuine; `reason` says why.
            StreamError: The call did not succeed.
        """
        delivery = _calls.Delivery(
            body, signature, event_header, timestamp_header, endpoint, explain
        )
        return self._calls.make(_calls.verify_and_parse(delivery))

    def verify_and_parse_batch(
        self, deliveries: Iterable[_calls.Delivery]
    ) -> list[Event | m.Rejection]:
        """As `verify_and_parse` for up to 1024 deliveries of 4 MiB together.

        Returns:
            For each of them, in order, its event, or why it is not genuine.
        """
        return self._calls.make(_calls.verify_and_parse_batch(deliveries))

    # Subscriptions.

    def create_subscription(
        self,
        name: str,
        mode: m.SubscriptionMode | Literal["cursor", "shared"],
        *,
        start: Start | None = None,
        ordering_key: m.OrderingKey | Literal["lead", "phone"] | None = None,
        ack_deadline: Seconds | None = None,
        max_deliveries: int | None = None,
        backoff_min: Seconds | None = None,
        backoff_max: Seconds | None = None,
        expires_after: Seconds | None = None,
        **filters: Unpack[Filters],
    ) -> m.Subscription:
        """Begins a subscription: a named place in the log that the server keeps.

        Args:
            name: 1 to 100 of a-z, 0-9, `-`, `_` and `.`.
            mode: "cursor" for one reader in the order of the log (`stream`),
                "shared" for consumers that share the work (`consume`).
            start: As of `stream`.
            ordering_key: Shared: events of one lead or phone go one at a time.
            ack_deadline: Shared: how long a consumer may take, 1 to 600 s; 30.
            max_deliveries: Shared: after how many an event is parked; 20.
            backoff_min: Shared: how long an event waits after its first failure; 1.
            backoff_max: Shared: how long it waits at most; 3600.
            expires_after: Deleted when nobody used it for so long; never.
            **filters: Which events it has; see Filters.

        Raises:
            StreamError: There is one of that name (ALREADY_EXISTS), or a setting is
                out of its range.
        """
        settings = _calls.Settings(
            ack_deadline, max_deliveries, backoff_min, backoff_max, expires_after
        )
        return self._calls.make(
            _calls.create_subscription(
                name, mode, start, ordering_key, settings, filters
            )
        )

    def update_subscription(self, name: str, **changes: Any) -> m.Subscription:
        """Changes settings of a subscription; None makes one the default.

        Args:
            name: Its name.
            **changes: `filter` (an EventFilter), `ack_deadline`, `max_deliveries`,
                `backoff_min`, `backoff_max`, `expires_after`.
        """
        return self._calls.make(_calls.update_subscription(name, changes))

    def get_subscription(self, name: str) -> m.Subscription:
        """A subscription, and in `progress` how far it has got."""
        return self._calls.make(_calls.get_subscription(name))

    def list_subscriptions(
        self, *, page_size: int | None = None
    ) -> Iterator[m.Subscription]:
        """All subscriptions, in the order of their names."""
        return self._calls.pages(
            lambda token: _calls.page_of_subscriptions(page_size, token)
        )

    def delete_subscription(self, name: str) -> None:
        """Ends a subscription, with all that it has parked."""
        self._calls.make(_calls.delete_subscription(name))

    def seek_subscription(self, name: str, start: Start) -> m.Subscription:
        """Moves a subscription, forwards or back; what it has parked stays."""
        return self._calls.make(_calls.seek_subscription(name, start))

    def acknowledge(self, subscription: str, through_sequence: int) -> int:
        """Moves a CURSOR subscription: everything up to a sequence is done with.

        Returns:
            How far it is acknowledged now.
        """
        return self._calls.make(_calls.acknowledge(subscription, through_sequence))

    def list_parked(
        self,
        subscription: str,
        *,
        page_size: int | None = None,
        include_body: bool = False,
    ) -> Iterator[m.ParkedEvent]:
        """What a SHARED subscription has put aside."""
        request = rpc.ListParkedRequest(
            subscription, page_size, include_body=include_body
        )
        return self._calls.pages(lambda token: _calls.page_of_parked(request, token))

    def replay_parked(
        self, subscription: str, sequences: Iterable[int] | None = None
    ) -> m.ReplayParkedResponse:
        """Delivers parked events again; None stands for all of them."""
        return self._calls.make(_calls.replay_parked(subscription, sequences))

    # The quarantine.

    def list_quarantine(
        self,
        *,
        filter: m.QuarantineFilter | None = None,  # noqa: A002 - the schema's.
        page_size: int | None = None,
    ) -> Iterator[m.QuarantinedDelivery]:
        """Deliveries that were not taken in, without headers and bodies."""
        return self._calls.pages(
            lambda token: _calls.page_of_quarantine(page_size, filter, token)
        )

    def get_quarantined(
        self,
        id: str,  # noqa: A002 - the schema's.
        *,
        explain: bool = False,
    ) -> m.GetQuarantinedResponse:
        """One of them, with headers and body."""
        return self._calls.make(_calls.get_quarantined(id, explain))

    def release_quarantined(self, ids: Iterable[str]) -> tuple[m.QuarantineResult, ...]:
        """Takes in those that are genuine now; what became of each."""
        return self._calls.make(_calls.release_quarantined(ids))

    def hold_quarantined(
        self, ids: Iterable[str], *, undo: bool = False
    ) -> tuple[m.QuarantineResult, ...]:
        """Keeps them from being released by themselves, or no longer does."""
        return self._calls.make(_calls.hold_quarantined(ids, undo))

    def purge_quarantine(self, ids: Iterable[str]) -> tuple[m.QuarantineResult, ...]:
        """Throws their bodies away."""
        return self._calls.make(_calls.purge_quarantine(ids))
