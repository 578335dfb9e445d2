"""Headers that compile alone, their guards, and who includes them first."""

import json

from copied_tree import Case, Check, Tree

GUARDED = """#ifndef {guard}
#define {guard}

{text}

#endif  // {guard}
"""


def prepare(tree: Tree) -> None:
    """Makes what a build leaves, for two headers that need no library."""
    flags = f"-I{tree.root} -I{tree.root}/lib -std=c++20"
    entry = {
        "directory": str(tree.root / "build"),
        "command": f"c++ {flags} -Werror -O3 -o crc32c.o -c ../lib/tuco/crc32c.cc",
        "file": "../lib/tuco/crc32c.cc",
    }
    tree.write("build/compile_commands.json", json.dumps([entry]))
    python = {
        "directory": str(tree.root),
        "command": f"c++ {flags} -I{tree.root}/python/src -c python/src/_core/x.cc",
        "file": "python/src/_core/x.cc",
    }
    tree.write("build/wheel-python3/compile_commands.json", json.dumps([python]))


def header(path: str, guard: str, text: str) -> Case:
    """A guarded header with a text that does not compile alone."""
    return Case(
        f"alone-{path.partition('/')[0]}",
        lambda tree: tree.write(path, GUARDED.format(guard=guard, text=text)),
        f"{path}:4",
        "does not compile alone",
    )


def plant_included(tree: Tree) -> None:
    """A header whose fault is in what it includes."""
    tree.write("lib/tuco/planted.inc", "inline std::vector<int> planted();\n")
    text = '#include "tuco/planted.inc"'
    tree.write("lib/tuco/planted.h", GUARDED.format(guard="TUCO_PLANTED_H_", text=text))


CHECK = Check(
    "check_headers",
    ["lib/tuco/crc32c.*", "lib/tuco/strings.h", "lib/tuco/internal/key_hash.h"],
    [
        header("lib/tuco/planted.h", "TUCO_PLANTED_H_", "inline std::string planted;"),
        header(
            "lib/tuco/internal/planted.h",
            "TUCO_INTERNAL_PLANTED_H_",
            '#include "no/such.h"',
        ),
        header(
            "python/src/_core/planted.h",
            "TUCO_PYTHON_CORE_PLANTED_H_",
            "inline std::string planted;",
        ),
        Case(
            "alone-by-include",
            plant_included,
            "lib/tuco/planted.h:1",
            "in lib/tuco/planted.inc:1",
        ),
        Case(
            "guard-name",
            lambda tree: tree.write(
                "lib/tuco/planted.h", GUARDED.format(guard="PLANTED_H", text="")
            ),
            "lib/tuco/planted.h:1",
            "expected #ifndef TUCO_PLANTED_H_",
        ),
        Case(
            "guard-missing",
            lambda tree: tree.write("lib/tuco/planted.h", "#pragma once\n"),
            "lib/tuco/planted.h:1",
            "expected #ifndef TUCO_PLANTED_H_",
        ),
        Case(
            "guard-define",
            lambda tree: tree.replace(
                "lib/tuco/strings.h",
                "#define TUCO_STRINGS_H_",
                "#define TUCO_STRING_H_",
            ),
            "lib/tuco/strings.h",
            "expected #define TUCO_STRINGS_H_",
        ),
        Case(
            "guard-end",
            lambda tree: tree.replace(
                "lib/tuco/strings.h", "#endif  // TUCO_STRINGS_H_", "#endif"
            ),
            "lib/tuco/strings.h",
            "expected #endif  // TUCO_STRINGS_H_",
        ),
        Case(
            "first-include",
            lambda tree: tree.replace(
                "lib/tuco/crc32c.cc", "#include", "#include <vector>\n#include"
            ),
            "lib/tuco/crc32c.cc",
            'expected #include "tuco/crc32c.h"',
        ),
    ],
    prepare,
    env={"TUCO_BUILD_DIR": ""},
)
