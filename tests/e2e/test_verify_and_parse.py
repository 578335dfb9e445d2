"""VerifyAndParse: the verdict and the meaning, without storing anything."""

from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict

from conftest import StartServer
from support.client import Client, flags
from support.config import write_endpoints
from support.deliveries import (
    OTHER_SECRET,
    SECRET,
    Delivery,
    event_id,
    reply,
    samples,
    sign,
)
from support.expected_events import COMMON, EXPECTED
from support.protos import service
from support.server import Server
from support.webhook import metrics

SAMPLES = samples()
UNKNOWN = "0" * 64


def reason(response: Any) -> str:
    """Why it was rejected, without the enum's prefix."""
    assert response.WhichOneof("result") == "rejection"
    name: str = service.Reason.Name(response.rejection.reason)
    return name.removeprefix("REASON_")


@pytest.fixture(scope="module")
def two_endpoints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration with endpoints `tuco` and `eu`."""
    return write_endpoints(
        tmp_path_factory.mktemp("config"),
        {"tuco": {"main": SECRET}, "eu": {"blue": OTHER_SECRET}},
    )


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_genuine_sample_is_read_as_the_stream_reads_it(
    sample_client: Client, sample: Delivery
) -> None:
    event = sample_client.verify(sample.body, sample.signature).event
    expected = COMMON | EXPECTED[sample.name] | {"event_id": event_id(sample.body)}
    expected.setdefault("idempotency_key", event_id(sample.body))
    # It is in no log, and freshness is only judged when it arrives.
    del expected["epoch"], expected["origin"]
    expected["flags"] = [flag for flag in expected["flags"] if flag != "FLAG_LATE"]
    if not expected["flags"]:
        del expected["flags"]
    assert MessageToDict(event, preserving_proto_field_name=True) == expected


def test_nothing_is_stored(server: Server, client: Client) -> None:
    before = metrics(server)
    for sample in SAMPLES:
        client.verify(sample.body, sample.signature)
        client.verify(sample.body, UNKNOWN)
    assert client.events() == []
    after = metrics(server)
    # Of the volume, which is not ours alone.
    for name in before.keys() - {"tuco_log_free_bytes"}:
        if name.startswith(("tuco_deliveries", "tuco_log", "tuco_duplicate")):
            assert after[name] == before[name], name


@pytest.mark.parametrize(
    ("signature", "expected"),
    [
        ("", "SIGNATURE_MISSING"),
        ("abc", "SIGNATURE_MALFORMED"),
        ("g" * 64, "SIGNATURE_MALFORMED"),
        (UNKNOWN, "SIGNATURE_MISMATCH"),
        (sign(SAMPLES[0].body, OTHER_SECRET), "SIGNATURE_MISMATCH"),
    ],
)
def test_a_forgery_is_an_answer_with_its_reason(
    sample_client: Client, signature: str, expected: str
) -> None:
    response = sample_client.verify(SAMPLES[0].body, signature)
    assert reason(response) == expected


def test_a_signature_may_be_in_upper_case(sample_client: Client) -> None:
    sample = SAMPLES[0]
    response = sample_client.verify(sample.body, sample.signature.upper())
    assert response.event.event_id == event_id(sample.body)


def test_an_unknown_endpoint_is_an_answer(sample_client: Client) -> None:
    sample = SAMPLES[0]
    for name in ("other", "TUCO", ""):
        response = sample_client.verify(sample.body, sample.signature, endpoint=name)
        assert reason(response) == "ENDPOINT_UNKNOWN"


def test_headers_that_differ_are_flagged(sample_client: Client) -> None:
    delivery = reply()
    same = {
        "event_header": "message.reply",
        "timestamp_header": delivery.headers["x-tuco-timestamp"],
    }
    for fields, expected in [
        ({}, []),
        (same, []),
        (same | {"event_header": "message.sent"}, ["HEADER_MISMATCH"]),
        (same | {"timestamp_header": "yesterday"}, ["HEADER_MISMATCH"]),
    ]:
        response = sample_client.verify(delivery.body, delivery.signature, **fields)
        assert flags(response.event) == expected


def test_too_large_a_body_is_an_answer(sample_client: Client) -> None:
    body = b" " * (256 * 1024 + 1)
    assert reason(sample_client.verify(body, sign(body))) == "BODY_TOO_LARGE"
    body = body[:-1]
    assert flags(sample_client.verify(body, sign(body)).event) == [
        "NO_TIMESTAMP",
        "PARSE_ERROR",
    ]


def test_without_an_endpoint_the_matching_one_is_named(
    start_server: StartServer, two_endpoints: Path
) -> None:
    server = start_server(f"--config={two_endpoints}", env={})
    body = SAMPLES[0].body
    with Client(server.grpc) as client:
        for secret, endpoint, name in [
            (SECRET, "tuco", "main"),
            (OTHER_SECRET, "eu", "blue"),
        ]:
            event = client.verify(body, sign(body, secret)).event
            assert (event.endpoint, event.secret_name) == (endpoint, name)
            assert event.event_id == event_id(body, endpoint)


def test_a_named_endpoint_tries_only_its_own_secrets(
    start_server: StartServer, two_endpoints: Path
) -> None:
    server = start_server(f"--config={two_endpoints}", env={})
    body = SAMPLES[0].body
    with Client(server.grpc) as client:
        ours = client.verify(body, sign(body), endpoint="tuco")
        theirs = client.verify(body, sign(body), endpoint="eu")
    assert ours.event.endpoint == "tuco"
    assert reason(theirs) == "SIGNATURE_MISMATCH"


def findings(response: Any) -> list[tuple[str, str, str]]:
    """A rejection's findings: kind and certainty by name, and the secret."""
    return [
        (
            service.FindingKind.Name(found.kind).removeprefix("FINDING_KIND_"),
            service.Certainty.Name(found.certainty).removeprefix("CERTAINTY_"),
            found.secret_name,
        )
        for found in response.rejection.findings
    ]


