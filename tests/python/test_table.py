"""EventTable: its columns, its Arrow, and what it becomes elsewhere."""

from __future__ import annotations

import copy
import ctypes
import gc
import pickle
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from typing import Any

import duckdb
import nanoarrow
import pandas
import polars
import pyarrow
import pytest
from tuco_events import Event, EventTable, Flag, parse, read_deliveries

from arrow_structs import ArrowArray, ArrowArrayStream, ArrowSchema, pointer_in
from conftest import DATA, read_vectors
from table_reference import random_bodies, rows_of

UTC = timezone.utc
ARCHIVE = DATA / "deliveries.ndjson"


def events() -> list[Event]:
    """Events of all shapes, with absent fields and lists."""
    return [parse(vector.body) for vector in read_vectors()]


def valid(table: EventTable) -> pyarrow.Table:
    """The table in pyarrow, which has looked at every value."""
    arrow = table.to_arrow()
    arrow.validate(full=True)
    return arrow


def rows_of_arrow(table: pyarrow.Table) -> list[dict[str, Any]]:
    """Its rows as dicts."""
    return list(table.to_pylist())


def numbered(count: int) -> list[Event]:
    """Replies whose ids and times count up, a minute apart."""
    start = datetime(2026, 4, 1, tzinfo=UTC)
    return [
        parse(
            b'{"event":"message.reply","timestamp":"%s","data":'
            b'{"messageId":"m_%d","message":"hi"}}'
            % ((start + timedelta(minutes=n)).isoformat().encode(), n)
        )
        for n in range(count)
    ]


# Columns.


@pytest.mark.parametrize("include_body", [False, True])
def test_the_columns_say_what_the_events_do(include_body: bool) -> None:
    given = events()
    table = EventTable.from_events(given, include_body=include_body)
    assert valid(table).to_pylist() == rows_of(given, include_body)


def test_random_bodies_have_the_columns_of_their_events() -> None:
    given = [parse(body) for body in random_bodies(2_000, seed=11)]
    assert valid(EventTable.from_events(given)).to_pylist() == rows_of(given)


def test_a_column_is_null_where_and_only_where_the_schema_says() -> None:
    schema = valid(EventTable.from_events(events())).schema
    never = {field.name for field in schema if not field.nullable}
    assert never == {
        "event_id", "idempotency_key", "type", "type_name", "endpoint", "flags",
        "shape", "verified_form", "secret_name", "origin",
        "message_checked_addresses", "message_attachment_urls",
        "message_attachment_names", "message_parents", "message_recent_replies",
    }  # fmt: skip


def test_enum_columns_have_every_name_in_order() -> None:
    table = valid(EventTable.from_events([]))
    assert len(table) == 0
    table = valid(EventTable.from_events([parse(b"{}")]))
    forms = table.column("verified_form").chunk(0).dictionary.to_pylist()
    assert forms == ["UNSPECIFIED", "RAW", "CANONICAL"]


def test_batches_share_their_dictionaries() -> None:
    table = EventTable.from_events(numbered(70_000))
    ids = valid(table).column("workspace_id")
    types = valid(table).column("type")
    assert types.num_chunks == 2
    assert types.chunk(0).dictionary.equals(types.chunk(1).dictionary)
    assert ids.null_count == 70_000


def test_what_is_no_event_is_refused() -> None:
    with pytest.raises(TypeError):
        EventTable.from_events(["event"])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="from_events"):
        EventTable()


# Rows.


def test_slices_are_those_of_a_list() -> None:
    given = numbered(20)
    table = EventTable.from_events(given)
    for rows in (
        slice(3, 9), slice(None), slice(-5, None), slice(9, 3), slice(0, 99),
        slice(19, 20), slice(8, 16), slice(1, 18),
    ):  # fmt: skip
        assert valid(table[rows]).to_pylist() == rows_of(given[rows]), rows
    assert valid(table[2:18][3:9]).to_pylist() == rows_of(given[2:18][3:9])


def test_slices_keep_nulls_lists_and_booleans() -> None:
    given = [parse(body) for body in random_bodies(300, seed=3)]
    table = EventTable.from_events(given)
    for begin, end in ((1, 299), (7, 8), (63, 129), (100, 100)):
        part = valid(table[begin:end])
        assert part.to_pylist() == rows_of(given[begin:end])


