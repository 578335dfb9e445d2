"""read_log and iter_log, on logs made by Python's own sqlite3."""

from __future__ import annotations

import contextlib
import sqlite3
import struct
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tuco_events import Flag, LogError, Where, iter_log, read_log

from conftest import read_vectors, signature_of
from log_reading import at, execute, log_errors, missing_of, rows_of, sequences_of
from made_logs import (
    Log,
    crc32c,
    crc_of,
    insert,
    numbered_bodies,
    rows_for,
    table_row,
)
from random_bodies import Bodies

pa = pytest.importorskip("pyarrow")


# What is read.


def test_every_column_is_what_parse_says(tmp_path: Path) -> None:
    """Of bodies at random, as a server stores them."""
    bodies = [Bodies(f"log {n}").body() for n in range(1000)]
    bodies += [vector.body for vector in read_vectors()]
    rows = rows_for(bodies)
    Log(rows).write(tmp_path)
    read = rows_of(read_log(tmp_path))
    assert len(read) == len(rows)
    for row, stored in zip(read, rows):
        assert row == table_row(stored)


def test_bodies_come_when_asked_for(tmp_path: Path) -> None:
    bodies = [*numbered_bodies(3), b"\xff\x00 not text"]
    Log(rows_for(bodies)).write(tmp_path)
    assert "body" not in pa.table(read_log(tmp_path)).column_names
    read = rows_of(read_log(tmp_path, include_body=True))
    assert [row["body"] for row in read] == bodies
    assert [row["signature"] for row in read] == [signature_of(body) for body in bodies]


def test_a_folder_and_a_file_are_the_same_log(log: Path) -> None:
    assert rows_of(read_log(log)) == rows_of(read_log(str(log.parent)))


def test_an_empty_log_is_an_empty_table(tmp_path: Path) -> None:
    Log().write(tmp_path)
    assert len(read_log(tmp_path)) == 0
    assert rows_of(read_log(tmp_path, include_body=True)) == []
    assert list(iter_log(tmp_path)) == []


def test_many_ranges_are_one_table(log: Path) -> None:
    """One dictionary for each column, however many parts there were."""
    tables = list(iter_log(log, batch_rows=3))
    assert [len(table) for table in tables] == [3, 3, 3, 1]
    whole = read_log(log)
    assert [row for table in tables for row in rows_of(table)] == rows_of(whole)


