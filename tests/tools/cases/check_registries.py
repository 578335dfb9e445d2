"""No hosts of package registries, here neither: they are put together."""

from copied_tree import Case, Check

HOSTS = [
    ("py" + "pi", "org"),
    ("files.python" + "hosted", "org"),
    ("static.crates", "io"),
    ("registry.npm" + "js", "org"),
    ("registry.yarn" + "pkg", "com"),
    ("proxy.go" + "lang", "org"),
    ("sum.go" + "lang", "org"),
    ("repo1.ma" + "ven", "org"),
    ("repo.ma" + "ven.apache", "org"),
    ("plugins.gra" + "dle", "org"),
    ("ruby" + "gems", "org"),
    ("api.nu" + "get", "org"),
    ("bcr.ba" + "zel", "build"),
    ("deb.deb" + "ian", "org"),
    ("security.deb" + "ian", "org"),
    ("archive.ub" + "untu", "com"),
    ("ghcr", "io"),
    ("registry-1.doc" + "ker", "io"),
    ("europe-docker.p" + "kg", "dev"),
]
CARGO = 'source = "registry+https://github' + ".com/rust-lang/crates" + '.io-index"\n'


def host(*labels: str) -> Case:
    """A host in a file that nobody would look at."""
    name = ".".join(labels)
    return Case(
        name,
        lambda tree: tree.write("docs/planted.txt", f"\n# from https://{name}/x\n"),
        "docs/planted.txt:2",
        "names the host",
    )


CHECK = Check(
    "check_registries",
    ["tools/", "README.md"],
    [
        *(host(*labels) for labels in HOSTS),
        Case(
            "cargo-elsewhere",
            lambda tree: tree.write("planted.toml", CARGO),
            "planted.toml:1",
            "names the host",
        ),
        Case(
            "cargo-other-host",
            lambda tree: tree.append(
                "tools/boringssl/Cargo.lock",
                'source = "sparse+https://index.' + "crates" + '.io/"\n',
            ),
            "tools/boringssl/Cargo.lock",
            "names the host",
        ),
    ],
)
