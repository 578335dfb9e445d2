"""Applications of each framework, and a way to post to them."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Callable

import pytest
from tuco_events import Event

Headers = list[tuple[str, str]]
Handle = Callable[[Event], object]
PATH = "/webhooks/tuco"
EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "python"


@dataclass(frozen=True)
class Answer:
    """What an application answers."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class App:
    """An application and its framework's own way to post to it."""

    post: Callable[[bytes, Headers], Answer]

    def deliver(self, body: bytes, signature: str) -> Answer:
        """Posts a delivery."""
        return self.post(body, [("X-Tuco-Signature", signature)])


def asgi_app(app: Any) -> App:
    """Any ASGI application, called as a server calls it: no client in between."""

    def post(body: bytes, headers: Headers) -> Answer:
        return asyncio.run(call_asgi(app, [body], headers))

    return App(post)


async def call_asgi(
    app: Any,
    chunks: Iterable[bytes | None],
    headers: Headers,
    *,
    length: bool = True,
) -> Answer:
    """Posts chunks; None among them is a client that has gone."""
    chunks = list(chunks)
    sent: list[dict[str, Any]] = []
    raw = [(name.lower().encode(), value.encode()) for name, value in headers]
    if length:
        size = sum(len(chunk or b"") for chunk in chunks)
        raw.append((b"content-length", str(size).encode()))

    async def receive() -> dict[str, Any]:
        if not chunks:
            return {"type": "http.disconnect"}
        chunk = chunks.pop(0)
        if chunk is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": chunk, "more_body": bool(chunks)}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1",
        "method": "POST", "scheme": "http", "path": PATH, "raw_path": PATH.encode(),
        "query_string": b"", "root_path": "", "headers": raw,
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    await app(scope, receive, send)
    answered = {
        name.decode().lower(): value.decode() for name, value in sent[0]["headers"]
    }
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return Answer(sent[0]["status"], answered, body)


def fastapi_app(handle: Handle, secret: Any, **options: Any) -> App:
    """An application with one route."""
    from fastapi import Depends, FastAPI
    from tuco_events.fastapi import Webhook

    app = FastAPI()
    tuco = Webhook(secret, **options)

    async def receive(event: Event = Depends(tuco)) -> None:  # noqa: B008
        handle(event)

    app.post(PATH, status_code=204)(receive)
    return asgi_app(app)


def flask_client(app: Any) -> App:
    """A Flask application with its own test client."""

    def post(body: bytes, headers: Headers) -> Answer:
        got = app.test_client().post(PATH, data=body, headers=headers)
        answered = {name.lower(): value for name, value in got.headers.items()}
        return Answer(got.status_code, answered, got.data)

    return App(post)


def flask_app(handle: Handle, secret: Any, **options: Any) -> App:
    """An application with one route."""
    from flask import Flask
    from tuco_events.flask import webhook

    app = Flask("test")
    app.testing = True

    @app.post(PATH)
    @webhook(secret, **options)
    def receive(event: Event) -> None:
        handle(event)

    return flask_client(app)


def django_client(urls: Any) -> App:
    """Django without a project, with its own test client."""
    import django
    from django.conf import settings
    from django.test import Client, override_settings

    if not settings.configured:
        settings.configure(ALLOWED_HOSTS=["*"])
        django.setup()

    def post(body: bytes, headers: Headers) -> Answer:
        with override_settings(ROOT_URLCONF=urls, ALLOWED_HOSTS=["*"]):
            joined: dict[str, str] = {}
            for name, value in headers:
                joined[name] = f"{joined[name]},{value}" if name in joined else value
            got = Client(enforce_csrf_checks=True).post(
                PATH, body, content_type="application/json", headers=joined
            )
        answered = {name.lower(): value for name, value in got.headers.items()}
        return Answer(got.status_code, answered, got.content)

    return App(post)


def django_app(handle: Handle, secret: Any, **options: Any) -> App:
    """A view at one path."""
    from django.http import HttpRequest
    from django.urls import path
    from tuco_events.django import webhook

    @webhook(secret, **options)
    def receive(request: HttpRequest, event: Event) -> None:
        handle(event)

    class Urls:
        urlpatterns = (path(PATH.lstrip("/"), receive),)

    return django_client(Urls)


def load_example(name: str) -> ModuleType:
    """A program of examples/python, as a module."""
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def example(framework: str) -> App:
    """The example of a framework, with its way to post."""
    pytest.importorskip(framework)
    module = load_example(f"{framework}_webhook")
    if framework == "fastapi":
        return asgi_app(module.app)
    if framework == "flask":
        return flask_client(module.app)
    return django_client(module)


FRAMEWORKS: dict[str, Callable[..., App]] = {
    "fastapi": fastapi_app,
    "flask": flask_app,
    "django": django_app,
}
