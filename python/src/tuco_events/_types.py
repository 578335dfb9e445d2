"""What arguments may be, for type checkers and for help()."""

from __future__ import annotations

import mmap
from array import array
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Union

Body = Union[bytes, bytearray, memoryview, "array[Any]", mmap.mmap]
Secret = Union[str, bytes, Sequence[str], Sequence[bytes], Sequence[Union[str, bytes]]]
Secrets = Union[
    Secret, Mapping[str, str], Mapping[str, bytes], Mapping[str, Union[str, bytes]]
]
Mode = Literal["auto", "raw"]
