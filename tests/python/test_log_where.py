"""Which events read_log is asked for."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest
import tuco_events
from tuco_events import Flag, Where, iter_log, read_log

from log_reading import at, execute, sequences_of
from made_logs import (
    START_US,
    Log,
    Row,
    numbered_bodies,
    row_for,
    rows_for,
    time_at,
)

pa = pytest.importorskip("pyarrow")


@pytest.fixture(scope="module")
def mixed() -> list[Row]:
    return [
        row_for(body, n, **values)
        for n, (body, values) in enumerate(
            [
                (b'{"event":"message.sent","workspaceId":"w1","data":{"messageId":"a",'
                 b'"lineId":"l1","recipientPhone":"+1"}}', {}),
                (b'{"event":"message.replied","workspaceId":"w2","leadId":"x",'
                 b'"data":{"messageId":"b","lineId":"l2"}}', {}),
                (b'{"event":"message.new","timestamp":"2026-04-15T12:00:00Z",'
                 b'"workspaceId":"w1","campaignId":"c1"}', {}),
                (b'{"event":"message.sent","testMode":true,'
                 b'"timestamp":"2026-04-16T12:00:00Z"}', {"endpoint": "second"}),
                (b"not JSON", {}),
            ],
            1,
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("where", "wanted"),
    [
        ({}, [1, 2, 3, 4, 5]),
        ({"types": tuco_events.EventType.MESSAGE_SENT}, [1, 4]),
        ({"types": ["message.reply"]}, [2]),
        ({"types": ["MESSAGE_REPLY", "message.sent"]}, [1, 2, 4]),
        ({"types": "UNSPECIFIED"}, [3, 5]),
        ({"type_names": "message.new"}, [3]),
        ({"types": "message.replied", "type_names": ["message.new"]}, [2, 3]),
        ({"workspaces": "w1"}, [1, 3]),
        ({"workspaces": ["w1", "w2"]}, [1, 2, 3]),
        ({"workspaces": "w1", "types": "message.sent"}, [1]),
        ({"lines": ["l1"]}, [1]),
        ({"campaigns": "c1"}, [3]),
        ({"message_id": "b"}, [2]),
        ({"lead_id": "x"}, [2]),
        ({"phone": "+1"}, [1]),
        ({"phone": "1' OR 1=1 --"}, []),
        ({"workspaces": ""}, []),
        ({"test": "exclude"}, [1, 2, 3, 5]),
        ({"test": "only"}, [4]),
        ({"flags": Flag.PARSE_ERROR}, [5]),
        ({"flags": ["PARSE_ERROR", Flag.NO_TIMESTAMP]}, [5]),
        ({"flags": ["PARSE_ERROR", "TEST"]}, []),
        ({"without_flags": ["NO_TIMESTAMP"]}, [3, 4]),
        ({"endpoints": "second"}, [4]),
        ({"after_sequence": 2}, [3, 4, 5]),
        ({"through_sequence": 2}, [1, 2]),
        ({"after_sequence": 1, "through_sequence": 3}, [2, 3]),
        ({"after_sequence": 3, "through_sequence": 1}, []),
        ({"after_sequence": 99}, []),
        ({"through_sequence": 99}, [1, 2, 3, 4, 5]),
        ({"through_sequence": 0}, []),
        ({"from_time": at(3)}, [3, 4, 5]),
        ({"to_time": at(3)}, [1, 2]),
        ({"from_time": at(2), "to_time": at(4)}, [2, 3]),
        ({"from_time": at(99)}, []),
        ({"to_time": at(-99)}, []),
        ({"from_time": at(-99), "to_time": at(99)}, [1, 2, 3, 4, 5]),
        ({"occurred_from": at(0)}, [3, 4]),
        ({"occurred_from": at(1)}, [4]),
        ({"occurred_to": at(1)}, [3]),
    ],
)
def test_a_filter_matches(
    where: dict[str, Any], wanted: list[int], mixed: list[Row], tmp_path: Path
) -> None:
    Log(mixed).write(tmp_path)
    assert sequences_of(read_log(tmp_path, where=where)) == wanted
    assert sequences_of(read_log(tmp_path, where=Where(**where))) == wanted


def test_times_are_looked_for_beside_gaps(tmp_path: Path) -> None:
    second = 1 << 20
    rows = rows_for(numbered_bodies(3))
    rows += rows_for(numbered_bodies(3), first=second, epoch=2)
    Log(rows, epochs=[(2, second, 3)]).write(tmp_path)
    for begin in rows:
        for end in rows:
            where = Where(
                from_time=time_at(begin.recorded_at_us),
                to_time=time_at(end.recorded_at_us),
            )
            assert sequences_of(read_log(tmp_path, where=where)) == [
                row.sequence
                for row in rows
                if begin.sequence <= row.sequence < end.sequence
            ]


def test_times_are_looked_for_beside_damage(log: Path) -> None:
    """A damaged time does not lead astray."""
    for damaged in range(1, 11):
        execute(log, "UPDATE events SET recorded_at_us = 0 WHERE sequence = ?", damaged)
        where = Where(from_time=at(4), to_time=at(8))
        read = sequences_of(read_log(log, where=where, on_error="skip"))
        assert read == [n for n in range(4, 8) if n != damaged]
        recorded = START_US + damaged * 1_000_000
        execute(
            log,
            "UPDATE events SET recorded_at_us = ? WHERE sequence = ?",
            recorded,
            damaged,
        )
    assert len(read_log(log)) == 10


@pytest.mark.parametrize(
    ("where", "error", "says"),
    [
        (7, TypeError, "expected a Where or a dict, found int"),
        ({"worksp": "w"}, ValueError, "there is no 'worksp' to ask for; types, "),
        ({"types": "message.snet"}, ValueError, "types: there is no 'message.snet'; "),
        ({"types": 1}, TypeError, "types: expected EventType or str or several"),
        ({"types": [1]}, TypeError, "types: expected EventType or str, found int"),
        ({"workspaces": b"w"}, TypeError, "workspaces: expected str or several"),
        ({"workspaces": [None]}, TypeError, "workspaces: expected str, found NoneType"),
        ({"workspaces": []}, ValueError, "workspaces: the list is empty"),
        ({"phone": "\ud800"}, ValueError, "phone: a text has a lone surrogate"),
        ({"flags": "TSET"}, ValueError, "flags: there is no 'TSET'; TEST, LATE"),
        ({"test": "no"}, ValueError, "expected include, exclude or only, found 'no'"),
        ({"after_sequence": -1}, ValueError, "after_sequence: expected 0 to"),
        ({"after_sequence": "1"}, TypeError, "after_sequence: expected an int"),
        ({"through_sequence": True}, TypeError, "through_sequence: expected an int"),
        ({"through_sequence": 1 << 63}, ValueError, "through_sequence: expected 0"),
        ({"from_time": 5}, TypeError, "from_time: expected a datetime, found int"),
        ({"to_time": datetime.datetime(2026, 1, 1)}, ValueError,
         "to_time: the datetime has no time zone"),
    ],
)  # fmt: skip
def test_a_filter_that_makes_no_sense_is_refused(
    where: Any, error: type[Exception], says: str, log: Path
) -> None:
    with pytest.raises(error) as caught:
        read_log(log, where=where)
    assert says in str(caught.value)
    with pytest.raises(error):
        iter_log(log, where=where)


def test_a_filter_shows_nobodys_number() -> None:
    where = Where(phone="+19042956129", lead_id="lead_7", workspaces="w1")
    assert "904" not in repr(where)
    assert "lead_7" not in repr(where)
    assert "w1" in repr(where)


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ({"on_error": "ignore"}, ValueError, "raise, skip, collect, found 'ignore'"),
        ({"batch_rows": 0}, ValueError, "batch_rows to be 1 to 1,000,000, found 0"),
        ({"batch_rows": 2.5}, TypeError, "batch_rows to be an int, found float"),
    ],
)
def test_arguments_are_checked(
    arguments: dict[str, Any], error: type[Exception], says: str, log: Path
) -> None:
    with pytest.raises(error, match=says):
        iter_log(log, **arguments)
    with pytest.raises(TypeError, match="expected a path"):
        read_log(b"events.db")  # type: ignore[arg-type]
