"""Where the signing secret comes from: a file or the environment."""

from __future__ import annotations

import os

from ._console import USAGE, CommandError

_BYTES_MAX = 4096


def find_secret(path: str | None) -> bytes | None:
    """Gives the secret, if there is one.

    Args:
        path: The file that was asked for; else the environment says.

    Raises:
        CommandError: The file cannot be read, or has no secret in it.
    """
    if path is not None:
        return _read(path)
    if os.environ.get("TUCO_WEBHOOK_SECRET"):
        return os.environb[b"TUCO_WEBHOOK_SECRET"]
    if os.environ.get("TUCO_WEBHOOK_SECRET_FILE"):
        return _read(os.environ["TUCO_WEBHOOK_SECRET_FILE"])
    return None


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            secret = file.read(_BYTES_MAX + 1)
    except OSError as error:
        raise _unusable(path, str(error.strerror)) from None
    if len(secret) > _BYTES_MAX:
        raise _unusable(path, "more than 4096 bytes; is this the right file?")
    # The line break that an editor left, but no other.
    if secret.endswith(b"\n"):
        secret = secret[:-1]
        if secret.endswith(b"\r"):
            secret = secret[:-1]
    if not secret:
        raise _unusable(path, "empty; put the secret into it")
    return secret


def _unusable(path: str, why: str) -> CommandError:
    return CommandError(USAGE, f"secret file {path}: {why}")
