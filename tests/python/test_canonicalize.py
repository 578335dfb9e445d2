"""canonicalize, and what it makes of verification."""

from typing import Any

import pytest
import tuco_events

from conftest import SECRET, signature_of
from vector_cases.canonical import REFORMATTED

SENT = '{"event":"message.sent","n":1,"text":"\u00e9"}'.encode()
ARRIVED = b'{ "event": "message.sent", "n": 1.0, "text": "\\u00e9" }'


@pytest.mark.parametrize(
    ("sent", "arrived"), [case[1:] for case in REFORMATTED], ids=lambda text: ""
)
def test_it_gives_what_was_sent(sent: str, arrived: str) -> None:
    assert tuco_events.canonicalize(arrived.encode()) == sent.encode()
    assert tuco_events.canonicalize(sent.encode()) == sent.encode()


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "expected JSON"),
        (b"\xef\xbb\xbf{}", "expected JSON"),
        (b'"\xff"', "expected UTF-8"),
        (b'{"a":1,"a":1}', "expected different keys"),
        (b"1e400", "in the range of a double"),
        (b"9007199254740993", "that a double holds"),
        (b"[" * 65 + b"]" * 65, "at most 64"),
    ],
)
def test_it_says_why_there_is_none(body: bytes, says: str) -> None:
    with pytest.raises(tuco_events.FormatError, match=says) as caught:
        tuco_events.canonicalize(body)
    assert isinstance(caught.value, tuco_events.TucoError)


@pytest.mark.parametrize("body", ["text", None, 7, ["a"]])
def test_what_is_not_bytes_like_is_a_type_error(body: Any) -> None:
    with pytest.raises(TypeError, match="bytes-like"):
        tuco_events.canonicalize(body)


def test_bytes_like_objects_are_taken() -> None:
    for body in (bytearray(b" 1"), memoryview(b"1 ")):
        assert tuco_events.canonicalize(body) == b"1"


def test_auto_verifies_a_reformatted_body_and_raw_does_not() -> None:
    signature = signature_of(SENT)
    assert tuco_events.verify(ARRIVED, signature, SECRET)
    assert tuco_events.verify(ARRIVED, signature, SECRET, mode="auto")
    assert not tuco_events.verify(ARRIVED, signature, SECRET, mode="raw")
    assert tuco_events.verify(SENT, signature, SECRET, mode="raw")


def test_many_at_once_have_the_mode_too() -> None:
    bodies, signatures = [SENT, ARRIVED], [signature_of(SENT)] * 2
    many = tuco_events.verify_many
    assert many(bodies, signatures, SECRET) == [True, True]
    assert many(bodies, signatures, SECRET, mode="raw") == [True, False]


def test_the_event_is_of_the_signed_bytes() -> None:
    signature = signature_of(SENT)
    event = tuco_events.verify_and_parse(ARRIVED, signature, SECRET)
    assert event.verified_form is tuco_events.VerifiedForm.CANONICAL
    sent = tuco_events.verify_and_parse(SENT, signature, SECRET)
    assert event.event_id == sent.event_id
    assert event.extra_json == '{"n":1,"text":"\u00e9"}'
    with pytest.raises(tuco_events.SignatureError):
        tuco_events.verify_and_parse(ARRIVED, signature, SECRET, mode="raw")
