"""What a figure should come to, and how it is said."""

from __future__ import annotations

import statistics
from dataclasses import dataclass


def spread(values: list[float], digits: int) -> str:
    """The median, and the range."""
    middle = statistics.median(values)
    return f"{middle:.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def say(name: str, text: str) -> None:
    """Prints what one contestant did."""
    print(f"  {name:24} {text}", flush=True)


@dataclass(frozen=True)
class Goal:
    """A limit for the median of a figure, one value of which a round gives."""

    title: str
    limit: float
    at_least: bool = False
    unit: str = ""
    digits: int = 2

    def holds(self, values: list[float]) -> bool:
        """Whether the median meets the goal."""
        middle = statistics.median(values)
        return middle >= self.limit if self.at_least else middle <= self.limit

    def report(self, values: list[float], *, judged: bool) -> bool:
        """Prints the figure beside the goal; whether that is met, if it counts."""
        holds = self.holds(values)
        relation = "≥" if self.at_least else "≤"
        unit = f" {self.unit}" if self.unit else ""
        verdict = "  not judged" if not judged else "" if holds else "  MISSED"
        print(
            f"{self.title}: {spread(values, self.digits)}{unit},"
            f" goal {relation} {self.limit:g}{unit}{verdict}",
            flush=True,
        )
        return holds or not judged
