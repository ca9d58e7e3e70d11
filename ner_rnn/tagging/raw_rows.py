r"""Rows of CSV and JSON lines as they stand in their file, and with another text in its place.

    RawJson('{"n": 1.0, "text": "Ann Lee"}\n', "text").with_text("[NAME]")
 -> '{"n": 1.0, "text": "[NAME]"}\n'

All other characters of the row stay, with its quotes, spaces and line end. ``records.py`` and
``csv_rows.py`` read the rows, and have made sure that they are what they are taken for here.
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple, TypeAlias

from ner_rnn.tagging.cells import guarded

__all__ = ["RawCsv", "RawJson", "RawRow"]

_decode = json.JSONDecoder().raw_decode
_SIGN = re.compile(r'["{}\[\]]')
_COLON = re.compile(r"\s*:\s*")


class RawCsv(NamedTuple):
    """Record of a CSV file.

    Attributes:
        raw: its characters, with the line end.
        delimiter: character between cells.
        column: number of the text column, from 0.
        is_guarded: cells were written by ``ner-rnn tag``, with a guard against formulas.
    """

    raw: str
    delimiter: str
    column: int
    is_guarded: bool = False

    def with_text(self, text: str, *, encoding: str = "utf-8", raw_cells: bool = False) -> str:
        """Return the record with another text.

        The cell is quoted if it was or has to be. A cell that a spreadsheet would evaluate now but
        not before gets a guard (``cells.py``), unless cells are to be left raw.
        """
        start, end = self._place()
        old = self.raw[start:end]
        is_quoted = old.startswith('"')
        if is_quoted:
            old = old[1:-1].replace('""', '"')
        if self.is_guarded or (not raw_cells and guarded(old) == old):
            text = guarded(text)
        is_only = not text and not self.raw[:start] and not self.raw[end:].strip("\r\n")
        if is_quoted or is_only or any(sign in text for sign in ('"', "\r", "\n", self.delimiter)):
            text = '"' + text.replace('"', '""') + '"'
        return self.raw[:start] + text + self.raw[end:]

    def _place(self) -> tuple[int, int]:
        """Return where the text cell begins and ends, with its quotes."""
        cell_end = re.compile(f"[{re.escape(self.delimiter)}\r\n]")
        raw, start = self.raw, 0
        for column in range(self.column + 1):
            end = start
            if raw.startswith('"', start):
                end = raw.index('"', start + 1) + 1
                while raw.startswith('"', end):
                    end = raw.index('"', end + 1) + 1
            else:
                found = cell_end.search(raw, start)
                end = len(raw) if found is None else found.start()
            if column < self.column:
                start = end + 1
        return start, end


class RawJson(NamedTuple):
    """JSON object on a line.

    Attributes:
        raw: its characters, with the line end.
        field: key of the text, which stands once at the top level of the object.
    """

    raw: str
    field: str

    def with_text(self, text: str, *, encoding: str = "utf-8", raw_cells: bool = False) -> str:
        r"""Return the line with another text.

        Other than ASCII characters are escaped if they were (``\u00eb``), or if the encoding of the
        file lacks one.
        """
        start, end = self._place()
        old = self.raw[start:end]
        value = json.dumps(text, ensure_ascii=old.isascii() and "\\u" in old)
        try:
            value.encode(encoding)
        except UnicodeEncodeError:
            value = json.dumps(text)
        return self.raw[:start] + value + self.raw[end:]

    def _place(self) -> tuple[int, int]:
        """Return where the text begins and ends, with its quotes; values are not parsed."""
        raw, depth, at = self.raw, 0, 0
        while found := _SIGN.search(raw, at):
            at = found.end()
            if found[0] != '"':
                depth += 1 if found[0] in "{[" else -1
                continue
            string, at = _decode(raw, found.start())
            if depth == 1 and (colon := _COLON.match(raw, at)):
                at = colon.end()
                if string == self.field:
                    return at, _decode(raw, at)[1]
        raise ValueError(self.field)  # not reached: the reader has found it


RawRow: TypeAlias = RawCsv | RawJson
