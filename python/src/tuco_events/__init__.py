"""Verifies Tuco webhooks and reads their events.

    import tuco_events

    event = tuco_events.verify_and_parse(body, signature, secret)
    print(event.type, event.message.text)

`body` is what arrived, byte for byte. docs/python.md has a runnable example for every
function.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import plot as plot
from ._api import (
    canonicalize,
    explain,
    parse,
    sign,
    verify,
    verify_and_parse,
    verify_many,
)
from ._core import (
    Campaign,
    Certainty,
    Contact,
    Crm,
    Event,
    EventType,
    FindingKind,
    Flag,
    Message,
    Origin,
    ParentMessage,
    Reason,
    RecentReply,
    Shape,
    VerifiedForm,
    __version__,
)
from ._deliveries import iter_deliveries, read_deliveries
from ._errors import FormatError, LogError, SignatureError, StreamError, TucoError
from ._findings import Finding
from ._log import iter_log, read_log
from ._metrics import cohorts, funnel, metrics, silences
from ._metrics_table import MetricsTable
from ._table import EventTable
from ._where import Where

if TYPE_CHECKING:
    from .client import AsyncClient, Client

__all__ = [
    "AsyncClient",
    "Campaign",
    "Certainty",
    "Client",
    "Contact",
    "Crm",
    "Event",
    "EventTable",
    "EventType",
    "Finding",
    "FindingKind",
    "Flag",
    "FormatError",
    "LogError",
    "Message",
    "MetricsTable",
    "Origin",
    "ParentMessage",
    "Reason",
    "RecentReply",
    "Shape",
    "SignatureError",
    "StreamError",
    "TucoError",
    "VerifiedForm",
    "Where",
    "__version__",
    "canonicalize",
    "cohorts",
    "explain",
    "funnel",
    "iter_deliveries",
    "iter_log",
    "metrics",
    "parse",
    "read_deliveries",
    "read_log",
    "sign",
    "silences",
    "verify",
    "verify_and_parse",
    "verify_many",
]


def __getattr__(name: str) -> object:
    """What takes time to import, once somebody wants it."""
    if name in ("AsyncClient", "Client"):
        from . import client

        return getattr(client, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
