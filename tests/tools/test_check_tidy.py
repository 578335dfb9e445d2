"""clang-tidy finds what breaks its rules, and remembers nothing that changed."""

import subprocess
from pathlib import Path

import pytest

from copied_tree import Tree

PROJECT = """cmake_minimum_required(VERSION 3.22)
project(planted LANGUAGES CXX)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
add_library(planted lib/tuco/one.cc lib/tuco/two.cc)
target_include_directories(planted PRIVATE lib)
target_precompile_headers(planted PRIVATE <vector>)
"""
HEADER = """#ifndef TUCO_ONE_H_
#define TUCO_ONE_H_
inline int Doubled(int value) { return 2 * value; }
#endif  // TUCO_ONE_H_
"""
SOURCE = """#include "tuco/one.h"
int Sum{number}(int a, int b) {{ return Doubled(a) + b; }}
"""


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Two clean units and a header that both include, committed and built."""
    made = Tree(tmp_path / "tree", "tools/check_tidy", "tools/repository.py")
    made.copy(".clang-tidy")
    made.write("CMakeLists.txt", PROJECT)
    made.write("lib/tuco/one.h", HEADER)
    made.write("lib/tuco/one.cc", SOURCE.format(number=1))
    made.write("lib/tuco/two.cc", SOURCE.format(number=2))
    commit = ["commit", "-qm", "all", "--no-gpg-sign"]
    for command in (
        ["git", "add", "."],
        ["git", "-c", "user.name=n", "-c", "user.email=e", *commit],
        ["cmake", "-G", "Ninja", "-S", ".", "-B", "build"],
    ):
        assert made.call(*command).returncode == 0
    return made


def check(tree: Tree, *args: str) -> subprocess.CompletedProcess[str]:
    """Runs the tree's script on the tree's own build."""
    return tree.call("tools/check_tidy", *args, env={"TUCO_BUILD_DIR": ""})


def break_header(tree: Tree) -> None:
    """Names a parameter as we do not."""
    tree.replace("lib/tuco/one.h", "int value) {", "int Bad) { int value = Bad;")


def test_an_untouched_copy_is_clean(tree: Tree) -> None:
    done = check(tree)
    assert (done.returncode, done.stdout) == (0, "")


def test_a_finding_in_a_source_is_shown_each_time(tree: Tree) -> None:
    tree.append("lib/tuco/two.cc", "int* Nothing() { return 0; }\n")
    for _ in range(2):
        done = check(tree)
        assert done.returncode == 1
        assert done.stdout.startswith("lib/tuco/two.cc:3:")
        assert "modernize-use-nullptr" in done.stdout


def test_a_clean_unit_is_looked_at_again_when_its_header_changes(tree: Tree) -> None:
    assert check(tree).returncode == 0
    break_header(tree)
    done = check(tree)
    assert done.returncode == 1
    assert "lib/tuco/one.h:3:" in done.stdout
    assert "readability-identifier-naming" in done.stdout


def test_only_what_changed_is_looked_at_on_request(tree: Tree) -> None:
    bad = "int* Nothing() { return 0; }\n"
    tree.append("lib/tuco/one.cc", bad)
    commit = ["commit", "-aqm", "bad", "--no-gpg-sign"]
    named = ["git", "-c", "user.name=n", "-c", "user.email=e", *commit]
    assert tree.call(*named).returncode == 0
    tree.append("lib/tuco/two.cc", "int Other() { return 1; }\n")
    assert check(tree, "--since", "HEAD").returncode == 0
    assert check(tree, "--since", "HEAD~1").returncode == 1


def test_a_change_of_a_header_alone_is_seen(tree: Tree) -> None:
    break_header(tree)
    done = check(tree, "--since", "HEAD")
    assert done.returncode == 1
    assert "lib/tuco/one.h:3:" in done.stdout


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (["rm", "-r", "build"], "build/ is not configured"),
        (["touch", "lib/tuco/three.cc"], "no compile database has lib/tuco/three.cc"),
    ],
    ids=["no build", "a file that is of no target"],
)
def test_without_a_whole_build_there_is_no_verdict(
    tree: Tree, broken: list[str], says: str
) -> None:
    assert tree.call(*broken).returncode == 0
    done = check(tree)
    assert done.returncode == 2
    assert says in done.stderr


def test_an_unknown_revision_is_no_success(tree: Tree) -> None:
    done = check(tree, "--since", "nothing-like-that")
    assert done.returncode == 2
    assert "nothing-like-that" in done.stderr
