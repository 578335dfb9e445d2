"""The exceptions of this package."""

from __future__ import annotations

from ._core import Reason


class TucoError(ValueError):
    """The base of every exception that this package defines."""


class SignatureError(TucoError):
    """A delivery is not genuine.

    Attributes:
        reason: Why.
    """

    reason: Reason

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"the delivery is not genuine: {self.reason.name}"


class FormatError(TucoError):
    """A file is not what it should be.

    Attributes:
        file: Its name, where it has one.
        line: The line with the mistake, from 1.
        column: The column of that line, from 1.
    """

    file: str | None
    line: int | None
    column: int | None

    def __init__(
        self,
        message: str,
        file: str | None = None,
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        super().__init__(message, file, line, column)
        self.file = file
        self.line = line
        self.column = column

    def __str__(self) -> str:
        places = (self.file, self.line, self.column)
        place = ":".join(str(part) for part in places if part is not None)
        return f"{place}: {self.args[0]}" if place else str(self.args[0])
