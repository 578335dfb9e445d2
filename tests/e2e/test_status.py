"""GetStatus: how a server is."""

import time
from pathlib import Path

from conftest import StartServer
from support.cli import run
from support.client import Client
from support.config import write_endpoints
from support.deliveries import OTHER_SECRET, SECRET, reply
from support.protos import service, status
from support.server import Server
from support.wait import wait_until
from support.webhook import accept_all, post
from test_lost_events import STEP, server_with_old_files
from test_spool import ALL
from test_spool import start as start_with_spool
from test_storage_failure import full_disk, post_until_full


def test_a_server_that_has_taken_nothing(server: Server, client: Client) -> None:
    found = client.status()
    [version] = run("version", "--output=json").json_lines()
    assert found.version == version["version"]
    assert abs(found.started_at.ToSeconds() - time.time()) < 60
    wait_until(
        lambda: client.status().intake.state == status.INTAKE_STATE_TAKING, "the start"
    )
    found = client.status()
    assert found.intake.reason == ""
    log = found.log
    assert (log.epoch, log.head_sequence, log.earliest_sequence) == (1, 0, 1)
    assert (log.HasField("duplicate_keys"), log.duplicate_keys) == (True, 0)
    assert not log.HasField("dedup_horizon")
    assert not log.gaps
    assert found.HasField("quarantine")
    assert not found.HasField("spool")
    assert found.open_streams == 0
    assert not found.drift_names


def test_what_a_server_has_is_counted(
    start_server: StartServer, tmp_path: Path
) -> None:
    config = write_endpoints(
        tmp_path,
        {
            "tuco": {"main": SECRET, "old": "whsec_old_08f7e7c4d1a2"},
            "b": {"x": OTHER_SECRET},
        },
    )
    server = start_server(f"--config={config}", env={})
    before = time.time()
    accept_all(server, [reply(), reply(newField="x"), reply()])
    forged = reply().with_header("x-tuco-signature", "0" * 64)
    assert post(server, forged).status == 401
    with Client(server.grpc) as client:
        stream = client.open(anchor=service.ANCHOR_LATEST)
        next(stream)
        found = client.status()
        stream.cancel()
    assert found.open_streams == 1
    log = found.log
    assert (log.head_sequence, log.earliest_sequence, log.duplicate_keys) == (3, 1, 3)
    for file, size in (
        ("events.db", log.database_bytes),
        ("events.db-wal", log.wal_bytes),
    ):
        assert size == (tmp_path / "data" / file).stat().st_size
    assert log.free_bytes > 0
    assert (found.quarantine.verified, found.quarantine.unverified) == (0, 1)
    assert found.quarantine.unverified_bytes > len(forged.body)
    first, second = found.endpoints
    assert (first.name, list(first.secret_names)) == ("tuco", ["main"])
    assert list(first.revoked_secret_names) == ["old"]
    assert first.last_sequence == 3
    assert before - 1 <= first.last_received_at.ToSeconds() <= time.time() + 1
    assert (second.name, list(second.secret_names)) == ("b", ["x"])
    assert not second.HasField("last_received_at")
    [news] = found.drift_names
    assert (news.kind, news.name) == (
        status.DRIFT_KIND_UNKNOWN_FIELD,
        "data.newField",
    )
    assert before - 1 <= news.first_seen_at.ToSeconds() <= time.time() + 1
    assert "whsec_" not in str(found)


def test_it_is_the_same_after_a_restart(start_server: StartServer) -> None:
    server = start_server()
    accept_all(server, [reply(newField="x"), reply()])
    with Client(server.grpc) as client:
        before = client.status()
    assert server.stop() == 0
    with Client(start_server().grpc) as client:
        wait_until(
            lambda: client.status().intake.state == status.INTAKE_STATE_TAKING,
            "the start",
        )
        after = client.status()
    assert after.started_at.ToMicroseconds() > before.started_at.ToMicroseconds()
    # What secrets were used for is counted from the start.
    assert [each.verified_raw for each in before.endpoints[0].secrets] == [2]
    assert [each.verified_raw for each in after.endpoints[0].secrets] == [0]
    for status_of in (before, after):
        del status_of.endpoints[0].secrets[:]
    assert after.endpoints == before.endpoints
    assert after.drift_names == before.drift_names
    assert after.quarantine == before.quarantine
    assert after.log.head_sequence == 2


def test_a_full_disk_is_told_with_its_reason(
    start_server: StartServer, tmp_path: Path
) -> None:
    server = start_server()
    accept_all(server, [reply(message="x" * 200_000)])
    with Client(server.grpc) as client, full_disk(server, tmp_path / "data"):
        _, refused, _ = post_until_full(server)
        found = client.status()
        assert found.intake.state == status.INTAKE_STATE_REFUSING
        assert found.intake.reason
    with Client(server.grpc) as client:
        assert post(server, refused).status == 200
        assert client.status().intake.state == status.INTAKE_STATE_TAKING


def test_a_spool_is_told(start_server: StartServer, tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    server = start_with_spool(start_server, tmp_path, spool, reserve=ALL)
    with Client(server.grpc) as client:
        wait_until(lambda: client.status().HasField("spool"), "the start")
        assert client.status().spool.records == 0
        for _ in range(3):
            assert post(server, reply()).json["status"] == "spooled"
        found = client.status()
        assert found.intake.state == status.INTAKE_STATE_SPOOLING
        assert str(tmp_path / "data") in found.intake.reason
        assert found.spool.records == 3
        assert found.spool.bytes == sum(
            file.stat().st_size for file in spool.glob("*.spool")
        )


def test_a_loss_is_told(start_server: StartServer, tmp_path: Path) -> None:
    server = server_with_old_files(start_server, tmp_path / "data")
    with Client(server.grpc) as client:
        log = client.status().log
    assert (log.epoch, log.head_sequence, log.earliest_sequence) == (2, STEP - 1, 1)
    [gap] = log.gaps
    assert (gap.from_sequence, gap.to_sequence) == (4, STEP - 1)
