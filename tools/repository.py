"""What the check scripts share: which files there are, and how to report."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def files(*patterns: str) -> list[str]:
    """The files of the repository, tracked or new, but none that is ignored.

    Args:
        *patterns: Git's path patterns (`*.h`, `docs/`); none for every file.

    Returns:
        Paths from the root, in order; links are left out.
    """
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(
        [*command, "--", *patterns],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    paths = sorted(set(filter(None, listed)))
    return [path for path in paths if is_file(ROOT / path)]


def is_file(path: Path) -> bool:
    """Whether there is a file of its own: none that was removed, and no link."""
    return path.is_file() and not path.is_symlink()


def compiler_words(command: str) -> list[str]:
    """The words of a compile database's command, from the compiler on.

    What goes before it is ccache and its settings.
    """
    words = shlex.split(command)
    while Path(words[0]).name in ("env", "ccache") or re.match(r"\w+=", words[0]):
        del words[0]
    return words


def report(complaints: list[str]) -> int:
    """Prints complaints.

    Args:
        complaints: Each `path:line: what is wrong, what is expected`.

    Returns:
        The exit code: 1 if there is a complaint, else 0.
    """
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0


def cannot_check(why: str) -> int:
    """Says why there is no verdict; the exit code for that."""
    print(f"{Path(sys.argv[0]).name}: {why}", file=sys.stderr)
    return 2


def refuse_arguments() -> None:
    """Ends the program unless it was called without arguments."""
    if len(sys.argv) > 1:
        print(f"usage: {sys.argv[0]}", file=sys.stderr)
        sys.exit(2)
