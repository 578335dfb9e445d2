"""Each rule of `make lint` finds what breaks it.

A module of cases/ is a check script: what of the repository it needs and, for
each of its rules, a case that breaks it. To add a rule, add a Case; to add a
script, add a module named as the script is. check_tidy needs a build and an
argument, and has a file of its own.
"""

import importlib
import re
from pathlib import Path

import pytest

from copied_tree import REPOSITORY, Case, Check

MODULES = sorted(path.stem for path in Path(__file__).parent.glob("cases/check_*.py"))
CHECKS: list[Check] = [
    importlib.import_module(f"cases.{name}").CHECK for name in MODULES
]
CASES = [(check, case) for check in CHECKS for case in check.cases]


def test_every_check_has_cases() -> None:
    scripts = sorted(path.name for path in REPOSITORY.glob("tools/check_*"))
    assert scripts == sorted(["check_tidy", *(check.script for check in CHECKS)])


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.script)
def test_an_untouched_copy_is_clean(check: Check, tmp_path: Path) -> None:
    done = check.run(check.copy(tmp_path))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("check", "case"),
    CASES,
    ids=[f"{check.script}-{case.name}" for check, case in CASES],
)
def test_a_violation_is_found(check: Check, case: Case, tmp_path: Path) -> None:
    tree = check.copy(tmp_path)
    case.plant(tree)
    done = check.run(tree)
    assert done.returncode == 1, f"{done.returncode}: {done.stdout}{done.stderr}"
    [complaint] = done.stdout.splitlines()
    assert re.match(r"[^\s:]+:\d+:", complaint)
    assert complaint.startswith(f"{case.where}:")
    assert case.says in complaint


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.script)
def test_arguments_are_refused(check: Check, tmp_path: Path) -> None:
    done = check.run(check.copy(tmp_path), "unexpected")
    assert done.returncode == 2
    assert "usage" in done.stderr
