"""Requests byte by byte, the answers they get, and what becomes of the connection.

The limits are the server's own: 8 KiB and 64 fields of header, a target of
2 KiB, a body of 256 KiB.
"""

from dataclasses import dataclass
from enum import Enum

from support.deliveries import sign

BODY = b'{"event":"message.sent","data":{"messageId":"msg_raw"}}'
SIGNATURE = sign(BODY)
PATH = "/webhooks/tuco"

BODY_BYTES_MAX = 256 * 1024
TARGET_BYTES_MAX = 2 * 1024
HEADER_BYTES_MAX = 8 * 1024
HEADER_FIELDS_MAX = 64


class Fate(Enum):
    """What becomes of the connection behind the last answer."""

    CLOSED = "the server closes it"
    OPEN = "it takes another request"
    WAITS = "the server waits for more, and closes without a word when none comes"


@dataclass(frozen=True)
class RawRequest:
    """What a client sends, and what a server of RFC 9112 makes of it."""

    sent: bytes
    statuses: tuple[int, ...]
    fate: Fate

    @property
    def is_small(self) -> bool:
        """Whether it may be sent byte by byte."""
        return len(self.sent) < 4 * HEADER_BYTES_MAX


def _served(sent: bytes, *statuses: int) -> RawRequest:
    return RawRequest(sent, statuses or (200,), Fate.OPEN)


def _last(sent: bytes, *statuses: int) -> RawRequest:
    return RawRequest(sent, statuses, Fate.CLOSED)


def _waiting(sent: bytes, *statuses: int) -> RawRequest:
    return RawRequest(sent, statuses, Fate.WAITS)


def _request(
    fields: str,
    body: bytes = b"",
    line: str = f"POST {PATH} HTTP/1.1",
    host: str = "Host: h\r\n",
) -> bytes:
    return f"{line}\r\n{host}{fields}\r\n".encode("latin-1") + body


def _signed(fields: str, body: bytes, line: str = f"POST {PATH} HTTP/1.1") -> bytes:
    """A request whose body is BODY once its framing is gone."""
    return _request(f"X-Tuco-Signature: {SIGNATURE}\r\n{fields}", body, line)


def _sized(fields: str = "", body: bytes = BODY) -> bytes:
    return _signed(f"{fields}Content-Length: {len(BODY)}\r\n", body)


def _chunk(part: bytes) -> bytes:
    return f"{len(part):x}\r\n".encode() + part + b"\r\n"


CHUNKED = "Transfer-Encoding: chunked\r\n"
END = b"0\r\n\r\n"
CHUNKS = _chunk(BODY) + END


def _chunked(body: bytes) -> bytes:
    return _signed(CHUNKED, body)


def _filled(size: int) -> bytes:
    """A request whose fields have that many bytes, with the empty line."""
    request = _sized("X-Filler: \r\n")
    now = request.index(b"\r\n\r\n") + 4 - (request.index(b"\r\n") + 2)
    return _sized(f"X-Filler: {'x' * (size - now)}\r\n")


def _target(size: int) -> bytes:
    path = f"{PATH}?"
    path += "x" * (size - len(path))
    line = f"POST {path} HTTP/1.1"
    return _signed(f"Content-Length: {len(BODY)}\r\n", BODY, line)


def _fields(count: int) -> bytes:
    """A request of that many fields."""
    return _sized("X: y\r\n" * (count - 3))


def _with_signatures(*lines: str) -> bytes:
    """A request whose signature is said by these lines alone."""
    fields = "".join(f"{line}\r\n" for line in lines)
    return _request(f"{fields}Content-Length: {len(BODY)}\r\n", BODY)


GOOD = _sized()
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"
# What a smuggler hides; it would be accepted where it stood alone.
HIDDEN = _sized()

