"""Events into a Polars data frame, so many as each line of stdin says.

    events_to_polars.py log DIRECTORY        by read_log, where the log is
    events_to_polars.py stream ADDRESS       by a client, from a server
    events_to_polars.py sqlite3 DIRECTORY    the columns of table `events` only,
                                             by Python's sqlite3: no event decoded

Answers each line with the nanoseconds that an event took. Needs the package as
the wheel has it, and Polars.
"""

import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import polars
import tuco_events

COLUMNS = (
    "sequence, epoch, event_id, endpoint, type_name, workspace_id, line_id, "
    "campaign_id, message_id, lead_id, phone, occurred_at_us, received_at_us, "
    "recorded_at_us, flags"
)
# So that types are those of the columns, and not guessed from a few rows.
SCHEMA = {
    name: polars.Binary
    if name == "event_id"
    else polars.Int64
    if name.endswith("_us") or name in ("sequence", "epoch", "flags")
    else polars.String
    for name in COLUMNS.split(", ")
}


def read_log(folder: str, events: int) -> polars.DataFrame:
    """By the package."""
    where = tuco_events.Where(through_sequence=events)
    return tuco_events.read_log(folder, where=where).to_polars()


def read_stream(address: str, events: int) -> polars.DataFrame:
    """By the package's client."""
    with tuco_events.Client(address) as client:
        return client.read(limit=events).to_polars()


def read_sqlite3(folder: str, events: int) -> polars.DataFrame:
    """By what is there without the package."""
    path = (Path(folder).absolute() / "events.db").as_uri()
    with closing(sqlite3.connect(f"{path}?mode=ro", uri=True)) as log:
        rows = log.execute(
            f"SELECT {COLUMNS} FROM events WHERE sequence <= ?", (events,)
        )
        return polars.DataFrame(rows.fetchall(), schema=SCHEMA, orient="row")


JOBS: dict[str, Callable[[str, int], polars.DataFrame]] = {
    "log": read_log,
    "stream": read_stream,
    "sqlite3": read_sqlite3,
}


def main() -> None:
    """Does the job until stdin ends."""
    job = JOBS[sys.argv[1]]
    for line in sys.stdin:
        began = time.perf_counter_ns()
        frame = job(sys.argv[2], int(line))
        print((time.perf_counter_ns() - began) / max(1, len(frame)), flush=True)


if __name__ == "__main__":
    main()
