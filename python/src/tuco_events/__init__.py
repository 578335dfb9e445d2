"""Verifies Tuco webhooks and reads their events.

    import tuco_events

    event = tuco_events.verify_and_parse(body, signature, secret)
    print(event.type, event.message.text)

`body` is what arrived, byte for byte. docs/python.md has a runnable example for every
function.
"""

from __future__ import annotations

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
from ._errors import FormatError, SignatureError, TucoError
from ._findings import Finding

__all__ = [
    "Campaign",
    "Certainty",
    "Contact",
    "Crm",
    "Event",
    "EventType",
    "Finding",
    "FindingKind",
    "Flag",
    "FormatError",
    "Message",
    "Origin",
    "ParentMessage",
    "Reason",
    "RecentReply",
    "Shape",
    "SignatureError",
    "TucoError",
    "VerifiedForm",
    "__version__",
    "canonicalize",
    "explain",
    "parse",
    "sign",
    "verify",
    "verify_and_parse",
    "verify_many",
]
