"""The unary calls of EventService: from arguments to a request, and the way back.

Pure: `Client` and `AsyncClient` both make their calls of these.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Callable, Generic, TypeVar, Union

from .._core import Event
from .._errors import SignatureError
from .._types import Body
from . import _messages as m
from . import _rpc_messages as rpc
from ._requests import Filters, Seconds, Start, to_anchored, to_duration, to_filter
from ._status import not_understood
from ._wire import Message, WireError, decode, encode

T = TypeVar("T")
SERVICE = "/tuco.events.v1.EventService/"


@dataclass(frozen=True)
class Call(Generic[T]):
    """One call: what goes to which method, and what the answer means.

    Attributes:
        method: Its path.
        request: Bytes.
        parse: From the answer's bytes to what the user gets; raises StreamError.
    """

    method: str
    request: bytes
    parse: Callable[[bytes], T]


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list; an empty token says that it is the last one."""

    items: tuple[T, ...]
    token: str


A = TypeVar("A", bound=Message)


def _call(
    method: str, request: Message, of: type[A], meaning: Callable[[A], T]
) -> Call[T]:
    def parse(data: bytes) -> T:
        try:
            return meaning(decode(of, data))
        except WireError as error:
            raise not_understood(error) from None

    return Call(SERVICE + method, encode(request), parse)


def _there(value: T | None) -> T:
    """What the server always sets."""
    if value is None:
        raise WireError("an answer that lacks what was asked for")
    return value


# Verifying.


@dataclass(frozen=True)
class Delivery:
    """A delivery to verify: what arrived over HTTP.

    Attributes:
        body: Byte for byte.
        signature: The value of X-Tuco-Signature.
        event_header: That of X-Tuco-Event, to flag a difference from the body.
        timestamp_header: That of X-Tuco-Timestamp, likewise.
        endpoint: Whose secrets are tried; None stands for every endpoint's.
        explain: Whether a rejection also says what would have to be different.
    """

    body: Body
    signature: str
    event_header: str | None = None
    timestamp_header: str | None = None
    endpoint: str | None = None
    explain: bool = False

    def __repr__(self) -> str:
        """Nothing of what is in it, so that it may go into a log."""
        return f"<Delivery endpoint={self.endpoint!r}>"


def _verify_request(delivery: Delivery) -> rpc.VerifyAndParseRequest:
    try:
        body = bytes(memoryview(delivery.body))
    except TypeError:
        found = type(delivery.body).__name__
        raise TypeError(f"body: expected bytes-like, found {found}") from None
    return rpc.VerifyAndParseRequest(
        body,
        delivery.signature,
        delivery.event_header,
        delivery.timestamp_header,
        delivery.endpoint,
        delivery.explain,
    )


def _verified(answer: rpc.VerifyAndParseResponse) -> Event | m.Rejection:
    if answer.event is not None:
        return answer.event
    return _there(answer.rejection)


def _genuine(answer: rpc.VerifyAndParseResponse) -> Event:
    verified = _verified(answer)
    if isinstance(verified, m.Rejection):
        raise SignatureError(verified.reason, verified.findings)
    return verified


def verify_and_parse(delivery: Delivery) -> Call[Event]:
    """VerifyAndParse; a delivery that is not genuine raises SignatureError."""
    request = _verify_request(delivery)
    return _call("VerifyAndParse", request, rpc.VerifyAndParseResponse, _genuine)


def verify_and_parse_batch(
    deliveries: Iterable[Delivery],
) -> Call[list[Event | m.Rejection]]:
    """VerifyAndParseBatch."""
    requests = tuple(_verify_request(delivery) for delivery in deliveries)

    def results(answer: rpc.VerifyAndParseBatchResponse) -> list[Event | m.Rejection]:
        if len(answer.results) != len(requests):
            raise WireError("not as many results as deliveries")
        return [_verified(result) for result in answer.results]

    return _call(
        "VerifyAndParseBatch",
        rpc.VerifyAndParseBatchRequest(requests),
        rpc.VerifyAndParseBatchResponse,
        results,
    )


# Events and status.


