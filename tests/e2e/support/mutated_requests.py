"""Requests that nobody should send, made of those of raw_requests.py."""

import random
import re

from support.raw_requests import RAW_REQUESTS, SERVED

_SEEDS = [request.sent for request in RAW_REQUESTS.values() if request.is_small]
# What a proxy lets through, so that the ingress sees most of it.
_GOOD_SEEDS = [request.sent for request in SERVED.values() if request.is_small]
# What parsers have read differently before.
_TOKENS = [
    b"\r\n",
    b"\n",
    b"\r",
    b" ",
    b"\t",
    b"\0",
    b"\x0b",
    b"\xa0",
    b":",
    b",",
    b";",
    b"0",
    b"0\r\n\r\n",
    b"\r\n\r\n",
    b"Content-Length: 0\r\n",
    b"Content-Length: 5\r\n",
    b"content-length:5\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: identity\r\n",
    b"transfer-encoding:\tchunked\r\n",
    b"Connection: close\r\n",
    b"Connection: Content-Length\r\n",
    b"Connection: keep-alive, Transfer-Encoding\r\n",
    b"Expect: 100-continue\r\n",
    b"Trailer: Content-Length\r\n",
    b"Upgrade: h2c\r\n",
    b"HTTP/1.0",
    b"HTTP/1.1",
    b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n",
]
_FIELDS = [token[:-2] for token in _TOKENS if re.match(rb"[A-Za-z-]+:.*\r\n$", token)]


def _point(chance: random.Random, text: bytes) -> int:
    """Somewhere; in the header more often than not."""
    end = text.find(b"\r\n\r\n") + 4
    return chance.randrange(
        (end if end > 3 and chance.random() < 0.8 else len(text)) + 1
    )


def _change(chance: random.Random, text: bytes) -> bytes:
    at = _point(chance, text)
    kind = chance.randrange(6)
    if kind == 0:
        return text[:at] + chance.choice(_TOKENS) + text[at:]
    if kind == 1:
        return text[:at] + text[at + chance.randint(1, 4) :]
    if kind == 2:
        return text[:at] + bytes([chance.randrange(256)]) + text[at + 1 :]
    lines = text.split(b"\r\n")
    if kind == 3:  # A field where it belongs.
        lines.insert(1, chance.choice(_FIELDS))
    elif kind == 4:  # A line twice, or in another place.
        line = chance.choice(lines)
        lines.insert(chance.randrange(len(lines) + 1), line)
    else:
        other = chance.choice(_SEEDS).split(b"\r\n")
        lines.insert(chance.randrange(len(lines) + 1), chance.choice(other))
    return b"\r\n".join(lines)


def mutated_request(chance: random.Random) -> bytes:
    """One request, or what is left of it after some changes."""
    text = chance.choice(_GOOD_SEEDS if chance.random() < 0.7 else _SEEDS)
    for _ in range(chance.choice([0, 1, 1, 1, 2, 3])):
        text = _change(chance, text)
    return text
