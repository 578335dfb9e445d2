"""`verify`: the verdict, its exit code and its exact keys."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from support.cli import Result, run
from support.deliveries import OTHER_SECRET, SECRET, event_id, samples, sign
from support.environment import DATA

KEYS = ["name", "genuine", "verifiedForm", "reason", "event"]
BODY = samples()[0].body
BREAK = b"\n"
SECRET_ENV = {"TUCO_WEBHOOK_SECRET": SECRET}


def verify(*args: str, stdin: bytes = b"") -> Result:
    """Runs `verify` with the samples' secret in the environment."""
    return run("verify", *args, stdin=stdin, env=SECRET_ENV)


def line(body: bytes = BODY, /, **members: Any) -> str:
    """A delivery as a line of an archive; `members` replace what it has."""
    delivery = {
        "name": "one",
        "secret": SECRET,
        "headers": {"x-tuco-signature": sign(body)},
        "body": body.decode(),
    } | members
    return json.dumps({k: v for k, v in delivery.items() if v is not None}) + "\n"


def verify_lines(*lines: str) -> Result:
    """Runs `verify --input -` without any secret of its own."""
    return run("verify", "--input=-", stdin="".join(lines).encode())


def test_a_genuine_body_is_zero() -> None:
    result = verify(f"--signature={sign(BODY)}", "--output=json", stdin=BODY)
    assert (result.code, result.stderr) == (0, "")
    [answer] = result.json_lines()
    assert list(answer) == KEYS[1:]
    assert (answer["genuine"], answer["verifiedForm"]) == (True, "RAW")
    assert answer["reason"] is None
    assert answer["event"]["eventId"] == event_id(BODY)
    assert answer["event"]["message"]["id"] == "msg_xyz789"


def test_people_get_the_verdict_in_words() -> None:
    genuine = verify(f"--signature={sign(BODY)}", stdin=BODY)
    assert genuine.code == 0
    assert genuine.stdout.startswith("genuine")
    assert event_id(BODY) in genuine.stdout
    forged = verify(f"--signature={'0' * 64}", stdin=BODY)
    assert forged.code == 1
    assert forged.stdout.startswith("not genuine  SIGNATURE_MISMATCH")


@pytest.mark.parametrize(
    ("signature", "reason"),
    [
        ("0" * 64, "SIGNATURE_MISMATCH"),
        (sign(BODY, OTHER_SECRET), "SIGNATURE_MISMATCH"),
        (sign(BODY + b"\n"), "SIGNATURE_MISMATCH"),
        ("abc", "SIGNATURE_MALFORMED"),
        ("sha256=" + sign(BODY), "SIGNATURE_MALFORMED"),
    ],
)
def test_a_forged_body_is_one(signature: str, reason: str) -> None:
    result = verify(f"--signature={signature}", "--output=json", stdin=BODY)
    assert result.code == 1
    assert result.json_lines() == [
        {"genuine": False, "verifiedForm": None, "reason": reason, "event": None}
    ]


def test_the_body_is_taken_byte_for_byte() -> None:
    for body in (b"", b"\n", b"\xff\x00", b"{}\r\n"):
        assert verify(f"--signature={sign(body)}", stdin=body).code == 0


def test_the_endpoint_is_part_of_the_event_id() -> None:
    result = verify(
        f"--signature={sign(BODY)}", "--endpoint=eu", "--output=json", stdin=BODY
    )
    assert result.json_lines()[0]["event"]["eventId"] == event_id(BODY, "eu")


def test_the_samples_are_all_genuine() -> None:
    result = run("verify", f"--input={DATA / 'deliveries.ndjson'}")
    assert (result.code, result.stderr) == (0, "")
    answers = result.json_lines()
    assert [answer["name"] for answer in answers] == [s.name for s in samples()]
    for answer, sample in zip(answers, samples(), strict=True):
        assert list(answer) == KEYS
        assert (answer["genuine"], answer["verifiedForm"]) == (True, "RAW")
        assert answer["event"]["eventId"] == event_id(sample.body)


def test_one_forgery_among_many_is_one_and_the_order_stays() -> None:
    forged = line(name="bad", headers={"x-tuco-signature": "0" * 64})
    result = verify_lines(line(name="a"), forged, line(name="b"))
    assert result.code == 1
    answers = result.json_lines()
    assert [answer["name"] for answer in answers] == ["a", "bad", "b"]
    assert answers[1] == {
        "name": "bad",
        "genuine": False,
        "verifiedForm": None,
        "reason": "SIGNATURE_MISMATCH",
        "event": None,
    }
    assert [list(answer) for answer in answers] == [KEYS] * 3


def test_a_line_may_lack_its_name_and_have_its_body_in_base64() -> None:
    encoded = base64.b64encode(BODY).decode()
    result = verify_lines(line(name=None, body=None, bodyBase64=encoded))
    [answer] = result.json_lines()
    assert (answer["name"], answer["genuine"]) == (None, True)
    assert result.code == 0


def test_header_names_are_in_any_case() -> None:
    result = verify_lines(line(headers={"X-TUCO-Signature": sign(BODY)}))
    assert result.code == 0


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({}, "SIGNATURE_MISSING"),
        ({"x-tuco-signature": None}, "SIGNATURE_MISSING"),
        ({"x-tuco-signature": "xyz"}, "SIGNATURE_MALFORMED"),
        (
            {"x-tuco-signature": sign(BODY), "X-Tuco-Signature": sign(BODY)},
            "SIGNATURE_REPEATED",
        ),
    ],
)
def test_the_reason_is_the_headers(headers: dict[str, Any], reason: str) -> None:
    result = verify_lines(line(headers=headers))
    assert (result.code, result.json_lines()[0]["reason"]) == (1, reason)