SERVED = {
    "a delivery": _served(GOOD),
    "two at once": _served(GOOD + GOOD, 200, 200),
    "empty lines before": _served(b"\r\n\r\n" + GOOD),
    "an empty line between": _served(GOOD + b"\r\n" + GOOD, 200, 200),
    "one chunk": _served(_chunked(CHUNKS)),
    "chunks of ten": _served(
        _chunked(b"".join(_chunk(BODY[at : at + 10]) for at in range(0, 55, 10)) + END)
    ),
    "a size with zeros before": _served(_chunked(b"000" + CHUNKS)),
    "a size in upper case": _served(
        _chunked(b"1F\r\n" + BODY[:31] + b"\r\n" + _chunk(BODY[31:]) + END)
    ),
    "chunked in any case": _served(_signed("transfer-encoding: CHUNKED\r\n", CHUNKS)),
    "a length with zeros before": _served(
        _signed(f"Content-Length: 00{len(BODY)}\r\n", BODY)
    ),
    "blanks around a value": _served(
        _signed(f"Content-Length:\t {len(BODY)} \r\n", BODY)
    ),
    "no blank behind a colon": _served(
        _signed(f"Content-Length:{len(BODY)}\r\n", BODY)
    ),
    "an absolute target": _served(
        _signed(
            f"Content-Length: {len(BODY)}\r\n", BODY, f"POST http://x{PATH} HTTP/1.1"
        )
    ),
    "a query": _served(
        _signed(f"Content-Length: {len(BODY)}\r\n", BODY, f"POST {PATH}?a=b HTTP/1.1")
    ),
    "an upgrade, which is ignored": _served(
        _sized("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n")
    ),
    "an expectation": _served(_sized("Expect: 100-continue\r\n")),
    "bytes beyond ASCII": _served(_sized("X: \xe4\xff\r\n")),
    "an empty value": _served(_sized("X:\r\nY: \t\r\n")),
    "an underscore in a name": _served(_sized("Content_Length: 3\r\n")),
    "a probe": _served(HEALTH),
    "a probe with a body": _served(
        b"GET /healthz HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc" + GOOD,
        200,
        200,
    ),
    "an old client that stays": _served(
        b"GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
    ),
    "the longest target": _served(_target(TARGET_BYTES_MAX)),
    "the largest header": _served(_filled(HEADER_BYTES_MAX)),
    "the most fields": _served(_fields(HEADER_FIELDS_MAX)),
    "a signature in upper case": _served(
        _with_signatures(f"X-TUCO-SIGNATURE: {SIGNATURE.upper()}")
    ),
    "a signature with blanks around": _served(
        _with_signatures(f"x-tuco-signature: \t{SIGNATURE}\t ")
    ),
}

LAST = {
    "a client that leaves": _last(_sized("Connection: close\r\n"), 200),
    "a client that leaves, and goes on": _last(
        _sized("Connection: close\r\n") + GOOD, 200
    ),
    "an old client": _last(b"GET /healthz HTTP/1.0\r\n\r\n", 200),
    "an old client's delivery": _last(GOOD.replace(b"1.1", b"1.0", 1), 200),
}

UNFINISHED = {
    "nothing": _waiting(b""),
    "a lone CR": _waiting(b"\r"),
    "an empty line": _waiting(b"\r\n"),
    "half a method": _waiting(b"PO"),
    "half a request line": _waiting(GOOD[:20]),
    "half a field": _waiting(GOOD[:60]),
    "a header without its end": _waiting(HEALTH[:-2]),
    "a header but its last byte": _waiting(HEALTH[:-1]),
    "no byte of the body": _waiting(GOOD[: -len(BODY)]),
    "a body but its last byte": _waiting(GOOD[:-1]),
    "half a chunk": _waiting(_chunked(b"37\r\n{")),
    "no last chunk": _waiting(_chunked(_chunk(BODY))),
    "chunks but their last byte": _waiting(_chunked(CHUNKS[:-1])),
    "one and a half": _waiting(GOOD + GOOD[:-1], 200),
}

