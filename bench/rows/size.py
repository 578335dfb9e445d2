"""Row 15: what the server needs, idle and with a large log."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from rows.contest import Contest, Ratio
from rows.goal import Goal, say, spread
from rows.log import append
from rows.process import output_of
from rows.server import OurServer, no_sync
from rows.settings import MissingError, Settings

# What the goals are meant for.
EVENTS = 10_000_000
# On disk, with room for what rounds add.
BYTES_AN_EVENT = 1_000
# Rounds add to the large log. It is made anew when it is larger by this.
GROWTH = 1.1
SLOWEST_FILL = 2_000.0  # Events a second.
REBUILD_SECONDS = 300.0
MIB = 1 << 20
GIB = 1 << 30


def memory_and_start(settings: Settings) -> bool:
    """Row 15."""
    held = [idle_memory(settings)]
    with large_log(settings) as log:
        held += [rebuilt_keys(settings, log), start(settings, log)]
        held += [append_cost(settings, log)]
    return all(held)


def idle_memory(settings: Settings) -> bool:
    """With every listener and an empty log."""
    resident = []
    for _ in range(settings.rounds):
        with OurServer("idle", settings) as server:
            server.wait_until_live()
            time.sleep(settings.seconds(1.0))
            resident.append(server.resident_bytes() / MIB)
    goal = Goal("resident memory, idle, everything on", 64, unit="MiB", digits=1)
    return goal.report(resident, judged=settings.judged)


@contextmanager
def large_log(settings: Settings) -> Iterator[Path]:
    """A log with as many events as were asked for, or a few more; kept.

    Nobody else's meanwhile: another run that needs it waits.
    """
    log = settings.logs / f"log-{settings.events}"
    with log.with_suffix(".in-use").open("w") as mark:
        take(mark, log)
        head = fill(settings, log)
        if head > settings.events * GROWTH:
            shutil.rmtree(log)
            head = fill(settings, log)
        say("large log", f"{log}: {head} events")
        yield log


def take(mark: TextIO, log: Path) -> None:
    """Locks the mark, when nobody else has it."""
    try:
        fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("large log", f"waiting for another run that uses {log}")
        fcntl.flock(mark, fcntl.LOCK_EX)


def fill(settings: Settings, log: Path) -> int:
    """Makes the log, or what is missing of it; its number of events."""
    if not log.exists():
        need = settings.events * BYTES_AN_EVENT
        free = shutil.disk_usage(settings.logs).free
        if free < need:
            raise MissingError(
                f"a log of {settings.events} events needs {need / GIB:.0f} GiB in "
                f"{settings.logs}, which has {free / GIB:.0f} (--events, --logs)"
            )
        say("large log", f"making {log}, which takes a while")
    command = [settings.built("fill_log"), str(log), str(settings.events)]
    seconds = 60 + settings.events / SLOWEST_FILL
    head = output_of([*command, str(settings.body)], seconds, no_sync(settings))
    os.sync()
    return int(head)


def judge(settings: Settings, goal: Goal, values: list[float]) -> bool:
    """Reports a figure that depends on the log's size."""
    return goal.report(values, judged=settings.judged and settings.events == EVENTS)


def rebuilt_keys(settings: Settings, log: Path) -> bool:
    """How fast the duplicate keys are read, and what each takes."""
    seconds, size = [], []
    for _ in range(settings.rounds):
        command = [settings.built("rebuild_keys"), str(log)]
        seen = json.loads(output_of(command, REBUILD_SECONDS))
        seconds.append(seen["seconds"])
        size.append(seen["bytes_per_key"])
    keys = f"{seen['keys']} duplicate keys"
    took = Goal(f"{keys} rebuilt", 5, unit="s")
    takes = Goal("resident memory per duplicate key", 32, unit="bytes", digits=1)
    return judge(settings, took, seconds) & judge(settings, takes, size)


def start(settings: Settings, log: Path) -> bool:
    """How long the server takes to start on the large log."""
    ready, live, resident = [], [], []
    for _ in range(settings.rounds):
        with OurServer("large", settings, data=log) as server:
            ready.append(server.ready_seconds)
            live.append(server.wait_until_live())
            resident.append(server.resident_bytes() / MIB)
    say("server on the large log", f"{spread(resident, 0)} MiB resident")
    forget(log)
    with OurServer("large", settings, data=log) as server:
        say("start from the disk", f"{server.wait_until_live():.2f} s to /readyz")
    line = Goal("start on the large log, to the ready line", 8, unit="s")
    probe = Goal("start on the large log, to /readyz", 8, unit="s")
    return judge(settings, line, ready) & judge(settings, probe, live)


def forget(log: Path) -> None:
    """Leaves nothing of the log in the system's memory, as after a boot."""
    for path in log.iterdir():
        with path.open("rb") as file:
            os.fsync(file)
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def append_cost(settings: Settings, log: Path) -> bool:
    """What an append costs in the large log and in an empty one."""
    contest = Contest(
        {
            "in the large log": lambda settings: [
                *(settings.built("append_rounds"), "log", str(log))
            ],
            "in an empty log": lambda settings: append(settings, "log"),
        },
        [
            Ratio(
                Goal("append, synced batches of 256: large log ÷ empty log", 1.2),
                ["in the large log"],
                ["in an empty log"],
            )
        ],
    )
    return contest.run(settings)
