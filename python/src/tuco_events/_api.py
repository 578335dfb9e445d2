"""The functions of this package: arguments checked, then _core."""

from __future__ import annotations

import operator
from collections.abc import Iterable

from . import _core
from ._core import Event
from ._errors import SignatureError
from ._types import Body, Mode, Secret

_MODES = ("auto", "raw")


def verify(body: Body, signature: str, secret: Secret, *, mode: Mode = "auto") -> bool:
    """Says whether a delivery is genuine.

    The comparison takes constant time, and every secret is tried. The body's
    bytes as they arrived are what is verified. Tuco may also sign the body's
    canonical form; this version does not verify that one yet, so the modes
    "auto" and "raw" mean the same today, and "auto" will learn it.

    Args:
        body: What arrived, byte for byte: bytes or anything contiguous that is
            bytes-like. Never a str.
        signature: The value of the header X-Tuco-Signature; blanks around it
            are ignored, and text of any kind is allowed.
        secret: The webhook's secret, as str (used as UTF-8) or bytes, or a
            sequence of up to five of them while secrets are being changed.
        mode: "auto" or "raw".

    Returns:
        Whether the signature is one of the body's under one of the secrets. No
        signature raises, whatever is in it.

    Raises:
        TypeError: An argument has a wrong type.
        ValueError: A secret is empty or not well-formed text, there is none or
            more than five, or the mode is unknown.
    """
    _check_mode(mode)
    return _core.verify(body, signature, secret)


def sign(body: Body, secret: Secret) -> str:
    """Gives the signature that Tuco would send with a body.

    Args:
        body: As for `verify`.
        secret: As for `verify`; the first of a sequence signs.

    Returns:
        64 lower-case hexadecimal digits, for the header X-Tuco-Signature.

    Raises:
        TypeError: An argument has a wrong type.
        ValueError: A secret is empty or not well-formed text, or there is none.
    """
    return _core.sign(body, secret)


def parse(body: Body, *, endpoint: str = "tuco") -> Event:
    """Reads the event in a body that nobody vouches for.

    For archives and tests. To take an event in, use `verify_and_parse`.

    Args:
        body: As for `verify`.
        endpoint: The endpoint's name, which is part of what `event_id` is made
            from.

    Returns:
        The event, whose `verified_form` is UNSPECIFIED. No content raises: a
        body that is not JSON, or of no known shape, gives an event whose
        `flags` say so.

    Raises:
        TypeError: An argument has a wrong type.
        ValueError: The endpoint is no name.
    """
    return _core.parse(body, endpoint)


def verify_and_parse(
    body: Body,
    signature: str,
    secret: Secret,
    *,
    mode: Mode = "auto",
    endpoint: str = "tuco",
) -> Event:
    """Verifies a delivery and reads its event.

    Args:
        body: As for `verify`.
        signature: As for `verify`.
        secret: As for `verify`. The event's `secret_name` says which one
            matched: "main" is the first, then come "secret2" to "secret5".
        mode: As for `verify`.
        endpoint: As for `parse`.

    Returns:
        The event. Its content never raises, as with `parse`.

    Raises:
        SignatureError: The delivery is not genuine; `reason` says why.
        TypeError: An argument has a wrong type.
        ValueError: As for `verify` and `parse`.
    """
    _check_mode(mode)
    result = _core.verify_and_parse(body, signature, secret, endpoint)
    if isinstance(result, _core.Reason):
        raise SignatureError(result)
    return result


def verify_many(
    bodies: Iterable[Body],
    signatures: Iterable[str],
    secret: Secret,
    *,
    mode: Mode = "auto",
    threads: int | None = None,
) -> list[bool]:
    """Verifies many deliveries at once, on several threads and without the GIL.

    Args:
        bodies: The bodies, each as for `verify`.
        signatures: The signatures, as many and in the same order.
        secret: As for `verify`, the same for all.
        mode: As for `verify`.
        threads: How many threads work at most; None stands for as many as
            there are processors that this process may use. Where there is
            little to do, fewer are started.

    Returns:
        For each delivery what `verify` would say, in order.

    Raises:
        TypeError: An argument, or an item of one, has a wrong type.
        ValueError: As for `verify`; or there are not as many signatures as
            bodies, or threads is less than one.
    """
    _check_mode(mode)
    for name, items in (("bodies", bodies), ("signatures", signatures)):
        if isinstance(items, (str, bytes, bytearray, memoryview)):
            raise TypeError(f"expected many {name}, found {type(items).__name__}")
    if threads is None:
        return _core.verify_many(bodies, signatures, secret, 0)
    count = operator.index(threads)
    if count < 1:
        raise ValueError(f"expected at least one thread, found {count}")
    return _core.verify_many(bodies, signatures, secret, min(count, 1024))


def _check_mode(mode: str) -> None:
    if mode in _MODES:
        return
    if not isinstance(mode, str):
        raise TypeError(f"expected a mode (str), found {type(mode).__name__}")
    raise ValueError(f"expected the mode auto or raw, found {mode!r}")
