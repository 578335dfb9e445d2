"""Row 14: how fast stored events become a data frame, in Python."""

from __future__ import annotations

import subprocess
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from rows.contest import Contestant
from rows.goal import Goal, say, spread
from rows.process import Process
from rows.server import OurServer
from rows.settings import ROOT, Settings
from rows.size import large_log
from rows.tables import wheel_python

EVENTS = 1_000_000
SECONDS_A_ROUND = 1.0
NANOSECONDS = 1e3  # That an event takes at a rate of a million a second.

LOG = "read_log"
STREAM = "Client.read"
SQLITE3 = "sqlite3, columns only"

GOALS = {
    LOG: Goal("event log → Polars data frame", 1.0, at_least=True, unit="M events/s"),
    STREAM: Goal(
        "gRPC stream → Polars data frame", 0.5, at_least=True, unit="M events/s"
    ),
}


def from_log_and_stream(settings: Settings) -> bool:
    """Row 14."""
    events = min(settings.events, EVENTS)
    with (
        large_log(replace(settings, events=events)) as log,
        OurServer("tuco-events", settings, data=log) as server,
    ):
        server.wait_until_live()
        rates = measured(settings, log, server.grpc)
    for name, values in rates.items():
        say(name, f"{spread(values, 2)} M events/s")
    held = [
        goal.report(rates[name], judged=settings.judged) for name, goal in GOALS.items()
    ]
    return all(held)


def measured(settings: Settings, log: Path, grpc: str) -> dict[str, list[float]]:
    """Millions of events a second, one figure of each round."""
    program = [
        wheel_python(),
        str(ROOT / "bench" / "peers" / "events_to_polars.py"),
    ]
    jobs = {
        LOG: ["log", str(log)],
        STREAM: ["stream", grpc],
        SQLITE3: ["sqlite3", str(log)],
    }
    with ExitStack() as stack:
        running = [
            Contestant(
                name,
                stack.enter_context(
                    Process(name, [*program, *job], stdin=subprocess.PIPE)
                ),
                settings.seconds(SECONDS_A_ROUND),
                EVENTS,
            )
            for name, job in jobs.items()
        ]
        rates: dict[str, list[float]] = {one.name: [] for one in running}
        for _ in range(settings.rounds):
            for one in running:
                rates[one.name].append(NANOSECONDS / one.round())
    return rates
