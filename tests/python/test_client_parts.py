"""The parts of the clients that do no I/O."""

from __future__ import annotations

import contextlib
import os
import random
from collections import deque
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("grpc", reason="needs grpcio")

from tuco_events import Flag, StreamError
from tuco_events.client import (
    Client,
    Delivery,
    EventFilter,
    Heartbeat,
    Nack,
    NackAction,
    Patience,
    Position,
    ServerStatus,
    StatusCode,
    Subscription,
    _calls,
)
from tuco_events.client import _messages as m
from tuco_events.client import _rpc_messages as rpc
from tuco_events.client._address import parse_address
from tuco_events.client._consume_state import ConsumeState, joined
from tuco_events.client._credentials import Token, check_confidential, make_tls
from tuco_events.client._patience import Outage
from tuco_events.client._status import FINAL, to_error
from tuco_events.client._wire import Message, WireError, decode, encode

from fake_server import delivered, results

# Addresses.


@pytest.mark.parametrize(
    ("text", "target", "is_local"),
    [
        ("127.0.0.1:50051", "ipv4:127.0.0.1:50051", True),
        ("127.9.9.9:1", "ipv4:127.9.9.9:1", True),
        ("10.0.0.1:50051", "ipv4:10.0.0.1:50051", False),
        ("[::1]:50051", "ipv6:[::1]:50051", True),
        ("[fe80::1]:50051", "ipv6:[fe80::1]:50051", False),
        ("localhost:1", "dns:///localhost:1", True),
        ("LocalHost:1", "dns:///LocalHost:1", True),
        ("events.example:443", "dns:///events.example:443", False),
        ("unix:/run/tuco.sock", "unix:/run/tuco.sock", True),
        ("unix:tuco.sock", "unix:tuco.sock", True),
    ],
)
def test_an_address_is_read(text: str, target: str, is_local: bool) -> None:
    address = parse_address(text)
    assert (address.target, address.is_local) == (target, is_local)


