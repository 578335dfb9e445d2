"""The messages of tuco.events.v1, as values with the schema's names.

proto/tuco/events/v1 explains every field; here stands what a Python user needs
beyond that. All are immutable and comparable. Requests are private to the client;
what it gives and takes is exported by tuco_events.client.
"""

# ruff: noqa: RUF009 - proto() declares a field; the schema explains requests.

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from .._core import Certainty, Event, EventType, FindingKind, Flag, Reason, event_of
from ._wire import (
    BOOL,
    BYTES,
    DOUBLE,
    DURATION,
    INT32,
    STRING,
    TIMESTAMP,
    UINT,
    Kind,
    Message,
    enum,
    proto,
    submessage,
)


def _never_written(_: object) -> bytes:
    raise TypeError


# Decoded in C++, and never sent.
EVENT = Kind("Event", 2, None, _never_written, event_of)


class Anchor(IntEnum):
    """A place in the log that needs no number."""

    UNSPECIFIED = 0
    EARLIEST = 1
    LATEST = 2


class TestFilter(IntEnum):
    """Whether test deliveries are wanted."""

    __test__ = False  # Or pytest takes it for tests.

    UNSPECIFIED = 0
    INCLUDE = 1
    EXCLUDE = 2
    ONLY = 3


class GapReason(IntEnum):
    """Why there are no events: the log LOST them, or retention REMOVED them."""

    UNSPECIFIED = 0
    LOST = 1
    REMOVED = 2


class SubscriptionMode(IntEnum):
    """How a subscription is read."""

    UNSPECIFIED = 0
    CURSOR = 1
    SHARED = 2


class OrderingKey(IntEnum):
    """Events that must not be worked on at the same time."""

    UNSPECIFIED = 0
    LEAD = 1
    PHONE = 2


class ParkReason(IntEnum):
    """Why an event was parked."""

    UNSPECIFIED = 0
    MAX_DELIVERIES = 1
    CONSUMER = 2


class NackAction(IntEnum):
    """What becomes of an event that a consumer did not get done."""

    UNSPECIFIED = 0
    RETRY = 1
    PARK = 2
    SKIP = 3


class VerdictOutcome(IntEnum):
    """What became of a verdict."""

    UNSPECIFIED = 0
    APPLIED = 1
    SETTLED = 2
    HANDED_ON = 3
    NOT_DELIVERED = 4


class IntakeState(IntEnum):
    """Whether events are taken in."""

    UNSPECIFIED = 0
    READING_LOG = 1
    TAKING = 2
    SPOOLING = 3
    REFUSING = 4
    FAILED = 5


class SecretState(IntEnum):
    """Whether a secret counts."""

    UNSPECIFIED = 0
    ACTIVE = 1
    REVOKED = 2


class DriftKind(IntEnum):
    """What Tuco sends and the server does not know."""

    UNSPECIFIED = 0
    UNKNOWN_EVENT = 1
    UNKNOWN_FIELD = 2
    WRONG_TYPE = 3
    NO_OBJECT = 4


class QuarantineState(IntEnum):
    """Where a quarantined delivery stands."""

    UNSPECIFIED = 0
    HELD = 1
    RELEASED = 2
    DUPLICATE = 3
    PURGED = 4


@dataclass(frozen=True)
class EventFilter(Message):
    """Which events are wanted: those that match every field that is set."""

    types: tuple[EventType, ...] = proto(1, enum(EventType), many=True)
    type_names: tuple[str, ...] = proto(2, STRING, many=True)
    workspaces: tuple[str, ...] = proto(3, STRING, many=True)
    lines: tuple[str, ...] = proto(4, STRING, many=True)
    campaigns: tuple[str, ...] = proto(5, STRING, many=True)
    message_id: str | None = proto(6, STRING, explicit=True)
    lead_id: str | None = proto(7, STRING, explicit=True)
    phone: str | None = proto(8, STRING, explicit=True)
    test: TestFilter = proto(9, enum(TestFilter))
    flags: tuple[Flag, ...] = proto(10, enum(Flag), many=True)
    endpoints: tuple[str, ...] = proto(11, STRING, many=True)
    without_flags: tuple[Flag, ...] = proto(12, enum(Flag), many=True)

    def __repr__(self) -> str:
        """Which fields are set, without values, so that it may go into a log."""
        told = [f"{name}=…" for name in vars(self) if getattr(self, name)]
        return f"<EventFilter {' '.join(told)}>"


@dataclass(frozen=True)
class CaughtUp(Message):
    """The stream is live from here on."""

    head_sequence: int = proto(1, UINT)


@dataclass(frozen=True)
class FellBehind(Message):
    """The stream reads from disk again: events come faster than they are taken."""

    head_sequence: int = proto(1, UINT)


