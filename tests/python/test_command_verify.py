"""`verify` of the command: verdicts, their exact keys, exit codes, secrets.

tests/e2e/test_python_command.py compares it with the server's own.
"""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from commands import Result, run
from conftest import DATA, SECRET, read_vectors, signature_of

KEYS = ["name", "genuine", "verifiedForm", "reason", "event"]
BODY = b'{"event":"message.reply","timestamp":"2026-04-15T12:00:00Z"}'


def line(body: bytes = BODY, /, **members: Any) -> bytes:
    """A delivery as a line of an archive; `members` replace what it has."""
    delivery = {
        "name": "one",
        "secret": SECRET,
        "headers": {"x-tuco-signature": signature_of(body)},
        "body": body.decode(),
    }
    delivery.update(members)
    kept = {name: value for name, value in delivery.items() if value is not None}
    return json.dumps(kept).encode() + b"\n"


def verify(*lines: bytes, **env: str) -> Result:
    return run("verify", "-", stdin=b"".join(lines), env=env)


def test_the_samples_are_all_genuine() -> None:
    result = run("verify", DATA / "deliveries.ndjson")
    assert (result.code, result.errors) == (0, "")
    answers = result.json_lines()
    read = (DATA / "deliveries.ndjson").read_text("utf-8").splitlines()
    assert [a["name"] for a in answers] == [json.loads(each)["name"] for each in read]
    for answer in answers:
        assert list(answer) == KEYS
        assert (answer["genuine"], answer["verifiedForm"]) == (True, "RAW")
        assert answer["reason"] is None


def test_the_vectors_get_their_results() -> None:
    vectors = read_vectors()
    lines = [
        line(
            name=vector.name,
            secret=vector.secret,
            headers={"x-tuco-signature": vector.signature},
            body=None,
            bodyBase64=base64.b64encode(vector.body).decode(),
        )
        for vector in vectors
        if vector.secret
    ]
    answers = {answer["name"]: answer for answer in verify(*lines).json_lines()}
    assert len(answers) > 100
    for vector in vectors:
        if vector.name in answers:
            answer = answers[vector.name]
            assert answer["genuine"] == vector.result["genuine"], vector.name
            assert answer["verifiedForm"] == vector.result.get("verifiedForm")
            assert answer["reason"] == vector.result.get("reason")


def test_one_forgery_among_many_is_one_and_the_order_stays() -> None:
    forged = line(name="bad", headers={"x-tuco-signature": "0" * 64})
    result = verify(line(name="a"), b"\n", forged, b" \t\r\n", line(name="b"))
    assert (result.code, result.errors) == (1, "")
    answers = result.json_lines()
    assert [answer["name"] for answer in answers] == ["a", "bad", "b"]
    assert answers[1] == {
        "name": "bad",
        "genuine": False,
        "verifiedForm": None,
        "reason": "SIGNATURE_MISMATCH",
        "event": None,
    }


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({}, "SIGNATURE_MISSING"),
        ({"x-tuco-signature": None}, "SIGNATURE_MISSING"),
        ({"X-Tuco-Signature": "xyz"}, "SIGNATURE_MALFORMED"),
        ({"x-tuco-signature": ["a", "b"]}, "SIGNATURE_REPEATED"),
        ({"x-tuco-signature": "a", "X-Tuco-Signature": "a"}, "SIGNATURE_REPEATED"),
    ],
)
def test_the_reason_is_the_headers(headers: dict[str, Any], reason: str) -> None:
    result = verify(line(headers=headers))
    assert (result.code, result.json_lines()[0]["reason"]) == (1, reason)


@pytest.mark.parametrize(
    ("headers", "differ"),
    [
        ({}, False),
        ({"x-tuco-event": "message.reply"}, False),
        ({"x-tuco-event": "message.sent"}, True),
        ({"x-tuco-timestamp": "2026-04-15T14:00:00.000+02:00"}, False),
        ({"x-tuco-timestamp": "2026-04-15T12:00:00.001Z"}, True),
        ({"x-tuco-timestamp": "noon"}, True),
    ],
)
def test_headers_that_say_something_else_are_flagged(
    headers: dict[str, str], differ: bool
) -> None:
    result = verify(line(headers={"X-TUCO-signature": signature_of(BODY), **headers}))
    flags = result.json_lines()[0]["event"].get("flags", [])
    assert ("FLAG_HEADER_MISMATCH" in flags) is differ


