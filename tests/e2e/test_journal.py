"""The comparison of a log with what clients were told finds what there is to find."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from conftest import StartServer
from support.deliveries import event_id, reply
from support.journal import Journal, Kind, LogCheck, rows_behind
from support.webhook import accept_all

COUNT = 8
DELIVERIES = [reply(message=f"number {number}") for number in range(COUNT)]
BODIES = [delivery.body for delivery in DELIVERIES]

Tamper = Callable[[Journal], None]


@pytest.fixture(scope="module")
def closed_log(
    start_module_server: StartServer, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The database of a server that accepted DELIVERIES."""
    data = tmp_path_factory.mktemp("log")
    server = start_module_server(data=data)
    assert accept_all(server, DELIVERIES) == list(range(1, COUNT + 1))
    assert server.stop() == 0
    return data / "events.db"


def answer(number: int, sequence: int, status: str = "accepted") -> dict[str, str]:
    return {
        "status": status,
        "eventId": event_id(BODIES[number]),
        "sequence": str(sequence),
    }


def journal_of_the_log() -> Journal:
    """What the clients of `closed_log` were told."""
    journal = Journal()
    for number, body in enumerate(BODIES):
        journal.posting(body)
        journal.answered(body, answer(number, number + 1))
    return journal


def kinds(journal: Journal, database: Path) -> set[Kind]:
    """The kinds of what a walk over the log finds."""
    check = LogCheck(journal)
    check.walk(rows_behind(database, 0))
    check.rest()
    return {finding.kind for finding in journal.findings}


def test_nothing_is_found_where_all_is_well(closed_log: Path) -> None:
    journal = journal_of_the_log()
    assert kinds(journal, closed_log) == set()
    # Nor by a second walk, or by one that rests in between.
    check = LogCheck(journal)
    for head in range(COUNT):
        check.walk(rows_behind(closed_log, head)[:1])
    check.rest()
    assert journal.findings == []


MOVE = "UPDATE events SET sequence = sequence + 100 WHERE sequence = {}"
COPY = (
    "CREATE TEMP TABLE copy AS SELECT * FROM events WHERE sequence = 3;"
    "UPDATE copy SET sequence = 9; INSERT INTO events SELECT * FROM copy"
)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("DELETE FROM events WHERE sequence = 8", {Kind.LOST}),
        ("DELETE FROM events", {Kind.LOST}),
        ("DELETE FROM events WHERE sequence = 1", {Kind.LOST, Kind.GAP}),
        ("DELETE FROM events WHERE sequence = 4", {Kind.LOST, Kind.GAP}),
        ("UPDATE events SET epoch = 2 WHERE sequence = 8", {Kind.GAP}),
        (MOVE.format(8), {Kind.GAP, Kind.DOUBLED}),
        (COPY, {Kind.DOUBLED}),
        (
            "UPDATE events SET body = x'7b7d' WHERE sequence = 5",
            {Kind.LOST, Kind.REUSED, Kind.FOREIGN},
        ),
        (
            "UPDATE events SET event_id = x'00' WHERE sequence = 5",
            {Kind.FOREIGN},
        ),
        (
            "UPDATE events SET sequence = 100 WHERE sequence = 2;"
            "UPDATE events SET sequence = 2 WHERE sequence = 3;"
            "UPDATE events SET sequence = 3 WHERE sequence = 100",
            {Kind.REUSED, Kind.DOUBLED},
        ),
    ],
)
def test_a_log_that_was_changed(
    closed_log: Path, tmp_path: Path, change: str, expected: set[Kind]
) -> None:
    copy = Path(shutil.copy(closed_log, tmp_path))
    with closing(sqlite3.connect(copy)) as database:
        database.executescript(change)
    assert kinds(journal_of_the_log(), copy) == expected


def told_of_a_lost_one(journal: Journal) -> None:
    lost = reply()
    journal.posting(lost.body)
    told = {"status": "accepted", "eventId": event_id(lost.body), "sequence": "9"}
    journal.answered(lost.body, told)


def told_twice(journal: Journal) -> None:
    journal.answered(BODIES[2], answer(2, 3))


def told_another_sequence(journal: Journal) -> None:
    journal.answered(BODIES[2], answer(2, 10, "duplicate"))


def told_the_sequence_of_another(journal: Journal) -> None:
    other = reply()
    journal.posting(other.body)
    told = {"status": "accepted", "eventId": event_id(other.body), "sequence": "4"}
    journal.answered(other.body, told)


def told_of_another_event(journal: Journal) -> None:
    journal.answered(BODIES[2], answer(3, 3, "duplicate"))


@pytest.mark.parametrize(
    ("tamper", "expected"),
    [
        (told_of_a_lost_one, {Kind.LOST}),
        (told_twice, {Kind.DOUBLED}),
        (told_another_sequence, {Kind.DOUBLED}),
        (told_the_sequence_of_another, {Kind.REUSED, Kind.LOST}),
        (told_of_another_event, {Kind.FOREIGN}),
    ],
)
def test_a_journal_that_was_changed(
    closed_log: Path, tamper: Tamper, expected: set[Kind]
) -> None:
    journal = journal_of_the_log()
    tamper(journal)
    assert kinds(journal, closed_log) == expected


def test_a_copy_is_known_as_a_duplicate(closed_log: Path) -> None:
    journal = journal_of_the_log()
    journal.answered(BODIES[2], answer(2, 3, "duplicate"))
    assert kinds(journal, closed_log) == set()


def test_a_row_that_nobody_posted(closed_log: Path) -> None:
    assert kinds(Journal(), closed_log) == {Kind.FOREIGN}


def test_what_was_read_once_must_stay(closed_log: Path, tmp_path: Path) -> None:
    journal = Journal()
    for body in BODIES:
        journal.posting(body)
    assert kinds(journal, closed_log) == set()
    copy = Path(shutil.copy(closed_log, tmp_path))
    with closing(sqlite3.connect(copy)) as database:
        database.executescript("DELETE FROM events WHERE sequence > 6")
    assert kinds(journal, copy) == {Kind.LOST}
