"""What clients and readers were told, kept apart from the log, and whether it holds.

    answers of the server ──▶ Journal ──▶ LogCheck ◀── rows of the log

The journal has what came over the wire or was read once, both of which the log
must keep for ever. A check walks over the log's rows and says what does not agree.
"""

import hashlib
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from sqlite3 import connect

from support.deliveries import event_id


class Kind(Enum):
    """Which promise was not kept."""

    LOST = "an event that was answered 2xx, or read once, is not there"
    GAP = "a sequence was left out, or an epoch began"
    REUSED = "a sequence stands for other bytes than it did"
    DOUBLED = "the same bytes have two sequences, or were accepted twice"
    FOREIGN = "a row, or an answer, that no delivery explains"


@dataclass(frozen=True)
class Finding:
    """One promise that was not kept."""

    kind: Kind
    what: str


@dataclass(frozen=True)
class Row:
    """An event of the log."""

    sequence: int
    epoch: int
    event_id: str
    body: bytes


class Journal:
    """What was posted and what was promised."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        # Each digest of a body and its sequence, as often as it was promised.
        self.promises: list[tuple[bytes, int]] = []
        self._posted: dict[str, bytes] = {}
        self._sequences: dict[bytes, int] = {}
        self._digests: dict[int, bytes] = {}

    def note(self, kind: Kind, what: str) -> None:
        """Adds a finding."""
        self.findings.append(Finding(kind, what))

    def posting(self, body: bytes) -> None:
        """A delivery is about to be posted; nobody knows what comes of it."""
        self._posted[event_id(body)] = _digest_of(body)

    def answered(self, body: bytes, answer: dict[str, str]) -> None:
        """The answer 200 to a delivery that was posted."""
        digest = _digest_of(body)
        if answer["eventId"] != event_id(body):
            self.note(Kind.FOREIGN, f"the answer to {event_id(body)} is {answer}")
        if answer["status"] == "accepted" and digest in self._sequences:
            self.note(Kind.DOUBLED, f"{event_id(body)} was accepted again: {answer}")
        self._promise(digest, int(answer["sequence"]))

    def read(self, row: Row) -> bytes:
        """A reader was shown this; the digest of its body."""
        digest = _digest_of(row.body)
        if self._posted.get(row.event_id) != digest:
            self.note(Kind.FOREIGN, f"event {row.sequence} was never posted like that")
        self._promise(digest, row.sequence)
        return digest

    def _promise(self, digest: bytes, sequence: int) -> None:
        first = self._sequences.setdefault(digest, sequence)
        if first != sequence:
            self.note(Kind.DOUBLED, f"one body has {first} and {sequence}")
        if self._digests.setdefault(sequence, digest) != digest:
            self.note(Kind.REUSED, f"event {sequence} had other bytes")
        self.promises.append((digest, sequence))


class LogCheck:
    """One walk over the log, from its first event; it may rest anywhere."""

    def __init__(self, journal: Journal) -> None:
        self.head = 0
        self._journal = journal
        self._found: set[bytes] = set()
        self._compared = 0

    def walk(self, rows: Iterable[Row]) -> None:
        """Goes on over the rows behind `head`."""
        for row in rows:
            if row.sequence <= self.head:
                self._journal.note(Kind.DOUBLED, f"event {row.sequence} comes again")
            elif row.sequence != self.head + 1:
                self._journal.note(Kind.GAP, f"{row.sequence} follows {self.head}")
            if row.epoch != 1:
                self._journal.note(Kind.GAP, f"{row.sequence} is of epoch {row.epoch}")
            self.head = max(self.head, row.sequence)
            self._found.add(self._journal.read(row))

    def rest(self) -> None:
        """The log ends here, so whatever was promised so far was found."""
        promises = self._journal.promises
        for digest, sequence in promises[self._compared :]:
            if digest not in self._found:
                self._journal.note(Kind.LOST, f"event {sequence} is not there")
        self._compared = len(promises)


def rows_behind(database: Path, head: int) -> list[Row]:
    """The events behind `head`, as an outside reader sees them."""
    with closing(connect(f"file:{database}?mode=ro", uri=True)) as reader:
        found = reader.execute(
            "SELECT sequence, epoch, event_id, body FROM events "
            "WHERE sequence > ? ORDER BY sequence",
            [head],
        ).fetchall()
    return [
        Row(sequence, epoch, f"evt_{identifier.hex()}", body)
        for sequence, epoch, identifier, body in found
    ]


def _digest_of(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()