@pytest.mark.parametrize(
    "text",
    [
        "", "localhost", ":50051", "localhost:", "localhost:0", "localhost:65536",
        "localhost:x", "localhost:٣", "::1:50051", "[::1]", "[x]:1", "unix:", "off",
        "http://localhost:50051", "dns:///localhost:50051",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        parse_address(text)


# Credentials.


def test_a_token_goes_over_no_network_in_the_open(tmp_path: Path) -> None:
    token, plain, tls = Token("x", None), make_tls(None, None, None, None), True
    far, near = parse_address("10.0.0.1:1"), parse_address("127.0.0.1:1")
    with pytest.raises(ValueError, match=r"10\.0\.0\.1:1: a token would get there"):
        check_confidential(token, plain, far)
    check_confidential(token, plain, near)
    check_confidential(token, make_tls(tls, None, None, None), far)
    check_confidential(Token(None, None), plain, far)


@pytest.mark.parametrize(
    ("tls", "ca", "cert", "key"),
    [
        (None, None, "c", None),
        (None, None, None, "k"),
        (None, None, "c", "k"),
        (False, "a", None, None),
        (False, None, "c", "k"),
    ],
)
def test_files_of_tls_go_together(
    tls: bool | None, ca: str | None, cert: str | None, key: str | None
) -> None:
    with pytest.raises(ValueError, match="expected"):
        make_tls(tls, ca, cert, key)


@pytest.mark.parametrize("text", ["", "two words", "two\nlines", "ü", "x" * 4097])
def test_what_can_be_no_token_is_refused_and_not_shown(
    text: str, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_bytes(text.encode())
    for made in (lambda: Token(text, None), lambda: Token(None, file).current()):
        with pytest.raises(ValueError, match="expected one line") as raised:
            made()
        assert not text or text not in str(raised.value)


def test_a_token_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    file = tmp_path / "token"
    token = Token(None, file)
    with pytest.raises(ValueError, match="cannot read"):
        token.current()
    file.write_text("first\r\n")
    assert token.current() == "first"
    file.write_text("other\n")
    os.utime(file, ns=(1, 1))
    assert token.current() == "other"
    with pytest.raises(ValueError, match="not both"):
        Token("x", file)


# Patience.


class Clock:
    """A time that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """The time."""
        return self.now


def outage(**options: Any) -> tuple[Outage, Clock]:
    """An outage that waits as long as it may."""
    clock = Clock()
    return Outage(Patience(**options), clock, lambda _, most: most), clock


GONE = StreamError(StatusCode.UNAVAILABLE, "gone")


def test_pauses_double_up_to_a_limit_and_begin_anew() -> None:
    tried, _ = outage(pause_min=0.2, pause_max=1.0, outage_max=None)
    pauses = [tried.drop(GONE).pause for _ in range(5)]
    assert pauses == [0.2, 0.4, 0.8, 1.0, 1.0]
    tried.heard()
    again = tried.drop(GONE)
    assert (again.pause, again.drops) == (0.2, 1)


def test_pauses_are_of_random_length() -> None:
    clock = Clock()
    tried = Outage(Patience(pause_min=1, pause_max=1, outage_max=None), clock)
    pauses = {tried.drop(GONE).pause for _ in range(20)}
    assert len(pauses) > 1
    assert all(0.5 <= pause <= 1 for pause in pauses)


def test_an_outage_ends_with_what_it_was() -> None:
    tried, clock = outage(outage_max=10)
    tried.drop(GONE)
    clock.now += 9.9
    tried.drop(GONE)
    clock.now += 0.1
    with pytest.raises(StreamError, match=r"gone; nothing was heard .* 3 attempts"):
        tried.drop(GONE)
    tried.heard()
    clock.now += 15
    with pytest.raises(StreamError) as raised:
        tried.drop(tried.silent(15))
    assert raised.value.code is StatusCode.DEADLINE_EXCEEDED


def test_an_outage_that_ends_in_silence_tells_how_it_began() -> None:
    tried, clock = outage(silence_max=15, outage_max=20)
    tried.drop(GONE)
    clock.now += 20
    with pytest.raises(StreamError, match="UNAVAILABLE: gone"):
        tried.drop(tried.silent(5))


def test_a_silence_makes_an_outage_no_longer_than_it_may_be() -> None:
    tried, clock = outage(silence_max=15, outage_max=20)
    assert tried.silence_max() == 15
    clock.now += 15
    tried.drop(GONE)
    assert tried.silence_max() == 5
    clock.now += 100
    assert tried.silence_max() == 0.01


@pytest.mark.parametrize(
    "options",
    [
        {"silence_max": 0}, {"silence_max": 3601}, {"pause_min": 0},
        {"pause_min": 6}, {"pause_max": 601}, {"outage_max": -1},
    ],
)  # fmt: skip
def test_patience_has_limits(options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(options)) + "|pause"):
        Patience(**options)
    with pytest.raises(TypeError):
        Patience(silence_max="15")  # type: ignore[arg-type]


# Errors.


@pytest.mark.parametrize("code", list(StatusCode)[1:])
def test_every_error_says_what_to_do(code: StatusCode) -> None:
    error = to_error(code, "it is so")
    assert str(error).startswith(f"{code.name}: it is so; ")
    assert (code in FINAL) == (error.code in FINAL)


def test_a_code_that_is_none_is_unknown() -> None:
    assert to_error(99, "").code is StatusCode.UNKNOWN
    assert "no reason given" in str(to_error(99, ""))


# The wire.

NOW = datetime(2026, 11, 30, 12, 0, 0, 123456, tzinfo=timezone.utc)
SAMPLES: list[Message] = [
    EventFilter(type_names=("a", "ü"), phone="", flags=tuple(Flag)),
    Heartbeat(2**64 - 1, 0, 1, 2.5),
    Subscription("crm", m.SubscriptionMode.SHARED, EventFilter(), timedelta(0)),
    Subscription(expires_after=timedelta(seconds=-1, microseconds=-5)),
    ServerStatus(
        "0.1", NOW, m.IntakeStatus(m.IntakeState.TAKING), m.LogStatus(1, 2, 3)
    ),
    rpc.StreamEventsRequest(from_time=datetime(1969, 1, 1, tzinfo=timezone.utc)),
    m.QuarantineResult("q_1", m.QuarantineState.UNSPECIFIED, sequence=0),
    m.QuarantineError(-1, "x"),
    rpc.ReplayParkedRequest("x", (1, 0, 2**63)),
]


@pytest.mark.parametrize("message", SAMPLES, ids=lambda each: type(each).__name__)
def test_a_message_reads_as_it_was_written(message: Message) -> None:
    assert decode(type(message), encode(message)) == message


@pytest.mark.parametrize("message", SAMPLES, ids=lambda each: type(each).__name__)
def test_no_bytes_do_more_than_raise(message: Message) -> None:
    """Cut anywhere, and with any byte changed."""
    chance = random.Random(1)
    data = encode(message)
    for at in range(len(data)):
        cut = data[:at]
        bits = bytearray(data)
        bits[at] ^= 1 << chance.randrange(8)
        for tried in (cut, bytes(bits), chance.randbytes(at)):
            with contextlib.suppress(WireError):
                decode(type(message), tried)


def test_a_newer_servers_fields_and_values_are_passed_over() -> None:
    data = encode(m.Gap(1, 2)) + b"\x18\x63" + b"\xf2\x07\x01x" + b"\xf8\x07\x01"
    assert decode(m.Gap, data) == m.Gap(1, 2, m.GapReason.UNSPECIFIED)
    flags = b"\x52\x02\x01\x63"
    assert decode(EventFilter, flags) == EventFilter(flags=(Flag.TEST,))


def test_values_of_wrong_types_are_named() -> None:
    wrong: list[tuple[Message, type[Exception]]] = [
        (rpc.AcknowledgeRequest("x", -1), ValueError),
        (rpc.AcknowledgeRequest("x", 1 << 64), ValueError),
        (rpc.AcknowledgeRequest("x", "1"), TypeError),  # type: ignore[arg-type]
        (rpc.AcknowledgeRequest("x", True), TypeError),
        (rpc.AcknowledgeRequest(5, 1), TypeError),  # type: ignore[arg-type]
        (rpc.VerifyAndParseRequest("text"), TypeError),  # type: ignore[arg-type]
        (rpc.SubscriptionName(1.5), TypeError),  # type: ignore[arg-type]
    ]
    for message, expected in wrong:
        with pytest.raises(expected):
            encode(message)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"max_batch_events": -1}, ValueError),
        ({"max_batch_bytes": 1 << 64}, ValueError),
        ({"max_batch_events": "9"}, TypeError),
        ({"max_batch_delay": "1"}, TypeError),
        ({"max_batch_delay": float("inf")}, ValueError),
        ({"max_batch_delay": float("nan")}, ValueError),
        ({"max_batch_delay": 10**400}, ValueError),
    ],
)
def test_a_stream_that_cannot_be_asked_for_is_not_made(
    options: dict[str, Any], expected: type[Exception]
) -> None:
    [name] = options
    with Client() as client, pytest.raises(expected, match=name):
        client.stream("earliest", **options)


def test_what_is_no_body_is_not_made_one() -> None:
    # bytes(3) is three NULs, and bytes([1]) is of a list.
    for wrong in (3, [1], "text", None):
        delivery = Delivery(wrong, "")  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="body: expected bytes-like"):
            _calls.verify_and_parse(delivery)
    for body in (b"ab", bytearray(b"ab"), memoryview(b"-a-b")[1::2]):
        request = _calls.verify_and_parse(Delivery(body, "")).request
        assert decode(rpc.VerifyAndParseRequest, request).body == b"ab"


def test_no_repr_shows_a_phone_number_or_a_body() -> None:
    shown = repr(EventFilter(phone="+15550100", lead_id="lead_1"))
    assert "+15550100" not in shown
    assert "phone" in shown
    assert "secret body" not in repr(m.QuarantinedDelivery("q_1", body=b"secret body"))


# Consuming.


def consumer(**options: Any) -> tuple[ConsumeState, Clock]:
    """One that has opened."""
    clock = Clock()
    state = ConsumeState(rpc.ConsumeOpen("work"), options.get("extend_max", 60), clock)
    state.open()
    return state, clock


def said(data: bytes) -> list[tuple[int, str]]:
    """Verdicts as (sequence, kind)."""
    kinds = []
    for verdict in decode(rpc.ConsumeRequest, data).verdicts:
        kind = "ack" if verdict.ack else "extend" if verdict.extend else "nack"
        kinds.append((verdict.sequence, kind))
    return kinds


def result(sequence: int, outcome: str = "APPLIED") -> bytes:
    """A response with one result."""
    return results(rpc.VerdictResult(sequence, m.VerdictOutcome[outcome]))


def test_what_was_said_and_not_answered_is_said_again() -> None:
    state, _ = consumer()
    state.received(delivered(1, 2, 3))
    first, second = state.take(), state.take()
    assert first is not None
    assert second is not None
    state.ack(first)
    state.nack(second, Nack("park"))
    state.received(result(1))
    [request] = state.open()
    assert said(request) == [(2, "nack")]
    opening = decode(rpc.ConsumeRequest, request).open
    assert opening is not None
    assert opening.subscription == "work"


def test_what_was_not_begun_is_forgotten_with_the_connection() -> None:
    state, _ = consumer()
    state.received(delivered(1, 2))
    state.take()
    state.open()
    assert state.take() is None
    state.received(delivered(2, attempt=2))
    again = state.take()
    assert again is not None
    assert (again.event.sequence, again.attempt) == (2, 2)


def test_what_is_worked_on_is_not_worked_on_twice() -> None:
    state, _ = consumer()
    state.received(delivered(1))
    working = state.take()
    assert working is not None
    state.open()
    state.received(delivered(1, attempt=2))
    assert state.take() is None
    assert said(state.ack(working)) == [(1, "ack")]


def test_what_a_new_server_forgot_is_acknowledged_without_being_handled() -> None:
    state, _ = consumer()
    state.received(delivered(1))
    working = state.take()
    assert working is not None
    state.ack(working)
    state.open()
    state.received(result(1, "NOT_DELIVERED"))
    [again] = state.received(delivered(1))
    assert said(again) == [(1, "ack")]
    assert state.take() is None
    state.received(result(1))
    assert state.unanswered == 0


def test_what_was_handed_on_or_moved_is_handled_when_it_comes() -> None:
    state, _ = consumer()
    state.received(delivered(1))
    working = state.take()
    assert working is not None
    state.ack(working)
    state.received(result(1, "HANDED_ON"))
    state.received(delivered(1))
    assert state.take() is not None


def test_everything_held_is_extended_but_not_for_ever() -> None:
    state, clock = consumer(extend_max=60)
    state.received(delivered(1, 2))
    state.take()
    assert [said(each) for each in state.extend()] == [[(2, "extend"), (1, "extend")]]
    clock.now += 61
    assert [said(each) for each in state.extend()] == [[(2, "extend")]]


def test_the_result_of_an_extension_is_not_taken_for_that_of_an_ack() -> None:
    state, _ = consumer()
    state.received(delivered(1))
    working = state.take()
    assert working is not None
    state.extend()
    state.ack(working)
    state.received(result(1))
    assert state.unanswered == 1
    state.received(result(1))
    assert state.unanswered == 0


def test_a_thousand_verdicts_go_in_one_request() -> None:
    state, _ = consumer()
    state.received(delivered(*range(1, 2501)))
    for _ in range(2500):
        working = state.take()
        assert working is not None
        state.ack(working)
    sizes = [len(said(each)) for each in state.open()]
    assert sizes == [1000, 1000, 500]


def test_what_waits_to_be_written_is_written_as_one() -> None:
    state, _ = consumer()
    state.received(delivered(1, 2, 3))
    waiting: deque[bytes | None] = deque()
    for _ in range(3):
        working = state.take()
        assert working is not None
        waiting.append(state.ack(working))
    first = waiting.popleft()
    assert first is not None
    request, is_last = joined(first, waiting.popleft, IndexError)
    assert said(request) == [(1, "ack"), (2, "ack"), (3, "ack")]
    assert not is_last
    waiting.append(None)
    assert joined(first, waiting.popleft, IndexError) == (first, True)
    many = deque([first] * 100_000)
    request, _ = joined(first, many.popleft, IndexError)
    assert 1000 < len(said(request)) < 9000


def test_nacks_are_checked() -> None:
    assert Nack("retry", 5).retry_after == timedelta(seconds=5)
    assert Nack(NackAction.SKIP).action is NackAction.SKIP
    for wrong in ("ack", "RETRY", NackAction.UNSPECIFIED, 1):
        with pytest.raises(ValueError, match="expected"):
            Nack(wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="retry_after"):
        Nack("park", 5)


def test_a_position_says_where_to_go_on() -> None:
    assert Position(5, 1) == Position(5, 1)
    assert Position(5) != Position(5, 1)
