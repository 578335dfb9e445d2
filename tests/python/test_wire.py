"""Serialized events: as tuco_events._core reads them, into events and tables."""

from __future__ import annotations

import contextlib
import datetime
from typing import Any

import pytest
import tuco_events
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tuco_events import _core

from conftest import read_vectors
from random_bodies import Bodies
from wire_schema import (
    ENUMS,
    FIXED32,
    MESSAGES,
    NUMBERS,
    Field,
    chunk,
    event_bytes,
    fixed64,
    flat,
    number,
    read_messages,
    row_of,
    serialized,
    tag,
    timestamp,
    varint,
)

pa = pytest.importorskip("pyarrow")

UTC = datetime.timezone.utc


def rows_of(*responses: bytes, include_body: bool = False) -> list[dict[str, Any]]:
    """The rows of a table made of responses."""
    reader = _core.ResponseReader(include_body)
    for response in responses:
        reader.add(response)
    rows: list[dict[str, Any]] = pa.table(reader.take()).to_pylist()
    return rows


def value_of(field: Field, seed: int) -> Any:
    """A value that no other seed gives, except of enums and truth values."""
    if field.type in ENUMS:
        return list(ENUMS[field.type])[-1 - seed % 3]
    if field.type == "bool":
        return True
    if field.type in NUMBERS:
        return seed
    if field.type == "bytes":
        return b"\xff%d" % seed
    if field.type == "google.protobuf.Timestamp":
        return datetime.datetime(2026, 4, 15, tzinfo=UTC) + datetime.timedelta(
            seconds=seed, microseconds=seed
        )
    if field.type == "string":
        return f"text \u00e9 {seed}"
    return values_of(field.type, 100 * seed)


def values_of(message: str, seed: int = 1) -> dict[str, Any]:
    """Every field of a message with a value of its own."""
    values: dict[str, Any] = {}
    for at, field in enumerate(MESSAGES[message], seed):
        value = value_of(field, at)
        values[field.name] = (
            [value, value_of(field, at + 50)] if (field.repeated) else value
        )
    if message == "Event":
        values["flags"] = [tuco_events.Flag.TEST, tuco_events.Flag.LATE]
    return values


def test_every_field_of_the_schema_has_its_column() -> None:
    """A number that drifted would put a value elsewhere, or nowhere."""
    values = values_of("Event")
    [row] = rows_of(chunk(1, serialized("Event", values)), include_body=True)
    expected = flat("Event", values)
    expected |= {"body": values["body"], "signature": values["signature"]}
    assert row == expected
    assert list(row) == list(expected)


def test_every_field_of_the_schema_is_an_attribute() -> None:
    values = values_of("Event")
    event = _core.event_of(serialized("Event", values))
    assert event.to_dict() == values


@pytest.mark.parametrize("message", ["StreamEventsResponse", "ListEventsResponse"])
def test_responses_have_their_events_in_the_same_field(message: str) -> None:
    [events] = [
        field
        for field in read_messages("event_service.proto")[message]
        if field.name == "events"
    ]
    assert (events.number, events.type, events.repeated) == (1, "Event", True)


def test_scanned_through_has_its_number() -> None:
    [field] = [
        field
        for field in read_messages("event_service.proto")["StreamEventsResponse"]
        if field.name == "scanned_through"
    ]
    reader = _core.ResponseReader(False)
    reader.add(number(field.number, 42))
    assert reader.scanned_through == 42


def test_random_events_come_back() -> None:
    bodies = [Bodies(f"wire {n}").body() for n in range(1000)]
    bodies += [vector.body for vector in read_vectors()]
    events = [tuco_events.parse(body) for body in bodies]
    assert [_core.event_of(event_bytes(event)) for event in events] == events
    response = b"".join(chunk(1, event_bytes(event)) for event in events)
    rows = rows_of(response)
    for row, event in zip(rows, events):
        assert row == row_of(event)
    assert len(rows) == len(events)


def test_what_the_log_adds_is_merged() -> None:
    """As the server appends it behind the event's own bytes."""
    recorded = datetime.datetime(2026, 4, 15, 12, 0, 0, 5, tzinfo=UTC)
    event = serialized("Event", {"event_id": "evt_1", "flags": [tuco_events.Flag.TEST]})
    event += number(1, 7) + number(2, 3) + chunk(11, timestamp(recorded))
    event += number(12, tuco_events.Flag.SUSPECTED_DUPLICATE) + number(17, 5)
    event += chunk(24, b"\xff{}") + chunk(25, b"ab")
    [row] = rows_of(chunk(1, event), include_body=True)
    assert (row["sequence"], row["epoch"], row["recorded_at"]) == (7, 3, recorded)
    assert row["flags"] == ["TEST", "SUSPECTED_DUPLICATE"]
    assert row["suspected_duplicate_of"] == 5
    assert (row["body"], row["signature"]) == (b"\xff{}", "ab")


def test_what_stands_twice_is_merged_as_protobuf_does() -> None:
    first = {"message": {"id": "a", "text": "b", "checked_addresses": ["x"]}}
    second = {"message": {"id": "c", "checked_addresses": ["y"]}, "event_id": "e"}
    event = _core.event_of(serialized("Event", first) + serialized("Event", second))
    assert (event.message.id, event.message.text) == ("c", "b")
    assert event.message.checked_addresses == ("x", "y")
    seconds = chunk(9, number(1, 60))
    nanos = chunk(9, number(2, 5000))
    event = _core.event_of(seconds + nanos)
    assert event.occurred_at == datetime.datetime(1970, 1, 1, 0, 1, 0, 5, tzinfo=UTC)
    before_1970 = chunk(9, number(1, -1) + number(2, 999_999_000))
    event = _core.event_of(before_1970 + chunk(9, b""))
    assert event.occurred_at == datetime.datetime(1970, 1, 1, tzinfo=UTC) - (
        datetime.timedelta(microseconds=1)
    )


