"""Ends waits that take too long: grpcio's synchronous reads have no deadline."""

from __future__ import annotations

import threading
import time
from typing import Callable


class Guard:
    """One wait after the other, each with a deadline.

    One thread at a time arms and disarms it.
    """

    def __init__(self, watchdog: Watchdog, end: Callable[[], object]) -> None:
        self._watchdog = watchdog
        self.end = end
        self.deadline: float | None = None
        self.fired = False

    def arm(self, seconds: float) -> None:
        """From now on `end` is called after so long, unless it is disarmed."""
        self._watchdog.arm(self, seconds)

    def disarm(self) -> None:
        """The wait is over; `fired` says whether it was ended."""
        self.deadline = None

    def __enter__(self) -> Guard:
        return self

    def __exit__(self, *_: object) -> None:
        self._watchdog.forget(self)


class Watchdog:
    """A thread, begun when it is first needed, that all guards of a client share.

    Safe for concurrent use.
    """

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._guards: set[Guard] = set()
        self._thread: threading.Thread | None = None
        self._looks_at = 0.0

    def guard(self, end: Callable[[], object]) -> Guard:
        """A guard that calls `end`, in the watchdog's thread."""
        guard = Guard(self, end)
        with self._change:
            self._guards.add(guard)
        return guard

    def arm(self, guard: Guard, seconds: float) -> None:
        """Of the guard."""
        deadline = time.monotonic() + seconds
        guard.deadline = deadline
        # Mostly the thread wakes up before that anyway.
        if self._thread is not None and self._looks_at <= deadline:
            return
        with self._change:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._watch, name="tuco-events watchdog", daemon=True
                )
                self._thread.start()
            self._change.notify()

    def forget(self, guard: Guard) -> None:
        """Of the guard; the thread ends with the last of them."""
        with self._change:
            guard.deadline = None
            self._guards.discard(guard)
            if not self._guards:
                self._change.notify()

    def _watch(self) -> None:
        with self._change:
            while self._guards:
                self._fire(time.monotonic())
                armed = [
                    deadline
                    for guard in self._guards
                    if (deadline := guard.deadline) is not None
                ]
                # Somebody may arm a guard while nobody looks: look now and then.
                now = time.monotonic()
                self._looks_at = min([*armed, now + 1.0])
                self._change.wait(max(self._looks_at - now, 0.0))
            self._thread = None

    def _fire(self, now: float) -> None:
        for guard in self._guards:
            deadline = guard.deadline
            if deadline is not None and deadline <= now:
                guard.deadline = None
                guard.fired = True
                guard.end()
