"""Documents with names -> the distinct names, how often each stands there, and where first.

    12  Angela Merkel  letters/a.txt:3
     7  J. Kowalski    letters/b.txt:10

Of a whole mountain of text nothing is kept but its distinct names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from ner_rnn.tagging.documents import Name
from ner_rnn.tagging.stream import Source
from ner_rnn.tagging.writers import PICTURES, Tagged, Writer

__all__ = ["Names", "distinct", "place"]

_Counts = dict[str, tuple[int, str]]
_IN_A_FIELD = PICTURES | {ord("\t"): 0x2409, ord("\n"): 0x240A}


@dataclass(frozen=True, slots=True)
class Names:
    """A distinct name a line: count, name and first place with TABs between, most frequent first.

    Names of one frequency stand in the order in which they were met.
    """

    ending: str = ".names.tsv"

    def render(self, tagged: Tagged) -> _Counts:
        """Count the names of some documents."""
        counts: _Counts = {}
        for source, document in tagged:
            for name in document.names:
                shown = distinct(name)
                count, first = counts.get(shown) or (0, place(source, name, document.text))
                counts[shown] = count + 1, first
        return counts

    def writer(self, file: BinaryIO) -> Writer:
        """Begin a list."""
        return _List(file)


def distinct(name: Name) -> str:
    r"""A name by which it is counted: ``"Zoë\nSmith"`` -> ``"Zoë Smith"``."""
    return " ".join(name.text.split())


def place(source: Source, name: Name, text: str) -> str:
    """Where a name stands: ``letters/a.txt:3`` (file and line; in a table the row's first line)."""
    line = source.line + (text.count("\n", 0, name.start) if source.by_line else 0)
    return f"{source.path}:{line}".translate(_IN_A_FIELD)


class _List:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._counts: _Counts = {}

    def add(self, part: _Counts) -> None:
        for name, (count, first) in part.items():
            before, known = self._counts.get(name, (0, first))
            self._counts[name] = before + count, known

    def close(self) -> None:
        ordered = sorted(self._counts.items(), key=lambda item: -item[1][0])
        self._file.writelines(
            f"{count}\t{name.translate(_IN_A_FIELD)}\t{first}\n".encode("utf-8", "backslashreplace")
            for name, (count, first) in ordered
        )