def test_a_slice_has_no_step_and_no_column() -> None:
    table = EventTable.from_events(numbered(3))
    with pytest.raises(ValueError, match="step"):
        table[::2]
    with pytest.raises(TypeError, match="to_polars"):
        table["type"]  # type: ignore[index]
    with pytest.raises(TypeError):
        iter(table)  # type: ignore[call-overload]


def test_between_has_the_start_and_not_the_end() -> None:
    given = numbered(10)
    table = EventTable.from_events(given)
    start, end = given[2].occurred_at, given[5].occurred_at
    assert valid(table.between(start, end)).to_pylist() == rows_of(given[2:5])
    assert len(table.between()) == 10
    assert len(table.between(end)) == 5
    assert len(table.between(end=start)) == 2
    assert len(table.between(end, start)) == 0


def test_between_picks_rows_in_any_order_with_all_they_have() -> None:
    given = [parse(body) for body in random_bodies(1_000, seed=5)]
    table = EventTable.from_events(given, include_body=True)
    start = datetime(2026, 4, 15, 12, 0, 0, tzinfo=UTC)
    picked = [e for e in given if e.occurred_at is not None and e.occurred_at >= start]
    assert 10 < len(picked) < 900
    again = table.between(start)
    assert valid(again).to_pylist() == rows_of(picked, include_body=True)
    # Of a slice, whose columns begin in the middle of their buffers.
    picked = [e for e in picked if e in given[101:]]
    assert len(table[101:].between(start)) >= len(picked)
    valid(table[101:].between(start))


def test_between_by_another_time() -> None:
    table = read_deliveries(ARCHIVE)
    assert len(table.between(by="received_at")) == 0
    assert len(table.between(by="message_created_at")) > 0


def test_between_wants_times_with_a_zone() -> None:
    table = EventTable.from_events(numbered(1))
    with pytest.raises(ValueError, match="time zone"):
        table.between(datetime(2026, 4, 1))
    with pytest.raises(TypeError, match="datetime"):
        table.between("2026-04-01")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="occurred_at"):
        table.between(by="message_id")


def test_tables_are_put_together() -> None:
    given = events()
    parts = [EventTable.from_events(given[n : n + 7]) for n in range(0, len(given), 7)]
    together = EventTable.concat(parts)
    assert valid(together).to_pylist() == rows_of(given)
    slices = EventTable.concat([together[5:9], together[2:4], together])
    assert valid(slices).to_pylist() == rows_of(given[5:9] + given[2:4] + given)
    lines = valid(slices).column("message_line_id")
    assert all(c.dictionary.equals(lines.chunk(0).dictionary) for c in lines.chunks)


def test_tables_with_and_without_bodies_are_not_put_together() -> None:
    one = EventTable.from_events(numbered(1))
    other = EventTable.from_events(numbered(1), include_body=True)
    with pytest.raises(ValueError, match="other columns"):
        EventTable.concat([one, other])
    with pytest.raises(ValueError, match="at least one"):
        EventTable.concat([])
    with pytest.raises(TypeError):
        EventTable.concat([one, "other"])  # type: ignore[list-item]


# The object.


def test_the_repr_has_counts_and_nothing_personal() -> None:
    table = EventTable.from_events(events(), include_body=True)
    text = repr(table)
    assert text.startswith(f"<EventTable {len(table):,} events, 20")
    assert "MESSAGE_REPLY" in text
    assert "TEST" in text
    rows = valid(table).to_pylist()
    for name in ("message_text", "contact_phone", "contact_last_name", "message_id"):
        for row in rows:
            value = row[name]
            if value and len(value) > 4 and value not in ("message",):
                assert value not in text
    assert repr(EventTable.from_events([])) == "<EventTable 0 events>"


def test_it_never_changes() -> None:
    table = EventTable.from_events(numbered(1))
    with pytest.raises(AttributeError):
        table.skipped = 3
    assert copy.copy(table) is table
    assert copy.deepcopy([table])[0] is table
    with pytest.raises(TypeError, match="Parquet"):
        pickle.dumps(table)


def test_the_schema_has_every_column() -> None:
    table = EventTable.from_events([], include_body=True)
    assert list(table.schema) == table.columns
    assert table.columns[-2:] == ["body", "signature"]
    assert EventTable.from_events([]).columns == table.columns[:-2]
    arrow = valid(table).schema
    assert [field.name for field in arrow] == table.columns
    for field in arrow:
        said = table.schema[field.name]
        is_dictionary = pyarrow.types.is_dictionary(field.type)
        assert is_dictionary == (said == "dictionary[string]"), field
        assert pyarrow.types.is_list(field.type) == said.startswith("list["), field
        assert pyarrow.types.is_timestamp(field.type) == said.startswith("time"), field


