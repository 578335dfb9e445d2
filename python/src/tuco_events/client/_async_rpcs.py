"""The asynchronous calls of EventService that are no streams."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import TYPE_CHECKING, Any, Literal

from .._core import Event
from .._types import Body
from . import _calls
from . import _messages as m
from . import _rpc_messages as rpc
from ._async_unary import AsyncUnaryCalls
from ._requests import Filters, Seconds, Start

if TYPE_CHECKING:
    from typing_extensions import Unpack


class AsyncRpcs:
    """What Rpcs is, to be awaited; the base of AsyncClient.

    Each raises StreamError when the call does not succeed, TypeError for an argument
    of a wrong type, and ValueError for one without a meaning.
    """

    def __init__(self, calls: AsyncUnaryCalls) -> None:
        self._calls = calls

    # Single events and the server.

    async def get_event(self, key: int | str, *, include_body: bool = False) -> Event:
        """One event, by its sequence or its id."""
        return await self._calls.make(_calls.get_event(key, include_body))

    def list_events(
        self,
        start: Start | None = None,
        *,
        page_size: int | None = None,
        include_body: bool = False,
        **filters: Unpack[Filters],
    ) -> AsyncIterator[Event]:
        """Events up to the newest, page by page as they are needed."""
        request = _calls.list_events(start, filters, page_size, include_body)
        return self._calls.pages(lambda token: _calls.page_of_events(request, token))

    async def get_status(self) -> m.ServerStatus:
        """How the server is."""
        return await self._calls.make(_calls.get_status())

    # Verifying.

    async def verify_and_parse(
        self,
        body: Body,
        signature: str,
        *,
        event_header: str | None = None,
        timestamp_header: str | None = None,
        endpoint: str | None = None,
        explain: bool = False,
    ) -> Event:
        """Verifies a delivery with the server's secrets. Stores nothing."""
        delivery = _calls.Delivery(
            body, signature, event_header, timestamp_header, endpoint, explain
        )
        return await self._calls.make(_calls.verify_and_parse(delivery))

    async def verify_and_parse_batch(
        self, deliveries: Iterable[_calls.Delivery]
    ) -> list[Event | m.Rejection]:
        """As `verify_and_parse` for up to 1024 deliveries of 4 MiB together."""
        return await self._calls.make(_calls.verify_and_parse_batch(deliveries))

    # Subscriptions.

    async def create_subscription(
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
        """Begins a subscription: a named place in the log that the server keeps."""
        settings = _calls.Settings(
            ack_deadline, max_deliveries, backoff_min, backoff_max, expires_after
        )
        return await self._calls.make(
            _calls.create_subscription(
                name, mode, start, ordering_key, settings, filters
            )
        )

    async def update_subscription(self, name: str, **changes: Any) -> m.Subscription:
        """Changes settings of a subscription; None makes one the default."""
        return await self._calls.make(_calls.update_subscription(name, changes))

    async def get_subscription(self, name: str) -> m.Subscription:
        """A subscription, and in `progress` how far it has got."""
        return await self._calls.make(_calls.get_subscription(name))

    def list_subscriptions(
        self, *, page_size: int | None = None
    ) -> AsyncIterator[m.Subscription]:
        """All subscriptions, in the order of their names."""
        return self._calls.pages(
            lambda token: _calls.page_of_subscriptions(page_size, token)
        )

    async def delete_subscription(self, name: str) -> None:
        """Ends a subscription, with all that it has parked."""
        await self._calls.make(_calls.delete_subscription(name))

    async def seek_subscription(self, name: str, start: Start) -> m.Subscription:
        """Moves a subscription, forwards or back; what it has parked stays."""
        return await self._calls.make(_calls.seek_subscription(name, start))

    async def acknowledge(self, subscription: str, through_sequence: int) -> int:
        """Moves a CURSOR subscription: everything up to a sequence is done with."""
        return await self._calls.make(
            _calls.acknowledge(subscription, through_sequence)
        )

    def list_parked(
        self,
        subscription: str,
        *,
        page_size: int | None = None,
        include_body: bool = False,
    ) -> AsyncIterator[m.ParkedEvent]:
        """What a SHARED subscription has put aside."""
        request = rpc.ListParkedRequest(
            subscription, page_size, include_body=include_body
        )
        return self._calls.pages(lambda token: _calls.page_of_parked(request, token))

    async def replay_parked(
        self, subscription: str, sequences: Iterable[int] | None = None
    ) -> m.ReplayParkedResponse:
        """Delivers parked events again; None stands for all of them."""
        return await self._calls.make(_calls.replay_parked(subscription, sequences))

    # The quarantine.

    def list_quarantine(
        self,
        *,
        filter: m.QuarantineFilter | None = None,  # noqa: A002 - the schema's.
        page_size: int | None = None,
    ) -> AsyncIterator[m.QuarantinedDelivery]:
        """Deliveries that were not taken in, without headers and bodies."""
        return self._calls.pages(
            lambda token: _calls.page_of_quarantine(page_size, filter, token)
        )

    async def get_quarantined(
        self,
        id: str,  # noqa: A002 - the schema's.
        *,
        explain: bool = False,
    ) -> m.GetQuarantinedResponse:
        """One of them, with headers and body."""
        return await self._calls.make(_calls.get_quarantined(id, explain))

    async def release_quarantined(
        self, ids: Iterable[str]
    ) -> tuple[m.QuarantineResult, ...]:
        """Takes in those that are genuine now; what became of each."""
        return await self._calls.make(_calls.release_quarantined(ids))

    async def hold_quarantined(
        self, ids: Iterable[str], *, undo: bool = False
    ) -> tuple[m.QuarantineResult, ...]:
        """Keeps them from being released by themselves, or no longer does."""
        return await self._calls.make(_calls.hold_quarantined(ids, undo))

    async def purge_quarantine(
        self, ids: Iterable[str]
    ) -> tuple[m.QuarantineResult, ...]:
        """Throws their bodies away."""
        return await self._calls.make(_calls.purge_quarantine(ids))
