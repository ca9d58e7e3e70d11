"""JSON lines -> text and id of each row, and what readers of tables share.

``csv_rows.py`` reads CSV, ``parquet.py`` Parquet. A row that cannot be used is reported with its
line, and reading continues; an error that concerns the whole table is raised. A table that is to be
given back (``whole``) is read to the last character, and more strictly: where it cannot be told
which cell is the text, a name could stay.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from ner_rnn.errors import FileError, shortened
from ner_rnn.tagging.raw_rows import RawJson, RawRow
from ner_rnn.text.files import split_lines

__all__ = [
    "BadRow",
    "Rest",
    "Row",
    "check_fields",
    "check_once",
    "json_id",
    "read_json_lines",
]

_SHOWN_FIELDS = 12
_SHOWN = 60  # characters of a field's name or of a library's message in an error
_DEEPEST = 100  # levels of nesting in an id; deeper values cannot be sent between processes


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
