"""The Python package's read_log on logs of real servers, running or not.

tools/test_python_client runs these, with the package as the wheel has it.
"""

import shutil
import threading
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from conftest import StartServer
from support.client import Client
from support.deliveries import reply, samples
from support.server import Server
from support.vectors import vectors
from support.wait import wait_until
from support.webhook import accept_all, post_all

# In the environment of the wheel, which is not that of the other tests.
tuco_events: Any = pytest.importorskip("tuco_events")
pyarrow: Any = pytest.importorskip("pyarrow")

# docs/log_format.md: how large a write-ahead log stays that nobody holds back.
WAL_BYTES_MAX = 64 << 20


def rows_of(table: Any) -> list[dict[str, Any]]:
    """The rows of a table."""
    made = pyarrow.table(table)
    made.validate(full=True)
    rows: list[dict[str, Any]] = made.to_pylist()
    return rows


def name_of(field: Any, number: int) -> str:
    """An enumerator without the prefix that its enum gives all of them."""
    names = field.enum_type.values_by_number
    prefix = names[0].name.removesuffix("UNSPECIFIED")
    return str(names[number].name).removeprefix(prefix)


def value_of(field: Any, value: Any) -> Any:
    """A value as a table has it."""
    if field.enum_type is not None:
        return name_of(field, value)
    if field.message_type is None:
        return value
    if field.message_type.name == "Timestamp":
        return value.ToDatetime(tzinfo=UTC)
    return row_of(value)


def row_of(message: Any, prefix: str = "") -> dict[str, Any]:
    """A message as protobuf reads it, as the row of a table."""
    row: dict[str, Any] = {}
    for field in message.DESCRIPTOR.fields:
        name = prefix + field.name
        value = getattr(message, field.name)
        if field.is_repeated:
            row[name] = [value_of(field, item) for item in value]
        elif field.has_presence and name in ("message", "contact", "campaign", "crm"):
            row |= row_of(value, field.name + "_")
        elif field.has_presence and not message.HasField(field.name):
            row[name] = None
        else:
            row[name] = value_of(field, value)
    return row


def test_a_table_has_what_the_server_sends(
    start_server: StartServer, tmp_path: Path
) -> None:
    server = start_server()
    vector_deliveries = [v.delivery for v in vectors() if v.genuine]
    post_all(server, [*samples(), *vector_deliveries])
    with Client(server.grpc) as client:
        events = client.events(include_body=True)
    assert len(events) > 50
    rows = rows_of(tuco_events.read_log(tmp_path / "data", include_body=True))
    assert rows == [row_of(event) for event in events]
    reader = tuco_events._core.ResponseReader(True)
    for event in events:
        message = event.SerializeToString()
        assert tuco_events._core.event_of(message).sequence == event.sequence
        reader.add(b"\x0a" + length_of(len(message)) + message)
    assert rows_of(reader.take()) == rows


def length_of(length: int) -> bytes:
    """A length as protobuf writes it."""
    encoded = b""
    while length >= 0x80:
        encoded += bytes([length & 0x7F | 0x80])
        length >>= 7
    return encoded + bytes([length])


def test_a_log_is_read_however_its_server_ended(
    start_server: StartServer, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    server = start_server()
    accept_all(server, [reply() for _ in range(20)])
    running = rows_of(tuco_events.read_log(data))
    server.kill()
    assert rows_of(tuco_events.read_log(data)) == running
    server = start_server()
    assert server.stop() == 0
    assert rows_of(tuco_events.read_log(data)) == running
    assert [row["sequence"] for row in running] == list(range(1, 21))


def test_a_copy_is_read_and_says_what_it_lacks(
    start_server: StartServer, tmp_path: Path
) -> None:
    server = start_server()
    accept_all(server, [reply() for _ in range(20)])
    server.kill()
    copy = tmp_path / "copy"
    shutil.copytree(tmp_path / "data", copy)
    assert len(tuco_events.read_log(copy)) == 20
    (copy / "events.db-wal").unlink()
    (copy / "events.db-shm").unlink()
    with pytest.raises(tuco_events.LogError) as caught:
        tuco_events.read_log(copy)
    assert caught.value.last_sequence == 20
    assert "was events.db-wal copied with events.db?" in str(caught.value)
    assert not (copy / "events.db-wal").exists()


class Posting:
    """Posts deliveries in a thread of its own until it is told to stop."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.accepted = 0

    def _run(self) -> None:
        while not self._stop.is_set():
            answers = post_all(self._server, [reply() for _ in range(50)])
            self.accepted += sum(answer.status == 200 for answer in answers)

    def __enter__(self) -> "Posting":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def test_a_log_is_read_while_it_is_written(
    start_server: StartServer, tmp_path: Path
) -> None:
    """Each time from its first event to some newest one, without a hole.

    Every event is a commit, so that the server checkpoints some times meanwhile.
    """
    data = tmp_path / "data"
    server = start_server()
    accept_all(server, [reply()])
    heads = [1]
    wal = 0
    with Posting(server) as posting:
        wait_until(lambda: posting.accepted > 100, "some events")
        while posting.accepted < 3000:
            tables = tuco_events.iter_log(data, batch_rows=100)
            read = [
                row
                for table in tables
                for row in pyarrow.table(table)["sequence"].to_pylist()
            ]
            assert read == list(range(1, len(read) + 1))
            assert len(read) >= heads[-1]
            heads.append(len(read))
            wal = max(wal, (data / "events.db-wal").stat().st_size)
    assert wal < WAL_BYTES_MAX
    whole = rows_of(tuco_events.read_log(data))
    assert len(whole) == posting.accepted + 1
    newest = tuco_events.read_log(
        data, where=tuco_events.Where(after_sequence=len(whole) - 1)
    )
    assert rows_of(newest) == whole[-1:]
