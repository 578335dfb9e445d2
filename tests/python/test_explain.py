"""What explain finds; the signatures are Python's own."""

import base64
import copy
import dataclasses
import hashlib
import hmac
import inspect
import json
import pickle
import random
import re
from collections import OrderedDict
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import tuco_events
from tuco_events import Certainty, FindingKind, explain

from conftest import SECRET, read_vectors, signature_of

REPOSITORY = Path(__file__).resolve().parents[2]
VALUE = {
    "event": "message.reply",
    "timestamp": "2026-04-15T12:00:00Z",
    "data": {"message": "Grüße 🎉 \x7f", "list": [1.5, [], {}], "none": None},
}
# As JSON.stringify spells it.
BODY = json.dumps(VALUE, separators=(",", ":"), ensure_ascii=False).encode()
KEY = SECRET.encode()
BOM = b"\xef\xbb\xbf"


def dumps(**options: Any) -> bytes:
    """The value as json.dumps spells it."""
    return json.dumps(VALUE, **options).encode()


def digest(body: bytes, key: bytes = KEY) -> bytes:
    return hmac.digest(key, body, "sha256")


def kinds(body: bytes, signature: str, secrets: Any = SECRET) -> list[str]:
    """The findings' kinds by name, all of them certain."""
    found = explain(body, signature, secrets)
    assert all(finding.certainty is Certainty.CERTAIN for finding in found)
    return [finding.kind.name for finding in found]


def hints(body: bytes, signature: str) -> list[str]:
    """The findings' kinds by name, all of them hints."""
    found = explain(body, signature, SECRET)
    assert all(finding.certainty is Certainty.HINT for finding in found)
    return [finding.kind.name for finding in found]


@pytest.mark.parametrize(
    ("signed", "kind"),
    [
        (BODY + b"\n", "BODY_LACKS_LINE_BREAK"),
        (BODY + b"\r\n", "BODY_LACKS_LINE_BREAK"),
        (BOM + BODY, "BODY_LACKS_BOM"),
        (b"", "BODY_NOT_SIGNED"),
        (dumps(indent=2, ensure_ascii=False), "BODY_COMPACTED"),
        (dumps(indent=4, ensure_ascii=False), "BODY_COMPACTED"),
        (dumps(indent="\t", ensure_ascii=False), "BODY_COMPACTED"),
        (dumps(), "BODY_BY_JSON_DUMPS"),
        (dumps(ensure_ascii=False), "BODY_BY_JSON_DUMPS"),
        (dumps(separators=(",", ":")), "BODY_BY_JSON_DUMPS"),
        (dumps(indent=2), "BODY_BY_JSON_DUMPS"),
        (dumps(indent=4), "BODY_BY_JSON_DUMPS"),
        (b"2026-04-15T12:00:00Z." + BODY, "TIMESTAMP_SIGNED"),
        (b"1776254400." + BODY, "TIMESTAMP_SIGNED"),
        (b"1776254400000." + BODY, "TIMESTAMP_SIGNED"),
        (b"1776254400:" + BODY, "TIMESTAMP_SIGNED"),
        (b"1776254400" + BODY, "TIMESTAMP_SIGNED"),
        (b"v0:1776254400:" + BODY, "TIMESTAMP_SIGNED"),
    ],
)
def test_another_body_was_signed(signed: bytes, kind: str) -> None:
    assert kinds(BODY, signature_of(signed)) == [kind]


@pytest.mark.parametrize(
    ("arrived", "kind"),
    [
        (BODY + b"\n", "BODY_HAS_LINE_BREAK"),
        (BODY + b"\r\n", "BODY_HAS_LINE_BREAK"),
        (BOM + BODY, "BODY_HAS_BOM"),
        (dumps(indent=2, ensure_ascii=False), "BODY_SPACED"),
        (dumps(indent=3, ensure_ascii=False) + b"\n", "BODY_SPACED"),
        (dumps(ensure_ascii=False), "BODY_SPACED"),
        (dumps(), "BODY_ESCAPED"),
        (dumps(indent=2), "BODY_ESCAPED"),
        (dumps(separators=(",", ":")), "BODY_ESCAPED"),
        (base64.b64encode(BODY), "BODY_BASE64"),
    ],
)
def test_the_body_was_changed(arrived: bytes, kind: str) -> None:
    assert kinds(arrived, signature_of(BODY)) == [kind]


def test_line_breaks_were_changed() -> None:
    lines = dumps(indent=2)
    windows = lines.replace(b"\n", b"\r\n")
    assert kinds(windows, signature_of(lines)) == ["BODY_HAS_CRLF"]
    assert kinds(lines, signature_of(windows)) == ["BODY_LACKS_CRLF"]


