"""verify_many says what verify says, on any number of threads."""

from typing import Any

import pytest
import tuco_events
from tuco_events._types import Body

from conftest import SECRET, signature_of

BODIES = [b'{"n":%d}' % n * (1 + n % 50) for n in range(5000)]
SIGNATURES = [
    signature_of(body) if n % 3 else "0" * 64 for n, body in enumerate(BODIES)
]
VERDICTS = [n % 3 != 0 for n in range(len(BODIES))]


@pytest.mark.parametrize("threads", [None, 1, 2, 7, 1000, 10**9])
def test_the_verdicts_come_in_order(threads: Any) -> None:
    verdicts = tuco_events.verify_many(BODIES, SIGNATURES, SECRET, threads=threads)
    assert verdicts == VERDICTS


def test_any_iterables_will_do() -> None:
    verdicts = tuco_events.verify_many(iter(BODIES), tuple(SIGNATURES), SECRET)
    assert verdicts == VERDICTS


def test_nothing_gives_nothing() -> None:
    assert tuco_events.verify_many([], [], SECRET) == []


def test_bodies_of_different_types_may_be_mixed() -> None:
    bodies: list[Body] = [b"a", bytearray(b"a"), memoryview(b"a")]
    signatures = [signature_of(b"a")] * 3
    assert tuco_events.verify_many(bodies, signatures, SECRET) == [True] * 3


def test_different_lengths_are_a_value_error() -> None:
    with pytest.raises(ValueError, match="found 1 for 2"):
        tuco_events.verify_many([b"a", b"b"], ["0" * 64], SECRET)


@pytest.mark.parametrize("threads", [0, -1, -(10**30)])
def test_less_than_one_thread_is_a_value_error(threads: int) -> None:
    with pytest.raises(ValueError, match="thread"):
        tuco_events.verify_many([], [], SECRET, threads=threads)


@pytest.mark.parametrize(
    "arguments",
    [(b"a", ["0"], {}), ([b"a"], "0", {}), (None, [], {}), ([], None, {}),
     ([], [], {"threads": 1.5}), ([], [], {"threads": "2"}), (["a"], ["0"], {})],
)  # fmt: skip
def test_wrong_types_are_type_errors(arguments: Any) -> None:
    bodies, signatures, others = arguments
    with pytest.raises(TypeError):
        tuco_events.verify_many(bodies, signatures, SECRET, **others)
