"""Rows 10 to 12: events on their way to subscribers."""

from __future__ import annotations

import json
import statistics
import subprocess
import time
from dataclasses import dataclass, replace
from pathlib import Path

from rows.contest import Contest, Ratio
from rows.goal import Goal, say, spread
from rows.process import Process, output_of
from rows.server import GRACE_SECONDS, OurServer
from rows.settings import BrokenError, Settings
from rows.size import large_log

OURS = "tuco-events"
BARE = "bare gRPC"
CLIENT = "C++ client"
CATCH_UP_EVENTS = 1_000_000
SECONDS_A_ROUND = 2.0
# Live events: slow enough for the machine to be idle, then to have some work.
IDLE_PER_SECOND = 100
BUSY_PER_SECOND = 200
SUBSCRIBERS = 100


class BareStream(Process):
    """The peer that streams batches which it made before."""

    def __init__(self, settings: Settings, events: int) -> None:
        command = [settings.built("bare_stream"), str(events), str(settings.body)]
        super().__init__(BARE, command, stdin=subprocess.PIPE)

    def greet(self) -> None:
        """Waits until the server is ready."""
        self.grpc = f"127.0.0.1:{self.read_line()}"


def catch_up(settings: Settings) -> bool:
    """Row 10."""
    events = min(settings.events, CATCH_UP_EVENTS)
    with (
        large_log(replace(settings, events=events)) as log,
        OurServer(OURS, settings, data=log) as ours,
        BareStream(settings, events) as bare,
    ):
        ours.wait_until_live()
        held = contest(ours.grpc, bare.grpc).run(settings)
        tail_raw(settings, ours.grpc, events)
    return held


def contest(ours: str, bare: str) -> Contest:
    """The same reader before both servers; and the client before ours."""

    def reader(settings: Settings, job: str, address: str) -> list[str]:
        return [settings.built("stream_rounds"), job, address]

    return Contest(
        {
            OURS: lambda settings: reader(settings, "raw", ours),
            BARE: lambda settings: reader(settings, "raw", bare),
            CLIENT: lambda settings: reader(settings, "client", ours),
        },
        [
            Ratio(
                Goal(
                    "catch-up from disk: events/s, ours ÷ bare gRPC server",
                    0.5,
                    at_least=True,
                ),
                [BARE],
                [OURS],
            )
        ],
        seconds_a_round=SECONDS_A_ROUND,
    )


def tail_raw(settings: Settings, grpc: str, events: int) -> None:
    """Prints how fast `tail --output raw` is."""
    program = settings.build.parent / "bin" / "tuco-events"
    flags = ["--from=earliest", "--no-follow", "--output=raw"]
    rates = []
    for _ in range(settings.rounds):
        begin = time.monotonic()
        tail_to_file([str(program), "tail", f"--grpc={grpc}", *flags], settings)
        rates.append(events / (time.monotonic() - begin))
    say("tail --output raw", f"{spread(rates, 0)} events/s, all of {events}")


def tail_to_file(command: list[str], settings: Settings) -> None:
    """Runs it to its end; what it prints goes where nothing is kept."""
    with Path("/dev/null").open("wb") as nowhere:
        try:
            subprocess.run(command, stdout=nowhere, check=True, timeout=300)
        except subprocess.SubprocessError as error:
            raise BrokenError(str(error)) from None


@dataclass(frozen=True)
class Receipts:
    """What subscribers saw of live events."""

    p50_ms: float
    p99_ms: float


def receipts(
    settings: Settings,
    server: OurServer,
    *,
    subscribers: int,
    stalled: int,
    per_second: int,
) -> Receipts:
    """Posts for a while, and has subscribers receive."""
    seconds = settings.seconds(SECONDS_A_ROUND)
    command = [
        settings.built("receipts"),
        *(str(server.port), server.grpc, str(subscribers), str(stalled)),
        *(str(per_second), str(seconds), str(server.answered)),
        str(settings.body),
    ]
    seen = json.loads(output_of(command, seconds + 2 * GRACE_SECONDS))
    server.answered += seen["events"]
    return Receipts(p50_ms=seen["p50_us"] / 1e3, p99_ms=seen["p99_us"] / 1e3)


def latency(settings: Settings) -> bool:
    """Row 11."""
    with OurServer(OURS, settings) as server:
        seen = [
            receipts(
                settings, server, subscribers=1, stalled=0, per_second=IDLE_PER_SECOND
            )
            for _ in range(settings.rounds + 1)
        ][1:]  # The first one warms.
        server.check()
    p50 = Goal("from the answer 200 to a subscriber's receipt, p50", 1, unit="ms")
    p99 = Goal("from the answer 200 to a subscriber's receipt, p99", 5, unit="ms")
    held = [
        p50.report([one.p50_ms for one in seen], judged=settings.judged),
        p99.report([one.p99_ms for one in seen], judged=settings.judged),
    ]
    return all(held)


def stalled_subscriber(settings: Settings) -> bool:
    """Row 12."""
    seen: dict[int, list[Receipts]] = {0: [], 1: []}
    with OurServer(OURS, settings) as server:
        for _ in range(settings.rounds + 1):
            for stalled, rounds in seen.items():
                rounds.append(
                    receipts(
                        settings,
                        server,
                        subscribers=SUBSCRIBERS,
                        stalled=stalled,
                        per_second=BUSY_PER_SECOND,
                    )
                )
        server.check()
    for stalled, rounds in seen.items():
        del rounds[0]  # The first one warms.
        p50 = statistics.median(one.p50_ms for one in rounds)
        p99 = spread([one.p99_ms for one in rounds], 2)
        say(f"{stalled} of {SUBSCRIBERS} stalled", f"p50 {p50:.2f} ms, p99 {p99} ms")
    goal = Goal(f"p99 of {SUBSCRIBERS} subscribers: 1 stalled ÷ none stalled", 1.5)
    pairs = zip(seen[1], seen[0], strict=True)
    ratios = [with_one.p99_ms / without.p99_ms for with_one, without in pairs]
    return goal.report(ratios, judged=settings.judged)
