"""VerifyAndParseBatch: what VerifyAndParse says, of many deliveries at once."""

from collections.abc import Iterator
from typing import Any

import grpc
import pytest

from conftest import StartServer
from support.client import Client, only_detail
from support.config import write_endpoints
from support.deliveries import OTHER_SECRET, SECRET, event_id, reply, samples, sign
from support.protos import rpc, service
from support.server import Server
from support.webhook import metrics

SAMPLES = samples()
UNKNOWN = "0" * 64
OLD_SECRETS = {f"old-{number}": f"whsec_of_the_year_{number}" for number in range(9)}

DELIVERIES_MAX = 1024
BODY_BYTES_MAX = 256 * 1024
BATCH_BYTES_MAX = 4 * 1024 * 1024
REQUEST_BYTES_MAX = 5 * 1024 * 1024


@pytest.fixture(scope="module")
def server(
    start_module_server: StartServer, tmp_path_factory: pytest.TempPathFactory
) -> Server:
    """A server with endpoints `tuco` and `eu`, and old secrets."""
    config = write_endpoints(
        tmp_path_factory.mktemp("config"),
        {"tuco": {"main": SECRET} | OLD_SECRETS, "eu": {"blue": OTHER_SECRET}},
    )
    return start_module_server(f"--config={config}", env={})


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[Client]:
    """A client of it."""
    with Client(server.grpc) as opened:
        yield opened


def request(body: bytes, signature: str | None = None, **fields: Any) -> Any:
    """A VerifyAndParseRequest, genuine unless another signature is given."""
    return service.VerifyAndParseRequest(
        body=body, signature=sign(body) if signature is None else signature, **fields
    )


def refusal(client: Client, deliveries: list[Any]) -> grpc.RpcError:
    """The error that the batch is answered with."""
    with pytest.raises(grpc.RpcError) as caught:
        client.verify_batch(deliveries)
    return caught.value


def violation(error: grpc.RpcError) -> tuple[str, str]:
    """The field that an INVALID_ARGUMENT says is at fault, and how."""
    assert isinstance(error, grpc.Call)
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
    [found] = only_detail(error, rpc.BadRequest).field_violations
    return found.field, found.description


def mixed() -> list[Any]:
    """Deliveries of every kind, no two of the same kind side by side."""
    requests = []
    for sample in SAMPLES:
        body = sample.body
        headers = {
            "event_header": sample.headers["x-tuco-event"],
            "timestamp_header": sample.headers["x-tuco-timestamp"],
        }
        requests += [
            request(body, sample.signature, **headers),
            request(body, ""),
            request(body, sign(body, OTHER_SECRET)),
            request(body, UNKNOWN, explain=True),
            request(body, sign(body, OTHER_SECRET), endpoint="eu"),
            request(body, sign(body, OTHER_SECRET), endpoint="tuco", explain=True),
            request(body, sample.signature, event_header="other"),
            request(b"\xef\xbb\xbf" + body, sample.signature, explain=True),
            request(b" " + body + b"\n", sample.signature),
            request(body, "sha256=" + sample.signature, explain=True),
            request(body, sample.signature, endpoint="nobody", explain=True),
            request(body, sign(body, OLD_SECRETS["old-3"]), explain=True),
            request(b" " * (BODY_BYTES_MAX + 1), explain=True),
            request(reply().body),
        ]
    return requests


def test_every_answer_is_that_of_verify_and_parse(client: Client) -> None:
    # Sixteen bodies above what one may have are as large as a batch may be.
    for deliveries in (mixed()[:112], mixed()[112:]):
        results = client.verify_batch(deliveries)
        assert len(results) == len(deliveries)
        for delivery, result in zip(deliveries, results, strict=True):
            assert result == client.verify_request(delivery)
        kinds = {result.WhichOneof("result") for result in results}
        assert kinds == {"event", "rejection"}


def test_answers_are_in_order(client: Client) -> None:
    bodies = [reply(message=f"number {number}").body for number in range(300)]
    signatures = [
        sign(body, OTHER_SECRET if number % 3 else SECRET)
        for number, body in enumerate(bodies)
    ]
    results = client.verify_batch(
        [
            request(body, signature)
            for body, signature in zip(bodies, signatures, strict=True)
        ]
    )
    assert [result.event.event_id for result in results] == [
        event_id(body, "eu" if number % 3 else "tuco")
        for number, body in enumerate(bodies)
    ]


