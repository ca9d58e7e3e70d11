r"""Groups of words as a bundle holds them, joined by tabs: found by search, later by their sums.

    known = JoinedWords({"firsts": "anna\tberta", "lasts": "anna\tkline"})
    known.find([b"kline", b"carl", b"anna"])  ->  ([0, 2, 2], [1, 0, 1])

A set of a hundred thousand words takes 11 MB, their text 0.7 MB. So the text is what is kept, with
a sorted table of each word's CRC-32 and place, 8 bytes a word. A sum that is found is a candidate:
the word at its place decides. To make the table takes longer than to search the text for the words
of one line, so that a command that reads a line searches and starts at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

__all__ = ["SEARCHED", "JoinedWords", "as_bytes"]

SEARCHED = 32
"""Words that are searched for; to search 700 kB takes 0.4 ms, to index them 15 ms."""

_TAB = b"\t"
_PLACE = np.uint64(0xFFFFFFFF)
_SUM_AT = np.uint64(32)

Ids = NDArray[np.int64]


def as_bytes(word: str) -> bytes:
    """Return a word as ``JoinedWords`` holds it, half characters included."""
    return word.encode("utf-8", "surrogatepass")


class JoinedWords:
    """Words in groups; a word may be in several.

    Args:
        words_of: the words of each group, with a tab between any two.

    Attributes:
        groups: names of the groups, in order.

    Raises:
        AttributeError: that is no mapping, or the words of a group are no text.
    """

    def __init__(self, words_of: Mapping[str, str]) -> None:
        self.groups = tuple(words_of.keys())
        texts = [as_bytes(words) for words in words_of.values()]
        self._text = _TAB.join((b"", *texts, b""))
        self._starts = list(accumulate((len(text) + 1 for text in texts), initial=0))
        self._left = SEARCHED

    def __iter__(self) -> Iterator[str]:
        """Return the words of all groups, in order."""
        return (word.decode("utf-8", "surrogatepass") for word in self._text.split(_TAB)[1:-1])

    @property
    def words_of(self) -> dict[str, str]:
        """The words of each group, as they were given."""
        bounds = zip(self.groups, self._starts, self._starts[1:], strict=False)
        return {
            group: self._text[start + 1 : end].decode("utf-8", "surrogatepass")
            for group, start, end in bounds
        }

    def __eq__(self, other: object) -> bool:
        """Return whether the other has the same words in the same groups and order."""
        return isinstance(other, JoinedWords) and self.words_of == other.words_of

    __hash__ = None  # type: ignore[assignment]

    def find(self, words: Sequence[bytes]) -> tuple[Ids, Ids]:
        """Find words.

        Args:
            words: as of ``as_bytes``.

        Returns:
            The index of a word that was found, and the number of the group in which: an element
            for each place, in the order of the words and then of the places.
        """
        self._left -= len(words)
        indices, places = self._search(words) if self._left >= 0 else self._look_up(words)
        groups = np.searchsorted(np.array(self._starts), places, side="right") - 1
        return np.array(indices, dtype=np.int64), groups

    def _search(self, words: Sequence[bytes]) -> tuple[list[int], list[int]]:
        """Return index and place of what is found in the text itself."""
        found: tuple[list[int], list[int]] = [], []
        for index, word in enumerate(words):
            marked = _TAB + word + _TAB
            place = -1 if _TAB in word else self._text.find(marked)
            while place >= 0:
                found[0].append(index)
                found[1].append(place)
                place = self._text.find(marked, place + 1)
        return found

    def _look_up(self, words: Sequence[bytes]) -> tuple[list[int], list[int]]:
        """Return the same as ``_search`` by the table."""
        sums = np.fromiter(map(crc32, words), dtype=np.uint64, count=len(words)) << _SUM_AT
        first = np.searchsorted(self._table, sums)
        count = np.searchsorted(self._table, sums | _PLACE, side="right") - first
        # the rows of the table from first to first + count, for each word
        before = np.cumsum(count) - count
        rows = np.repeat(first - before, count) + np.arange(count.sum())
        text, found = self._text, ([], [])  # type: tuple[bytes, tuple[list[int], list[int]]]
        candidates = np.repeat(np.arange(len(words)), count).tolist()
        places = (self._table[rows] & _PLACE).tolist()
        for index, place in zip(candidates, places, strict=True):
            if text[place + 1 : text.index(_TAB, place + 1)] == words[index]:
                found[0].append(index)
                found[1].append(place)
        return found

    @cached_property
    def _table(self) -> NDArray[np.uint64]:
        """Sum of each word in the upper half, place of the tab before it in the lower; sorted."""
        words = self._text.split(_TAB)[1:-1]
        table = np.fromiter(map(crc32, words), dtype=np.uint64, count=len(words))
        table <<= _SUM_AT
        places = np.flatnonzero(np.frombuffer(self._text, dtype=np.uint8) == ord(_TAB))
        table |= places[:-1].astype(np.uint64)
        table.sort()
        return table
