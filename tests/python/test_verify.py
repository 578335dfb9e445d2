"""What verify, sign and verify_and_parse take, give and refuse."""

import array
import mmap
from typing import Any

import pytest
import tuco_events

from conftest import SECRET, signature_of

BODY = b'{"event":"message.sent"}'
SIGNATURE = signature_of(BODY)


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 16383, 16384, 1_000_000])
def test_sign_is_hmac_sha256(size: int) -> None:
    body = b"x" * size
    assert tuco_events.sign(body, SECRET) == signature_of(body)
    assert tuco_events.verify(body, signature_of(body), SECRET) is True
    assert tuco_events.verify(body + b"y", signature_of(body), SECRET) is False


@pytest.mark.parametrize(
    "make",
    [bytearray, memoryview, lambda body: memoryview(bytearray(body)),
     lambda body: array.array("B", body)],
    ids=["bytearray", "memoryview", "memoryview of bytearray", "array"],
)  # fmt: skip
def test_a_body_is_anything_bytes_like(make: Any) -> None:
    assert tuco_events.verify(make(BODY), SIGNATURE, SECRET)
    assert tuco_events.sign(make(BODY), SECRET) == SIGNATURE
    assert tuco_events.parse(make(BODY)) == tuco_events.parse(BODY)
    event = tuco_events.verify_and_parse(make(BODY), SIGNATURE, SECRET)
    assert event.type == tuco_events.EventType.MESSAGE_SENT


def test_a_body_may_be_a_mapped_file() -> None:
    with mmap.mmap(-1, len(BODY)) as mapped:
        mapped[:] = BODY
        assert tuco_events.verify(mapped, SIGNATURE, SECRET)


def test_a_bytearray_is_let_go_again() -> None:
    body = bytearray(BODY)
    tuco_events.verify(body, SIGNATURE, SECRET)
    body.append(0)  # Would raise while somebody holds its buffer.


@pytest.mark.parametrize("body", ["text", None, 1, [1], memoryview(b"abcd")[::2]])
def test_a_body_of_another_type_is_a_type_error(body: Any) -> None:
    for call in (
        lambda: tuco_events.verify(body, SIGNATURE, SECRET),
        lambda: tuco_events.sign(body, SECRET),
        lambda: tuco_events.parse(body),
        lambda: tuco_events.verify_and_parse(body, SIGNATURE, SECRET),
        lambda: tuco_events.verify_many([body], [SIGNATURE], SECRET),
    ):
        with pytest.raises(TypeError, match="body"):
            call()


@pytest.mark.parametrize(
    "signature",
    ["", " ", "\0", "\u00e9" * 64, "\ud800", "\U0001f389", "g" * 64, "0" * 64,
     "0" * 63, "0" * 65, "0" * 1_000_000, SIGNATURE + "\0", "\n" + SIGNATURE],
)  # fmt: skip
def test_no_signature_raises(signature: str) -> None:
    assert tuco_events.verify(BODY, signature, SECRET) is False
    assert tuco_events.verify_many([BODY], [signature], SECRET) == [False]


@pytest.mark.parametrize("signature", [None, b"0" * 64, 1, ["0" * 64]])
def test_a_signature_of_another_type_is_a_type_error(signature: Any) -> None:
    with pytest.raises(TypeError, match="signature"):
        tuco_events.verify(BODY, signature, SECRET)
    with pytest.raises(TypeError, match="signature"):
        tuco_events.verify_many([BODY], [signature], SECRET)


def test_a_str_secret_is_its_utf_8() -> None:
    signature = signature_of(BODY, "Schl\u00fcssel".encode())
    assert tuco_events.sign(BODY, "Schl\u00fcssel") == signature
    assert tuco_events.verify(BODY, signature, "Schl\u00fcssel".encode())


def test_bytes_of_any_kind_are_a_secret() -> None:
    secret = bytes(range(256))
    assert tuco_events.sign(BODY, secret) == signature_of(BODY, secret)


@pytest.mark.parametrize("kind", [list, tuple])
def test_each_of_five_secrets_matches_under_its_name(kind: Any) -> None:
    secrets: list[str | bytes] = ["a", b"b", "c", b"d", "e"]
    names = []
    for secret in secrets:
        signature = tuco_events.sign(BODY, secret)
        assert tuco_events.verify(BODY, signature, kind(secrets))
        event = tuco_events.verify_and_parse(BODY, signature, kind(secrets))
        names.append(event.secret_name)
    assert names == ["main", "secret2", "secret3", "secret4", "secret5"]
    assert not tuco_events.verify(BODY, SIGNATURE, kind(secrets))


