"""Streams, against a server and a network that do everything wrong."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("grpc", reason="needs grpcio")

import grpc
from tuco_events import EventType, StreamError
from tuco_events.client import (
    AsyncClient,
    Client,
    Gap,
    GapReason,
    Patience,
    Position,
    Reconnecting,
    StatusCode,
)
from tuco_events.client._messages import Anchor, EventFilter, TestFilter
from tuco_events.client._status_messages import (
    ErrorInfo,
    MapEntry,
    PackedAny,
    RpcStatus,
)
from tuco_events.client._wire import encode

from client_readers import QUICK, Reader, deadline, reader, run, sequences
from fake_server import FakeServer, Wire, response, stay

__all__ = ["deadline", "reader"]


@pytest.fixture
def fake() -> Iterator[FakeServer]:
    """A server without scripts."""
    with FakeServer() as server:
        yield server


def says(*responses: bytes, then: str = "ends", code: str = "UNAVAILABLE") -> Any:
    """A script that sends these, and then `ends`, `stays` or `fails`."""

    def script(_: object, context: grpc.ServicerContext) -> Iterator[bytes]:
        yield from responses
        if then == "stays":
            stay(context)
        if then == "fails":
            context.abort(grpc.StatusCode[code], "as the test says")

    return script


def from_position(*sequences: int) -> Any:
    """A script that behaves: everything behind what is asked for, then nothing."""

    def script(request: Any, context: grpc.ServicerContext) -> Iterator[bytes]:
        after = request.after_sequence or 0
        for sequence in sequences:
            if sequence > after:
                yield response(sequence)
        stay(context)

    return script


def test_a_stream_goes_on_behind_what_it_gave(fake: FakeServer, reader: Reader) -> None:
    fake.streams = [
        says(response(1, 2, 3), response(scanned=9), then="fails"),
        says(response(10)),
        says(response(11), response(12), then="stays"),
    ]
    events = reader.read(fake.address, 6, start="earliest")
    assert sequences(events) == [1, 2, 3, 10, 11, 12]
    asked = [(each.anchor, each.after_sequence, each.epoch) for each in fake.asked]
    assert asked == [
        (Anchor.EARLIEST, None, None),
        (None, 9, 1),
        (None, 10, 1),
    ]
    assert reader.position == Position(12, 1)
    drops = [each for each in reader.notices if isinstance(each, Reconnecting)]
    assert [drop.drops for drop in drops] == [1, 1]
    assert "as the test says" in drops[0].cause.reason
    assert "ended the stream" in drops[1].cause.reason


def test_what_comes_after_a_cancellation_is_not_lost(fake: FakeServer) -> None:
    """Whoever is cancelled leaves nobody behind who would take the next event."""
    cancelled = threading.Event()

    def script(request: Any, context: grpc.ServicerContext) -> Iterator[bytes]:
        for sequence in range((request.after_sequence or 0) + 1, 6):
            if sequence == 4:
                cancelled.wait(30)
            yield response(sequence)
        stay(context)

    fake.streams = [script]

    async def scenario() -> list[int]:
        async with AsyncClient(fake.address, patience=QUICK) as client:
            stream = client.stream("earliest")
            first = [(await stream.__anext__()).sequence for _ in range(3)]
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(stream.__anext__(), 0.2)
            cancelled.set()
            await asyncio.sleep(0.3)
            return [*first, (await stream.__anext__()).sequence]

    assert run(scenario()) == [1, 2, 3, 4]
    assert fake.asked[1].after_sequence == 3


@pytest.mark.parametrize("bytes_before", [0, 1, 9, 40, 100, 200, 1000, 5000, 20000])
def test_a_connection_that_dies_anywhere_loses_nothing(
    fake: FakeServer, reader: Reader, bytes_before: int
) -> None:
    """Mid-frame, mid-batch, within the greeting of HTTP/2."""
    everything = tuple(range(1, 801))
    batches = [everything[at : at + 100] for at in range(0, 800, 100)]

    def script(request: Any, context: grpc.ServicerContext) -> Iterator[bytes]:
        after = request.after_sequence or 0
        for batch in batches:
            left = [each for each in batch if each > after]
            if left:
                yield response(*left)
        stay(context)

    fake.streams = [script]
    with Wire(fake.address, cut_after=bytes_before) as wire:
        events = reader.read(wire.address, 800, start="earliest")
        assert wire.connections > 1
    assert sequences(events) == list(everything)


def test_a_server_that_goes_away_politely_is_waited_for(
    fake: FakeServer, reader: Reader
) -> None:
    """GOAWAY, refused connections, and back at the same address."""
    fake.streams = [from_position(*range(1, 6))]
    # After three events it goes, for half a second.
    seen: list[int] = []

    def restart() -> None:
        fake.stop(grace=0.1)
        time.sleep(0.5)
        fake.start_again()

    def notice(told: object) -> None:
        seen.append(1)

    thread = threading.Thread(target=restart)
    fake.streams = [
        says(response(1), response(2), response(3), then="stays"),
        from_position(*range(1, 6)),
    ]
    timer = threading.Timer(0.3, thread.start)
    timer.start()
    events = reader.read(fake.address, 5, start="earliest", on_notice=notice)
    assert sequences(events) == [1, 2, 3, 4, 5]
    assert seen
    timer.join()
    thread.join()


def test_silence_is_a_drop_and_a_new_connection(reader: Reader) -> None:
    patience = Patience(1.5, 0.01, 0.05, 20)
    with FakeServer() as fake, Wire(fake.address) as wire:
        fake.streams = [says(response(1), then="stays"), from_position(1, 2)]
        events = reader.read(wire.address, 2, start="earliest", patience=patience)
        assert sequences(events) == [1, 2]
        assert wire.connections > 1
    drop = next(each for each in reader.notices if isinstance(each, Reconnecting))
    assert drop.cause.code is StatusCode.DEADLINE_EXCEEDED


def test_a_connection_that_goes_quiet_is_left(reader: Reader) -> None:
    """As of a cable that was pulled: no FIN, no RST, no answer."""
    patience = Patience(1.5, 0.01, 0.05, 20)

    def script(request: Any, context: grpc.ServicerContext) -> Iterator[bytes]:
        yield response(1)
        if request.after_sequence is None:
            wire.go_quiet()
        yield response(2)
        stay(context)

    with FakeServer() as fake, Wire(fake.address) as wire:
        fake.streams = [script]
        events = reader.read(wire.address, 2, start="earliest", patience=patience)
        assert sequences(events) == [1, 2]


def test_a_silent_server_raises_instead_of_hanging(
    fake: FakeServer, reader: Reader
) -> None:
    fake.streams = [says(response(1), then="stays"), says(then="stays")]
    patience = Patience(1.5, 0.01, 0.05, outage_max=2.0)
    start = time.monotonic()
    with pytest.raises(StreamError) as raised:
        reader.read(fake.address, 2, start="earliest", patience=patience)
    assert raised.value.code is StatusCode.DEADLINE_EXCEEDED
    assert "attempts" in raised.value.reason
    assert raised.value.position == Position(1, 1)
    assert time.monotonic() - start < 20


def test_no_server_at_all_raises_and_says_what_to_look_at(reader: Reader) -> None:
    patience = Patience(0.5, 0.01, 0.05, outage_max=0.5)
    with FakeServer() as gone:
        address = gone.address
    with pytest.raises(StreamError) as raised:
        reader.read(address, 1, patience=patience)
    assert raised.value.code is StatusCode.UNAVAILABLE
    assert "see whether the server runs" in str(raised.value)
    assert raised.value.position is None


@pytest.mark.parametrize(
    "code",
    [
        "INVALID_ARGUMENT", "OUT_OF_RANGE", "FAILED_PRECONDITION", "NOT_FOUND",
        "DATA_LOSS", "UNIMPLEMENTED", "UNAUTHENTICATED", "PERMISSION_DENIED", "ABORTED",
    ],
)  # fmt: skip
def test_what_trying_again_does_not_mend_ends_the_stream(
    fake: FakeServer, reader: Reader, code: str
) -> None:
    fake.streams = [says(response(1), then="fails", code=code)]
    with pytest.raises(StreamError) as raised:
        reader.read(fake.address, 2, start="earliest")
    assert raised.value.code is StatusCode[code]
    assert raised.value.reason == "as the test says"
    assert raised.value.advice
    assert raised.value.position == Position(1, 1)
    assert len(fake.asked) == 1


@pytest.mark.parametrize(
    "code",
    [
        "CANCELLED", "UNKNOWN", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "INTERNAL",
        "UNAVAILABLE", "ALREADY_EXISTS",
    ],
)  # fmt: skip
def test_everything_else_is_tried_again(
    fake: FakeServer, reader: Reader, code: str
) -> None:
    fake.streams = [says(then="fails", code=code), from_position(1)]
    assert sequences(reader.read(fake.address, 1, start="earliest")) == [1]


def test_the_details_of_an_error_are_read(fake: FakeServer, reader: Reader) -> None:
    info = ErrorInfo(
        "POSITION_OUT_OF_RANGE",
        "tuco.events.v1",
        (MapEntry("earliest", "7"), MapEntry("head", "9")),
    )
    details = RpcStatus(
        11,
        "gone",
        (PackedAny("type.googleapis.com/google.rpc.ErrorInfo", encode(info)),),
    )

    def script(_: object, context: grpc.ServicerContext) -> Iterator[bytes]:
        context.set_trailing_metadata((("grpc-status-details-bin", encode(details)),))
        context.abort(grpc.StatusCode.OUT_OF_RANGE, "gone")
        yield b""

    fake.streams = [script]
    with pytest.raises(StreamError) as raised:
        reader.read(fake.address, 1, start=3)
    assert raised.value.details == {"earliest": "7", "head": "9"}
    assert "events 7 to 9" in str(raised.value)


def test_details_that_are_rubbish_hide_no_error(
    fake: FakeServer, reader: Reader
) -> None:
    def script(_: object, context: grpc.ServicerContext) -> Iterator[bytes]:
        context.set_trailing_metadata((("grpc-status-details-bin", b"\xff\xff"),))
        context.abort(grpc.StatusCode.NOT_FOUND, "nothing there")
        yield b""

    fake.streams = [script]
    with pytest.raises(StreamError, match="NOT_FOUND: nothing there"):
        reader.read(fake.address, 1, start=3)


@pytest.mark.parametrize(
    "rubbish",
    [
        b"\xff", b"\x0a\x05abc", b"\x0a\x02\xff\xff", b"\x0b", b"\x00\x01",
        b"\x10" + b"\xff" * 10, b"\x0a\x03\x1a\x01\xff", b"\x08\x01", b"{}" * 50,
    ],
    ids=bytes.hex,
)  # fmt: skip
def test_rubbish_raises_and_what_came_before_was_given(
    fake: FakeServer, rubbish: bytes
) -> None:
    fake.streams = [says(response(1), rubbish, then="stays")]
    with Client(fake.address, patience=QUICK) as client:
        stream = client.stream("earliest")
        assert next(stream).sequence == 1
        with pytest.raises(StreamError) as raised:
            next(stream)
    assert raised.value.code is StatusCode.INTERNAL
    assert "cannot be read" in str(raised.value)
    assert raised.value.position == Position(1, 1)


def test_repeats_are_given_once(fake: FakeServer, reader: Reader) -> None:
    fake.streams = [
        says(response(1, 2), response(2, 3), response(1), response(3, 4)),
        says(response(2, 5), then="stays"),
    ]
    events = reader.read(fake.address, 5, start="earliest")
    assert sequences(events) == [1, 2, 3, 4, 5]


def test_a_gap_is_a_notice_behind_what_came_before_it(
    fake: FakeServer, reader: Reader
) -> None:
    gap = Gap(3, 1 << 20, GapReason.LOST)
    after = (1 << 20) + 1
    fake.streams = [
        says(response(1, 2), response(gap=gap, scanned=1 << 20), then="fails"),
        says(response(after, epoch=2), then="stays"),
    ]
    events = reader.read(fake.address, 3, start="earliest")
    assert sequences(events) == [1, 2, after]
    assert gap in reader.notices
    assert fake.asked[1].after_sequence == 1 << 20
    assert reader.position == Position(after, 2)


def test_a_gap_that_nobody_asks_for_is_a_warning(
    fake: FakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    gap = Gap(3, 5, GapReason.REMOVED)
    fake.streams = [says(response(gap=gap, scanned=5), response(6), then="stays")]
    with (
        caplog.at_level(logging.WARNING, "tuco_events"),
        Client(fake.address) as client,
    ):
        assert next(client.stream("earliest")).sequence == 6
    assert "events 3 to 5 are missing: REMOVED" in caplog.text


def test_the_request_says_what_was_asked_for(fake: FakeServer, reader: Reader) -> None:
    fake.streams = [says(response(5), then="stays")]
    reader.read(
        fake.address,
        1,
        start=5,
        types=EventType.MESSAGE_REPLY,
        type_names=["message.new"],
        workspaces="org_1",
        lines=("l1", "l2"),
        phone="+15550100",
        test="exclude",
        include_body=True,
        max_batch_events=7,
        max_batch_bytes=8,
        max_batch_delay=0.25,
    )
    [asked] = fake.asked
    assert asked.filter == EventFilter(
        types=(EventType.MESSAGE_REPLY,),
        type_names=("message.new",),
        workspaces=("org_1",),
        lines=("l1", "l2"),
        phone="+15550100",
        test=TestFilter.EXCLUDE,
    )
    assert asked.after_sequence == 4
    assert asked.include_body
    assert (asked.max_batch_events, asked.max_batch_bytes) == (7, 8)
    assert asked.max_batch_delay is not None
    assert asked.max_batch_delay.total_seconds() == 0.25


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("latest", {"anchor": Anchor.LATEST}),
        ("earliest", {"anchor": Anchor.EARLIEST}),
        (0, {"after_sequence": 0}),
        (1, {"after_sequence": 0}),
        (Position(7), {"after_sequence": 7}),
        (Position(7, 2), {"after_sequence": 7, "epoch": 2}),
        (
            datetime(2026, 4, 15, 12, tzinfo=timezone.utc),
            {"from_time": datetime(2026, 4, 15, 12, tzinfo=timezone.utc)},
        ),
        (None, {"anchor": Anchor.LATEST}),
    ],
)
def test_a_stream_begins_where_it_is_told_to(
    fake: FakeServer, start: Any, expected: dict[str, Any]
) -> None:
    fake.streams = [says(response(9), then="stays")]
    with Client(fake.address) as client:
        next(client.stream(start))
    [asked] = fake.asked
    names = ("after_sequence", "anchor", "from_time", "epoch")
    got = {name: getattr(asked, name) for name in names}
    assert {name: value for name, value in got.items() if value is not None} == expected


def test_wrong_arguments_are_complained_of_at_once(fake: FakeServer) -> None:
    with Client(fake.address) as client:
        no_types: list[Any] = [True, 1.5, b"earliest", object()]
        for wrong in no_types:
            with pytest.raises(TypeError):
                client.stream(wrong)
        no_values: list[Any] = ["yesterday", -1, datetime(2026, 4, 15)]
        for wrong in no_values:
            with pytest.raises(ValueError, match="start"):
                client.stream(wrong)
        options: dict[str, Any] = {"typo": 1}
        with pytest.raises(TypeError, match="there is no filter 'typo'"):
            client.stream(**options)
        with pytest.raises(TypeError, match="types"):
            client.stream(types=5)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="subscription"):
            client.stream("earliest", subscription="crm")
        with pytest.raises(ValueError, match="test"):
            client.stream(test="maybe")  # type: ignore[arg-type]
    assert not fake.asked


def test_close_from_another_thread_ends_a_stream_that_waits(fake: FakeServer) -> None:
    fake.streams = [says(response(1), then="stays")]
    with Client(fake.address) as client:
        stream = client.stream("earliest")
        timer = threading.Timer(0.3, stream.close)
        timer.start()
        assert sequences(list(stream)) == [1]
        timer.join()
        assert list(stream) == []


def test_close_of_the_client_ends_a_stream_in_an_outage() -> None:
    with FakeServer() as gone:
        address = gone.address
    client = Client(address, patience=Patience(1, 10, 10, None))
    timer = threading.Timer(0.5, client.close)
    timer.start()
    start = time.monotonic()
    assert list(client.stream("earliest")) == []
    assert time.monotonic() - start < 8
    timer.join()
    with pytest.raises(StreamError, match="the client is closed"):
        client.stream("earliest")


def test_close_of_the_async_client_ends_a_stream_that_waits(fake: FakeServer) -> None:
    fake.streams = [says(response(1), then="stays")]

    async def scenario() -> list[int]:
        client = AsyncClient(fake.address)
        stream = client.stream("earliest")
        asyncio.get_running_loop().call_later(
            0.3, lambda: asyncio.ensure_future(client.close())
        )
        return [event.sequence async for event in stream]

    assert run(scenario()) == [1]


def test_a_slow_reader_is_not_taken_for_a_silent_server(fake: FakeServer) -> None:
    """Silence is what the server does not say, not what the reader does not ask."""
    fake.streams = [says(response(1), response(2), then="stays")]
    patience = Patience(2.0, 0.01, 0.05, 20)
    with Client(fake.address, patience=patience) as client:
        stream = client.stream("earliest")
        for _ in range(2):
            next(stream)
            time.sleep(2.5)
    assert len(fake.asked) == 1


def test_the_token_is_shown_and_its_file_read_again(
    fake: FakeServer, reader: Reader, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text("first\n")

    def script(_: object, context: grpc.ServicerContext) -> Iterator[bytes]:
        file.write_text("second-one\n")
        yield response(len(fake.asked))

    fake.streams = [script]
    reader.read(fake.address, 2, start="earliest", token_file=file)
    shown = [each.get("authorization") for each in fake.metadata]
    assert shown == ["Bearer first", "Bearer second-one"]


def test_a_large_event_is_taken(fake: FakeServer, reader: Reader) -> None:
    """Beyond the 4 MiB that gRPC takes by default."""
    filler = b"\xca\x3e" + b"\x80\x80\xc0\x02" + bytes(5 << 20)  # A field unknown.
    fake.streams = [says(response(1) + filler, then="stays")]
    assert sequences(reader.read(fake.address, 1, start="earliest")) == [1]
