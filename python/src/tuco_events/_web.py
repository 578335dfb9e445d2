"""What the helpers for web frameworks have in common: no framework, no I/O.

They answer what the server's own ingress answers (docs/http_api.md): the same
statuses, the same problem JSON (RFC 9457). Of a delivery that is refused nothing is
logged but the reason's name; of secrets and bodies nothing ever is.
"""

from __future__ import annotations

import inspect
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Callable, Union

from ._api import parse, verify, verify_and_parse
from ._core import Event
from ._errors import SignatureError
from ._types import Mode, Secret

SecretSource = Union[Secret, Callable[[], Secret]]

SIGNATURE_HEADER = "X-Tuco-Signature"
ENCODING_HEADER = "Content-Encoding"
# The server's own default, http.body_bytes_max.
BODY_BYTES_MAX = 256 * 1024

PROBLEM_TYPE = "application/problem+json"
_TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    405: "Method Not Allowed",
    413: "Content Too Large",
    415: "Unsupported Media Type",
}
_logger = logging.getLogger("tuco_events")


@dataclass(frozen=True)
class Problem:
    """An answer that says why a delivery was refused.

    Attributes:
        status: The HTTP status.
        detail: A sentence, always the same for a status: more would help a forger.
        headers: More headers of the answer.
    """

    status: int
    detail: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> bytes:
        """The answer's body, as the server's ingress writes it."""
        return json.dumps(
            {
                "type": "about:blank",
                "title": _TITLES[self.status],
                "status": self.status,
                "detail": self.detail,
            },
            separators=(",", ":"),
        ).encode()


UNAUTHORIZED = Problem(
    401,
    "the X-Tuco-Signature header does not authenticate the body",
    {"WWW-Authenticate": "TucoSignature"},
)
INCOMPLETE = Problem(400, "the body ends before it should")
METHOD_NOT_ALLOWED = Problem(
    405, "this path takes another method; see Allow", {"Allow": "POST"}
)
TOO_LARGE = Problem(413, "the body is larger than this server takes")
ENCODED = Problem(415, "expected a body without Content-Encoding, as Tuco signs it")


class Door:
    """Decides over deliveries; what each helper asks.

    Immutable, and safe for concurrent use.
    """

    def __init__(
        self,
        secret: SecretSource,
        mode: Mode,
        endpoint: str,
        body_bytes_max: int,
        *,
        asks_itself: bool = True,
    ) -> None:
        """Complains now of what would be wrong with every delivery.

        Args:
            secret: As of `verify`; or a function that is asked for it each time.
            mode: As of `verify`.
            endpoint: As of `parse`.
            body_bytes_max: The largest body that is looked at.
            asks_itself: Whether it asks the source of secrets; a coroutine function
                is asked by somebody else, who hands `judge` what it gave.

        Raises:
            TypeError: An argument has a wrong type.
            ValueError: A secret is empty or there is none, the mode is unknown, the
                endpoint is no name, or the limit is none.
        """
        if body_bytes_max < 1:
            raise ValueError(
                f"body_bytes_max: expected 1 or more, found {body_bytes_max}"
            )
        if asks_itself and inspect.iscoroutinefunction(secret):
            raise TypeError("secret: expected a function, found a coroutine function")
        # What a source of secrets gives is not known yet; the rest is.
        verify(b"", "", "unknown" if callable(secret) else secret, mode=mode)
        parse(b"", endpoint=endpoint)
        self._secret = secret
        self._mode: Mode = mode
        self._endpoint = endpoint
        self.body_bytes_max = body_bytes_max

    def before_body(self, encoding: str | None, length: int | None) -> Problem | None:
        """What the headers are refused for, before the body is read.

        Args:
            encoding: The value of Content-Encoding.
            length: That of Content-Length.
        """
        if encoding is not None and encoding.strip().lower() not in ("", "identity"):
            return self.refuse(ENCODED)
        if length is not None and length > self.body_bytes_max:
            return self.refuse(TOO_LARGE)
        return None

    def judge(
        self, body: bytes, signature: str | None, secret: Secret | None = None
    ) -> Event | Problem:
        """The event of a delivery, or why it is refused.

        Args:
            body: What arrived, byte for byte.
            signature: The header's value, if it came.
            secret: What the source of secrets gave, where somebody else has asked.
        """
        if len(body) > self.body_bytes_max:
            return self.refuse(TOO_LARGE)
        try:
            return verify_and_parse(
                body,
                signature or "",
                self._current() if secret is None else secret,
                mode=self._mode,
                endpoint=self._endpoint,
            )
        except SignatureError as error:
            return self.refuse(UNAUTHORIZED, error.reason.name)

    def _current(self) -> Secret:
        return self._secret() if callable(self._secret) else self._secret

    def refuse(self, problem: Problem, reason: str = "") -> Problem:
        """The problem, once the log knows."""
        _logger.info("delivery refused: %s", reason or _TITLES[problem.status])
        return problem


def content_length(text: str | None) -> int | None:
    """What Content-Length says; None for nothing, and for what is no number."""
    if text is None or not (text.isascii() and text.isdigit()):
        return None
    # Python refuses to read thousands of digits; no body is as long as 20 say.
    return int(text.lstrip("0")[:20] or "0")


def read_before() -> RuntimeError:
    """A mistake in the program, which no sender can cause or mend."""
    return RuntimeError(
        "the request's body was read before it could be verified; let the webhook be "
        "the first to read it, without middleware that parses it"
    )


def missing(framework: str) -> str:
    """What to say when a framework is not installed."""
    return (
        f"tuco_events.{framework} needs the framework: "
        f'pip install "tuco-events[{framework}]"'
    )