def test_the_same_secret_twice_is_one() -> None:
    assert tuco_events.verify(BODY, SIGNATURE, [SECRET, SECRET])


def test_the_first_of_several_secrets_signs() -> None:
    assert tuco_events.sign(BODY, [SECRET, "another"]) == SIGNATURE


@pytest.mark.parametrize(
    "secret", ["", b"", [], (), [""], ["a", b""], ["a"] * 6, "\ud800"]
)
def test_a_secret_that_is_none_is_a_value_error(secret: Any) -> None:
    for call in (
        lambda: tuco_events.verify(BODY, SIGNATURE, secret),
        lambda: tuco_events.sign(BODY, secret),
        lambda: tuco_events.verify_and_parse(BODY, SIGNATURE, secret),
        lambda: tuco_events.verify_many([], [], secret),
    ):
        with pytest.raises(ValueError, match="secret"):
            call()


@pytest.mark.parametrize(
    "secret", [None, 1, {"a"}, {"a": 1}, bytearray(b"a"), [None], ["a", 1], iter("a")]
)
def test_a_secret_of_another_type_is_a_type_error(secret: Any) -> None:
    with pytest.raises(TypeError):
        tuco_events.verify(BODY, SIGNATURE, secret)
    with pytest.raises(TypeError):
        tuco_events.sign(BODY, secret)


def test_no_message_repeats_a_secret_or_a_body() -> None:
    for secret in ("hush\ud800", ["hush"] * 6, {"hush"}):
        with pytest.raises((TypeError, ValueError)) as caught:
            tuco_events.verify("hush", SIGNATURE, secret)  # type: ignore[arg-type]
        assert "hush" not in str(caught.value)
        with pytest.raises((TypeError, ValueError)) as caught:
            tuco_events.verify(b"hush", SIGNATURE, secret)  # type: ignore[arg-type]
        assert "hush" not in repr(caught.value)


def test_both_modes_verify_the_raw_body() -> None:
    for mode in ("auto", "raw"):
        assert tuco_events.verify(BODY, SIGNATURE, SECRET, mode=mode)
        event = tuco_events.verify_and_parse(BODY, SIGNATURE, SECRET, mode=mode)
        assert event.verified_form == tuco_events.VerifiedForm.RAW
        assert tuco_events.verify_many([BODY], [SIGNATURE], SECRET, mode=mode) == [True]


def test_an_unknown_mode_is_refused() -> None:
    for mode, error in (("canonical", ValueError), ("", ValueError), (1, TypeError)):
        with pytest.raises(error, match="mode"):
            tuco_events.verify(BODY, SIGNATURE, SECRET, mode=mode)  # type: ignore[arg-type]
        with pytest.raises(error, match="mode"):
            tuco_events.verify_and_parse(BODY, SIGNATURE, SECRET, mode=mode)  # type: ignore[arg-type]
        with pytest.raises(error, match="mode"):
            tuco_events.verify_many([], [], SECRET, mode=mode)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("signature", "reason"),
    [
        ("", tuco_events.Reason.SIGNATURE_MISSING),
        ("abc", tuco_events.Reason.SIGNATURE_MALFORMED),
        ("\u00e9" * 64, tuco_events.Reason.SIGNATURE_MALFORMED),
        ("0" * 64, tuco_events.Reason.SIGNATURE_MISMATCH),
    ],
)
def test_a_signature_error_says_why(signature: str, reason: tuco_events.Reason) -> None:
    with pytest.raises(tuco_events.SignatureError) as caught:
        tuco_events.verify_and_parse(BODY, signature, SECRET)
    assert caught.value.reason is reason
    assert reason.name in str(caught.value)
    assert isinstance(caught.value, tuco_events.TucoError)
    assert isinstance(caught.value, ValueError)


def test_the_endpoint_is_part_of_the_events_id() -> None:
    event = tuco_events.parse(BODY, endpoint="other")
    assert event.endpoint == "other"
    assert event.event_id != tuco_events.parse(BODY).event_id
    assert tuco_events.parse(BODY).endpoint == "tuco"
    verified = tuco_events.verify_and_parse(BODY, SIGNATURE, SECRET, endpoint="other")
    assert verified.event_id == event.event_id


@pytest.mark.parametrize(
    ("endpoint", "error"),
    [("", ValueError), ("a\0b", ValueError), ("\ud800", ValueError),
     (b"tuco", TypeError), (None, TypeError)],
)  # fmt: skip
def test_an_endpoint_that_is_no_name_is_refused(endpoint: Any, error: Any) -> None:
    with pytest.raises(error, match="endpoint"):
        tuco_events.parse(BODY, endpoint=endpoint)
