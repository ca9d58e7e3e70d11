"""Documents -> Parquet with the rows that were read, but for their texts.

Schema with its metadata, order of rows and columns, row groups and compression are those of the
input. pyarrow is imported when the first rows come.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, BinaryIO

from ner_rnn.tagging.parquet import Batch, explained
from ner_rnn.tagging.stream import Kept
from ner_rnn.tagging.writers import Tagged, Writer

__all__ = ["SameParquet"]

_Texts = list[tuple[int, str]]
_GROUP_BYTES = 1 << 25
"""Bytes of a row group before it is encoded; a larger one is written as several."""


@dataclass(frozen=True, slots=True)
class SameParquet:
    """Parquet with the rows that were read, and other texts; a null text stays null.

    Attributes:
        text_field: name of the text column.
    """

    text_field: str
    ending: str = ""

    def render(self, tagged: Tagged) -> _Texts:
        """Return the number of each row and its text."""
        return [(source.line, document.text) for source, document in tagged]

    def writer(self, file: BinaryIO) -> Writer:
        """Return a writer of one table."""
        return _Table(file, self.text_field)


class _Table:
    def __init__(self, file: BinaryIO, text_field: str) -> None:
        self._file, self._text_field = file, text_field
        self._writer: Any = None
        self._path = ""
        self._batch: Batch | None = None
        self._texts: _Texts = []  # of its rows, so far
        self._done: list[Any] = []  # batches of the row group, so far
        self._size = 0

    def __del__(self) -> None:
        # given up before its end: the library would write that into a file that is closed
        if self._writer is not None:
            self._writer.is_open = False

    def add(self, part: Kept | _Texts) -> None:
        if not isinstance(part, Kept):
            self._texts += part
            return
        self._path, batch = part.path, part.content
        if not isinstance(batch, Batch):
            raise TypeError(batch)
        with explained(f"{self._path} cannot be given back", OSError):
            if batch.options is not None:
                self._begin(batch, batch.options)
                return
            self._finish_batch()
            if self._batch is not None and self._batch.group != batch.group:
                self._write()
            self._batch = batch

    def close(self) -> None:
        with explained(f"{self._path} cannot be given back", OSError):
            self._finish_batch()
            self._write()
            if self._writer is not None:
                self._writer.close()

    def _begin(self, first: Batch, options: dict[str, Any]) -> None:
        import pyarrow
        from pyarrow import parquet

        self._arrow = pyarrow
        self._schema = pyarrow.ipc.open_stream(first.content).schema
        self._place = self._schema.names.index(self._text_field)
        self._writer = parquet.ParquetWriter(self._file, self._schema, **options)

    def _finish_batch(self) -> None:
        """Put the texts of a batch into its rows; rows that could not be read are left out."""
        if self._batch is None or not self._texts:
            return
        rest = self._arrow.ipc.open_stream(self._batch.content).read_next_batch()
        if len(self._texts) < rest.num_rows:
            rest = rest.take([line - self._batch.first for line, _ in self._texts])
        columns = rest.columns
        texts = [
            text if is_text else None
            for is_text, (_, text) in zip(
                columns[self._place].to_pylist(), self._texts, strict=True
            )
        ]
        columns[self._place] = self._column(texts)
        batch = self._arrow.RecordBatch.from_arrays(columns, schema=self._schema)
        self._texts = []
        self._done.append(batch)
        self._size += batch.nbytes
        if self._size >= _GROUP_BYTES:
            self._write()

    def _column(self, texts: list[str | None]) -> Any:
        kind = self._schema.types[self._place]
        if not self._arrow.types.is_dictionary(kind):
            return self._arrow.array(texts, kind)
        return self._arrow.array(texts, kind.value_type).dictionary_encode().cast(kind)

    def _write(self) -> None:
        if self._done:
            table = self._arrow.Table.from_batches(self._done, schema=self._schema)
            self._writer.write_table(table, row_group_size=max(1, table.num_rows))
        self._done = []
        self._size = 0
