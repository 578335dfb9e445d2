"""Reading some columns only, of archives and of logs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import tuco_events
from tuco_events import (
    EventTable,
    FormatError,
    iter_deliveries,
    iter_log,
    read_deliveries,
    read_log,
)

from archives import archive, delivery_line
from conftest import SECRET
from made_logs import Log, numbered_bodies, rows_for
from table_reference import random_bodies

pa = pytest.importorskip("pyarrow")

# Some that have no message id, whose idempotency key is their event's id.
BODIES = [*random_bodies(300, seed=3), b'{"event":"message.sent"}', b"[]"]
Read = Callable[..., EventTable]


def from_archive(_: Path) -> Read:
    """Reads deliveries of all kinds."""
    content = archive(delivery_line(body) for body in BODIES)
    return lambda **options: read_deliveries(content, **options)


def from_lines(_: Path) -> Read:
    """Reads bodies that are lines themselves."""
    content = archive([*numbered_bodies(40), b'{"event":"message.sent"}'])
    return lambda **options: read_deliveries(content, **options)


def from_log(folder: Path) -> Read:
    """Reads a log."""
    Log(rows=rows_for(BODIES)).write(folder)
    return lambda **options: read_log(folder, **options)


@pytest.fixture(params=[from_archive, from_lines, from_log])
def read(request: pytest.FixtureRequest, tmp_path: Path) -> Read:
    """Reads the same events each time, with the options that it gets."""
    made: Read = request.param(tmp_path)
    return made


def arrow(table: EventTable) -> Any:
    made = pa.table(table)
    made.validate(full=True)
    return made


def test_each_column_alone_is_what_it_is_beside_the_others(read: Read) -> None:
    whole = arrow(read(include_body=True))
    for name in whole.column_names:
        alone = arrow(read(columns=[name]))
        assert alone.column_names == [name]
        assert alone.schema.field(name).equals(whole.schema.field(name)), name
        assert alone[name].to_pylist() == whole[name].to_pylist(), name


def test_they_stay_in_their_order_whatever_they_are_asked_for(read: Read) -> None:
    names = ("contact_phone", "type", "event_id", "type")
    for columns in (names, list(names), iter(names), dict.fromkeys(names)):
        assert read(columns=columns).columns == ["event_id", "type", "contact_phone"]


def test_none_stands_for_all_of_them(read: Read) -> None:
    assert read(columns=None).columns == read().columns


def test_a_body_that_is_named_is_there_without_another_word(read: Read) -> None:
    table = read(columns=["body"], include_body=False)
    assert arrow(table)["body"].null_count == 0
    assert read(columns=["type"], include_body=True).columns == ["type"]


@pytest.mark.parametrize(
    ("columns", "error", "says"),
    [
        (["typ"], ValueError, "there is no column 'typ'"),
        ([], ValueError, "at least one column"),
        ("type", TypeError, "found str"),
        (7, TypeError, "found int"),
        ([7], TypeError, "found int"),
        (["type", None], TypeError, "found NoneType"),
        (["\udc80"], ValueError, "there is no column"),
    ],
)
def test_what_names_no_columns_is_refused(
    read: Read, columns: Any, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        read(columns=columns)


def test_a_table_without_times_types_or_flags_is_one_all_the_same(read: Read) -> None:
    table = read(columns=["message_id"])
    assert repr(table) == f"<EventTable {len(table)} events>"
    assert table[1:3].columns == ["message_id"]
    assert len(table[1:3]) == 2
    with pytest.raises(ValueError, match="occurred_at"):
        table.between()
    assert EventTable.concat([table, table]).columns == ["message_id"]
    with pytest.raises(ValueError, match="other columns"):
        EventTable.concat([table, read(columns=["type"])])


def test_metrics_name_the_column_that_they_miss(read: Read) -> None:
    with pytest.raises(ValueError, match="message_id"):
        tuco_events.metrics(read(columns=["type"]))


def test_damage_is_found_in_what_is_not_read(tmp_path: Path) -> None:
    content = archive([*numbered_bodies(3), b"{"])
    with pytest.raises(FormatError) as caught:
        read_deliveries(content, columns=["type"])
    assert caught.value.line == 4
    assert caught.value.table is not None
    assert caught.value.table.columns == ["type"]
    path = Log(rows=rows_for(numbered_bodies(3))).write(tmp_path)
    with closing(sqlite3.connect(path)) as log, log:
        log.execute("UPDATE events SET lead_id = 'other' WHERE sequence = 2")
    with pytest.raises(tuco_events.LogError) as failed:
        read_log(path, columns=["type"])
    assert failed.value.sequence == 2
    assert failed.value.table is not None
    assert failed.value.table.columns == ["type"]


def test_iterating_and_empty_tables_have_them_too(tmp_path: Path) -> None:
    tables: Iterable[EventTable] = iter_deliveries(
        archive(numbered_bodies(5)), batch_rows=2, columns=["type"]
    )
    assert [(len(table), table.columns) for table in tables] == [
        (2, ["type"]),
        (2, ["type"]),
        (1, ["type"]),
    ]
    path = Log(rows=rows_for(numbered_bodies(5))).write(tmp_path / "some")
    tables = iter_log(path, batch_rows=3, columns=["type"])
    assert [(len(table), table.columns) for table in tables] == [
        (3, ["type"]),
        (2, ["type"]),
    ]
    assert read_deliveries(b"", columns=["type"]).columns == ["type"]
    assert read_log(Log().write(tmp_path / "none"), columns=["type"]).columns == [
        "type"
    ]


def test_deliveries_are_verified_for_the_columns_that_say_so() -> None:
    body = next(iter(numbered_bodies(1)))
    content = delivery_line(body) + b"\n"
    for columns in (None, ["verified_form"]):
        table = read_deliveries(content, secret=SECRET, columns=columns)
        assert arrow(table)["verified_form"].to_pylist() == ["RAW"]
