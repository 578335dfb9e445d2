"""Requests and responses of tuco.events.v1, which users do not see.

proto/tuco/events/v1 explains every field.
"""

# ruff: noqa: RUF009 - proto() declares a field; the schema explains requests.

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from .._core import Event
from ._messages import (
    EVENT,
    Anchor,
    CaughtUp,
    EventDelivery,
    EventFilter,
    FellBehind,
    Gap,
    Heartbeat,
    NackAction,
    ParkedEvent,
    QuarantinedDelivery,
    QuarantineFilter,
    QuarantineResult,
    Rejection,
    ServerStatus,
    Subscription,
    VerdictOutcome,
)
from ._wire import (
    BOOL,
    BYTES,
    DURATION,
    STRING,
    TIMESTAMP,
    UINT,
    Message,
    enum,
    proto,
    submessage,
)


@dataclass(frozen=True)
class VerifyAndParseRequest(Message):
    body: bytes = proto(1, BYTES)
    signature: str = proto(2, STRING)
    event_header: str | None = proto(3, STRING, explicit=True)
    timestamp_header: str | None = proto(4, STRING, explicit=True)
    endpoint: str | None = proto(5, STRING, explicit=True)
    explain: bool = proto(6, BOOL)


@dataclass(frozen=True)
class VerifyAndParseResponse(Message):
    event: Event | None = proto(1, EVENT)
    rejection: Rejection | None = proto(2, submessage(Rejection))


@dataclass(frozen=True)
class VerifyAndParseBatchRequest(Message):
    deliveries: tuple[VerifyAndParseRequest, ...] = proto(
        1, submessage(VerifyAndParseRequest), many=True
    )


@dataclass(frozen=True)
class VerifyAndParseBatchResponse(Message):
    results: tuple[VerifyAndParseResponse, ...] = proto(
        1, submessage(VerifyAndParseResponse), many=True
    )


@dataclass(frozen=True)
class StreamEventsRequest(Message):
    after_sequence: int | None = proto(1, UINT, explicit=True)
    anchor: Anchor | None = proto(2, enum(Anchor), explicit=True)
    from_time: datetime | None = proto(3, TIMESTAMP)
    filter: EventFilter | None = proto(4, submessage(EventFilter))
    include_body: bool = proto(5, BOOL)
    stop_at_end: bool = proto(6, BOOL)
    max_batch_events: int | None = proto(7, UINT, explicit=True)
    max_batch_bytes: int | None = proto(8, UINT, explicit=True)
    max_batch_delay: timedelta | None = proto(9, DURATION)
    epoch: int | None = proto(10, UINT, explicit=True)
    subscription: str | None = proto(11, STRING, explicit=True)


@dataclass(frozen=True)
class StreamEventsResponse(Message):
    events: tuple[Event, ...] = proto(1, EVENT, many=True)
    scanned_through: int = proto(2, UINT)
    caught_up: CaughtUp | None = proto(3, submessage(CaughtUp))
    gap: Gap | None = proto(4, submessage(Gap))
    heartbeat: Heartbeat | None = proto(5, submessage(Heartbeat))
    fell_behind: FellBehind | None = proto(6, submessage(FellBehind))


@dataclass(frozen=True)
class CreateSubscriptionRequest(Message):
    subscription: Subscription | None = proto(1, submessage(Subscription))
    after_sequence: int | None = proto(2, UINT, explicit=True)
    anchor: Anchor | None = proto(3, enum(Anchor), explicit=True)
    from_time: datetime | None = proto(4, TIMESTAMP)


@dataclass(frozen=True)
class FieldMask(Message):
    paths: tuple[str, ...] = proto(1, STRING, many=True)


@dataclass(frozen=True)
class UpdateSubscriptionRequest(Message):
    subscription: Subscription | None = proto(1, submessage(Subscription))
    update_mask: FieldMask | None = proto(2, submessage(FieldMask))


@dataclass(frozen=True)
class SubscriptionResponse(Message):
    """What creating, changing, getting and moving one are answered with."""

    subscription: Subscription | None = proto(1, submessage(Subscription))


@dataclass(frozen=True)
class SubscriptionName(Message):
    """GetSubscriptionRequest and DeleteSubscriptionRequest."""

    name: str = proto(1, STRING)


@dataclass(frozen=True)
class Empty(Message):
    """DeleteSubscriptionResponse and GetStatusRequest."""


@dataclass(frozen=True)
class ListSubscriptionsRequest(Message):
    page_size: int | None = proto(1, UINT, explicit=True)
    page_token: str = proto(2, STRING)


@dataclass(frozen=True)
class ListSubscriptionsResponse(Message):
    subscriptions: tuple[Subscription, ...] = proto(
        1, submessage(Subscription), many=True
    )
    next_page_token: str = proto(2, STRING)


@dataclass(frozen=True)
class SeekSubscriptionRequest(Message):
    name: str = proto(1, STRING)
    after_sequence: int | None = proto(2, UINT, explicit=True)
    anchor: Anchor | None = proto(3, enum(Anchor), explicit=True)
    from_time: datetime | None = proto(4, TIMESTAMP)


@dataclass(frozen=True)
class ListParkedRequest(Message):
    subscription: str = proto(1, STRING)
    page_size: int | None = proto(2, UINT, explicit=True)
    page_token: str = proto(3, STRING)
    include_body: bool = proto(4, BOOL)


