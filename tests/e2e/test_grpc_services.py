"""What every gRPC tool expects of a server: health, reflection, errors."""

import socket
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from support.client import Client
from support.server import Server
from support.wait import DEADLINE_S

SERVICE = "tuco.events.v1.EventService"


def check_health(client: Client, name: str) -> Any:
    """The answer of grpc.health.v1.Health/Check."""
    return health_pb2_grpc.HealthStub(client.channel).Check(
        health_pb2.HealthCheckRequest(service=name), timeout=DEADLINE_S
    )


def reflect(client: Client, **request: str) -> Any:
    """The one answer of the reflection service."""
    stub: Any = reflection_pb2_grpc.ServerReflectionStub(client.channel)
    question = reflection_pb2.ServerReflectionRequest(**request)
    [answer] = stub.ServerReflectionInfo(iter([question]), timeout=DEADLINE_S)
    return answer


@pytest.mark.parametrize("name", ["", SERVICE])
def test_health_is_serving(sample_client: Client, name: str) -> None:
    answer = check_health(sample_client, name)
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


def test_the_health_of_another_service_is_not_found(sample_client: Client) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        check_health(sample_client, "other.Service")
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND


def test_reflection_lists_the_service(sample_client: Client) -> None:
    answer = reflect(sample_client, list_services="")
    names = {entry.name for entry in answer.list_services_response.service}
    assert {SERVICE, "grpc.health.v1.Health"} <= names


def test_reflection_describes_the_service(sample_client: Client) -> None:
    answer = reflect(sample_client, file_containing_symbol=SERVICE)
    files = answer.file_descriptor_response.file_descriptor_proto
    assert any(b"StreamEvents" in file for file in files)


def test_an_unknown_method_is_unimplemented(sample_client: Client) -> None:
    call: Any = sample_client.channel.unary_unary(f"/{SERVICE}/DoMagic")
    with pytest.raises(grpc.RpcError) as caught:
        call(b"", timeout=DEADLINE_S)
    assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize(
    "method",
    ["VerifyAndParse", "VerifyAndParseBatch", "StreamEvents", "ListQuarantine"],
)
def test_bytes_that_are_no_request_are_refused(
    sample_client: Client, method: str
) -> None:
    call: Any = sample_client.channel.unary_stream(f"/{SERVICE}/{method}")
    with pytest.raises(grpc.RpcError) as caught:
        list(call(b"\xff\xff\xff", timeout=DEADLINE_S))
    # What gRPC itself could not read it calls INTERNAL, or, where callbacks
    # serve a method, UNIMPLEMENTED.
    assert caught.value.code() in (
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNIMPLEMENTED,
    )
    assert check_health(sample_client, "").status


def test_too_large_a_request_is_refused(sample_client: Client) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        sample_client.verify(b"x" * (5 << 20), "0" * 64)
    assert caught.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED


def test_a_connection_that_says_nothing_is_closed(server: Server) -> None:
    host, _, port = server.grpc.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=DEADLINE_S) as silent:
        while silent.recv(4096):
            pass  # The server's settings, which it sends unasked.
