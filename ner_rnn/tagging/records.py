"""JSON lines, CSV and Parquet -> the text and the id of each row, row by row.

A row that cannot be used is told with its place, and the next one follows; what makes the whole
table unusable is raised. What the texts hold is for others.
"""

from __future__ import annotations

import csv
import itertools
import json
from collections.abc import Iterable, Iterator
from typing import BinaryIO, NamedTuple

from ner_rnn.errors import ConfigError, FileError

__all__ = ["BadRow", "Row", "read_csv", "read_json_lines", "read_parquet"]

_LONGEST_ROW = 1 << 24
"""Characters; a longer row is hardly one: a line end or a closing quote is missing."""
_AT_ONCE = 1024  # rows of a Parquet file
_SHOWN_FIELDS = 12
_JSON_KINDS = {dict: "an object", list: "a list", bool: "a truth value"}


class Row(NamedTuple):
    """A row that holds a text.

    Attributes:
        line: in which it begins, from 1; in Parquet the number of the row.
        text: the text; what is empty or null is an empty text.
        id: as it stands in the table (in JSON: any value); None without an id field.
    """

    line: int
    text: str
    id: object


class BadRow(NamedTuple):
    """A row that holds none: ``message`` says where and why."""

    message: str


def read_json_lines(
    path: str, blocks: Iterable[str], text_field: str, id_field: str | None
) -> Iterator[Row | BadRow]:
    """Read one JSON object a line; blank lines are passed over.

    Args:
        path: of the file, in messages.
        blocks: its text.
        text_field: the key of the text.
        id_field: the key of the id, if any.

    Raises:
        FileError: the file is one big JSON list, or a line is too long to be a row.
    """
    for number, line in enumerate(_lines(path, blocks), start=1):
        if line.isspace():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            what = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
            if number == 1 and line.lstrip().startswith("["):
                raise FileError(
                    f"{path} is one JSON list, not JSON lines: write one object a line, "
                    "as 'jq -c .[]' does"
                ) from None
            yield BadRow(f"{path}:{number}: not JSON ({what}): write one object a line")
            continue
        yield _json_row(path, number, row, text_field, id_field)


def read_csv(
    path: str, blocks: Iterable[str], text_field: str, id_field: str | None
) -> Iterator[Row | BadRow]:
    """Read a table whose first line names its columns.

    Columns are parted by a comma, TAB, semicolon or bar: by the one that makes a column of the
    text's name. Fields may be quoted, and hold line ends then.

    Args:
        path: of the file, in messages.
        blocks: its text.
        text_field: the column of the text.
        id_field: the column of the id, if any.

    Raises:
        FileError: a column is missing, the table is empty, or a line is too long to be a row.
    """
    lines = _lines(path, blocks)
    head = next(lines, None)
    if head is None:
        raise FileError(f"{path} is empty: a table begins with the names of its columns")
    wanted = [text_field] if id_field is None else [text_field, id_field]
    choices = [next(csv.reader([head], delimiter=sign), []) for sign in ",\t;|"]
    held = next((at for at, names in enumerate(choices) if text_field in names), None)
    if held is None:
        held = max(range(len(choices)), key=lambda at: len(choices[at]))
    header = choices[held]
    _check_fields(path, header, wanted)
    places = [header.index(name) for name in wanted]
    csv.field_size_limit(_LONGEST_ROW)
    reader = csv.reader(lines, delimiter=",\t;|"[held], strict=True)
    line = 2
    while True:
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            until = f" (up to line {reader.line_num + 1})" if reader.line_num >= line else ""
            yield BadRow(f"{path}:{line}: {error}{until}: is a quote missing or one too many?")
        else:
            if len(fields) > max(places):
                yield Row(line, fields[places[0]], fields[places[-1]] if id_field else None)
            elif fields:
                yield BadRow(
                    f"{path}:{line}: columns: {len(fields)}, but the first line names {len(header)}"
                )
        line = reader.line_num + 2


