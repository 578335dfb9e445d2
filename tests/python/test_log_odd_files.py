"""read_log on files that are no logs, or not all of one."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tuco_events import LogError, read_log

from log_reading import execute, log_errors, missing_of, rows_of, sequences_of
from made_logs import Log, numbered_bodies, rows_for, table_row

pa = pytest.importorskip("pyarrow")


def test_nothing_there_is_no_log(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere", tmp_path, tmp_path / "nowhere" / "events.db"):
        with pytest.raises(FileNotFoundError, match="no event log"):
            read_log(path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"{}\n" * 500, b"SQLite format 3\0" * 99])
def test_another_file_is_no_log(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    path.write_bytes(content)
    with pytest.raises(LogError) as caught:
        read_log(path)
    assert caught.value.file == str(path)
    assert [file.name for file in tmp_path.iterdir()] == ["events.db"]


def test_another_database_is_no_log(tmp_path: Path) -> None:
    path = Log(application_id=7).write(tmp_path)
    with pytest.raises(LogError, match="no event log of tuco-events"):
        read_log(path)


def test_a_view_in_place_of_the_table_is_not_run(log: Path) -> None:
    """It could take for ever."""
    execute(log, "ALTER TABLE events RENAME TO real_events")
    execute(log, "CREATE VIEW events AS SELECT * FROM real_events")
    with pytest.raises(LogError, match="view"):
        read_log(log)


@pytest.fixture(scope="module")
def hundred(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The database of a log of a hundred events, on many pages."""
    bodies = [body + b" " * 600 for body in numbered_bodies(100)]
    folder = tmp_path_factory.mktemp("hundred")
    return Log(rows_for(bodies)).write(folder).read_bytes()


PAGE = 8192


def test_a_truncated_file_gives_what_it_has(hundred: bytes, tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    most = 0
    for size in range(len(hundred) - PAGE, 0, -PAGE):
        path.write_bytes(hundred[:size])
        with pytest.raises(LogError) as caught:
            read_log(path)
        table = caught.value.table
        read = sequences_of(table) if table is not None else []
        assert read == list(range(1, len(read) + 1))
        most = max(most, len(read))
        skipped = []
        with contextlib.suppress(LogError):
            skipped = sequences_of(read_log(path, on_error="skip"))
        assert set(read) <= set(skipped) <= set(range(1, 101))
    assert most > 50


def test_a_damaged_page_costs_what_is_on_it(hundred: bytes, tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    lost_somewhere: set[int] = set()
    for page in range(1, len(hundred) // PAGE):
        damaged = bytearray(hundred)
        damaged[page * PAGE : (page + 1) * PAGE] = b"\xa5" * PAGE
        path.write_bytes(damaged)
        try:
            collected = read_log(path, on_error="collect")
        except LogError:
            continue  # A page without which there is no table.
        read = sequences_of(collected)
        lost = set(range(1, 101)) - set(read)
        named = {
            sequence
            for error in log_errors(collected)
            for sequence in missing_of(error)
        }
        assert read == sorted(read)
        assert lost <= named
        if len(lost) < 30:
            lost_somewhere |= lost
    assert len(lost_somewhere) > 90


ROWS = rows_for(numbered_bodies(10))


@pytest.fixture(scope="module")
def ten(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The pages of a log of ten events."""
    return Log(ROWS).write(tmp_path_factory.mktemp("ten")).read_bytes()


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    changes=st.lists(
        st.tuples(st.integers(0, 1 << 20), st.binary(min_size=1, max_size=8)),
        min_size=1,
        max_size=5,
    )
)
def test_any_database_is_read_or_refused(
    changes: list[tuple[int, bytes]], ten: bytes, tmp_path: Path
) -> None:
    """Bytes at random in place of others: never a crash, never a wrong row."""
    changed = bytearray(ten)
    for place, new in changes:
        start = place % len(ten)
        changed[start : start + len(new)] = new
    path = tmp_path / "events.db"
    path.write_bytes(changed[: len(ten)])
    expected = {row["sequence"]: row for row in map(table_row, ROWS)}
    try:
        table = read_log(path, on_error="collect", include_body=True)
    except LogError:
        return  # Nothing of it is legible.
    for row in rows_of(table):
        del row["body"], row["signature"]
        assert row == expected[row["sequence"]]