def get_event(key: int | str, include_body: bool) -> Call[Event]:
    """GetEvent, by a sequence or an id."""
    if isinstance(key, bool) or not isinstance(key, (int, str)):
        found = type(key).__name__
        raise TypeError(f"expected a sequence or an event's id, found {found}")
    sequence = key if isinstance(key, int) else None
    event_id = key if isinstance(key, str) else None
    request = rpc.GetEventRequest(sequence, event_id, include_body)
    return _call("GetEvent", request, rpc.GetEventResponse, lambda a: _there(a.event))


def list_events(
    start: Start | None, filters: Filters, page_size: int | None, include_body: bool
) -> rpc.ListEventsRequest:
    """The first page's request; `page_of_events` asks for it and for others."""
    where = {} if start is None else to_anchored(start)
    anchor = where.pop("anchor", None)
    if anchor == m.Anchor.LATEST:
        raise ValueError(
            "start: expected a place with events behind it, found 'latest'"
        )
    return rpc.ListEventsRequest(
        page_size=page_size,
        filter=to_filter(filters),
        include_body=include_body,
        **where,
    )


def page_of_events(request: rpc.ListEventsRequest, token: str) -> Call[Page[Event]]:
    """ListEvents."""
    return _call(
        "ListEvents",
        replace(request, page_token=token),
        rpc.ListEventsResponse,
        lambda answer: Page(answer.events, answer.next_page_token),
    )


def get_status() -> Call[m.ServerStatus]:
    """GetStatus."""
    return _call(
        "GetStatus", rpc.Empty(), rpc.GetStatusResponse, lambda a: _there(a.status)
    )


# Subscriptions.

SubscriptionModeName = Union[m.SubscriptionMode, str]
OrderingKeyName = Union[m.OrderingKey, str, None]
E = TypeVar("E", m.SubscriptionMode, m.OrderingKey)


def _named(name: str, value: object, of: type[E]) -> E:
    """An enum's value, which may be given by its name in lower case."""
    if isinstance(value, of):
        return value
    for member in of:
        if member and value == member.name.lower():
            return member
    names = ", ".join(member.name.lower() for member in of if member)
    raise ValueError(f"{name}: expected one of {names}, found {value!r}")


@dataclass(frozen=True)
class Settings:
    """What can be set of a subscription; None is the server's default."""

    ack_deadline: Seconds | None = None
    max_deliveries: int | None = None
    backoff_min: Seconds | None = None
    backoff_max: Seconds | None = None
    expires_after: Seconds | None = None

    def fields(self) -> dict[str, Any]:
        """As fields of a Subscription."""
        found: dict[str, Any] = {"max_deliveries": self.max_deliveries}
        for name in ("ack_deadline", "backoff_min", "backoff_max", "expires_after"):
            found[name] = to_duration(name, getattr(self, name))
        return found


def _subscription_call(method: str, request: Message) -> Call[m.Subscription]:
    return _call(
        method, request, rpc.SubscriptionResponse, lambda a: _there(a.subscription)
    )


def create_subscription(
    name: str,
    mode: SubscriptionModeName,
    start: Start | None,
    ordering_key: OrderingKeyName,
    settings: Settings,
    filters: Filters,
) -> Call[m.Subscription]:
    """CreateSubscription."""
    key = m.OrderingKey.UNSPECIFIED
    if ordering_key is not None:
        key = _named("ordering_key", ordering_key, m.OrderingKey)
    subscription = m.Subscription(
        name=name,
        mode=_named("mode", mode, m.SubscriptionMode),
        filter=to_filter(filters),
        ordering_key=key,
        **settings.fields(),
    )
    where = {} if start is None else to_anchored(start)
    request = rpc.CreateSubscriptionRequest(subscription, **where)
    return _subscription_call("CreateSubscription", request)


_CHANGEABLE = frozenset(Settings.__dataclass_fields__) | {"filter"}