@dataclass(frozen=True)
class Heartbeat(Message):
    """There was nothing to send for five seconds."""

    head_sequence: int = proto(1, UINT)
    scanned_through: int = proto(2, UINT)
    lag_events: int = proto(3, UINT)
    lag_seconds: float = proto(4, DOUBLE)


@dataclass(frozen=True)
class Gap(Message):
    """Sequences that the stream has passed and that no event has or will have."""

    from_sequence: int = proto(1, UINT)
    to_sequence: int = proto(2, UINT)
    reason: GapReason = proto(3, enum(GapReason))


@dataclass(frozen=True)
class SubscriptionProgress(Message):
    """How far a subscription has got."""

    settled_through: int = proto(1, UINT)
    head_sequence: int = proto(2, UINT)
    lag_events: int = proto(3, UINT)
    oldest_unacknowledged: int | None = proto(4, UINT, explicit=True)
    oldest_unacknowledged_seconds: float = proto(5, DOUBLE)
    outstanding: int = proto(6, UINT)
    waiting: int = proto(7, UINT)
    parked: int = proto(8, UINT)
    readers: int = proto(9, UINT)
    created_at: datetime | None = proto(10, TIMESTAMP)
    active_at: datetime | None = proto(11, TIMESTAMP)


@dataclass(frozen=True)
class Subscription(Message):
    """A named place in the log that the server keeps."""

    name: str = proto(1, STRING)
    mode: SubscriptionMode = proto(2, enum(SubscriptionMode))
    filter: EventFilter | None = proto(3, submessage(EventFilter))
    ack_deadline: timedelta | None = proto(4, DURATION)
    max_deliveries: int | None = proto(5, UINT, explicit=True)
    backoff_min: timedelta | None = proto(6, DURATION)
    backoff_max: timedelta | None = proto(7, DURATION)
    ordering_key: OrderingKey = proto(8, enum(OrderingKey))
    expires_after: timedelta | None = proto(9, DURATION)
    progress: SubscriptionProgress | None = proto(10, submessage(SubscriptionProgress))


@dataclass(frozen=True)
class ParkedEvent(Message):
    """An event that was put aside."""

    event: Event = proto(1, EVENT)
    deliveries: int = proto(2, UINT)
    reason: ParkReason = proto(3, enum(ParkReason))
    parked_at: datetime | None = proto(4, TIMESTAMP)
    replaying: bool = proto(5, BOOL)


@dataclass(frozen=True)
class ReplayParkedResponse(Message):
    """How many events are delivered again, and which were not parked."""

    replayed: int = proto(1, UINT)
    not_parked: tuple[int, ...] = proto(2, UINT, many=True)


@dataclass(frozen=True)
class EventDelivery(Message):
    """An event for a consumer; `attempt` counts its deliveries, from 1."""

    event: Event = proto(1, EVENT)
    attempt: int = proto(2, UINT)


@dataclass(frozen=True)
class Finding(Message):
    """What would have to be different for a signature to match."""

    kind: FindingKind = proto(1, enum(FindingKind))
    certainty: Certainty = proto(2, enum(Certainty))
    secret_name: str = proto(3, STRING)
    text: str = proto(4, STRING)


@dataclass(frozen=True)
class Rejection(Message):
    """A delivery that did not verify, and why."""

    reason: Reason = proto(1, enum(Reason))
    findings: tuple[Finding, ...] = proto(2, submessage(Finding), many=True)


@dataclass(frozen=True)
class SequenceRange(Message):
    """Sequences that no event has or will have."""

    from_sequence: int = proto(1, UINT)
    to_sequence: int = proto(2, UINT)


@dataclass(frozen=True)
class LogStatus(Message):
    """The event log."""

    epoch: int = proto(1, UINT)
    head_sequence: int = proto(2, UINT)
    earliest_sequence: int = proto(3, UINT)
    gaps: tuple[SequenceRange, ...] = proto(4, submessage(SequenceRange), many=True)
    database_bytes: int | None = proto(5, UINT, explicit=True)
    wal_bytes: int | None = proto(6, UINT, explicit=True)
    free_bytes: int | None = proto(7, UINT, explicit=True)
    duplicate_keys: int | None = proto(8, UINT, explicit=True)
    dedup_horizon: datetime | None = proto(9, TIMESTAMP)


@dataclass(frozen=True)
class IntakeStatus(Message):
    """What becomes of events that come now."""

    state: IntakeState = proto(1, enum(IntakeState))
    reason: str = proto(2, STRING)
    queued: int = proto(3, UINT)


@dataclass(frozen=True)
class QuarantineStatus(Message):
    """What the quarantine holds."""

    verified: int = proto(1, UINT)
    verified_bytes: int = proto(2, UINT)
    unverified: int = proto(3, UINT)
    unverified_bytes: int = proto(4, UINT)
    settled: int = proto(5, UINT)