def test_an_empty_batch_has_an_empty_answer(client: Client) -> None:
    assert client.verify_batch([]) == []


def test_nothing_is_stored(server: Server, client: Client) -> None:
    before = metrics(server)
    client.verify_batch(mixed()[:20])
    assert client.events() == []
    after = metrics(server)
    # Of the volume, which is not ours alone.
    for name in before.keys() - {"tuco_log_free_bytes"}:
        if name.startswith(("tuco_deliveries", "tuco_log", "tuco_duplicate")):
            assert after[name] == before[name], name


def test_1024_deliveries_are_answered_and_1025_refused(client: Client) -> None:
    deliveries = [request(reply().body) for _ in range(DELIVERIES_MAX)]
    results = client.verify_batch(deliveries)
    assert [result.event.event_id for result in results] == [
        event_id(delivery.body) for delivery in deliveries
    ]
    deliveries.append(deliveries[0])
    assert violation(refusal(client, deliveries)) == (
        "deliveries",
        "expected at most 1024 entries, found 1025",
    )


def test_4_mib_of_bodies_are_answered_and_a_byte_more_refused(client: Client) -> None:
    deliveries = [
        request(number.to_bytes(1) + b" " * (BODY_BYTES_MAX - 1))
        for number in range(16)
    ]
    assert sum(len(delivery.body) for delivery in deliveries) == BATCH_BYTES_MAX
    results = client.verify_batch(deliveries)
    assert [result.event.event_id for result in results] == [
        event_id(delivery.body) for delivery in deliveries
    ]
    deliveries.append(request(b" "))
    assert violation(refusal(client, deliveries)) == (
        "deliveries.body",
        "expected at most 4194304 bytes in all of them together, found 4194305",
    )


def test_4_mib_in_1024_deliveries_with_every_field_are_answered(
    client: Client,
) -> None:
    size = BATCH_BYTES_MAX // DELIVERIES_MAX
    fields = {
        "event_header": "message.reply" * 10,
        "timestamp_header": "2026-04-15T12:00:00.000Z" * 10,
        "endpoint": "tuco",
    }
    deliveries = [
        request(number.to_bytes(2) + b" " * (size - 2), **fields)
        for number in range(DELIVERIES_MAX)
    ]
    results = client.verify_batch(deliveries)
    assert [result.event.event_id for result in results] == [
        event_id(delivery.body) for delivery in deliveries
    ]


def test_a_message_above_5_mib_is_refused(client: Client) -> None:
    error = refusal(client, [request(b" " * REQUEST_BYTES_MAX)])
    assert isinstance(error, grpc.Call)
    assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    # Up to there the field is named.
    fits = request(b" " * (REQUEST_BYTES_MAX - 100))
    assert violation(refusal(client, [fits]))[0] == "deliveries.body"


def test_answers_may_be_larger_than_clients_take_by_default(server: Server) -> None:
    start, end = b'{"event":"other","unknown":"', b'"}'
    body = start + b"x" * (BODY_BYTES_MAX - len(start) - len(end)) + end
    deliveries = [request(body)] * 16
    with Client(server.grpc) as client:
        error = refusal(client, deliveries)
        assert isinstance(error, grpc.Call)
        assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    with Client(server.grpc, receive_bytes_max=2 * BATCH_BYTES_MAX) as client:
        results = client.verify_batch(deliveries)
        assert {len(result.event.extra_json) for result in results} == {
            len(body) - len(b'"event":"other",')
        }


def slowest_batch() -> Any:
    """As much JSON as a batch may have, and all that may be tried with it."""
    body = b"[" + b",".join([b"[[[[[[]]]]]]"] * 315) + b"]"
    deliveries = [request(body, UNKNOWN, explain=True)] * DELIVERIES_MAX
    return service.VerifyAndParseBatchRequest(deliveries=deliveries)


def test_other_calls_are_answered_while_batches_are_explained(
    client: Client,
) -> None:
    explain = client.stub.VerifyAndParseBatch
    calls = [explain.future(slowest_batch()) for _ in range(4)]
    genuine = reply().body
    assert client.verify(genuine, sign(genuine)).event.event_id == event_id(genuine)
    assert not any(call.done() for call in calls)
    for call in calls:
        call.cancel()
