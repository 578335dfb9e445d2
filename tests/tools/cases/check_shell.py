"""Scripts as shellcheck wants them."""

from copied_tree import Case, Check

PLANTED = "rm $1\n"

CHECK = Check(
    "check_shell",
    ["tools/python_venv"],
    [
        Case(
            "bash",
            lambda tree: tree.append("tools/python_venv", PLANTED),
            "tools/python_venv",
            "Double quote to prevent globbing",
        ),
        Case(
            "sh",
            lambda tree: tree.write("planted", "#!/bin/sh\n" + PLANTED),
            "planted:2",
            "Double quote to prevent globbing",
        ),
    ],
)
