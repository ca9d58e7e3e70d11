"""Form features of a word: case shape, prefixes, suffixes, letters.

Each is a function of the spelling alone, so it is computed once per distinct word and never per
occurrence. ``vocabulary.py`` turns them into numbers.
"""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["FEATURES", "form_features", "letters", "normalise", "shape"]

FEATURES = ("shape", "prefix2", "prefix3", "suffix1", "suffix2", "suffix3", "suffix4")
"""Names of the form features, in the order of :func:`form_features`."""

_DIGIT = re.compile(r"\d")
_LONG_RUN = re.compile(r"(.)\1{2,}", re.DOTALL)


def normalise(word: str) -> str:
    """Return the key of a word's vector, with every digit replaced by 0.

    >>> normalise("1996-08-22")
    '0000-00-00'
    """
    return _DIGIT.sub("0", word) if any(map(str.isdigit, word[:64])) else word


def shape(word: str, longest: int = 8) -> str:
    """Return the pattern of capitals, small letters, digits and signs, long runs cut to two.

    >>> shape("O'Neill"), shape("GERMANY"), shape("1996-08-22"), shape("J."), shape("李")
    ("X'Xxx", 'XX', 'dd-dd-dd', 'X.', 'o')
    """
    return _shortened(word[:64].translate(_CLASSES))[:longest]


class _Classes(dict[int, str]):
    """Symbol of each code point in a shape, computed when it is first met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if character.isupper() or character.istitle():
            symbol = "X"
        elif character.islower():
            symbol = "x"
        elif character.isdigit():
            symbol = "d"
        else:
            symbol = "o" if character.isalpha() else character
        self[code] = symbol
        return symbol


_CLASSES = _Classes()


@lru_cache(maxsize=4096)
def _shortened(pattern: str) -> str:
    return _LONG_RUN.sub(r"\1\1", pattern)


def form_features(word: str) -> tuple[str, ...]:
    """Return one string per feature of :data:`FEATURES`; affixes in lower case, empty if too short.

    >>> form_features("Blackburn")
    ('Xxx', 'bl', 'bla', 'n', 'rn', 'urn', 'burn')
    """
    lower = word[:2048].lower() if len(word) <= 2048 else (word[:8] + word[-8:]).lower()
    size = len(lower)
    return (
        shape(word),
        lower[:2] if size > 2 else "",
        lower[:3] if size > 3 else "",
        lower[-1:],
        lower[-2:] if size > 2 else "",
        lower[-3:] if size > 3 else "",
        lower[-4:] if size > 4 else "",
    )


def letters(word: str, longest: int) -> str:
    """Return the characters that the letter network reads: all, or both ends of a very long word.

    >>> letters("abcdefghij", 4)
    'abij'
    """
    if len(word) <= longest:
        return word
    return word[: (longest + 1) // 2] + word[len(word) - longest // 2 :]