# Arrow's C interface.


def test_nanoarrow_reads_it() -> None:
    given = events()
    table = EventTable.from_events(given)
    stream = nanoarrow.ArrayStream(table)
    arrays = list(stream)
    assert sum(len(array) for array in arrays) == len(given)
    schema = nanoarrow.Schema(table)
    assert [field.name for field in schema.fields] == table.columns
    assert pyarrow.table(nanoarrow.Array(table)).to_pylist() == rows_of(given)


def test_what_is_handed_out_is_released_with_all_that_it_has() -> None:
    """Taken by pyarrow, or by nobody: in a process that does nothing else."""
    code = (
        "import pyarrow, tuco_events\n"
        'event = tuco_events.parse(b\'{"event":"message.sent"}\')\n'
        "table = tuco_events.EventTable.from_events([event] * 3)\n"
        "def resident_kib():\n"
        "    return int(open('/proc/self/statm').read().split()[1]) * 4\n"
        "def hand_out(times):\n"
        "    for _ in range(times):\n"
        "        table.__arrow_c_stream__()\n"
        "        table.__arrow_c_schema__()\n"
        "        pyarrow.table(table)\n"
        "hand_out(500)\n"
        "before = resident_kib()\n"
        "hand_out(2000)\n"
        "print(resident_kib() - before)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    # One kind of them that stays is a hundred MiB and more.
    assert int(done.stdout) < 16 * 1024


def stream_of(table: EventTable) -> tuple[Any, ArrowArrayStream]:
    """A stream's capsule, which owns it, and the struct."""
    capsule = table.__arrow_c_stream__()
    return capsule, ArrowArrayStream.from_address(
        pointer_in(capsule, b"arrow_array_stream")
    )


def next_array(stream: ArrowArrayStream) -> ArrowArray:
    array = ArrowArray()
    assert stream.get_next(ctypes.byref(stream), ctypes.byref(array)) == 0
    return array


def test_a_stream_ends_and_is_released_once() -> None:
    _capsule, stream = stream_of(EventTable.from_events(numbered(2)))
    array = next_array(stream)
    assert (array.length, array.n_children, array.null_count) == (2, 63, 0)
    assert array.n_buffers == 1
    for _ in range(3):
        assert not next_array(stream).release
    array.release(ctypes.byref(array))
    assert not array.release
    stream.release(ctypes.byref(stream))
    assert not stream.release


def test_an_array_outlives_its_stream_and_its_table() -> None:
    table = EventTable.from_events(numbered(3))
    capsule, stream = stream_of(table)
    array = next_array(stream)
    del table, capsule, stream
    gc.collect()
    ids = array.children[18].contents
    assert ctypes.string_at(ids.buffers[2], 9) == b"m_0m_1m_2"
    array.release(ctypes.byref(array))


def test_a_moved_child_outlives_its_parent() -> None:
    _capsule, stream = stream_of(EventTable.from_events(numbered(3)))
    array = next_array(stream)
    source = array.children[18].contents
    moved = ArrowArray()
    ctypes.memmove(ctypes.byref(moved), ctypes.byref(source), ctypes.sizeof(source))
    source.release = type(source.release)()
    array.release(ctypes.byref(array))
    assert ctypes.string_at(moved.buffers[2], 9) == b"m_0m_1m_2"
    moved.release(ctypes.byref(moved))
    assert not moved.release


def test_a_moved_dictionary_outlives_its_column() -> None:
    _capsule, stream = stream_of(EventTable.from_events(numbered(1)))
    array = next_array(stream)
    source = array.children[13].contents.dictionary.contents
    moved = ArrowArray()
    ctypes.memmove(ctypes.byref(moved), ctypes.byref(source), ctypes.sizeof(source))
    source.release = type(source.release)()
    array.release(ctypes.byref(array))
    assert ctypes.string_at(moved.buffers[2], 14) == b"UNSPECIFIEDRAW"
    moved.release(ctypes.byref(moved))


def test_a_schema_is_released_with_its_children() -> None:
    capsule = EventTable.from_events([]).__arrow_c_schema__()
    schema = ArrowSchema.from_address(pointer_in(capsule, b"arrow_schema"))
    assert schema.format == b"+s"
    assert schema.n_children == 63
    assert schema.children[4].contents.dictionary.contents.format == b"u"
    moved = ArrowSchema()
    child = schema.children[2].contents
    ctypes.memmove(ctypes.byref(moved), ctypes.byref(child), ctypes.sizeof(child))
    child.release = type(child.release)()
    schema.release(ctypes.byref(schema))
    assert not schema.release
    assert (moved.name, moved.flags) == (b"event_id", 0)
    moved.release(ctypes.byref(moved))


def test_buffers_begin_at_multiples_of_64() -> None:
    _capsule, stream = stream_of(EventTable.from_events(events(), include_body=True))
    array = next_array(stream)

    def visit(one: ArrowArray) -> None:
        for n in range(one.n_buffers):
            assert (one.buffers[n] or 0) % 64 == 0
        if one.null_count == 0 and one.n_buffers and one.n_children == 0:
            assert not one.buffers[0]
        for n in range(one.n_children):
            visit(one.children[n].contents)
        if one.dictionary:
            visit(one.dictionary.contents)

    visit(array)
    array.release(ctypes.byref(array))


def test_many_threads_read_one_table() -> None:
    given = events()
    table = EventTable.from_events(given)
    expected = rows_of(given)

    def read(number: int) -> bool:
        part = table[number % 5 :]
        return rows_of_arrow(pyarrow.table(part)) == expected[number % 5 :]

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(read, range(64)))