@dataclass(frozen=True)
class ListParkedResponse(Message):
    events: tuple[ParkedEvent, ...] = proto(1, submessage(ParkedEvent), many=True)
    next_page_token: str = proto(2, STRING)


@dataclass(frozen=True)
class ReplayParkedRequest(Message):
    subscription: str = proto(1, STRING)
    sequences: tuple[int, ...] = proto(2, UINT, many=True)
    all: bool = proto(3, BOOL)


@dataclass(frozen=True)
class AcknowledgeRequest(Message):
    subscription: str = proto(1, STRING)
    through_sequence: int = proto(2, UINT)


@dataclass(frozen=True)
class AcknowledgeResponse(Message):
    acknowledged_through: int = proto(1, UINT)


@dataclass(frozen=True)
class ConsumeOpen(Message):
    subscription: str = proto(1, STRING)
    max_outstanding_events: int | None = proto(2, UINT, explicit=True)
    max_outstanding_bytes: int | None = proto(3, UINT, explicit=True)
    include_body: bool = proto(4, BOOL)


@dataclass(frozen=True)
class Ack(Message):
    pass


@dataclass(frozen=True)
class NackVerdict(Message):
    """The message Nack; that name is the exception's."""

    action: NackAction = proto(1, enum(NackAction))
    retry_after: timedelta | None = proto(2, DURATION)


@dataclass(frozen=True)
class Extend(Message):
    deadline: timedelta | None = proto(1, DURATION)


@dataclass(frozen=True)
class Verdict(Message):
    sequence: int = proto(1, UINT)
    ack: Ack | None = proto(2, submessage(Ack))
    nack: NackVerdict | None = proto(3, submessage(NackVerdict))
    extend: Extend | None = proto(4, submessage(Extend))


@dataclass(frozen=True)
class ConsumeRequest(Message):
    open: ConsumeOpen | None = proto(1, submessage(ConsumeOpen))
    verdicts: tuple[Verdict, ...] = proto(2, submessage(Verdict), many=True)


@dataclass(frozen=True)
class VerdictResult(Message):
    sequence: int = proto(1, UINT)
    outcome: VerdictOutcome = proto(2, enum(VerdictOutcome))


@dataclass(frozen=True)
class ConsumeOpened(Message):
    subscription: Subscription | None = proto(1, submessage(Subscription))


@dataclass(frozen=True)
class ConsumeResponse(Message):
    deliveries: tuple[EventDelivery, ...] = proto(
        1, submessage(EventDelivery), many=True
    )
    results: tuple[VerdictResult, ...] = proto(2, submessage(VerdictResult), many=True)
    opened: ConsumeOpened | None = proto(3, submessage(ConsumeOpened))
    gap: Gap | None = proto(4, submessage(Gap))
    heartbeat: Heartbeat | None = proto(5, submessage(Heartbeat))


@dataclass(frozen=True)
class ListQuarantineRequest(Message):
    page_size: int | None = proto(1, UINT, explicit=True)
    page_token: str = proto(2, STRING)
    filter: QuarantineFilter | None = proto(3, submessage(QuarantineFilter))


@dataclass(frozen=True)
class ListQuarantineResponse(Message):
    deliveries: tuple[QuarantinedDelivery, ...] = proto(
        1, submessage(QuarantinedDelivery), many=True
    )
    next_page_token: str = proto(2, STRING)


@dataclass(frozen=True)
class GetQuarantinedRequest(Message):
    id: str = proto(1, STRING)
    explain: bool = proto(2, BOOL)


@dataclass(frozen=True)
class QuarantineIds(Message):
    """ReleaseQuarantinedRequest and PurgeQuarantineRequest."""

    ids: tuple[str, ...] = proto(1, STRING, many=True)


@dataclass(frozen=True)
class HoldQuarantinedRequest(Message):
    ids: tuple[str, ...] = proto(1, STRING, many=True)
    undo: bool = proto(2, BOOL)


@dataclass(frozen=True)
class QuarantineResults(Message):
    """What the three calls that change the quarantine are answered with."""

    results: tuple[QuarantineResult, ...] = proto(
        1, submessage(QuarantineResult), many=True
    )


@dataclass(frozen=True)
class GetEventRequest(Message):
    sequence: int | None = proto(1, UINT, explicit=True)
    event_id: str | None = proto(2, STRING, explicit=True)
    include_body: bool = proto(3, BOOL)


@dataclass(frozen=True)
class GetEventResponse(Message):
    event: Event | None = proto(1, EVENT)


@dataclass(frozen=True)
class ListEventsRequest(Message):
    page_size: int | None = proto(1, UINT, explicit=True)
    page_token: str = proto(2, STRING)
    filter: EventFilter | None = proto(3, submessage(EventFilter))
    include_body: bool = proto(4, BOOL)
    after_sequence: int | None = proto(5, UINT, explicit=True)
    from_time: datetime | None = proto(6, TIMESTAMP)


@dataclass(frozen=True)
class ListEventsResponse(Message):
    events: tuple[Event, ...] = proto(1, EVENT, many=True)
    next_page_token: str = proto(2, STRING)


@dataclass(frozen=True)
class GetStatusResponse(Message):
    status: ServerStatus | None = proto(1, submessage(ServerStatus))
