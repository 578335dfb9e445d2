"""`python -m tuco_events verify` says what the server's `verify --input` says.

tools/test_python_client runs these, with the package as the wheel has it.
"""

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.cli import Result, run
from support.deliveries import SECRET, samples, sign
from support.environment import DATA, environment

# In the environment of the wheel, which is not that of the other tests.
pytest.importorskip("tuco_events")

BODY = samples()[0].body
SIGNED = {"x-tuco-signature": sign(BODY)}


def line(body: bytes | None = BODY, /, **members: Any) -> bytes:
    """A delivery as a line of an archive; `members` replace what it has."""
    delivery: dict[str, Any] = {"name": "one", "secret": SECRET, "headers": SIGNED}
    if body is not None:
        delivery["body"] = body.decode()
    kept = {name: v for name, v in (delivery | members).items() if v is not None}
    return json.dumps(kept, ensure_ascii=False).encode()


def with_headers(**headers: Any) -> bytes:
    """A line with these headers beside the signature."""
    spelt = {f"x-tuco-{name}": value for name, value in headers.items()}
    return line(headers=SIGNED | spelt)


def raw(**members: str) -> bytes:
    """A line without a signature, and with members of any spelling."""
    spelt = "".join(f',"{name}":{value}' for name, value in members.items())
    return f'{{"headers":{{}},"body":"","secret":"a"{spelt}}}'.encode()


SPACED = b'{"event": "message.reply"}'
CANONICAL = {"x-tuco-signature": sign(b'{"event":"message.reply"}')}

LINES = [
    line(),
    line(SPACED, headers=CANONICAL),
    line(b"not JSON", headers={"x-tuco-signature": sign(b"not JSON")}),
    line(headers={}),
    line(headers={"X-Tuco-SIGNATURE": [sign(BODY), sign(BODY)]}),
    line(headers={"x-tuco-signature": "z"}),
    line(headers={"x-tuco-signature": "0" * 64}),
    line(headers={"x-tuco-signature": None}),
    line(headers={"x-tuco-signature": []}),
    with_headers(event="message.reply"),
    with_headers(event="message.sent"),
    with_headers(event=["message.reply", "message.sent"]),
    with_headers(timestamp="2026-04-15T14:00:00+02:00"),
    with_headers(timestamp="2026-04-15T12:00:00.000001Z"),
    with_headers(timestamp="noon"),
    with_headers(timestamp=""),
    line(None, bodyBase64=base64.b64encode(BODY).decode()),
    line(None, bodyBase64="Zg"),
    line(None, bodyBase64="Z g=="),
    line(None, bodyBase64="Zh=="),
    line(None, bodyBase64="Z.g"),
    line(None, bodyBase64=""),
    line(bodyBase64=""),
    line(None),
    line(secret=""),
    line(secret=5),
    line(secret="x" * 5000),
    line(name=""),
    line(name=5),
    line(name="\x00a"),
    line(headers=None),
    line(headers=5),
    line(headers={"a": 5}),
    line(headers={"a": None}),
    line(headers={"a": [None]}),
    line(headers={"a": {}}),
    b"[]",
    b"5",
    b"{",
    b"{}",
    b"\xff",
    b"\xef\xbb\xbf" + line(),
    b"\xc2\xa0" + line(),
    b"\x0b" + line(),
    b"  " + line() + b" \r",
    line() + b"x",
    raw(x="NaN"),
    raw(x="01"),
    raw(x="1e999"),
    raw(x="9" * 5000),
    raw(x='"a\tb"'),
    raw(x='"\\ud800"'),
    raw(x='[["\\udfff"]]'),
    raw(x='{"b":1,"\\u0062":2}'),
    raw(x="[" * 400 + "]" * 400),
    raw(endpoint="5"),
    raw(receivedAt='"2026-04-15T12:00:00Z"'),
    raw(receivedAt='"noon"'),
    raw(headersDiffered="true"),
    raw(headersDiffered="1"),
]


def package(*arguments: str, stdin: bytes = b"") -> Result:
    """Runs the package's command."""
    done = subprocess.run(
        [sys.executable, "-m", "tuco_events", *arguments],
        input=stdin,
        capture_output=True,
        env=environment(),
        check=False,
    )
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


def answers(result: Result) -> list[tuple[list[str], Any]]:
    """What each line says, and its keys in their order."""
    return [(list(answer), answer) for answer in result.json_lines()]


@pytest.mark.parametrize("text", LINES, ids=range(len(LINES)))
def test_a_line_gets_the_servers_answer(text: bytes) -> None:
    theirs = run("verify", "--input=-", stdin=text + b"\n")
    ours = package("verify", "-", stdin=text + b"\n")
    assert (ours.code, answers(ours)) == (theirs.code, answers(theirs))
    assert bool(ours.stderr) == bool(theirs.stderr)


def test_the_samples_get_the_servers_answers() -> None:
    path = str(DATA / "deliveries.ndjson")
    theirs = run("verify", "--input", path)
    assert answers(package("verify", path)) == answers(theirs)


def test_the_vectors_get_the_servers_answers(tmp_path: Path) -> None:
    deliveries = [
        read["delivery"]
        for path in sorted((DATA / "vectors").glob("*.json"))
        for read in json.loads(path.read_text("utf-8"))
        if read["delivery"].get("secret")
    ]
    archive = tmp_path / "vectors.ndjson"
    archive.write_text("\n".join(map(json.dumps, deliveries)))
    theirs = run("verify", "--input", str(archive))
    ours = package("verify", str(archive))
    assert len(theirs.lines()) > 100
    assert (ours.code, answers(ours)) == (theirs.code, answers(theirs))
