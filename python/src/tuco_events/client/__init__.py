"""Follows and consumes the events of a running tuco-events server.

`Client` and `AsyncClient` are tuco_events' own names too; here is all that they take
and give, under the names of tuco.events.v1. docs/python_client.md describes it.

grpcio (`pip install "tuco-events[client]"`) is needed when a client is made, and not
before.
"""

from __future__ import annotations

from .._errors import StatusCode, StreamError
from ._async_client import AsyncClient
from ._async_consumer import AsyncConsumer, AsyncHandler
from ._async_stream import AsyncEventStream
from ._calls import Delivery
from ._client import Client
from ._consume_state import Nack, OnError
from ._consumer import ConsumeOptions, Consumer, Handler
from ._event_stream import EventStream, OnNotice
from ._messages import (
    CaughtUp,
    DriftKind,
    DriftName,
    EndpointStatus,
    EventDelivery,
    EventFilter,
    FellBehind,
    Finding,
    Gap,
    GapReason,
    GetQuarantinedResponse,
    Heartbeat,
    HttpHeader,
    IntakeState,
    IntakeStatus,
    LogStatus,
    NackAction,
    OrderingKey,
    ParkedEvent,
    ParkReason,
    QuarantinedDelivery,
    QuarantineError,
    QuarantineFilter,
    QuarantineResult,
    QuarantineState,
    QuarantineStatus,
    Rejection,
    ReplayParkedResponse,
    SecretState,
    SecretStatus,
    SequenceRange,
    ServerStatus,
    SpoolStatus,
    Subscription,
    SubscriptionMode,
    SubscriptionProgress,
    TestFilter,
)
from ._patience import Patience, Reconnecting
from ._requests import Filters, Position, Seconds, Start
from ._stream_state import Notice

__all__ = [
    "AsyncClient",
    "AsyncConsumer",
    "AsyncEventStream",
    "AsyncHandler",
    "CaughtUp",
    "Client",
    "ConsumeOptions",
    "Consumer",
    "Delivery",
    "DriftKind",
    "DriftName",
    "EndpointStatus",
    "EventDelivery",
    "EventFilter",
    "EventStream",
    "FellBehind",
    "Filters",
    "Finding",
    "Gap",
    "GapReason",
    "GetQuarantinedResponse",
    "Handler",
    "Heartbeat",
    "HttpHeader",
    "IntakeState",
    "IntakeStatus",
    "LogStatus",
    "Nack",
    "NackAction",
    "Notice",
    "OnError",
    "OnNotice",
    "OrderingKey",
    "ParkReason",
    "ParkedEvent",
    "Patience",
    "Position",
    "QuarantineError",
    "QuarantineFilter",
    "QuarantineResult",
    "QuarantineState",
    "QuarantineStatus",
    "QuarantinedDelivery",
    "Reconnecting",
    "Rejection",
    "ReplayParkedResponse",
    "Seconds",
    "SecretState",
    "SecretStatus",
    "SequenceRange",
    "ServerStatus",
    "SpoolStatus",
    "Start",
    "StatusCode",
    "StreamError",
    "Subscription",
    "SubscriptionMode",
    "SubscriptionProgress",
    "TestFilter",
]
