"""`traceparent`: what ties a delivery to the trace of a proxy before us."""

import json
from typing import Any

from support.deliveries import OTHER_SECRET, reply, signed
from support.server import Server
from support.wait import wait_until
from support.webhook import post

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT_ID = "00f067aa0ba902b7"
SAMPLED = f"00-{TRACE_ID}-{PARENT_ID}-01"
WITH_TRACE = ("-H", f"traceparent: {SAMPLED}")


def traced(server: Server) -> list[Any]:
    """The lines of log about traced deliveries."""
    lines = [json.loads(line) for line in server.stderr.splitlines()]
    return [line for line in lines if line["message"] == "a traced delivery"]


def test_a_delivery_is_tied_to_its_trace(server: Server) -> None:
    delivery = reply()
    answer = post(server, delivery, *WITH_TRACE)
    assert post(server, delivery, *WITH_TRACE).json["status"] == "duplicate"
    wait_until(lambda: len(traced(server)) == 2, "two lines of log")
    first, second = traced(server)
    assert first["trace_id"] == TRACE_ID
    assert first["parent_id"] == PARENT_ID
    assert first["endpoint"] == "tuco"
    assert first["answer"] == "accepted"
    assert first["event_id"] == answer.json["eventId"]
    assert first["sequence"] == answer.json["sequence"]
    assert second["answer"] == "duplicate"


def test_nothing_is_written_without_need(server: Server) -> None:
    unsampled = SAMPLED[:-2] + "00"
    assert post(server, reply(), "-H", f"traceparent: {unsampled}").status == 200
    assert post(server, reply(), "-H", "traceparent: rubbish").status == 200
    assert post(server, reply(), *WITH_TRACE, *WITH_TRACE).status == 200
    assert post(server, reply()).status == 200
    forged = signed(reply().body, OTHER_SECRET)
    assert post(server, forged, *WITH_TRACE).status == 401
    assert post(server, reply(), *WITH_TRACE).status == 200
    wait_until(lambda: traced(server) != [], "a line of log")
    assert len(traced(server)) == 1
