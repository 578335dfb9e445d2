"""Lines of archives, as `tuco-events export` writes them."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterable
from typing import Any

import pyarrow

from conftest import signature_of

BODY = (
    b'{"event":"message.reply","timestamp":"2026-04-15T12:00:00Z",'
    b'"workspaceId":"org_1","data":{"messageId":"m_1","message":"Hi"}}'
)


def delivery_line(body: bytes, **members: Any) -> bytes:
    """A line with the body and its signature; `members` come in addition."""
    try:
        content = {"body": body.decode()}
    except UnicodeDecodeError:
        content = {"bodyBase64": base64.b64encode(body).decode()}
    headers = {"x-tuco-signature": signature_of(body)}
    line = {"name": "evt", "headers": headers, **content, **members}
    return json.dumps(line).encode()


def archive(lines: Iterable[bytes]) -> bytes:
    """Lines with their ends."""
    return b"".join(line + b"\n" for line in lines)


def zstd(content: bytes) -> bytes:
    """The content, compressed."""
    compressed: bytes = pyarrow.Codec("zstd").compress(content, asbytes=True)
    return compressed


def gz(content: bytes) -> bytes:
    """The content, compressed."""
    return gzip.compress(content, mtime=0)


def numbered(count: int) -> list[bytes]:
    """Bodies that differ."""
    return [BODY.replace(b"m_1", b"m_%d" % n) for n in range(count)]
