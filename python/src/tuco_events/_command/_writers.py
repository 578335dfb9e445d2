"""Files that tables of events are written to, batch by batch."""

from __future__ import annotations

import gzip
from contextlib import suppress
from typing import IO, Any, Protocol

from .._optional import optional
from .._table import EventTable


class Writer(Protocol):
    """A file in some format. One thread at a time."""

    def write(self, table: EventTable) -> None:
        """Appends the table's rows."""

    def close(self) -> None:
        """Ends what the format needs an end of; the file itself stays open."""

    def abandon(self) -> None:
        """Instead of `close`, when not everything could be written."""


class ParquetWriter:
    """Apache Parquet: the types of the table, times and dictionaries included."""

    def __init__(self, file: IO[bytes], columns: EventTable) -> None:
        """Begins a file.

        Raises:
            ImportError: There is no pyarrow; the message says how to get it.
        """
        self._pyarrow = optional("pyarrow", "arrow")
        parquet = optional("pyarrow.parquet", "arrow")
        schema = self._pyarrow.schema(columns)
        self._writer: Any = parquet.ParquetWriter(file, schema, compression="zstd")

    def write(self, table: EventTable) -> None:
        """Appends a row group."""
        if len(table):
            rows = self._pyarrow.table(table)
            self._writer.write_table(rows, row_group_size=len(table))

    def close(self) -> None:
        """Writes the footer."""
        self._writer.close()

    def abandon(self) -> None:
        """Closes it, or it would do so itself once its file is not open any more."""
        with suppress(OSError):
            self._writer.close()


class TextWriter:
    """CSV with a line of names, or JSON, an object a line; gzip on demand."""

    def __init__(
        self, file: IO[bytes], columns: EventTable, csv: bool, compressed: bool
    ) -> None:
        self._csv = csv
        # Without a name and a time in it, the same rows give the same file.
        self._packed: Any = None
        if compressed:
            self._packed = gzip.GzipFile("", "wb", 6, file, mtime=0)
        self._file: Any = self._packed or file
        if csv:
            self._file.write(",".join(columns.columns).encode() + b"\n")

    def write(self, table: EventTable) -> None:
        """Appends a line for each row."""
        columns = table._columns
        self._file.write(columns.csv_rows() if self._csv else columns.json_rows())

    def close(self) -> None:
        """Ends the compressed data, if they are."""
        if self._packed is not None:
            self._packed.close()

    def abandon(self) -> None:
        """Leaves compressed data without their end, so that anybody sees it."""
        if self._packed is not None:
            self._packed.fileobj = None
