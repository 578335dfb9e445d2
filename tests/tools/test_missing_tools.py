"""A check without its tool gives no verdict and says what to install."""

import shutil
import sys
from pathlib import Path

import pytest

from cases import check_format, check_proto, check_shell
from copied_tree import Check

TOOLS = [
    (check_format.CHECK, "clang-format"),
    (check_shell.CHECK, "shellcheck"),
    (check_proto.CHECK, "protoc"),
]


@pytest.mark.parametrize(("check", "tool"), TOOLS, ids=[tool for _, tool in TOOLS])
def test_a_missing_tool_is_no_success(check: Check, tool: str, tmp_path: Path) -> None:
    tree = check.copy(tmp_path)
    git = shutil.which("git")
    assert git
    (tmp_path / "git").symlink_to(git)
    (tmp_path / "python3").symlink_to(sys.executable)
    done = tree.call(f"tools/{check.script}", env={"PATH": str(tmp_path)})
    assert done.returncode == 2
    assert f"{tool} is missing: tools/setup " in done.stderr