FRAMING = {
    "a length and chunks": f"Content-Length: {len(CHUNKS)}\r\n{CHUNKED}",
    "chunks and a length": f"{CHUNKED}Content-Length: 4\r\n",
    "chunks and no length": f"{CHUNKED}Content-Length: 0\r\n",
    "a length twice": f"Content-Length: {len(BODY)}\r\n" * 2,
    "two lengths": f"Content-Length: {len(BODY)}\r\nContent-Length: 5\r\n",
    "a list of lengths": f"Content-Length: {len(BODY)}, {len(BODY)}\r\n",
    "a length with a plus": f"Content-Length: +{len(BODY)}\r\n",
    "a length below zero": "Content-Length: -1\r\n",
    "a length in hexadecimal": "Content-Length: 0x37\r\n",
    "a length with a fraction": "Content-Length: 55.0\r\n",
    "a length with an exponent": "Content-Length: 5e1\r\n",
    "a length with a separator": "Content-Length: 5_5\r\n",
    "a length of two numbers": "Content-Length: 5 5\r\n",
    "a length of nothing": "Content-Length:\r\n",
    "a length that overflows": "Content-Length: 18446744073709551671\r\n",
    "a length with a blank before the colon": f"Content-Length : {len(BODY)}\r\n",
    "a length with a zero byte": f"Content-Length: {len(BODY)}\0\r\n",
    "a length on the next line": f"Content-Length:\r\n {len(BODY)}\r\n",
    "a length that is continued": f"Content-Length: {len(BODY)}\r\n 5\r\n",
    "a coding with a blank before the colon": "Transfer-Encoding : chunked\r\n",
    "a coding on the next line": "Transfer-Encoding:\r\n chunked\r\n",
    "the coding identity": "Transfer-Encoding: identity\r\n",
    "a coding before chunked": "Transfer-Encoding: gzip, chunked\r\n",
    "a coding behind chunked": "Transfer-Encoding: chunked, identity\r\n",
    "chunked twice in a list": "Transfer-Encoding: chunked, chunked\r\n",
    "chunked in two fields": f"{CHUNKED}{CHUNKED}",
    "identity and chunked in two fields": f"Transfer-Encoding: identity\r\n{CHUNKED}",
    "chunked with a comma": "Transfer-Encoding: ,chunked\r\n",
    "chunked with a parameter": "Transfer-Encoding: chunked;q=1\r\n",
    "chunked with a prefix": "Transfer-Encoding: xchunked\r\n",
    "chunked in quotes": 'Transfer-Encoding: "chunked"\r\n',
    "chunked behind a vertical tab": "Transfer-Encoding: \x0bchunked\r\n",
    "an empty coding": "Transfer-Encoding:\r\n",
    "a name with a tab": "Transfer-Encoding\t: chunked\r\n",
    "a name with a zero byte": "Transfer-\0Encoding: chunked\r\n",
    "a name in brackets": "[Transfer-Encoding]: chunked\r\n",
    "a name beyond ASCII": "Transfer-Encoding\xa0: chunked\r\n",
    "a line without a colon": "Transfer-Encoding chunked\r\n",
    "a name of nothing": ": chunked\r\n",
    "a CR before the coding": "X: a\rTransfer-Encoding: chunked\r\n",
    "a LF before the coding": "X: a\nTransfer-Encoding: chunked\r\n",
    "a CR before a line's end": "X: a\r\r\n",
    "a line that begins with a blank": " X: a\r\n",
    "a line that begins with a tab": "X: a\r\n\tb\r\n",
    "a control character": "X: \x01\r\n",
    "a second host": "Host: h\r\n",
}

CHUNKING = {
    "no size": b"\r\n" + BODY + b"\r\n" + END,
    "a size that is no number": b"xyz\r\n" + BODY + b"\r\n" + END,
    "a size with 0x": b"0x37\r\n" + BODY + b"\r\n" + END,
    "a size with a plus": b"+37\r\n" + BODY + b"\r\n" + END,
    "a size below zero": b"-37\r\n" + BODY + b"\r\n" + END,
    "a size with a blank before": b" 37\r\n" + BODY + b"\r\n" + END,
    "a size with a blank behind": b"37 \r\n" + BODY + b"\r\n" + END,
    "a size with a tab behind": b"37\t\r\n" + BODY + b"\r\n" + END,
    "a size that overflows": b"10000000000000037\r\n" + BODY + b"\r\n" + END,
    "a size that ends with LF": b"37\n" + BODY + b"\r\n" + END,
    "a size that ends with CR": b"37\r" + BODY + b"\r\n" + END,
    "a size that ends with CR CR": b"37\r\r\n" + BODY + b"\r\n" + END,
    "an extension": b"37;a=b\r\n" + BODY + b"\r\n" + END,
    "an extension with a LF in it": b"37;a\n\n" + BODY + b"\r\n" + END,
    "an extension without a name": b"37;\r\n" + BODY + b"\r\n" + END,
    "an extension of the last chunk": _chunk(BODY) + b"0;a\r\n\r\n",
    "a chunk longer than said": b"36\r\n" + BODY + b"\r\n" + END,
    "a chunk shorter than said": b"38\r\n" + BODY + b"\r\n" + END,
    "a chunk that ends with LF": b"37\r\n" + BODY + b"\n" + END,
    "a chunk without an end": b"37\r\n" + BODY + END,
    "a trailer": _chunk(BODY) + b"0\r\nA: b\r\n\r\n",
    "a signature as trailer": _chunk(BODY)
    + f"0\r\nX-Tuco-Signature: {SIGNATURE}\r\n\r\n".encode(),
    "a length as trailer": _chunk(BODY) + b"0\r\nContent-Length: 3\r\n\r\n",
    "a last line that ends with LF": _chunk(BODY) + b"0\r\n\n",
    "a last chunk that ends with LF": _chunk(BODY) + b"0\n\r\n",
    "a request in the place of the last line": _chunk(BODY) + b"0\r\n" + HIDDEN,
}

