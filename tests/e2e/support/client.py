"""A client of the gRPC service that we did not write: grpcio's."""

from collections.abc import Iterator
from types import TracebackType
from typing import Any, NamedTuple

import grpc

from support.protos import event, rpc, service, service_grpc
from support.wait import DEADLINE_S

# Messages are generated, so their types are not known here.
Event = Any
Response = Any


class _Bearer(
    grpc.UnaryUnaryClientInterceptor,
    grpc.UnaryStreamClientInterceptor,
    grpc.StreamStreamClientInterceptor,
):
    """Shows a token with each call, whatever the channel is."""

    def __init__(self, token: str) -> None:
        self._metadata = [("authorization", f"Bearer {token}")]

    def _with_token(self, details: Any) -> Any:
        return _Details(
            details.method,
            details.timeout,
            [*(details.metadata or []), *self._metadata],
            details.credentials,
        )

    def intercept_unary_unary(
        self, continuation: Any, client_call_details: Any, request: Any
    ) -> Any:
        return continuation(self._with_token(client_call_details), request)

    def intercept_unary_stream(
        self, continuation: Any, client_call_details: Any, request: Any
    ) -> Any:
        return continuation(self._with_token(client_call_details), request)

    def intercept_stream_stream(
        self, continuation: Any, client_call_details: Any, request_iterator: Any
    ) -> Any:
        return continuation(self._with_token(client_call_details), request_iterator)


class _Details(NamedTuple):
    """A grpc.ClientCallDetails."""

    method: str
    timeout: float | None
    metadata: list[tuple[str, str]]
    credentials: Any


class Client:
    """One channel to a server; a context manager."""

    def __init__(
        self,
        address: str,
        receive_bytes_max: int = 4 << 20,
        *,
        credentials: grpc.ChannelCredentials | None = None,
        token: str | None = None,
    ) -> None:
        # A fresh connection for every client, and no proxy of this machine's.
        options = [
            ("grpc.enable_http_proxy", 0),
            ("grpc.use_local_subchannel_pool", 1),
            ("grpc.max_receive_message_length", receive_bytes_max),
        ]
        if credentials is None:
            self.channel = grpc.insecure_channel(address, options=options)
        else:
            self.channel = grpc.secure_channel(address, credentials, options=options)
        if token is not None:
            self.channel = grpc.intercept_channel(self.channel, _Bearer(token))
        self.stub = service_grpc.EventServiceStub(self.channel)

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.channel.close()

    def open(self, **request: Any) -> Any:
        """A stream of responses; fields of StreamEventsRequest by name."""
        return self.stub.StreamEvents(
            service.StreamEventsRequest(**request), timeout=DEADLINE_S
        )

    def responses(self, **request: Any) -> list[Response]:
        """All responses up to the head, from the beginning unless said."""
        if not request.keys() & {"after_sequence", "anchor", "from_time"}:
            request["anchor"] = service.ANCHOR_EARLIEST
        return list(self.open(stop_at_end=True, **request))

    def events(self, **request: Any) -> list[Event]:
        """The events of `responses`."""
        return [
            found for response in self.responses(**request) for found in response.events
        ]

    def sequences(self, **request: Any) -> list[int]:
        """Their sequences."""
        return [found.sequence for found in self.events(**request)]

    def get_event(self, **request: Any) -> Event:
        """The answer of GetEvent; fields of GetEventRequest by name."""
        return self.stub.GetEvent(
            service.GetEventRequest(**request), timeout=DEADLINE_S
        ).event

    def list_events(self, **request: Any) -> Any:
        """The answer of ListEvents; fields of ListEventsRequest by name."""
        return self.stub.ListEvents(
            service.ListEventsRequest(**request), timeout=DEADLINE_S
        )

    def status(self) -> Any:
        """The ServerStatus that GetStatus answers with."""
        return self.stub.GetStatus(
            service.GetStatusRequest(), timeout=DEADLINE_S
        ).status

    def verify(self, body: bytes, signature: str = "", **request: Any) -> Any:
        """The answer of VerifyAndParse."""
        return self.verify_request(
            service.VerifyAndParseRequest(body=body, signature=signature, **request)
        )

    def verify_request(self, request: Any) -> Any:
        """The answer of VerifyAndParse to a VerifyAndParseRequest."""
        return self.stub.VerifyAndParse(request, timeout=DEADLINE_S)

    def verify_batch(self, requests: list[Any]) -> list[Any]:
        """The answers of VerifyAndParseBatch to VerifyAndParseRequests."""
        batch = service.VerifyAndParseBatchRequest(deliveries=requests)
        return list(self.stub.VerifyAndParseBatch(batch, timeout=DEADLINE_S).results)


def flags(found: Event) -> list[str]:
    """An event's flags by name, without their prefix."""
    return [event.Flag.Name(flag).removeprefix("FLAG_") for flag in found.flags]


def read_events(stream: Iterator[Response], count: int) -> list[Event]:
    """Reads responses until `count` events have come."""
    found: list[Event] = []
    while len(found) < count:
        found += next(stream).events
    return found


def details(error: grpc.RpcError) -> Any:
    """The google.rpc.Status of an error's trailers."""
    assert isinstance(error, grpc.Call)
    trailers = {item[0]: item[1] for item in error.trailing_metadata() or ()}
    return rpc.Status.FromString(trailers["grpc-status-details-bin"])


def only_detail(error: grpc.RpcError, kind: Any) -> Any:
    """The one detail of an error, which must be of `kind`."""
    status = details(error)
    assert isinstance(error, grpc.Call)
    assert status.code == error.code().value[0]
    assert status.message == error.details()
    [packed] = status.details
    unpacked = kind()
    assert packed.Unpack(unpacked), packed.type_url
    return unpacked
