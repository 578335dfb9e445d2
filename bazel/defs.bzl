"""How targets of ours are declared: as by cmake/TucoTargets.cmake.

The words are the same, so that tools/check_parity can compare the two builds.
`private_deps` are dependencies that no header of the target needs; this Bazel
knows no such thing, so to it they are `deps`.
"""

load("//bazel:precompiled_header.bzl", "precompiled_header")

_WARNINGS = [
    "-Wall",
    "-Wextra",
    "-Wpedantic",
    "-Wshadow",
    "-Wnon-virtual-dtor",
    "-Wno-missing-field-initializers",
    "-Wno-restrict",
    "-Werror",
]

# What every test knows: where its data is, and how gRPC finds names.
_TEST_ENV = {
    "GRPC_DNS_RESOLVER": "native",
    "TUCO_TEST_DATA": "tests/data",
}

# What nearly every file includes, parsed once. Whether each says so itself is
# for CMake's build to find out, which does without.
_COMMON = "//bazel:common.hh"
_GOOGLETEST = "//bazel:googletest.hh"

def _include(header):
    """The words that include a precompiled header first."""
    return ["-include", "$(BINDIR)/" + header[2:].replace(":", "/")]

def tuco_precompiled_header(name, includes, deps = []):
    """A header of the system's headers, in this order, that `deps` are behind."""
    precompiled_header(
        name = name,
        copts = _WARNINGS,
        includes = includes,
        visibility = ["//visibility:public"],
        deps = deps,
    )

def tuco_cc_library(
        name,
        srcs = [],
        hdrs = [],
        deps = [],
        private_deps = [],
        copts = []):
    """A library; one that is all headers has no `srcs`."""
    native.cc_library(
        name = name,
        srcs = srcs,
        hdrs = hdrs,
        # Words of its own are none that the header was made with.
        copts = _WARNINGS + (copts or _include(_COMMON)),
        # Headers of the library are included from its folder, all others from
        # the root.
        includes = ["."] if native.package_name() == "lib" else [],
        # No shared objects, which nobody would load.
        linkstatic = True,
        visibility = ["//visibility:public"],
        deps = deps + private_deps + [_COMMON],
    )

def tuco_cc_binary(name, srcs, deps):
    native.cc_binary(
        name = name,
        srcs = srcs,
        copts = _WARNINGS + _include(_COMMON),
        visibility = ["//visibility:public"],
        deps = deps + [_COMMON],
    )

def tuco_cc_test(name, srcs, deps, size = "medium", data = [], env = {}):
    """A program of GoogleTest."""
    native.cc_test(
        name = name,
        size = size,
        srcs = srcs,
        copts = _WARNINGS + _include(_GOOGLETEST),
        data = data + ["//tests/data"],
        env = dict(_TEST_ENV, **env),
        deps = deps + ["@gtest//:gmock_main", _GOOGLETEST],
    )

def tuco_cc_fuzz(name, srcs, deps):
    """A fuzz target, which replays its corpus."""
    corpus = "corpus/" + name
    native.cc_test(
        name = name,
        size = "medium",
        srcs = srcs,
        args = ["fuzz/" + corpus],
        copts = _WARNINGS + _include(_COMMON),
        data = native.glob([corpus + "/**"]),
        deps = deps + [":fuzz_replay", _COMMON],
    )

def tuco_sh_test(name, srcs, args, data = []):
    native.sh_test(
        name = name,
        size = "medium",
        srcs = srcs,
        args = args,
        data = data,
    )

def _protoc(name, srcs, outs, flags, tools):
    native.genrule(
        name = name,
        srcs = srcs + ["//proto:schema"],
        outs = outs,
        cmd = "$(location @protobuf//:protoc) -Iproto %s %s" % (
            flags,
            " ".join(["$(location %s)" % src for src in srcs]),
        ),
        message = "Generating code of " + name,
        tools = ["@protobuf//:protoc"] + tools,
    )

def tuco_proto_library(name, srcs, deps = [], grpc = False):
    """The code that protoc makes of a schema, and with `grpc` its service's."""
    stems = [src[:-len(".proto")] for src in srcs]
    suffixes = [".pb"] + ([".grpc.pb"] if grpc else [])
    for suffix in suffixes:
        plugin = "grpc_" if suffix == ".grpc.pb" else "cpp_"
        tools = ["@grpc//:grpc_cpp_plugin"] if plugin == "grpc_" else []
        flags = "--%sout=$(RULEDIR)" % plugin
        if tools:
            flags += " --plugin=protoc-gen-grpc=$(location %s)" % tools[0]
        _protoc(
            name = name + suffix,
            srcs = srcs,
            outs = [stem + suffix + end for stem in stems for end in [".h", ".cc"]],
            flags = flags,
            tools = tools,
        )
    native.cc_library(
        name = name,
        srcs = [stem + suffix + ".cc" for stem in stems for suffix in suffixes],
        hdrs = [stem + suffix + ".h" for stem in stems for suffix in suffixes],
        copts = ["-w"],
        includes = ["."],
        linkstatic = True,
        visibility = ["//visibility:public"],
        deps = deps + ["@protobuf//:libprotobuf"],
    )

def tuco_python_extension(name, srcs, out, exports, deps, copts = []):
    """An extension module for Python, made with pybind11.

    Args:
      name: of the target.
      srcs: its sources and headers, included from the folder `src`.
      out: the shared object.
      exports: the linker's version script: what the module exports.
      deps: what it is linked with, statically.
      copts: more words for the compiler.
    """
    native.cc_binary(
        name = out,
        srcs = srcs,
        additional_linker_inputs = [exports],
        copts = _WARNINGS + copts + [
            "-fvisibility=hidden",
            "-fvisibility-inlines-hidden",
        ],
        includes = ["src"],
        linkopts = [
            "-Wl,--exclude-libs,ALL",
            "-Wl,--version-script=$(location %s)" % exports,
        ],
        linkshared = True,
        deps = deps + ["@python//:headers"],
    )
    native.filegroup(
        name = name,
        srcs = [out],
    )

def tuco_python_test(name, srcs, deps, data = []):
    """A file of pytest, and the modules that it imports from its folder."""
    native.py_test(
        name = name,
        size = "medium",
        srcs = srcs + ["//bazel:run_pytest.py"],
        args = ["$(location %s.py)" % name],
        data = data + ["//tests/data"],
        # No __init__.py where there is none: conftest is a top-level module.
        legacy_create_init = 0,
        main = "//bazel:run_pytest.py",
        python_version = "PY3",
        deps = deps,
    )
