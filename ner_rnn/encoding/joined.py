r"""Words as a bundle holds them, joined by tabs: found by search at first, by an index later.

    names = JoinedWords("anna\tberta")
    "anna" in names                        ->  True
    paths = JoinedPaths({"0010": "Merkel\tBrandt", "0111": "said"})
    paths["said"]                          ->  "0111"

Splitting and hashing a hundred thousand words takes longer than searching the joined text for those
of one line, so that a command that reads a line starts at once. After ``SEARCHED`` words the index
is built, once; whoever knows of more takes ``index`` at once. Both behave as the frozenset and the
dict of the same words, and compare equal to them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Set
from functools import cached_property
from itertools import accumulate

__all__ = ["SEARCHED", "JoinedPaths", "JoinedWords"]

SEARCHED = 16
"""Words that are searched for; to search 700 kB takes 0.4 ms, to index them 14 ms."""


class _Joined:
    """Count of the words that were looked up."""

    _left = SEARCHED

    def _searches(self) -> bool:
        """Return whether to search for the next word."""
        self._left -= 1
        return self._left >= 0


class JoinedWords(_Joined, Set[str]):
    """Set of words.

    Args:
        joined: the words, with a tab between any two.

    Raises:
        TypeError: that is no text.
    """

    def __init__(self, joined: str) -> None:
        if not isinstance(joined, str):
            raise TypeError(f"{type(joined).__name__} instead of words")
        self._text = f"\t{joined}\t"

    @cached_property
    def index(self) -> frozenset[str]:
        """The words as a set."""
        return frozenset(self._text[1:-1].split("\t"))

    def __contains__(self, word: object) -> bool:
        """Return whether it is one of the words."""
        if isinstance(word, str) and self._searches():
            return "\t" not in word and f"\t{word}\t" in self._text
        return word in self.index

    def __iter__(self) -> Iterator[str]:
        """Return the words, each once, in any order."""
        return iter(self.index)

    def __len__(self) -> int:
        """Return the number of words, each counted once."""
        return len(self.index)


class JoinedPaths(_Joined, Mapping[str, str]):
    """Path of each word; of a word with two paths, the later one.

    Args:
        words_of: the words of each path, with a tab between any two.

    Raises:
        AttributeError: that is no mapping.
        TypeError: the words of a path are no text.
    """

    def __init__(self, words_of: Mapping[str, str]) -> None:
        self._words_of = dict(words_of.items())
        if not {str}.issuperset(map(type, self._words_of.values())):
            raise TypeError("something else instead of words")

    @cached_property
    def _text(self) -> str:
        return "\t".join(("", *self._words_of.values(), ""))

    @cached_property
    def _starts(self) -> list[int]:
        """Offset of each path's words in the text, at the tab before them."""
        return list(accumulate((len(w) + 1 for w in self._words_of.values()), initial=0))

    @cached_property
    def index(self) -> dict[str, str]:
        """The path of each word as a dict."""
        return {word: path for path, words in self._words_of.items() for word in words.split("\t")}

    def __getitem__(self, word: str) -> str:
        """Return the path of a word.

        Raises:
            KeyError: it has none.
        """
        if not self._words_of or not self._searches():
            return self.index[word]
        place = -1 if "\t" in word else self._text.rfind(f"\t{word}\t")
        if place < 0:
            raise KeyError(word)
        return list(self._words_of)[bisect_right(self._starts, place) - 1]

    def __iter__(self) -> Iterator[str]:
        """Return the words."""
        return iter(self.index)

    def __len__(self) -> int:
        """Return the number of words."""
        return len(self.index)