@pytest.mark.parametrize(
    ("configured", "signer", "kind"),
    [
        ("s\n", b"s", "SECRET_HAS_LINE_BREAK"),
        ("s\r\n", b"s", "SECRET_HAS_LINE_BREAK"),
        ("s", b"s\n", "SECRET_LACKS_LINE_BREAK"),
        ("s", b"s\r\n", "SECRET_LACKS_LINE_BREAK"),
        (" s ", b"s", "SECRET_HAS_BLANKS"),
        ("s", b"s ", "SECRET_LACKS_BLANKS"),
        ("s", b" s", "SECRET_LACKS_BLANKS"),
        ('"s"', b"s", "SECRET_HAS_QUOTES"),
        (BOM + b"s", b"s", "SECRET_HAS_BOM"),
        (SECRET, KEY.removeprefix(b"whsec_"), "SECRET_PREFIX_STRIPPED"),
        ("whsec_" + base64.b64encode(b"0123456789").decode(), b"0123456789",
         "SECRET_BASE64_DECODED"),
        (base64.urlsafe_b64encode(b"\xff\xfe\xfb" * 5), b"\xff\xfe\xfb" * 5,
         "SECRET_BASE64_DECODED"),
        (b"0123456789".hex(), b"0123456789", "SECRET_HEX_DECODED"),
        (SECRET, b"", "SECRET_EMPTY"),
    ],
)  # fmt: skip
def test_another_secret_was_used(configured: Any, signer: bytes, kind: str) -> None:
    [found] = explain(BODY, signature_of(BODY, signer), {"ours": configured})
    assert (found.kind.name, found.certainty) == (kind, Certainty.CERTAIN)
    assert found.secret_name == ("" if kind == "SECRET_EMPTY" else "ours")


@pytest.mark.parametrize(
    ("signature", "kind"),
    [
        ("sha256=" + signature_of(BODY), "SIGNATURE_PREFIX"),
        ("v1=" + signature_of(BODY), "SIGNATURE_PREFIX"),
        (base64.b64encode(digest(BODY)).decode(), "SIGNATURE_BASE64"),
        (base64.urlsafe_b64encode(digest(BODY)).decode(), "SIGNATURE_BASE64"),
        (f'"{signature_of(BODY)}"', "SIGNATURE_SURROUNDED"),
        (signature_of(BODY) + "\n", "SIGNATURE_SURROUNDED"),
        (f"{signature_of(BODY)}, {signature_of(BODY)}", "SIGNATURE_REPEATED"),
        (f"{'0' * 64},{signature_of(BODY)}", "SIGNATURE_REPEATED"),
        (hashlib.sha256(BODY).hexdigest(), "UNKEYED_DIGEST"),
        (signature_of(KEY, BODY), "KEY_AND_BODY_SWAPPED"),
        (f"t=1,v1={signature_of(BODY)}", "COMBINATION"),
        ("v1," + base64.b64encode(digest(BODY)).decode(), "COMBINATION"),
    ],
)
def test_the_signature_was_made_or_spelt_otherwise(signature: str, kind: str) -> None:
    assert kinds(BODY, signature) == [kind]


@pytest.mark.parametrize(
    ("signature", "kind"),
    [
        ("", "SIGNATURE_MISSING"),
        ("abc", "SIGNATURE_MALFORMED"),
        ("\u00e9" * 64, "SIGNATURE_MALFORMED"),
        ("\ud800", "SIGNATURE_MALFORMED"),
        ("sha256=" + "0" * 64, "SIGNATURE_PREFIX"),
        ("A" * 43 + "=", "SIGNATURE_BASE64"),
        ("0" * 64 + "\n", "SIGNATURE_SURROUNDED"),
        ("0" * 64 + "," + "1" * 64, "SIGNATURE_REPEATED"),
        ("A" * 64, "SIGNATURE_UPPER_CASE"),
        (hmac.new(KEY, BODY, "sha1").hexdigest(), "SIGNATURE_OTHER_ALGORITHM"),
        (hmac.new(KEY, BODY, "md5").hexdigest(), "SIGNATURE_OTHER_ALGORITHM"),
        (hmac.new(KEY, BODY, "sha512").hexdigest(), "SIGNATURE_OTHER_ALGORITHM"),
    ],
)
def test_the_form_of_the_signature_is_a_hint(signature: str, kind: str) -> None:
    assert hints(BODY, signature) == [kind]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "BODY_EMPTY"),
        (b"\x1f\x8b\x08\x00", "BODY_COMPRESSED"),
        (BODY[:-1], "BODY_TRUNCATED"),
        (BODY[:40], "BODY_TRUNCATED"),
        (b"x" * (1024 * 1024 + 1), "BODY_TOO_LARGE"),
    ],
)
def test_the_look_of_the_body_is_a_hint(body: bytes, kind: str) -> None:
    assert hints(body, "0" * 64) == [kind]


