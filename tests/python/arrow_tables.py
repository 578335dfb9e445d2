"""Tables for Arrow's C stream interface, made with nothing but ctypes.

So that what reads them meets every layout, and a million rows cost little, also
where there is no pyarrow.
"""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from itertools import accumulate, count
from typing import Any

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
NULLABLE = 2
# A capsule does not own its name.
STREAM_NAME = b"arrow_array_stream"


class Schema(ctypes.Structure):
    """ArrowSchema."""


class Array(ctypes.Structure):
    """ArrowArray."""


class Stream(ctypes.Structure):
    """ArrowArrayStream."""


RELEASE_SCHEMA = ctypes.CFUNCTYPE(None, ctypes.POINTER(Schema))
RELEASE_ARRAY = ctypes.CFUNCTYPE(None, ctypes.POINTER(Array))
RELEASE_STREAM = ctypes.CFUNCTYPE(None, ctypes.POINTER(Stream))
GET_SCHEMA = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(Stream), ctypes.POINTER(Schema)
)
GET_NEXT = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(Stream), ctypes.POINTER(Array))
GET_ERROR = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.POINTER(Stream))

Schema._fields_ = [
    ("format", ctypes.c_char_p),
    ("name", ctypes.c_char_p),
    ("metadata", ctypes.c_char_p),
    ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("children", ctypes.POINTER(ctypes.POINTER(Schema))),
    ("dictionary", ctypes.POINTER(Schema)),
    ("release", RELEASE_SCHEMA),
    ("private_data", ctypes.c_void_p),
]
Array._fields_ = [
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(Array))),
    ("dictionary", ctypes.POINTER(Array)),
    ("release", RELEASE_ARRAY),
    ("private_data", ctypes.c_void_p),
]
Stream._fields_ = [
    ("get_schema", GET_SCHEMA),
    ("get_next", GET_NEXT),
    ("get_last_error", GET_ERROR),
    ("release", RELEASE_STREAM),
    ("private_data", ctypes.c_void_p),
]


# What was exported and not released yet, by its private_data.
ALIVE: dict[int, Any] = {}
KEYS = count(1)
# Callbacks of streams, which may be running when they are released.
STREAMS: list[Stream] = []


def forget(exported: Any) -> None:
    """Releases a schema or an array, with the parts that nobody moved away."""
    struct = exported.contents
    parts = [struct.children[i] for i in range(struct.n_children)]
    if struct.dictionary:
        parts.append(struct.dictionary)
    for part in parts:
        if part.contents.release:
            part.contents.release(part)
    del ALIVE[struct.private_data]
    struct.release = type(struct.release)()


release_schema = RELEASE_SCHEMA(forget)
release_array = RELEASE_ARRAY(forget)


@dataclass
class Column:
    """A column of a batch: its type, and its values as Arrow lays them out."""

    name: str | None  # None where nobody gave one.
    format: str
    length: int
    buffers: list[bytes | None]
    nulls: int = 0
    offset: int = 0
    children: list[Column] = field(default_factory=list)
    dictionary: Column | None = None

    def schema(self) -> Schema:
        """The type, which lives until it is released."""
        children = [child.schema() for child in self.children]
        dictionary = self.dictionary.schema() if self.dictionary else None
        made = Schema(
            self.format.encode(),
            None if self.name is None else self.name.encode(),
            None,
            NULLABLE,
            len(children),
            pointers(Schema, children),
            ctypes.pointer(dictionary) if dictionary else None,
            release_schema,
            next(KEYS),
        )
        ALIVE[made.private_data] = (self, children, dictionary, made.children)
        return made

    def array(self) -> Array:
        """The values, which live until they are released."""
        children = [child.array() for child in self.children]
        dictionary = self.dictionary.array() if self.dictionary else None
        buffers = (ctypes.c_void_p * len(self.buffers))(
            *(
                None if b is None else ctypes.cast(ctypes.c_char_p(b), ctypes.c_void_p)
                for b in self.buffers
            )
        )
        made = Array(
            self.length,
            self.nulls,
            self.offset,
            len(self.buffers),
            len(children),
            ctypes.cast(buffers, ctypes.POINTER(ctypes.c_void_p)),
            pointers(Array, children),
            ctypes.pointer(dictionary) if dictionary else None,
            release_array,
            next(KEYS),
        )
        ALIVE[made.private_data] = (self, children, dictionary, buffers, made.children)
        return made


def pointers(kind: Any, structs: list[Any]) -> Any:
    """An array of pointers to them."""
    made = (ctypes.POINTER(kind) * len(structs))(*map(ctypes.pointer, structs))
    return ctypes.cast(made, ctypes.POINTER(ctypes.POINTER(kind)))


