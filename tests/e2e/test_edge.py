"""The ingress beside slow clients; `make edge` has many of them for longer."""

import os
from pathlib import Path

import pytest

from conftest import StartServer
from support.good_clients import post_steadily
from support.server import Server
from support.slow_clients import SlowClients
from support.wait import wait_until

SLOW_CLIENTS = int(os.environ.get("TUCO_EDGE_SLOW", "120"))
SECONDS = float(os.environ.get("TUCO_EDGE_SECONDS", "6"))
RATE = float(os.environ.get("TUCO_EDGE_RATE", "100"))
# In milliseconds. Tests run beside others; `make edge` has a machine for itself.
P99_MAX_MS = float(os.environ.get("TUCO_EDGE_P99_MS", "2000"))


def descriptors(server: Server) -> int:
    """How many descriptors the process has open."""
    return len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))


def test_good_clients_are_served_beside_slow_ones(
    start_server: StartServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server = start_server()
    alone = post_steadily(server, RATE, SECONDS / 6)
    base = descriptors(server)
    with SlowClients(server.http, SLOW_CLIENTS) as slow:
        held = descriptors(server) - base
        served = post_steadily(server, RATE, SECONDS)
    p99 = served.percentile(99)
    with capsys.disabled():
        print(
            f"\nedge: {SLOW_CLIENTS} slow clients with {slow.said['connections']} "
            f"connections, {held} at once; {served.count} good requests, "
            f"p50 {served.percentile(50):.1f} ms, p99 {p99:.1f} ms, "
            f"longest {served.percentile(100):.1f} ms, {served.statuses}, "
            f"{served.failures} without an answer; p99 without slow clients "
            f"{alone.percentile(99):.1f} ms"
        )
    assert served.failures == 0
    assert set(served.statuses) == {200}
    assert served.count == int(RATE * SECONDS)
    assert p99 <= P99_MAX_MS
    wait_until(lambda: descriptors(server) <= base, "descriptors to be given back")
