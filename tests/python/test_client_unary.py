"""Unary calls of both clients, over connections and with files that go bad."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("grpc", reason="needs grpcio")

import grpc
from tuco_events import StreamError
from tuco_events.client import AsyncClient, Client, ServerStatus, StatusCode
from tuco_events.client._rpc_messages import GetStatusResponse
from tuco_events.client._wire import encode

from client_readers import Reader, deadline, reader, run
from fake_server import FakeServer, Wire

__all__ = ["deadline", "reader"]


@pytest.fixture
def fake() -> Iterator[FakeServer]:
    """A server that tells its status."""

    def status(request: bytes, context: grpc.ServicerContext) -> bytes:
        return encode(GetStatusResponse(ServerStatus("0.1")))

    with FakeServer() as server:
        server.unary["GetStatus"] = status
        yield server


class Asked:
    """A client of either kind that is asked for the status again and again."""

    def __init__(self, kind: str, address: str, **options: Any) -> None:
        self._kind, self._address, self._options = kind, address, options

    def run(self, *between: Any) -> list[ServerStatus | StreamError]:
        """Asks, and once more behind each of the functions."""
        if self._kind == "async":
            return run(self._run_async(*between))
        answers: list[ServerStatus | StreamError] = []
        with Client(self._address, **self._options) as client:
            for each in (lambda: None, *between):
                each()
                try:
                    answers.append(client.get_status())
                except StreamError as error:
                    answers.append(error)
        return answers

    async def _run_async(self, *between: Any) -> list[ServerStatus | StreamError]:
        answers: list[ServerStatus | StreamError] = []
        async with AsyncClient(self._address, **self._options) as client:
            for each in (lambda: None, *between):
                each()
                try:
                    answers.append(await client.get_status())
                except StreamError as error:
                    answers.append(error)
        return answers


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_a_timeout_is_some_time(kind: type[Client] | type[AsyncClient]) -> None:
    for wrong in (float("inf"), float("nan"), 0, -1):
        with pytest.raises(ValueError, match="timeout"):
            kind(timeout=wrong)
    none: list[Any] = ["x", None, True]
    for wrong in none:
        with pytest.raises(TypeError, match="timeout"):
            kind(timeout=wrong)


def test_a_token_file_that_is_gone_is_named(
    fake: FakeServer, reader: Reader, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text("whsec")
    asked = Asked(reader.kind, fake.address, token_file=file)
    first, second = asked.run(file.unlink)
    assert isinstance(first, ServerStatus)
    assert isinstance(second, StreamError)
    assert second.code is StatusCode.UNAUTHENTICATED
    assert str(file) in second.reason


def test_a_connection_that_seems_dead_is_left(fake: FakeServer, reader: Reader) -> None:
    with Wire(fake.address) as wire:
        asked = Asked(reader.kind, wire.address, timeout=1.0)
        first, second, third = asked.run(wire.go_quiet, lambda: None)
    assert isinstance(first, ServerStatus)
    assert isinstance(second, StreamError)
    assert second.code is StatusCode.DEADLINE_EXCEEDED
    assert isinstance(third, ServerStatus)
    assert wire.connections == 2