def test_progress_is_shown_when_asked_for(
    log: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tuco_events._progress._PATIENCE_S", 0)
    read_log(log)
    assert capsys.readouterr().err == ""
    read_log(log, where=Where(after_sequence=5), progress=True)
    assert "100%  5 events" in capsys.readouterr().err


def test_what_is_appended_afterwards_is_not_read(log: Path) -> None:
    tables = iter_log(log, batch_rows=4)
    first = next(tables)
    with closing(sqlite3.connect(log)) as db, db:
        [row] = rows_for(numbered_bodies(1, 10), first=11)
        insert(db, row)
    with contextlib.suppress(LogError):  # It was made for one reader only.
        rest = [sequence for table in tables for sequence in sequences_of(table)]
        assert sequences_of(first) + rest == list(range(1, 11))
    assert sequences_of(read_log(log)) == list(range(1, 12))


@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_older_versions_are_read(version: int, tmp_path: Path) -> None:
    rows = rows_for(numbered_bodies(5))
    Log(rows, version=version).write(tmp_path)
    assert rows_of(read_log(tmp_path)) == [table_row(row) for row in rows]


@pytest.mark.parametrize("version", [5, 99, 0])
def test_other_versions_are_refused_by_name(version: int, tmp_path: Path) -> None:
    path = Log(rows_for(numbered_bodies(1)), version=version).write(tmp_path)
    with pytest.raises(LogError) as caught:
        read_log(path)
    assert f"version {version}" in str(caught.value) or version == 0
    assert ("install a newer one" in str(caught.value)) == (version > 4)
    assert caught.value.file == str(path)
    assert caught.value.sequence is None
    assert caught.value.table is not None
    assert len(caught.value.table) == 0


def test_a_suspected_duplicate_is_flagged(tmp_path: Path) -> None:
    rows = rows_for(numbered_bodies(2))
    rows[1].suspected_duplicate_of = 1
    rows[1].flags |= 1 << Flag.SUSPECTED_DUPLICATE
    Log(rows).write(tmp_path)
    read = rows_of(read_log(tmp_path))
    assert read == [table_row(row) for row in rows]
    assert (read[1]["flags"], read[1]["suspected_duplicate_of"]) == (
        ["SUSPECTED_DUPLICATE"],
        1,
    )


# Where there are no rows.


def test_what_retention_removed_is_not_missing(tmp_path: Path) -> None:
    rows = rows_for(numbered_bodies(5), first=100)
    Log(rows, removed_through=99).write(tmp_path)
    assert sequences_of(read_log(tmp_path)) == list(range(100, 105))
    where = Where(after_sequence=3)
    assert sequences_of(read_log(tmp_path, where=where)) == list(range(100, 105))


def test_what_retention_removes_meanwhile_is_not_missing(log: Path) -> None:
    """As a server does between two ranges."""
    with closing(sqlite3.connect(log)) as db:
        db.execute("SELECT count(*) FROM events").fetchall()  # Makes -wal and -shm.
        tables = iter_log(log, batch_rows=1)
        read = [sequences_of(next(tables))]
        with db:
            db.execute("DELETE FROM events WHERE sequence <= 8")
            values = ("removed_through", 8, crc_of("removed_through", 8))
            db.execute("INSERT INTO meta VALUES (?, ?, ?)", values)
        read += [sequences_of(table) for table in tables]
    assert read[0] == [1]
    assert read[-2:] == [[9], [10]]
    assert all(len(one) == 1 for one in read)


def test_epochs_leave_numbers_out(tmp_path: Path) -> None:
    second, third = 1 << 20, 2 << 20
    rows = rows_for(numbered_bodies(3))
    rows += rows_for(numbered_bodies(2, 3), first=second, epoch=2)
    rows += rows_for(numbered_bodies(2, 5), first=third, epoch=3)
    epochs = [(2, second, 3), (3, third, second + 1)]
    Log(rows, epochs=epochs).write(tmp_path)
    read = rows_of(read_log(tmp_path))
    assert [(row["sequence"], row["epoch"]) for row in read] == [
        (row.sequence, row.epoch) for row in rows
    ]


def test_an_epoch_that_begins_with_nothing_is_no_damage(tmp_path: Path) -> None:
    Log(rows_for(numbered_bodies(3)), epochs=[(2, 1 << 20, 3)]).write(tmp_path)
    assert sequences_of(read_log(tmp_path)) == [1, 2, 3]


def test_a_damaged_first_row_of_an_epoch_is_all_that_is_missing(
    tmp_path: Path,
) -> None:
    second = 1 << 20
    rows = rows_for(numbered_bodies(3))
    rows += rows_for(numbered_bodies(3), first=second, epoch=2)
    log = Log(rows, epochs=[(2, second, 3)]).write(tmp_path)
    execute(log, f"UPDATE events SET lead_id = 'x' WHERE sequence = {second}")
    table = read_log(log, on_error="collect")
    assert sequences_of(table) == [1, 2, 3, second + 1, second + 2]
    errors = log_errors(table)
    assert [(e.sequence, e.last_sequence) for e in errors] == [(second, second)]


def test_a_hole_beside_an_epoch_is_damage(tmp_path: Path) -> None:
    second = 1 << 20
    rows = rows_for(numbered_bodies(3))
    rows += rows_for(numbered_bodies(3), first=second, epoch=2)
    del rows[3]  # The first of its epoch.
    Log(rows, epochs=[(2, second, 3)]).write(tmp_path)
    with pytest.raises(LogError) as caught:
        read_log(tmp_path)
    assert (caught.value.sequence, caught.value.last_sequence) == (second, second)
    assert sequences_of(caught.value.table) == [1, 2, 3]


@pytest.mark.parametrize(
    ("removed", "first", "last"),
    [([4], 4, 4), ([1, 2], 1, 2), ([10], 10, 10), ([3, 4, 5, 8], 3, 5)],
)
def test_a_hole_is_damage(removed: list[int], first: int, last: int, log: Path) -> None:
    for sequence in removed:
        execute(log, "DELETE FROM events WHERE sequence = ?", sequence)
    with pytest.raises(LogError, match="is not in the log any more") as caught:
        read_log(log)
    assert (caught.value.sequence, caught.value.last_sequence) == (first, last)
    assert caught.value.file == str(log)
    assert sequences_of(caught.value.table) == list(range(1, first))
    left = [sequence for sequence in range(1, 11) if sequence not in removed]
    assert sequences_of(read_log(log, on_error="skip")) == left
    collected = read_log(log, on_error="collect")
    assert sequences_of(collected) == left
    assert collected.skipped == len(collected.errors)
    lost = [
        sequence for error in log_errors(collected) for sequence in missing_of(error)
    ]
    assert lost == removed


# Damage.

DAMAGES = {
    "sequence": 20,
    "epoch": 2,
    "event_id": b"0123456789abcdef",
    "endpoint": "other",
    "type_name": "message.failed",
    "workspace_id": None,
    "line_id": "l2",
    "campaign_id": "",
    "message_id": "m",
    "lead_id": "x",
    "phone": None,
    "occurred_at_us": None,
    "received_at_us": 7,
    "recorded_at_us": 7,
    "flags": 1 << 32,
    "event": b"",
    "body": b"{}",
    "signature": b"",
    "suspected_duplicate_of": 1,
    "crc": 7,
}


@pytest.mark.parametrize("column", DAMAGES)
def test_a_damaged_column_is_named(column: str, log: Path) -> None:
    sql = f"UPDATE events SET {column} = ? WHERE sequence = 5"
    execute(log, sql, DAMAGES[column])
    with pytest.raises(LogError) as caught:
        read_log(log)
    assert caught.value.sequence == 5
    assert caught.value.file == str(log)
    assert str(caught.value).startswith(f"{log}: record")
    assert sequences_of(caught.value.table) == [1, 2, 3, 4]
    legible = [1, 2, 3, 4, 6, 7, 8, 9, 10]
    assert sequences_of(read_log(log, on_error="skip")) == legible
    collected = read_log(log, on_error="collect")
    assert sequences_of(collected) == legible
    assert 5 in [error.sequence for error in log_errors(collected)]


def test_the_dictionary_of_damages_has_every_column(log: Path) -> None:
    with closing(sqlite3.connect(log)) as db:
        columns = [name for _, name, *_ in db.execute("PRAGMA table_info(events)")]
    assert sorted(columns) == sorted(DAMAGES)


def test_damage_in_what_a_filter_leaves_out_is_damage_too(log: Path) -> None:
    """The damaged column could be why it does not match."""
    execute(log, "UPDATE events SET workspace_id = 'w2' WHERE sequence = 5")
    with pytest.raises(LogError, match="does not fit its checksum") as caught:
        read_log(log, where=Where(workspaces="w1"))
    assert caught.value.sequence == 5


def test_an_event_that_is_none_is_named(tmp_path: Path) -> None:
    rows = rows_for(numbered_bodies(5))
    rows[2].event = b"\x1a\x01\xff"
    path = Log(rows).write(tmp_path)
    says = r"record 3: its event cannot be decoded: byte 0 in field 3 of"
    with pytest.raises(LogError, match=says) as caught:
        read_log(path)
    assert sequences_of(caught.value.table) == [1, 2]
    assert sequences_of(read_log(path, on_error="skip")) == [1, 2, 4, 5]


def test_an_odd_signature_is_named(tmp_path: Path) -> None:
    rows = rows_for(numbered_bodies(3))
    rows[1].signature = b"short"
    path = Log(rows).write(tmp_path)
    with pytest.raises(LogError, match="signature is not of 32 bytes") as caught:
        read_log(path, include_body=True)
    assert caught.value.sequence == 2


@pytest.mark.parametrize("on_error", ["skip", "collect", "raise"])
def test_an_iterator_gives_what_came_before(on_error: Any, log: Path) -> None:
    execute(log, "UPDATE events SET body = x'00' WHERE sequence = 5")
    tables = iter_log(log, batch_rows=2, on_error=on_error)
    read: list[int] = []
    errors = []
    with contextlib.ExitStack() as stack:
        if on_error == "raise":
            caught = stack.enter_context(pytest.raises(LogError))
        for table in tables:
            read += sequences_of(table)
            errors += [error.sequence for error in log_errors(table)]
    if on_error == "raise":
        assert (caught.value.sequence, caught.value.table) == (5, None)
    assert read == [1, 2, 3, 4] + [6, 7, 8, 9, 10] * (on_error != "raise")
    assert errors == [5] * (on_error == "collect")


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("UPDATE meta SET crc = 1", "removed_through in table meta"),
        ("UPDATE epochs SET lost_after = 1", "epoch 2 in table epochs"),
        ("DROP TABLE epochs", "table epochs cannot be read: no such table"),
    ],
)
def test_damage_beside_the_events_is_named(sql: str, says: str, tmp_path: Path) -> None:
    rows = rows_for(numbered_bodies(3), first=5)
    path = Log(rows, epochs=[(2, 1 << 20, 7)], removed_through=4).write(tmp_path)
    execute(path, sql)
    with pytest.raises(LogError, match=says) as caught:
        read_log(path)
    assert caught.value.sequence is None
    tables = list(iter_log(path, on_error="skip", batch_rows=1))
    assert [n for table in tables for n in sequences_of(table)] == [5, 6, 7]
    assert sum(table.skipped for table in tables) <= 2


