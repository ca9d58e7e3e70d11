"""JSON lines and CSV -> text and id of each row; ``parquet.py`` reads Parquet.

A row that cannot be used is reported with its line, and reading continues; an error that concerns
the whole table is raised. A table that is to be given back (``whole``) is read to the last
character, and more strictly: where it cannot be told which cell is the text, a name could stay.
"""

from __future__ import annotations

import csv
import itertools
import json
import math
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from ner_rnn.errors import FileError, shortened
from ner_rnn.tagging.cells import NAME_COLUMNS, unguarded
from ner_rnn.tagging.raw_rows import RawCsv, RawJson, RawRow
from ner_rnn.text.files import LONGEST_LINE, split_lines

__all__ = [
    "BadRow",
    "Rest",
    "Row",
    "check_fields",
    "check_once",
    "json_id",
    "read_csv",
    "read_json_lines",
]

_SHOWN_FIELDS = 12
_SHOWN = 60  # characters of a field's name or of a library's message in an error
_DEEPEST = 100  # levels of nesting in an id; deeper values cannot be sent between processes
_SEPARATORS = ",\t;|"
_LINE_END = re.compile(r"\r?\n|\r")


class Row(NamedTuple):
    """Row of a table.

    Attributes:
        line: line in which the row begins, from 1; in Parquet the number of the row.
        text: the text, empty for null.
        id: the id as a value for JSON (see ``json_id``); None without an id field.
        raw: the row as it stands in the file, if the table is to be given back.
    """

    line: int
    text: str
    id: object
    raw: RawRow | None = None


class BadRow(NamedTuple):
    """Row that cannot be used: ``message`` says where and why, ``do`` the remedy."""

    message: str
    do: str = ""


class Rest(NamedTuple):
    """What a table that is to be given back has beside its rows: a header, a blank line."""

    content: str


def read_json_lines(
    path: str,
    blocks: Iterable[str],
    text_field: str,
    id_field: str | None,
    *,
    whole: bool = False,
) -> Iterator[Row | BadRow | Rest]:
    """Read JSON lines: one object per line; blank lines are skipped.

    Args:
        path: path of the file, for messages.
        blocks: text of the file, in pieces of any length.
        text_field: key of the text.
        id_field: key of the id, if any.
        whole: the table is to be given back; the text must stand once in its row.

    Raises:
        FileError: the file is a single JSON list, or a line is too long.
    """
    loads = partial(_load_whole, field=text_field) if whole else json.loads
    lines = split_lines(path, blocks, ",[{", keep_ends=whole)
    for number, line in enumerate(lines, start=1):
        if not line or line.isspace():
            if whole:
                yield Rest(line)
            continue
        try:
            row = loads(line)
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
        found = _json_row(path, number, row, text_field, id_field)
        if whole and isinstance(found, Row):
            found = found._replace(raw=RawJson(line, text_field))
        yield found
    if whole:
        yield Rest("")  # an empty file has a byte order mark to give back


def read_csv(
    path: str,
    blocks: Iterable[str],
    text_field: str,
    id_field: str | None,
    *,
    whole: bool = False,
) -> Iterator[Row | BadRow | Rest]:
    """Read CSV with a header.

    The delimiter is the comma, TAB, semicolon or bar with which the header has the text column.
    Quoted fields may contain line ends. Lines end with a line feed, or with a carriage return if
    the first one does. Cells that ``ner-rnn tag`` guarded are restored (``cells.py``).

    Args:
        path: path of the file, for messages.
        blocks: text of the file, in pieces of any length.
        text_field: name of the text column.
        id_field: name of the id column, if any.
        whole: the table is to be given back; each row must have a cell for each column.

    Raises:
        FileError: a column is missing, the table is empty, or a line is too long; in a table that
            is to be given back, two columns have the name of the text, or a quote is wrong.
    """
    csv.field_size_limit(LONGEST_LINE)
    lines = _csv_lines(path, blocks)
    first = next(lines, None)
    if first is None:
        raise FileError(f"{path} is empty: a table begins with the names of its columns")
    try:
        headers = {sign: next(csv.reader([first], delimiter=sign), []) for sign in _SEPARATORS}
    except csv.Error as error:
        raise FileError(f"{path}:1: {error}: is it a table?") from None
    delimiter = next((sign for sign in headers if text_field in headers[sign]), None)
    delimiter = delimiter or max(headers, key=lambda sign: len(headers[sign]))
    header = headers[delimiter]
    places = [header.index(name) for name in check_fields(path, header, text_field, id_field)]
    is_guarded = header == list(NAME_COLUMNS)
    taken: list[str] = []
    if whole:
        check_once(path, header, text_field)
        yield Rest(first)
        lines = _recorded(lines, taken)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    line = 2
    while True:
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            until = f" (up to line {reader.line_num + 1})" if reader.line_num >= line else ""
            problem = f"{path}:{line}: {error}{until}: is a quote missing or one too many?"
            if whole:  # the next line may be the middle of a text
                raise FileError(f"{problem} No row after it is safe to give back") from None
            yield BadRow(problem)
        else:
            raw, taken[:] = "".join(taken), ()
            is_row = len(fields) > max(places)
            if whole and is_row:  # of a text torn in two, a part would stand in another column
                is_row = len(fields) == len(header) or (
                    len(fields) > len(header) and not any(fields[len(header) :])
                )
            if is_row:
                text, row_id = fields[places[0]], fields[places[-1]] if id_field else None
                if is_guarded:
                    text, row_id = unguarded(text), row_id and unguarded(row_id)
                kept = RawCsv(raw, delimiter, places[0], is_guarded) if whole else None
                yield Row(line, text, row_id, kept)
            elif fields:
                yield BadRow(
                    f"{path}:{line}: columns: {len(fields)}, but the first line names {len(header)}"
                )
            elif whole:
                yield Rest(raw)
        line = reader.line_num + 2


