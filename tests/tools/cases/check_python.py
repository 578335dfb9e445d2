"""What ruff, mypy and stubtest find."""

import functools
import subprocess

from copied_tree import REPOSITORY, Case, Check, Tree

STUBS = "python/src/tuco_events/_core.pyi"


@functools.cache
def make_environments() -> None:
    """Makes once what the copies use, with the wheel of the repository itself."""
    tool = REPOSITORY / "tools/python_wheel_venv"
    subprocess.run([tool], check=True, stdout=subprocess.DEVNULL)


def prepare(tree: Tree) -> None:
    """Leaves the wheel alone: the copy has no sources to build one of."""
    make_environments()
    tree.write(
        "tools/python_wheel_venv",
        '#!/bin/sh\necho "$TUCO_BUILD_DIR/$(basename "$(tools/python_venv)" |'
        " sed 's/^venv/venv-wheel/')\"\n",
    )
    (tree.root / "tools/python_wheel_venv").chmod(0o755)


CHECK = Check(
    "check_python",
    [
        "ruff.toml",
        "mypy.ini",
        "python/requirements-dev.txt",
        "python/stubtest-allowlist.txt",
        "python/src/*.py",
        "python/src/*.pyi",
        "python/src/*.typed",
        "tests/e2e/support/",
        "tests/e2e/pytest.ini",
        "tests/python/conftest.py",
        "tests/python/made_logs.py",
        "tests/python/wire_schema.py",
        "tools/python_venv",
    ],
    [
        Case(
            "ruff-check",
            lambda tree: tree.append(
                "tests/e2e/support/wait.py",
                "\n\ndef planted(found: list[int] = []) -> list[int]:\n"
                '    """Planted."""\n    return found\n',
            ),
            "tests/e2e/support/wait.py",
            "B006",
        ),
        Case(
            "ruff-check-of-a-script",
            lambda tree: tree.write(
                "tools/planted", '#!/usr/bin/env python3\n"""Planted."""\n\nimport os\n'
            ),
            "tools/planted:4",
            "F401",
        ),
        Case(
            "ruff-format",
            lambda tree: tree.write(
                "tools/planted.py", '"""Planted."""\n\nA = [1,2]\n'
            ),
            "tools/planted.py:3",
            "not formatted",
        ),
        Case(
            "oldest-python",
            lambda tree: tree.append(
                "python/src/tuco_events/_errors.py",
                "\n\nmatch VALUE := 1:\n    case 1:\n        pass\n",
            ),
            "python/src/tuco_events/_errors.py",
            "Python 3.9",
        ),
        Case(
            "mypy-of-a-script",
            lambda tree: tree.write(
                "tools/planted",
                '#!/usr/bin/env python3\n"""Planted."""\n\nA: int = "one"\n',
            ),
            "tools/planted:4",
            "Incompatible types in assignment",
        ),
        Case(
            "mypy-of-end-to-end-tests",
            lambda tree: tree.write(
                "tests/e2e/test_planted.py",
                '"""Planted."""\n\nfrom support.wait import wait_until\n\n'
                'wait_until("true", "it")\n',
            ),
            "tests/e2e/test_planted.py:5",
            "incompatible type",
        ),
        Case(
            "mypy-strict",
            lambda tree: tree.write(
                "tests/python/test_planted.py",
                '"""Planted."""\n\n\ndef test_it(value):\n    assert value\n',
            ),
            "tests/python/test_planted.py:4",
            "missing a type annotation",
        ),
        Case(
            "mypy-of-the-package",
            lambda tree: tree.append(
                "python/src/tuco_events/_errors.py", '\n\n_PLANTED: int = "one"\n'
            ),
            "python/src/tuco_events/_errors.py",
            "Incompatible types in assignment",
        ),
        Case(
            "stubtest",
            lambda tree: tree.append(STUBS, "def planted() -> None: ...\n"),
            STUBS,
            "planted is not present at runtime",
        ),
    ],
    prepare,
)
