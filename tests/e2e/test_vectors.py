"""Every vector gives at the server what it gives in C++ and in Python."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict

from conftest import StartServer
from support.client import Client
from support.config import write_endpoints
from support.protos import service
from support.server import Server
from support.vectors import Vector, vectors
from support.webhook import Answer, post_all

VECTORS = vectors()
GENUINE = [vector for vector in VECTORS if vector.genuine]
FORGED = [vector for vector in VECTORS if not vector.genuine]
# All of them verify for endpoint `tuco`, whose name is part of an event's id.
SECRETS = {
    secret: f"secret-{number}"
    for number, secret in enumerate(sorted({vector.secret for vector in VECTORS}))
}

# What comes of the arrival and of the log, never of the body.
SET_BY_THE_SERVER = [
    "sequence",
    "epoch",
    "receivedAt",
    "recordedAt",
    "origin",
    "secretName",
]
FLAGS_OF_THE_ARRIVAL = {"FLAG_LATE", "FLAG_EARLY", "FLAG_SUSPECTED_DUPLICATE"}


@pytest.fixture(scope="module")
def server(
    start_module_server: StartServer, tmp_path_factory: pytest.TempPathFactory
) -> Server:
    """A server that knows the secret of every vector."""
    config = write_endpoints(
        tmp_path_factory.mktemp("config"),
        {"tuco": {name: secret for secret, name in SECRETS.items()}},
        "allow_short_secret = true",
    )
    return start_module_server(f"--config={config}", env={})


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[Client]:
    """A client of it."""
    with Client(server.grpc) as opened:
        yield opened


@dataclass(frozen=True)
class Log:
    """What became of the vectors after each of them was posted once."""

    answers: dict[str, Answer]
    # By sequence, in JSON.
    events: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def log(server: Server, client: Client) -> Log:
    """Posts all vectors and streams what the log then holds."""
    answers = post_all(server, [vector.delivery for vector in VECTORS])
    events = [MessageToDict(event) for event in client.events()]
    return Log(
        dict(zip([vector.name for vector in VECTORS], answers, strict=True)),
        {event["sequence"]: event for event in events},
    )


def of_the_body(streamed: dict[str, Any]) -> dict[str, Any]:
    """The event without what the server adds, which must be there."""
    event = dict(streamed)
    for name in SET_BY_THE_SERVER:
        del event[name]
    event.pop("suspectedDuplicateOf", None)
    flags = [f for f in event.pop("flags", []) if f not in FLAGS_OF_THE_ARRIVAL]
    return event | ({"flags": flags} if flags else {})


def without_secret_name(event: dict[str, Any] | None) -> dict[str, Any]:
    """The vector's event without the name that vectors give every secret."""
    assert event is not None
    return {name: event[name] for name in event if name != "secretName"}


def id_of(vector: Vector) -> str:
    """The id of the event in the bytes that were signed."""
    assert vector.event is not None
    return str(vector.event["eventId"])


@pytest.mark.parametrize("vector", GENUINE, ids=lambda vector: vector.name)
def test_a_genuine_vector_is_answered_200_and_streamed(
    log: Log, vector: Vector
) -> None:
    answer = log.answers[vector.name]
    assert answer.status == 200
    assert answer.json["eventId"] == id_of(vector)
    # Copies, under another signature or reformatted, are duplicates of the first.
    assert answer.json["status"] in ("accepted", "duplicate")
    streamed = log.events[answer.json["sequence"]]
    assert of_the_body(streamed) == without_secret_name(vector.event)


@pytest.mark.parametrize("vector", FORGED, ids=lambda vector: vector.name)
def test_a_forged_vector_is_answered_401(log: Log, vector: Vector) -> None:
    assert log.answers[vector.name].status == 401


def test_the_log_has_the_genuine_vectors_once_and_nothing_else(log: Log) -> None:
    accepted = list(dict.fromkeys(id_of(vector) for vector in GENUINE))
    assert [event["eventId"] for event in log.events.values()] == accepted


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_verify_and_parse_says_what_the_vector_says(
    client: Client, vector: Vector
) -> None:
    response = client.verify(vector.body, vector.signature)
    if vector.genuine:
        expected = without_secret_name(vector.event)
        expected["secretName"] = SECRETS[vector.secret]
        assert MessageToDict(response.event) == expected
    else:
        assert response.WhichOneof("result") == "rejection"
        name = service.Reason.Name(response.rejection.reason)
        assert name == f"REASON_{vector.reason}"


def test_a_batch_says_of_all_vectors_what_verify_and_parse_says(
    client: Client,
) -> None:
    requests = [
        service.VerifyAndParseRequest(
            body=vector.body, signature=vector.signature, explain=True
        )
        for vector in VECTORS
    ]
    results = client.verify_batch(requests)
    assert results == [client.verify_request(request) for request in requests]
    genuine = [result.WhichOneof("result") == "event" for result in results]
    assert genuine == [vector.genuine for vector in VECTORS]
