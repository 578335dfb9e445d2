"""The examples of docs/python.md are one program, and it runs."""

import re
import subprocess
import sys
from pathlib import Path

import tuco_events

PAGE = Path(__file__).resolve().parents[2] / "docs" / "python.md"


def test_the_examples_run() -> None:
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S)
    assert len(blocks) > 5
    program = "\n".join(blocks)
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True)


def test_every_public_function_has_an_example() -> None:
    text = PAGE.read_text("utf-8")
    for name in tuco_events.__all__:
        if name[0].islower():
            assert f"## `{name}(" in text, name
            assert f"tuco_events.{name}(" in text, name