def test_a_damaged_last_row_does_not_say_where_the_end_is(log: Path) -> None:
    execute(log, "UPDATE events SET sequence = 1 << 60 WHERE sequence = 10")
    collected = read_log(log, on_error="collect")
    assert sequences_of(collected) == list(range(1, 10))
    assert 10 in [error.sequence for error in log_errors(collected)]
    assert len(collected.errors) <= 2


def test_newest_events_that_are_gone_are_missed(log: Path) -> None:
    """Their duplicate keys outlive them."""
    execute(log, "DELETE FROM events WHERE sequence > 7")
    with pytest.raises(LogError) as caught:
        read_log(log)
    assert (caught.value.sequence, caught.value.last_sequence) == (8, 10)
    assert sequences_of(caught.value.table) == list(range(1, 8))


def mark(epoch: int, sequence: int) -> bytes:
    covered = b"TUCOMARK" + struct.pack("<QQ", epoch, sequence)
    return covered + struct.pack("<I", crc32c(covered))


def test_the_mark_knows_what_was_lost_with_the_wal(log: Path) -> None:
    """An events.db that was copied without its -wal is an older log."""
    (log.parent / "mark").write_bytes(mark(1, 12).ljust(512, b"\0") + mark(1, 11))
    with pytest.raises(LogError, match=r"was events\.db-wal copied") as caught:
        read_log(log)
    assert (caught.value.sequence, caught.value.last_sequence) == (11, 12)
    assert sequences_of(caught.value.table) == list(range(1, 11))
    up_to_10 = read_log(log, where=Where(through_sequence=10))
    assert sequences_of(up_to_10) == list(range(1, 11))
    assert len(read_log(log, where=Where(to_time=at(5)))) == 4
    assert len(read_log(log, where=Where(after_sequence=12))) == 0
    with pytest.raises(LogError) as caught:
        read_log(log, where=Where(after_sequence=11))
    assert (caught.value.sequence, caught.value.last_sequence) == (12, 12)


@pytest.mark.parametrize(
    "content", [b"", b"TUCOMARK", mark(1, 10), mark(1, 12)[:-1] + b"\0"]
)
def test_a_mark_that_says_nothing_new_is_no_damage(content: bytes, log: Path) -> None:
    (log.parent / "mark").write_bytes(content)
    assert len(read_log(log)) == 10


def test_the_mark_of_another_log_is_not_asked(log: Path) -> None:
    (log.parent / "mark").write_bytes(mark(1, 12))
    copy = log.rename(log.parent / "backup.db")
    assert len(read_log(copy)) == 10
