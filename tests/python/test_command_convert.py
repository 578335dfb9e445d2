"""`convert` of the command: what each format says, and what is left of failures."""

from __future__ import annotations

import base64
import csv
import gzip
import io
import json
import os
import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import tuco_events

from commands import environment, run
from conftest import DATA
from made_logs import Log, numbered_bodies, rows_for

SAMPLES = DATA / "deliveries.ndjson"
# Everything that a text format has to spell: quotes, breaks, controls, lists.
ODD = (
    b'{"event":"message.reply","timestamp":"2026-04-15T12:00:00.042Z",'
    b'"workspaceId":"","stepIndex":-3,'
    b'"message":"a \\"b\\", c\\nd\\u0001 \\ud83c\\udf89",'
    b'"checkedAddresses":["x,1","y\\"2"],"attachmentUrls":[],"odd":{"n":[1]}}\n'
)


def plain(value: Any) -> Any:
    """A value of pyarrow's as JSON has it."""
    if isinstance(value, datetime):
        part = "seconds" if not value.microsecond else "milliseconds"
        part = "microseconds" if value.microsecond % 1000 else part
        return value.replace(tzinfo=None).isoformat(timespec=part) + "Z"
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value


def rows_of(table: tuco_events.EventTable) -> list[dict[str, Any]]:
    pytest.importorskip("pyarrow")
    return [plain(row) for row in table.to_arrow().to_pylist()]


