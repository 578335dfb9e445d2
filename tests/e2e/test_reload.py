"""Secrets are rotated, and endpoints changed, while the server serves."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import StartServer
from support.cli import run
from support.client import Client, flags
from support.config import write_endpoints, write_rotation
from support.deliveries import OTHER_SECRET, SECRET, Delivery, reply, signed
from support.protos import event, status
from support.server import Server
from support.steady import Steady
from support.wait import wait_until
from support.webhook import accept_all, metrics, post, post_all

THIRD_SECRET = "whsec_third_77c1de02a9b4"
APPLIED = 'tuco_config_reloads_total{result="applied"}'
FAILED = 'tuco_config_reloads_total{result="failed"}'

# Has a server take a new configuration.
Trigger = Callable[[Server], None]


def by_signal(server: Server) -> None:
    """As `systemctl reload` does."""
    server.send_signal(signal.SIGHUP)


def by_itself(server: Server) -> None:
    """The server looks by itself."""


def reload(
    server: Server, trigger: Trigger = by_signal, result: str = APPLIED
) -> dict[str, float]:
    """Has the server reload, and waits until it has; its metrics then."""
    before = metrics(server)[result]
    trigger(server)

    def reloaded() -> dict[str, float] | None:
        after = metrics(server)
        return after if after[result] > before else None

    found = wait_until(reloaded, f"{result} to rise; stderr: {server.stderr}")
    assert found is not None
    return found


def replace(path: Path, text: str) -> None:
    """Moves a new file into the place of the old one, as editors do."""
    beside = path.with_name(path.name + ".new")
    beside.write_text(text)
    beside.rename(path)


def start(start_server: StartServer, config: Path) -> Server:
    """A server that has its secrets from a file."""
    server = start_server(f"--config={config}", env={})
    server.secrets.append(THIRD_SECRET)
    return server


def refuse_all(server: Server, deliveries: list[Delivery]) -> None:
    """Posts what must be answered 401."""
    assert {answer.status for answer in post_all(server, deliveries)} == {401}


def states(server: Server) -> list[str]:
    """The states of what the quarantine has, in order."""
    result = run("quarantine", "list", "--output=json", f"--grpc={server.grpc}")
    return [
        line["state"].removeprefix("QUARANTINE_STATE_") for line in result.json_lines()
    ]


def events(server: Server, count: int) -> list[Any]:
    """All events, once there are `count`."""
    with Client(server.grpc) as client:
        wait_until(lambda: len(client.sequences()) >= count, f"{count} events")
        return client.events(include_body=True)


@pytest.mark.parametrize("trigger", [by_signal, by_itself])
def test_a_rotation_costs_no_event(
    start_server: StartServer, tmp_path: Path, trigger: Trigger
) -> None:
    config = write_rotation(tmp_path)
    both = config.read_text()
    server = start(start_server, config)
    assert accept_all(server, [reply(SECRET), reply(OTHER_SECRET)]) == [1, 2]

    write_endpoints(tmp_path, {"tuco": {"after": OTHER_SECRET}})
    reload(server, trigger)
    late = [reply(SECRET) for _ in range(5)]
    refuse_all(server, late)
    assert accept_all(server, [reply(OTHER_SECRET)]) == [3]
    assert states(server) == ["HELD"] * 5

    replace(config, both)
    reload(server, trigger)
    released = events(server, 8)[3:]
    assert [found.body for found in released] == [each.body for each in late]
    for found in released:
        assert found.secret_name == "before"
        assert found.origin == event.ORIGIN_QUARANTINE
        assert "LATE" in flags(found)
    assert states(server) == ["RELEASED"] * 5


def test_the_use_of_each_secret_is_told(
    start_server: StartServer, tmp_path: Path
) -> None:
    server = start(start_server, write_rotation(tmp_path))
    accept_all(server, [reply(SECRET), reply(SECRET)])
    compact = signed(b'{"event":"message.reply"}', OTHER_SECRET)
    assert post(server, Delivery(compact.body + b" ", compact.headers)).status == 200
    refuse_all(server, [reply(THIRD_SECRET)])
    write_endpoints(tmp_path, {"tuco": {"old": SECRET, "after": OTHER_SECRET}})
    found = reload(server)
    verified = {
        name.partition("{")[2]: value
        for name, value in found.items()
        if name.startswith("tuco_events_verified_total{")
    }
    assert verified == {
        'endpoint="tuco",form="raw",secret="after"}': 0,
        'endpoint="tuco",form="canonical",secret="after"}': 1,
        'endpoint="tuco",form="raw",secret="old"}': 0,
        'endpoint="tuco",form="canonical",secret="old"}': 0,
    }
    with Client(server.grpc) as client:
        [endpoint] = client.status().endpoints
        after, old = endpoint.secrets
        assert (after.name, after.verified_canonical) == ("after", 1)
        assert after.HasField("last_used_at")
        assert (old.name, old.state) == ("old", status.SECRET_STATE_REVOKED)
    key = 'tuco_secret_last_used_timestamp_seconds{endpoint="tuco",secret="after"}'
    assert found[key] == pytest.approx(after.last_used_at.ToNanoseconds() / 1e9)


def test_a_revoked_secret_verifies_and_releases_nothing(
    start_server: StartServer, tmp_path: Path
) -> None:
    server = start(start_server, write_rotation(tmp_path))
    config = write_endpoints(tmp_path, {"tuco": {"old": SECRET, "after": OTHER_SECRET}})
    reload(server)
    refuse_all(server, [reply(SECRET), reply(THIRD_SECRET)])
    shown = run("quarantine", "show", "q_1", f"--grpc={server.grpc}")
    assert "(secret tuco/old)" in shown.stdout

    # Makes a pass over all that is held.
    more = {"tuco": {"old": SECRET, "after": OTHER_SECRET, "third": THIRD_SECRET}}
    assert write_endpoints(tmp_path, more) == config
    reload(server)
    assert [found.secret_name for found in events(server, 1)] == ["third"]
    assert states(server) == ["HELD", "RELEASED"]
    refused = run("quarantine", "release", "q_1", f"--grpc={server.grpc}")
    assert (refused.code, refused.stdout) == (1, "")
    with Client(server.grpc) as client:
        delivery = reply(SECRET)
        answer = client.verify(delivery.body, delivery.signature)
        assert answer.HasField("rejection")


def test_a_secret_file_that_is_moved_into_place_is_read(
    start_server: StartServer, tmp_path: Path
) -> None:
    config = write_endpoints(tmp_path, {"tuco": {"main": SECRET}})
    server = start(start_server, config)
    refuse_all(server, [reply(OTHER_SECRET)])
    replace(tmp_path / "tuco-main.secret", OTHER_SECRET)
    reload(server, by_itself)
    assert [found.secret_name for found in events(server, 1)] == ["main"]
    refuse_all(server, [reply(SECRET)])


def test_a_mounted_folder_that_is_swapped_is_read(
    start_server: StartServer, tmp_path: Path
) -> None:
    for version, text in (("..v1", SECRET), ("..v2", OTHER_SECRET)):
        (tmp_path / version).mkdir()
        (tmp_path / version / "secret").write_text(text)
    (tmp_path / "..data").symlink_to("..v1")
    (tmp_path / "secret").symlink_to("..data/secret")
    server = start_server(env={"TUCO_WEBHOOK_SECRET_FILE": str(tmp_path / "secret")})
    assert accept_all(server, [reply(SECRET)]) == [1]
    (tmp_path / "..next").symlink_to("..v2")
    os.replace(tmp_path / "..next", tmp_path / "..data")
    reload(server, by_itself)
    assert accept_all(server, [reply(OTHER_SECRET)]) == [2]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ("mode = 7\n", "tuco-events.toml:"),
        ('[[endpoint.secret]]\nname = "b"\nfile = "/nowhere"\n', "/nowhere"),
        ("[http]\nbody_bytes_max = 7\n", "http.body_bytes_max"),
    ],
)
def test_what_is_wrong_changes_nothing(
    start_server: StartServer, tmp_path: Path, change: str, error: str
) -> None:
    config = write_rotation(tmp_path)
    good = config.read_text()
    server = start(start_server, config)
    config.write_text(good + change)
    found = reload(server, result=FAILED)
    assert found["tuco_config_reload_success"] == 0
    [line] = [line for line in server.stderr.splitlines() if "not reloaded" in line]
    assert error in line
    assert accept_all(server, [reply(SECRET), reply(OTHER_SECRET)]) == [1, 2]
    config.write_text(good)
    assert reload(server, by_itself)["tuco_config_reload_success"] == 1


def test_a_secret_that_is_missing_is_read_when_it_comes(
    start_server: StartServer, tmp_path: Path
) -> None:
    server = start(start_server, write_rotation(tmp_path))
    config = write_endpoints(
        tmp_path, {"tuco": {"before": SECRET, "third": THIRD_SECRET}}
    )
    late = tmp_path / "tuco-third.secret"
    late.unlink()
    reload(server, result=FAILED)
    late.write_text(THIRD_SECRET)
    reload(server, by_itself)
    assert accept_all(server, [reply(THIRD_SECRET)]) == [1]
    assert config.exists()


def test_endpoints_come_and_go(start_server: StartServer, tmp_path: Path) -> None:
    server = start(start_server, write_rotation(tmp_path))
    delivery = reply(THIRD_SECRET)
    assert post(server, delivery, path="/webhooks/eu").status == 404
    write_endpoints(tmp_path, {"eu": {"main": THIRD_SECRET}})
    reload(server)
    [found] = events(server, 1)
    assert (found.endpoint, found.body) == ("eu", delivery.body)
    assert post(server, reply(THIRD_SECRET), path="/webhooks/eu").status == 200
    assert post(server, reply(SECRET)).status == 404
    with Client(server.grpc) as client:
        assert [each.name for each in client.status().endpoints] == ["eu"]


def test_what_needs_a_restart_is_named(
    start_server: StartServer, tmp_path: Path
) -> None:
    config = write_rotation(tmp_path)
    server = start(start_server, config)
    large = reply(message="x" * 2000)
    assert accept_all(server, [large]) == [1]
    config.write_text(
        "duplicates.window_days = 7\nhttp.body_bytes_max = 1024\n"
        + "quarantine.entries_max = 9\n"
        + config.read_text()
    )
    reload(server)
    assert post(server, reply(message="x" * 2000)).status == 413
    assert accept_all(server, [reply()]) == [2]
    [line] = [line for line in server.stderr.splitlines() if "restart" in line]
    assert '"keys":"duplicates.window_days, quarantine.entries_max"' in line


def test_nothing_is_refused_while_secrets_are_rotated(
    start_server: StartServer, tmp_path: Path
) -> None:
    secrets = {"before": SECRET, "after": OTHER_SECRET, "third": THIRD_SECRET}
    config = write_endpoints(tmp_path, {"tuco": secrets})
    server = start(start_server, config)
    # What the sender signs with; changed only while both are in force.
    signing = [SECRET]
    with Steady(server, lambda _: reply(signing[0])) as steady:
        for number in range(12):
            gone = list(secrets)[number % 3]
            signing[0] = secrets[list(secrets)[(number + 1) % 3]]
            steady.wait_for_more(2)
            rest = {name: text for name, text in secrets.items() if name != gone}
            write_endpoints(tmp_path, {"tuco": rest})
            reload(server)
            steady.wait_for_more(20)
            write_endpoints(tmp_path, {"tuco": secrets})
            reload(server)
        steady.wait_for_more(20)
    assert set(steady.statuses) == {200}
    assert len(steady.statuses) > 250
