"""How a client shows who it is, and knows that it speaks to the right server."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Union

from ._address import Address

StrPath = Union[str, "os.PathLike[str]"]
# What tells that a file is another one, or has other contents.
Fingerprint = tuple[tuple[int, int, int], ...]

_TOKEN_MAX = 4096


@dataclass(frozen=True)
class TlsContents:
    """What was in the files, PEM; None where there is none."""

    authorities: bytes | None
    key: bytes | None
    certificate: bytes | None


@dataclass(frozen=True)
class Tls:
    """Whether and how a connection is encrypted; files are read when they are used.

    Attributes:
        on: Whether it is.
        ca: The file of the authorities that the server's certificate is of; None
            stands for those that gRPC brings.
        cert: The file of the client's certificate, with its chain.
        key: The file of its key.
    """

    on: bool
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None

    def read(self) -> TlsContents:
        """The files' contents now.

        Raises:
            ValueError: One cannot be read, naming it.
        """
        return TlsContents(_read(self.ca), _read(self.key), _read(self.cert))

    def fingerprint(self) -> Fingerprint:
        """Changes when a file does."""
        return _fingerprint(self.ca, self.cert, self.key)


def make_tls(
    tls: bool | None,
    ca: StrPath | None,
    cert: StrPath | None,
    key: StrPath | None,
) -> Tls:
    """What the arguments of a client mean together.

    Raises:
        ValueError: They do not go together.
    """
    if tls is not None and not isinstance(tls, bool):
        raise TypeError(
            f"tls: expected True, False or None, found {type(tls).__name__}"
        )
    if (cert is None) != (key is None):
        raise ValueError("expected cert= and key= together")
    if tls is False and (ca is not None or cert is not None):
        raise ValueError("expected no ca=, cert= and key= with tls=False")
    if tls is None and ca is None and cert is not None:
        raise ValueError(
            "expected ca= with cert= and key=, or tls=True for a server whose "
            "certificate is of a public authority"
        )
    on = bool(tls) or ca is not None
    return Tls(on, *(None if file is None else Path(file) for file in (ca, cert, key)))


class Token:
    """A token, or the file that it stands in, which is read again when it changes.

    Safe for concurrent use: what two threads would both read is the same.
    """

    def __init__(self, token: str | None, file: StrPath | None) -> None:
        if token is not None and file is not None:
            raise ValueError("expected token= or token_file=, not both")
        self._token = None if token is None else _checked(token, "token")
        self._file = None if file is None else Path(file)
        self._read: tuple[Fingerprint, str] | None = None

    @property
    def given(self) -> bool:
        """Whether there is one to show."""
        return self._token is not None or self._file is not None

    def current(self) -> str | None:
        """The token to show now.

        Raises:
            ValueError: The file cannot be read, or does not hold one line.
        """
        if self._file is None:
            return self._token
        fingerprint = _fingerprint(self._file)
        if self._read is None or self._read[0] != fingerprint:
            text = (_read(self._file) or b"").decode("latin-1").rstrip("\r\n")
            self._read = (fingerprint, _checked(text, f"token file {self._file}"))
        return self._read[1]


def check_confidential(token: Token, tls: Tls, address: Address) -> None:
    """Lets no token go over a network in the open.

    Raises:
        ValueError: It would.
    """
    if token.given and not tls.on and not address.is_local:
        raise ValueError(
            f"{address.text}: a token would get there unencrypted; expected an address "
            "of this machine, or ca= or tls=True"
        )


def _checked(token: str, what: str) -> str:
    if not isinstance(token, str):
        raise TypeError(f"{what}: expected str, found {type(token).__name__}")
    if 0 < len(token) <= _TOKEN_MAX and all("!" <= char <= "~" for char in token):
        return token
    raise ValueError(f"{what}: expected one line with the token")


def _read(file: Path | None) -> bytes | None:
    if file is None:
        return None
    try:
        return file.read_bytes()
    except OSError as error:
        raise ValueError(f"cannot read {file}: {error.strerror}") from None


def _fingerprint(*files: Path | None) -> Fingerprint:
    found = []
    for file in files:
        if file is None:
            continue
        try:
            at = file.stat()
        except OSError as error:
            raise ValueError(f"cannot read {file}: {error.strerror}") from None
        found.append((at.st_ino, at.st_mtime_ns, at.st_size))
    return tuple(found)
