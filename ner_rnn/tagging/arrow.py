"""Documents with names -> Parquet, one name a row.

The columns are those of CSV. pyarrow does the writing, and is imported when a file is begun.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from ner_rnn.extras import require
from ner_rnn.tagging.cells import NAME_COLUMNS, PATH_COLUMN
from ner_rnn.tagging.tables import NameRow, name_rows
from ner_rnn.tagging.writers import Tagged, Writer

__all__ = ["Parquet"]

_Rows = list[NameRow]
_TOGETHER = 65_536  # rows of a group
_CHARACTERS = 1 << 24  # of a group


@dataclass(frozen=True, slots=True)
class Parquet:
    """Parquet files: source, id (text), start, end (whole numbers), text, score.

    Attributes:
        with_path: a last column says of each name whether it is on the best path.
    """

    with_path: bool = False
    ending: str = ".parquet"

    def render(self, tagged: Tagged) -> _Rows:
        r"""The names as rows; half a character (in a file's name) becomes ``\udc80``."""
        rows: _Rows = []
        for source, document in tagged:
            found = list(name_rows(source, document))
            if found and not (found[0][0] + found[0][1]).isascii():
                path, known = map(_whole, found[0][:2])  # once: each name has the same
                found = [(path, known, *row[2:]) for row in found]
            rows += found
        return rows

    def writer(self, file: BinaryIO) -> Writer:
        """Begin a table.

        Raises:
            ExtraError: pyarrow is not installed.
        """
        return _Table(file, self.with_path)


def _whole(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


class _Table:
    def __init__(self, file: BinaryIO, with_path: bool) -> None:
        require("writing Parquet", "pyarrow", instead="set {format} to csv")
        import pyarrow
        from pyarrow import parquet

        text, whole = pyarrow.string(), pyarrow.int64()
        kinds = (text, text, whole, whole, text, pyarrow.float64(), pyarrow.bool_())
        names = (*NAME_COLUMNS, PATH_COLUMN)
        self._columns = len(names) if with_path else len(NAME_COLUMNS)
        self._arrow = pyarrow
        self._schema = pyarrow.schema(list(zip(names, kinds, strict=True))[: self._columns])
        self._writer = parquet.ParquetWriter(file, self._schema, compression="zstd")
        self._rows: _Rows = []
        self._size = 0

    def __del__(self) -> None:
        # given up before its end: the library would write that into a file that is closed
        if hasattr(self, "_writer"):
            self._writer.is_open = False

    def add(self, part: _Rows) -> None:
        for row in part:
            self._rows.append(row)
            self._size += len(row[0]) + len(row[1]) + len(row[4])
            if self._size >= _CHARACTERS:  # an id may be long, and each name repeats it
                self._write()
        if len(self._rows) >= _TOGETHER:
            self._write()

    def close(self) -> None:
        self._write()
        self._writer.close()

    def _write(self) -> None:
        columns = list(zip(*self._rows, strict=True)) if self._rows else [()] * self._columns
        arrays = [
            self._arrow.array(column, kind)
            for column, kind in zip(columns[: self._columns], self._schema.types, strict=True)
        ]
        self._writer.write_table(self._arrow.table(arrays, schema=self._schema))
        self._rows = []
        self._size = 0
