"""Threads, forks, memory, and other libraries in the same process."""

import contextlib
import itertools
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import pytest
import tuco_events

from conftest import SECRET, signature_of

BODY = b'{"event":"message.reply","data":{"messageId":"m_1","message":"Hi"}}'
SIGNATURE = signature_of(BODY)
CALLS = 1_000_000


def test_many_threads_verify_at_once() -> None:
    large = BODY + b" " * 100_000
    large_signature = signature_of(large)

    def work(number: int) -> bool:
        ok = True
        for _ in range(50):
            ok &= tuco_events.verify(large, large_signature, SECRET)
            ok &= not tuco_events.verify(large, SIGNATURE, SECRET)
            event = tuco_events.verify_and_parse(BODY, SIGNATURE, SECRET)
            ok &= event.message.id == "m_1"
            ok &= all(
                tuco_events.verify_many([large] * 20, [large_signature] * 20, SECRET)
            )
        return ok and number >= 0

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(16)))


def test_a_large_body_lets_other_threads_run() -> None:
    """While C++ hashes 256 MB, this thread goes on."""
    body = bytes(256 * 1024 * 1024)
    done = threading.Event()
    ticks = 0

    def verify() -> None:
        tuco_events.verify(body, "0" * 64, SECRET)
        done.set()

    thread = threading.Thread(target=verify)
    thread.start()
    while not done.wait(0.001):
        ticks += 1
    thread.join()
    # With the GIL held, wait() would return but once, when all is over.
    assert ticks > 5


def test_a_forked_child_verifies() -> None:
    tuco_events.verify_many([BODY] * 5000, [SIGNATURE] * 5000, SECRET, threads=4)
    code = (
        "import os, tuco_events as t\n"
        f"body, signature, secret = {BODY!r}, {SIGNATURE!r}, {SECRET!r}\n"
        "def ok():\n"
        "    many = t.verify_many([body] * 5000, [signature] * 5000, secret,"
        " threads=4)\n"
        "    return all(many) and bool(t.verify_and_parse(body, signature, secret))\n"
        "assert ok()\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    os._exit(0 if ok() else 1)\n"
        "assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0\n"
        "assert ok()\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=60)


def resident_kib() -> int:
    """The memory that this process has in RAM."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024


def test_a_million_calls_leak_nothing() -> None:
    def calls(count: int) -> None:
        for _ in range(count // 10):
            for _ in range(7):
                tuco_events.verify(BODY, SIGNATURE, SECRET)
            tuco_events.verify(BODY, "\u00e9", [SECRET])
            event = tuco_events.verify_and_parse(BODY, SIGNATURE, SECRET)
            event.message  # noqa: B018
            event.occurred_at  # noqa: B018
            with contextlib.suppress(ValueError):
                tuco_events.verify(BODY, SIGNATURE, "")

    calls(CALLS // 20)
    before = resident_kib()
    calls(CALLS)
    # 8 bytes a call would be 8 MiB.
    assert resident_kib() - before < 4 * 1024


def test_to_dict_and_pickles_leak_nothing() -> None:
    event = tuco_events.parse(BODY)

    def calls(count: int) -> None:
        for _ in range(count):
            event.to_dict()
            event.to_json()
            event.__getstate__()
            hash(event.message)
            repr(event)

    calls(1000)
    before = resident_kib()
    calls(10_000)
    assert resident_kib() - before < 2 * 1024


@pytest.mark.parametrize(
    "order",
    list(itertools.permutations(["grpc", "pyarrow", "tuco_events"])),
    ids=lambda order: " ".join(order),
)
def test_it_shares_a_process_with_grpc_and_pyarrow(order: tuple[str, ...]) -> None:
    """In any order of loading, TLS and HMAC are each by their own library."""
    for module in order:
        if find_spec(module) is None:
            pytest.skip(f"{module} is not installed")
    code = "".join(f"import {module}\n" for module in order) + (
        "import hashlib, hmac, ssl\n"
        f"body, secret = {BODY!r}, {SECRET!r}\n"
        "expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()\n"
        "assert tuco_events.sign(body, secret) == expected\n"
        "assert pyarrow.array([1, None]).null_count == 1\n"
        "channel = grpc.secure_channel('127.0.0.1:9',"
        " grpc.ssl_channel_credentials())\n"
        "ssl.create_default_context()\n"
        "channel.close()\n"
        "assert tuco_events.verify(body, expected, secret)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
