"""Tables of whatever reads Arrow give the same metrics, in every layout."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import tuco_events
from hypothesis import given, settings
from hypothesis import strategies as st

import arrow_tables as arrow
from event_rows import Histories, Row, batch, sent, table

pyarrow: Any = pytest.importorskip("pyarrow")

BY = ("campaign", "line", "day")


def rows() -> list[Row]:
    return [event for seed in range(40) for event in Histories(seed).rows()]


def expected() -> Any:
    return tuco_events.metrics(table(rows()), by=BY).to_dicts()


def of_pyarrow(whole: Any) -> Any:
    return whole


def of_slices(whole: Any) -> Any:
    """Batches that begin in the middle of others."""
    parts = [whole.slice(i, 7) for i in range(0, whole.num_rows, 7)]
    return pyarrow.concat_tables(parts)


def of_a_reader(whole: Any) -> Any:
    return whole.to_reader(max_chunksize=11)


def of_polars(whole: Any) -> Any:
    return pytest.importorskip("polars").DataFrame(whole)


def of_polars_categories(whole: Any) -> Any:
    polars = pytest.importorskip("polars")
    names = ("type", "campaign_id", "message_id")
    return polars.DataFrame(whole).with_columns(
        polars.col(name).cast(polars.String).cast(polars.Categorical) for name in names
    )


def of_pandas(whole: Any) -> Any:
    pytest.importorskip("pandas")
    return whole.to_pandas()


def of_duckdb(whole: Any) -> Any:
    duckdb = pytest.importorskip("duckdb")
    return duckdb.from_arrow(whole).filter("true")


@pytest.mark.parametrize(
    "reader",
    [
        of_pyarrow,
        of_slices,
        of_a_reader,
        of_polars,
        of_polars_categories,
        of_pandas,
        of_duckdb,
    ],
)
def test_every_reader_gives_the_same(reader: Callable[[Any], Any]) -> None:
    read = reader(pyarrow.table(table(rows(), 3)))
    assert tuco_events.metrics(read, by=BY).to_dicts() == expected()


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times_of_every_unit_are_read(unit: str) -> None:
    form = {"s": "tss:", "ms": "tsm:UTC", "us": "tsu:", "ns": "tsn:UTC"}[unit]
    events = [sent()]
    columns = batch(events)
    at = [column.name for column in columns].index("occurred_at")
    columns[at] = arrow.times("occurred_at", [events[0]["occurred_at"]], form)
    found = tuco_events.metrics(arrow.Table(columns), by="hour")
    assert found["hour"] == [events[0]["occurred_at"]]


def layouts(values: list[str | None]) -> list[arrow.Column]:
    """The same texts in every layout."""
    name = "message_line_id"
    made = [arrow.texts(name, values, form) for form in ("u", "U", "vu")]
    made += [
        arrow.dictionary(name, values, index, form)
        for index in "cCsSiIlL"
        for form in ("u", "vu")
    ]
    return made


# Of up to 12 bytes a string_view has the text in itself.
TEXT = st.none() | st.text(max_size=4) | st.text(min_size=10, max_size=20)


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXT, max_size=40))
def test_texts_are_read_in_every_layout(values: list[str | None]) -> None:
    counts = Counter(value or None for value in values)
    columns = batch([sent(f"{n}") for n in range(len(values))])
    at = [column.name for column in columns].index("message_line_id")
    for layout in layouts(values):
        columns[at] = layout
        found = tuco_events.metrics(arrow.Table(columns), by="line")
        assert dict(zip(found["line"], found["attempted"])) == counts


def test_results_are_read_by_others() -> None:
    found = tuco_events.metrics(table(rows()), by=BY, tz="Europe/Berlin")
    read = found.to_arrow()
    assert read.num_rows == len(found)
    assert read.column("day").to_pylist() == found["day"]
    assert read.column("time_to_reply_p50").to_pylist() == found["time_to_reply_p50"]
    read.validate(full=True)
    polars = pytest.importorskip("polars")
    assert polars.DataFrame(found)["reply_rate"].to_list() == found["reply_rate"]
    assert found.to_polars()["campaign_name"].to_list() == found["campaign_name"]
    pytest.importorskip("pandas")
    assert list(found.to_pandas()["attempted"]) == found["attempted"]


def test_hours_keep_their_zone() -> None:
    found = tuco_events.metrics(table(rows()), by="hour", tz="Europe/Berlin")
    column = found.to_arrow().column("hour")
    assert str(column.type) == "timestamp[us, tz=Europe/Berlin]"
    assert column.to_pylist() == found["hour"]


def test_an_event_table_is_read() -> None:
    body = (
        b'{"event":"message.sent","timestamp":"2026-04-15T12:00:00Z","messageId":"m"}'
    )
    events = tuco_events.EventTable.from_events([tuco_events.parse(body)])
    found = tuco_events.metrics(events, by="day")
    assert found["attempted"] == [1]


def test_what_a_reader_says_is_passed_on() -> None:
    def batches() -> Any:
        yield from pyarrow.table(table([sent()])).to_batches()
        raise OSError("the disk is gone")

    schema = pyarrow.table(table([sent()])).schema
    reader = pyarrow.RecordBatchReader.from_batches(schema, batches())
    with pytest.raises(RuntimeError, match=r"cannot be read: .*the disk is gone"):
        tuco_events.metrics(reader)
