"""Row 13: archives of deliveries as Arrow tables, in Python."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from rows.contest import Contest, Ratio
from rows.goal import Goal
from rows.settings import ROOT, SAMPLE, MissingError, Settings

OURS = "tuco-events"
PEERS = {"polars": 1.5, "duckdb": 2.0}
EVENTS = 300_000
EVENTS_OF_SMOKE = 3_000
SECRET = b"whsec_sample"

_TEXTS = [
    "Yes, I'm interested! Can you tell me more?",
    "STOP",
    "Voilà 🎉 – see the photo",
    "Hi there, are you still looking for a home loan? We have news for you.",
]
_EVENTS = ["message.sent", "message.delivered", "message.delivered", "message.reply"]


def against_readers(settings: Settings) -> bool:
    """Prints both forms of archives; whether all goals are met."""
    events = EVENTS_OF_SMOKE if settings.smoke else EVENTS
    held = [
        _contest(form, _archive(settings, form, events)).run(settings)
        for form in ("bodies", "deliveries")
    ]
    return all(held)


def _contest(form: str, archive: Path) -> Contest:
    def command(name: str) -> Callable[[Settings], list[str]]:
        program = str(ROOT / "bench" / "peers" / "read_archive.py")
        return lambda _: [wheel_python(), program, name, form, str(archive)]

    return Contest(
        {name: command(name) for name in (OURS, *PEERS)},
        [
            Ratio(
                Goal(f"archive of {form} to Arrow: {peer} ÷ ours", goal, at_least=True),
                [peer],
                [OURS],
            )
            for peer, goal in PEERS.items()
        ],
    )


def wheel_python() -> str:
    """That of the environment with the wheel and its peers."""
    given = os.environ.get("TUCO_BENCH_PYTHON")
    if given is not None:
        return given
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    path = ROOT / "build" / f"venv-wheel-python{version}" / "bin" / "python"
    if not path.exists():
        raise MissingError(f"{path} is missing: tools/python_wheel_venv makes it")
    return str(path)


def _archive(settings: Settings, form: str, events: int) -> Path:
    """A file with so many lines."""
    path = settings.work / f"{form}.ndjson"
    with path.open("w", encoding="utf-8") as file:
        for body in _bodies(events):
            file.write((body if form == "bodies" else _delivery(body)) + "\n")
    return path


def _bodies(events: int) -> Iterator[str]:
    """Bodies like the sample, no two of them alike."""
    numbers = random.Random(13)
    sample = json.loads(SAMPLE)
    for number in range(events):
        sample["event"] = numbers.choice(_EVENTS)
        sample["timestamp"] = (
            f"2026-04-{1 + number * 30 // events:02}T12:{numbers.randrange(60):02}:"
            f"{numbers.randrange(60):02}.{numbers.randrange(1000):03}Z"
        )
        sample["data"].update(
            messageId=f"msg_{number:09}",
            recipientPhone=f"+1415555{numbers.randrange(10_000):04}",
            message=numbers.choice(_TEXTS),
            lineId=f"line_{numbers.randrange(20):03}",
            lastName=numbers.choice(["Smith", "Jones", None]),
        )
        yield json.dumps(sample, separators=(",", ":"), ensure_ascii=False)


def _delivery(body: str) -> str:
    """A line as `tuco-events export` writes it."""
    signature = hmac.new(SECRET, body.encode(), hashlib.sha256).hexdigest()
    line = {"headers": {"x-tuco-signature": signature}, "body": body}
    return json.dumps(line, separators=(",", ":"), ensure_ascii=False)
