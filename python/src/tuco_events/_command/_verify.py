"""`verify`: whether archived deliveries are genuine."""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from io import BufferedReader
from typing import IO, Any, cast

from .._api import verify_and_parse
from .._core import Event, Flag, Reason
from .._errors import SignatureError
from ._console import NEGATIVE, USAGE, CommandError, stdin
from ._delivery_line import DeliveryLine, instant, parse_line
from ._secret import find_secret

_LINE_BYTES_MAX = 64 << 20
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"

_DESCRIPTION = """\
Each line of a file is a delivery,

  {"name"?, "secret"?, "headers": {…}, "body": "…" | "bodyBase64": "…"}

as `tuco-events export` and `tuco-events tail --output raw` write them. For each
a line of JSON with the keys name, genuine, verifiedForm, reason and event is
written: the same that `tuco-events verify --input` writes.

The secret comes from the line, else --secret-file, else TUCO_WEBHOOK_SECRET,
else the file that TUCO_WEBHOOK_SECRET_FILE names.
"""

_EPILOG = """\
exit codes:
  0 all of them are genuine; 1 some are not; 2 wrong usage, or a line that cannot be
  read, after which the rest is left.

example:
  python -m tuco_events verify --secret-file secret.txt deliveries.ndjson
"""


def add_to(commands: Any) -> None:
    """Adds the command to those that the parser knows."""
    command = commands.add_parser(
        "verify",
        help="tell whether archived deliveries are genuine",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    command.add_argument(
        "files", nargs="+", metavar="FILE", help="deliveries, plain or gzip; - is stdin"
    )
    command.add_argument(
        "--secret-file", metavar="FILE", help="file that holds the signing secret"
    )
    command.add_argument(
        "--endpoint",
        default="tuco",
        metavar="NAME",
        help="the endpoint, part of the events' ids (default: tuco)",
    )
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Verifies what the files hold."""
    secret = find_secret(options.secret_file)
    code = 0
    for file in options.files:
        for place, line in _lines(file):
            try:
                answer = _answer(parse_line(line), secret, options.endpoint)
            except ValueError as error:
                raise CommandError(USAGE, f"{place}: {error}") from None
            if not answer["genuine"]:
                code = NEGATIVE
            _print(answer)
    return code


def _print(answer: dict[str, Any]) -> None:
    """Writes the answer, for whoever waits at the other end to see at once."""
    text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    sys.stdout.buffer.write(text.encode() + b"\n")
    sys.stdout.buffer.flush()


def _lines(path: str) -> Iterator[tuple[str, bytes]]:
    """Gives the lines that are not blank, and where they are.

    Raises:
        CommandError: The file cannot be read, or a line is too long.
    """
    name = "stdin" if path == "-" else path
    try:
        with ExitStack() as stack:
            if path == "-":
                file: IO[bytes] = stdin()
            else:
                file = stack.enter_context(open(path, "rb"))
            for number, line in enumerate(_lines_of(_unpacked(file, name)), 1):
                if len(line) > _LINE_BYTES_MAX:
                    raise CommandError(USAGE, f"{name}:{number}: larger than 64 MiB")
                if line.strip(b" \t\r"):
                    yield f"{name}:{number}", line
    except (OSError, EOFError, zlib.error) as error:
        why = getattr(error, "strerror", None) or error
        raise CommandError(USAGE, f"{name}: {why}") from None


def _lines_of(file: IO[bytes]) -> Iterator[bytes]:
    while line := file.readline(_LINE_BYTES_MAX + 2):
        yield line[:-1] if line.endswith(b"\n") else line


def _unpacked(file: IO[bytes], name: str) -> IO[bytes]:
    """The file, or what it has packed."""
    begin = cast("BufferedReader", file).peek(4)
    if begin.startswith(_ZSTD):
        raise CommandError(
            USAGE,
            f"{name}: compressed with zstd, which verify does not read; "
            f"zstd -dc {name} | python -m tuco_events verify - does",
        )
    if begin.startswith(_GZIP):
        return cast("IO[bytes]", gzip.open(file))
    return file


def _answer(
    delivery: DeliveryLine, secret: bytes | None, endpoint: str
) -> dict[str, Any]:
    """What is said of a delivery.

    Raises:
        ValueError: There is no secret to verify it with, or one that is too long.
    """
    event = _judged(delivery, secret, endpoint)
    answer: dict[str, Any] = {
        "name": delivery.name,
        "genuine": isinstance(event, Event),
        "verifiedForm": None,
        "reason": None,
        "event": None,
    }
    if isinstance(event, Event):
        answer["verifiedForm"] = event.verified_form.name
        answer["event"] = _event(delivery, event)
    else:
        answer["reason"] = event.name
    return answer


def _judged(
    delivery: DeliveryLine, secret: bytes | None, endpoint: str
) -> Event | Reason:
    key = secret if delivery.secret is None else delivery.secret
    if key is None:
        raise ValueError(
            'no secret; add "secret" to the line, give --secret-file FILE, or set '
            "TUCO_WEBHOOK_SECRET or TUCO_WEBHOOK_SECRET_FILE"
        )
    if not delivery.signatures:
        return Reason.SIGNATURE_MISSING
    if len(delivery.signatures) > 1:
        return Reason.SIGNATURE_REPEATED
    try:
        return verify_and_parse(
            delivery.body, delivery.signatures[0], key, endpoint=endpoint
        )
    except SignatureError as error:
        return error.reason


def _event(delivery: DeliveryLine, event: Event) -> dict[str, Any]:
    """The event's JSON, with the flag for headers that say something else."""
    spelt = cast("dict[str, Any]", json.loads(event.to_json()))
    if _headers_differ(delivery, event):
        numbers = {*event.flags, Flag.HEADER_MISMATCH}
        spelt["flags"] = [f"FLAG_{flag.name}" for flag in sorted(numbers)]
    return spelt


def _headers_differ(delivery: DeliveryLine, event: Event) -> bool:
    if delivery.event is not None and delivery.event != event.type_name:
        return True
    return (
        delivery.timestamp is not None
        and instant(delivery.timestamp) != event.occurred_at
    )
