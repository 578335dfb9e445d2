"""A server that may do little, and one whose surroundings are odd."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import StartServer
from support.cli import run
from support.client import Client
from support.deliveries import SECRET, samples
from support.environment import BINARY, REPOSITORY, environment
from support.server import Server
from support.webhook import accept_all, metrics

LISTENERS = ["--http=127.0.0.1:0", "--grpc=127.0.0.1:0", "--admin=127.0.0.1:0"]
NOBODY = 65534

# The root file system cannot be written to but for the folder, and the server
# is nobody.
CONFINE = """
set -eu
mount --make-rprivate /
mount --bind "$1" "$1"
mount -o remount,ro,bind /
if touch /read-write 2>/dev/null; then exit 99; fi
shift
exec setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs "$@"
"""


def may_confine() -> bool:
    """Whether we may change what a process sees; a container may forbid it."""
    if os.geteuid() != 0:
        return False
    tried = subprocess.run(["unshare", "--mount", "true"], check=False)
    return tried.returncode == 0


@pytest.fixture
def nobodys_folder() -> Iterator[Path]:
    """A folder of the user `nobody`, which pytest's are not open to."""
    folder = Path(tempfile.mkdtemp(prefix="tuco-nobody-"))
    os.chown(folder, NOBODY, NOBODY)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.skipif(not may_confine(), reason="needs root, and mounts of its own")
def test_serves_as_nobody_where_only_its_data_can_be_written(
    nobodys_folder: Path, tmp_path: Path
) -> None:
    confined = ["unshare", "--mount", "bash", "-c", CONFINE, "-", str(nobodys_folder)]
    server = Server(
        [*LISTENERS, f"--data={nobodys_folder / 'data'}"],
        stderr=tmp_path / "stderr",
        env={"TUCO_WEBHOOK_SECRET": SECRET},
        cwd=Path("/"),
        prefix=confined,
    )
    status = Path(f"/proc/{server.process.pid}/status").read_text("utf-8")
    assert f"Uid:\t{NOBODY}\t{NOBODY}" in status
    assert accept_all(server, samples()) == list(range(1, 17))
    with Client(server.grpc) as client:
        assert len(client.events()) == 16
    assert server.stop() == 0


@pytest.mark.parametrize(
    ("locale", "zone"),
    [("tr_TR.UTF-8", "Asia/Kathmandu"), ("de_DE@euro", ":/none"), ("C", "UTC0")],
)
def test_neither_locale_nor_time_zone_changes_anything(
    start_server: StartServer, locale: str, zone: str
) -> None:
    odd = {"LC_ALL": locale, "LANG": locale, "TZ": zone}
    server = start_server(env={"TUCO_WEBHOOK_SECRET": SECRET} | odd)
    accept_all(server, samples())
    assert metrics(server)["process_start_time_seconds"] > 1_700_000_000

    def tail(output: str, variables: dict[str, str]) -> str:
        """What tail prints of all samples."""
        command = [str(BINARY), "tail", "--grpc", server.grpc, "--from", "earliest"]
        return subprocess.run(
            [*command, "--no-follow", "--output", output],
            check=True,
            capture_output=True,
            text=True,
            env=environment(variables),
        ).stdout

    for output in ("text", "json", "raw"):
        assert tail(output, odd) == tail(output, {"LC_ALL": "C", "TZ": "UTC0"})


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd")
def test_the_units_are_what_systemd_reads(tmp_path: Path) -> None:
    for unit in (REPOSITORY / "examples" / "systemd").glob("*.s*"):
        text = unit.read_text("utf-8").replace("/usr/local/bin/tuco-events", "/bin/sh")
        (tmp_path / unit.name).write_text(text, "utf-8")
    units = sorted(str(path) for path in tmp_path.iterdir())
    done = subprocess.run(
        ["systemd-analyze", "verify", *units],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_example_of_a_configuration_is_right(tmp_path: Path) -> None:
    (tmp_path / "webhook-secret").write_text(SECRET)
    example = REPOSITORY / "examples" / "systemd" / "tuco-events.toml"
    result = run(
        *("check-config", f"--config={example}", f"--data={tmp_path}"),
        env={"CREDENTIALS_DIRECTORY": str(tmp_path)},
    )
    assert (result.code, result.stderr) == (0, "")
    assert 'credential = "webhook-secret"' in result.stdout
