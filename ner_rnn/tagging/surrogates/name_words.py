r"""The text of a name -> its words, as they are compared.

    "Lindqvist, Anders's"  ->  anders (at 11 to 17), lindqvist (at 0 to 9)

Words are compared without case and without a possessive ``'s``; apostrophes and hyphens of all
kinds are one. Accents count. Titles before a name are no words of it.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from ner_rnn.corpora.titles import TITLES

__all__ = ["GENERATIONS", "NameWord", "is_initial", "name_words"]

GENERATIONS = frozenset(["jr", "sr", "jun", "sen", "ii", "iii", "iv", "esq", "md", "phd"])
"""What follows a family name."""

_NAMES_TOO = frozenset(["baron", "bishop", "duke", "earl", "judge", "major", "prince"])
"""Titles that are given names as well: Earl Warren, Duke Ellington."""
_TITLES = TITLES - _NAMES_TOO
# combining marks and joiners, which are no letters for Python, stand inside words of many scripts
_WORD = re.compile(r"""[^\s.,;:!?()\[\]{}"“”„«»<>/\\|@#&*_+=~^…•·、，。（）「」]+""")
_EDGE = "'’‘`-‐‑–—"
_POSSESSIVE = re.compile(r"['’][sS]$")
_SAME = str.maketrans({"’": "'", "‘": "'", "`": "'", "‐": "-", "‑": "-", "–": "-"})


class NameWord(NamedTuple):
    """A word of a name.

    Attributes:
        start: offset of its first character in the text of the name.
        end: offset after its last.
        key: the word as it is compared.
    """

    start: int
    end: int
    key: str


def name_words(text: str) -> list[NameWord]:
    """Return the words of a name, given names first.

    A single comma between words turns a name round, ``Lindqvist, Anders``, unless what follows it
    is ``Jr.`` or the like. Titles at the beginning are left out, if a word remains.

    >>> [word.key for word in name_words("Dr. O’Brien-SMITH's")]
    ["o'brien-smith"]
    >>> [word.key for word in name_words("rajesh.kumar")]
    ['rajesh', 'kumar']
    """
    words: list[NameWord] = []
    for found in _WORD.finditer(text):
        whole = found.group()
        start = found.start() + len(whole) - len(whole.lstrip(_EDGE))
        bare = _POSSESSIVE.sub("", whole.strip(_EDGE)).rstrip(_EDGE)
        if any(map(str.isalnum, bare)):
            key = unicodedata.normalize("NFC", bare.casefold()).translate(_SAME)
            words.append(NameWord(start, start + len(bare), key))
    titles = 0
    while titles < len(words) - 1 and words[titles].key in _TITLES:
        titles += 1
    words = words[titles:]
    if text.count(",") == 1 and len(words) > 1:
        comma = text.index(",")
        before = [word for word in words if word.end <= comma]
        after = words[len(before) :]
        if before and any(word.key not in GENERATIONS for word in after):
            return after + before
    return words


def is_initial(key: str) -> bool:
    """Return whether a word is one letter of a script with capitals."""
    return len(key) == 1 and key != key.upper()
