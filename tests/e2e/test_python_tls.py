"""The Python clients over TLS, with tokens, and against servers that refuse."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("tuco_events", reason="tools/test_python_client has the package")

from tuco_events import AsyncClient, Client, StreamError
from tuco_events.client import Patience, StatusCode

from conftest import StartServer
from support.certificates import Authority, Pair
from support.deliveries import OTHER_SECRET, SECRET, reply
from support.server import Server
from support.wait import wait_until
from support.webhook import accept_all
from test_grpc_tls import config_of
from test_grpc_tokens import write_config, write_tokens

Options = dict[str, Any]
IMPATIENT = Patience(silence_max=5, pause_min=0.05, pause_max=0.1, outage_max=1)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Who the server and its clients trust."""
    return Authority(tmp_path / "authority")


@pytest.fixture
def shown(authority: Authority) -> Pair:
    """A client's certificate."""
    return authority.issue("client")


@pytest.fixture
def mutual(tmp_path: Path, authority: Authority, start_server: StartServer) -> Server:
    """A server that wants to see certificates, with an event."""
    pair = authority.issue("server")
    config = config_of(
        tmp_path,
        tls_cert=pair.certificate,
        tls_key=pair.key,
        tls_client_ca=authority.certificate,
    )
    server = start_server(f"--config={config}")
    accept_all(server, [reply()])
    return server


def test_mutual_tls_serves_both_clients(
    mutual: Server, authority: Authority, shown: Pair
) -> None:
    files: Options = {
        "ca": authority.certificate,
        "cert": shown.certificate,
        "key": shown.key,
    }
    with Client(mutual.grpc, **files) as client:
        assert next(client.stream("earliest")).sequence == 1
        assert client.get_event(1).sequence == 1

    async def scenario() -> int:
        async with AsyncClient(mutual.grpc, **files) as client:
            return (await client.get_event(1)).sequence

    assert asyncio.run(scenario()) == 1


def test_who_is_not_let_in_is_told_so(
    mutual: Server, authority: Authority, tmp_path: Path
) -> None:
    stranger = Authority(tmp_path / "strangers")
    theirs = stranger.issue("client")
    tries: list[Options] = [
        {},
        {"ca": authority.certificate},
        {"ca": stranger.certificate},
        {"ca": authority.certificate, "cert": theirs.certificate, "key": theirs.key},
        {"tls": True},
    ]
    for options in tries:
        with Client(mutual.grpc, patience=IMPATIENT, **options) as client:
            for call in (client.get_status, lambda: next(client.stream("earliest"))):
                with pytest.raises(StreamError) as raised:
                    call()
                assert raised.value.code is StatusCode.UNAVAILABLE
                assert "TLS" in raised.value.advice


def test_new_certificates_are_used_without_a_new_client(
    mutual: Server, authority: Authority
) -> None:
    mine = authority.issue("mine")
    old = authority.folder / "old.pem"
    key = authority.folder / "old.key"
    strange = Authority(authority.folder / "strangers").issue("old")
    old.write_bytes(strange.certificate.read_bytes())
    key.write_bytes(strange.key.read_bytes())
    patience = Patience(pause_min=0.05, pause_max=0.1)
    with Client(
        mutual.grpc, ca=authority.certificate, cert=old, key=key, patience=patience
    ) as client:
        with pytest.raises(StreamError):
            client.get_status()
        drops = []

        def renew(told: object) -> None:
            drops.append(told)
            key.write_bytes(mine.key.read_bytes())
            old.write_bytes(mine.certificate.read_bytes())

        assert next(client.stream("earliest", on_notice=renew)).sequence == 1
        assert drops
        assert client.get_status().version


def test_files_that_are_missing_are_named_at_once(tmp_path: Path) -> None:
    for name in ("ca", "token_file"):
        missing: Options = {name: tmp_path / "nothing-there"}
        with pytest.raises(ValueError, match="nothing-there"):
            Client("127.0.0.1:1", **missing)
    with pytest.raises(ValueError, match="unencrypted"):
        Client("events.example:1", token="secret-token")


@pytest.fixture
def guarded(tmp_path: Path, start_server: StartServer) -> Server:
    """A server that wants tokens, with two events."""
    config = write_config(tmp_path, write_tokens(tmp_path))
    server = start_server(
        f"--config={config}", env={"SECRET": SECRET, "OTHER_SECRET": OTHER_SECRET}
    )
    accept_all(server, [reply(), reply()])
    return server


def test_tokens_are_shown_and_what_they_lack_is_told(
    guarded: Server, tmp_path: Path
) -> None:
    with Client(guarded.grpc, token="reader-token") as client:
        assert len(list(client.stream("earliest", stop_at_end=True))) == 2
        with pytest.raises(StreamError) as raised:
            client.create_subscription("crm", "cursor")
        assert raised.value.code is StatusCode.PERMISSION_DENIED
        assert "scopes" in raised.value.advice
    unknown: list[Options] = [{}, {"token": "wrong"}]
    for options in unknown:
        with Client(guarded.grpc, **options) as client:
            for call in (client.get_status, lambda: next(client.stream("earliest"))):
                with pytest.raises(StreamError) as raised:
                    call()
                assert raised.value.code is StatusCode.UNAUTHENTICATED
                assert "token_file=" in raised.value.advice
                assert "wrong" not in str(raised.value)


def test_a_token_file_is_read_again(guarded: Server, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("nobody-knows-it\n")
    with Client(guarded.grpc, token_file=file) as client:
        with pytest.raises(StreamError):
            client.get_status()
        file.write_text("all-token\n")
        assert wait_until(lambda: client.get_status().version, "an answer")
