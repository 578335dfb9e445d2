"""Wycheproof's test vectors, which are not ours to copy."""

def _wycheproof_repository_impl(repository_ctx):
    script = repository_ctx.path(Label("//:tools/wycheproof/fetch"))
    result = repository_ctx.execute([script])
    if result.return_code:
        fail("tools/wycheproof/fetch: " + result.stderr)
    vectors = result.stdout.strip()
    repository_ctx.symlink(vectors, vectors.split("/")[-1])
    repository_ctx.file(
        "BUILD.bazel",
        'exports_files(["hmac_sha256_test.json"])\n',
    )

wycheproof_repository = repository_rule(
    implementation = _wycheproof_repository_impl,
    doc = "The vectors that tools/wycheproof/fetch finds.",
    local = True,
)
