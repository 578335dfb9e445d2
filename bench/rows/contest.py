"""Programs that do a job for so many events as they are told, turn by turn.

Each reads numbers of events from stdin, a line each, does its job that often
and answers with the nanoseconds that one event took. The programs live as long
as the row, and a ratio is taken within each round.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from rows.goal import Goal, say, spread
from rows.process import Process
from rows.settings import Settings

FIRST_EVENTS = 2_000
SECONDS_A_ROUND = 0.25


class Contestant:
    """A process that does a job so often as it is told, and says how fast."""

    def __init__(
        self,
        name: str,
        process: Process,
        seconds: float,
        events_max: int | None = None,
    ) -> None:
        self.name = name
        self._process = process
        self._events = FIRST_EVENTS
        # Warm, and as many events as a round has time for.
        for _ in range(3):
            events = max(1, int(seconds * 1e9 / self.round()))
            self._events = events if events_max is None else min(events, events_max)

    def round(self) -> float:
        """Nanoseconds that an event took."""
        self._process.write(f"{self._events}\n")
        return float(self._process.read_line())


@dataclass(frozen=True)
class Ratio:
    """The sum of some contestants' times divided by that of others."""

    goal: Goal
    above: list[str]
    below: list[str]

    def values(self, times: dict[str, list[float]]) -> list[float]:
        """One of each round."""
        above = zip(*(times[name] for name in self.above), strict=True)
        below = zip(*(times[name] for name in self.below), strict=True)
        return [sum(a) / sum(b) for a, b in zip(above, below, strict=True)]


@dataclass(frozen=True)
class Contest:
    """Contestants by name, each with what makes its command, and what is said."""

    contestants: dict[str, Callable[[Settings], list[str]]]
    ratios: list[Ratio]
    seconds_a_round: float = SECONDS_A_ROUND

    def run(self, settings: Settings) -> bool:
        """Prints every ratio; whether all goals are met."""
        times = self._rounds(settings)
        for name, values in times.items():
            say(name, f"{spread(values, 0)} ns")
        held = [
            ratio.goal.report(ratio.values(times), judged=settings.judged)
            for ratio in self.ratios
        ]
        return all(held)

    def _rounds(self, settings: Settings) -> dict[str, list[float]]:
        with ExitStack() as stack:
            running = [
                Contestant(
                    name,
                    stack.enter_context(
                        Process(
                            name,
                            [*command(settings), str(settings.body)],
                            stdin=subprocess.PIPE,
                        )
                    ),
                    settings.seconds(self.seconds_a_round),
                )
                for name, command in self.contestants.items()
            ]
            times: dict[str, list[float]] = {one.name: [] for one in running}
            for _ in range(settings.rounds):
                for one in running:
                    times[one.name].append(one.round())
            return times
