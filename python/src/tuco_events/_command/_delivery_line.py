"""A delivery as a line of JSON, read as strictly as the server reads it."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NoReturn, cast

from .._api import parse


@dataclass
class DeliveryLine:
    """What a line says.

    Attributes:
        name: Its name, if it has one.
        secret: Its own secret, if it has one.
        signatures: Every X-Tuco-Signature.
        event: The last X-Tuco-Event.
        timestamp: The last X-Tuco-Timestamp.
        body: The body.
    """

    name: str | None = None
    secret: str | None = field(default=None, repr=False)
    signatures: list[str] = field(default_factory=list)
    event: str | None = None
    timestamp: str | None = None
    body: bytes = field(default=b"", repr=False)


def parse_line(line: bytes) -> DeliveryLine:
    """Reads a line.

    Raises:
        ValueError: It is none; the message says what is wrong and repeats nothing
            of it.
    """
    members = _object(line)
    delivery = DeliveryLine(
        name=_text(members, "name") or None, secret=_text(members, "secret") or None
    )
    headers = members.get("headers")
    if not isinstance(headers, dict):
        raise ValueError('"headers" is missing or not an object')
    for name, value in headers.items():
        for one in _values(value):
            _take_header(name.lower(), one, delivery)
    delivery.body = _body(members)
    _check_arrival(members)
    return delivery


def instant(text: str) -> datetime | None:
    """The time that a text spells; None for any other text."""
    # There are many ways to spell one; the library reads them all.
    return parse(json.dumps({"timestamp": text}).encode()).occurred_at


def _object(line: bytes) -> dict[str, Any]:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    try:
        read = json.loads(
            text,
            object_pairs_hook=_members,
            parse_constant=_no_constant,
            parse_int=_number,
            parse_float=_number,
        )
    except (json.JSONDecodeError, RecursionError):
        raise ValueError("not a JSON object") from None
    if not isinstance(read, dict):
        raise ValueError("not a JSON object")
    return cast("dict[str, Any]", read)


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key comes twice")
    for name, value in pairs:
        _check(name)
        _check(value)
    return members


def _check(value: object) -> None:
    """Refuses texts that have no UTF-8."""
    if isinstance(value, list):
        for item in value:
            _check(item)
    elif isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ValueError("text holds half of a surrogate pair") from None


def _no_constant(name: str) -> NoReturn:
    """Refuses NaN and Infinity, which Python knows and JSON does not."""
    raise ValueError("not a JSON object")


def _number(text: str) -> int:
    """Some number: nobody asks which, and Python limits the digits of one."""
    return 0


def _text(members: dict[str, Any], name: str) -> str | None:
    value = members.get(name)
    if value is not None and not isinstance(value, str):
        raise ValueError(f'"{name}" is not a string')
    return value


def _values(value: object) -> list[str]:
    """What a header has: one text, several, or none."""
    if value is None:
        return []
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str) for one in values):
        raise ValueError("a header is no string")
    return cast("list[str]", values)


def _take_header(name: str, value: str, delivery: DeliveryLine) -> None:
    if name == "x-tuco-signature":
        delivery.signatures.append(value)
    elif name == "x-tuco-event":
        delivery.event = value
    elif name == "x-tuco-timestamp":
        delivery.timestamp = value


def _check_arrival(members: dict[str, Any]) -> None:
    """Refuses what `export` would not have written, although nobody needs it here."""
    _text(members, "endpoint")
    time = _text(members, "receivedAt")
    if time and instant(time) is None:
        raise ValueError('"receivedAt" is not a time')
    if not isinstance(members.get("headersDiffered"), (bool, type(None))):
        raise ValueError('"headersDiffered" is not true or false')


def _body(members: dict[str, Any]) -> bytes:
    text, encoded = _text(members, "body"), _text(members, "bodyBase64")
    if text is not None and encoded is not None:
        raise ValueError('both "body" and "bodyBase64"')
    if text is not None:
        return text.encode()
    if encoded is None:
        raise ValueError('neither "body" nor "bodyBase64"')
    # Of blanks only ASCII's, as in the server: those of a str are many more.
    digits = b"".join(encoded.encode().split())
    if b"=" not in digits:  # Which may be left out.
        digits += b"=" * (-len(digits) % 4)
    try:
        return base64.b64decode(digits, validate=True)
    except binascii.Error:
        raise ValueError('"bodyBase64" is not base64') from None
