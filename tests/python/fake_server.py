"""A gRPC server that does what a test tells it to, and a wire that may be cut.

The server's streams are scripts: each call runs the next one, the last one again and
again. What they send is whatever the test likes.
"""

# ruff: noqa: RUF009 - proto() declares a field.

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Callable

import grpc
from tuco_events.client import Gap, Subscription
from tuco_events.client._rpc_messages import (
    ConsumeOpened,
    ConsumeRequest,
    StreamEventsRequest,
    VerdictResult,
)
from tuco_events.client._wire import (
    STRING,
    UINT,
    Message,
    decode,
    encode,
    proto,
    submessage,
)

SERVICE = "/tuco.events.v1.EventService/"

Script = Callable[[Any, "grpc.ServicerContext"], Iterable[bytes]]


@dataclass(frozen=True)
class SentEvent(Message):
    """The fields of an Event that tests look at."""

    sequence: int = proto(1, UINT)
    epoch: int = proto(2, UINT)
    event_id: str = proto(3, STRING)


@dataclass(frozen=True)
class SentResponse(Message):
    """A StreamEventsResponse."""

    events: tuple[SentEvent, ...] = proto(1, submessage(SentEvent), many=True)
    scanned_through: int = proto(2, UINT)
    gap: Gap | None = proto(4, submessage(Gap))


@dataclass(frozen=True)
class SentDelivery(Message):
    """An EventDelivery."""

    event: SentEvent | None = proto(1, submessage(SentEvent))
    attempt: int = proto(2, UINT)


@dataclass(frozen=True)
class SentConsumeResponse(Message):
    """A ConsumeResponse."""

    deliveries: tuple[SentDelivery, ...] = proto(1, submessage(SentDelivery), many=True)
    results: tuple[VerdictResult, ...] = proto(2, submessage(VerdictResult), many=True)
    opened: ConsumeOpened | None = proto(3, submessage(ConsumeOpened))


def event(sequence: int, epoch: int = 1) -> SentEvent:
    """An event of the log."""
    return SentEvent(sequence, epoch, f"evt_{sequence:032x}")


def response(
    *sequences: int, scanned: int | None = None, epoch: int = 1, gap: Gap | None = None
) -> bytes:
    """A StreamEventsResponse with these events."""
    through = scanned if scanned is not None else max(sequences, default=0)
    events = tuple(event(sequence, epoch) for sequence in sequences)
    return encode(SentResponse(events, through, gap))


def opened(subscription: Subscription | None = None) -> bytes:
    """The first response of Consume."""
    told = ConsumeOpened(subscription or Subscription("work"))
    return encode(SentConsumeResponse(opened=told))


def delivered(*sequences: int, attempt: int = 1) -> bytes:
    """A ConsumeResponse with these events."""
    deliveries = tuple(SentDelivery(event(each), attempt) for each in sequences)
    return encode(SentConsumeResponse(deliveries))


def results(*verdicts: VerdictResult) -> bytes:
    """A ConsumeResponse with these results."""
    return encode(SentConsumeResponse(results=verdicts))


def stay(context: grpc.ServicerContext) -> None:
    """Says nothing more until the client has gone."""
    gone = threading.Event()
    if context.add_callback(gone.set):
        gone.wait(30)


