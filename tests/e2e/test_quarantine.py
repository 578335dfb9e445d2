"""What is refused is kept, and comes in once it can be verified."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
import pytest

from conftest import StartServer
from support.cli import Result, run
from support.client import Client, flags, only_detail
from support.config import write_endpoints, write_rotation
from support.deliveries import OTHER_SECRET, SECRET, Delivery, reply, signed
from support.protos import event, rpc, service
from support.server import Server
from support.wait import DEADLINE_S, wait_until
from support.webhook import accept_all, metrics, post, post_all

# What a server has whose secret was mistyped.
MISTYPED = {"TUCO_WEBHOOK_SECRET": OTHER_SECRET}
SIGNATURE = "x-tuco-signature"


def quarantine(server: Server, *args: str) -> Result:
    """Runs `tuco-events quarantine`."""
    return run("quarantine", *args, f"--grpc={server.grpc}")


def listed(server: Server, *args: str) -> list[dict[str, Any]]:
    """What `quarantine list` prints."""
    result = quarantine(server, "list", "--output=json", *args)
    assert result.stderr == ""
    lines = result.json_lines()
    assert result.code == (0 if lines else 1)
    return lines


def states(server: Server) -> dict[str, str]:
    """The state of each delivery by its id, without prefix."""
    return {
        entry["id"]: entry["state"].removeprefix("QUARANTINE_STATE_")
        for entry in listed(server)
    }


def refuse_all(server: Server, deliveries: list[Delivery]) -> None:
    """Posts what must be answered 401."""
    answers = post_all(server, deliveries)
    assert {answer.status for answer in answers} == {401}


def now() -> int:
    """This moment in nanoseconds."""
    return int(datetime.now(UTC).timestamp() * 1e6) * 1000


@pytest.fixture
def mistyped(start_server: StartServer) -> Server:
    """A server that refuses every delivery."""
    return start_server(env=MISTYPED)


def test_a_refused_delivery_is_listed(server: Server) -> None:
    before = metrics(server)["tuco_quarantined_total"]
    delivery = reply(OTHER_SECRET)
    refuse_all(server, [delivery])
    [entry] = listed(server)
    assert entry["id"] == "q_1"
    assert entry["state"] == "QUARANTINE_STATE_HELD"
    assert entry["reason"] == "REASON_SIGNATURE_MISMATCH"
    assert (entry["endpoint"], entry["source"]) == ("tuco", "127.0.0.1")
    assert entry["bodyBytes"] == str(len(delivery.body))
    assert not entry.keys() & {"verified", "headers", "body"}
    assert metrics(server)["tuco_quarantined_total"] == before + 1


def test_a_table_is_for_people(server: Server) -> None:
    refuse_all(server, [reply(OTHER_SECRET), reply().without_header(SIGNATURE)])
    result = quarantine(server, "list")
    heading, first, second = result.lines()
    assert heading.split()[:3] == ["ID", "STATE", "VERIFIED"]
    assert first.split()[:3] == ["q_1", "HELD", "unverified"]
    assert second.split()[4] == "SIGNATURE_MISSING"
    assert (result.code, result.stderr) == (0, "")


def test_a_refused_delivery_is_shown_and_explained(server: Server) -> None:
    delivery = reply()
    longer = Delivery(delivery.body + b"\n", delivery.headers)
    refuse_all(server, [longer])
    result = quarantine(server, "show", "q_1")
    assert (result.code, result.stderr) == (0, "")
    lines = {line[:13].strip(): line[13:] for line in result.lines()}
    assert lines["reason"] == "SIGNATURE_MISMATCH"
    assert lines["source"] == "127.0.0.1"
    assert lines["finding"].startswith("certain BODY_HAS_LINE_BREAK (secret tuco/")
    assert lines["body"] == delivery.body.decode()
    assert f"header       {SIGNATURE}: {delivery.signature}" in result.lines()
    [shown] = quarantine(server, "show", "q_1", "--output=json").json_lines()
    assert shown["findings"][0]["kind"] == "FINDING_KIND_BODY_HAS_LINE_BREAK"
    raw = quarantine(server, "show", "q_1", "--output=raw")
    assert (raw.code, raw.stdout.encode()) == (0, longer.body)


def test_a_body_cannot_disturb_a_terminal(server: Server) -> None:
    refuse_all(server, [signed(b'{"a":"\x1b[2J\nid  q_9"}', OTHER_SECRET)])
    lines = quarantine(server, "show", "q_1").lines()
    assert lines[-2:] == ['body         {"a":"\\x1b[2J', '             id  q_9"}']


def test_filters_choose_what_is_listed(server: Server) -> None:
    refuse_all(server, [reply(OTHER_SECRET), reply().without_header(SIGNATURE)])
    assert post(server, reply(), path="/webhooks/eu").status == 404

    def ids(*args: str) -> list[str]:
        return [entry["id"] for entry in listed(server, *args)]

    assert ids() == ["q_1", "q_2", "q_3"]
    assert ids("--limit=2") == ["q_2", "q_3"]
    assert ids("--reason=signature_missing") == ["q_2"]
    assert ids("--reason=SIGNATURE_MISSING", "--reason=ENDPOINT_UNKNOWN") == [
        "q_2",
        "q_3",
    ]
    assert ids("--endpoint=eu") == ["q_3"]
    assert ids("--source=127.0.0.1", "--endpoint=tuco") == ["q_1", "q_2"]
    assert ids("--source=192.0.2.7") == []
    quarantine(server, "purge", "q_2")
    assert ids("--state=purged") == ["q_2"]
    assert ids("--state=held") == ["q_1", "q_3"]


def test_the_right_secret_brings_everything_in(
    mistyped: Server, start_server: StartServer
) -> None:
    deliveries = [reply() for _ in range(3)]
    before = now()
    refuse_all(mistyped, deliveries)
    after = now()
    mistyped.stop()
    mended = start_server()
    with Client(mended.grpc) as client:
        wait_until(lambda: len(client.sequences()) == 3, "three events")
        events = client.events(include_body=True)
    assert [found.body for found in events] == [each.body for each in deliveries]
    for found in events:
        assert "LATE" in flags(found)
        assert found.origin == event.ORIGIN_QUARANTINE
        assert before <= found.received_at.ToNanoseconds() <= after
        assert found.recorded_at.ToNanoseconds() > after
    entries = listed(mended)
    assert [(entry["id"], entry["sequence"]) for entry in entries] == [
        ("q_1", "1"),
        ("q_2", "2"),
        ("q_3", "3"),
    ]
    assert set(states(mended).values()) == {"RELEASED"}
    assert post(mended, deliveries[1]).json["status"] == "duplicate"


def test_what_is_held_back_waits_for_somebody(
    mistyped: Server, start_server: StartServer
) -> None:
    first, second = reply(), reply()
    refuse_all(mistyped, [first, second])
    assert quarantine(mistyped, "hold", "q_1").stdout == "q_1  HELD\n"
    mistyped.stop()
    mended = start_server()
    with Client(mended.grpc) as client:
        wait_until(lambda: client.sequences() == [1], "the other event")
        assert states(mended) == {"q_1": "HELD", "q_2": "RELEASED"}
        assert listed(mended)[0]["heldBack"]
        assert quarantine(mended, "hold", "q_1", "--undo").code == 0
        wait_until(lambda: client.sequences() == [1, 2], "the first event")
        bodies = [found.body for found in client.events(include_body=True)]
    assert bodies == [second.body, first.body]


def test_a_person_may_release_what_is_held_back(
    mistyped: Server, start_server: StartServer
) -> None:
    first, second = reply(), reply()
    refuse_all(mistyped, [first, second])
    assert quarantine(mistyped, "hold", "q_1", "q_2").code == 0
    mistyped.stop()
    mended = start_server()
    assert accept_all(mended, [second]) == [1]
    result = quarantine(mended, "release", "q_1", "q_2", "q_9")
    assert result.stdout == "q_1  RELEASED  sequence 2\nq_2  DUPLICATE  sequence 1\n"
    assert result.code == 1
    assert result.stderr.startswith("tuco-events: q_9: ")
    again = quarantine(mended, "release", "q_1")
    assert (again.code, again.stdout) == (1, "")
    assert "not held" in again.stderr


def test_nothing_that_is_not_genuine_is_released(server: Server) -> None:
    refuse_all(server, [reply(OTHER_SECRET)])
    result = quarantine(server, "release", "q_1")
    assert (result.code, result.stdout) == (1, "")
    assert "SIGNATURE_MISMATCH" in result.stderr
    [line] = quarantine(server, "release", "q_1", "--output=json").json_lines()
    assert line["error"]["code"] == grpc.StatusCode.FAILED_PRECONDITION.value[0]
    assert states(server) == {"q_1": "HELD"}


def test_what_was_purged_never_comes_in(
    mistyped: Server, start_server: StartServer
) -> None:
    refuse_all(mistyped, [reply() for _ in range(3)])
    assert quarantine(mistyped, "purge", "q_1").stdout == "q_1  PURGED\n"
    asked = quarantine(mistyped, "purge", "--all")
    assert (asked.code, asked.stdout) == (2, "")
    assert "2 deliveries" in asked.stderr
    done = quarantine(mistyped, "purge", "--all", "--yes")
    assert (done.code, done.stdout, done.stderr) == (0, "2 purged\n", "")
    assert quarantine(mistyped, "purge", "--all").code == 1
    assert quarantine(mistyped, "show", "q_2", "--output=raw").code == 1
    mistyped.stop()
    mended = start_server()
    assert accept_all(mended, [reply()]) == [1]
    assert states(mended) == {"q_1": "PURGED", "q_2": "PURGED", "q_3": "PURGED"}


def test_what_is_signed_is_kept_wherever_it_was_sent(server: Server) -> None:
    gzip = "Content-Encoding: gzip"
    assert post(server, reply(), "-H", gzip).status == 415
    assert post(server, reply(), path="/webhooks/nobody").status == 404
    assert post(server, reply(), path="/elsewhere").status == 404
    bare = reply().without_header(SIGNATURE)
    assert post(server, bare, "-H", gzip).status == 415
    assert post(server, bare, path="/webhooks/nobody").status == 404
    assert [(entry["reason"], entry["endpoint"]) for entry in listed(server)] == [
        ("REASON_ENCODING_UNSUPPORTED", "tuco"),
        ("REASON_ENDPOINT_UNKNOWN", "nobody"),
        ("REASON_ENDPOINT_UNKNOWN", "/elsewhere"),
    ]


def test_an_endpoint_that_comes_later_has_what_was_sent_to_it(
    server: Server, start_server: StartServer, tmp_path: Path
) -> None:
    assert post(server, reply(OTHER_SECRET), path="/webhooks/eu").status == 404
    server.stop()
    config = write_endpoints(tmp_path, {"eu": {"main": OTHER_SECRET}})
    mended = start_server(f"--config={config}", env={})
    with Client(mended.grpc) as client:
        wait_until(lambda: client.sequences() == [1], "the event")
        [found] = client.events()
    assert (found.endpoint, found.origin) == ("eu", event.ORIGIN_QUARANTINE)


def test_a_secret_that_is_added_brings_in_what_it_signed(
    start_server: StartServer, tmp_path: Path
) -> None:
    config = write_endpoints(tmp_path, {"tuco": {"before": SECRET}})
    early = start_server(f"--config={config}", env={})
    refuse_all(early, [reply(OTHER_SECRET)])
    assert accept_all(early, [reply()]) == [1]
    early.stop()
    mended = start_server(f"--config={write_rotation(tmp_path)}", env={})
    with Client(mended.grpc) as client:
        wait_until(lambda: client.sequences() == [1, 2], "the second event")
        assert client.events(after_sequence=1)[0].secret_name == "after"


def test_pages_follow_one_another(server: Server, client: Client) -> None:
    refuse_all(server, [reply(OTHER_SECRET) for _ in range(5)])
    ids: list[str] = []
    token = ""
    while len(ids) < 5 or token:
        page = client.stub.ListQuarantine(
            service.ListQuarantineRequest(page_size=2, page_token=token),
            timeout=DEADLINE_S,
        )
        ids += [found.id for found in page.deliveries]
        assert len(page.deliveries) <= 2
        token = page.next_page_token
    assert ids == ["q_1", "q_2", "q_3", "q_4", "q_5"]


def test_a_delivery_is_had_by_its_id(server: Server, client: Client) -> None:
    delivery = reply(OTHER_SECRET)
    refuse_all(server, [delivery])
    answer = client.stub.GetQuarantined(
        service.GetQuarantinedRequest(id="q_1", explain=True), timeout=DEADLINE_S
    )
    found = answer.delivery
    assert (found.body, found.body_bytes) == (delivery.body, len(delivery.body))
    assert found.state == service.QUARANTINE_STATE_HELD
    headers = {header.name: header.value for header in found.headers}
    assert headers[SIGNATURE] == delivery.signature
    assert not found.HasField("sequence")
    assert not found.HasField("settled_at")


def test_each_id_has_its_result(server: Server, client: Client) -> None:
    refuse_all(server, [reply(OTHER_SECRET)])
    request = service.PurgeQuarantineRequest(ids=["q_9", "q_1"])
    missing, purged = client.stub.PurgeQuarantine(request, timeout=DEADLINE_S).results
    assert (missing.id, purged.id) == ("q_9", "q_1")
    assert missing.error.code == grpc.StatusCode.NOT_FOUND.value[0]
    assert purged.state == service.QUARANTINE_STATE_PURGED


FAULTS: dict[str, tuple[str, dict[str, Any]]] = {
    "page_size": ("ListQuarantine", {"page_size": 1001}),
    "page_token": ("ListQuarantine", {"page_token": "next"}),
    "id": ("GetQuarantined", {"id": "7"}),
    "ids": ("ReleaseQuarantined", {"ids": []}),
    "ids[1]": ("HoldQuarantined", {"ids": ["q_1", "q_x"]}),
}


@pytest.mark.parametrize("field", FAULTS)
def test_the_field_at_fault_is_named(sample_client: Client, field: str) -> None:
    method, arguments = FAULTS[field]
    request = getattr(service, f"{method}Request")(**arguments)
    with pytest.raises(grpc.RpcError) as caught:
        getattr(sample_client.stub, method)(request, timeout=DEADLINE_S)
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    [violation] = only_detail(caught.value, rpc.BadRequest).field_violations
    assert violation.field == field


def test_an_id_of_nothing_is_not_found(sample_client: Client) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        sample_client.stub.GetQuarantined(
            service.GetQuarantinedRequest(id="q_7"), timeout=DEADLINE_S
        )
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize("args", [["list"], ["purge", "--all"]], ids=" ".join)
def test_nothing_found_is_a_negative_answer(
    sample_server: Server, args: list[str]
) -> None:
    result = quarantine(sample_server, *args)
    assert (result.code, result.stdout, result.stderr) == (1, "", "")


NEGATIVE = [["show", "q_7"], ["release", "q_7"], ["hold", "q_7"], ["purge", "q_7"]]
WRONG = [
    ["show"],
    ["show", "7"],
    ["list", "--state=gone"],
    ["list", "--limit=0"],
    ["release"],
    ["purge"],
    ["purge", "q_7", "--all"],
]


@pytest.mark.parametrize(
    ("args", "code"),
    [*((args, 1) for args in NEGATIVE), *((args, 2) for args in WRONG)],
)
def test_what_is_wrong_is_said_on_one_line(
    sample_server: Server, args: list[str], code: int
) -> None:
    result = quarantine(sample_server, *args)
    assert (result.code, result.stdout) == (code, "")
    [line] = result.stderr.splitlines()
    assert line.startswith("tuco-events: ")


def test_a_server_that_is_not_there_is_said_so(server: Server) -> None:
    address = server.grpc
    server.stop()
    result = run("quarantine", "list", f"--grpc={address}")
    assert result.code == 3
    assert address in result.stderr
