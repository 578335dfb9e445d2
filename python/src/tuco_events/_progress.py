"""How far a long read has come, on a terminal."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TextIO

_CELLS = 24
_PARTS = " ▏▎▍▌▋▊▉█"
# Reading that is over sooner says nothing.
_PATIENCE_S = 0.5


class Progress:
    """A line on stderr that is written again and again, and wiped in the end.

    It has counts and a rate, nothing of what is read.
    """

    def __init__(self, total: int | None, wanted: bool | None) -> None:
        """Makes a line that does not show yet.

        Args:
            total: How many bytes there are to read, if that is known.
            wanted: Whether to show it; None stands for: on a terminal only.
        """
        self._total = total
        self._stream: TextIO | None = sys.stderr
        if self._stream is None or not (
            self._stream.isatty() if wanted is None else wanted
        ):
            self._stream = None
        self._began = time.monotonic()
        self._shown = 0

    @property
    def callback(self) -> Progress | None:
        """What to call now and then; None where nothing is to be shown."""
        return None if self._stream is None else self

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.wipe()

    def __call__(self, position: int, events: int) -> None:
        """Shows that `position` bytes are read and gave so many events."""
        seconds = time.monotonic() - self._began
        if seconds >= _PATIENCE_S:
            self._show(self._line(position, events, seconds))

    def wipe(self) -> None:
        """Takes the line away."""
        if self._shown:
            self._show("")
            self._shown = 0

    def _line(self, position: int, events: int, seconds: float) -> str:
        counts = f"{events:,} events, {events / seconds:,.0f}/s"
        if not self._total:
            return f"{position / 1e6:,.0f} MB, {counts}"
        done = min(position / self._total, 1)
        return f"{_bar(done)} {done:4.0%}  {counts}"

    def _show(self, line: str) -> None:
        if self._stream is None:
            return
        self._stream.write(f"\r{line:<{self._shown}}" + ("\r" if not line else ""))
        self._stream.flush()
        self._shown = len(line)


def _bar(done: float) -> str:
    """Draws a bar of which that part is full."""
    eighths = round(done * _CELLS * 8)
    cells = "█" * (eighths // 8)
    if len(cells) < _CELLS:
        cells += _PARTS[eighths % 8]
    return f"▕{cells:<{_CELLS}}▏"