def test_a_lines_own_secret_comes_first(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(OTHER_SECRET)
    own = line()
    other = line(secret=None, headers={"x-tuco-signature": sign(BODY, OTHER_SECRET)})
    result = run(
        "verify",
        "--input=-",
        f"--secret-file={file}",
        stdin=(own + other).encode(),
        env={"TUCO_WEBHOOK_SECRET": "whsec_not_to_be_looked_at"},
    )
    assert result.code == 0


def test_headers_that_differ_from_the_body_are_flagged() -> None:
    headers = {"x-tuco-signature": sign(BODY), "x-tuco-event": "message.sent"}
    result = verify_lines(line(headers=headers))
    [answer] = result.json_lines()
    assert answer["event"]["flags"] == ["FLAG_HEADER_MISMATCH"]


def test_an_explanation_is_for_people_on_stdout() -> None:
    signature = f"--signature={sign(BODY + BREAK)}"
    explained = verify("--explain", signature, stdin=BODY)
    assert (explained.code, explained.stderr) == (1, "")
    verdict, finding = explained.lines()
    assert verdict.startswith("not genuine  SIGNATURE_MISMATCH")
    assert finding.startswith(
        "finding      certain BODY_LACKS_LINE_BREAK (secret main): It would match if "
    )
    assert verify(signature, stdin=BODY).lines() == [verdict]


def test_beside_json_an_explanation_is_on_stderr() -> None:
    result = verify(
        "--explain", f"--signature=sha256={sign(BODY)}", "--output=json", stdin=BODY
    )
    assert result.code == 1
    assert [list(answer) for answer in result.json_lines()] == [KEYS[1:]]
    [finding] = result.stderr.splitlines()
    assert finding.startswith("tuco-events: certain SIGNATURE_PREFIX (secret main): ")


def test_a_genuine_delivery_needs_no_explanation() -> None:
    result = verify("--explain", f"--signature={sign(BODY)}", stdin=BODY)
    assert (result.code, result.stderr) == (0, "")
    assert "finding" not in result.stdout


def test_no_explanation_is_said_as_well() -> None:
    result = verify("--explain", f"--signature={'0' * 64}", stdin=BODY)
    assert result.lines()[1:] == [
        "finding      none: no mistake that is often made explains it"
    ]


def test_each_refused_line_is_explained_after_its_name() -> None:
    twice = {"x-tuco-signature": [sign(BODY), sign(BODY)]}
    lines = [
        line(),
        line(name=None, headers={"x-tuco-signature": sign(BODY + BREAK)}),
        line(name="copied", secret=SECRET + " "),
        line(name="twice", headers=twice),
        line(name="stamped", body="{}", headers={
            "x-tuco-signature": sign(b"1776254400.{}"),
            "x-tuco-timestamp": "2026-04-15T12:00:00Z",
        }),
    ]  # fmt: skip
    result = run("verify", "--input=-", "--explain", stdin="".join(lines).encode())
    assert result.code == 1
    assert [list(answer) for answer in result.json_lines()] == [KEYS] * 5
    starts = [
        "tuco-events: line 2: certain BODY_LACKS_LINE_BREAK (secret main): ",
        "tuco-events: copied: certain SECRET_HAS_BLANKS (secret main): ",
        "tuco-events: twice: hint SIGNATURE_REPEATED: ",
        "tuco-events: stamped: certain TIMESTAMP_SIGNED (secret main): ",
    ]
    found = result.stderr.splitlines()
    assert [a.startswith(b) for a, b in zip(found, starts, strict=True)] == [True] * 4
    assert SECRET not in result.stdout + result.stderr


def test_the_secret_that_a_line_set_aside_is_named() -> None:
    result = run(
        "verify",
        "--input=-",
        "--explain",
        stdin=line(secret=OTHER_SECRET).encode(),
        env=SECRET_ENV,
    )
    assert result.code == 1
    [finding] = result.stderr.splitlines()
    assert finding.startswith(
        "tuco-events: one: certain SIGNATURE_MATCHES (secret other): "
    )


def test_an_empty_input_is_zero() -> None:
    result = verify_lines()
    assert (result.code, result.stdout, result.stderr) == (0, "", "")


def test_the_last_line_needs_no_line_break() -> None:
    assert verify_lines(line().rstrip("\n")).code == 0


@pytest.mark.parametrize(
    "bad",
    [
        "not json\n",
        "[]\n",
        "{}\n",
        line(body=None),
        line(bodyBase64="e30="),
        line(body=None, bodyBase64="%%%"),
        line(headers=None),
        line(headers={"x-tuco-signature": 7}),
    ],
)
def test_a_line_that_cannot_be_read_is_two(bad: str) -> None:
    result = verify_lines(line(), bad, line())
    assert result.code == 2
    assert len(result.json_lines()) == 1
    [complaint] = result.stderr.splitlines()
    assert "line 2" in complaint
    assert SECRET not in complaint


def test_no_secret_at_all_is_two() -> None:
    result = verify_lines(line(secret=None))
    assert result.code == 2
    assert "line 1" in result.stderr
    single = run("verify", f"--signature={sign(BODY)}", stdin=BODY)
    assert single.code == 2
    assert "--secret-file" in single.stderr


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["--input=absent.ndjson"],
        ["--input=."],
        ["--input=-", "--signature=" + "0" * 64],
        ["--signature=x", "--secret-file=absent"],
        ["--frobnicate"],
    ],
)
def test_wrong_usage_is_explained_on_one_line(args: list[str]) -> None:
    result = verify(*args)
    assert result.code == 2
    assert (result.stdout, len(result.stderr.splitlines())) == ("", 1)
