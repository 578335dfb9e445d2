"""Where the commands write to, and what they end with."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import BinaryIO, NoReturn, TextIO

# The exit codes, which are the server's own as well; 0 is success.
NEGATIVE = 1
USAGE = 2
UNAVAILABLE = 3
DAMAGED = 4
INTERRUPTED = 130


class CommandError(Exception):
    """What ends a command.

    Attributes:
        code: The exit code.
    """

    code: int

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


def notice(message: str) -> None:
    """Writes a line to stderr; without what a terminal takes for commands."""
    if sys.stderr is not None:
        print(f"tuco_events: {printable(message)}", file=sys.stderr, flush=True)


def fail(code: int, message: str) -> int:
    """Says what is wrong, and gives the exit code back."""
    notice(message)
    return code


def printable(text: str) -> str:
    """The text with U+FFFD for what is not to be seen."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def stdin() -> BinaryIO:
    """What the name - stands for.

    Raises:
        CommandError: It is closed.
    """
    if sys.stdin is None:
        raise CommandError(USAGE, "stdin is closed")
    return sys.stdin.buffer


def takes_colours(stream: TextIO) -> bool:
    """Whether colours are wanted: on a terminal, unless NO_COLOR says no."""
    return (
        stream.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
    )


def takes_blocks(stream: TextIO) -> bool:
    """Whether the stream's encoding has the characters that bars are made of."""
    try:
        "█▏░–".encode(stream.encoding or "ascii")
    except (LookupError, UnicodeEncodeError):
        return False
    return True


def end_on_signals() -> None:
    """Has SIGTERM and SIGHUP end the command in order: temporary files go away."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        # One that is ignored stays so, as behind nohup.
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _end)


def _end(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


def close_stdout() -> None:
    """Lets what is left to write disappear, when nobody reads it any more."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
