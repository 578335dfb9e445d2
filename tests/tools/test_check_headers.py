"""What check_headers needs, and what it remembers."""

from pathlib import Path

from cases.check_headers import CHECK, GUARDED


def test_it_says_that_a_build_is_missing(tmp_path: Path) -> None:
    tree = CHECK.copy(tmp_path)
    (tree.root / "build" / "compile_commands.json").unlink()
    done = CHECK.run(tree)
    assert done.returncode == 2
    assert "no compile_commands.json: make build first" in done.stderr


def test_it_says_that_generated_headers_are_missing(tmp_path: Path) -> None:
    tree = CHECK.copy(tmp_path)
    tree.write("proto/planted.h", "")
    done = CHECK.run(tree)
    assert done.returncode == 2
    assert "no generated headers: make build first" in done.stderr


def test_it_says_that_the_wheel_is_missing(tmp_path: Path) -> None:
    tree = CHECK.copy(tmp_path)
    (tree.root / "build/wheel-python3/compile_commands.json").unlink()
    tree.write("python/src/_core/planted.h", "")
    done = CHECK.run(tree)
    assert done.returncode == 2
    assert "no flags known for python/src/_core/planted.h" in done.stderr


def test_what_it_remembers_hides_no_change_of_an_included_file(tmp_path: Path) -> None:
    tree = CHECK.copy(tmp_path)
    header = GUARDED.format(guard="TUCO_USER_H_", text='#include "tuco/used.h"')
    tree.write("lib/tuco/user.h", header)
    used = GUARDED.format(guard="TUCO_USED_H_", text="using Used = int;")
    tree.write("lib/tuco/used.h", used)
    assert CHECK.run(tree).returncode == 0
    assert CHECK.run(tree).returncode == 0
    tree.replace("lib/tuco/used.h", "int;", "std::string;")
    done = CHECK.run(tree)
    assert done.returncode == 1
    assert "lib/tuco/user.h:1: does not compile alone" in done.stdout
    assert "lib/tuco/used.h:4: does not compile alone" in done.stdout


def test_a_header_is_left_to_the_build_of_its_source(tmp_path: Path) -> None:
    tree = CHECK.copy(tmp_path)
    broken = ("namespace tuco {", "inline std::vector<int> planted;\nnamespace tuco {")
    tree.replace("lib/tuco/crc32c.h", *broken)
    assert CHECK.run(tree).returncode == 0
    # No build has its source any more, or shows nothing of the header.
    tree.replace("build/compile_commands.json", 'crc32c.cc"}', 'other.cc"}')
    done = CHECK.run(tree)
    assert done.returncode == 1
    assert "does not compile alone" in done.stdout


def test_a_source_with_precompiled_headers_shows_nothing(tmp_path: Path) -> None:
    tree = CHECK.copy(tmp_path)
    broken = ("namespace tuco {", "inline std::vector<int> planted;\nnamespace tuco {")
    tree.replace("lib/tuco/crc32c.h", *broken)
    command = ('"c++ ', '"env A=b ccache c++ -include /build/cmake_pch.hxx ')
    tree.replace("build/compile_commands.json", *command)
    done = CHECK.run(tree)
    assert done.returncode == 1
    assert "lib/tuco/crc32c.h:" in done.stdout
    assert "does not compile alone" in done.stdout


def test_a_source_with_another_header_first_shows_nothing(tmp_path: Path) -> None:
    tree = CHECK.copy(tmp_path)
    broken = ("namespace tuco {", "inline std::vector<int> planted;\nnamespace tuco {")
    tree.replace("lib/tuco/crc32c.h", *broken)
    tree.replace("lib/tuco/crc32c.cc", "#include", "#include <vector>\n#include")
    done = CHECK.run(tree)
    assert done.returncode == 1
    assert "lib/tuco/crc32c.h" in done.stdout
