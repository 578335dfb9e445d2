"""What arguments may be, for type checkers and for help()."""

from __future__ import annotations

import mmap
import os
from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, Protocol, TypedDict, Union, get_args

from ._core import EventType, Flag

Body = Union[bytes, bytearray, memoryview, "array[Any]", mmap.mmap]
Secret = Union[str, bytes, Sequence[str], Sequence[bytes], Sequence[Union[str, bytes]]]
Secrets = Union[
    Secret, Mapping[str, str], Mapping[str, bytes], Mapping[str, Union[str, bytes]]
]
Mode = Literal["auto", "raw"]
OnError = Literal["raise", "skip", "collect"]
ON_ERROR: tuple[str, ...] = get_args(OnError)


class Readable(Protocol):
    """A file that is open for reading bytes."""

    def read(self, size: int, /) -> Any:
        """Gives up to `size` bytes, none at the end."""


OneSource = Union[str, "os.PathLike[str]", Body, Readable]
Source = Union[OneSource, Iterable[OneSource]]


class LogOptions(TypedDict):
    """What of a log is wanted, for _core; texts in UTF-8, times in microseconds."""

    types: Sequence[EventType]
    type_names: Sequence[bytes]
    workspaces: Sequence[bytes]
    lines: Sequence[bytes]
    campaigns: Sequence[bytes]
    endpoints: Sequence[bytes]
    message_id: Sequence[bytes]
    lead_id: Sequence[bytes]
    phone: Sequence[bytes]
    flags: Sequence[Flag]
    without_flags: Sequence[Flag]
    test: int
    recorded_at: tuple[int, int]
    occurred_at: tuple[int, int]
    after_sequence: int
    through_sequence: int
    columns: list[str]
    stop_at_damage: bool
    rows: int
