"""What a command writes to: a file that is there once it is complete, or stdout."""

from __future__ import annotations

import os
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import IO

from ._console import DAMAGED, CommandError


class Target:
    """A file that is written beside its place, and renamed by `commit`.

    Without that nothing is left of it. Only its owner may read it, as events are
    personal. What is no regular file, such as a pipe, is written to as it is, as is
    stdout, whose name is -.

    Attributes:
        file: Where to write to.
    """

    file: IO[bytes]

    def __init__(self, path: str) -> None:
        # Behind a link: the link stays.
        self._path = path if path == "-" else os.path.realpath(path)
        self._name = "stdout" if path == "-" else path
        self._temporary: str | None = None

    def __enter__(self) -> Target:
        if self._path == "-":
            self.file = sys.stdout.buffer
        elif _is_special(self._path):
            self.file = open(self._path, "wb")
        else:
            self.file = self._beside()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._path != "-":
            # What it fails with has been said: `commit` has nothing left to write.
            with suppress(OSError):
                self.file.close()
        self._remove()

    def commit(self) -> None:
        """Puts the file into its place."""
        with self.writing():
            self.file.flush()
            if self._temporary is not None:
                os.fsync(self.file.fileno())
                os.replace(self._temporary, self._path)
                self._temporary = None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Tells what fails in writing from what fails in reading.

        Raises:
            CommandError: Instead of OSError, unless nobody reads any more.
        """
        try:
            yield
        except BrokenPipeError:
            raise
        except OSError as error:
            why = error.strerror or error
            raise CommandError(
                DAMAGED, f"cannot write to {self._name}: {why}"
            ) from None

    def _beside(self) -> IO[bytes]:
        folder = os.path.dirname(self._path)
        name = f".tuco-events-{secrets.token_hex(8)}.tmp"
        self._temporary = os.path.join(folder, name)
        try:
            return open(self._temporary, "xb", opener=_private)
        except OSError as error:
            self._temporary = None
            raise OSError(error.errno, error.strerror, self._name) from None
        except BaseException:  # Of a signal; the file may be there all the same.
            self._remove()
            raise

    def _remove(self) -> None:
        if self._temporary is not None:
            with suppress(FileNotFoundError):
                os.unlink(self._temporary)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _is_special(path: str) -> bool:
    return os.path.exists(path) and not stat.S_ISREG(os.stat(path).st_mode)