LINES = {
    "a LF behind the request line": HEALTH.replace(b"\r\n", b"\n", 1),
    "LF alone": HEALTH.replace(b"\r\n", b"\n"),
    "a LF at the end": HEALTH[:-2] + b"\n",
    "a LF before": b"\n" + HEALTH,
    "a CR before": b"\rG" + HEALTH[1:],
    "many empty lines before": b"\r\n" * 5 + HEALTH,
    "two blanks behind the method": HEALTH.replace(b" ", b"  ", 1),
    "two blanks behind the target": HEALTH.replace(b" HTTP", b"  HTTP"),
    "a blank behind the version": HEALTH.replace(b"1.1", b"1.1 "),
    "a blank before the method": b" " + HEALTH,
    "tabs": HEALTH.replace(b" ", b"\t", 2),
    "a blank in the target": HEALTH.replace(b"healthz", b"heal thz"),
    "a zero byte in the target": HEALTH.replace(b"healthz", b"heal\0thz"),
    "a CR in the target": HEALTH.replace(b"healthz", b"heal\rthz"),
    "a target beyond ASCII": HEALTH.replace(b"healthz", b"h\xc3\xa4lthz"),
    "a fragment": HEALTH.replace(b"healthz", b"healthz#a"),
    "a target without a slash": HEALTH.replace(b"/healthz", b"healthz"),
    "a target of another scheme": HEALTH.replace(b"/healthz", b"ftp://h/healthz"),
    "no target": b"GET HTTP/1.1\r\nHost: h\r\n\r\n",
    "HTTP/0.9": b"GET /healthz\r\n\r\n",
    "HTTP/1.2": HEALTH.replace(b"1.1", b"1.2"),
    "HTTP/2.0": HEALTH.replace(b"1.1", b"2.0"),
    "HTTP/1": HEALTH.replace(b"1.1", b"1"),
    "HTTP/01.1": HEALTH.replace(b"1.1", b"01.1"),
    "http in lower case": HEALTH.replace(b"HTTP", b"http"),
    "RTSP": HEALTH.replace(b"HTTP/1.1", b"RTSP/1.0"),
    "Icecast": HEALTH.replace(b"GET", b"SOURCE").replace(b"HTTP/1.1", b"ICE/1.0"),
    "no host": b"GET /healthz HTTP/1.1\r\n\r\n",
    "a host with a path": HEALTH.replace(b"Host: h", b"Host: h/x"),
    "a host with a user": HEALTH.replace(b"Host: h", b"Host: u@h"),
    "a list of hosts": HEALTH.replace(b"Host: h", b"Host: a, b"),
    "an unknown method": HEALTH.replace(b"GET", b"FROB"),
    "a method in lower case": HEALTH.replace(b"GET", b"get"),
    "CONNECT": b"CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n",
    "coded chunks of an old client": _chunked(CHUNKS).replace(b"1.1", b"1.0", 1),
}

PROTOCOLS = {
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0",
    "a TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(32)),
    "an SSL 2 hello": b"\x80\x2e\x01\x03\x01\x00\x15\x00\x00\x00\x10" + bytes(32),
    "SSH": b"SSH-2.0-OpenSSH_9.2\r\n",
    "SMTP": b"EHLO there\r\n",
    "the PROXY protocol, version 1": b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n" + HEALTH,
    "the PROXY protocol, version 2": b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + bytes(12),
    "zeros": bytes(64),
    "ones": b"\xff" * 64,
    "JSON": BODY,
    "a response": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "a line of nonsense": b"nonsense\r\n\r\n",
}

