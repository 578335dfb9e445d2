"""What the commands read: archives of deliveries, and logs."""

from __future__ import annotations

import argparse
import os
import stat
from collections.abc import Iterable, Iterator
from datetime import timezone
from itertools import groupby
from typing import Any

from .._deliveries import iter_deliveries
from .._log import iter_log
from .._metrics import _parsed
from .._table import EventTable
from .._types import ON_ERROR
from ._console import USAGE, CommandError, notice, stdin

_SQLITE = b"SQLite format 3\0"
_ERRORS_SHOWN = 20
_NUMBERS = ("after_sequence", "through_sequence")
_TIMES = ("from_time", "to_time", "occurred_from", "occurred_to")


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Adds the options that say what to read."""
    command.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help="which events of a log: a field of tuco_events.Where, such as "
        "types=message.reply, test=exclude or from_time=2026-04-01; again for "
        "other fields, or for other values of the same",
    )
    command.add_argument(
        "--on-error",
        choices=ON_ERROR,
        default="raise",
        help="what to do about damage: end (the default), leave it out, or leave it "
        "out and say where it is",
    )
    command.add_argument(
        "--endpoint",
        default="tuco",
        metavar="NAME",
        help="whose deliveries an archive has, where it does not say (default: tuco)",
    )
    command.add_argument(
        "--quiet", action="store_true", help="no progress and no summary on stderr"
    )


def read(
    sources: list[str],
    options: argparse.Namespace,
    *,
    rows: int,
    include_body: bool = False,
    columns: Iterable[str] | None = None,
) -> Iterator[EventTable]:
    """Gives what is in the sources, in their order; looks at all of them first.

    Args:
        sources: Paths; - is stdin.
        options: Those of `add_arguments`.
        rows: How many rows a table has at most.
        include_body: Whether the tables have bodies and signatures.
        columns: The columns that they have, without which all.

    Raises:
        CommandError: An option makes no sense, or a source cannot be read.
        OSError: A source is not there, or cannot be opened.
        FormatError: As `iter_deliveries` does.
        LogError: As `iter_log` does.
    """
    where = _where(options.where)
    progress = False if options.quiet else None
    logs = {path: _is_log(path) for path in sources}
    if where and not all(logs.values()):
        raise CommandError(USAGE, "--where is for logs; archives are read whole")

    def of_log(path: str) -> Iterator[EventTable]:
        return iter_log(
            path,
            batch_rows=rows,
            where=where,
            include_body=include_body,
            columns=columns,
            on_error=options.on_error,
            progress=progress,
        )

    def of_archives(paths: Iterable[str]) -> Iterator[EventTable]:
        return iter_deliveries(
            [stdin() if path == "-" else path for path in paths],
            batch_rows=rows,
            endpoint=options.endpoint,
            include_body=include_body,
            columns=columns,
            on_error=options.on_error,
            progress=progress,
        )

    def tables() -> Iterator[EventTable]:
        for are_logs, paths in groupby(sources, logs.__getitem__):
            if are_logs:
                for path in paths:
                    yield from _noticed(of_log(path))
            else:
                yield from _noticed(of_archives(paths))

    return tables()


def database_of(path: str) -> str:
    """The file that is read."""
    return os.path.join(path, "events.db") if os.path.isdir(path) else path


def _is_log(path: str) -> bool:
    if path == "-":
        return False
    mode = os.stat(path).st_mode
    if stat.S_ISDIR(mode):
        return True
    if not stat.S_ISREG(mode):  # What is a pipe can be read once only.
        return False
    with open(path, "rb") as file:
        return file.read(len(_SQLITE)) == _SQLITE


def _noticed(tables: Iterable[EventTable]) -> Iterator[EventTable]:
    """Says what was wrong with what was left out, up to some limit."""
    said = 0
    for table in tables:
        for error in table.errors:
            said += 1
            if said <= _ERRORS_SHOWN:
                notice(str(error))
            elif said == _ERRORS_SHOWN + 1:
                notice("more places are damaged; only their number is told")
        yield table


def _where(pairs: list[str]) -> dict[str, Any]:
    """Gives the fields of a Where that FIELD=VALUE, again and again, spell."""
    where: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise CommandError(USAGE, f"--where: expected FIELD=VALUE, found {pair!r}")
        if name in _NUMBERS or name in _TIMES or name == "test":
            if name in where:
                raise CommandError(USAGE, f"--where: {name} comes twice")
            where[name] = _value(name, text)
        else:
            where.setdefault(name, []).append(text)
    return where


def _value(name: str, text: str) -> Any:
    if name in _TIMES:
        time = _parsed(name, text)
        # A log's times are in UTC, and so is what does not say.
        return time if time.tzinfo else time.replace(tzinfo=timezone.utc)
    if name not in _NUMBERS:
        return text
    if not (text.isascii() and text.isdigit()):
        raise CommandError(USAGE, f"--where: expected {name}=NUMBER, found {text!r}")
    return int(text)
