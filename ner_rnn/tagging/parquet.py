"""Parquet -> text and id of each row, in small batches.

Damaged bytes become one message about the file or one of its rows. Memory is bounded by the longest
value, also where many rows share a value.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, Literal, NamedTuple

from ner_rnn.errors import FileError, UserError, shortened
from ner_rnn.extras import require
from ner_rnn.tagging.parquet_sizes import chunks_of, rows_at_once
from ner_rnn.tagging.records import BadRow, Row, check_fields, check_once, json_id
from ner_rnn.text.files import LONGEST_LINE

__all__ = ["Batch", "explained", "read_parquet"]

_PLAIN = frozenset(["string", "large_string", "bool", "null"]) | {
    f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)
}  # column types whose values JSON can represent
_CODECS = {"UNCOMPRESSED": "NONE", "LZ4_RAW": "LZ4"}  # by names of columns' compression
_SHOWN = 60  # characters of a column's name or of the library's message in an error


class Batch(NamedTuple):
    """Consecutive rows of a Parquet file that is to be given back, without their texts.

    Attributes:
        content: Arrow stream of one batch: the columns of the file, but in place of the text
            whether there is one. The first of a file has its schema alone.
        first: number of its first row, from 1.
        group: number of its row group, from 0; -1 for the first batch of a file.
        options: in the first of a file, those of ``ParquetWriter`` with which the file was written.
    """

    content: bytes
    first: int
    group: int
    options: dict[str, Any] | None = None


def read_parquet(
    path: str,
    file: BinaryIO,
    text_field: str,
    id_field: str | None,
    errors: Literal["strict", "replace"] = "strict",
    *,
    whole: bool = False,
) -> Iterator[Row | BadRow | Batch]:
    """Read the rows of a Parquet file.

    Args:
        path: path of the file, for messages.
        file: the open file, which must be seekable.
        text_field: name of the text column.
        id_field: name of the id column, if any.
        errors: "strict" reports a text that is not UTF-8, "replace" decodes it with U+FFFD.
        whole: the file is to be given back: before its rows, and before those of each batch, comes
            a ``Batch`` with the rest of them.

    Raises:
        FileError: it is no Parquet file, is damaged, is not seekable, or lacks a column.
        ExtraError: pyarrow is not installed.
    """
    number = 0
    for group, batch in _batches(path, file, text_field, id_field, whole):
        if group < 0:
            yield Batch(_stream(batch.schema_arrow), 1, group, _options(batch.metadata))
            continue
        place = batch.schema.names.index(text_field)
        texts, is_readable = _values(batch.column(place), errors)
        if whole:
            with explained(f"{path} cannot be given back"):
                content = _without_texts(batch, place, texts)
            yield Batch(content, number + 1, group)
        ids: Iterable[Any] = itertools.repeat(None)
        size = batch.column(place).nbytes
        if id_field is not None:
            column = batch.column(id_field)
            ids, are_readable = _values(column, errors)
            is_readable = is_readable and are_readable
            size += column.nbytes
        if not is_readable or size > LONGEST_LINE:
            yield from _checked(path, number + 1, texts, ids, text_field, id_field)
            number += len(texts)
            continue
        if id_field is not None and str(batch.column(id_field).type) not in _PLAIN:
            ids = map(_id, ids)
        numbers = itertools.count(number + 1)
        for line, text, row_id in zip(numbers, texts, ids, strict=False):
            yield Row(line, text or "", row_id)
        number += len(texts)


def _stream(schema: Any, *batches: Any) -> bytes:
    import pyarrow

    sink = pyarrow.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, schema) as stream:
        for batch in batches:
            stream.write_batch(batch)
    return bytes(sink.getvalue())


def _without_texts(batch: Any, place: int, texts: list[Any]) -> bytes:
    import pyarrow

    columns = batch.columns
    columns[place] = pyarrow.array([text is not None for text in texts], pyarrow.bool_())
    schema = batch.schema.set(place, pyarrow.field(batch.schema.names[place], pyarrow.bool_()))
    return _stream(schema, pyarrow.RecordBatch.from_arrays(columns, schema=schema))


def _options(metadata: Any) -> dict[str, Any]:
    """Return the settings of ``ParquetWriter`` that the first row group of a file tells."""
    if not metadata.num_row_groups:
        return {}
    chunks = chunks_of(metadata.row_group(0))
    return {
        "compression": {
            chunk.path_in_schema: _CODECS.get(chunk.compression, chunk.compression)
            for chunk in chunks
        },
        "use_deprecated_int96_timestamps": any(chunk.physical_type == "INT96" for chunk in chunks),
    }


@contextmanager
def explained(what: str, *passed: type[Exception]) -> Iterator[None]:
    """Make any error of pyarrow, which raises many kinds for damaged bytes, a ``FileError``.

    Args:
        what: what could not be done, in the message.
        passed: errors that are left as they are, beside those of the user.
    """
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        if isinstance(error, passed):
            raise
        why = shortened((str(error).splitlines() or [type(error).__name__])[0], 2 * _SHOWN)
        raise FileError(f"{what}: {why}") from None


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


def _batches(
    path: str, file: BinaryIO, text_field: str, id_field: str | None, whole: bool
) -> Iterator[tuple[int, Any]]:
    """Iterate over the numbers of row groups and record batches.

    The whole of a file begins with -1 and the open file. Any error of the library becomes a
    ``FileError``.
    """
    require(f"reading {path}", "pyarrow")
    import pyarrow
    from pyarrow import parquet

    if not file.seekable():
        raise FileError(f"{path}: Parquet must be read from a file, not from a stream: give a file")
    with explained(f"{path} is not a Parquet file that can be read"):
        table = parquet.ParquetFile(file, buffer_size=1 << 20, pre_buffer=False)
        names = table.schema_arrow.names
        wanted = check_fields(path, names, text_field, id_field)
        for name in wanted:
            check_once(path, names, name)
        kind = table.schema_arrow.field(text_field).type
        if pyarrow.types.is_dictionary(kind):
            kind = kind.value_type
        if not any(is_text(kind) for is_text in (pyarrow.types.is_string, pyarrow.types.is_null,
                                                 pyarrow.types.is_large_string)):  # fmt: skip
            raise FileError(
                f"{path}: column {text_field!r} holds {shortened(str(kind), _SHOWN)}, not text",
                do="choose another with {text_field}",
            )
        if whole:
            yield -1, table
        for group in range(table.num_row_groups):
            size = rows_at_once(file, table, group, None if whole else wanted)
            columns = None if whole else wanted
            for batch in table.iter_batches(batch_size=size, row_groups=[group], columns=columns):
                yield group, batch


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
