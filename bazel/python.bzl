"""The Python that the package is built for, and what building it needs."""

_BUILD = """
load("@bazel_tools//tools/python:toolchain.bzl", "py_runtime_pair")

package(default_visibility = ["//visibility:public"])

py_runtime(
    name = "runtime",
    interpreter_path = "{interpreter}",
    python_version = "PY3",
    stub_shebang = "#!{interpreter}",
)

py_runtime_pair(
    name = "pair",
    py3_runtime = ":runtime",
)

toolchain(
    name = "toolchain",
    toolchain = ":pair",
    toolchain_type = "@bazel_tools//tools/python:toolchain_type",
)

cc_library(
    name = "headers",
    hdrs = glob([
        "python/**/*.h",
        "pybind11/**/*.h",
    ]),
    includes = [
        "pybind11",
        "python",
    ],
)
"""

def _output(repository_ctx, command):
    result = repository_ctx.execute([str(word) for word in command], timeout = 900)
    if result.return_code:
        fail("%s: %s" % (command[0], result.stderr))
    return result.stdout.strip()

def _interpreter(repository_ctx):
    """The one that has pytest and gRPC, but not the wheel."""
    path = repository_ctx.path(Label("//:Makefile")).dirname
    interpreter = path.get_child("build").get_child("venv").get_child("bin")
    interpreter = interpreter.get_child("python")
    if not interpreter.exists:
        fail(str(interpreter) + " is missing; tools/setup test makes it")
    return interpreter

def _python_repository_impl(repository_ctx):
    interpreter = _interpreter(repository_ctx)
    headers = _output(repository_ctx, [
        interpreter,
        "-c",
        "import sysconfig; print(sysconfig.get_path('include'))",
    ])
    venv = _output(
        repository_ctx,
        [repository_ctx.path(Label("//:tools/python_venv"))],
    )
    pybind11 = _output(repository_ctx, [
        venv + "/bin/python",
        "-c",
        "import pybind11; print(pybind11.get_include())",
    ])
    repository_ctx.symlink(headers, "python")
    repository_ctx.symlink(pybind11, "pybind11")
    repository_ctx.file("BUILD.bazel", _BUILD.format(interpreter = interpreter))

python_repository = repository_rule(
    implementation = _python_repository_impl,
    doc = "The interpreter of build/venv, and the headers of it and pybind11.",
    local = True,
    configure = True,
)
