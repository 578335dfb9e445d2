"""Logs made by Python's own sqlite3, as docs/log_format.md describes them."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import sqlite3
import struct
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import tuco_events

from conftest import SECRET
from wire_schema import EPOCH, event_bytes, row_of

APPLICATION_ID = 0x5455434F
VERSION = 4
START_US = 1_776_254_400_000_000  # 2026-04-15T12:00:00Z
NO_TIME = -(1 << 63)

TABLES = {
    1: """
        CREATE TABLE events (
          sequence INTEGER PRIMARY KEY, epoch INTEGER NOT NULL,
          event_id BLOB NOT NULL, endpoint TEXT NOT NULL, type_name TEXT NOT NULL,
          workspace_id TEXT, line_id TEXT, campaign_id TEXT, message_id TEXT,
          lead_id TEXT, phone TEXT, occurred_at_us INTEGER,
          received_at_us INTEGER NOT NULL, recorded_at_us INTEGER NOT NULL,
          flags INTEGER NOT NULL, event BLOB NOT NULL, body BLOB NOT NULL,
          signature BLOB NOT NULL, crc INTEGER NOT NULL) STRICT;
        CREATE TABLE duplicate_keys (
          sequence INTEGER PRIMARY KEY, key BLOB NOT NULL,
          crc INTEGER NOT NULL) STRICT;
        CREATE TABLE meta (
          key TEXT PRIMARY KEY NOT NULL, value INTEGER NOT NULL) STRICT;
    """,
    2: """
        ALTER TABLE events ADD COLUMN suspected_duplicate_of INTEGER;
        CREATE TABLE epochs (
          epoch INTEGER PRIMARY KEY, first_sequence INTEGER NOT NULL,
          lost_after INTEGER NOT NULL, began_at_us INTEGER NOT NULL,
          crc INTEGER NOT NULL) STRICT;
    """,
    3: """
        ALTER TABLE duplicate_keys ADD COLUMN received_at_us INTEGER;
        ALTER TABLE duplicate_keys ADD COLUMN occurred_at_us INTEGER;
        DROP TABLE meta;
        CREATE TABLE meta (
          key TEXT PRIMARY KEY NOT NULL, value INTEGER NOT NULL,
          crc INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    """,
    4: "",  # Subscriptions, which are nobody's concern here.
}

_CRC = []
for _byte in range(256):
    for _ in range(8):
        _byte = _byte >> 1 ^ (0x82F63B78 if _byte & 1 else 0)
    _CRC.append(_byte)


def crc32c(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _CRC[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def column(value: int | str | bytes | None) -> bytes:
    """A column as the checksum covers it; NULL times are the caller's."""
    if value is None:
        return b"\xff" * 8
    if isinstance(value, int):
        return struct.pack("<q", value)
    data = value.encode() if isinstance(value, str) else value
    return struct.pack("<Q", len(data)) + data


def crc_of(*values: int | str | bytes | None) -> int:
    return crc32c(b"".join(column(value) for value in values))


@dataclass
class Row:
    """A row of table `events`."""

    sequence: int
    event_id: bytes
    event: bytes
    body: bytes
    signature: bytes
    epoch: int = 1
    endpoint: str = "tuco"
    type_name: str = ""
    workspace_id: str | None = None
    line_id: str | None = None
    campaign_id: str | None = None
    message_id: str | None = None
    lead_id: str | None = None
    phone: str | None = None
    occurred_at_us: int | None = None
    received_at_us: int = START_US
    recorded_at_us: int = START_US
    flags: int = 0
    suspected_duplicate_of: int | None = None

    def columns(self) -> list[Any]:
        """Gives the columns in their order, without the checksum."""
        return [
            self.sequence, self.epoch, self.event_id, self.endpoint, self.type_name,
            self.workspace_id, self.line_id, self.campaign_id, self.message_id,
            self.lead_id, self.phone, self.occurred_at_us, self.received_at_us,
            self.recorded_at_us, self.flags, self.event, self.body, self.signature,
            self.suspected_duplicate_of,
        ]  # fmt: skip

    def crc(self) -> int:
        """Gives the checksum."""
        values = self.columns()
        if self.occurred_at_us is None:
            values[11] = NO_TIME
        return crc_of(*(values if self.suspected_duplicate_of else values[:-1]))


NAMES = [
    "sequence", "epoch", "event_id", "endpoint", "type_name", "workspace_id",
    "line_id", "campaign_id", "message_id", "lead_id", "phone", "occurred_at_us",
    "received_at_us", "recorded_at_us", "flags", "event", "body", "signature",
    "suspected_duplicate_of",
]  # fmt: skip


def time_at(microseconds: int) -> datetime.datetime:
    return EPOCH + datetime.timedelta(microseconds=microseconds)


def microseconds(time: datetime.datetime | None) -> int | None:
    return (
        None if time is None else (time - EPOCH) // datetime.timedelta(microseconds=1)
    )


# What the server adds to an event before it stores it.
AS_STORED: dict[str, Any] = {
    "received_at": time_at(START_US),
    "verified_form": tuco_events.VerifiedForm.RAW,
    "secret_name": "main",
    "origin": tuco_events.Origin.LIVE,
}


def table_row(row: Row) -> dict[str, Any]:
    """The row of a table that a row of the log is."""
    event = tuco_events.parse(row.body, endpoint=row.endpoint)
    flags = [flag.name for flag in event.flags]
    if row.suspected_duplicate_of:
        flags.append("SUSPECTED_DUPLICATE")
    return row_of(
        event,
        sequence=row.sequence,
        epoch=row.epoch,
        received_at=AS_STORED["received_at"],
        recorded_at=time_at(row.recorded_at_us),
        verified_form="RAW",
        secret_name="main",
        origin="LIVE",
        flags=flags,
        suspected_duplicate_of=row.suspected_duplicate_of,
    )


def row_for(body: bytes, sequence: int, **values: Any) -> Row:
    """The row of a delivery, recorded a second for each sequence after the start."""
    event = tuco_events.parse(body, endpoint=values.get("endpoint", "tuco"))
    row = Row(
        sequence=sequence,
        event_id=bytes.fromhex(event.event_id.removeprefix("evt_")),
        event=event_bytes(event, **AS_STORED),
        body=body,
        signature=hmac.new(SECRET.encode(), body, hashlib.sha256).digest(),
        endpoint=event.endpoint,
        type_name=event.type_name,
        workspace_id=event.workspace_id,
        line_id=event.message.line_id,
        campaign_id=event.campaign.id,
        message_id=event.message.id,
        lead_id=event.contact.lead_id,
        phone=event.contact.phone,
        occurred_at_us=microseconds(event.occurred_at),
        recorded_at_us=START_US + sequence * 1_000_000,
        flags=sum(1 << flag for flag in event.flags),
    )
    return replace(row, **values)


@dataclass
class Log:
    """What a log is made of."""

    rows: list[Row] = field(default_factory=list)
    version: int = VERSION
    application_id: int = APPLICATION_ID
    # Epoch, first_sequence, lost_after.
    epochs: list[tuple[int, int, int]] = field(default_factory=list)
    removed_through: int = 0

    def write(self, folder: Path) -> Path:
        """Makes `folder` with the database in it; gives that."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "events.db"
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            self._write(db)
        return path

    def _write(self, db: sqlite3.Connection) -> None:
        db.execute("PRAGMA page_size = 8192")
        db.execute(f"PRAGMA application_id = {self.application_id}")
        db.execute(f"PRAGMA user_version = {self.version}")
        db.execute("PRAGMA journal_mode = WAL")
        for version, tables in TABLES.items():
            if version <= max(self.version, 1):
                db.executescript(tables)
        db.execute("BEGIN")
        for row in self.rows:
            insert(db, row, self.version)
        for number, first, lost in self.epochs:
            crc = crc_of(number, first, lost, START_US)
            values = (number, first, lost, START_US, crc)
            db.execute("INSERT INTO epochs VALUES (?, ?, ?, ?, ?)", values)
        if self.removed_through:
            crc = crc_of("removed_through", self.removed_through)
            pair = ("removed_through", self.removed_through, crc)
            db.execute("INSERT INTO meta VALUES (?, ?, ?)", pair)
        db.execute("COMMIT")


def insert(db: sqlite3.Connection, row: Row, version: int = VERSION) -> None:
    """Adds a row with its duplicate key."""
    names, values = NAMES, row.columns()
    if version < 2:
        names, values = names[:-1], values[:-1]
    marks = ", ".join("?" * (len(names) + 1))
    db.execute(
        f"INSERT INTO events ({', '.join(names)}, crc) VALUES ({marks})",
        [*values, row.crc()],
    )
    key = hashlib.sha256(row.endpoint.encode() + b"\0" + row.body).digest()
    db.execute(
        "INSERT INTO duplicate_keys (sequence, key, crc) VALUES (?, ?, ?)",
        (row.sequence, key, crc_of(row.sequence, key)),
    )


def rows_for(bodies: Iterable[bytes], first: int = 1, **values: Any) -> list[Row]:
    """The rows of deliveries, one after the other."""
    return [row_for(body, first + n, **values) for n, body in enumerate(bodies)]


def numbered_bodies(count: int, first: int = 0) -> Iterator[bytes]:
    """Bodies that differ."""
    for n in range(first, first + count):
        yield (
            b'{"event":"message.sent","timestamp":"2026-04-15T12:00:00Z",'
            b'"workspaceId":"w1","data":{"messageId":"m_%d","lineId":"l1",'
            b'"recipientPhone":"+1904295%04d","message":"Hello %d"}}'
            % (n, n % 10_000, n)
        )
