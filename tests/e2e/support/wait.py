"""Waiting for a condition, with a deadline; tests never just sleep."""

import time
from collections.abc import Callable
from typing import TypeVar

# Long enough for a sanitizer on a busy machine; nothing waits this long unless
# it is broken.
DEADLINE_S = 30.0
_PAUSE_S = 0.01

T = TypeVar("T")


def wait_until(
    condition: Callable[[], T], what: str, timeout_s: float = DEADLINE_S
) -> T:
    """Returns the first true value of `condition`.

    Raises:
        TimeoutError: it did not become true in time; the message says `what`.
    """
    end = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError(f"waited {timeout_s:.0f} s for {what}")
        time.sleep(_PAUSE_S)
