"""docs/configuration.md lists the keys that there are, their defaults and ranges."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.cli import run
from support.deliveries import SECRET
from support.environment import REPOSITORY

_ROW = re.compile(r"^\| `([a-z_.]+)` \|(.*?)\|(.*?)\|.*\|$")
_RANGE = re.compile(r"(?:^|, )(\d+) to (\d+)$")
_FROM = re.compile(r"(?:^|, )from (\d+)$")
SECRET_ENV = {"A_SECRET": SECRET}
ENDPOINT = '[[endpoint]]\nname = "tuco"\n'
SECRET_TABLE = '[[endpoint.secret]]\nname = "main"\nenv = "A_SECRET"\n'


@dataclass(frozen=True)
class Row:
    """A row of the page's table."""

    key: str
    unit: str
    default: str

    @property
    def range(self) -> tuple[int, int | None] | None:
        """The least and the greatest value, for a number."""
        if match := _RANGE.search(self.unit):
            return int(match[1]), int(match[2])
        if match := _FROM.search(self.unit):
            return int(match[1]), None
        return None


def rows() -> list[Row]:
    """The table of the file's keys."""
    page = (REPOSITORY / "docs" / "configuration.md").read_text("utf-8")
    table = page.partition("## The file")[2].partition("`[[endpoint]]` and")[0]
    matches = [_ROW.match(line) for line in table.splitlines()]
    return [
        Row(match[1], match[2].strip(), match[3].strip()) for match in matches if match
    ]


ROWS = {row.key: row for row in rows()}


def check(folder: Path, text: str, *args: str) -> tuple[int, str, str]:
    """Runs `check-config` on a file; its exit code, stdout and stderr."""
    config = folder / "tuco-events.toml"
    config.write_text(text)
    found = run(
        *("check-config", f"--config={config}", *args), env=SECRET_ENV, cwd=folder
    )
    return found.code, found.stdout, found.stderr


def whole(key: str, value: object) -> str:
    """A file that is right but for the value of `key`."""
    table, _, name = key.rpartition(".")
    if key.startswith("endpoint."):
        setting = f"{name} = {value}\n"
        if table == "endpoint":
            return ENDPOINT + setting + SECRET_TABLE
        return ENDPOINT + SECRET_TABLE + setting
    return f"{key} = {value}\n" + ENDPOINT + SECRET_TABLE


def tables() -> dict[str, set[str]]:
    """The keys of each table, tables that are in it included."""
    found: dict[str, set[str]] = {}
    for key in ROWS:
        parts = key.split(".")
        for depth in range(len(parts)):
            found.setdefault(".".join(parts[:depth]), set()).add(parts[depth])
    return found


@pytest.mark.parametrize("table", sorted(tables()), ids=lambda table: table or "root")
def test_the_keys_are_those_that_are_known(tmp_path: Path, table: str) -> None:
    key = f"{table}.nonsense" if table else "nonsense"
    code, _, stderr = check(tmp_path, whole(key, 1))
    assert code == 2
    known = re.search(r"known here: ([^)\n]*)", stderr)
    assert known is not None, stderr
    assert set(re.findall(r"[a-z_]+", known[1])) == tables()[table]


def test_the_defaults_are_those_of_the_server(tmp_path: Path) -> None:
    code, stdout, stderr = check(tmp_path, ENDPOINT + SECRET_TABLE, "--output=json")
    assert code == 0, stderr
    report = json.loads(stdout)
    settings = {key: found["value"] for key, found in report["settings"].items()}
    for name, value in report["endpoints"][0].items():
        if name not in ("name", "secrets"):
            settings[f"endpoint.{name}"] = value
    settings["endpoint.secret.state"] = report["endpoints"][0]["secrets"][0]["state"]
    listed = {
        key for key in ROWS if not re.search(r"secret\.(name|file|env|cred)", key)
    }
    assert settings.keys() == listed - {"endpoint.name"}
    for key, value in settings.items():
        assert _default(ROWS[key].default) in (value, None), key


def _default(text: str) -> object:
    """What the page says, or nothing where it says it in words."""
    text = text.strip("`")
    if re.fullmatch(r"\d+", text):
        return int(text)
    if text in ("true", "false"):
        return text == "true"
    return None if " " in text or text in ("none", "any") else text


@pytest.mark.parametrize("key", [key for key, row in ROWS.items() if row.range])
def test_one_past_each_end_of_a_range_is_refused(tmp_path: Path, key: str) -> None:
    span = ROWS[key].range
    assert span is not None
    least, greatest = span
    ends = [value for value in (least, greatest) if value is not None]
    past = [least - 1] + ([] if greatest is None else [greatest + 1])
    for value in ends:
        code, _, stderr = check(tmp_path, whole(key, value))
        assert code == 0, f"{key} = {value}: {stderr}"
    for value in past:
        code, _, stderr = check(tmp_path, whole(key, value))
        assert (code, key in stderr) == (2, True), f"{key} = {value}: {stderr}"
