"""JSON lines and CSV -> the text and the id of each row, row by row.

A row that cannot be used is reported with its place, and the next one follows; what makes the whole
table unusable is raised. Parquet is read by ``parquet.py``; what the texts hold is for others.
"""

from __future__ import annotations

import csv
import itertools
import json
import math
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ner_rnn.errors import FileError, shortened
from ner_rnn.tagging.cells import NAME_COLUMNS, unguarded
from ner_rnn.text.files import LONGEST_LINE, split_lines

__all__ = ["BadRow", "Row", "check_fields", "json_id", "read_csv", "read_json_lines"]

_SHOWN_FIELDS = 12
_SHOWN = 60  # characters of a field's name in a message, and of a library's reason
_DEEPEST = 100  # lists within lists, in an id: what is deeper cannot be sent between processes
_JSON_KINDS = {dict: "an object", list: "a list", bool: "a truth value"}
_SEPARATORS = ",\t;|"
_LINE_END = re.compile(r"\r?\n|\r")


class Row(NamedTuple):
    """A row that holds a text.

    Attributes:
        line: in which it begins, from 1; in Parquet the number of the row.
        text: the text; what is empty or null is an empty text.
        id: as it stands in the table, for JSON to write: numbers that are none in JSON are words
            ("NaN", "Infinity"); None without an id field.
    """

    line: int
    text: str
    id: object


class BadRow(NamedTuple):
    """A row without a text: ``message`` says where and why, ``do`` the remedy (see UserError)."""

    message: str
    do: str = ""


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
    for number, line in enumerate(split_lines(path, blocks, ",[{"), start=1):
        if not line or line.isspace():
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
            yield BadRow(
                f"{path}:{number}: not JSON ({shortened(what, _SHOWN)}): write one object a line"
            )
            continue
        yield _json_row(path, number, row, text_field, id_field)


def read_csv(
    path: str, blocks: Iterable[str], text_field: str, id_field: str | None
) -> Iterator[Row | BadRow]:
    """Read a table whose first line names its columns.

    Columns are parted by a comma, TAB, semicolon or bar: by the one that makes a column of the
    text's name. Fields may be quoted, and hold line ends then. Lines end with a line feed, or with
    a carriage return where the first one does.

    A table of names that ``ner-rnn tag`` wrote is read without the guard of its cells (``cells``).

    Args:
        path: of the file, in messages.
        blocks: its text.
        text_field: the column of the text.
        id_field: the column of the id, if any.

    Raises:
        FileError: a column is missing, the table is empty, or a line is too long to be a row.
    """
    csv.field_size_limit(LONGEST_LINE)
    lines = _csv_lines(path, blocks)
    head = next(lines, None)
    if head is None:
        raise FileError(f"{path} is empty: a table begins with the names of its columns")
    wanted = [text_field] if id_field is None else [text_field, id_field]
    try:
        choices = [next(csv.reader([head], delimiter=sign), []) for sign in _SEPARATORS]
    except csv.Error as error:
        raise FileError(f"{path}:1: {error}: is it a table?") from None
    held = next((at for at, names in enumerate(choices) if text_field in names), None)
    if held is None:
        held = max(range(len(choices)), key=lambda at: len(choices[at]))
    header = choices[held]
    check_fields(path, header, wanted)
    places = [header.index(name) for name in wanted]
    is_guarded = header == list(NAME_COLUMNS)
    reader = csv.reader(lines, delimiter=_SEPARATORS[held], strict=True)
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
                text, known = fields[places[0]], fields[places[-1]] if id_field else None
                if is_guarded:
                    text, known = unguarded(text), known and unguarded(known)
                yield Row(line, text, known)
            elif fields:
                yield BadRow(
                    f"{path}:{line}: columns: {len(fields)}, but the first line names {len(header)}"
                )
        line = reader.line_num + 2


def _json_row(
    path: str, number: int, row: object, text_field: str, id_field: str | None
) -> Row | BadRow:
    if not isinstance(row, dict):
        return BadRow(f"{path}:{number}: {_json_kind(row)}, not an object with a text")
    for field in (text_field, id_field):
        if field is not None and field not in row:
            setting = "{text_field}" if field == text_field else "{id_field}"
            what = f"{path}:{number}: no field {field!r}, but {_listed(row)}"
            return BadRow(what, f"choose with {setting}")
    text = row[text_field]
    if text is None:
        text = ""
    if not isinstance(text, str):
        return BadRow(f"{path}:{number}: field {text_field!r} is {_json_kind(text)}, not text")
    if not text.isascii():  # half of an escaped pair is no character: nothing could write it
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    try:
        return Row(number, text, None if id_field is None else json_id(row[id_field]))
    except ValueError:
        return BadRow(f"{path}:{number}: field {id_field!r} is nested more than {_DEEPEST} deep")


def json_id(value: object) -> object:
    """An id as JSON can write it: NaN and the infinities, which JSON lacks, by their names.

    Raises:
        ValueError: it is nested more than ``_DEEPEST`` deep.
    """
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return _json_nested(value, 0) if isinstance(value, (dict, list)) else value


def _json_nested(value: Any, depth: int) -> Any:
    if depth > _DEEPEST:
        raise ValueError
    if isinstance(value, dict):
        return {key: _json_nested(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list):
        return [_json_nested(inner, depth + 1) for inner in value]
    return json_id(value)


def _csv_lines(path: str, blocks: Iterable[str]) -> Iterator[str]:
    r"""Lines with their ends: ``\n``, or ``\r`` too where the first line ends so."""
    left = iter(blocks)
    begun = ""
    for block in left:
        begun += block
        if _LINE_END.search(begun, 0, len(begun) - 1) or len(begun) > LONGEST_LINE:
            break
    found = _LINE_END.search(begun)
    blocks = itertools.chain([begun], left)
    if found is None or found[0] != "\r":
        return (line + "\n" for line in split_lines(path, blocks, _SEPARATORS))
    lines = split_lines(path, (block.replace("\r", "\r\n") for block in blocks), _SEPARATORS)
    return (line if line.endswith("\r") else line + "\n" for line in lines)


def check_fields(path: str, names: Iterable[str], wanted: Iterable[str]) -> None:
    """Make sure that a table has the column of the text and that of the id.

    Raises:
        FileError: one is missing.
    """
    known = list(names)
    for at, name in enumerate(wanted):
        if name not in known:
            setting = "{id_field}" if at else "{text_field}"
            raise FileError(
                f"{path}: no column {shortened(name, _SHOWN)!r}, but {_listed(known)}",
                do=f"choose with {setting}",
            )


def _listed(names: Iterable[object]) -> str:
    shown = [shortened(str(name), _SHOWN) for name in names]
    more = f" and {len(shown) - _SHOWN_FIELDS} more" if len(shown) > _SHOWN_FIELDS else ""
    return (", ".join(shown[:_SHOWN_FIELDS]) or "none at all") + more


def _json_kind(value: object) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return "a number"
    return "null" if value is None else _JSON_KINDS.get(type(value), "a string")
