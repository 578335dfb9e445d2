"""Genuine deliveries as a dependency of FastAPI.

    from typing import Annotated

    from fastapi import Depends, FastAPI
    from tuco_events import Event
    from tuco_events.fastapi import Webhook

    app = FastAPI()
    tuco = Webhook(secret=read_secret)

    @app.post("/webhooks/tuco", status_code=204)
    async def receive(event: Annotated[Event, Depends(tuco)]) -> None:
        ...

docs/python_web.md describes it.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable
from typing import Callable, cast

from ._core import Event
from ._types import Mode, Secret
from ._web import (
    BODY_BYTES_MAX,
    ENCODING_HEADER,
    INCOMPLETE,
    PROBLEM_TYPE,
    SIGNATURE_HEADER,
    Door,
    Problem,
    SecretSource,
    content_length,
    missing,
)

try:
    from fastapi import HTTPException, Request, Response
    from starlette.requests import ClientDisconnect
except ImportError as error:
    raise ImportError(missing("fastapi")) from error

__all__ = ["Refused", "Webhook"]

_AsyncSecret = Callable[[], Awaitable[Secret]]


class Refused(HTTPException):
    """A delivery is refused; answered with problem JSON.

    Where an application handles this itself, or HTTPException, that counts.
    """

    def __init__(self, problem: Problem) -> None:
        # What FastAPI makes of it by itself is problem JSON too, with the detail
        # alone.
        headers = {**problem.headers, "Content-Type": PROBLEM_TYPE}
        super().__init__(problem.status, problem.detail, headers)
        self.problem = problem


class Webhook:
    """A dependency that gives the event of a genuine delivery.

    Immutable; one may serve any number of routes.
    """

    def __init__(
        self,
        secret: SecretSource | _AsyncSecret,
        *,
        mode: Mode = "auto",
        endpoint: str = "tuco",
        body_bytes_max: int = BODY_BYTES_MAX,
    ) -> None:
        """Checks its arguments.

        Args:
            secret: The webhook's secret, or up to five of them while they are being
                changed; or a function, coroutine functions too, that is asked for
                it with each delivery.
            mode: "auto", or "raw" for the bytes as they arrived only.
            endpoint: Part of what `event_id` is made from.
            body_bytes_max: Larger bodies are answered 413.

        Raises:
            TypeError: An argument has a wrong type.
            ValueError: A secret is empty, or there is none; the mode is unknown, the
                endpoint is no name, or the limit is none.
        """
        self._async_secret: _AsyncSecret | None = None
        if inspect.iscoroutinefunction(secret):
            self._async_secret = secret
        # Whoever asks an asynchronous source hands on what it gave.
        plain = cast("SecretSource", secret)
        self._door = Door(
            plain,
            mode,
            endpoint,
            body_bytes_max,
            asks_itself=self._async_secret is None,
        )

    async def __call__(self, request: Request) -> Event:
        """The delivery's event.

        Raises:
            Refused: It is not genuine, or not what Tuco sends.
        """
        judged = await self._judge(request)
        if isinstance(judged, Problem):
            _answer_with_problem(request)
            raise Refused(judged)
        return judged

    async def _judge(self, request: Request) -> Event | Problem:
        headers = request.headers
        refused = self._door.before_body(
            headers.get(ENCODING_HEADER), content_length(headers.get("Content-Length"))
        )
        if refused is not None:
            return refused
        try:
            body = await self._read(request)
        except ClientDisconnect:
            return self._door.refuse(INCOMPLETE)
        secret = None
        if self._async_secret is not None:
            secret = await self._async_secret()
        # Two signatures verify nothing, as one text.
        signature = ",".join(headers.getlist(SIGNATURE_HEADER))
        return self._door.judge(body, signature, secret)

    async def _read(self, request: Request) -> bytes:
        """The body, or the beginning of one that is too large."""
        if "Content-Length" in request.headers:
            # Servers hold bodies to it, and others can read this one again.
            return await request.body()
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > self._door.body_bytes_max:
                break
        return bytes(body)


def _answer_with_problem(request: Request) -> None:
    """Sees to it that Refused is answered as the server's ingress does.

    A dependency cannot answer by itself, and an application should not have to add
    a handler for it. Starlette looks handlers up here, when an exception comes; were
    that to change, FastAPI's own answer would have the same status and detail.
    """
    handlers = request.scope.get("starlette.exception_handlers")
    if isinstance(handlers, tuple) and handlers and isinstance(handlers[0], dict):
        handlers[0].setdefault(Refused, _to_response)


async def _to_response(_: Request, refused: Exception) -> Response:
    assert isinstance(refused, Refused)
    problem = refused.problem
    return Response(problem.body(), problem.status, dict(problem.headers), PROBLEM_TYPE)
