"""Arrows between folders, and libraries that one file only may include."""

from copied_tree import Case, Check

# Of each layer one that it must not see.
FORBIDDEN = {
    "lib": "proto/event_codec.h",
    "proto": "server/base/clock.h",
    "python": "proto/event_codec.h",
    "server/base": "server/log/record.h",
    "server/log": "server/stream/hub.h",
    "server/receiver": "server/http/message.h",
    "server/stream": "server/rpc/event_service.h",
    "server/http": "server/ingress/ingress_handler.h",
    "server/ingress": "server/rpc/event_service.h",
    "server/admin": "server/receiver/receiver.h",
    "server/rpc": "server/ingress/ingress_handler.h",
    "server/cli": "server/log/record.h",
}

ONE_FILE_ONLY = {
    "openssl/hmac.h": (
        "lib/tuco/internal/boringssl_crypto.cc and server/base/tls_files.cc and "
        "server/cli/tls_stream.cc and server/http/tls.cc"
    ),
    "boost/asio/ssl.hpp": "nobody",
    "sqlite3.h": "python/src/_core/log/sqlite.cc and server/log/sqlite_db.cc",
    "prometheus/registry.h": "server/base/metrics.cc",
    "toml++/toml.h": "server/app/toml_table.h",
    "llhttp.h": "server/http/request_parser.h",
}


def arrow(source: str, include: str) -> Case:
    """A file of one layer that includes one of another."""
    path = f"{source}/planted.h"
    target = include.rpartition("/")[0]
    return Case(
        f"{source}-to-{target}",
        lambda tree: tree.write(path, f'#include "{include}"\n'),
        f"{path}:1",
        f"{source} may not include {target}",
    )


def one_file_only(header: str, only: str) -> Case:
    """A second file that includes a library."""
    return Case(
        header.partition("/")[0],
        lambda tree: tree.write("server/app/planted.cc", f"#include <{header}>\n"),
        "server/app/planted.cc:1",
        f"only {only} may include",
    )


CHECK = Check(
    "check_layers",
    # A small file in each folder.
    ["ARCHITECTURE.md", "*CMakeLists.txt"],
    [
        *(arrow(*pair) for pair in FORBIDDEN.items()),
        *(one_file_only(*pair) for pair in ONE_FILE_ONLY.items()),
        Case(
            "row-without-folder",
            lambda tree: tree.replace(
                "ARCHITECTURE.md",
                "| `server/log` |",
                "| `server/gone` | `lib` | nothing |\n| `server/log` |",
            ),
            "ARCHITECTURE.md",
            "no such folder server/gone",
        ),
        Case(
            "folder-without-row",
            lambda tree: tree.write("server/planted/planted.h", ""),
            "server/planted/planted.h:1",
            "in no layer",
        ),
        Case(
            "include-without-row",
            lambda tree: tree.write("server/log/x.h", '#include "else/where.h"\n'),
            "server/log/x.h:1",
            "else/where.h is in no layer",
        ),
    ],
)
