"""read_deliveries and iter_deliveries: what is read, and what is said of the rest."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tuco_events import (
    EventTable,
    FormatError,
    parse,
    read_deliveries,
    verify_and_parse,
)

from archives import BODY, archive, delivery_line, gz, numbered, zstd
from conftest import DATA, SECRET, read_vectors
from table_reference import ids, random_bodies, row_of, rows, rows_of

ARCHIVE = DATA / "deliveries.ndjson"


# What a line may be.


def test_the_archive_of_the_tests_has_its_events() -> None:
    lines = [json.loads(line) for line in ARCHIVE.read_text("utf-8").splitlines()]
    events = [parse(line["body"].encode()) for line in lines]
    assert rows(read_deliveries(ARCHIVE)) == rows_of(events)


def test_every_vector_has_the_columns_of_its_event() -> None:
    bodies = [vector.body for vector in read_vectors()]
    table = read_deliveries(archive(map(delivery_line, bodies)))
    assert rows(table) == rows_of(map(parse, bodies))


def test_random_bodies_have_the_columns_of_their_events() -> None:
    bodies = random_bodies(5_000, seed=1)
    table = read_deliveries(archive(map(delivery_line, bodies)), threads=2)
    assert rows(table) == rows_of(map(parse, bodies))


def test_bodies_may_be_lines_themselves() -> None:
    bodies = [
        body
        for body in (body.replace(b"\n", b" ") for body in random_bodies(5_000, 2))
        if is_object(body)
    ]
    assert len(bodies) > 3_000
    assert rows(read_deliveries(archive(bodies))) == rows_of(map(parse, bodies))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.text(st.sampled_from('xxxxxx"\\\n\t/\x01é🎉'), max_size=200), max_size=9
    ),
    st.booleans(),
)
def test_a_body_is_what_its_line_spells(bodies: list[str], ascii_only: bool) -> None:
    lines = [
        json.dumps({"body": body}, ensure_ascii=ascii_only).encode() for body in bodies
    ]
    table = read_deliveries(archive(lines), include_body=True)
    assert [row["body"] for row in rows(table)] == [body.encode() for body in bodies]


def is_object(body: bytes) -> bool:
    """Whether the parser sees an object, which says no `bodyBase64` or the like."""
    if "PARSE_ERROR" in row_of(parse(body))["flags"]:
        return False
    return not any(name in body for name in (b"headers", b'"body"', b"eventId"))


def test_bodies_and_deliveries_may_be_mixed() -> None:
    bodies = numbered(6)
    lines = [b if n % 2 else delivery_line(b) for n, b in enumerate(bodies)]
    assert rows(read_deliveries(archive(lines))) == rows_of(map(parse, bodies))


def test_a_line_may_end_anyhow() -> None:
    bodies = numbered(3)
    expected = rows_of(map(parse, bodies))
    for content in (
        b"\n".join(bodies),
        b"\r\n".join(bodies) + b"\r\n",
        b"\n\n \t\r\n" + b"\n\n".join(bodies) + b"\n\n",
        b"\xef\xbb\xbf" + b"\n".join(bodies),
    ):
        assert rows(read_deliveries(content)) == expected, content[:8]


def test_an_archive_without_lines_is_an_empty_table() -> None:
    for content in (b"", b"\n", b"\xef\xbb\xbf", b"\r\n \n", gz(b""), zstd(b"")):
        assert len(read_deliveries(content)) == 0
    assert len(read_deliveries([])) == 0


def test_what_an_export_knows_besides_is_in_the_columns() -> None:
    line = delivery_line(
        BODY,
        endpoint="second",
        receivedAt="2026-04-15T12:00:01.5Z",
        headersDiffered=True,
        secret="of nobody",
    )
    [row] = rows(read_deliveries(line))
    expected = row_of(parse(BODY, endpoint="second"))
    assert row["received_at"].isoformat() == "2026-04-15T12:00:01.500000+00:00"
    assert row["flags"] == ["HEADER_MISMATCH"]
    assert row == {
        **expected,
        "received_at": row["received_at"],
        "flags": ["HEADER_MISMATCH"],
    }


def test_an_endpoint_is_part_of_the_event_id() -> None:
    [row] = rows(read_deliveries(BODY, endpoint="mine"))
    assert row == row_of(parse(BODY, endpoint="mine"))
    with pytest.raises(ValueError, match="endpoint"):
        read_deliveries(BODY, endpoint="")


def test_bodies_come_along_when_asked_for() -> None:
    bodies = [BODY, b'{"event":"a\xff"}', BODY + b" "]
    lines = [delivery_line(bodies[0]), delivery_line(bodies[1]), bodies[2]]
    got = rows(read_deliveries(archive(lines), include_body=True))
    assert [row["body"] for row in got] == bodies
    signatures = [json.loads(line)["headers"]["x-tuco-signature"] for line in lines[:2]]
    assert [row["signature"] for row in got] == [*signatures, None]
    without = {k: v for k, v in got[0].items() if k not in ("body", "signature")}
    assert without == row_of(parse(BODY))


# Verification.


def test_what_is_genuine_says_by_which_secret() -> None:
    spaced = json.dumps(json.loads(BODY)).encode()
    lines = [
        delivery_line(BODY),
        delivery_line(spaced, headers=json.loads(delivery_line(BODY))["headers"]),
        delivery_line(BODY, headers={"x-tuco-signature": "0" * 64}),
        delivery_line(BODY, headers={}),
        BODY,
    ]
    table = read_deliveries(archive(lines), secret=["other", SECRET])
    got = [(row["verified_form"], row["secret_name"]) for row in rows(table)]
    assert (
        got
        == [("RAW", "secret2"), ("CANONICAL", "secret2")] + [("UNSPECIFIED", "")] * 3
    )
    raw = read_deliveries(archive(lines), secret=SECRET, mode="raw")
    assert [row["verified_form"] for row in rows(raw)] == ["RAW"] + ["UNSPECIFIED"] * 4


def test_a_genuine_event_is_that_of_verify_and_parse() -> None:
    vectors = [v for v in read_vectors() if v.secret == SECRET and v.result["genuine"]]
    lines = [
        delivery_line(v.body, headers={"X-Tuco-Signature": [v.signature]})
        for v in vectors
    ]
    table = read_deliveries(archive(lines), secret=SECRET)
    events = [verify_and_parse(v.body, v.signature, v.secret) for v in vectors]
    assert len(events) > 50
    assert rows(table) == rows_of(events)


def test_a_repeated_signature_is_none() -> None:
    right = json.loads(delivery_line(BODY))["headers"]["x-tuco-signature"]
    line = delivery_line(BODY, headers={"x-tuco-signature": [right, right]})
    [row] = rows(read_deliveries(line, secret=SECRET))
    assert row["verified_form"] == "UNSPECIFIED"


# Sources.


def test_sources_may_be_of_many_kinds(tmp_path: Path) -> None:
    content = archive(numbered(5))
    path = tmp_path / "a.ndjson"
    path.write_bytes(content)
    with path.open("rb") as file, path.open("rb", buffering=0) as unbuffered:
        for source in (
            path, str(path), content, bytearray(content), memoryview(content),
            file, unbuffered, io.BytesIO(content),
        ):  # fmt: skip
            assert len(read_deliveries(source)) == 5, source


def test_several_sources_are_one_table(tmp_path: Path) -> None:
    bodies = numbered(9)
    path = tmp_path / "a.ndjson"
    path.write_bytes(archive(bodies[:3]))
    compressed = tmp_path / "b.ndjson.gz"
    compressed.write_bytes(gz(archive(bodies[3:6])))
    sources: list[Any] = [path, str(compressed), io.BytesIO(b"\n".join(bodies[6:]))]
    assert ids(read_deliveries(sources)) == [f"m_{n}" for n in range(9)]
    assert ids(read_deliveries(iter([path]))) == ["m_0", "m_1", "m_2"]


@pytest.mark.parametrize("compress", [gz, zstd])
def test_compression_is_recognised_by_content(compress: Any, tmp_path: Path) -> None:
    bodies = numbered(20_000)
    half = archive(bodies[:10_000]), archive(bodies[10_000:])
    path = tmp_path / "a.ndjson"
    path.write_bytes(compress(half[0]) + compress(b"") + compress(half[1]))
    table = read_deliveries(path, threads=2)
    assert ids(table) == [f"m_{n}" for n in range(20_000)]
    with path.open("rb") as file:
        assert len(read_deliveries(file)) == 20_000


def test_other_types_are_refused(tmp_path: Path) -> None:
    others: list[Any] = [1, None, object()]
    for source in others:
        with pytest.raises(TypeError, match="path"):
            read_deliveries(source)
        with pytest.raises(TypeError, match="path"):
            read_deliveries([source])
    with pytest.raises(TypeError, match="rb"):
        read_deliveries(io.StringIO("{}"))
    with pytest.raises(FileNotFoundError):
        read_deliveries(tmp_path / "none")
    with pytest.raises(IsADirectoryError):
        read_deliveries([BODY, tmp_path])
    with pytest.raises(ValueError, match="on_error"):
        read_deliveries(BODY, on_error="ignore")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="thread"):
        read_deliveries(BODY, threads=0)
    with pytest.raises(ValueError, match="secret"):
        read_deliveries(BODY, secret="")
    with pytest.raises(ValueError, match="mode"):
        read_deliveries(BODY, mode="any")  # type: ignore[arg-type]


def test_what_a_file_raises_comes_out() -> None:
    class Broken:
        def read(self, size: int) -> bytes:
            raise RuntimeError(f"no {size > 0}")

    with pytest.raises(RuntimeError, match="no True"):
        read_deliveries(Broken())


# Errors.


def mistake(content: bytes) -> tuple[int | None, int | None, str]:
    with pytest.raises(FormatError) as caught:
        read_deliveries(content)
    error = caught.value
    assert error.table is not None
    return error.line, error.column, str(error.args[0])


def test_a_mistake_is_placed() -> None:
    assert mistake(BODY + b"\n\n" + BODY[:40])[:2] == (3, 41)
    assert mistake(b'{"event":nul}') == (1, 13, "not JSON")
    assert mistake(BODY + b"\n[1]") == (2, 1, "expected a JSON object, found an array")
    assert mistake(b' {"a":1,}') == (1, 9, "not JSON")
    assert mistake(b"{} {}") == (1, 4, "not JSON")
    assert mistake(b"[" * 100_000)[:2] == (1, 100_001)
    assert mistake(b'{"a":"\x00"}') == (1, 7, "not JSON")
    assert mistake(b"nonsense")[:2] == (1, 2)
    assert mistake(b"\xef\xbb\xbf{x}")[:2] == (1, 5)
    assert mistake(b"\xef\xbb\xbf{}\n{x}")[:2] == (2, 2)


def test_a_line_that_is_nearly_a_delivery_is_a_mistake() -> None:
    line = json.loads(delivery_line(BODY))
    for change, text in (
        ({"body": None}, "neither"),
        ({"bodyBase64": "e30="}, "both"),
        ({"body": None, "bodyBase64": "e"}, "base64"),
        ({"body": 1}, "not a string"),
        ({"headers": []}, "not an object"),
        ({"headers": {"X-Tuco-Signature": 1}}, "not a string"),
        ({"receivedAt": "today"}, "not a time"),
        ({"endpoint": 5}, "not a string"),
    ):
        _, _, message = mistake(json.dumps({**line, **change}).encode())
        assert text in message
    twice = delivery_line(BODY)[:-1] + b',"body":"{}"}'
    assert "twice" in mistake(twice)[2]
    assert "surrogate" in mistake(b'{"body":"\\ud800"}')[2]
    assert "UTF-8" in mistake(b'{"body":"\xff"}')[2]
    assert "export" in mistake(b'{"eventId":"evt_1","type":"EVENT_TYPE_UNKNOWN"}')[2]


def test_the_exception_has_what_is_before(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.write_bytes(archive([*numbered(3), b"{", *numbered(2)]))
    with pytest.raises(FormatError) as caught:
        read_deliveries([io.BytesIO(archive(numbered(2))), path])
    error = caught.value
    assert (error.file, error.line, error.column) == (str(path), 4, 2)
    assert str(error) == f"{path}:4:2: the JSON ends too early"
    assert error.table is not None
    assert ids(error.table) == ["m_0", "m_1", "m_0", "m_1", "m_2"]


def test_mistakes_can_be_skipped_and_collected() -> None:
    bodies = numbered(4)
    lines = [bodies[0], b"{", bodies[1], b"7", b"", bodies[2], b"{}x", bodies[3]]
    skipped = read_deliveries(archive(lines), on_error="skip")
    assert ids(skipped) == ["m_0", "m_1", "m_2", "m_3"]
    assert (skipped.skipped, skipped.errors) == (3, ())
    assert "skipped: 3 places" in repr(skipped)
    collected = read_deliveries(archive(lines), on_error="collect")
    assert ids(collected) == ids(skipped)
    assert collected.skipped == 3
    places = [
        (e.line, e.column) for e in collected.errors if isinstance(e, FormatError)
    ]
    assert places == [(2, 2), (4, 1), (7, 3)]


def test_lines_are_counted_across_chunks() -> None:
    """Several threads, many chunks: places and order stay those of the file."""
    bodies = numbered(60_000)
    lines = [b"{" if n % 20_000 == 19_999 else body for n, body in enumerate(bodies)]
    table = read_deliveries([archive(lines)] * 2, on_error="collect", threads=4)
    assert [e.line for e in table.errors if isinstance(e, FormatError)] == [
        20_000, 40_000, 60_000
    ] * 2  # fmt: skip
    expected = [f"m_{n}" for n in range(60_000) if n % 20_000 != 19_999]
    assert ids(table) == expected * 2


def test_what_came_out_of_a_damaged_archive_is_kept() -> None:
    content = archive(numbered(50_000))
    for compressed, word in ((gz(content), "gzip"), (zstd(content), "zstd")):
        for cut in (len(compressed) // 2, len(compressed) - 1):
            with pytest.raises(FormatError, match=word) as caught:
                read_deliveries(compressed[:cut])
            table = caught.value.table
            assert table is not None
            count = len(table)
            assert ids(table) == [f"m_{n}" for n in range(count)]
            assert 1_000 < count <= 50_000
            assert caught.value.line == count + 1
    damaged = bytearray(gz(content))
    damaged[len(damaged) // 2] ^= 0xFF
    table = read_deliveries([bytes(damaged), BODY], on_error="skip")
    assert ids(table)[-1] == "m_1"
    assert table.skipped >= 1


def test_something_behind_compressed_data_is_noticed() -> None:
    assert len(read_deliveries(gz(BODY) + bytes(512))) == 1
    with pytest.raises(FormatError, match="gzip"):
        read_deliveries(gz(BODY + b"\n") + b"x")
    with pytest.raises(FormatError, match="zstd"):
        read_deliveries(zstd(BODY + b"\n") + b"more")


def test_lines_between_those_that_are_too_long_are_read() -> None:
    too_long = b"x" * (17 << 20)
    content = archive([too_long, *numbered(3), too_long, *numbered(2)])
    table = read_deliveries(content, on_error="collect")
    assert ids(table) == ["m_0", "m_1", "m_2", "m_0", "m_1"]
    errors = [e for e in table.errors if isinstance(e, FormatError)]
    assert [error.line for error in errors] == [1, 5]


def test_long_lines_are_read_up_to_a_limit() -> None:
    def body(size: int) -> bytes:
        return BODY.replace(b"Hi", b"H" * size)

    [row] = rows(read_deliveries(body(10_000_000)))
    assert len(row["message_text"]) == 10_000_000
    lines = [BODY, body(17 << 20), BODY]
    with pytest.raises(FormatError, match="16 MiB") as caught:
        read_deliveries(archive(lines))
    assert caught.value.line == 2
    table = read_deliveries(archive(lines), on_error="collect")
    assert len(table) == 2
    last = read_deliveries(archive(lines[:2])[:-1], on_error="skip")
    assert (len(last), last.skipped) == (1, 1)


# Anything at all.


def lines_of_any_kind() -> st.SearchStrategy[bytes]:
    vectors = [vector.body.replace(b"\n", b" ") for vector in read_vectors()]
    return st.one_of(
        st.binary(max_size=60),
        st.sampled_from(vectors),
        st.sampled_from(vectors).map(delivery_line),
        st.sampled_from([b"", b"\r", b" ", b"{}", b"[]", b"\x00", b"\xef\xbb\xbf{}"]),
        st.tuples(st.sampled_from(vectors), st.integers(0, 400)).map(
            lambda cut: cut[0][: cut[1]]
        ),
        st.builds(
            lambda body, at, byte: body[:at] + bytes([byte]) + body[at + 1 :],
            st.sampled_from([delivery_line(BODY), BODY]),
            st.integers(0, 300),
            st.integers(0, 255),
        ),
    )


def read_or_error(content: bytes, secret: str | None) -> tuple[EventTable, str | None]:
    """The table, or what is before the error and the error's text."""
    try:
        return read_deliveries(content, secret=secret, include_body=True), None
    except FormatError as error:
        table = error.table
        return (EventTable.from_events([]) if table is None else table), str(error)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(lines_of_any_kind(), max_size=12),
    st.sampled_from([b"\n", b"\r\n", b"\n\n"]),
    st.sampled_from([bytes, gz]),
    st.integers(0, 3),
    st.sampled_from([None, SECRET]),
)
def test_no_archive_breaks_it(
    lines: list[bytes], end: bytes, compress: Any, cut: int, secret: str | None
) -> None:
    content = compress(end.join(lines))
    content = content[: len(content) - cut]
    table = read_deliveries(
        content, on_error="collect", secret=secret, include_body=True
    )
    table.to_arrow().validate(full=True)
    assert table.skipped == len(table.errors)
    whole, said = read_or_error(content, secret)
    assert said == (str(table.errors[0]) if table.errors else None)
    assert rows(whole) == rows(table)[: len(whole)]


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=300), st.sampled_from([b"", b"\x1f\x8b", b"\x28\xb5\x2f\xfd"])
)
def test_no_bytes_break_it(content: bytes, magic: bytes) -> None:
    table = read_deliveries(magic + content, on_error="skip")
    table.to_arrow().validate(full=True)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 3_000), st.integers(0, 255))
def test_no_damage_breaks_decompression(at: int, byte: int) -> None:
    for compressed in COMPRESSED:
        damaged = bytearray(compressed)
        damaged[at % len(damaged)] = byte
        table = read_deliveries(bytes(damaged), on_error="skip")
        assert len(table) <= 100


COMPRESSED = [compress(archive(numbered(100))) for compress in (gz, zstd)]
