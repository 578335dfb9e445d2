"""Clients and the process that they are in: imports, forks, and each other."""

from __future__ import annotations

import inspect
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from tuco_events import AsyncClient, Client, StreamError
from tuco_events import client as public
from tuco_events.client import StatusCode

pytest.importorskip("grpc", reason="needs grpcio")


def run(program: str, **env: str) -> str:
    """What a program prints, run by itself."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        check=True, capture_output=True, text=True, timeout=120,
        env={**os.environ, **env},
    )  # fmt: skip
    return done.stdout


def test_the_package_imports_without_grpcio_and_says_what_is_missing() -> None:
    said = run(
        "import sys; sys.modules['grpc'] = None\n"
        "import tuco_events, tuco_events.client\n"
        "for kind in tuco_events.Client, tuco_events.AsyncClient:\n"
        "    try:\n        kind()\n"
        "    except ImportError as error:\n        print(error)\n"
    )
    lines = said.splitlines()
    assert len(lines) == 2
    assert all('pip install "tuco-events[client]"' in line for line in lines)


def test_importing_the_package_imports_neither_clients_nor_grpcio() -> None:
    said = run(
        "import sys, tuco_events\n"
        "print([name for name in ('grpc', 'asyncio', 'tuco_events.client')"
        " if name in sys.modules])\n"
        "assert tuco_events.Client is tuco_events.client.Client\n"
    )
    assert said == "[]\n"


def test_both_clients_have_the_same_methods_and_arguments() -> None:
    def methods(kind: type) -> dict[str, list[Any]]:
        found = {}
        for name, value in inspect.getmembers(kind, inspect.isfunction):
            if not name.startswith("_") or name == "__init__":
                parameters = inspect.signature(value).parameters.values()
                found[name] = [
                    (each.name, each.kind, each.default) for each in parameters
                ]
        return found

    assert methods(Client) == methods(AsyncClient)


def test_every_public_name_is_documented() -> None:
    for name in public.__all__:
        value = getattr(public, name)
        if inspect.isclass(value) or inspect.isfunction(value):
            assert value.__doc__, name


def test_a_stream_error_can_be_pickled() -> None:
    """Between processes of a pool, say."""
    error = StreamError(StatusCode.NOT_FOUND, "no", "look", {"a": "b"}, "name")
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error) == "NOT_FOUND: no; look"
    assert (again.code, again.details, again.field) == (error.code, {"a": "b"}, "name")


FORK = """
import os, sys
sys.path.insert(0, sys.argv[1] if len(sys.argv) > 1 else {tests!r})
from tuco_events import Client, StreamError
from fake_server import FakeServer, response, stay
import subprocess

server = subprocess.Popen([sys.executable, "-c", {server!r}], stdout=subprocess.PIPE,
                          stdin=subprocess.PIPE, text=True)
address = server.stdout.readline().strip()
client = Client(address)
stream = client.stream("earliest")
assert next(stream).sequence == 1
child = os.fork()
if child == 0:
    for use in (lambda: next(stream), lambda: client.get_event(1),
                lambda: next(client.stream("earliest"))):
        try:
            use()
        except StreamError as error:
            assert "make the client in the process that uses it" in str(error), error
        else:
            os._exit(1)
    client.close()
    os._exit(0)
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
assert code == 0, code
assert next(stream).sequence == 2
client.close()
server.communicate("")
print("fine")
"""
SERVER = """
import sys
sys.path.insert(0, {tests!r})
from fake_server import FakeServer, response, stay

def script(request, context):
    yield response(1)
    yield response(2)
    stay(context)

with FakeServer() as server:
    server.streams = [script]
    print(server.address, flush=True)
    sys.stdin.read()
"""


def test_a_fork_is_told_to_make_its_own_client_and_the_parent_goes_on() -> None:
    tests = os.path.dirname(__file__)
    program = FORK.format(tests=tests, server=SERVER.format(tests=tests))
    assert run(program) == "fine\n"


MAKES_ITS_OWN = """
import os, sys
sys.path.insert(0, {tests!r})
import subprocess
from tuco_events import Client

server = subprocess.Popen([sys.executable, "-c", {server!r}], stdout=subprocess.PIPE,
                          stdin=subprocess.PIPE, text=True)
address = server.stdout.readline().strip()
unused = Client(address)  # Made, but not connected: nothing of gRPC runs yet.
children = []
for _ in range(2):
    child = os.fork()
    if child == 0:
        with Client(address) as client:
            stream = client.stream("earliest")
            ok = [next(stream).sequence for _ in range(2)] == [1, 2]
        os._exit(0 if ok else 1)
    children.append(child)
for child in children:
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
server.communicate("")
print("fine")
"""


def test_workers_that_are_forked_before_anything_is_used_have_their_own() -> None:
    """As by gunicorn, with an application that is loaded first."""
    tests = os.path.dirname(__file__)
    program = MAKES_ITS_OWN.format(tests=tests, server=SERVER.format(tests=tests))
    assert run(program) == "fine\n"


INTERRUPTED = """
import os, signal, sys, threading, time
sys.path.insert(0, {tests!r})
from fake_server import FakeServer, opened, stay
from tuco_events import Client

def stream(request, context):
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    stay(context)
    return iter(())

def consume(requests, context):
    next(requests)
    yield opened()
    yield from stream(None, context)

with FakeServer() as server, Client(server.address) as client:
    server.streams, server.consumers = [stream], [consume]
    for wait in (lambda: next(client.stream()), lambda: client.consume("work", print)):
        begun = time.monotonic()
        try:
            wait()
        except KeyboardInterrupt:
            took = time.monotonic() - begun
            # Of which a consumer waits for its last results for 10 s at most.
            print("interrupted" if took < 14 else took)
"""


def test_ctrl_c_ends_every_wait() -> None:
    program = INTERRUPTED.format(tests=os.path.dirname(__file__))
    assert run(program) == "interrupted\ninterrupted\n"


def test_no_thread_is_left_behind() -> None:
    from fake_server import FakeServer, response, stay

    def script(request: object, context: Any) -> Iterator[bytes]:
        yield response(1)
        stay(context)

    with FakeServer() as server:
        server.streams = [script]
        with Client(server.address) as client:
            next(client.stream("earliest"))
        names = [thread.name for thread in threading.enumerate()]
        for thread in threading.enumerate():
            if thread.name.startswith("tuco-events"):
                thread.join(10)
                assert not thread.is_alive(), names