@pytest.mark.parametrize(
    ("body", "signature", "expected"),
    [
        (SAMPLES[0].body, sign(SAMPLES[0].body + b"\n"),
         ("BODY_LACKS_LINE_BREAK", "CERTAIN", "tuco/main")),
        (SAMPLES[0].body, sign(SAMPLES[0].body, SECRET + "\n"),
         ("SECRET_LACKS_LINE_BREAK", "CERTAIN", "tuco/main")),
        (SAMPLES[0].body, "sha256=" + SAMPLES[0].signature,
         ("SIGNATURE_PREFIX", "CERTAIN", "tuco/main")),
        (SAMPLES[0].body, "", ("SIGNATURE_MISSING", "HINT", "")),
        (SAMPLES[0].body[:-1], UNKNOWN, ("BODY_TRUNCATED", "HINT", "")),
    ],
)  # fmt: skip
def test_a_rejection_is_explained_when_asked(
    sample_client: Client, body: bytes, signature: str, expected: tuple[str, str, str]
) -> None:
    assert findings(sample_client.verify(body, signature)) == []
    response = sample_client.verify(body, signature, explain=True)
    assert findings(response) == [expected]
    [found] = response.rejection.findings
    assert found.text.endswith(".")


def test_a_genuine_delivery_is_not_explained(sample_client: Client) -> None:
    sample = SAMPLES[0]
    response = sample_client.verify(sample.body, sample.signature, explain=True)
    assert response.WhichOneof("result") == "event"


def test_a_timestamp_that_was_signed_is_found_in_its_header(
    sample_client: Client,
) -> None:
    response = sample_client.verify(
        b"{}", sign(b"noon.{}"), explain=True, timestamp_header="noon"
    )
    assert findings(response) == [("TIMESTAMP_SIGNED", "CERTAIN", "tuco/main")]


def test_too_large_a_body_is_not_explained(sample_client: Client) -> None:
    response = sample_client.verify(b" " * (256 * 1024 + 1), UNKNOWN, explain=True)
    assert (reason(response), findings(response)) == ("BODY_TOO_LARGE", [])


def test_an_explanation_names_revoked_and_other_secrets(
    start_server: StartServer, tmp_path: Path
) -> None:
    config = write_endpoints(
        tmp_path,
        {
            "tuco": {"main": SECRET, "old-one": "whsec_of_the_year_before"},
            "eu": {"blue": OTHER_SECRET},
        },
    )
    server = start_server(f"--config={config}", env={})
    body = SAMPLES[0].body
    with Client(server.grpc) as client:
        for secret, name in [
            ("whsec_of_the_year_before", "tuco/old-one"),
            (OTHER_SECRET, "eu/blue"),
        ]:
            response = client.verify(
                body, sign(body, secret), endpoint="tuco", explain=True
            )
            assert reason(response) == "SIGNATURE_MISMATCH"
            assert findings(response) == [("SIGNATURE_MATCHES", "CERTAIN", name)]
    assert server.stop() == 0
    for text in (SECRET, OTHER_SECRET, "whsec_of_the_year_before"):
        assert text not in server.stderr
