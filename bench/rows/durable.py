"""Rows 3, 4, 5 and 16: deliveries over HTTP, answered when they are durable."""

from __future__ import annotations

import statistics
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rows.disk import sync_p99_ms
from rows.goal import Goal, say, spread
from rows.server import Answers, OurServer, Server, go_peer, load, node_peer
from rows.settings import Settings

OURS = "tuco-events"
UNSYNCED = "without syncs"
SECONDS_A_ROUND = 2.0
# Sustained load: as much of it, in this many rounds or more.
SUSTAINED_SECONDS = 30.0
MIB = 1 << 20

Rounds = dict[str, list[Answers]]
Start = Callable[[Settings], Server]


def our_server(settings: Settings) -> Server:
    """Ours, with a log of its own."""
    return OurServer(OURS, settings)


def our_unsynced_server(settings: Settings) -> Server:
    """Ours on a system whose syncs do nothing."""
    return OurServer(UNSYNCED, settings, syncing=False)


@contextmanager
def started(settings: Settings, starts: list[Start]) -> Iterator[list[Server]]:
    """The servers, which are checked in the end."""
    with ExitStack() as stack:
        servers = [stack.enter_context(start(settings)) for start in starts]
        yield servers
        for server in servers:
            server.check()


def take_turns(settings: Settings, servers: list[Server], connections: int) -> Rounds:
    """Lets each server have its rounds, and prints what came of them."""
    print(f"  {connections} connection{'s' * (connections > 1)}", flush=True)
    seconds = settings.seconds(SECONDS_A_ROUND)
    for server in servers:
        load(settings, server, connections, seconds / 2)  # Warm.
    rounds: Rounds = {server.name: [] for server in servers}
    for _ in range(settings.rounds):
        for server in servers:
            answers = load(settings, server, connections, seconds)
            rounds[server.name].append(answers)
    for name, seen in rounds.items():
        say(name, summary(seen))
    return rounds


def summary(seen: list[Answers]) -> str:
    """A server's rounds in a line."""
    rate = spread([one.per_second for one in seen], 0)
    p99 = spread([one.p99_ms for one in seen], 2)
    cpu = statistics.median(one.cpu_us for one in seen)
    return f"{rate} req/s, p99 {p99} ms, CPU {cpu:.1f} µs/req"


def rates(rounds: Rounds, above: str, below: str) -> list[float]:
    """The ratio of two servers' requests per second in each round."""
    pairs = zip(rounds[above], rounds[below], strict=True)
    return [a.per_second / b.per_second for a, b in pairs]


def against_peers(settings: Settings) -> bool:
    """Row 3."""
    held = []
    with started(settings, [our_server, node_peer, go_peer]) as servers:
        for connections, limit in ((64, 1.25), (512, 1.75)):
            rounds = take_turns(settings, servers, connections)
            for peer in ("Node", "Go"):
                title = f"durable requests, {connections} connections: ours ÷ {peer}"
                goal = Goal(title, limit, at_least=True)
                ratios = rates(rounds, OURS, peer)
                held.append(goal.report(ratios, judged=settings.judged))
    return all(held)


def against_no_sync(settings: Settings) -> bool:
    """Row 4."""
    held = []
    with started(settings, [our_server, our_unsynced_server]) as servers:
        for connections, limit in ((64, 0.55), (512, 0.85)):
            rounds = take_turns(settings, servers, connections)
            title = f"durable requests, {connections} connections: with ÷ without syncs"
            goal = Goal(title, limit, at_least=True)
            ratios = rates(rounds, OURS, UNSYNCED)
            held.append(goal.report(ratios, judged=settings.judged))
    return all(held)


def latency(settings: Settings) -> bool:
    """Row 5."""
    with started(settings, [our_server, node_peer]) as servers:
        rounds = take_turns(settings, servers, 1)
    seconds = settings.seconds(SECONDS_A_ROUND)
    syncs = [sync_p99_ms(settings, seconds) for _ in range(settings.rounds)]
    say("the disk alone", f"p99 {spread(syncs, 2)} ms for one write and its sync")
    pairs = zip(rounds[OURS], rounds["Node"], strict=True)
    goal = Goal("durable p99, 1 connection: ours ÷ Node", 0.25)
    ratios = [ours.p99_ms / node.p99_ms for ours, node in pairs]
    return goal.report(ratios, judged=settings.judged)


class LargestSize(threading.Thread):
    """Watches how large a file becomes, until it is stopped."""

    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True)
        self.bytes = 0
        self._path = path
        self._stop_now = threading.Event()

    def run(self) -> None:
        """Looks twenty times a second."""
        while not self._stop_now.wait(0.05):
            self.bytes = max(self.bytes, self._path.stat().st_size)

    def __enter__(self) -> LargestSize:
        """Begins."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Ends."""
        self._stop_now.set()
        self.join()


def sustained(settings: Settings) -> bool:
    """Row 16."""
    seconds = settings.seconds(SUSTAINED_SECONDS)
    with OurServer(OURS, settings) as server:
        load(settings, server, 64, settings.seconds(SECONDS_A_ROUND))  # Warm.
        with LargestSize(server.wal) as wal:
            seen = [
                load(settings, server, 64, seconds / settings.rounds)
                for _ in range(settings.rounds)
            ]
        server.check()
    say(OURS, summary(seen))
    p99 = Goal("durable p99, 64 connections", 15, unit="ms")
    size = Goal(f"write-ahead log in {seconds:g} s of load", 64, unit="MiB", digits=0)
    held = [
        p99.report([one.p99_ms for one in seen], judged=settings.judged),
        size.report([wal.bytes / MIB], judged=settings.judged),
    ]
    return all(held)
