"""CSV with a header -> text and id of each row, in constant memory."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterable, Iterator

from ner_rnn.errors import FileError
from ner_rnn.tagging.cells import NAME_COLUMNS, unguarded
from ner_rnn.tagging.raw_rows import RawCsv
from ner_rnn.tagging.records import BadRow, Rest, Row, check_fields, check_once
from ner_rnn.text.files import LONGEST_LINE, split_lines

__all__ = ["read_csv"]

_SEPARATORS = ",\t;|"
_LINE_END = re.compile(r"\r?\n|\r")


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
    is_guarded = header[: len(NAME_COLUMNS)] == list(NAME_COLUMNS)
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