def test_flags_stay_in_their_order() -> None:
    body = b'{"event":"message.reply","testMode":true,"a":1,"a":2}'
    headers = {"x-tuco-signature": signature_of(body), "x-tuco-event": "x"}
    [answer] = verify(line(body, headers=headers)).json_lines()
    assert answer["event"]["flags"] == [
        "FLAG_TEST",
        "FLAG_NO_TIMESTAMP",
        "FLAG_DUPLICATE_KEYS",
        "FLAG_HEADER_MISMATCH",
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"[]", "not a JSON object"),
        (b"{", "not a JSON object"),
        (b'{"a":NaN}', "not a JSON object"),
        (b"[" * 5000, "not a JSON object"),
        (b"\xff", "not UTF-8"),
        (b'{"a":1,"\\u0061":2}', "a key comes twice"),
        (b'{"a":["\\ud800"]}', "text holds half of a surrogate pair"),
        (line(name=5), '"name" is not a string'),
        (line(secret=5), '"secret" is not a string'),
        (line(endpoint=5), '"endpoint" is not a string'),
        (line(receivedAt="noon"), '"receivedAt" is not a time'),
        (line(headersDiffered=1), '"headersDiffered" is not true or false'),
        (line(headers=None), '"headers" is missing or not an object'),
        (line(headers={"a": 5}), "a header is no string"),
        (line(headers={"a": [None]}), "a header is no string"),
        (line(body=None), 'neither "body" nor "bodyBase64"'),
        (line(bodyBase64=""), 'both "body" and "bodyBase64"'),
        (line(body=None, bodyBase64="?"), '"bodyBase64" is not base64'),
        (line(body=None, bodyBase64="YQ\u00a0=="), '"bodyBase64" is not base64'),
        (line(secret=None), 'no secret; add "secret" to the line'),
    ],
)
def test_a_line_that_cannot_be_read_ends_it(text: bytes, why: str) -> None:
    result = verify(line(), text.rstrip() + b"\n", line())
    assert result.code == 2
    assert len(result.json_lines()) == 1
    assert result.errors.startswith(f"tuco_events: stdin:2: {why}")


def test_numbers_may_be_of_any_size() -> None:
    long = line()[:-2] + b',"n":' + b"9" * 5000 + b"}\n"
    assert verify(long).code == 0


def test_base64_needs_no_padding() -> None:
    body = b'{"a":12}'
    encoded = base64.b64encode(body).decode().rstrip("=")
    assert verify(line(body, body=None, bodyBase64=encoded)).code == 0


def test_several_files_are_read_one_after_the_other(tmp_path: Path) -> None:
    first, second = tmp_path / "a.ndjson", tmp_path / "b.ndjson.gz"
    first.write_bytes(line(name="a"))
    second.write_bytes(gzip.compress(line(name="b") + b"nonsense\n"))
    result = run("verify", first, second)
    assert [answer["name"] for answer in result.json_lines()] == ["a", "b"]
    assert result.errors == f"tuco_events: {second}:2: not a JSON object\n"


def test_truncated_gzip_is_two(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(line())[:-5])
    result = run("verify", path)
    assert result.code == 2
    assert result.errors.startswith(f"tuco_events: {path}: ")


def test_zstd_is_refused_with_a_way_out(tmp_path: Path) -> None:
    path = tmp_path / "a.zst"
    path.write_bytes(b"\x28\xb5\x2f\xfd\x00")
    result = run("verify", path)
    assert result.code == 2
    assert "zstd -dc" in result.errors


def test_the_secret_is_the_lines_then_the_files_then_the_environments(
    tmp_path: Path,
) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\r\n")
    wrong = tmp_path / "wrong"
    wrong.write_text("whsec_wrong")
    bare = line(secret=None)

    def code(text: bytes, *arguments: str, **env: str) -> int:
        return run("verify", "-", *arguments, stdin=text, env=env).code

    assert code(line(), f"--secret-file={wrong}") == 0
    assert code(bare, f"--secret-file={file}", TUCO_WEBHOOK_SECRET="x") == 0
    assert code(bare, f"--secret-file={wrong}", TUCO_WEBHOOK_SECRET=SECRET) == 1
    files = {"TUCO_WEBHOOK_SECRET_FILE": str(wrong)}
    assert code(bare, TUCO_WEBHOOK_SECRET=SECRET, **files) == 0
    assert code(bare, TUCO_WEBHOOK_SECRET="", **files) == 1
    assert code(bare, TUCO_WEBHOOK_SECRET_FILE=str(file)) == 0


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty; put the secret into it"),
        (b"\n", "empty; put the secret into it"),
        (b"x" * 4097, "more than 4096 bytes; is this the right file?"),
        (None, "No such file or directory"),
    ],
)
def test_a_secret_file_without_a_secret_is_two(
    content: bytes | None, why: str, tmp_path: Path
) -> None:
    path = tmp_path / "secret"
    if content is not None:
        path.write_bytes(content)
    result = run("verify", "-", "--secret-file", path, stdin=line())
    assert (result.code, result.output) == (2, b"")
    assert result.errors == f"tuco_events: secret file {path}: {why}\n"


def test_the_endpoint_is_part_of_the_event_id() -> None:
    ids = {
        run("verify", "-", *more, stdin=line()).json_lines()[0]["event"]["eventId"]
        for more in ((), ("--endpoint=tuco",), ("--endpoint=eu",))
    }
    assert len(ids) == 2


def test_each_answer_is_seen_at_once() -> None:
    # Behind a bad line nothing is lost that was answered before it.
    result = verify(*[line(name=str(n)) for n in range(50)], b"nonsense\n")
    assert len(result.json_lines()) == 50


def test_output_is_utf_8_whatever_the_terminal_says() -> None:
    result = verify(line(name="Zoë 🎉"), PYTHONIOENCODING="ascii")
    assert result.json_lines()[0]["name"] == "Zoë 🎉"
