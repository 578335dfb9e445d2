"""The examples of docs/python_web.md take real deliveries."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from conftest import DATA
from web_apps import App, asgi_app, django_client, flask_client

PAGE = Path(__file__).resolve().parents[2] / "docs" / "python_web.md"


def example(framework: str) -> dict[str, Any]:
    """What the page's program for a framework defines."""
    pytest.importorskip(framework)
    text = PAGE.read_text("utf-8")
    programs = re.findall(r"^```python\n(.*?)^```$", text, re.M | re.S)
    [program] = [each for each in programs if f"tuco_events.{framework} " in each]
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(program, str(PAGE), "exec"), names)
    return names


def app_of(framework: str) -> App:
    """The program's application."""
    names = example(framework)
    if framework == "fastapi":
        return asgi_app(names["app"])
    if framework == "flask":
        return flask_client(names["app"])
    urls = ModuleType("example_urls")
    vars(urls)["urlpatterns"] = names["urlpatterns"]
    return django_client(urls)


@pytest.mark.parametrize("framework", ["django", "fastapi", "flask"])
def test_an_example_takes_deliveries(
    framework: str, capsys: pytest.CaptureFixture[str]
) -> None:
    app = app_of(framework)
    lines = (DATA / "deliveries.ndjson").read_text("utf-8").splitlines()
    for sample in map(json.loads, lines):
        headers = list(sample["headers"].items())
        assert app.post(sample["body"].encode(), headers).status == 204
        assert app.post(sample["body"].encode() + b"x", headers).status == 401
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == len(lines)
    assert printed[0] == "MESSAGE_REPLY msg_xyz789"
