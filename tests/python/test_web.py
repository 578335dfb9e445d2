"""The helpers for web frameworks: the same answers from each, and the server's."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
from typing import Any, Callable

import pytest
import tuco_events
from tuco_events import Event, VerifiedForm

from conftest import DATA, SECRET, signature_of
from web_apps import FRAMEWORKS, PATH, App, call_asgi, example

BODY = b'{"event":"message.reply","data":{"messageId":"m_1","message":"Hi"}}'
SIGNATURE = signature_of(BODY)
UNAUTHORIZED = {
    "type": "about:blank",
    "title": "Unauthorized",
    "status": 401,
    "detail": "the X-Tuco-Signature header does not authenticate the body",
}

Make = Callable[..., App]


def samples() -> list[dict[str, Any]]:
    """The real deliveries."""
    lines = (DATA / "deliveries.ndjson").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(params=sorted(FRAMEWORKS))
def make(request: pytest.FixtureRequest) -> Make:
    """Makes an application of each framework."""
    pytest.importorskip(request.param)
    return FRAMEWORKS[request.param]


def test_every_real_delivery_is_handed_over(make: Make) -> None:
    events: list[Event] = []
    app = make(events.append, SECRET)
    for sample in samples():
        headers = list(sample["headers"].items())
        assert app.post(sample["body"].encode(), headers).status == 204
    expected = [
        tuco_events.verify_and_parse(
            sample["body"].encode(), sample["headers"]["x-tuco-signature"], SECRET
        )
        for sample in samples()
    ]
    assert events == expected


def test_what_is_not_genuine_is_answered_as_the_server_does(make: Make) -> None:
    events: list[Event] = []
    app = make(events.append, SECRET)
    tries = [
        app.deliver(BODY + b"x", SIGNATURE),
        app.deliver(BODY, "0" * 64),
        app.deliver(BODY, ""),
        app.deliver(BODY, "not hexadecimal"),
        app.deliver(b"", SIGNATURE),
        app.post(BODY, []),
        app.post(BODY, [("X-Tuco-Signature", SIGNATURE)] * 2),
    ]
    for answer in tries:
        assert answer.status == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["www-authenticate"] == "TucoSignature"
        assert json.loads(answer.body) == UNAUTHORIZED
        assert list(json.loads(answer.body)) == list(UNAUTHORIZED)
    assert events == []


def test_a_body_that_is_too_large_is_answered_413(make: Make) -> None:
    events: list[Event] = []
    app = make(events.append, SECRET, body_bytes_max=len(BODY))
    assert app.deliver(BODY, SIGNATURE).status == 204
    larger = BODY + b" "
    answer = app.deliver(larger, signature_of(larger))
    assert answer.status == 413
    assert json.loads(answer.body) == {
        "type": "about:blank",
        "title": "Content Too Large",
        "status": 413,
        "detail": "the body is larger than this server takes",
    }
    assert len(events) == 1


def test_a_compressed_body_is_answered_415(make: Make) -> None:
    app = make(print, SECRET)
    headers = [("X-Tuco-Signature", SIGNATURE), ("Content-Encoding", "gzip")]
    answer = app.post(BODY, headers)
    assert answer.status == 415
    assert json.loads(answer.body)["title"] == "Unsupported Media Type"
    plain = [("X-Tuco-Signature", SIGNATURE), ("Content-Encoding", "identity")]
    assert app.post(BODY, plain).status == 204


def test_several_secrets_and_functions_that_give_them(make: Make) -> None:
    events: list[Event] = []
    app = make(events.append, ["whsec_new", SECRET])
    assert app.deliver(BODY, SIGNATURE).status == 204
    assert events[0].secret_name == "secret2"
    current = ["whsec_new"]
    app = make(events.append, lambda: current)
    assert app.deliver(BODY, SIGNATURE).status == 401
    current.append(SECRET)
    assert app.deliver(BODY, SIGNATURE).status == 204


def test_the_mode_and_the_endpoint_count(make: Make) -> None:
    events: list[Event] = []
    spaced = BODY.replace(b":", b": ")
    assert make(events.append, SECRET).deliver(spaced, SIGNATURE).status == 204
    assert events[0].verified_form is VerifiedForm.CANONICAL
    raw = make(events.append, SECRET, mode="raw")
    assert raw.deliver(spaced, SIGNATURE).status == 401
    crm = make(events.append, SECRET, endpoint="crm")
    assert crm.deliver(BODY, SIGNATURE).status == 204
    assert events[1].endpoint == "crm"


def test_what_is_no_json_is_an_event_with_a_flag(make: Make) -> None:
    """As the server takes it: the sender is who it should be."""
    events: list[Event] = []
    app = make(events.append, SECRET)
    assert app.deliver(b"\xff not JSON", signature_of(b"\xff not JSON")).status == 204
    assert tuco_events.Flag.PARSE_ERROR in events[0].flags


@pytest.mark.parametrize(
    ("secret", "options", "expected"),
    [
        ("", {}, ValueError),
        ([], {}, ValueError),
        (5, {}, TypeError),
        (SECRET, {"mode": "strict"}, ValueError),
        (SECRET, {"body_bytes_max": 0}, ValueError),
        # Whoever asks for the secret with each delivery has the rest checked too.
        (lambda: SECRET, {"mode": "rwa"}, ValueError),
        (lambda: SECRET, {"endpoint": ""}, ValueError),
        (lambda: SECRET, {"endpoint": 5}, TypeError),
    ],
)
def test_mistakes_are_complained_of_before_a_delivery_comes(
    make: Make, secret: Any, options: dict[str, Any], expected: type[Exception]
) -> None:
    with pytest.raises(expected):
        make(print, secret, **options)


@pytest.mark.parametrize("framework", ["django", "flask"])
def test_a_coroutine_function_is_no_secret_where_nobody_awaits_it(
    framework: str,
) -> None:
    pytest.importorskip(framework)

    async def read_secret() -> str:
        return SECRET

    with pytest.raises(TypeError, match="found a coroutine function"):
        FRAMEWORKS[framework](print, read_secret)


def test_no_log_has_a_secret_a_signature_or_a_body(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    app = make(lambda event: None, SECRET)
    with caplog.at_level(logging.DEBUG):
        app.deliver(BODY, SIGNATURE)
        app.deliver(BODY, "0" * 64)
        app.deliver(BODY, "")
    ours = [record for record in caplog.records if record.name == "tuco_events"]
    assert [record.getMessage() for record in ours] == [
        "delivery refused: SIGNATURE_MISMATCH",
        "delivery refused: SIGNATURE_MISSING",
    ]
    for hidden in (SECRET, SIGNATURE, "m_1"):
        assert hidden not in caplog.text


@pytest.mark.parametrize("framework", sorted(FRAMEWORKS))
def test_the_examples_take_real_deliveries(
    framework: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TUCO_WEBHOOK_SECRET", "whsec_new")
    monkeypatch.setenv("TUCO_WEBHOOK_SECRET_OLD", SECRET)
    app = example(framework)
    for sample in samples():
        headers = list(sample["headers"].items())
        assert app.post(sample["body"].encode(), headers).status == 204
        assert app.post(sample["body"].encode() + b" x", headers).status == 401
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(samples())
    assert lines[0] == "msg_xyz789/message.reply MESSAGE_REPLY msg_xyz789"


@pytest.mark.parametrize("framework", sorted(FRAMEWORKS))
def test_without_the_framework_the_import_says_what_to_install(framework: str) -> None:
    program = (
        f"import sys; sys.modules[{framework!r}] = None\n"
        "import tuco_events\n"
        f"try:\n    import tuco_events.{framework}\n"
        "except ImportError as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        check=True, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert f'pip install "tuco-events[{framework}]"' in done.stdout


# What one framework has and the others do not.


def test_fastapi_counts_what_comes_in_chunks() -> None:
    fastapi = pytest.importorskip("fastapi")
    from tuco_events.fastapi import Webhook

    app = fastapi.FastAPI()
    tuco = Webhook(SECRET, body_bytes_max=len(BODY))

    async def receive(event: Event = fastapi.Depends(tuco)) -> None: ...  # noqa: B008

    app.post(PATH, status_code=204)(receive)
    headers = [("X-Tuco-Signature", SIGNATURE)]

    def post(*chunks: bytes | None, length: bool = False) -> int:
        return asyncio.run(call_asgi(app, chunks, headers, length=length)).status

    assert post(BODY[:10], BODY[10:]) == 204
    assert post(BODY[:10], BODY[10:], b" " * 10, b"never read") == 413
    assert post(BODY[:10], None) == 400
    assert post(BODY[:10], None, length=True) == 400
    # More digits than Python reads.
    headers.append(("Content-Length", "9" * 5000))
    assert post(BODY) == 413


def test_fastapi_asks_a_coroutine_function_and_leaves_the_body_to_others() -> None:
    fastapi = pytest.importorskip("fastapi")
    from starlette.requests import Request
    from tuco_events.fastapi import Webhook

    async def secret() -> str:
        await asyncio.sleep(0)
        return SECRET

    app = fastapi.FastAPI()
    tuco = Webhook(secret)
    got: list[bytes] = []
    give = fastapi.Depends(tuco)

    async def receive(request: Request, event: Event = give) -> None:
        got.append(await request.body())

    # Annotations are text here; FastAPI looks them up where functions stand.
    receive.__annotations__["request"] = Request
    app.post(PATH, status_code=204)(receive)
    headers = [("X-Tuco-Signature", SIGNATURE)]
    assert asyncio.run(call_asgi(app, [BODY], headers)).status == 204
    assert got == [BODY]


def test_an_application_may_answer_refusals_itself() -> None:
    fastapi = pytest.importorskip("fastapi")
    from starlette.requests import Request
    from starlette.responses import PlainTextResponse
    from tuco_events.fastapi import Refused, Webhook

    app = fastapi.FastAPI()
    tuco = Webhook(SECRET)

    async def refused(request: Request, error: Exception) -> PlainTextResponse:
        assert isinstance(error, Refused)
        return PlainTextResponse("no", error.status_code)

    async def receive(event: Event = fastapi.Depends(tuco)) -> None: ...  # noqa: B008

    app.add_exception_handler(Refused, refused)
    app.post(PATH)(receive)
    answer = asyncio.run(call_asgi(app, [BODY], []))
    assert (answer.status, answer.body) == (401, b"no")


def test_fastapis_own_answer_would_be_problem_json_too() -> None:
    """Should Starlette look handlers up elsewhere one day."""
    fastapi = pytest.importorskip("fastapi")
    from fastapi.exception_handlers import http_exception_handler
    from tuco_events import _web
    from tuco_events.fastapi import Refused

    request = fastapi.Request({"type": "http"})
    answer = asyncio.run(http_exception_handler(request, Refused(_web.UNAUTHORIZED)))
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == "TucoSignature"
    assert json.loads(bytes(answer.body)) == {"detail": _web.UNAUTHORIZED.detail}


def test_flask_runs_coroutine_functions_and_says_when_a_body_is_gone() -> None:
    pytest.importorskip("flask")
    pytest.importorskip("asgiref")
    from flask import Flask, request
    from tuco_events.flask import webhook

    app = Flask("test")
    app.testing = True

    @app.before_request
    def parse() -> None:
        assert request.form is not None

    @app.post(PATH)
    @webhook(SECRET)
    async def receive(event: Event) -> str:
        await asyncio.sleep(0)
        return event.message.id or ""

    client = app.test_client()
    headers = {"X-Tuco-Signature": SIGNATURE}
    assert client.post(PATH, data=BODY, headers=headers).text == "m_1"
    form = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
    with pytest.raises(RuntimeError, match="read before it could be verified"):
        client.post(PATH, data=BODY, headers=form)


def test_flask_takes_chunks_and_short_bodies() -> None:
    pytest.importorskip("flask")
    import io

    from flask import Flask
    from tuco_events.flask import webhook

    app = Flask("test")

    @app.post(PATH)
    @webhook(SECRET, body_bytes_max=len(BODY))
    def receive(event: Event) -> None: ...

    def post(sent: bytes, **environ: Any) -> int:
        status: list[int] = []

        def start(line: str, *_: object) -> Callable[[bytes], object]:
            status.append(int(line.split()[0]))
            return lambda data: None

        app.wsgi_app(
            {
                "REQUEST_METHOD": "POST", "PATH_INFO": PATH, "SERVER_NAME": "x",
                "SERVER_PORT": "80", "wsgi.url_scheme": "http",
                "wsgi.input": io.BytesIO(sent), "wsgi.errors": sys.stderr,
                "HTTP_X_TUCO_SIGNATURE": SIGNATURE, **environ,
            },
            start,
        )  # fmt: skip
        return status[0]

    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    assert post(BODY, **chunked) == 204
    assert post(BODY + b" " * 10, **chunked) == 413
    assert post(BODY[:10], CONTENT_LENGTH=str(len(BODY))) == 400
    assert post(BODY, CONTENT_LENGTH=str(len(BODY))) == 204


def test_django_takes_nothing_but_post_and_needs_no_csrf_token() -> None:
    pytest.importorskip("django")
    from django.test import RequestFactory
    from tuco_events.django import webhook

    FRAMEWORKS["django"](print, SECRET)  # Which configures Django.

    @webhook(SECRET)
    def receive(request: Any, event: Event, number: int) -> None:
        assert number == 5

    assert receive.csrf_exempt  # type: ignore[attr-defined]
    answer = receive(RequestFactory().get(PATH), number=5)
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    made = RequestFactory().post(
        PATH, BODY, content_type="text/plain", headers={"X-Tuco-Signature": SIGNATURE}
    )
    assert receive(made, number=5).status_code == 204


def test_django_runs_coroutine_functions_and_says_when_a_body_is_gone() -> None:
    pytest.importorskip("django")
    from django.test import RequestFactory, override_settings
    from tuco_events.django import webhook

    FRAMEWORKS["django"](print, SECRET)

    @webhook(SECRET)
    async def receive(request: Any, event: Event) -> None:
        await asyncio.sleep(0)

    def made(kind: str = "text/plain", body: bytes = BODY) -> Any:
        headers = {"X-Tuco-Signature": SIGNATURE}
        return RequestFactory().post(PATH, body, content_type=kind, headers=headers)

    assert asyncio.run(receive(made())).status_code == 204
    assert asyncio.run(receive(made(body=b"x"))).status_code == 401
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=10):
        assert asyncio.run(receive(made())).status_code == 413
    read = made()
    read.read(1)
    with pytest.raises(RuntimeError, match="read before it could be verified"):
        asyncio.run(receive(read))