class Table:
    """Batches of columns with one schema, for `__arrow_c_stream__`."""

    def __init__(self, *batches: Sequence[Column]) -> None:
        self.batches = [
            Column(
                "",
                "+s",
                columns[0].length if columns else 0,
                [None],
                children=list(columns),
            )
            for columns in batches
        ]

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """A capsule of a stream that goes through the batches."""
        left = iter(self.batches)
        key = next(KEYS)

        def get_schema(_: Any, out: Any) -> int:
            out[0] = self.batches[0].schema()
            return 0

        def get_next(_: Any, out: Any) -> int:
            batch = next(left, None)
            out[0] = Array() if batch is None else batch.array()
            return 0

        def release(exported: Any) -> None:
            exported.contents.release = RELEASE_STREAM()
            del ALIVE[key]

        stream = Stream(
            GET_SCHEMA(get_schema),
            GET_NEXT(get_next),
            GET_ERROR(),
            RELEASE_STREAM(release),
            None,
        )
        ALIVE[key] = self
        STREAMS.append(stream)
        new = ctypes.pythonapi.PyCapsule_New
        new.restype = ctypes.py_object
        new.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
        return new(ctypes.addressof(stream), STREAM_NAME, None)


def validity(values: Sequence[object]) -> tuple[bytes | None, int]:
    """The bitmap of what is not None, and the number of Nones."""
    nulls = values.count(None)
    return (bits([value is not None for value in values]) if nulls else None), nulls


def bits(values: Sequence[bool]) -> bytes:
    """A bit for each, the first in the lowest."""
    digits = bytes(values)[::-1].translate(b"01" + bytes(254))
    return int(digits or b"0", 2).to_bytes((len(values) + 7) // 8 + 1, "little")


def ends(lengths: Iterable[int], code: str = "i") -> bytes:
    """Offsets: 0, and where each value ends."""
    return array(code, accumulate(lengths, initial=0)).tobytes()


def texts(name: str, values: Sequence[str | None], form: str = "u") -> Column:
    """Text as utf8 ("u"), large_utf8 ("U") or string_view ("vu")."""
    valid, nulls = validity(values)
    present = [value or "" for value in values] if nulls else values
    encoded = list(map(str.encode, present))  # type: ignore[arg-type]
    if form == "vu":
        return text_views(name, encoded, valid, nulls)
    offsets = ends(map(len, encoded), "q" if form == "U" else "i")
    buffers = [valid, offsets, b"".join(encoded)]
    return Column(name, form, len(values), buffers, nulls)


def text_views(
    name: str, encoded: list[bytes], valid: bytes | None, nulls: int
) -> Column:
    """Text of which each has 16 bytes, and those that need more a place elsewhere."""
    views, long = [], bytearray()
    for text in encoded:
        size = len(text).to_bytes(4, "little")
        if len(text) <= 12:
            views.append(size + text.ljust(12, b"\0"))
        else:
            place = len(long).to_bytes(4, "little")
            views.append(size + text[:4] + (0).to_bytes(4, "little") + place)
            long += text
    lengths = array("q", [len(long)]).tobytes()
    buffers = [valid, b"".join(views), bytes(long), lengths]
    return Column(name, "vu", len(encoded), buffers, nulls)


CODES = {"c": "b", "C": "B", "s": "h", "S": "H", "i": "i", "I": "I", "l": "q", "L": "Q"}


def dictionary(
    name: str,
    values: Sequence[str | None],
    form: str = "i",
    texts_form: str = "u",
) -> Column:
    """Text as indices of the format `form` into distinct texts."""
    numbers: dict[str, int] = {}
    indices = [
        0 if value is None else numbers.setdefault(value, len(numbers))
        for value in values
    ]
    column = integers(name, indices, form)
    column.buffers[0], column.nulls = validity(values)
    column.dictionary = texts("", list(numbers), texts_form)
    return column


def integers(name: str, values: Sequence[int | None], form: str = "l") -> Column:
    """Whole numbers of the format `form`."""
    valid, nulls = validity(values)
    numbers = array(CODES[form], [value or 0 for value in values])
    return Column(name, form, len(values), [valid, numbers.tobytes()], nulls)


def times(
    name: str, values: Sequence[datetime | None], form: str = "tsu:UTC"
) -> Column:
    """Times in the unit that the format names."""
    nano = {"s": 10**9, "m": 10**6, "u": 10**3, "n": 1}[form[2]]
    numbers = [
        None
        if value is None
        else (value - EPOCH) // timedelta(microseconds=1) * 1000 // nano
        for value in values
    ]
    column = integers(name, numbers)
    column.format = form
    return column


def booleans(name: str, values: Sequence[bool | None]) -> Column:
    """Booleans, a bit each."""
    valid, nulls = validity(values)
    data = bits([bool(value) for value in values])
    return Column(name, "b", len(values), [valid, data], nulls)


def lists(name: str, lengths: Sequence[int], items: Column, form: str = "+l") -> Column:
    """Lists of the items, as list ("+l") or large_list ("+L")."""
    offsets = ends(lengths, "q" if form == "+L" else "i")
    return Column(name, form, len(lengths), [None, offsets], children=[items])


def structs(name: str, children: list[Column]) -> Column:
    """Structs of the columns."""
    return Column(name, "+s", children[0].length, [None], children=children)
