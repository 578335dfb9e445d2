"""`convert`: archives and logs to Parquet, CSV or NDJSON."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .._core import table_of
from .._errors import FormatError, LogError
from .._table import EventTable, counted
from ._console import DAMAGED, USAGE, CommandError, notice
from ._sources import add_arguments, database_of, read
from ._target import Target
from ._writers import ParquetWriter, TextWriter, Writer

_FORMATS = ("parquet", "csv", "ndjson")
_SUFFIXES = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
}
# How many rows are in memory at once, and of Parquet in a row group.
_ROWS = {"parquet": 50_000, "csv": 10_000, "ndjson": 10_000}
# SQLite's files of a database, whether or not they are there now.
_PARTS = ("", "-wal", "-shm", "-journal")

_DESCRIPTION = """\
Writes the events of archives or logs to a file for other programs, a row each,
with the columns that docs/python.md lists.

A SOURCE is an archive of bodies or deliveries, one a line, plain, gzip or zstd; or
the server's data directory, or the events.db in it. The TARGET's suffix says what it
becomes: .parquet, .csv, .ndjson or .jsonl, the last three also with .gz behind
it. It is written beside its place and renamed in the end, and only you may read it.

Parquet keeps every type and needs `pip install "tuco-events[arrow]"`. In CSV lists
are JSON, and what is absent is nothing where an empty text is "".
"""

_EPILOG = """\
examples:
  python -m tuco_events convert deliveries.ndjson.gz events.parquet
  python -m tuco_events convert data replies.csv --where types=message.reply
  python -m tuco_events convert --to ndjson data - | jq .message_id
"""


def add_to(commands: Any) -> None:
    """Adds the command to those that the parser knows."""
    command = commands.add_parser(
        "convert",
        help="write events to Parquet, CSV or NDJSON",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    command.add_argument(
        "sources", nargs="+", metavar="SOURCE", help="archives or logs; - is stdin"
    )
    command.add_argument("target", metavar="TARGET", help="a new file; - is stdout")
    command.add_argument(
        "--to", choices=_FORMATS, help="the format, where the suffix does not say"
    )
    command.add_argument(
        "--force", action="store_true", help="replace TARGET if there is one"
    )
    command.add_argument(
        "--include-body",
        action="store_true",
        help="add the columns body and signature; text formats have the body in base64",
    )
    add_arguments(command)
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Converts."""
    form, compressed = _format(options.target, options.to)
    _check_target(options.target, options.sources, options.force)
    columns = EventTable._of(table_of([], options.include_body))
    tables = read(
        options.sources, options, rows=_ROWS[form], include_body=options.include_body
    )
    events = skipped = 0
    with Target(options.target) as target:
        with _writer(form, compressed, target, columns) as writer:
            for table in _unharmed(tables):
                with target.writing():
                    writer.write(table)
                events += len(table)
                skipped += table.skipped
        target.commit()
    if not options.quiet:
        notice(_summary(events, skipped, options.target))
    return 0


def _format(target: str, wanted: str | None) -> tuple[str, bool]:
    """Gives the format, and whether it is to be compressed."""
    stem, suffix = os.path.splitext(target)
    compressed = suffix == ".gz"
    if compressed:
        suffix = os.path.splitext(stem)[1]
    form = wanted or _SUFFIXES.get(suffix)
    if form is None:
        raise CommandError(
            USAGE,
            f"{target}: expected a name that ends in {', '.join(_SUFFIXES)}, or --to",
        )
    if form == "parquet" and compressed:
        raise CommandError(USAGE, f"{target}: Parquet is compressed already; omit .gz")
    if form == "parquet" and target == "-":
        raise CommandError(USAGE, "Parquet needs a file, not stdout")
    return form, compressed


def _check_target(target: str, sources: list[str], force: bool) -> None:
    if target == "-":
        return
    if os.path.isdir(target):
        raise CommandError(USAGE, f"{target}: is a folder, expected a file")
    for source in sources:
        file = database_of(source)
        if any(_is_same(file + end, target) for end in _PARTS):
            raise CommandError(USAGE, f"{target}: is what is read; name another file")
    if os.path.isfile(target) and not force:
        raise CommandError(USAGE, f"{target}: is there already; --force replaces it")


def _is_same(one: str, other: str) -> bool:
    if os.path.realpath(one) == os.path.realpath(other):
        return True
    return (
        os.path.exists(one) and os.path.exists(other) and os.path.samefile(one, other)
    )


@contextmanager
def _writer(
    form: str, compressed: bool, target: Target, columns: EventTable
) -> Iterator[Writer]:
    with target.writing():
        writer: Writer = (
            ParquetWriter(target.file, columns)
            if form == "parquet"
            else TextWriter(target.file, columns, form == "csv", compressed)
        )
    try:
        yield writer
        with target.writing():
            writer.close()
    except BaseException:
        writer.abandon()
        raise


def _unharmed(tables: Iterator[EventTable]) -> Iterator[EventTable]:
    """The tables; what is damaged ends the command with what can be done."""
    try:
        yield from tables
    except (FormatError, LogError) as error:
        raise CommandError(
            DAMAGED,
            f"{error}; --on-error skip leaves out what is damaged",
        ) from None


def _summary(events: int, skipped: int, target: str) -> str:
    where = "stdout" if target == "-" else target
    said = f"{counted(events, 'event')} to {where}"
    if skipped:
        places = "place is" if skipped == 1 else "places are"
        said += f"; {skipped:,} damaged {places} left out"
    return said
