"""A header that is parsed once: what most of a test's compilation is spent on.

GCC takes NAME.gch for NAME where it stands beside it and was made by the same
words, and reads NAME itself otherwise. So nothing depends on its being taken.
"""

load("@bazel_tools//tools/cpp:toolchain_utils.bzl", "find_cpp_toolchain")

def _precompiled_header_impl(ctx):
    header = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.write(
        header,
        "".join(["#include <%s>\n" % name for name in ctx.attr.includes]),
    )
    precompiled = ctx.actions.declare_file(ctx.label.name + ".gch")
    toolchain = find_cpp_toolchain(ctx)
    features = cc_common.configure_features(
        ctx = ctx,
        cc_toolchain = toolchain,
        requested_features = ctx.features,
        unsupported_features = ctx.disabled_features,
    )
    given = cc_common.merge_cc_infos(
        cc_infos = [dep[CcInfo] for dep in ctx.attr.deps],
    ).compilation_context
    variables = cc_common.create_compile_variables(
        cc_toolchain = toolchain,
        feature_configuration = features,
        source_file = header.path,
        output_file = precompiled.path,
        user_compile_flags = ctx.fragments.cpp.copts +
                             ctx.fragments.cpp.cxxopts +
                             ctx.attr.copts,
        preprocessor_defines = given.defines,
        use_pic = True,
    )
    action = "c++-compile"
    ctx.actions.run(
        outputs = [precompiled],
        inputs = depset([header], transitive = [toolchain.all_files]),
        executable = cc_common.get_tool_for_action(
            feature_configuration = features,
            action_name = action,
        ),
        arguments = cc_common.get_memory_inefficient_command_line(
            feature_configuration = features,
            action_name = action,
            variables = variables,
        ),
        mnemonic = "CppPrecompile",
    )
    made = cc_common.create_compilation_context(
        headers = depset([header, precompiled]),
    )
    return [
        DefaultInfo(files = depset([header, precompiled])),
        CcInfo(compilation_context = made),
    ]

precompiled_header = rule(
    implementation = _precompiled_header_impl,
    doc = "A header of its own that includes some of the system's.",
    attrs = {
        "copts": attr.string_list(doc = "As whoever includes it has them."),
        "deps": attr.label_list(providers = [CcInfo], doc = "Whose they are."),
        "includes": attr.string_list(doc = "In this order."),
        "_cc_toolchain": attr.label(
            default = Label("@bazel_tools//tools/cpp:current_cc_toolchain"),
        ),
    },
    fragments = ["cpp"],
    toolchains = ["@bazel_tools//tools/cpp:toolchain_type"],
)
