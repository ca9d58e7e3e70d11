"""Parquet -> the text and the id of each row, a few rows at a time.

Whatever is wrong with the bytes of a file is one line about that file, or about one row of it. The
memory that it takes is bounded by the longest value, not by what many rows share.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, Literal

from ner_rnn.errors import ConfigError, FileError, UserError, shortened
from ner_rnn.tagging.records import BadRow, Row, check_fields, json_id
from ner_rnn.text.files import LONGEST_LINE

__all__ = ["read_parquet"]

_AT_ONCE = 1024  # rows
_BATCH_BYTES = 1 << 26  # of these rows together
_PLAIN = frozenset(["string", "large_string", "bool", "null"]) | {
    f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)
}  # kinds of columns whose values JSON can write
_SHOWN = 60  # characters of a field's name in a message, and of the library's reason


def read_parquet(
    path: str,
    file: BinaryIO,
    text_field: str,
    id_field: str | None,
    errors: Literal["strict", "replace"] = "strict",
) -> Iterator[Row | BadRow]:
    """Read a Parquet file, a few rows at a time.

    Args:
        path: of the file, in messages.
        file: its bytes; it is read back and forth.
        text_field: the column of the text.
        id_field: the column of the id, if any.
        errors: report a text that is not UTF-8, or read its bytes at fault as U+FFFD.

    Raises:
        FileError: it is no Parquet file, is damaged, cannot be read back and forth, or lacks a
            column.
        ConfigError: the library that reads it is not installed.
    """
    number = 0
    for batch in _batches(path, file, text_field, id_field):
        texts, is_whole = _values(batch.column(text_field), errors)
        ids: Iterable[Any] = itertools.repeat(None)
        if id_field is not None:
            ids, are_whole = _values(batch.column(id_field), errors)
            is_whole = is_whole and are_whole
        if not is_whole or batch.nbytes > LONGEST_LINE:
            yield from _checked(path, number + 1, texts, ids, text_field, id_field)
            number += len(texts)
            continue
        if id_field is not None and str(batch.column(id_field).type) not in _PLAIN:
            ids = map(_id, ids)
        numbers = itertools.count(number + 1)
        for line, text, known in zip(numbers, texts, ids, strict=False):
            yield Row(line, text or "", known)
        number += len(texts)


def _checked(
    path: str,
    first: int,
    texts: list[Any],
    ids: Iterable[Any],
    text_field: str,
    id_field: str | None,
) -> Iterator[Row | BadRow]:
    """The rows of a batch in which values may be unreadable or too long."""
    for number, (text, known) in enumerate(zip(texts, ids, strict=False), start=first):
        for field, value in ((text_field, text), (id_field, known)):
            if isinstance(value, _Unreadable):
                yield BadRow(f"{path}:{number}: field {field!r} cannot be read: {value}")
                break
            if isinstance(value, str) and len(value) > LONGEST_LINE:
                yield BadRow(
                    f"{path}:{number}: field {field!r} has more than {LONGEST_LINE:,} characters"
                )
                break
        else:
            yield Row(number, text or "", _id(known))


def _id(known: Any) -> object:
    return json_id(known if known is None or isinstance(known, (str, int, float)) else str(known))


def _batches(path: str, file: BinaryIO, text_field: str, id_field: str | None) -> Iterator[Any]:
    """The record batches of a Parquet file; whatever is wrong with its bytes is a FileError."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise ConfigError(f"{path}: Parquet is read by pyarrow: pip install pyarrow") from None
    if not file.seekable():
        raise FileError(f"{path}: Parquet is read back and forth, not as a stream: give a file")
    wanted = [text_field] if id_field is None else [text_field, id_field]
    try:
        table = parquet.ParquetFile(file, buffer_size=1 << 20, pre_buffer=False)
        names = table.schema_arrow.names
        check_fields(path, names, wanted)
        for name in wanted:
            if names.count(name) > 1:
                raise FileError(
                    f"{path}: {names.count(name)} columns are called {shortened(name, _SHOWN)!r}: "
                    "give each a name of its own"
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
    except Exception as error:  # damaged bytes make the library raise nearly anything
        what = shortened((str(error).splitlines() or [type(error).__name__])[0], 2 * _SHOWN)
        raise FileError(f"{path} is not a Parquet file that can be read: {what}") from None


def _rows_at_once(file: BinaryIO, table: Any, group: int, wanted: list[str]) -> int:
    """Rows of a row group that together take little memory.

    A value that many rows share is stored once, so that a small file can hold texts without end.
    """
    from pyarrow import parquet

    found = table.metadata.row_group(group)
    most = _AT_ONCE
    for place in range(found.num_columns):
        chunk = found.column(place)
        bytes_stored = chunk.total_uncompressed_size
        name = chunk.path_in_schema
        is_text = name in wanted and chunk.physical_type == "BYTE_ARRAY"
        if not is_text or bytes_stored * _AT_ONCE <= _BATCH_BYTES:
            continue
        shared = parquet.ParquetFile(file, metadata=table.metadata, read_dictionary=[name])
        for batch in shared.iter_batches(batch_size=1, row_groups=[group], columns=[name]):
            values = batch.column(name)
            longest = _longest(getattr(values, "dictionary", values))
            longest = max(longest, bytes_stored // max(1, chunk.num_values))
            most = min(most, max(1, _BATCH_BYTES // (longest + 1)))
            break
    return most


def _longest(values: Any) -> int:
    """Bytes of the longest of these texts; at most all of them where that is not at hand."""
    import numpy as np

    width = {"string": 4, "binary": 4, "large_string": 8, "large_binary": 8}.get(str(values.type))
    if width is None or not len(values):
        return int(values.nbytes)
    offsets = np.frombuffer(values.buffers()[1], dtype=f"i{width}")
    return int(np.diff(offsets[values.offset : values.offset + len(values) + 1]).max())


class _Unreadable(str):
    """Why a value of a Parquet column cannot be read."""


def _values(column: Any, errors: Literal["strict", "replace"]) -> tuple[list[Any], bool]:
    """The values of a column, and whether all could be read as they are.

    Those that Python has no value for are text, or ``_Unreadable``.
    """
    try:
        return column.to_pylist(), True
    except Exception:  # such as bytes that are not UTF-8, a date after the year 9999: which row?
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