REFUSED = {
    "an unknown path": _last(HEALTH.replace(b"healthz", b"nothing"), 404),
    "an unknown endpoint with a body": _last(
        _request("Content-Length: 2\r\n", b"{}", "POST /webhooks/other HTTP/1.1"), 404
    ),
    "a signed delivery of an unknown endpoint": _last(
        _signed(f"Content-Length: {len(BODY)}\r\n", BODY, "POST /other HTTP/1.1"), 404
    ),
    "an encoded path": _last(HEALTH.replace(b"healthz", b"%68ealthz"), 404),
    "a path with dots": _last(HEALTH.replace(b"healthz", b"a/../healthz"), 404),
    "any target": _last(b"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", 404),
    "another method": _last(HEALTH.replace(b"/healthz", PATH.encode()), 405),
    "another method with a body": _last(GOOD.replace(b"POST", b"PUT", 1) + HIDDEN, 405),
    "another method of the probe": _last(
        _request("Content-Length: 0\r\n", line="DELETE /healthz HTTP/1.1"), 405
    ),
    "no signature": _last(_with_signatures(), 401),
    "an underscore in the signature's name": _last(
        _with_signatures(f"X_Tuco_Signature: {SIGNATURE}"), 401
    ),
    "an empty signature": _last(_with_signatures("X-Tuco-Signature:"), 401),
    "a wrong signature": _last(_with_signatures("X-Tuco-Signature: " + "0" * 64), 401),
    "a short signature": _last(
        _with_signatures(f"X-Tuco-Signature: {SIGNATURE[:-1]}"), 401
    ),
    "a long signature": _last(_with_signatures(f"X-Tuco-Signature: {SIGNATURE}0"), 401),
    "a signature with a prefix": _last(
        _with_signatures(f"X-Tuco-Signature: sha256={SIGNATURE}"), 401
    ),
    "a list of signatures": _last(
        _with_signatures(f"X-Tuco-Signature: {SIGNATURE}, {SIGNATURE}"), 401
    ),
    "a signature twice": _last(
        _with_signatures(*[f"X-Tuco-Signature: {SIGNATURE}"] * 2), 401
    ),
    "a good signature and a wrong one": _last(
        _with_signatures(f"X-Tuco-Signature: {SIGNATURE}", "X-Tuco-Signature: 0"), 401
    ),
    "a forgery, and a request behind it": _last(_with_signatures() + HIDDEN, 401),
    "a body that is cut": _last(
        _signed(f"Content-Length: {len(BODY) - 1}\r\n", BODY[:-1]), 401
    ),
    "a body without a length": _last(_signed("", BODY + b"\r\n\r\n"), 401),
    "a request in a body of no length": _last(
        _signed("Content-Length: 0\r\n", BODY + b"\r\n" + HIDDEN), 401
    ),
    "a coded body": _last(_sized("Content-Encoding: gzip\r\n"), 415),
    "a coded body without signature": _last(
        _request("Content-Encoding: br\r\nContent-Length: 1\r\n", b"x"), 415
    ),
    "an unknown expectation": _last(_sized("Expect: a-miracle\r\n"), 417),
    "too long a target": _last(_target(TARGET_BYTES_MAX + 1), 414),
    "a target without end": _last(b"GET /" + b"x" * TARGET_BYTES_MAX * 2, 414),
    "a method without end": _last(b"G" * 6000, 400),
    "too large a header": _last(_filled(HEADER_BYTES_MAX + 1), 431),
    "a name without end": _last(_request("x" * HEADER_BYTES_MAX), 431),
    "too many fields": _last(_fields(HEADER_FIELDS_MAX + 1), 431),
    "too large a length": _last(
        _signed(f"Content-Length: {BODY_BYTES_MAX + 1}\r\n", b""), 413
    ),
    "far too large a length": _last(
        _signed(f"Content-Length: {2**63 - 1}\r\n", b""), 413
    ),
    "too large a body, all of it": _last(
        _signed(f"Content-Length: {BODY_BYTES_MAX + 1}\r\n", bytes(BODY_BYTES_MAX + 1))
        + HIDDEN,
        413,
    ),
    "too large a length that waits": _last(
        _signed(
            f"Expect: 100-continue\r\nContent-Length: {BODY_BYTES_MAX + 1}\r\n", b""
        ),
        413,
    ),
    "too large a chunk": _last(_chunked(b"40001\r\n"), 413),
    "far too large a chunk": _last(_chunked(b"7fffffffffffffff\r\n"), 413),
    "chunks too large together": _last(
        _chunked(_chunk(bytes(BODY_BYTES_MAX)) + b"1\r\n"), 413
    ),
    "a size of zeros without end": _last(_chunked(b"0" * 600_000), 413),
    "good, then nonsense": _last(GOOD + b"nonsense\r\n\r\n" + HIDDEN, 200, 400),
}

RAW_REQUESTS: dict[str, RawRequest] = (
    SERVED
    | LAST
    | UNFINISHED
    | REFUSED
    | {
        name: _last(_signed(fields, CHUNKS) + HIDDEN, 400)
        for name, fields in FRAMING.items()
    }
    | {name: _last(_chunked(body) + HIDDEN, 400) for name, body in CHUNKING.items()}
    | {name: _last(sent + HIDDEN, 400) for name, sent in LINES.items()}
    | {name: _last(sent, 400) for name, sent in PROTOCOLS.items()}
)
