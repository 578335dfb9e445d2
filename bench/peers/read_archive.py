"""An archive of deliveries into Arrow's columns, by whom the first argument names.

    read_archive.py tuco-events|polars|duckdb bodies|deliveries ARCHIVE [SAMPLE]

Each line of stdin asks for one reading of the archive and is answered with the
nanoseconds that an event took. What comes out has the same fields each time, a
column each and times as such, on two threads.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

THREADS = 2
os.environ["POLARS_MAX_THREADS"] = str(THREADS)


# What the others read is called so here.
COLUMNS = [
    "type_name",
    "occurred_at",
    "workspace_id",
    "message_id",
    "contact_phone",
    "message_text",
    "message_status",
    "message_line_id",
    "contact_first_name",
    "contact_last_name",
    "message_attachment_urls",
    "message_attachment_names",
]


def tuco_events(archive: str, bodies: bool) -> Callable[[], int]:
    """Both forms of lines are read alike."""
    from tuco_events import read_deliveries

    assert isinstance(bodies, bool)
    return lambda: len(read_deliveries(archive, columns=COLUMNS, threads=THREADS))


def polars(archive: str, bodies: bool) -> Callable[[], int]:
    """Lines as structs; a body that is a text is decoded as a second step."""
    import polars as pl

    text = pl.String
    data = {
        "messageId": text,
        "recipientPhone": text,
        "message": text,
        "status": text,
        "lineId": text,
        "firstName": text,
        "lastName": text,
        "attachmentUrls": pl.List(text),
        "attachmentNames": pl.List(text),
    }
    body = {
        "event": text,
        "timestamp": text,
        "workspaceId": text,
        "data": pl.Struct(data),
    }
    line = {"headers": pl.Struct({"x-tuco-signature": text}), "body": text}

    def read() -> int:
        frame = pl.read_ndjson(archive, schema=body if bodies else line)
        if not bodies:
            decoded = pl.col("body").str.json_decode(pl.Struct(body))
            frame = frame.select(decoded.alias("body")).unnest("body")
        moment = pl.col("timestamp").str.to_datetime(time_unit="us", time_zone="UTC")
        return len(frame.unnest("data").with_columns(moment).to_arrow())

    return read


def duckdb(archive: str, bodies: bool) -> Callable[[], int]:
    """Lines as columns; a body that is a text is transformed in the same query."""
    import duckdb

    data = (
        "STRUCT(messageId VARCHAR, recipientPhone VARCHAR, message VARCHAR,"
        " status VARCHAR, lineId VARCHAR, firstName VARCHAR, lastName VARCHAR,"
        " attachmentUrls VARCHAR[], attachmentNames VARCHAR[])"
    )
    moment = "TIMESTAMPTZ"
    columns = (
        f"{{event: 'VARCHAR', timestamp: '{moment}', workspaceId: 'VARCHAR',"
        f" data: '{data}'}}"
    )
    fields = "event, timestamp, workspaceId, unnest(data)"
    lines = f"read_json('{archive}', format = 'newline_delimited', columns = "
    query = f"SELECT {fields} FROM {lines}{columns})"
    if not bodies:
        structure = (
            '{"event": "VARCHAR", "timestamp": "TIMESTAMPTZ", "workspaceId":'
            ' "VARCHAR", "data": {"messageId": "VARCHAR", "recipientPhone":'
            ' "VARCHAR", "message": "VARCHAR", "status": "VARCHAR", "lineId":'
            ' "VARCHAR", "firstName": "VARCHAR", "lastName": "VARCHAR",'
            ' "attachmentUrls": ["VARCHAR"], "attachmentNames": ["VARCHAR"]}}'
        )
        line = "{headers: 'STRUCT(\"x-tuco-signature\" VARCHAR)', body: 'VARCHAR'}"
        query = (
            "SELECT body.event, body.timestamp, body.workspaceId, unnest(body.data)"
            f" FROM (SELECT from_json(body, '{structure}') AS body"
            f" FROM {lines}{line}))"
        )
    connection = duckdb.connect()
    connection.execute(f"SET threads = {THREADS}")

    def read() -> int:
        return int(connection.sql(query).to_arrow_table().num_rows)

    return read


READERS = {"tuco-events": tuco_events, "polars": polars, "duckdb": duckdb}


def main() -> None:
    """Answers until stdin ends."""
    name, form, archive = sys.argv[1:4]
    with open(archive, "rb") as file:
        events = sum(1 for _ in file)
    read = READERS[name](archive, form == "bodies")
    for _ in sys.stdin:
        began = time.perf_counter_ns()
        count = read()
        took = time.perf_counter_ns() - began
        if count != events:
            sys.exit(f"{name} found {count} of {events} events")
        print(took / events, flush=True)


main()
