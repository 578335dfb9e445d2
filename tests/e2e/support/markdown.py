"""The commands that the documentation tells its readers to type."""

import re
from dataclasses import dataclass
from pathlib import Path

# The line before a block that only works elsewhere.
MARKER = re.compile(r"<!-- not run: (?P<reason>\S.*) -->")
FENCE = re.compile(r"```(?P<language>\w*)")
LANGUAGES = {"sh", "console", "python"}


@dataclass(frozen=True)
class Block:
    """A fenced block of commands, or of Python."""

    language: str
    text: str
    line: int
    # Why it is not run; empty when it is.
    not_run: str = ""


def pages(repository: Path) -> list[Path]:
    """The pages whose blocks are run."""
    return [
        *sorted(repository.glob("*.md")),
        *sorted((repository / "docs").glob("*.md")),
        *sorted((repository / "python").glob("*.md")),
    ]


def blocks(page: Path) -> list[Block]:
    """The blocks of a page that hold commands or Python, in order."""
    found = []
    language: str | None = None
    content: list[str] = []
    start = 0
    reason = ""
    before = ""
    for number, line in enumerate(page.read_text("utf-8").splitlines(), start=1):
        fence = FENCE.fullmatch(line.strip())
        if language is not None and fence:
            if language in LANGUAGES:
                text = "\n".join(content)
                if language == "console":
                    text = _typed(text)
                found.append(Block(language, text, start, reason))
            language = None
        elif language is not None:
            content.append(line)
        elif fence:
            marker = MARKER.fullmatch(before)
            reason = marker["reason"] if marker else ""
            language, content, start = fence["language"], [], number
        if line.strip():
            before = line.strip()
    return found


def _typed(text: str) -> str:
    """Of a session's record what was typed."""
    return "\n".join(
        line.removeprefix("$ ") for line in text.splitlines() if line.startswith("$ ")
    )
