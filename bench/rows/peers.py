"""The commands that start the peers."""

from __future__ import annotations

import subprocess

from rows.settings import ROOT, BrokenError, Settings, program

BUILD_SECONDS = 300
PEERS = ROOT / "bench" / "peers"


def node(job: str) -> list[str]:
    """A peer in Node."""
    return [program("node"), str(PEERS / f"{job}.mjs")]


def python(job: str) -> list[str]:
    """A peer in Python."""
    return [program("python3"), str(PEERS / f"{job}.py")]


def go(settings: Settings, job: str) -> list[str]:
    """A peer in Go, built now."""
    binary = settings.build / f"{job}_go"
    command = [program("go"), "build", "-o", str(binary), str(PEERS / f"{job}.go")]
    try:
        subprocess.run(command, check=True, timeout=BUILD_SECONDS)
    except subprocess.SubprocessError as error:
        raise BrokenError(f"{job}.go cannot be built: {error}") from None
    return [str(binary)]