class FakeServer:
    """A context manager; `address` is where it listens."""

    def __init__(self) -> None:
        self.streams: list[Script] = []
        self.consumers: list[Script] = []
        self.unary: dict[str, Callable[[bytes, grpc.ServicerContext], bytes]] = {}
        # What the streams were asked for, and with which metadata.
        self.asked: list[StreamEventsRequest] = []
        self.metadata: list[dict[str, str | bytes]] = []
        self._pool = ThreadPoolExecutor(16)
        self._server = self._listen("127.0.0.1:0")

    def __enter__(self) -> FakeServer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        self._pool.shutdown(wait=False)

    def stop(self, grace: float | None = None) -> None:
        """Goes away; with a grace by a GOAWAY first."""
        self._server.stop(grace).wait(30)

    def start_again(self) -> None:
        """Comes back at the same address."""
        self._server = self._listen(self.address)

    def _listen(self, address: str) -> grpc.Server:
        server = grpc.server(self._pool, options=[("grpc.so_reuseport", 0)])
        server.add_generic_rpc_handlers((_Handlers(self),))
        port = server.add_insecure_port(address)
        self.address = f"127.0.0.1:{port}"
        server.start()
        return server

    def stream(self, data: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
        """StreamEvents."""
        request = decode(StreamEventsRequest, data)
        self.asked.append(request)
        self._remember(context)
        yield from _next(self.streams)(request, context)

    def consume(
        self, requests: Iterator[bytes], context: grpc.ServicerContext
    ) -> Iterator[bytes]:
        """Consume; the script gets the requests as they come."""
        self._remember(context)
        read = (decode(ConsumeRequest, data) for data in requests)
        yield from _next(self.consumers)(read, context)

    def answer(self, method: str, data: bytes, context: grpc.ServicerContext) -> bytes:
        """Any other call."""
        self._remember(context)
        if method not in self.unary:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, "no such method")
        return self.unary[method](data, context)

    def _remember(self, context: grpc.ServicerContext) -> None:
        self.metadata.append(dict(context.invocation_metadata() or ()))


def _next(scripts: list[Script]) -> Script:
    return scripts.pop(0) if len(scripts) > 1 else scripts[0]


class _Handlers(grpc.GenericRpcHandler):
    def __init__(self, server: FakeServer) -> None:
        self._server = server

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> grpc.RpcMethodHandler[Any, Any] | None:
        method = handler_call_details.method.removeprefix(SERVICE)
        if method == "StreamEvents":
            return grpc.unary_stream_rpc_method_handler(self._server.stream)
        if method == "Consume":
            return grpc.stream_stream_rpc_method_handler(self._server.consume)
        return grpc.unary_unary_rpc_method_handler(
            lambda data, context: self._server.answer(method, data, context)
        )


class Wire:
    """A TCP proxy: passes everything on until it is cut or goes quiet."""

    def __init__(self, target: str, *, cut_after: int | None = None) -> None:
        """Listens.

        Args:
            target: `host:port` of the server.
            cut_after: The first connection ends when so many bytes came from there.
        """
        host, _, port = target.rpartition(":")
        self._target = (host, int(port))
        self._cut_after = cut_after
        self._quiet = threading.Event()
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._threads: list[threading.Thread] = []
        self.connections = 0
        self._start(self._accept)

    def __enter__(self) -> Wire:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Whoever waits for connections is woken up by that, not by close.
        self._listener.shutdown(socket.SHUT_RDWR)
        self.cut()
        for thread in self._threads:
            thread.join(10)
        for each in (self._listener, *self._sockets):
            each.close()

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def cut(self) -> None:
        """Ends every connection at once."""
        for each in self._sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def go_quiet(self) -> None:
        """Connections that there are stay open, and nothing comes through."""
        self._quiet.set()
        self._quiet = threading.Event()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self.connections += 1
                try:
                    server = socket.create_connection(self._target, 10)
                except OSError:
                    client.close()
                    continue
                self._sockets += [client, server]
                limit, self._cut_after = self._cut_after, None
                for source, sink, most in (
                    (client, server, None),
                    (server, client, limit),
                ):
                    self._start(self._pass, source, sink, most, self._quiet)

    def _pass(
        self,
        source: socket.socket,
        sink: socket.socket,
        most: int | None,
        quiet: threading.Event,
    ) -> None:
        passed = 0
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if most is not None:
                    data = data[: most - passed]
                passed += len(data)
                if not quiet.is_set():
                    sink.sendall(data)
                if most is not None and passed >= most:
                    break
        for each in (source, sink):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
