"""Pages, blocks, reasons and links of the documentation."""

from copied_tree import Case, Check

PAGE = "docs/planted.md"


def page(name: str, text: str, line: int, says: str) -> Case:
    """A page with one thing wrong."""
    return Case(name, lambda tree: tree.write(PAGE, text), f"{PAGE}:{line}", says)


CHECK = Check(
    "check_docs",
    # Everything, for a link may lead anywhere.
    ["."],
    [
        Case(
            "page-nobody-runs",
            lambda tree: tree.write("fuzz/README.md", "# Fuzz\n\n```sh\nmake\n```\n"),
            "fuzz/README.md:3",
            "nothing runs",
        ),
        page("fence-other-name", "```bash\nmake\n```\n", 1, "found ```bash"),
        page("fence-more-words", "```sh title\nmake\n```\n", 1, "found ```sh title"),
        page("fence-tildes", "~~~sh\nmake\n~~~\n", 1, "found ~~~sh"),
        page(
            "not-run-without-reason",
            "<!-- not run -->\n```sh\nmake\n```\n",
            1,
            "no reason",
        ),
        page(
            "not-run-with-empty-reason",
            "<!-- not run: -->\n```sh\nmake\n```\n",
            1,
            "no reason",
        ),
        page(
            "not-run-of-nothing",
            "<!-- not run: needs a host -->\n\nText.\n",
            1,
            "nothing behind it is run",
        ),
        page(
            "not-run-of-json",
            "<!-- not run: needs a host -->\n```json\n{}\n```\n",
            1,
            "nothing behind it is run",
        ),
        page(
            "test-that-is-not",
            "<!-- not run: tests/e2e/test_gone.py runs it -->\n```sh\nmake\n```\n",
            1,
            "tests/e2e/test_gone.py does not exist",
        ),
        page(
            "test-of-other-page",
            "<!-- not run: tests/python/test_docs.py runs it -->\n```sh\nmake\n```\n",
            1,
            "tests/python/test_docs.py does not read planted.md",
        ),
        page(
            "indented-command",
            "Then:\n\n    build/bin/tuco-events tail\n",
            3,
            "a command that nothing runs: build/bin/tuco-events tail",
        ),
        page(
            "text-fence-command",
            "```text\n$ sudo make install\n```\n",
            2,
            "a command that nothing runs: $ sudo make install",
        ),
        page("link-to-file", "See\n[it](gone.md).\n", 2, "no gone.md"),
        page("link-out", "[it](../../other/README.md)\n", 1, "no ../../other/README"),
        page("link-by-name", "[it][a]\n\n[a]: gone.md\n", 3, "no gone.md"),
        page("link-to-heading", "# One\n\n[it](#two)\n", 3, "no heading #two"),
        page(
            "link-to-heading-elsewhere",
            "[it](quickstart.md#gone)\n",
            1,
            "no heading #gone in docs/quickstart.md",
        ),
    ],
)
