"""Bearer tokens on gRPC: who may do what, and see which events."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from conftest import StartServer
from support.cli import Result, run
from support.client import Client
from support.consumer import Consumer, ack, park, retry
from support.deliveries import OTHER_SECRET, SECRET, Delivery, reply, signed
from support.protos import event, service
from support.server import Server
from support.subscriptions import CURSOR, SHARED, Subscriptions
from support.wait import DEADLINE_S, wait_until
from support.webhook import post

DENIED = grpc.StatusCode.PERMISSION_DENIED
UNKNOWN = grpc.StatusCode.UNAUTHENTICATED
SCOPES = ("read", "consume", "admin")
LASTING_S = 4

TOKENS: dict[str, dict[str, Any]] = {
    "reader": {"scopes": ["read"]},
    "consumer": {"scopes": ["consume"]},
    "admin": {"scopes": ["admin"]},
    "all": {"scopes": list(SCOPES)},
    "of-tuco": {"scopes": list(SCOPES), "endpoints": ["tuco"]},
    "of-a": {"scopes": list(SCOPES), "workspaces": ["org_a"]},
}


def in_workspace(workspace: str, secret: str = SECRET) -> Delivery:
    """A fresh delivery that names a workspace."""
    body = json.loads(reply().body) | {"workspaceId": workspace}
    return signed(json.dumps(body).encode(), secret)


def write_tokens(folder: Path, lasting: datetime | None = None) -> Path:
    """The file of TOKENS; each token is its name and `-token`."""
    lines = []
    tokens = dict(TOKENS)
    if lasting is not None:
        tokens["lasting"] = {"scopes": ["read"]}
    for name, keys in tokens.items():
        digest = hashlib.sha256(f"{name}-token".encode()).hexdigest()
        lines += ["[[token]]", f'name = "{name}"', f'sha256 = "{digest}"']
        lines += [f"{key} = {json.dumps(value)}" for key, value in keys.items()]
        if name == "lasting" and lasting is not None:
            lines.append(f"expires = {lasting.strftime('%Y-%m-%dT%H:%M:%SZ')}")
    file = folder / "tokens.toml"
    file.write_text("\n".join([*lines, ""]))
    file.chmod(0o600)
    return file


def write_config(folder: Path, tokens: Path) -> Path:
    """A server with two endpoints, of which `tuco` has workspace `org_a`."""
    config = folder / "tuco-events.toml"
    config.write_text(
        f"""
        [grpc]
        token_file = "{tokens}"
        [[endpoint]]
        name = "tuco"
        workspaces = ["org_a", "org_b"]
        [[endpoint.secret]]
        name = "main"
        env = "SECRET"
        [[endpoint]]
        name = "other"
        workspaces = ["org_b"]
        [[endpoint.secret]]
        name = "main"
        env = "OTHER_SECRET"
        """
    )
    return config


@pytest.fixture
def guarded(tmp_path: Path, start_server: StartServer) -> Server:
    """Events: 1 org_a, 2 org_b, 3 org_a of `other`, which may not name it."""
    config = write_config(tmp_path, write_tokens(tmp_path))
    server = start_server(
        f"--config={config}", env={"SECRET": SECRET, "OTHER_SECRET": OTHER_SECRET}
    )
    assert post(server, in_workspace("org_a")).status == 200
    assert post(server, in_workspace("org_b")).status == 200
    foreign = in_workspace("org_a", OTHER_SECRET)
    assert post(server, foreign, path="/webhooks/other").status == 200
    return server


def client_of(server: Server, name: str) -> Client:
    """A client that shows the token of that name."""
    return Client(server.grpc, token=f"{name}-token")


def code_of(call: Callable[[], Any]) -> grpc.StatusCode:
    """What a call ends with."""
    try:
        call()
    except grpc.RpcError as error:
        code: grpc.StatusCode = error.code()
        return code
    return grpc.StatusCode.OK


def call(client: Client, method: Any) -> Callable[[], Any]:
    """An empty call of a method of the service."""
    request = getattr(service, method.input_type.name)()
    stub_method = getattr(client.stub, method.name)

    def unary() -> Any:
        return stub_method(request, timeout=DEADLINE_S)

    def streaming() -> Any:
        requests = iter([request]) if method.client_streaming else request
        return list(stub_method(requests, timeout=DEADLINE_S))

    return streaming if method.server_streaming else unary


METHODS = service.DESCRIPTOR.services_by_name["EventService"].methods


def test_every_method_wants_a_token(guarded: Server) -> None:
    with Client(guarded.grpc) as nobody, Client(guarded.grpc, token="x") as stranger:
        for method in METHODS:
            if method.name == "StreamEvents":
                continue  # Whose empty request says nothing of what it is.
            assert code_of(call(nobody, method)) == UNKNOWN, method.name
            assert code_of(call(stranger, method)) == UNKNOWN, method.name
        assert code_of(nobody.events) == UNKNOWN
        assert code_of(stranger.events) == UNKNOWN
        assert code_of(lambda: list(nobody.open(subscription="crm"))) == UNKNOWN


def test_health_needs_no_token(guarded: Server) -> None:
    with Client(guarded.grpc) as nobody:
        stub = health_pb2_grpc.HealthStub(nobody.channel)
        answer = stub.Check(health_pb2.HealthCheckRequest(), timeout=DEADLINE_S)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING


def test_a_scope_that_is_missing_is_named(guarded: Server) -> None:
    with client_of(guarded, "reader") as client:
        with pytest.raises(grpc.RpcError) as caught:
            Subscriptions(client).create("crm", CURSOR)
        assert caught.value.code() == DENIED
        assert '"admin"' in str(caught.value.details())


def test_each_scope_allows_its_calls_and_no_others(guarded: Server) -> None:
    with client_of(guarded, "all") as client:
        Subscriptions(client).create("crm", CURSOR)
    allowed: dict[str, set[str]] = {name: set() for name in ("reader", "consumer")}
    allowed["admin"] = set()
    for name, methods in allowed.items():
        with client_of(guarded, name) as client:
            for method in METHODS:
                if method.name != "StreamEvents" and (
                    code_of(call(client, method)) != DENIED
                ):
                    methods.add(method.name)
            stream = code_of(client.events)
            reading = code_of(
                lambda client=client: list(  # type: ignore[misc]
                    client.open(subscription="crm", stop_at_end=True)
                )
            )
            assert (stream == DENIED) == (name != "reader")
            assert (reading == DENIED) == (name != "consumer")
    assert {"GetEvent", "ListEvents", "GetStatus"} <= allowed["reader"]
    assert allowed["consumer"] == {"Consume", "Acknowledge", "ListParked"}
    assert "PurgeQuarantine" in allowed["admin"]
    every = {method.name for method in METHODS} - {"StreamEvents"}
    assert set().union(*allowed.values()) == every
    assert sum(len(methods) for methods in allowed.values()) == len(every)


@pytest.mark.parametrize(
    ("name", "seen"), [("all", [1, 2, 3]), ("of-tuco", [1, 2]), ("of-a", [1])]
)
def test_events_out_of_reach_are_not_there(
    guarded: Server, name: str, seen: list[int]
) -> None:
    with client_of(guarded, name) as client:
        assert client.sequences() == seen
        listed = client.list_events().events
        assert [found.sequence for found in listed] == seen
        with client_of(guarded, "all") as everything:
            ids = {found.sequence: found.event_id for found in everything.events()}
        for sequence, event_id in ids.items():
            for key in ({"sequence": sequence}, {"event_id": event_id}):
                code = code_of(lambda key=key: client.get_event(**key))  # type: ignore[misc]
                known = sequence in seen
                expected = grpc.StatusCode.OK if known else grpc.StatusCode.NOT_FOUND
                assert code == expected, key


def test_a_filter_does_not_widen_what_a_token_sees(guarded: Server) -> None:
    with client_of(guarded, "of-a") as client:
        wider = service.EventFilter(workspaces=["org_a", "org_b"])
        assert client.sequences(filter=wider) == [1]
        assert client.sequences(filter=service.EventFilter(workspaces=["org_b"])) == []
    with client_of(guarded, "all") as client:
        other = service.EventFilter(endpoints=["other"])
        assert client.sequences(filter=other) == [3]
        flags = [event.FLAG_WORKSPACE_MISMATCH]
        named = service.EventFilter(workspaces=["org_a"], without_flags=flags)
        assert client.sequences(filter=named) == [1]


def test_a_subscription_must_be_within_reach(guarded: Server) -> None:
    with client_of(guarded, "all") as admin, client_of(guarded, "of-a") as limited:
        Subscriptions(admin).create("wide", CURSOR)
        Subscriptions(admin).create("wide-shared", SHARED)
        theirs = Subscriptions(limited)
        within = service.EventFilter(workspaces=["org_a"])
        beyond = service.EventFilter(workspaces=["org_b"])

        assert code_of(lambda: theirs.create("mine", CURSOR)) == DENIED
        assert code_of(lambda: theirs.create("mine", CURSOR, filter=beyond)) == DENIED
        mine = theirs.create("mine", CURSOR, filter=within)
        assert mine.filter.without_flags == [event.FLAG_WORKSPACE_MISMATCH]
        theirs.create("mine-shared", SHARED, filter=within)
        names = [found.name for found in theirs.list().subscriptions]
        assert names == ["mine", "mine-shared"]

        read = list(limited.open(subscription="mine", stop_at_end=True))
        assert [found.sequence for got in read for found in got.events] == [1]
        wide = limited.open(subscription="wide", stop_at_end=True)
        assert code_of(lambda: list(wide)) == DENIED
        for name, code in (("wide-shared", DENIED), ("mine-shared", None)):
            with Consumer(limited, name) as consumer:
                assert code_of(consumer.opened) == (code or grpc.StatusCode.OK)
        for denied in (
            lambda: theirs.get("wide"),
            lambda: theirs.update("wide", ["filter"], filter=within),
            lambda: theirs.update("mine", ["filter"], filter=beyond),
        ):
            assert code_of(denied) == DENIED


def test_what_a_wider_filter_let_through_stays_out_of_reach(guarded: Server) -> None:
    with client_of(guarded, "all") as admin, client_of(guarded, "of-a") as limited:
        owner = Subscriptions(admin)
        owner.create("work", SHARED)
        with Consumer(admin, "work") as consumer:
            assert consumer.take(3) == [(1, 1), (2, 1), (3, 1)]
            consumer.judge(ack(1), park(2), retry(3))
            assert [consumer.outcome(n) for n in (1, 2, 3)] == ["APPLIED"] * 3
        within = service.EventFilter(
            workspaces=["org_a"], without_flags=[event.FLAG_WORKSPACE_MISMATCH]
        )
        owner.update("work", ["filter"], filter=within)
        with Consumer(limited, "work") as consumer:
            assert consumer.opened().name == "work"
            assert code_of(lambda: consumer.deliveries(1)) == DENIED
        assert not Subscriptions(limited).list_parked("work").events
        assert len(owner.list_parked("work").events) == 1


def test_a_limited_token_verifies_for_its_endpoints_only(guarded: Server) -> None:
    delivery = in_workspace("org_b", OTHER_SECRET)

    def verify(client: Client, **fields: Any) -> Any:
        request = service.VerifyAndParseRequest(
            body=delivery.body, signature=delivery.signature, **fields
        )
        return client.stub.VerifyAndParse(request, timeout=DEADLINE_S)

    with client_of(guarded, "of-tuco") as client:
        assert code_of(lambda: verify(client)) == DENIED
        assert code_of(lambda: verify(client, endpoint="other")) == DENIED
        answer = verify(client, endpoint="tuco")
        assert answer.WhichOneof("result") == "rejection"
        explained = {"endpoint": "tuco", "explain": True}
        assert code_of(lambda: verify(client, **explained)) == DENIED
        assert [found.name for found in client.status().endpoints] == ["tuco"]
        listing = service.ListQuarantineRequest()
        assert code_of(lambda: client.stub.ListQuarantine(listing)) == DENIED


def test_a_stream_ends_with_its_token(
    tmp_path: Path, start_server: StartServer
) -> None:
    expiry = datetime.now(UTC) + timedelta(seconds=LASTING_S)
    config = write_config(tmp_path, write_tokens(tmp_path, expiry))
    server = start_server(
        f"--config={config}", env={"SECRET": SECRET, "OTHER_SECRET": OTHER_SECRET}
    )
    with client_of(server, "lasting") as client:
        stream = client.open(anchor=service.ANCHOR_EARLIEST)
        assert code_of(lambda: list(stream)) == UNKNOWN
        assert datetime.now(UTC) >= expiry - timedelta(seconds=1)
        assert code_of(client.status) == UNKNOWN


def tail(folder: Path, address: str, *args: str) -> Result:
    """`tail` of what is there."""
    return run(
        "tail", f"--grpc={address}", "--from=earliest", "--no-follow", *args, cwd=folder
    )


def test_tokens_are_read_again_when_their_file_changes(
    guarded: Server, tmp_path: Path
) -> None:
    file = tmp_path / "tokens.toml"
    good = file.read_text()
    with client_of(guarded, "reader") as reader, client_of(guarded, "new") as new:
        assert code_of(new.events) == UNKNOWN
        digest = hashlib.sha256(b"new-token").hexdigest()
        file.write_text(
            f'[[token]]\nname = "new"\nsha256 = "{digest}"\nscopes = ["read"]\n'
        )
        wait_until(lambda: code_of(new.events) == grpc.StatusCode.OK, "the new token")
        assert code_of(reader.events) == UNKNOWN
        file.write_text("[[token]]\n")
        wait_until(lambda: "tokens.toml:1:" in guarded.stderr, "the complaint")
        assert code_of(new.events) == grpc.StatusCode.OK
        file.write_text(good)
        wait_until(
            lambda: code_of(reader.events) == grpc.StatusCode.OK, "the old tokens"
        )


def test_the_command_line_shows_a_token(guarded: Server, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("reader-token\n")
    shown = f"--token-file={token}"
    assert len(tail(tmp_path, guarded.grpc, shown).lines()) == 3
    assert run("stats", f"--grpc={guarded.grpc}", shown).code == 0
    refused = tail(tmp_path, guarded.grpc)
    assert refused.code == 3
    assert "authorization" in refused.stderr
    listing = run("quarantine", "list", f"--grpc={guarded.grpc}", shown)
    assert listing.code == 3
    assert '"admin"' in listing.stderr


def test_what_cannot_be_shown_is_explained(guarded: Server, tmp_path: Path) -> None:
    absent = tail(tmp_path, guarded.grpc, "--token-file=absent")
    assert absent.code == 2
    assert "absent" in absent.stderr
    (tmp_path / "two").write_text("one\ntwo\n")
    assert tail(tmp_path, guarded.grpc, "--token-file=two").code == 2
    (tmp_path / "token").write_text("reader-token")
    far = tail(tmp_path, "192.0.2.1:1", "--token-file=token")
    assert far.code == 2
    assert "unencrypted" in far.stderr


BAD_FILES: dict[str, tuple[str, str]] = {
    "no token": ("", "[[token]]"),
    "no hash": ('[[token]]\nname = "a"\nscopes = ["read"]\n', "sha256"),
    "no TOML": ("token", "tokens.toml:1"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_start_with_a_bad_file_is_explained(tmp_path: Path, name: str) -> None:
    text, says = BAD_FILES[name]
    tokens = tmp_path / "tokens.toml"
    tokens.write_text(text)
    tokens.chmod(0o600)
    env = {"SECRET": SECRET, "OTHER_SECRET": OTHER_SECRET}
    config = write_config(tmp_path, tokens)
    for command in ("serve", "check-config"):
        result = run(command, f"--config={config}", env=env, cwd=tmp_path)
        assert result.code == 2
        assert says in result.stderr
    tokens.unlink()
    result = run("check-config", f"--config={config}", env=env, cwd=tmp_path)
    assert result.code == 2
    assert str(tokens) in result.stderr


def test_the_command_line_makes_subscriptions_for_limited_tokens(
    guarded: Server, tmp_path: Path
) -> None:
    for name in ("all", "of-a"):
        (tmp_path / name).write_text(f"{name}-token\n")
    made = run(
        *["subscriptions", "create", "for-a", "--mode=cursor", "--workspace=org_a"],
        *["--without-flag=WORKSPACE_MISMATCH", "--from=earliest"],
        *[f"--grpc={guarded.grpc}", f"--token-file={tmp_path / 'all'}"],
    )
    assert made.code == 0, made.stderr
    read = run(
        *["tail", "--subscription=for-a", "--no-follow", f"--grpc={guarded.grpc}"],
        f"--token-file={tmp_path / 'of-a'}",
    )
    assert (read.code, len(read.lines())) == (0, 1), read.stderr
    shown = f"--token-file={tmp_path / 'all'}"
    assert len(tail(tmp_path, guarded.grpc, shown, "--endpoint=other").lines()) == 1
    assert tail(tmp_path, guarded.grpc, shown, "--without-flag=NONE").code == 2
