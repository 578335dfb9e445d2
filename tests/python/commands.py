"""How the tests run `python -m tuco_events`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SECRETS = ("TUCO_WEBHOOK_SECRET", "TUCO_WEBHOOK_SECRET_FILE")


@dataclass(frozen=True)
class Result:
    """What a command did."""

    code: int
    output: bytes
    errors: str

    @property
    def text(self) -> str:
        """The output as text."""
        return self.output.decode()

    def json_lines(self) -> list[Any]:
        """The output's lines, each of them JSON."""
        return [json.loads(line) for line in self.output.splitlines()]


def environment(**variables: str) -> dict[str, str]:
    """This process's environment, without what would change an outcome."""
    unwanted = (
        *SECRETS,
        "COLUMNS",
        "NO_COLOR",
        "PYTHONIOENCODING",
        "PYTHONUNBUFFERED",
    )
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    return {**kept, **variables}


def run(
    *arguments: str | Path,
    stdin: bytes = b"",
    python: tuple[str, ...] = (),
    env: Mapping[str, str] | None = None,
) -> Result:
    """Runs the command to its end; `python` are options of the interpreter."""
    done = subprocess.run(
        [sys.executable, "-W", "error", *python, "-m", "tuco_events", *arguments],
        input=stdin,
        capture_output=True,
        env=environment(**(env or {})),
        check=False,
    )
    return Result(done.returncode, done.stdout, done.stderr.decode())
