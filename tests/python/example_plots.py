"""The plots of docs/metrics.md: events that are made up, and what is drawn of them.

An image says in its metadata what it shows, so a test can tell whether it is current
without comparing pixels, which differ from one matplotlib to the next.
"""

from __future__ import annotations

import hashlib
import json
import random
import struct
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import tuco_events

from event_rows import Row, failed, fallback, opened, reply, sent, table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ZONE = "America/New_York"
CONTENT = "Description"  # The key that PNG has for what an image shows.
# Names, how many of a hundred messages are opened and replied to, and half of the
# replies' hours.
CAMPAIGNS = (
    ("Spring sale", 62, 11, 3.0),
    ("Webinar invitation", 48, 6, 9.0),
    ("Win back", 31, 4, 20.0),
    ("Renewal reminder", 74, 22, 1.5),
)


def events() -> list[Row]:
    """Six weeks of campaigns."""
    chance = random.Random(2026)
    monday = datetime(2026, 3, 2, 9, tzinfo=ZoneInfo(ZONE))
    rows: list[Row] = []
    for number in range(9000):
        day = monday + timedelta(days=chance.choice([0, 1, 2, 3, 4, 7, 8, 9, 10, 11]))
        time = day + timedelta(
            days=14 * chance.randint(0, 2), hours=chance.random() * 9
        )
        rows += message(chance, f"m{number}", time.astimezone(timezone.utc))
    return rows


def message(chance: random.Random, name: str, time: datetime) -> list[Row]:
    """A message, and what becomes of it."""
    place = chance.choices(range(len(CAMPAIGNS)), [5, 3, 1, 2])[0]
    campaign, opens, replies, hours = CAMPAIGNS[place]
    local = time.astimezone(ZoneInfo(ZONE))
    liking = 1.25 - abs(local.hour - 11) / 12 - (local.weekday() == 4) / 4
    columns = {
        "campaign_id": f"{place}",
        "campaign_name": campaign,
        "message_step_index": chance.choice([0, 0, 1]),
        "occurred_at": time,
    }
    outcome = chance.random()
    if outcome < 0.03:
        return [failed(name, **columns)]
    if outcome < 0.11:
        return [fallback(name, **columns)]
    rows = [sent(name, **columns)]
    if chance.random() * 100 < opens * liking:
        rows.append(opened(name, **columns))
        if chance.random() * opens < replies * 1.1:
            later = time + timedelta(hours=hours * chance.lognormvariate(0, 1.3))
            rows.append(reply(f"r{name}", to=name, occurred_at=later))
    return rows


@lru_cache(maxsize=1)
def example() -> Any:
    """The table of the events."""
    return table(events())


def rates() -> Axes:
    return tuco_events.plot.rates(tuco_events.metrics(example(), by="campaign"))


def timeline() -> Axes:
    result = tuco_events.metrics(example(), by="day", tz=ZONE)
    return tuco_events.plot.rates(result, ["open_rate", "reply_rate"])


def funnel() -> Axes:
    return tuco_events.plot.funnel(tuco_events.funnel(example()))


def funnels() -> Axes:
    return tuco_events.plot.funnel(tuco_events.funnel(example(), by="step"))


def time_to_reply() -> Axes:
    result = tuco_events.metrics(example(), by="campaign")
    return tuco_events.plot.time_to_reply(result)


def heatmap() -> Axes:
    by = ("day_of_week", "hour_of_day")
    result = tuco_events.metrics(example(), by=by, tz=ZONE)
    return tuco_events.plot.heatmap(result, "open_rate")


PLOTS: dict[str, Callable[[], Any]] = {
    "funnel": funnel,
    "funnel_by_step": funnels,
    "heatmap": heatmap,
    "rates": rates,
    "rates_by_day": timeline,
    "time_to_reply": time_to_reply,
}


def content(ax: Axes) -> str:
    """A digest of what the Axes show: texts, lines, bars and cells."""
    from matplotlib.text import Text

    parts: list[Any] = []
    figure: Any = ax.figure
    for shown in figure.axes:
        parts += sorted(t.get_text() for t in shown.findobj(Text) if t.get_text())
        parts += [numbers(line.get_xydata()) for line in shown.lines]
        parts += [numbers([(p.get_x(), p.get_width())]) for p in shown.patches]
        for drawn in shown.collections:
            array = drawn.get_array()
            if array is not None:
                parts.append(numbers([array.filled(-1).ravel()]))
    text = json.dumps(parts, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def numbers(rows: Any) -> list[list[str]]:
    """Numbers to five digits, which do not depend on the machine."""
    return [[f"{float(value):.5g}" for value in row] for row in rows]


def save(ax: Axes, path: Path) -> None:
    """Writes the image, with what it shows."""
    figure: Any = ax.figure
    figure.canvas.draw()
    figure.savefig(
        path, dpi=120, metadata={"Software": None, CONTENT: content(ax)},
        pil_kwargs={"optimize": True},
    )  # fmt: skip


def saved_content(path: Path) -> str | None:
    """What an image says that it shows."""
    data = path.read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n"), path
    at = 8
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"tEXt":
            key, _, value = data[at + 8 : at + 8 + size].partition(b"\0")
            if key.decode() == CONTENT:
                return value.decode()
        at += 12 + size
    return None
