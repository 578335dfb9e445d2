"""The command line as a whole: help, version, secrets."""

import json
import re
import stat
from pathlib import Path

import pytest

from support.cli import run

COMMANDS = [
    ["serve"],
    ["send"],
    ["tail"],
    ["verify"],
    ["quarantine"],
    ["quarantine", "list"],
    ["quarantine", "show"],
    ["quarantine", "release"],
    ["quarantine", "hold"],
    ["quarantine", "purge"],
    ["stats"],
    ["secret", "new"],
    ["version"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_has_an_example_that_begins_like_the_command(
    command: list[str],
) -> None:
    result = run(*command, "--help")
    assert (result.code, result.stderr) == (0, "")
    assert "Example" in result.stdout
    assert f"tuco-events {' '.join(command)}" in result.stdout


def test_help_lists_every_command() -> None:
    result = run("--help")
    assert result.code == 0
    for command in COMMANDS:
        assert re.search(rf"^ +{command[0]}\b", result.stdout, re.MULTILINE)


@pytest.mark.parametrize("args", [[], ["frobnicate"], ["--frobnicate"], ["secret"]])
def test_wrong_usage_is_explained_on_one_line(args: list[str]) -> None:
    result = run(*args)
    assert (result.code, result.stdout) == (2, "")
    [line] = result.stderr.splitlines()
    assert line.startswith("tuco-events: ")


def test_the_version_is_for_people_and_programs() -> None:
    text = run("version")
    parsed = json.loads(run("version", "--output=json").stdout)
    assert text.code == 0
    assert re.fullmatch(r"\d+\.\d+\.\d+", parsed["version"])
    assert text.stdout.startswith(f"tuco-events {parsed['version']}\n")
    assert {"compiler", "grpc", "protobuf"} <= set(parsed)


def test_new_secrets_are_long_and_never_the_same() -> None:
    secrets = {run("secret", "new").stdout for _ in range(5)}
    assert len(secrets) == 5
    for secret in secrets:
        assert re.fullmatch(r"whsec_[0-9a-f]{64}\n", secret)


def test_a_new_secret_goes_to_a_file_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "secret.txt"
    result = run("secret", "new", f"--output={file}")
    assert (result.code, result.stdout, result.stderr) == (0, "", "")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert re.fullmatch(r"whsec_[0-9a-f]{64}\n", file.read_text())


def test_a_secret_is_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "secret.txt"
    file.write_text("precious\n")
    result = run("secret", "new", f"--output={file}")
    assert result.code == 2
    assert str(file) in result.stderr
    assert file.read_text() == "precious\n"


def test_a_secret_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    file = tmp_path / "absent" / "secret.txt"
    result = run("secret", "new", f"--output={file}")
    assert (result.code, result.stdout) == (2, "")
    assert str(file) in result.stderr
