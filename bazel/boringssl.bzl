"""BoringSSL: a static libcrypto whose every symbol carries a prefix.

cmake/BoringSSL.cmake says why so careful. Here too, only //lib:crypto sees the
headers: they are files of @boringssl//:crypto, but on nobody's include path.
"""

_BUILD = """
package(default_visibility = [
    "@//lib:__pkg__",
    "@//tests/lib:__pkg__",
    "@//tests/server/app:__pkg__",
])

exports_files(["lib/libcrypto.a"])

cc_library(
    name = "crypto",
    srcs = ["lib/libcrypto.a"],
    hdrs = glob(["include/**/*.h"]),
    linkopts = [
        "-Wl,--exclude-libs,libcrypto.a",
        "-Wl,-z,nodynamic-undefined-weak",
        "-pthread",
    ],
)
"""

def _root(repository_ctx):
    given = repository_ctx.os.environ.get("BORINGSSL_ROOT")
    if given:
        return given
    script = repository_ctx.path(Label("//:tools/boringssl/build"))
    result = repository_ctx.execute([script], timeout = 1200)
    if result.return_code:
        fail("tools/boringssl/build: " + result.stderr)
    return result.stdout.strip().split("\n")[-1]

def _boringssl_repository_impl(repository_ctx):
    root = _root(repository_ctx)
    archive = repository_ctx.path(root + "/lib/libcrypto.a")
    if not archive.exists:
        fail("no lib/libcrypto.a in '%s'; see cmake/BoringSSL.cmake" % root)
    prefixed = repository_ctx.execute(
        ["grep", "-q", "tuco_bssl_SHA256_Update", archive],
    )
    if prefixed.return_code:
        fail(str(archive) + " was not built with -DBORINGSSL_PREFIX=tuco_bssl;" +
             " beside gRPC's OpenSSL it would corrupt memory")
    repository_ctx.symlink(root + "/include", "include")
    repository_ctx.symlink(root + "/lib", "lib")
    repository_ctx.file("BUILD.bazel", _BUILD)

boringssl_repository = repository_rule(
    implementation = _boringssl_repository_impl,
    doc = "BoringSSL of $BORINGSSL_ROOT, or else of tools/boringssl/build.",
    environ = ["BORINGSSL_ROOT"],
    local = True,
    configure = True,
)

# For the one target that includes BoringSSL.
BORINGSSL_COPTS = [
    "-DBORINGSSL_PREFIX=tuco_bssl",
    "-isystemexternal/boringssl/include",
    "-fvisibility=hidden",
    "-fvisibility-inlines-hidden",
]
