"""Rows of a Parquet file that are read at once, so that memory stays small."""

from __future__ import annotations

from typing import Any, BinaryIO

__all__ = ["chunks_of", "rows_at_once"]

_BATCH_ROWS = 1024
_BATCH_BYTES = 1 << 26
_WHOLE_BYTES = 1 << 23
_WIDTH = 8  # bytes of a number; shared numbers are stored as less


def chunks_of(group: Any) -> list[Any]:
    """Return the column chunks of a row group's metadata."""
    return [group.column(place) for place in range(group.num_columns)]


def rows_at_once(file: BinaryIO, table: Any, group: int, wanted: list[str] | None) -> int:
    """Return a batch size for a row group that keeps memory small.

    A value that many rows share is stored only once, so that a small file can expand enormously.

    Args:
        file: the open file.
        table: the same, opened by the library.
        group: number of the row group.
        wanted: text columns, each of which may take ``_BATCH_BYTES``; None: all columns together
            may take ``_WHOLE_BYTES``, as they travel between processes.
    """
    found = table.metadata.row_group(group)
    if wanted is None:
        rows = max(1, found.num_rows)
        needed = sum(_longest_of(file, table, group, chunk, rows) for chunk in chunks_of(found))
        return min(_BATCH_ROWS, max(1, _WHOLE_BYTES // (needed + 1)))
    size = _BATCH_ROWS
    for chunk in chunks_of(found):
        is_text = chunk.path_in_schema in wanted and chunk.physical_type == "BYTE_ARRAY"
        if is_text and chunk.total_uncompressed_size * _BATCH_ROWS > _BATCH_BYTES:
            longest = _longest_of(file, table, group, chunk, max(1, chunk.num_values))
            size = min(size, max(1, _BATCH_BYTES // (longest + 1)))
    return size


def _longest_of(file: BinaryIO, table: Any, group: int, chunk: Any, rows: int) -> int:
    """Return the bytes that a row of a column takes: those of its longest shared value or more."""
    from pyarrow import parquet

    average: int = max(chunk.total_uncompressed_size, _WIDTH * chunk.num_values) // rows
    if chunk.physical_type != "BYTE_ARRAY" or (
        chunk.total_uncompressed_size * _BATCH_ROWS <= _BATCH_BYTES
    ):
        return average
    name = chunk.path_in_schema
    shared = parquet.ParquetFile(
        file,
        metadata=table.metadata,
        read_dictionary=[name],
        buffer_size=1 << 20,  # without these the whole column would be held
        pre_buffer=False,
    )
    for batch in shared.iter_batches(batch_size=1, row_groups=[group], columns=[name]):
        values = batch.column(0)
        return max(average, _longest(getattr(values, "dictionary", values)))
    return average


def _longest(values: Any) -> int:
    """Return the bytes of the longest value; of all together if the type has no offsets."""
    import numpy as np

    width = {"string": 4, "binary": 4, "large_string": 8, "large_binary": 8}.get(str(values.type))
    if width is None or not len(values):
        return int(values.nbytes)
    offsets = np.frombuffer(values.buffers()[1], dtype=f"i{width}")
    return int(np.diff(offsets[values.offset : values.offset + len(values) + 1]).max())
