"""The examples of docs/python.md and python/README.md run.

Those of a page are one program.
"""

import re
import subprocess
import sys
from pathlib import Path

import tuco_events

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs" / "python.md"
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


def run(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout


def test_the_examples_run() -> None:
    blocks = examples(PAGE)
    assert len(blocks) > 5
    run("\n".join(blocks))


def test_the_readme_reads_a_delivery() -> None:
    [block] = examples(README)
    assert run(DELIVERY + block) == "MESSAGE_REPLY Can you tell me more?\n"


def test_every_public_function_has_an_example() -> None:
    text = PAGE.read_text("utf-8")
    for name in tuco_events.__all__:
        if name[0].islower():
            assert f"## `{name}(" in text, name
            assert f"tuco_events.{name}(" in text, name