def _recorded(lines: Iterator[str], taken: list[str]) -> Iterator[str]:
    """Iterate over lines, which are also put into a list: csv.reader does not tell what it read."""
    for line in lines:
        taken.append(line)
        yield line


def _load_whole(line: str, field: str) -> object:
    """Return the value of a line of JSON whose numbers are not needed, in an object of pairs.

    A whole number of any length is read; a field that an object has twice becomes ``_Twice``, since
    only its last value would be seen.
    """

    def of_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs) and sum(key == field for key, _ in pairs) > 1:
            found[field] = _Twice()
        return found

    return json.loads(line, object_pairs_hook=of_pairs, parse_int=float)


class _Twice:
    """Value of a field that an object has twice."""


def _json_row(
    path: str, number: int, row: object, text_field: str, id_field: str | None
) -> Row | BadRow:
    if not isinstance(row, dict):
        return BadRow(f"{path}:{number}: {_json_kind(row)}, not an object with a text")
    if missing := _missing(f"{path}:{number}", "field", row, text_field, id_field):
        return missing
    text = row[text_field]
    if text is None:
        text = ""
    if not isinstance(text, str):
        return BadRow(f"{path}:{number}: field {text_field!r} is {_json_kind(text)}, not text")
    if not text.isascii():  # a lone surrogate, which no output could encode
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    try:
        return Row(number, text, None if id_field is None else json_id(row[id_field]))
    except ValueError:
        return BadRow(f"{path}:{number}: field {id_field!r} is nested more than {_DEEPEST} deep")


def json_id(value: Any, depth: int = 0) -> Any:
    """Return an id as a value for JSON, with NaN and infinity as text ("NaN", "-Infinity").

    Raises:
        ValueError: it is nested more than 100 deep.
    """
    if depth > _DEEPEST:
        raise ValueError
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {key: json_id(inner, depth + 1) for key, inner in value.items()}
    return [json_id(inner, depth + 1) for inner in value] if isinstance(value, list) else value


def _csv_lines(path: str, blocks: Iterable[str]) -> Iterator[str]:
    r"""Iterate over lines with their ends: ``\n``, also ``\r`` if the first line has it.

    Together they are the text.
    """
    rest = iter(blocks)
    head = ""
    for block in rest:
        head += block
        if _LINE_END.search(head, 0, len(head) - 1) or len(head) > LONGEST_LINE:
            break
    found = _LINE_END.search(head)
    blocks = itertools.chain([head], rest)
    if found is None or found[0] != "\r":
        return split_lines(path, blocks, _SEPARATORS, keep_ends=True)
    cut = (block.replace("\r", "\r\n") for block in blocks)
    lines = split_lines(path, cut, _SEPARATORS, keep_ends=True)
    return (line[:-1] if line.endswith("\r\n") else line for line in lines)


def check_once(path: str, columns: Sequence[str], text_field: str) -> None:
    """Make sure that one column alone has the name of the text.

    Raises:
        FileError: several have it.
    """
    if (number := columns.count(text_field)) > 1:
        raise FileError(
            f"{path}: {number} columns are called {shortened(text_field, _SHOWN)!r}: "
            "give each its own name"
        )


def check_fields(
    path: str, columns: Collection[str], text_field: str, id_field: str | None
) -> list[str]:
    """Return the names of the text column and, if any, the id column.

    Raises:
        FileError: the table lacks one of them.
    """
    if missing := _missing(path, "column", columns, text_field, id_field):
        raise FileError(missing.message, do=missing.do)
    return [text_field] if id_field is None else [text_field, id_field]


def _missing(
    where: str, kind: str, names: Collection[object], text_field: str, id_field: str | None
) -> BadRow | None:
    for name, setting in ((text_field, "{text_field}"), (id_field, "{id_field}")):
        if name is not None and name not in names:
            what = f"{where}: no {kind} {shortened(name, _SHOWN)!r}, but {_listed(names)}"
            return BadRow(what, f"choose with {setting}")
    return None


def _listed(names: Iterable[object]) -> str:
    shown = [shortened(str(name), _SHOWN) for name in names]
    more = f" and {len(shown) - _SHOWN_FIELDS} more" if len(shown) > _SHOWN_FIELDS else ""
    return (", ".join(shown[:_SHOWN_FIELDS]) or "none at all") + more


_JSON_KINDS = {dict: "an object", list: "a list", bool: "a truth value", _Twice: "two values"}


def _json_kind(value: object) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return "a number"
    return "null" if value is None else _JSON_KINDS.get(type(value), "a string")
