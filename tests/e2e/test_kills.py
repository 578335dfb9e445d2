"""A server that is killed at any moment, over and over, on one data folder.

Deliveries pour in over several connections until `kill -9`. Then the server is
started again, and what clients were told is compared with the log: nothing
acknowledged may be lost, no sequence left out or used again, nothing doubled.
Deliveries without an answer are posted again later, and so are some that have
one: the server must know them.

TUCO_CRASH_KILLS says how often (`make crash`: 500). TUCO_CRASH_SEED settles how
fast deliveries come and for how long, but not what the server does meanwhile. The
kernel keeps what a killed process wrote; power cuts are for
tests/server/log/power_loss_test.cc.
"""

import os
import random
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from threading import Timer

import pytest

from conftest import StartServer
from support.client import Client
from support.deliveries import Delivery
from support.flood import Flood
from support.journal import Journal, LogCheck, Row, rows_behind
from support.server import Server
from support.wait import DEADLINE_S

KILLS = int(os.environ.get("TUCO_CRASH_KILLS", "10"))
SEED = int(os.environ.get("TUCO_CRASH_SEED", "1"))
# Deliveries a second, one of these in each cycle. More of them would make the
# log large, and starting slow.
RATES = (1_200, 2_000, 4_000)
# How long they pour in before a kill.
TRAFFIC_S = (0.005, 0.4)
# What one cycle posts again, of those that have no answer and those that have.
UNANSWERED_MAX = 100
KNOWN_MAX = 20


class Campaign:
    """Servers on one data folder, one after the other, and what they promised."""

    def __init__(self, database: Path) -> None:
        self.journal = Journal()
        self.counts: Counter[str] = Counter()
        self._database = database
        self._check = LogCheck(self.journal)
        self._unanswered: list[Delivery] = []
        self._known: list[Delivery] = []

    def post_and_kill(self, server: Server) -> None:
        """Lets deliveries pour in, kills the server, and takes what it had sent."""
        chance = random.Random(f"{SEED} {self.counts['kills']}")
        rate = chance.choice(RATES)
        traffic_s = chance.uniform(*TRAFFIC_S)
        again = self._again(chance)
        with Flood(server.http, rate, self.journal, chance, again) as flood:
            # Now and then also before anything is answered.
            if self.counts["kills"] % 10 > 0:
                end = time.monotonic() + DEADLINE_S
                flood.pour(lambda: bool(flood.answered) or time.monotonic() > end)
            start, before = time.monotonic(), flood.posted
            # By another thread: this one is busy when the server is not.
            killer = Timer(traffic_s, server.process.kill)
            killer.start()
            flood.pour(lambda: False)
            self.counts["microseconds"] += int((time.monotonic() - start) * 1e6)
            self.counts["in that time"] += flood.posted - before
            killer.join()
            assert server.wait() == -9
            self._unanswered += flood.drain()
        # What was never posted again.
        self._unanswered += again
        self._known += chance.sample(
            flood.answered, min(KNOWN_MAX, len(flood.answered))
        )
        self.counts["kills"] += 1
        self.counts["posted"] += flood.posted
        self.counts["answered"] += len(flood.answered)

    def compare(self) -> None:
        """Goes on reading the log from outside where the last cycle ended."""
        self._check.walk(rows_behind(self._database, self._check.head))
        self._check.rest()
        self.counts["events"] = self._check.head

    def compare_all(self, rows: Iterator[Row]) -> None:
        """Reads the whole log anew."""
        check = LogCheck(self.journal)
        check.walk(rows)
        check.rest()

    def summary(self) -> str:
        """What was done and found, in a line."""
        rate = self.counts["in that time"] / self.counts["microseconds"] * 1e6
        return (
            f"{self.counts['kills']} kills, {self.counts['posted']} deliveries"
            f" ({rate:.0f}/s until the kill), {self.counts['answered']} acknowledged,"
            f" {self.counts['events']} events in the log,"
            f" {len(self.journal.findings)} findings"
        )

    def _again(self, chance: random.Random) -> list[Delivery]:
        chance.shuffle(self._unanswered)
        again = self._unanswered[:UNANSWERED_MAX]
        del self._unanswered[:UNANSWERED_MAX]
        known = min(KNOWN_MAX, len(self._known))
        return again + chance.sample(self._known, known)


def streamed(server: Server) -> Iterator[Row]:
    """The log as the server streams it, from its first event to its last."""
    after = 0
    with Client(server.grpc) as client:
        while True:
            # Anew for each part: a call has a deadline.
            stream = client.open(
                after_sequence=after, stop_at_end=True, include_body=True
            )
            for number, response in enumerate(stream):
                for event in response.events:
                    yield Row(event.sequence, event.epoch, event.event_id, event.body)
                after = response.scanned_through
                if number == 100:
                    stream.cancel()
                    break
            else:
                return


def test_kills_lose_double_and_change_nothing(
    start_server: StartServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    campaign = Campaign(data / "events.db")
    for _ in range(KILLS):
        server = start_server()
        campaign.compare()
        campaign.post_and_kill(server)
        assert campaign.journal.findings == []
    server = start_server()
    campaign.compare()
    campaign.compare_all(iter(rows_behind(data / "events.db", 0)))
    campaign.compare_all(streamed(server))
    with capsys.disabled():
        print(f"\nseed {SEED}: {campaign.summary()}")
    assert campaign.journal.findings == []
    assert campaign.counts["answered"] > 0
    # It may be large; without findings nobody looks at it.
    assert server.stop() == 0
    shutil.rmtree(data)
