"""Where a client finds a server. Pure."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

_EXPECTED = "expected host:port, [v6]:port or unix:PATH"


@dataclass(frozen=True)
class Address:
    """An address as gRPC is told it.

    Attributes:
        text: As it was given.
        target: What gRPC calls it.
        is_local: Whether no other machine can reach it.
    """

    text: str
    target: str
    is_local: bool


def parse_address(text: str) -> Address:
    """Reads `host:port`, `[v6]:port` or `unix:PATH`.

    Raises:
        TypeError: No str.
        ValueError: Nothing that can be connected to.
    """
    if not isinstance(text, str):
        raise TypeError(f"address: {_EXPECTED}, found {type(text).__name__}")
    if text.startswith("unix:"):
        if text == "unix:":
            raise ValueError(f"{text!r}: expected a path behind unix:")
        return Address(text, text, True)
    host, colon, port = text.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    name = host[1:-1] if bracketed else host
    if not colon or not name or "://" in text or (":" in name and not bracketed):
        raise ValueError(f"{text!r}: {_EXPECTED}")
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError(f"{text!r}: expected a port of 1 to 65535, found {port!r}")
    try:
        literal = ipaddress.ip_address(name)
    except ValueError:
        if bracketed:
            raise ValueError(f"{text!r}: {_EXPECTED}") from None
        is_local = name.lower() == "localhost"
        return Address(text, f"dns:///{name}:{port}", is_local)
    if literal.version == 6:
        return Address(text, f"ipv6:[{name}]:{port}", literal.is_loopback)
    return Address(text, f"ipv4:{name}:{port}", literal.is_loopback)