def test_two_mistakes_are_found_together() -> None:
    signature = "sha256=" + signature_of(BODY, KEY + b"\n")
    [found] = explain(BODY + b"\n", signature, SECRET)
    assert found.kind is FindingKind.COMBINATION
    assert found.text.count(", and if ") == 2


def test_a_genuine_delivery_only_matches() -> None:
    for vector in read_vectors():
        genuine = tuco_events.verify(
            vector.body, vector.signature, vector.secret, mode="raw"
        )
        found = [
            finding.kind
            for finding in explain(vector.body, vector.signature, vector.secret)
        ]
        assert (found == [FindingKind.SIGNATURE_MATCHES]) == genuine, vector.name


def test_nothing_is_found_in_junk() -> None:
    chance = random.Random(4711)
    for _ in range(200):
        assert explain(BODY, chance.randbytes(32).hex(), [SECRET, "another"]) == []


def test_secrets_have_names() -> None:
    def names(secrets: Any, key: bytes = b"s") -> list[str]:
        found = explain(BODY, signature_of(BODY, key), secrets)
        assert {finding.kind.name for finding in found} == {"SIGNATURE_MATCHES"}
        return [finding.secret_name for finding in found]

    assert names("s") == names(b"s") == names(("s", "t")) == ["main"]
    assert names(["t", b"u", "s", "s"]) == ["secret3", "secret4"]
    assert names({"new": "t", "old/ü": b"s"}) == ["old/ü"]
    assert names(OrderedDict(a="s")) == names(MappingProxyType({"a": "s"})) == ["a"]
    assert names({str(n): f"key {n}" for n in range(64)}, b"key 63") == ["63"]


@pytest.mark.parametrize(
    "secrets", ["", b"", [], {}, [""], {"a": ""}, ["a"] * 65, "\ud800", {"\ud800": "a"}]
)
def test_secrets_that_are_none_are_a_value_error(secrets: Any) -> None:
    with pytest.raises(ValueError, match="secret"):
        explain(BODY, "0" * 64, secrets)


@pytest.mark.parametrize(
    "secrets", [None, 1, {"a"}, {"a": 1}, {1: "a"}, {"a": ["b"]}, [None], iter("a")]
)
def test_secrets_of_another_type_are_a_type_error(secrets: Any) -> None:
    with pytest.raises(TypeError):
        explain(BODY, "0" * 64, secrets)


def test_arguments_are_as_for_verify() -> None:
    with pytest.raises(TypeError, match="body"):
        explain("text", "0" * 64, SECRET)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="signature"):
        explain(BODY, b"0" * 64, SECRET)  # type: ignore[arg-type]
    signature = signature_of(BODY)
    assert kinds(bytearray(BODY), signature) == ["SIGNATURE_MATCHES"]  # type: ignore[arg-type]


def test_a_text_tells_nothing() -> None:
    secret = "a secret of which nobody may see anything"
    for signer in (secret + "\n", secret + " ", "other"):
        signature = signature_of(BODY, signer.encode())
        for found in explain(BODY + b"\n", signature, {"name of it": secret}):
            for hidden in (secret, "name of it", signature, "message.reply"):
                assert hidden not in found.text
            assert found.text.endswith(".")


def test_a_finding_is_a_frozen_value() -> None:
    [found] = explain(BODY, signature_of(BODY), SECRET)
    assert found == tuco_events.Finding(
        FindingKind.SIGNATURE_MATCHES, Certainty.CERTAIN, "main", found.text
    )
    assert found in {found}
    assert pickle.loads(pickle.dumps(found)) == copy.deepcopy(found) == found
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.text = ""  # type: ignore[misc]


def test_every_kind_is_explained_to_readers() -> None:
    page = (REPOSITORY / "docs" / "verification.md").read_text("utf-8")
    [_, table] = page.split("## What may be found")
    documented = re.findall(r"^\| `([A-Z0-9_]+)` \|", table, re.M)
    assert documented == [kind.name for kind in FindingKind][1:]


def test_every_kind_is_tested_here() -> None:
    page = Path(__file__).read_text("utf-8")
    # Too many secrets is a matter of the library's own tests.
    missing = {"UNSPECIFIED", "SEARCH_LIMITED"}
    for kind in FindingKind:
        assert kind.name in missing or kind.name in page, kind


def test_it_is_documented() -> None:
    for section in ("Args:", "Returns:", "Raises:"):
        assert section in (inspect.getdoc(explain) or "")
