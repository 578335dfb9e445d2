"""Sockets that listen before and after a server does, as systemd holds them."""

import socket
import sys
from collections.abc import Mapping, Sequence
from typing import Self

# Takes the place of its process, so that the process's id is known to it.
_HAND_OVER = """
import fcntl, os, sys
names, program = sys.argv[1], sys.argv[3:]
descriptors = [int(number) for number in sys.argv[2].split(",")]
# Out of the way first, since one may lie where another one goes.
moved = [fcntl.fcntl(number, fcntl.F_DUPFD, 100) for number in descriptors]
for number, descriptor in enumerate(moved, start=3):
    os.dup2(descriptor, number)
    os.close(descriptor)
os.environ.setdefault("LISTEN_PID", str(os.getpid()))
os.environ.update(LISTEN_FDS=str(len(moved)), LISTEN_FDNAMES=names)
os.execv(program[0], program)
"""


class HeldSockets:
    """Listening sockets by the names of the listeners that they are for."""

    def __init__(self, *names: str) -> None:
        self._sockets = {name: _listening() for name in names}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for held in self._sockets.values():
            held.close()

    def address(self, name: str) -> str:
        """`host:port` of one."""
        host, port = self._sockets[name].getsockname()
        return f"{host}:{port}"

    @property
    def sockets(self) -> Mapping[str, socket.socket]:
        """For whoever starts a server."""
        return self._sockets


def _listening() -> socket.socket:
    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    held.listen(4096)
    return held


def hand_over(
    sockets: Mapping[str, socket.socket], command: Sequence[str]
) -> tuple[list[str], list[int]]:
    """`command` as it runs with `sockets`, and the descriptors to pass to it."""
    descriptors = [held.fileno() for held in sockets.values()]
    numbers = ",".join(map(str, descriptors))
    # A name may be there several times, which a dict's key cannot.
    names = ":".join(name.rstrip("+") for name in sockets)
    launcher = [sys.executable, "-c", _HAND_OVER, names, numbers]
    return [*launcher, *command], descriptors
