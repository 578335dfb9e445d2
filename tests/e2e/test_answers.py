"""What a delivery is answered, and that nothing else gets in."""

import pytest

from support.client import Client
from support.deliveries import OTHER_SECRET, Delivery, event_id, reply, sign, signed
from support.server import Server
from support.webhook import Answer, curl, exchange, post, request_bytes

PROBLEM = "application/problem+json"


def forgeries() -> dict[str, Delivery]:
    """One delivery with every kind of bad signature."""
    good = reply()
    return {
        "missing": good.without_header("x-tuco-signature"),
        "empty": good.with_header("x-tuco-signature", ""),
        "short": good.with_header("x-tuco-signature", good.signature[:-1]),
        "long": good.with_header("x-tuco-signature", good.signature + "0"),
        "not hexadecimal": good.with_header("x-tuco-signature", "g" * 64),
        "prefixed": good.with_header("x-tuco-signature", "sha256=" + good.signature),
        "wrong": good.with_header("x-tuco-signature", "0" * 64),
        "of another secret": reply(secret=OTHER_SECRET),
        "of another body": good.with_header(
            "x-tuco-signature", sign(good.body + b"\n")
        ),
    }


def assert_problem(answer: Answer, status: int) -> None:
    """RFC 9457: a type, a title, the status and a detail."""
    assert answer.status == status
    assert answer.headers["content-type"] == PROBLEM
    problem = answer.json
    assert problem["status"] == status
    assert problem["type"]
    assert problem["title"]
    assert problem["detail"]


def test_every_forgery_gets_the_same_answer(server: Server, client: Client) -> None:
    answers = [post(server, forgery) for forgery in forgeries().values()]
    twice = reply()
    answers += exchange(
        server, request_bytes(twice, f"X-Tuco-Signature: {twice.signature}\r\n")
    )
    for answer in answers:
        assert answer == answers[0]
    assert_problem(answers[0], 401)
    assert client.events() == []


def test_a_signature_may_be_in_upper_case_with_blanks_around(
    server: Server, client: Client
) -> None:
    shouted = reply()
    upper = shouted.with_header("x-tuco-signature", shouted.signature.upper())
    assert post(server, upper).json["status"] == "accepted"
    padded = reply()
    blanks = padded.with_header("x-tuco-signature", f" \t{padded.signature} \t")
    [answer] = exchange(server, request_bytes(blanks, "Connection: close\r\n"))
    assert answer.json["status"] == "accepted"
    signatures = [event.signature for event in client.events(include_body=True)]
    assert signatures == [shouted.signature, padded.signature]


def test_a_query_string_is_allowed(server: Server) -> None:
    answer = post(server, reply(), path="/webhooks/tuco?source=tuco&x=%20")
    assert answer.json["status"] == "accepted"


def test_header_names_are_in_any_case(server: Server) -> None:
    delivery = reply()
    shouted = Delivery(
        delivery.body,
        {name.upper(): value for name, value in delivery.headers.items()},
    )
    assert post(server, shouted).json["status"] == "accepted"


def test_the_content_type_is_no_reason_to_refuse(server: Server) -> None:
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "x"):
        delivery = reply().with_header("content-type", content_type)
        assert post(server, delivery).json["status"] == "accepted"


@pytest.mark.parametrize(
    "path",
    ["/webhooks/other", "/webhooks/", "/webhooks/tuco/", "/webhooks", "/", "/x"],
)
def test_an_unknown_path_is_not_found(server: Server, path: str) -> None:
    assert_problem(post(server, reply(), path=path), 404)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_another_method_is_told_what_is_allowed(server: Server, method: str) -> None:
    answer = curl(server.url, "-X", method)
    assert_problem(answer, 405)
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "gzip, identity"])
def test_an_encoded_body_is_refused(
    server: Server, client: Client, coding: str
) -> None:
    answer = post(server, reply().with_header("content-encoding", coding))
    assert_problem(answer, 415)
    assert client.events() == []


def test_the_identity_encoding_is_taken(server: Server) -> None:
    for spelling in ("identity", "Identity"):
        delivery = reply().with_header("content-encoding", spelling)
        assert post(server, delivery).json["status"] == "accepted"


def test_a_refused_delivery_can_be_sent_again_as_it_should_be(server: Server) -> None:
    delivery = reply()
    assert post(server, delivery.without_header("x-tuco-signature")).status == 401
    assert post(server, delivery.with_header("content-encoding", "gzip")).status == 415
    answer = post(server, delivery)
    assert answer.json == {
        "status": "accepted",
        "eventId": event_id(delivery.body),
        "sequence": "1",
    }


def test_the_ingress_has_a_probe_for_load_balancers(server: Server) -> None:
    answer = curl(f"http://{server.http}/healthz")
    assert (answer.status, answer.json) == (200, {"status": "ok"})
    refused = curl(f"http://{server.http}/healthz", body=b"x")
    assert_problem(refused, 405)
    assert refused.headers["allow"] == "GET, HEAD"


def test_head_is_answered_without_a_body(server: Server) -> None:
    answer = curl(f"http://{server.http}/healthz", "--head")
    assert (answer.status, answer.body) == (200, b"")


def test_metrics_are_not_on_the_ingress(server: Server) -> None:
    assert_problem(curl(f"http://{server.http}/metrics"), 404)
    assert_problem(curl(f"http://{server.http}/readyz"), 404)


def test_an_empty_body_that_is_signed_is_genuine(server: Server) -> None:
    answer = post(server, signed(b""))
    assert answer.json["status"] == "accepted"
    assert answer.json["eventId"] == event_id(b"")