@dataclass(frozen=True)
class SpoolStatus(Message):
    """What waits in the spool."""

    records: int = proto(1, UINT)
    bytes: int = proto(2, UINT)
    losses: int = proto(3, UINT)


@dataclass(frozen=True)
class SecretStatus(Message):
    """A secret's name and what it was used for, never its text."""

    name: str = proto(1, STRING)
    state: SecretState = proto(2, enum(SecretState))
    last_used_at: datetime | None = proto(3, TIMESTAMP)
    verified_raw: int = proto(4, UINT)
    verified_canonical: int = proto(5, UINT)


@dataclass(frozen=True)
class EndpointStatus(Message):
    """An endpoint that deliveries are posted to."""

    name: str = proto(1, STRING)
    secret_names: tuple[str, ...] = proto(2, STRING, many=True)
    revoked_secret_names: tuple[str, ...] = proto(3, STRING, many=True)
    last_received_at: datetime | None = proto(4, TIMESTAMP)
    last_sequence: int | None = proto(5, UINT, explicit=True)
    secrets: tuple[SecretStatus, ...] = proto(6, submessage(SecretStatus), many=True)


@dataclass(frozen=True)
class DriftName(Message):
    """The name of what is not known, never a value."""

    kind: DriftKind = proto(1, enum(DriftKind))
    name: str = proto(2, STRING)
    first_seen_at: datetime | None = proto(3, TIMESTAMP)


@dataclass(frozen=True)
class ServerStatus(Message):
    """How a server is."""

    version: str = proto(1, STRING)
    started_at: datetime | None = proto(2, TIMESTAMP)
    intake: IntakeStatus | None = proto(3, submessage(IntakeStatus))
    log: LogStatus | None = proto(4, submessage(LogStatus))
    quarantine: QuarantineStatus | None = proto(5, submessage(QuarantineStatus))
    spool: SpoolStatus | None = proto(6, submessage(SpoolStatus))
    open_streams: int = proto(7, UINT)
    endpoints: tuple[EndpointStatus, ...] = proto(
        8, submessage(EndpointStatus), many=True
    )
    drift_names: tuple[DriftName, ...] = proto(9, submessage(DriftName), many=True)


@dataclass(frozen=True)
class HttpHeader(Message):
    """A header of a request; its name is in lower case."""

    name: str = proto(1, STRING)
    value: str = proto(2, STRING)


@dataclass(frozen=True)
class QuarantinedDelivery(Message):
    """A delivery that was not taken in when it arrived."""

    id: str = proto(1, STRING)
    state: QuarantineState = proto(2, enum(QuarantineState))
    verified: bool = proto(3, BOOL)
    held_back: bool = proto(4, BOOL)
    endpoint: str = proto(5, STRING)
    source: str = proto(6, STRING)
    reason: Reason = proto(7, enum(Reason))
    received_at: datetime | None = proto(8, TIMESTAMP)
    headers: tuple[HttpHeader, ...] = proto(9, submessage(HttpHeader), many=True)
    body_bytes: int = proto(10, UINT)
    body: bytes | None = proto(11, BYTES, explicit=True)
    sequence: int | None = proto(12, UINT, explicit=True)
    settled_at: datetime | None = proto(13, TIMESTAMP)

    def __repr__(self) -> str:
        """Nothing of the delivery itself, so that it may go into a log."""
        return f"<QuarantinedDelivery {self.id} {self.state.name} {self.reason.name}>"


@dataclass(frozen=True)
class GetQuarantinedResponse(Message):
    """A delivery with headers and body, and what was found when asked for."""

    delivery: QuarantinedDelivery = proto(1, submessage(QuarantinedDelivery))
    findings: tuple[Finding, ...] = proto(2, submessage(Finding), many=True)


@dataclass(frozen=True)
class QuarantineFilter(Message):
    """Which quarantined deliveries are wanted."""

    states: tuple[QuarantineState, ...] = proto(1, enum(QuarantineState), many=True)
    verified: bool | None = proto(2, BOOL, explicit=True)
    reasons: tuple[Reason, ...] = proto(3, enum(Reason), many=True)
    source: str | None = proto(4, STRING, explicit=True)
    endpoint: str | None = proto(5, STRING, explicit=True)


@dataclass(frozen=True)
class QuarantineError(Message):
    """Why nothing was done with a delivery."""

    code: int = proto(1, INT32)
    message: str = proto(2, STRING)


@dataclass(frozen=True)
class QuarantineResult(Message):
    """What became of one delivery that a call named: a state, or an error."""

    id: str = proto(1, STRING)
    state: QuarantineState | None = proto(2, enum(QuarantineState), explicit=True)
    error: QuarantineError | None = proto(3, submessage(QuarantineError))
    sequence: int | None = proto(4, UINT, explicit=True)
