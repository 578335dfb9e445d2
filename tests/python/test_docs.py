"""The examples of docs/python.md, docs/tables.md and python/README.md run.

Those of a page are one program, in a folder with the log that they read.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow
import pytest
import tuco_events

from conftest import DATA
from made_logs import Log, numbered_bodies, rows_for

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = [REPOSITORY / "docs" / name for name in ("python.md", "tables.md")]
README = REPOSITORY / "python" / "README.md"

# What a reader of README.md has at hand.
DELIVERY = """
import tuco_events
secret = "whsec_example"
body = b'{"event":"message.reply","data":{"message":"Can you tell me more?"}}'
signature = tuco_events.sign(body, secret)
"""


def examples(page: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", page.read_text("utf-8"), re.M | re.S)


def run(program: str, folder: Path | None = None) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        check=True,
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_examples_run(page: Path, tmp_path: Path) -> None:
    blocks = examples(page)
    assert len(blocks) > 5
    Log(rows_for(numbered_bodies(10))).write(tmp_path / "data")
    run("\n".join(blocks), tmp_path)


def test_the_readme_reads_a_delivery_and_an_archive(tmp_path: Path) -> None:
    delivery, archive = examples(README)
    shutil.copy(DATA / "deliveries.ndjson", tmp_path)
    said = run(DELIVERY + delivery + archive, tmp_path)
    assert said.startswith("MESSAGE_REPLY Can you tell me more?\n")
    assert "Spring launch" in said


def test_the_columns_are_the_tables() -> None:
    """Names, types and nulls, in order."""
    text = PAGES[1].read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| `(.+?)` \| (never|yes) \|", text, re.M)
    table = tuco_events.EventTable.from_events([], include_body=True)
    assert [row[:2] for row in rows] == list(table.schema.items())
    fields = pyarrow.schema(table)
    assert [row[2] == "yes" for row in rows] == [field.nullable for field in fields]


def test_every_public_function_has_an_example() -> None:
    text = "".join(page.read_text("utf-8") for page in PAGES)
    for name in tuco_events.__all__:
        if name[0].islower():
            assert f"## `{name}(" in text, name
            assert f"tuco_events.{name}(" in text, name