def update_subscription(name: str, changes: dict[str, Any]) -> Call[m.Subscription]:
    """UpdateSubscription; None in `changes` makes a setting the default."""
    unknown = sorted(changes.keys() - _CHANGEABLE)
    if unknown:
        raise TypeError(f"{unknown[0]} cannot be changed")
    new_filter = changes.get("filter")
    if new_filter is not None and not isinstance(new_filter, m.EventFilter):
        found = type(new_filter).__name__
        raise TypeError(f"filter: expected EventFilter, found {found}")
    settings = Settings(**{k: v for k, v in changes.items() if k != "filter"})
    request = rpc.UpdateSubscriptionRequest(
        m.Subscription(name=name, filter=new_filter, **settings.fields()),
        rpc.FieldMask(tuple(sorted(changes))),
    )
    return _subscription_call("UpdateSubscription", request)


def get_subscription(name: str) -> Call[m.Subscription]:
    """GetSubscription."""
    return _subscription_call("GetSubscription", rpc.SubscriptionName(name))


def page_of_subscriptions(
    page_size: int | None, token: str
) -> Call[Page[m.Subscription]]:
    """ListSubscriptions."""
    return _call(
        "ListSubscriptions",
        rpc.ListSubscriptionsRequest(page_size, token),
        rpc.ListSubscriptionsResponse,
        lambda answer: Page(answer.subscriptions, answer.next_page_token),
    )


def delete_subscription(name: str) -> Call[None]:
    """DeleteSubscription."""
    request = rpc.SubscriptionName(name)
    return _call("DeleteSubscription", request, rpc.Empty, lambda _: None)


def seek_subscription(name: str, start: Start) -> Call[m.Subscription]:
    """SeekSubscription."""
    request = rpc.SeekSubscriptionRequest(name, **to_anchored(start))
    return _subscription_call("SeekSubscription", request)


def acknowledge(subscription: str, through_sequence: int) -> Call[int]:
    """Acknowledge."""
    return _call(
        "Acknowledge",
        rpc.AcknowledgeRequest(subscription, through_sequence),
        rpc.AcknowledgeResponse,
        lambda answer: answer.acknowledged_through,
    )


def page_of_parked(
    request: rpc.ListParkedRequest, token: str
) -> Call[Page[m.ParkedEvent]]:
    """ListParked."""
    return _call(
        "ListParked",
        replace(request, page_token=token),
        rpc.ListParkedResponse,
        lambda answer: Page(answer.events, answer.next_page_token),
    )


def replay_parked(
    subscription: str, sequences: Iterable[int] | None
) -> Call[m.ReplayParkedResponse]:
    """ReplayParked; None stands for everything."""
    request = rpc.ReplayParkedRequest(
        subscription, tuple(sequences or ()), all=sequences is None
    )
    return _call("ReplayParked", request, m.ReplayParkedResponse, lambda a: a)


# The quarantine.


def page_of_quarantine(
    page_size: int | None, quarantine_filter: m.QuarantineFilter | None, token: str
) -> Call[Page[m.QuarantinedDelivery]]:
    """ListQuarantine."""
    return _call(
        "ListQuarantine",
        rpc.ListQuarantineRequest(page_size, token, quarantine_filter),
        rpc.ListQuarantineResponse,
        lambda answer: Page(answer.deliveries, answer.next_page_token),
    )


def get_quarantined(delivery: str, explain: bool) -> Call[m.GetQuarantinedResponse]:
    """GetQuarantined."""
    request = rpc.GetQuarantinedRequest(delivery, explain)
    return _call("GetQuarantined", request, m.GetQuarantinedResponse, lambda a: a)


def _change(method: str, request: Message) -> Call[tuple[m.QuarantineResult, ...]]:
    return _call(method, request, rpc.QuarantineResults, lambda a: a.results)


def release_quarantined(ids: Iterable[str]) -> Call[tuple[m.QuarantineResult, ...]]:
    """ReleaseQuarantined."""
    return _change("ReleaseQuarantined", rpc.QuarantineIds(tuple(ids)))


def hold_quarantined(
    ids: Iterable[str], undo: bool
) -> Call[tuple[m.QuarantineResult, ...]]:
    """HoldQuarantined."""
    return _change("HoldQuarantined", rpc.HoldQuarantinedRequest(tuple(ids), undo))


def purge_quarantine(ids: Iterable[str]) -> Call[tuple[m.QuarantineResult, ...]]:
    """PurgeQuarantine."""
    return _change("PurgeQuarantine", rpc.QuarantineIds(tuple(ids)))
