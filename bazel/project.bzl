"""What CMakeLists.txt says of the project, for both builds to say the same."""

def _project_repository_impl(repository_ctx):
    text = repository_ctx.read(Label("//:CMakeLists.txt"))
    version = text.split("project(tuco-events VERSION ")[1].split(" ")[0]
    repository_ctx.file("BUILD.bazel", "")
    repository_ctx.file("project.bzl", "VERSION = \"%s\"\n" % version)

project_repository = repository_rule(
    implementation = _project_repository_impl,
    doc = "@project//:project.bzl has VERSION.",
    local = True,
)
