"""Documents with names -> the distinct names, how often each stands there, and where first.

    12  Angela Merkel  letters/a.txt:3
     7  J. Kowalski    letters/b.txt:10

Of a whole mountain of text nothing is kept but its distinct names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from ner_rnn.runtime.documents import Document, Name
from ner_rnn.tagging.cells import guarded
from ner_rnn.tagging.stream import Source
from ner_rnn.tagging.writers import PICTURES, Tagged, Writer

__all__ = ["Names", "distinct"]

_Counts = dict[str, tuple[int, str]]
_IN_A_FIELD = PICTURES | {ord("\t"): 0x2409, ord("\n"): 0x240A}


@dataclass(frozen=True, slots=True)
class Names:
    """A distinct name a line: count, name and first place with TABs between, most frequent first.

    Names of one frequency stand in the order in which they were met.

    Attributes:
        raw: names and places are written as they are; else those that a spreadsheet would run are
            guarded.
    """

    raw: bool = False
    ending: str = ".names.tsv"

    def render(self, tagged: Tagged) -> _Counts:
        """Count the names of some documents."""
        counts: _Counts = {}
        for source, document in tagged:
            for name, line in zip(document.names, _lines(source, document), strict=True):
                shown = distinct(name)
                count, first = counts.get(shown) or (0, f"{source.path}:{line}")
                counts[shown] = count + 1, first
        return counts

    def writer(self, file: BinaryIO) -> Writer:
        """Begin a list."""
        return _List(file, raw=self.raw)


def distinct(name: Name) -> str:
    r"""A name by which it is counted: ``"Zoë\nSmith"`` -> ``"Zoë Smith"``."""
    return " ".join(name.text.split())


def _lines(source: Source, document: Document) -> Iterator[int]:
    """The line of each name: in its file; that of the row in a table."""
    line, counted = source.line, 0
    for name in document.names:
        if source.by_line:
            line += document.text.count("\n", counted, name.start)
            counted = name.start
        yield line


class _List:
    def __init__(self, file: BinaryIO, *, raw: bool) -> None:
        self._file, self._raw = file, raw
        self._counts: _Counts = {}

    def add(self, part: _Counts) -> None:
        for name, (count, first) in part.items():
            before, known = self._counts.get(name, (0, first))
            self._counts[name] = before + count, known

    def close(self) -> None:
        ordered = sorted(self._counts.items(), key=lambda item: -item[1][0])
        for name, (count, first) in ordered:
            cells = [cell.translate(_IN_A_FIELD) for cell in (name, first)]
            if not self._raw:
                cells = [guarded(cell) for cell in cells]
            line = "\t".join([str(count), *cells]) + "\n"
            self._file.write(line.encode("utf-8", "backslashreplace"))