def read_parquet(
    path: str, file: BinaryIO, text_field: str, id_field: str | None
) -> Iterator[Row | BadRow]:
    """Read a Parquet file, a few rows at a time.

    Args:
        path: of the file, in messages.
        file: its bytes; it is read back and forth.
        text_field: the column of the text.
        id_field: the column of the id, if any.

    Raises:
        FileError: it is no Parquet file, cannot be read back and forth, or lacks a column.
        ConfigError: the library that reads it is not installed.
    """
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
        _check_fields(path, table.schema_arrow.names, wanted)
        kind = table.schema_arrow.field(text_field).type
        if pyarrow.types.is_dictionary(kind):
            kind = kind.value_type
        if not any(is_text(kind) for is_text in (pyarrow.types.is_string, pyarrow.types.is_null,
                                                 pyarrow.types.is_large_string)):  # fmt: skip
            raise FileError(
                f"{path}: column {text_field!r} holds {kind}, not text: choose another with "
                "--text-field"
            )
        numbers = itertools.count(1)
        for batch in table.iter_batches(batch_size=_AT_ONCE, columns=wanted):
            texts = batch.column(text_field).to_pylist()
            ids = batch.column(id_field).to_pylist() if id_field else itertools.repeat(None)
            for text, known, number in zip(texts, ids, numbers, strict=False):
                is_plain = known is None or isinstance(known, (str, int, float))
                yield Row(number, text or "", known if is_plain else str(known))
    except (pyarrow.ArrowException, OSError) as error:
        what = str(error).splitlines()[0]
        raise FileError(f"{path} is not a Parquet file that can be read: {what}") from None


def _json_row(
    path: str, number: int, row: object, text_field: str, id_field: str | None
) -> Row | BadRow:
    if not isinstance(row, dict):
        return BadRow(f"{path}:{number}: {_json_kind(row)}, not an object with a text")
    for field in (text_field, id_field):
        if field is not None and field not in row:
            flag = "--text-field" if field == text_field else "--id-field"
            return BadRow(
                f"{path}:{number}: no field {field!r}, but {_listed(row)}: choose with {flag}"
            )
    text = row[text_field]
    if text is None:
        text = ""
    if not isinstance(text, str):
        return BadRow(f"{path}:{number}: field {text_field!r} is {_json_kind(text)}, not text")
    if not text.isascii():  # half of an escaped pair is no character: nothing could write it
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return Row(number, text, None if id_field is None else row[id_field])


def _lines(path: str, blocks: Iterable[str]) -> Iterator[str]:
    """Lines with their ends; only a line feed ends one."""
    pieces: list[str] = []
    size = number = 0
    for block in blocks:
        lines = block.split("\n")
        for line in lines[:-1]:
            pieces.append(line)
            yield "".join(pieces) + "\n"
            pieces, size, number = [], 0, number + 1
        pieces.append(lines[-1])
        size += len(lines[-1])
        if size > _LONGEST_ROW:
            raise FileError(f"{path}:{number + 1}: a line of more than {_LONGEST_ROW:,} characters")
    if last := "".join(pieces):
        yield last


def _check_fields(path: str, names: Iterable[str], wanted: Iterable[str]) -> None:
    known = list(names)
    for at, name in enumerate(wanted):
        if name not in known:
            flag = "--id-field" if at else "--text-field"
            raise FileError(f"{path}: no column {name!r}, but {_listed(known)}: choose with {flag}")


def _listed(names: Iterable[object]) -> str:
    shown = [str(name) for name in names]
    more = f" and {len(shown) - _SHOWN_FIELDS} more" if len(shown) > _SHOWN_FIELDS else ""
    return (", ".join(shown[:_SHOWN_FIELDS]) or "none at all") + more


def _json_kind(value: object) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return "a number"
    return "null" if value is None else _JSON_KINDS.get(type(value), "a string")
