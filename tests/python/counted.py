"""How the tests of metrics ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import tuco_events

from event_rows import (
    Row,
    table,
)

HOUR = timedelta(hours=1)


def metrics(events: Sequence[Row], **options: Any) -> tuco_events.MetricsTable:
    """The metrics of events."""
    return tuco_events.metrics(table(events), **options)


def one(events: Sequence[Row], **options: Any) -> dict[str, Any]:
    """The one row of the result."""
    [found] = metrics(events, **options).to_dicts()
    return found


def counts(events: Sequence[Row], **options: Any) -> dict[str, int]:
    """The counts that are not 0."""
    found = one(events, **options)
    names = list(found)[: list(found).index("delivery_rate")]
    return {name: found[name] for name in names if found[name]}


def coverage(events: Sequence[Row], **options: Any) -> dict[str, int]:
    """What of the coverage is not 0."""
    found = metrics(events, **options).coverage
    return {name: count for name, count in found.items() if count}
