"""`check-config` says what `serve` would make of a configuration."""

import json
from pathlib import Path
from typing import Any

import pytest

from support.cli import Result, run
from support.config import write_endpoints
from support.deliveries import OTHER_SECRET, SECRET

USAGE = 2
PLACEHOLDER = "whsec_your_secret_here_0000"
WITH_SECRET = {"TUCO_WEBHOOK_SECRET": SECRET}


def check(folder: Path, *args: str, env: dict[str, str] | None = None) -> Result:
    """Checks a configuration; no secret may be in what is said."""
    variables = WITH_SECRET if env is None else env
    result = run("check-config", *args, env=variables, cwd=folder)
    for secret in (SECRET, OTHER_SECRET, PLACEHOLDER):
        assert secret not in result.stdout + result.stderr
    return result


def write(folder: Path, text: str) -> str:
    """The flag that names a file with `text`."""
    file = folder / "tuco-events.toml"
    file.write_text(text)
    return f"--config={file}"


def settings(folder: Path, *args: str) -> Any:
    """The settings in effect, by their keys."""
    result = check(folder, *args, "--output=json")
    assert (result.code, result.stderr) == (0, "")
    return json.loads(result.stdout)["settings"]


def assert_refused(result: Result, *words: str) -> None:
    """One line on stderr with every word, and nothing on stdout."""
    assert (result.code, result.stdout) == (USAGE, "")
    [line] = result.stderr.splitlines()
    for word in words:
        assert word in line


def test_what_is_right_is_printed_as_a_file_that_says_the_same(tmp_path: Path) -> None:
    config = write_endpoints(tmp_path, {"tuco": {"new": SECRET, "old": OTHER_SECRET}})
    first = check(tmp_path, f"--config={config}", "--http=127.0.0.1:0", env={})
    assert (first.code, first.stderr) == (0, "")
    assert 'http.listen = "127.0.0.1:0"  # flag\n' in first.stdout
    again = check(tmp_path, write(tmp_path, first.stdout), env={})
    assert again.stdout.replace("# file", "") == (
        first.stdout.replace("# flag", "").replace("# default", "")
    )


def test_nothing_is_made(tmp_path: Path) -> None:
    assert check(tmp_path).code == 0
    assert list(tmp_path.iterdir()) == []


def test_a_setting_comes_with_its_source(tmp_path: Path) -> None:
    config = write(tmp_path, "[http]\nlisten = 'off'\nbody_bytes_max = 2048\n")
    found = settings(tmp_path, config, "--http=127.0.0.1:1")
    assert found["http.listen"] == {"value": "127.0.0.1:1", "source": "flag"}
    assert found["http.body_bytes_max"] == {"value": 2048, "source": "file"}
    assert found["log.spool_dir"] == {"value": None, "source": "default"}


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("[http]\nbody_max = 1\n", "2:1", ["body_max"]),
        ("[http]\nbody_bytes_max = 17\n", "2:18", ["1024", "1048576"]),
        ("[http\n", "1:6", []),
    ],
    ids=["an unknown key", "a number out of range", "no TOML"],
)
def test_a_wrong_file_is_pointed_at_as_serve_does(
    tmp_path: Path, text: str, place: str, words: list[str]
) -> None:
    config = write(tmp_path, text)
    result = check(tmp_path, config)
    assert_refused(result, f"tuco-events.toml:{place}: ", *words)
    served = run("serve", config, env=WITH_SECRET, cwd=tmp_path)
    assert (served.code, served.stderr) == (result.code, result.stderr)


def test_a_secret_that_protects_nobody_is_refused(tmp_path: Path) -> None:
    assert_refused(check(tmp_path, env={}), "no signing secret")
    assert_refused(
        check(tmp_path, env={"TUCO_WEBHOOK_SECRET_FILE": "absent.txt"}), "absent.txt"
    )
    assert_refused(
        check(tmp_path, env={"TUCO_WEBHOOK_SECRET": PLACEHOLDER}), "placeholder"
    )


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    assert_refused(check(tmp_path, "--data=file"), "file")
    assert_refused(check(tmp_path, "--data=absent/data"), "absent/data")


def test_grpc_open_to_the_world_is_refused(tmp_path: Path) -> None:
    assert_refused(check(tmp_path, "--grpc=0.0.0.0:0"), "insecure_bind")


def test_a_spool_on_the_volume_of_the_log_is_warned_of(tmp_path: Path) -> None:
    result = check(tmp_path, write(tmp_path, "log.spool_dir = 'spool'\n"))
    assert result.code == 0
    assert "same volume" in result.stderr