def test_an_array_may_be_released_on_another_thread() -> None:
    for _ in range(50):
        batches = EventTable.from_events(numbered(10)).to_arrow().to_batches()
        thread = threading.Thread(target=batches.clear)
        thread.start()
        thread.join()


# Elsewhere.


def test_polars_has_its_types() -> None:
    given = events()
    frame = EventTable.from_events(given).to_polars()
    assert frame.schema["type"] == polars.Categorical
    assert frame.schema["occurred_at"] == polars.Datetime("us", "UTC")
    assert frame.schema["flags"] == polars.List(polars.String)
    assert frame.to_dicts() == rows_of(given)


def test_polars_takes_slices_and_batches() -> None:
    given = numbered(66_000)
    table = EventTable.from_events(given)[65_000:]
    frame = table.to_polars()
    assert frame["message_id"].to_list() == [f"m_{n}" for n in range(65_000, 66_000)]
    assert frame["type"].unique().to_list() == ["MESSAGE_REPLY"]


def test_pandas_keeps_numbers_exact() -> None:
    given = events()
    frame = EventTable.from_events(given).to_pandas()
    assert str(frame["sequence"].dtype) == "UInt64"
    assert str(frame["message_step_index"].dtype) == "Int64"
    assert str(frame["opt_out"].dtype) == "boolean"
    assert str(frame["type"].dtype) == "category"
    assert str(frame["occurred_at"].dtype) == "datetime64[us, UTC]"
    times = [
        None if pandas.isna(time) else time.to_pydatetime()
        for time in frame["occurred_at"]
    ]
    assert times == [event.occurred_at for event in given]


def test_duckdb_queries_it_again_and_again() -> None:
    given = events()
    table = EventTable.from_events(given)
    connection = duckdb.connect()
    relation = table.to_duckdb(connection)
    for _ in range(2):
        [(count,)] = relation.aggregate("count(*)").fetchall()
        assert count == len(given)
    tests = relation.filter("list_contains(flags, 'TEST')").fetchall()
    assert len(tests) == sum(Flag.TEST in event.flags for event in given)
    assert len(table.to_duckdb().fetchall()) == len(given)


def test_without_other_packages_it_says_what_to_install() -> None:
    code = (
        "import sys\n"
        "for name in ('pyarrow', 'polars', 'pandas', 'duckdb'):\n"
        "    sys.modules[name] = None\n"
        "import tuco_events\n"
        "table = tuco_events.EventTable.from_events([tuco_events.parse(b'{}')])\n"
        "for name in ('arrow', 'polars', 'pandas', 'duckdb'):\n"
        "    try:\n"
        "        getattr(table, 'to_' + name)()\n"
        "    except ImportError as error:\n"
        "        assert f'tuco-events[{name}]' in str(error), error\n"
        "    else:\n"
        "        raise AssertionError(name)\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_importing_imports_nothing_else() -> None:
    code = (
        "import sys, tuco_events\n"
        "tuco_events.EventTable.from_events([])\n"
        "taken = {name.split('.')[0] for name in sys.modules}\n"
        "assert not taken & {'pyarrow', 'polars', 'pandas', 'duckdb', 'numpy'}\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