def csv_cell(value: Any) -> str:
    """A value as CSV has it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return str(value)


def test_ndjson_has_every_column_of_every_row(tmp_path: Path) -> None:
    archive = tmp_path / "a.ndjson"
    archive.write_bytes(SAMPLES.read_bytes() + ODD)
    result = run("convert", archive, tmp_path / "out.ndjson")
    assert (result.code, result.output) == (0, b"")
    assert result.errors == f"tuco_events: 17 events to {tmp_path}/out.ndjson\n"
    lines = (tmp_path / "out.ndjson").read_text("utf-8").splitlines()
    expected = rows_of(tuco_events.read_deliveries(archive))
    assert [json.loads(line) for line in lines] == expected
    assert [list(json.loads(line)) for line in lines] == [list(expected[0])] * 17


def test_csv_has_every_column_of_every_row(tmp_path: Path) -> None:
    archive = tmp_path / "a.ndjson"
    archive.write_bytes(SAMPLES.read_bytes() + ODD)
    assert run("convert", archive, tmp_path / "out.csv").code == 0
    with open(tmp_path / "out.csv", encoding="utf-8", newline="") as file:
        [names, *rows] = csv.reader(file, strict=True)
    expected = rows_of(tuco_events.read_deliveries(archive))
    assert names == list(expected[0])
    assert rows == [[csv_cell(value) for value in row.values()] for row in expected]


def test_csv_tells_empty_from_absent() -> None:
    result = run("convert", "-", "-", "--to", "csv", stdin=ODD)
    names, row, _ = result.text.replace("\nd", "d").split("\n")
    # No text in this one has a comma before these columns.
    cells = dict(zip(names.split(","), row.split(",")))
    assert cells["secret_name"] == '""'
    assert cells["sequence"] == cells["recorded_at"] == ""


def test_controls_are_escaped_in_json() -> None:
    result = run("convert", "-", "-", "--to", "ndjson", stdin=ODD)
    assert b'"message_text":"a \\"b\\", c\\nd\\u0001 \xf0\x9f\x8e\x89"' in result.output


def test_parquet_keeps_the_types(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    from pyarrow import parquet

    for more in ((), ("--include-body",)):
        target = tmp_path / f"out{len(more)}.parquet"
        assert run("convert", SAMPLES, target, *more).code == 0
        table = tuco_events.read_deliveries(SAMPLES, include_body=bool(more))
        read = parquet.read_table(target)
        assert read.schema.equals(table.to_arrow().schema)
        assert read.to_pylist() == table.to_arrow().to_pylist()


def test_nothing_at_all_makes_a_file_with_columns(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    from pyarrow import parquet

    empty = tuco_events.EventTable.from_events([])
    assert run("convert", "-", tmp_path / "out.parquet").code == 0
    read = parquet.read_table(tmp_path / "out.parquet")
    assert read.schema.equals(empty.to_arrow().schema)
    assert read.num_rows == 0
    assert run("convert", "-", tmp_path / "out.csv").code == 0
    assert (tmp_path / "out.csv").read_text() == ",".join(empty.columns) + "\n"
    assert run("convert", "-", tmp_path / "out.jsonl").code == 0
    assert (tmp_path / "out.jsonl").read_bytes() == b""


def test_batches_make_one_file(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    from pyarrow import parquet

    archive = b"\n".join(numbered_bodies(120_000))
    assert run("convert", "-", tmp_path / "out.parquet", stdin=archive).code == 0
    file = parquet.ParquetFile(tmp_path / "out.parquet")
    groups = [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)]
    assert groups == [50_000, 50_000, 20_000]
    assert run("convert", "-", tmp_path / "out.csv", stdin=archive).code == 0
    with open(tmp_path / "out.csv", encoding="utf-8", newline="") as lines:
        ids = [row["message_id"] for row in csv.DictReader(lines)]
    assert ids == [f"m_{n}" for n in range(120_000)]
    assert file.read(["message_id"])["message_id"].to_pylist() == ids


def test_an_archive_larger_than_the_memory_is_converted(tmp_path: Path) -> None:
    # Half a gigabyte of events, in a process that may have less.
    source = tmp_path / "a.ndjson.gz"
    part = gzip.compress(b"\n".join(numbered_bodies(50_000)) + b"\n", 1)
    source.write_bytes(part * 20)
    # The peak of this program alone: ru_maxrss counts what it was started by.
    program = (
        "import re, sys, tuco_events._command as command\n"
        "code = command.main(sys.argv[1:])\n"
        "peak = re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())\n"
        "print(code, int(peak[1]) // 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "convert", source, "/dev/null", "--to=csv"],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    code, mebibytes = map(int, done.stdout.split())
    assert code == 0
    assert mebibytes < 300


def test_gzip_is_the_same_each_time(tmp_path: Path) -> None:
    for name in ("one.csv.gz", "two.csv.gz"):
        assert run("convert", SAMPLES, tmp_path / name).code == 0
    packed = (tmp_path / "one.csv.gz").read_bytes()
    assert packed == (tmp_path / "two.csv.gz").read_bytes()
    assert run("convert", SAMPLES, tmp_path / "plain.csv").code == 0
    assert gzip.decompress(packed) == (tmp_path / "plain.csv").read_bytes()
    assert run("convert", SAMPLES, tmp_path / "out.ndjson.gz").code == 0
    with gzip.open(tmp_path / "out.ndjson.gz") as file:
        assert len(file.readlines()) == 16


@pytest.mark.parametrize("source", ["data", "data/events.db"])
def test_a_log_is_converted(source: str, tmp_path: Path) -> None:
    Log(rows_for(numbered_bodies(10))).write(tmp_path / "data")
    result = run("convert", tmp_path / source, "-", "--to", "ndjson")
    assert [row["sequence"] for row in result.json_lines()] == list(range(1, 11))


def test_where_leaves_out_what_is_not_wanted(tmp_path: Path) -> None:
    Log(rows_for(numbered_bodies(10))).write(tmp_path / "data")

    def sequences(*where: str) -> list[int]:
        options = [part for pair in where for part in ("--where", pair)]
        result = run("convert", tmp_path / "data", "-", "--to=ndjson", *options)
        assert result.code == 0, result.errors
        return [row["sequence"] for row in result.json_lines()]

    assert sequences("after_sequence=3", "through_sequence=5") == [4, 5]
    assert sequences("message_id=m_1", "message_id=m_7") == [2, 8]
    assert sequences("types=message.reply") == []
    assert len(sequences("types=message.sent", "test=exclude", "lines=l1")) == 10
    assert sequences("occurred_from=2026-04-16") == []
    # What has no time zone is in UTC.
    assert len(sequences("occurred_from=2026-04-15T12:00:00")) == 10
    assert sequences("occurred_from=2026-04-15T12:00:01") == []
    assert len(sequences("occurred_to=2026-04-16", "from_time=2026-01-01T00:00Z")) == 10


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ("types", "expected FIELD=VALUE, found 'types'"),
        ("colour=red", "there is no 'colour' to ask for"),
        ("types=message.nonsense", "types: there is no 'message.nonsense'"),
        ("test=maybe", "test: expected include, exclude or only"),
        ("after_sequence=-1", "expected after_sequence=NUMBER, found '-1'"),
        ("from_time=noon", "expected from_time in ISO 8601"),
    ],
)
def test_a_where_that_makes_no_sense_is_two(
    where: str, why: str, tmp_path: Path
) -> None:
    Log(rows_for(numbered_bodies(1))).write(tmp_path / "data")
    result = run("convert", tmp_path / "data", tmp_path / "o.csv", "--where", where)
    assert result.code == 2
    assert why in result.errors
    assert not (tmp_path / "o.csv").exists()


def test_sources_are_looked_at_before_the_first_is_read(tmp_path: Path) -> None:
    data = Log(rows_for(numbered_bodies(1))).write(tmp_path / "data")
    for more, why in (
        (SAMPLES, "--where is for logs"),
        ("none.db", "No such"),
    ):
        options = ("--to=csv", "--where", "test=include")
        result = run("convert", data, more, "-", *options)
        assert (result.code, result.output) == (2, b"")
        assert why in result.errors


def test_several_sources_are_put_together(tmp_path: Path) -> None:
    Log(rows_for(numbered_bodies(3))).write(tmp_path / "data")
    (tmp_path / "a.ndjson").write_bytes(next(numbered_bodies(1, 100)))
    sources = [tmp_path / "a.ndjson", tmp_path / "data", tmp_path / "a.ndjson"]
    result = run("convert", *sources, "-", "--to=ndjson")
    ids = [row["message_id"] for row in result.json_lines()]
    assert ids == ["m_100", "m_0", "m_1", "m_2", "m_100"]


def test_damage_leaves_the_old_file(tmp_path: Path) -> None:
    bodies = list(numbered_bodies(3))
    (tmp_path / "a.ndjson").write_bytes(
        b"\n".join([*bodies[:2], b"nonsense", bodies[2]])
    )
    target = tmp_path / "out.csv"
    target.write_text("old")
    result = run("convert", tmp_path / "a.ndjson", target, "--force")
    assert result.code == 4
    assert result.errors.startswith(f"tuco_events: {tmp_path}/a.ndjson:3:")
    assert "--on-error skip" in result.errors
    assert target.read_text() == "old"
    assert sorted(os.listdir(tmp_path)) == ["a.ndjson", "out.csv"]

    result = run("convert", tmp_path / "a.ndjson", target, "--force", "--on-error=skip")
    assert result.code == 0
    assert result.errors == (
        f"tuco_events: 3 events to {target}; 1 damaged place is left out\n"
    )
    assert len(target.read_text().splitlines()) == 4


def test_damage_is_told_place_by_place_up_to_a_limit(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_bytes(b"nonsense\n" * 30)
    result = run(
        "convert", tmp_path / "a.ndjson", tmp_path / "o.csv", "--on-error=collect"
    )
    told = result.errors.splitlines()
    assert result.code == 0
    assert len(told) == 22
    assert told[19].startswith(f"tuco_events: {tmp_path}/a.ndjson:20:")
    assert told[21].endswith("30 damaged places are left out")


def test_damage_leaves_no_half_of_a_parquet_file(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    archive = b"\n".join([*numbered_bodies(60_000), b"nonsense"])
    result = run("convert", "-", tmp_path / "out.parquet", stdin=archive)
    assert result.code == 4
    assert "Exception ignored" not in result.errors
    assert os.listdir(tmp_path) == []


def test_a_damaged_log_is_four(tmp_path: Path) -> None:
    rows = rows_for(numbered_bodies(3))
    del rows[1]
    Log(rows).write(tmp_path / "data")
    result = run("convert", tmp_path / "data", tmp_path / "out.csv")
    assert result.code == 4
    assert f"{tmp_path}/data/events.db: record 2: " in result.errors


def test_a_file_that_is_there_needs_force(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_text("old")
    result = run("convert", SAMPLES, target)
    assert (result.code, target.read_text()) == (2, "old")
    assert "--force" in result.errors
    assert run("convert", SAMPLES, target, "--force").code == 0
    assert len(target.read_text().splitlines()) == 17


def test_what_is_read_is_never_replaced(tmp_path: Path) -> None:
    archive = tmp_path / "a.ndjson"
    archive.write_bytes(SAMPLES.read_bytes())
    (tmp_path / "link.ndjson").symlink_to(archive)
    for target in (archive, tmp_path / "link.ndjson"):
        assert run("convert", archive, target, "--force").code == 2
    Log(rows_for(numbered_bodies(1))).write(tmp_path / "data")
    database = tmp_path / "data" / "events.db"
    # A server that runs has a WAL with what it took last.
    database.with_name("events.db-shm").touch()
    for name in ("events.db", "events.db-wal", "events.db-shm"):
        target = database.with_name(name)
        result = run("convert", tmp_path / "data", target, "--to=csv", "--force")
        assert result.code == 2
        assert "is what is read" in result.errors
    assert not database.with_name("events.db-wal").exists()
    assert archive.read_bytes() == SAMPLES.read_bytes()
    assert len(tuco_events.read_log(database)) == 1


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    assert run("convert", SAMPLES, tmp_path / "link.csv").code == 0
    assert (tmp_path / "link.csv").is_symlink()
    assert len((tmp_path / "real.csv").read_text().splitlines()) == 17


@pytest.mark.parametrize("before", [None, 0o600, 0o644])
def test_only_the_owner_may_read_what_is_written(
    before: int | None, tmp_path: Path
) -> None:
    target = tmp_path / "out.csv"
    if before is not None:
        target.touch()
        target.chmod(before)
    assert run("convert", SAMPLES, target, "--force").code == 0
    assert target.stat().st_mode & 0o777 == 0o600


def test_a_pipe_is_written_to_as_it_is(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    assert run("convert", SAMPLES, pipe).code == 0
    reader.join()
    assert len(io.BytesIO(read[0]).readlines()) == 17
    assert pipe.is_fifo()


@pytest.mark.parametrize("name", ["missing/out.csv", "folder"])
def test_a_target_that_cannot_be_is_two(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    result = run("convert", SAMPLES, tmp_path / name, "--to=csv")
    assert result.code == 2
    assert f"{tmp_path}/{name}" in result.errors


def test_a_full_disk_is_four() -> None:
    result = run("convert", SAMPLES, "/dev/full", "--to=csv")
    assert result.code == 4
    assert result.errors == (
        "tuco_events: cannot write to /dev/full: No space left on device\n"
    )


def test_quiet_says_nothing(tmp_path: Path) -> None:
    result = run("convert", SAMPLES, tmp_path / "out.csv", "--quiet")
    assert (result.code, result.errors) == (0, "")


def test_without_pyarrow_parquet_says_how_to_get_it(tmp_path: Path) -> None:
    (tmp_path / "pyarrow.py").write_text(
        "raise ModuleNotFoundError('No module', name='pyarrow')"
    )
    target = tmp_path / "out.parquet"
    paths = [str(tmp_path), os.environ.get("PYTHONPATH", "")]
    path = os.pathsep.join(filter(None, paths))
    result = run("convert", SAMPLES, target, env={"PYTHONPATH": path})
    assert result.code == 3
    assert 'pip install "tuco-events[arrow]"' in result.errors
    assert not target.exists()
    done = run("convert", SAMPLES, tmp_path / "o.csv", env={"PYTHONPATH": path})
    assert done.code == 0
