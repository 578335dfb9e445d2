"""C++ as clang-format writes it."""

from copied_tree import Case, Check

CHECK = Check(
    "check_format",
    [".clang-format", "fuzz/check.h"],
    [
        Case(
            "spaces",
            lambda tree: tree.write("lib/planted.cc", "int  planted = 0;\n"),
            "lib/planted.cc:1",
            "code should be clang-formatted",
        ),
        Case(
            "header",
            lambda tree: tree.append("fuzz/check.h", "\n\n\n// The end.\n"),
            "fuzz/check.h",
            "code should be clang-formatted",
        ),
    ],
)
