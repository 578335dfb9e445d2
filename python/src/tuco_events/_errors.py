"""The exceptions of this package."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import TYPE_CHECKING

from ._core import Reason

if TYPE_CHECKING:
    from ._table import EventTable
    from .client import Finding, Position


class TucoError(ValueError):
    """The base of every exception that this package defines."""


class SignatureError(TucoError):
    """A delivery is not genuine.

    Attributes:
        reason: Why.
        findings: What would have to be different, where a server was asked to
            explain (`Client.verify_and_parse`); else empty.
    """

    reason: Reason
    findings: tuple[Finding, ...]

    def __init__(self, reason: Reason, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(reason, findings)
        self.reason = reason
        self.findings = findings

    def __str__(self) -> str:
        return f"the delivery is not genuine: {self.reason.name}"


class FormatError(TucoError):
    """A file is not what it should be.

    Attributes:
        file: Its name, where it has one.
        line: The line with the mistake, from 1.
        column: The byte of that line, from 1.
        table: The events before it, of `read_deliveries`; else None.
    """

    file: str | None
    line: int | None
    column: int | None
    table: EventTable | None

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
        self.table = None

    def __str__(self) -> str:
        places = (self.file, self.line, self.column)
        place = ":".join(str(part) for part in places if part is not None)
        return f"{place}: {self.args[0]}" if place else str(self.args[0])


class LogError(TucoError):
    """An event log cannot be read, or not all of it.

    Attributes:
        file: The database.
        sequence: The first event that is damaged or missing, where it is known
            which one that is.
        last_sequence: The last one of those that are damaged or missing alike.
        table: The events before it, of `read_log`; else None.
    """

    file: str
    sequence: int | None
    last_sequence: int | None
    table: EventTable | None

    def __init__(
        self,
        message: str,
        file: str,
        sequence: int | None = None,
        last_sequence: int | None = None,
    ) -> None:
        super().__init__(message, file, sequence, last_sequence)
        self.file = file
        self.sequence = sequence
        self.last_sequence = sequence if last_sequence is None else last_sequence
        self.table = None

    def __str__(self) -> str:
        what = self.args[0]
        if self.sequence is None:
            return f"{self.file}: {what}"
        if self.last_sequence == self.sequence:
            return f"{self.file}: record {self.sequence}: {what}"
        return f"{self.file}: records {self.sequence} to {self.last_sequence}: {what}"


class StatusCode(IntEnum):
    """The canonical codes, with gRPC's numbers."""

    OK = 0
    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16


class StreamError(TucoError):
    """A server did not do what it was asked for, or is not there.

    Attributes:
        code: What kind of failure it is.
        reason: What the server, or the connection to it, said.
        advice: What to do about it.
        details: What the server added for programs, such as `earliest` and `head`
            of a log that does not have the position asked for.
        field: The argument at fault, where one is.
        position: Where to go on, of a stream that gave something; else None.
        table: What `read` had read before; else None.
    """

    code: StatusCode
    reason: str
    advice: str
    details: Mapping[str, str]
    field: str | None
    position: Position | None
    table: EventTable | None

    def __init__(
        self,
        code: StatusCode,
        reason: str,
        advice: str = "",
        details: Mapping[str, str] | None = None,
        field: str | None = None,
    ) -> None:
        super().__init__(code, reason, advice, details, field)
        self.code = code
        self.reason = reason
        self.advice = advice
        self.details = dict(details or {})
        self.field = field
        self.position = None
        self.table = None

    def __str__(self) -> str:
        said = f"{self.code.name}: {self.reason or 'no reason given'}"
        return f"{said}; {self.advice}" if self.advice else said
