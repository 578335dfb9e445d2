"""What a run was asked for, and where things are."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# The reply of Tuco's guide, without blanks: 327 bytes.
SAMPLE = (
    '{"event":"message.reply","timestamp":"2026-04-15T12:00:00Z",'
    '"workspaceId":"org_abc123","data":{"messageId":"msg_xyz789",'
    '"recipientPhone":"+19042956129",'
    '"message":"Yes, I\'m interested! Can you tell me more?",'
    '"status":"received","lineId":"line_001","firstName":"Jane",'
    '"lastName":"Smith","attachmentUrls":[],"attachmentNames":[]}}'
)


class MissingError(Exception):
    """Something that a row needs is not on this machine."""


class BrokenError(Exception):
    """Something that a row needs does not work."""


@dataclass(frozen=True)
class Settings:
    """Of one run."""

    # Where the programs of benchmarks are.
    build: Path
    # Where logs are written, and large ones are kept.
    logs: Path
    # Of the row under way, removed behind it.
    work: Path
    rounds: int
    # Only to see that it works: short rounds, and no goal counts.
    smoke: bool
    # Events in the large log.
    events: int

    @property
    def judged(self) -> bool:
        """Whether goals count."""
        return not self.smoke

    @property
    def body(self) -> Path:
        """The sample's file."""
        return self.work / "sample.json"

    def new_folder(self) -> Path:
        """An empty folder on the disk that is measured."""
        return Path(tempfile.mkdtemp(dir=self.work))

    def seconds(self, usual: float) -> float:
        """How long a round takes that usually takes so long."""
        return usual / 50 if self.smoke else usual

    def built(self, name: str) -> str:
        """The path of a program of ours."""
        path = self.build / name
        if not path.exists():
            raise MissingError(f"{path} is missing: make bench builds it")
        return str(path)


def program(name: str) -> str:
    """The path of a program on this machine."""
    path = shutil.which(name)
    if path is None:
        raise MissingError(f"{name} is missing: tools/setup dev")
    return path