def test_nothing_of_one_event_is_left_in_the_next() -> None:
    full = serialized("Event", values_of("Event"))
    rows = rows_of(chunk(1, full) + chunk(1, b""), include_body=True)
    assert rows[1] == rows_of(chunk(1, b""), include_body=True)[0]
    assert rows[1]["message_id"] is None
    assert rows[1]["message_parents"] == []


def test_absent_is_not_empty() -> None:
    [row] = rows_of(chunk(1, chunk(19, chunk(2, b"") + number(10, 0))))
    assert (row["message_text"], row["message_step_index"]) == ("", 0)
    assert (row["message_id"], row["message_sent_at"]) == (None, None)


def test_what_a_newer_server_sends_is_skipped() -> None:
    news = number(900, 1) + fixed64(901, 1.0) + chunk(902, b"\xff") + b"\xbd\x38abcd"
    assert news.endswith(tag(903, FIXED32) + b"abcd")
    message = news + chunk(1, b"m") + news
    event = news + chunk(19, message) + number(5, 99) + number(13, 99) + news
    event += chunk(12, varint(1) + varint(99) + varint(40)) + number(12, 1 << 40)
    [row] = rows_of(news + chunk(1, event) + news)
    assert (row["message_id"], row["type"], row["shape"]) == (
        "m",
        "UNSPECIFIED",
        "UNSPECIFIED",
    )
    assert row["flags"] == ["TEST"]


def test_a_known_field_of_another_wire_type_is_skipped() -> None:
    odd = b""
    for field in MESSAGES["Event"]:
        odd += tag(field.number, FIXED32) + b"abcd"
    for field in MESSAGES["Message"]:
        odd += chunk(19, tag(field.number, FIXED32) + b"abcd")
    assert _core.event_of(odd) == _core.event_of(b"")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\x0a", "byte 0 in field 1 of the serialized message: it ends too early"),
        (chunk(19, b"\x0a\x05abc"), "byte 3 in field 19.1 of"),
        (chunk(19, chunk(1, b"\xff")), "byte 3 in field 19.1 of the serialized"
         " message: it is not UTF-8"),
        (number(3, 1) + chunk(3, b"\xed\xa0\x80"), "byte 2 in field 3 of"),
        (chunk(9, number(1, 1 << 60)), "it is no time in the years 1 to 9999"),
        (chunk(9, number(1, -62_135_596_801)), "it is no time"),
        (chunk(9, number(2, 1_000_000_000)), "it is no time"),
        (chunk(19, chunk(27, chunk(3, number(2, -1)))), "in field 19.27.3 of"),
        (b"\x08" + b"\xff" * 11, "a number has more than ten bytes"),
        (b"\x0b", "there is no such wire type"),
        (b"\x00\x01", "there is no such field number"),
    ],
)  # fmt: skip
def test_malformed_bytes_are_named(data: bytes, says: str) -> None:
    with pytest.raises(ValueError, match="of the serialized message") as caught:
        _core.event_of(data)
    assert says in str(caught.value)


def test_what_came_before_malformed_bytes_is_kept() -> None:
    reader = _core.ResponseReader(False)
    good = chunk(1, chunk(3, b"evt_1"))
    with pytest.raises(ValueError, match=r"byte 11 in field 1\.3 of"):
        reader.add(good + chunk(1, chunk(3, b"\xff")) + good)
    assert len(reader) == 1
    reader.add(good)
    assert len(reader) == 2
    assert len(reader.take()) == 2
    assert len(reader.take()) == 0


def test_only_bytes_are_decoded() -> None:
    with pytest.raises(TypeError, match="found str"):
        _core.event_of("text")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="found int"):
        _core.ResponseReader(False).add(7)  # type: ignore[arg-type]
    assert _core.event_of(memoryview(chunk(3, b"e"))).event_id == "e"


FULL = serialized("Event", values_of("Event"))


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A full event with some bytes replaced, removed or added."""
    data = bytearray(FULL)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data) - 1))
        data[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(data)


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.binary(max_size=60), mutated()))
@example(b"\x0a\xff\xff\xff\xff\x0f")
@example(b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")
def test_any_bytes_are_an_event_or_an_error(data: bytes) -> None:
    """Never a crash, and what is taken is what Arrow's readers may trust."""
    reader = _core.ResponseReader(True)
    try:
        event = _core.event_of(data)
    except ValueError:
        with pytest.raises(ValueError, match="of the serialized message"):
            reader.add(chunk(1, data))
        assert len(reader) == 0
    else:
        reader.add(chunk(1, data))
        table = pa.table(reader.take())
        table.validate(full=True)
        [row] = table.to_pylist()
        assert row["event_id"] == event.event_id
        assert row["message_id"] == event.message.id
    with_garbage = _core.ResponseReader(False)
    with contextlib.suppress(ValueError):
        with_garbage.add(data)
    pa.table(with_garbage.take()).validate(full=True)
