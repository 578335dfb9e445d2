"""A copy of the part of the repository that a check script needs."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


class Tree:
    """A repository of its own in a temporary folder."""

    def __init__(self, root: Path, *patterns: str) -> None:
        """Copies what git knows by `patterns`, none of them committed."""
        self.root = root
        self._env = {
            name: value
            for name, value in os.environ.items()
            # Not those of whoever runs the tests: a hook sets GIT_DIR.
            if not name.startswith(("GIT_", "TUCO_"))
        }
        self._env["TUCO_CACHE_DIR"] = str(root.parent / "cache")
        # The same Python, and not by way of a wrapper such as pyenv's.
        here = str(Path(sys.executable).parent)
        self._env["PATH"] = f"{here}{os.pathsep}{self._env['PATH']}"
        # Environments are not made anew for every test.
        self._env["TUCO_BUILD_DIR"] = str(REPOSITORY / "build")
        root.mkdir(parents=True)
        self.call("git", "init", "--quiet")
        self.copy(*patterns, ".gitignore")

    def copy(self, *patterns: str) -> None:
        """Copies more of what git knows."""
        listing = ["git", "ls-files", "-z", "--cached", "--others"]
        listed = subprocess.run(
            [*listing, "--exclude-standard", "--", *patterns],
            cwd=REPOSITORY,
            env=self._env,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout
        for path in filter(None, listed.split("\0")):
            if (REPOSITORY / path).is_file():
                (self.root / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(REPOSITORY / path, self.root / path)

    def call(
        self, *command: str, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command in the root; of `env` an empty value unsets a name."""
        merged = self._env | (env or {})
        return subprocess.run(
            command,
            cwd=self.root,
            env={name: value for name, value in merged.items() if value},
            capture_output=True,
            text=True,
            check=False,
        )

    def write(self, path: str, text: str) -> None:
        """Makes a file, or makes it anew."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def append(self, path: str, text: str) -> None:
        """Adds to the end of a file."""
        self.write(path, (self.root / path).read_text("utf-8") + text)

    def replace(self, path: str, old: str, new: str) -> None:
        """Replaces the first `old` of a file, which must have it."""
        before = (self.root / path).read_text("utf-8")
        assert old in before, f"{path} has no {old!r} that could be replaced"
        self.write(path, before.replace(old, new, 1))

    def line_of(self, path: str, text: str) -> int:
        """The number of the first line that has the text."""
        lines = (self.root / path).read_text("utf-8").splitlines()
        return next(number for number, line in enumerate(lines, 1) if text in line)


@dataclass(frozen=True)
class Case:
    """A rule, and what breaks it."""

    # A word or two, for the test's name.
    name: str
    # Breaks the rule, and no other, once.
    plant: Callable[[Tree], object]
    # The file in which that is found, and the line if it is a certain one.
    where: str
    # What the message says of it.
    says: str


@dataclass(frozen=True)
class Check:
    """A script of tools/ and its rules."""

    script: str
    # Git's patterns for what the script looks at.
    needs: list[str]
    cases: list[Case]
    # What has to be made before the copy is clean.
    prepare: Callable[[Tree], object] = lambda tree: None
    env: dict[str, str] = field(default_factory=dict)

    def copy(self, folder: Path) -> Tree:
        """An untouched copy of what the script needs."""
        needs = [f"tools/{self.script}", "tools/repository.py", *self.needs]
        tree = Tree(folder / "tree", *needs)
        self.prepare(tree)
        return tree

    def run(self, tree: Tree, *args: str) -> subprocess.CompletedProcess[str]:
        """Runs the tree's script."""
        return tree.call(f"tools/{self.script}", *args, env=self.env)
