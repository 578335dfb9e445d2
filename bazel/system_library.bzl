"""Libraries that the distribution installed, as repositories.

Their headers are in /usr/include, which the compiler searches by itself; a
target of such a repository carries the macros and the words for the linker that
pkg-config names.
"""

_TARGET = """
cc_library(
    name = "{name}",
    defines = {defines},
    linkopts = {linkopts},
    visibility = ["//visibility:public"],
)
"""

def _run(repository_ctx, command):
    result = repository_ctx.execute(command)
    if result.return_code:
        fail("%s: %s (tools/setup test installs what is missing)" % (
            " ".join(command),
            result.stderr.strip(),
        ))
    return [word for word in result.stdout.replace("\n", " ").split(" ") if word]

def _target(name, defines, linkopts):
    return _TARGET.format(
        name = name,
        defines = repr(defines),
        linkopts = repr(linkopts),
    )

def _last_of_each(words):
    """The words without repetitions: of each, the last one stays.

    pkg-config repeats libraries hundreds of times. To a linker of shared
    objects one mention is enough, and the last one has all users before it.
    """
    last = {word: index for index, word in enumerate(words)}
    return [word for index, word in enumerate(words) if last[word] == index]

def _linkopts(words):
    if [word for word in words if word.startswith("-Wl,--push-state")]:
        return words  # Words that act on those around them.
    return _last_of_each(words)

def _link_tool(repository_ctx, tool):
    path = repository_ctx.which(tool)
    if not path:
        fail(tool + " is missing; tools/setup test installs it")
    repository_ctx.symlink(path, tool)

def _system_library_impl(repository_ctx):
    text = ""
    for name, module in repository_ctx.attr.pkg_config.items():
        flags = _run(repository_ctx, ["pkg-config", "--cflags-only-other", module])
        text += _target(
            name,
            [flag[2:] for flag in flags if flag.startswith("-D")],
            _linkopts(_run(repository_ctx, ["pkg-config", "--libs", module])),
        )
    for name, words in repository_ctx.attr.linkopts.items():
        text += _target(name, [], words)
    for tool in repository_ctx.attr.tools:
        _link_tool(repository_ctx, tool)
    text += "\nexports_files(%r)\n" % repository_ctx.attr.tools
    repository_ctx.file("BUILD.bazel", text)

system_library = repository_rule(
    implementation = _system_library_impl,
    doc = "Libraries of one package of the distribution.",
    attrs = {
        "linkopts": attr.string_list_dict(
            doc = "Target to words for the linker, where pkg-config knows none.",
        ),
        "pkg_config": attr.string_dict(doc = "Target to pkg-config module."),
        "tools": attr.string_list(doc = "Programs on the path, to be exported."),
    },
    local = True,
    configure = True,
)

def _system_headers_impl(repository_ctx):
    for name, folder in repository_ctx.attr.folders.items():
        if not repository_ctx.path(folder).exists:
            fail(folder + " is missing; tools/setup test installs it")
        repository_ctx.symlink(folder, name)
    repository_ctx.symlink(repository_ctx.attr.build_file, "BUILD.bazel")

system_headers = repository_rule(
    implementation = _system_headers_impl,
    doc = "Folders of this machine under a build file of ours.",
    attrs = {
        "build_file": attr.label(allow_single_file = True, mandatory = True),
        "folders": attr.string_dict(doc = "Name to absolute folder."),
    },
    local = True,
    configure = True,
)
