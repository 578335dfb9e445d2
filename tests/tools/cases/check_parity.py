"""CMake and Bazel, and files that neither builds."""

from copied_tree import Case, Check, Tree

BAZEL = "lib/BUILD.bazel"
CMAKE = "lib/CMakeLists.txt"


def only_of_cmake(tree: Tree) -> None:
    """A target that Bazel lacks."""
    tree.append(CMAKE, "tuco_cc_library(NAME planted HDRS tuco/event.h)\n")


def only_of_bazel(tree: Tree) -> None:
    """A target that CMake lacks."""
    attributes = '    name = "planted",\n    hdrs = ["tuco/event.h"],\n'
    tree.append(BAZEL, f"\ntuco_cc_library(\n{attributes})\n")


def another_kind(tree: Tree) -> None:
    """A test that one build only compiles."""
    tree.replace("tests/lib/BUILD.bazel", "tuco_cc_test(", "tuco_cc_binary(")


CHECK = Check(
    "check_parity",
    ["*CMakeLists.txt", "*BUILD.bazel", "*.cc", "*.h", "tests/python/*.py"],
    [
        Case("target-of-cmake", only_of_cmake, CMAKE, "planted is no target of Bazel"),
        Case("target-of-bazel", only_of_bazel, BAZEL, "planted is no target of CMake"),
        Case(
            "kind",
            another_kind,
            "tests/lib/BUILD.bazel",
            "digest_test is a binary, expected a test",
        ),
        Case(
            "source",
            lambda tree: tree.replace(BAZEL, '        "tuco/digest.cc",\n', ""),
            BAZEL,
            "crypto has no tuco/digest.cc in srcs",
        ),
        Case(
            "header",
            lambda tree: tree.replace(BAZEL, '        "tuco/digest.h",\n', ""),
            BAZEL,
            "crypto has no tuco/digest.h in hdrs",
        ),
        Case(
            "dependency",
            lambda tree: tree.replace(BAZEL, '        ":timestamp",\n', ""),
            BAZEL,
            "event has no //lib:timestamp in deps",
        ),
        Case(
            "dependency-of-bazel",
            lambda tree: tree.replace(
                BAZEL, '"@absl//:strings"', '"@absl//:cord", "@absl//:strings"'
            ),
            BAZEL,
            "strings has @absl//:cord in deps, expected not",
        ),
        Case(
            "private-dependency",
            lambda tree: tree.replace(
                BAZEL, '    private_deps = ["@boringssl//:crypto"],\n', ""
            ),
            BAZEL,
            "crypto has no @boringssl//:crypto in private_deps",
        ),
        Case(
            "source-of-the-wheel",
            lambda tree: tree.replace(
                "python/BUILD.bazel", '        "src/_core/module.cc",\n', ""
            ),
            "python/BUILD.bazel",
            "_core has no src/_core/module.cc in srcs",
        ),
        Case(
            "test-that-nobody-builds",
            lambda tree: tree.write("tests/lib/planted_test.cc", ""),
            "tests/lib/planted_test.cc:1",
            "is of no target",
        ),
        Case(
            "header-that-nobody-builds",
            lambda tree: tree.write("server/log/planted.h", ""),
            "server/log/planted.h:1",
            "is of no target",
        ),
        Case(
            "python-test",
            lambda tree: tree.write("tests/python/test_planted.py", ""),
            "tests/python/test_planted.py:1",
            "is no test of Bazel",
        ),
    ],
)
