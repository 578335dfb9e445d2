"""How patient a client is with a server that is away or silent. Pure."""

from __future__ import annotations

import logging
import random
import time
from dataclasses import dataclass
from typing import Callable

from .._errors import StatusCode, StreamError
from ._status import FINAL

# A month.
LONGEST_S = 30 * 86400.0

logger = logging.getLogger("tuco_events")


@dataclass(frozen=True)
class Reconnecting:
    """The stream dropped and will be opened again, behind what was given.

    Attributes:
        cause: How it dropped.
        drops: Drops in a row, without anything that came between them; from 1.
        pause: Seconds until it is opened again.
    """

    cause: StreamError
    drops: int
    pause: float


@dataclass(frozen=True)
class Patience:
    """How long is waited for what; seconds.

    Attributes:
        silence_max: Nothing at all may come for so long, 0.01 to 3600: the
            connection counts as dead then. A server says every 5 seconds that it is
            there.
        pause_min: The first pause before a stream is opened again, 0.001 or more.
        pause_max: The longest: each is up to twice as long as the one before.
        outage_max: For how long the server may be away or silent before StreamError
            is raised; None stands for ever.
    """

    silence_max: float = 15.0
    pause_min: float = 0.2
    pause_max: float = 5.0
    outage_max: float | None = 60.0

    def __post_init__(self) -> None:
        check_seconds("silence_max", 0.01, self.silence_max, 3600.0)
        check_seconds("pause_min", 0.001, self.pause_min, self.pause_max)
        check_seconds("pause_max", 0.001, self.pause_max, 600.0)
        if self.outage_max is not None:
            check_seconds("outage_max", 0.0, self.outage_max, LONGEST_S)


def check_seconds(name: str, least: float, value: float, most: float) -> None:
    """Complains of what is no length of time, or of none that may be.

    Raises:
        TypeError: It is no number.
        ValueError: It is NaN, less than `least` or more than `most`.
    """
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise TypeError(f"{name}: expected seconds, found {type(value).__name__}")
    if not least <= value <= most:
        raise ValueError(f"{name}: expected {least} to {most} s, found {value}")


def ended_early() -> StreamError:
    """A call that was to go on was ended without an error."""
    return StreamError(StatusCode.UNAVAILABLE, "the server ended the stream")


class Outage:
    """Decides, drop by drop, whether and when a call is opened again.

    One thread at a time.
    """

    def __init__(
        self,
        patience: Patience,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._patience = patience
        self._clock = clock
        self._chance = chance
        self.heard()

    def heard(self) -> None:
        """Something came, so whatever outage there was is over."""
        self._since = self._clock()
        self._drops = 0
        self._cause: StreamError | None = None
        self._pause = self._patience.pause_min

    def silence_max(self) -> float:
        """How long to wait for something to come.

        Without an outage a silence is the first sign of one; within one it does not
        make it longer than it may be.
        """
        longest = self._patience.silence_max
        if self._patience.outage_max is None:
            return longest
        left = self._since + self._patience.outage_max - self._clock()
        return min(longest, max(left, 0.01)) if self._drops else longest

    def silent(self, waited: float) -> StreamError:
        """What a silence of `waited` seconds is as an error.

        One that was cut short by an outage's end tells less than how it began.
        """
        if self._cause is not None and waited < self._patience.silence_max:
            return self._cause
        return StreamError(
            StatusCode.DEADLINE_EXCEEDED,
            f"nothing came for {waited:.3g} s",
            "see whether the server and the network are alive",
        )

    def drop(self, cause: StreamError) -> Reconnecting:
        """The call ended with `cause`: says when to open it again.

        Raises:
            StreamError: Opening it again would not mend it, or the outage has taken
                too long.
        """
        if cause.code in FINAL:
            raise cause
        self._drops += 1
        self._cause = cause
        lasted = self._clock() - self._since
        longest = self._patience.outage_max
        if longest is not None and lasted >= longest:
            raise self._too_long(cause, lasted)
        # Clients that lost one server do not come back all at once.
        pause = self._chance(self._pause / 2, self._pause)
        self._pause = min(2 * self._pause, self._patience.pause_max)
        level = logging.WARNING if self._drops == 1 else logging.INFO
        logger.log(level, "connection lost (%s); again in %.2g s", cause.reason, pause)
        return Reconnecting(cause, self._drops, pause)

    def _too_long(self, cause: StreamError, lasted: float) -> StreamError:
        code = StatusCode.UNAVAILABLE
        if cause.code == StatusCode.DEADLINE_EXCEEDED:
            code = cause.code
        return StreamError(
            code,
            f"{cause.reason}; nothing was heard of the server for {lasted:.3g} s and "
            f"in {self._drops} attempts",
            cause.advice,
            cause.details,
        )
