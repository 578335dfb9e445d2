"""The functions of this package: arguments checked, then _core."""

from __future__ import annotations

import operator
from collections.abc import Iterable

from . import _core
from ._core import Event
from ._errors import FormatError, SignatureError
from ._findings import Finding
from ._types import Body, Mode, Secret, Secrets

_MODES = ("auto", "raw")


def verify(body: Body, signature: str, secret: Secret, *, mode: Mode = "auto") -> bool:
    """Says whether a delivery is genuine.

    The comparison takes constant time, and every secret is tried. What is
    verified are the body's bytes as they arrived and, in the mode "auto", if
    that fails and the body is of 64 KiB at most, its canonical form
    (`canonicalize`): what a proxy reformatted is still genuine.

    Args:
        body: What arrived, byte for byte: bytes or anything contiguous that is
            bytes-like. Never a str.
        signature: The value of the header X-Tuco-Signature; blanks around it
            are ignored, and text of any kind is allowed.
        secret: The webhook's secret, as str (used as UTF-8) or bytes, or a
            sequence of up to five of them while secrets are being changed.
        mode: "auto", or "raw" for the bytes as they arrived only.

    Returns:
        Whether the signature is one of the body's under one of the secrets. No
        signature raises, whatever is in it.

    Raises:
        TypeError: An argument has a wrong type.
        ValueError: A secret is empty or not well-formed text, there is none or
            more than five, or the mode is unknown.
    """
    return _core.verify(body, signature, secret, _is_raw(mode))


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
        The event in the bytes that were signed: the body's, or its canonical
        form's where `verified_form` is CANONICAL. Its content never raises, as
        with `parse`.

    Raises:
        SignatureError: The delivery is not genuine; `reason` says why.
        TypeError: An argument has a wrong type.
        ValueError: As for `verify` and `parse`.
    """
    raw = _is_raw(mode)
    result = _core.verify_and_parse(body, signature, secret, endpoint, raw)
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
    raw = _is_raw(mode)
    for name, items in (("bodies", bodies), ("signatures", signatures)):
        if isinstance(items, (str, bytes, bytearray, memoryview)):
            raise TypeError(f"expected many {name}, found {type(items).__name__}")
    if threads is None:
        return _core.verify_many(bodies, signatures, secret, 0, raw)
    count = operator.index(threads)
    if count < 1:
        raise ValueError(f"expected at least one thread, found {count}")
    return _core.verify_many(bodies, signatures, secret, min(count, 1024), raw)


def canonicalize(body: Body) -> bytes:
    """Gives the canonical form of a JSON text, which is what Tuco signs.

    That is JSON.stringify(JSON.parse(text)) as V8 computes it, byte for byte.

    Args:
        body: The text: bytes or anything contiguous that is bytes-like.

    Returns:
        UTF-8. It is its own canonical form.

    Raises:
        FormatError: Two readers could understand the text differently, or
            JavaScript would change what it says: it is not JSON or not UTF-8,
            an object has a key twice, a number is beyond what a double holds,
            or more than 64 arrays and objects are in each other.
        TypeError: The body has a wrong type.
    """
    canonical = _core.canonicalize(body)
    if isinstance(canonical, str):
        raise FormatError(canonical)
    return canonical


def explain(body: Body, signature: str, secrets: Secrets) -> list[Finding]:
    """Says what would have to be different for a signature to match.

    For people who look for a mistake, never for accepting anything. It tries
    the mistakes that are often made: another secret, a line break behind it, a
    body that was parsed and printed again, a signature spelt in another way.

    Args:
        body: As for `verify`.
        signature: As for `verify`.
        secrets: All that the signature may have been made with, old ones and
            those of other webhooks too, up to 64: as for `verify`, or a mapping
            from names to them.

    Returns:
        What was found, which may be nothing. Of a delivery that is genuine as
        it arrived only that it matches, and under which secret: by its name, in
        a sequence "main", "secret2", "secret3" and so on. Above 1 MiB of body
        only that, or what is wrong with the signature's form. Of one that is
        genuine in its canonical form only, what changed it on its way.

    Raises:
        TypeError: An argument has a wrong type.
        ValueError: A secret is empty or not well-formed text, or there is none
            or more than 64.
    """
    return [Finding(*found) for found in _core.explain(body, signature, secrets)]


def _is_raw(mode: str) -> bool:
    if mode in _MODES:
        return mode == "raw"
    if not isinstance(mode, str):
        raise TypeError(f"expected a mode (str), found {type(mode).__name__}")
    raise ValueError(f"expected the mode auto or raw, found {mode!r}")
