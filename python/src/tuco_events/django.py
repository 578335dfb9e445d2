"""Genuine deliveries as a decorator for Django's views.

    from django.http import HttpRequest
    from tuco_events import Event
    from tuco_events.django import webhook

    @webhook(secret=read_secret)
    def receive(request: HttpRequest, event: Event) -> None:
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
    METHOD_NOT_ALLOWED,
    PROBLEM_TYPE,
    SIGNATURE_HEADER,
    TOO_LARGE,
    Door,
    Problem,
    SecretSource,
    content_length,
    missing,
    read_before,
)

try:
    from django.core.exceptions import RequestDataTooBig
    from django.http import HttpRequest, HttpResponse
    from django.http.request import RawPostDataException, UnreadablePostError
except ImportError as error:
    raise ImportError(missing("django")) from error

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

    The event comes behind the request, before the URL's arguments. The view needs no
    CSRF token, and gets nothing but POST. One that returns None is answered 204. Views
    may be coroutine functions.

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
        receive = _async_receiver if inspect.iscoroutinefunction(view) else _receiver
        made = receive(door, view)
        # What django.views.decorators.csrf.csrf_exempt does; it would wrap again.
        made.csrf_exempt = True  # type: ignore[attr-defined]
        return made

    return decorate


def _receiver(door: Door, view: View) -> View:
    @functools.wraps(view)
    def receive(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        judged = _judge(door, request)
        if isinstance(judged, Problem):
            return _to_response(judged)
        return _answer(view(request, judged, *args, **kwargs))

    return receive


def _async_receiver(door: Door, view: View) -> View:
    @functools.wraps(view)
    async def receive(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        judged = _judge(door, request)
        if isinstance(judged, Problem):
            return _to_response(judged)
        return _answer(await view(request, judged, *args, **kwargs))

    return receive


def _judge(door: Door, request: HttpRequest) -> Event | Problem:
    if request.method != "POST":
        return door.refuse(METHOD_NOT_ALLOWED)
    refused = door.before_body(
        request.headers.get(ENCODING_HEADER),
        content_length(request.headers.get("Content-Length")),
    )
    if refused is not None:
        return refused
    try:
        body: bytes = request.body
    except RequestDataTooBig:  # DATA_UPLOAD_MAX_MEMORY_SIZE is lower.
        return door.refuse(TOO_LARGE)
    except UnreadablePostError:
        return door.refuse(INCOMPLETE)
    except RawPostDataException:
        raise read_before() from None
    return door.judge(body, request.headers.get(SIGNATURE_HEADER))


def _answer(returned: Any) -> Any:
    return HttpResponse(status=204) if returned is None else returned


def _to_response(problem: Problem) -> HttpResponse:
    return HttpResponse(
        problem.body(),
        status=problem.status,
        headers=dict(problem.headers),
        content_type=PROBLEM_TYPE,
    )
