"""Documents with names -> CSV with one row per name; Parquet has the same rows (``arrow.py``)."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, TypeAlias

from ner_rnn.runtime.documents import Document
from ner_rnn.tagging.cells import NAME_COLUMNS, PATH_COLUMN, guarded
from ner_rnn.tagging.stream import Source
from ner_rnn.tagging.writers import Tagged, Writer

__all__ = ["Csv", "NameRow", "name_rows"]

NameRow: TypeAlias = "tuple[str, str, int, int, str, float, bool]"
"""A row of ``NAME_COLUMNS``, and ``PATH_COLUMN``."""

_json = json.JSONEncoder(ensure_ascii=False).encode
_QUOTED = re.compile(r"[,\"\r\n]")
_LONG_ID = 1000
"""Characters of an id; documents with a longer one are rendered name by name, to save memory."""


@dataclass(frozen=True, slots=True)
class Csv:
    """CSV with one row per name: source, id, start, end, text, score.

    ``start`` and ``end`` are offsets from the beginning of the document. The id is that of the
    table row, or the number of the document within its column file.

    Attributes:
        raw: write cells unchanged, without the guard against formulas (``cells.py``).
        with_path: a last column says of each name whether it is on the best path.
    """

    raw: bool = False
    with_path: bool = False
    ending: str = ".csv"

    def render(self, tagged: Tagged) -> list[bytes | list[NameRow]]:
        """Return encoded lines; rows with a long id are left to the writer."""
        parts: list[bytes | list[NameRow]] = []
        for is_long, group in itertools.groupby(tagged, lambda one: len(_id(one[0])) > _LONG_ID):
            rows = (row for source, document in group for row in name_rows(source, document))
            parts.append(list(rows) if is_long else _lines(rows, self))
        return parts

    def writer(self, file: BinaryIO) -> Writer:
        """Return a writer, and write the header."""
        return _Lines(file, self)


class _Lines:
    def __init__(self, file: BinaryIO, format: Csv) -> None:
        self._file, self._format = file, format
        columns = (*NAME_COLUMNS, PATH_COLUMN) if format.with_path else NAME_COLUMNS
        file.write(_csv([columns]).encode())

    def add(self, part: list[bytes | list[NameRow]]) -> None:
        for lines in part:
            if isinstance(lines, bytes):
                self._file.write(lines)
            else:
                self._file.writelines(_lines([row], self._format) for row in lines)

    def close(self) -> None:
        pass


def name_rows(source: Source, document: Document) -> Iterator[NameRow]:
    """Iterate over the names of a document as rows of ``NAME_COLUMNS``."""
    id_text = _id(source)
    base = source.offset or 0
    for name in document.names:
        place = base + name.start, base + name.end
        yield source.path, id_text, *place, name.text, round(name.score, 4), name.on_best_path


def _id(source: Source) -> str:
    value = source.document if source.id is None else source.id
    return value if isinstance(value, str) else _json(value)


def _lines(rows: Iterable[NameRow], format: Csv) -> bytes:
    cells: Iterable[Iterable[object]] = (
        (*row[:-1], str(row[-1]).lower()) if format.with_path else row[:-1] for row in rows
    )
    if not format.raw:
        cells = (
            [guarded(cell) if isinstance(cell, str) else cell for cell in row] for row in cells
        )
    return _csv(cells).encode("utf-8", "backslashreplace")


def _csv(rows: Iterable[Iterable[object]]) -> str:
    """Return rows as CSV (RFC 4180).

    ``csv.writer`` rejects NUL before Python 3.11, and leaves a single carriage return unquoted
    before 3.13.
    """
    return "".join(",".join(map(_quoted, row)) + "\n" for row in rows)


def _quoted(cell: object) -> str:
    text = "" if cell is None else str(cell)
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text
