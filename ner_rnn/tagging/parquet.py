"""Parquet -> text and id of each row, in small batches.

Damaged bytes become one message about the file or one of its rows. Memory is bounded by the longest
value, also where many rows share a value.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, Literal

from ner_rnn.errors import FileError, UserError, shortened
from ner_rnn.extras import require
from ner_rnn.tagging.records import BadRow, Row, check_fields, json_id
from ner_rnn.text.files import LONGEST_LINE

__all__ = ["read_parquet"]

_BATCH_ROWS = 1024
_BATCH_BYTES = 1 << 26
_PLAIN = frozenset(["string", "large_string", "bool", "null"]) | {
    f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)
}  # column types whose values JSON can represent
_SHOWN = 60  # characters of a column's name or of the library's message in an error


def read_parquet(
    path: str,
    file: BinaryIO,
    text_field: str,
    id_field: str | None,
    errors: Literal["strict", "replace"] = "strict",
) -> Iterator[Row | BadRow]:
    """Read the rows of a Parquet file.

    Args:
        path: path of the file, for messages.
        file: the open file, which must be seekable.
        text_field: name of the text column.
        id_field: name of the id column, if any.
        errors: "strict" reports a text that is not UTF-8, "replace" decodes it with U+FFFD.

    Raises:
        FileError: it is no Parquet file, is damaged, is not seekable, or lacks a column.
        ExtraError: pyarrow is not installed.
    """
    number = 0
    for batch in _batches(path, file, text_field, id_field):
        texts, is_readable = _values(batch.column(text_field), errors)
        ids: Iterable[Any] = itertools.repeat(None)
        if id_field is not None:
            ids, are_readable = _values(batch.column(id_field), errors)
            is_readable = is_readable and are_readable
        if not is_readable or batch.nbytes > LONGEST_LINE:
            yield from _checked(path, number + 1, texts, ids, text_field, id_field)
            number += len(texts)
            continue
        if id_field is not None and str(batch.column(id_field).type) not in _PLAIN:
            ids = map(_id, ids)
        numbers = itertools.count(number + 1)
        for line, text, row_id in zip(numbers, texts, ids, strict=False):
            yield Row(line, text or "", row_id)
        number += len(texts)


def _checked(
    path: str,
    first: int,
    texts: list[Any],
    ids: Iterable[Any],
    text_field: str,
    id_field: str | None,
) -> Iterator[Row | BadRow]:
    """Iterate over the rows of a batch with values that may be unreadable or too long."""
    for number, (text, row_id) in enumerate(zip(texts, ids, strict=False), start=first):
        for field, value in ((text_field, text), (id_field, row_id)):
            if isinstance(value, _Unreadable):
                yield BadRow(f"{path}:{number}: field {field!r} cannot be read: {value}")
                break
            if isinstance(value, str) and len(value) > LONGEST_LINE:
                yield BadRow(
                    f"{path}:{number}: field {field!r} has more than {LONGEST_LINE:,} characters"
                )
                break
        else:
            yield Row(number, text or "", _id(row_id))


def _id(value: Any) -> object:
    return json_id(value if value is None or isinstance(value, (str, int, float)) else str(value))


def _batches(path: str, file: BinaryIO, text_field: str, id_field: str | None) -> Iterator[Any]:
    """Iterate over the record batches; any error of the library becomes a ``FileError``."""
    require(f"reading {path}", "pyarrow")
    import pyarrow
    from pyarrow import parquet

    if not file.seekable():
        raise FileError(f"{path}: Parquet must be read from a file, not from a stream: give a file")
    try:
        table = parquet.ParquetFile(file, buffer_size=1 << 20, pre_buffer=False)
        names = table.schema_arrow.names
        wanted = check_fields(path, names, text_field, id_field)
        for name in wanted:
            if names.count(name) > 1:
                raise FileError(
                    f"{path}: {names.count(name)} columns are called {shortened(name, _SHOWN)!r}: "
                    "give each its own name"
                )
        kind = table.schema_arrow.field(text_field).type
        if pyarrow.types.is_dictionary(kind):
            kind = kind.value_type
        if not any(is_text(kind) for is_text in (pyarrow.types.is_string, pyarrow.types.is_null,
                                                 pyarrow.types.is_large_string)):  # fmt: skip
            raise FileError(
                f"{path}: column {text_field!r} holds {shortened(str(kind), _SHOWN)}, not text",
                do="choose another with {text_field}",
            )
        for group in range(table.num_row_groups):
            size = _rows_at_once(file, table, group, wanted)
            yield from table.iter_batches(batch_size=size, row_groups=[group], columns=wanted)
    except UserError:
        raise
    except Exception as error:  # pyarrow raises many kinds of exceptions for damaged bytes
        what = shortened((str(error).splitlines() or [type(error).__name__])[0], 2 * _SHOWN)
        raise FileError(f"{path} is not a Parquet file that can be read: {what}") from None


def _rows_at_once(file: BinaryIO, table: Any, group: int, wanted: list[str]) -> int:
    """Return a batch size for a row group that keeps memory small.

    A value that many rows share is stored only once, so that a small file can expand enormously.
    """
    from pyarrow import parquet

    found = table.metadata.row_group(group)
    rows = _BATCH_ROWS
    for place in range(found.num_columns):
        chunk = found.column(place)
        bytes_stored = chunk.total_uncompressed_size
        name = chunk.path_in_schema
        is_text = name in wanted and chunk.physical_type == "BYTE_ARRAY"
        if not is_text or bytes_stored * _BATCH_ROWS <= _BATCH_BYTES:
            continue
        shared = parquet.ParquetFile(file, metadata=table.metadata, read_dictionary=[name])
        for batch in shared.iter_batches(batch_size=1, row_groups=[group], columns=[name]):
            values = batch.column(name)
            longest = _longest(getattr(values, "dictionary", values))
            longest = max(longest, bytes_stored // max(1, chunk.num_values))
            rows = min(rows, max(1, _BATCH_BYTES // (longest + 1)))
            break
    return rows


def _longest(values: Any) -> int:
    """Return the bytes of the longest value; of all together if the type has no offsets."""
    import numpy as np

    width = {"string": 4, "binary": 4, "large_string": 8, "large_binary": 8}.get(str(values.type))
    if width is None or not len(values):
        return int(values.nbytes)
    offsets = np.frombuffer(values.buffers()[1], dtype=f"i{width}")
    return int(np.diff(offsets[values.offset : values.offset + len(values) + 1]).max())


class _Unreadable(str):
    """Reason why a value of a Parquet column cannot be read, in its place."""


def _values(column: Any, errors: Literal["strict", "replace"]) -> tuple[list[Any], bool]:
    """Return the values of a column, and whether all were readable without replacement.

    Values without a Python type become text, unreadable ones ``_Unreadable``.
    """
    try:
        return column.to_pylist(), True
    except Exception:  # for example invalid UTF-8 or a year after 9999: find the row
        return [_value(cell, errors) for cell in column], False


def _value(cell: Any, errors: Literal["strict", "replace"]) -> Any:
    try:
        return cell.as_py()
    except UnicodeDecodeError as error:
        if errors == "replace":
            return error.object.decode("utf-8", "replace")
        return _Unreadable(f"byte {error.start} (0x{error.object[error.start]:02x}) is not UTF-8")
    except Exception:
        try:
            return str(cell.cast("string").as_py())
        except Exception as error:
            return _Unreadable(shortened((str(error).splitlines() or [""])[0], _SHOWN))
