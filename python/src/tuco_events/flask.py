"""Genuine deliveries as a decorator for Flask.

    from flask import Flask
    from tuco_events import Event
    from tuco_events.flask import webhook

    app = Flask(__name__)

    @app.post("/webhooks/tuco")
    @webhook(secret=read_secret)
    def receive(event: Event) -> None:
        ...

docs/python_web.md describes it.
"""

from __future__ import annotations

import functools
import inspect
from typing import Any, Callable

from ._core import Event
from ._types import Mode
from ._web import (
    BODY_BYTES_MAX,
    ENCODING_HEADER,
    INCOMPLETE,
    PROBLEM_TYPE,
    SIGNATURE_HEADER,
    TOO_LARGE,
    Door,
    Problem,
    SecretSource,
    missing,
    read_before,
)

try:
    from flask import Request, Response, current_app, request
    from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
except ImportError as error:
    raise ImportError(missing("flask")) from error

__all__ = ["webhook"]

View = Callable[..., Any]


def webhook(
    secret: SecretSource,
    *,
    mode: Mode = "auto",
    endpoint: str = "tuco",
    body_bytes_max: int = BODY_BYTES_MAX,
) -> Callable[[View], View]:
    """Hands a view the event of a genuine delivery, and refuses all others.

    It stands below the route's decorator, and hands the event over as the first
    argument, before those of the URL. A view that returns None is answered 204. Views
    may be coroutine functions where Flask runs them.

    Args:
        secret: The webhook's secret, or up to five of them while they are being
            changed; or a function that is asked for it with each delivery.
        mode: "auto", or "raw" for the bytes as they arrived only.
        endpoint: Part of what `event_id` is made from.
        body_bytes_max: Larger bodies are answered 413.

    Raises:
        TypeError: An argument has a wrong type; the secret is a coroutine function.
        ValueError: A secret is empty, or there is none; the mode is unknown, the
            endpoint is no name, or the limit is none.
    """
    door = Door(secret, mode, endpoint, body_bytes_max)

    def decorate(view: View) -> View:
        if inspect.iscoroutinefunction(view):

            @functools.wraps(view)
            async def receive_async(*args: Any, **kwargs: Any) -> Any:
                judged = _judge(door, request)
                if isinstance(judged, Problem):
                    return _to_response(judged)
                return _answer(await view(judged, *args, **kwargs))

            return receive_async

        @functools.wraps(view)
        def receive(*args: Any, **kwargs: Any) -> Any:
            judged = _judge(door, request)
            if isinstance(judged, Problem):
                return _to_response(judged)
            return _answer(view(judged, *args, **kwargs))

        return receive

    return decorate


def _judge(door: Door, received: Request) -> Event | Problem:
    length = received.content_length
    refused = door.before_body(received.headers.get(ENCODING_HEADER), length)
    if refused is not None:
        return refused
    try:
        body = _read(received, door.body_bytes_max)
    except ClientDisconnected:
        return door.refuse(INCOMPLETE)
    except RequestEntityTooLarge:  # The application's own limit is lower.
        return door.refuse(TOO_LARGE)
    if length and not body:
        raise read_before()
    # Two signatures verify nothing, as one text.
    signature = ",".join(received.headers.getlist(SIGNATURE_HEADER))
    return door.judge(body, signature)


def _read(received: Request, most: int) -> bytes:
    """The body, or the beginning of one that is too large."""
    if received.content_length is not None:
        return received.get_data()  # Which others can read again.
    body: bytes = received.stream.read(most + 1)
    return body


def _answer(returned: Any) -> Any:
    return current_app.response_class(status=204) if returned is None else returned


def _to_response(problem: Problem) -> Response:
    return current_app.response_class(
        problem.body(),
        problem.status,
        dict(problem.headers),
        content_type=PROBLEM_TYPE,
    )
