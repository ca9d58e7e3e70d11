"""Words back to running text: where a space stands between two, and where none does.

A guess from the words alone, for readers of characters that have learned from running text: signs
stand at the word they belong to, Chinese characters side by side.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["is_spaced", "written"]

_CLOSES = frozenset(
    [*",.;:!?)]}%'\u2019\u201d\u2026", "''", "...", "n't", "n\u2019t"]
    + [mark + end for mark in "'\u2019" for end in ("s", "re", "ve", "ll", "d", "m", "S")]
)
"""Words that stand at the one before."""
_OPENS = frozenset([*"([{$#\u00a3\u20ac\u201c\u2018", "``"])
"""Words that the next one stands at."""
_HAN = re.compile("[\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")


def is_spaced(words: Sequence[str]) -> list[bool]:
    """Whether a space stands before each word; before the first there is none.

    >>> is_spaced(["He", "said", "(", "twice", ")", "."])
    [False, True, True, False, False, False]
    """
    answers = []
    quoted = False  # inside straight quotation marks
    glued = True  # the next word stands at this one
    before = ""
    for word in words:
        closes = word in _CLOSES or (word == '"' and quoted)
        han = before and _HAN.match(before[-1]) and _HAN.match(word)
        answers.append(not (glued or closes or han))
        glued = word in _OPENS or (word == '"' and not quoted)
        if word == '"':
            quoted = not quoted
        before = word
    return answers


def written(words: Sequence[str]) -> tuple[str, list[int]]:
    r"""The text, and where in it each word begins.

    >>> written(["Mr.", "Yu", "'s", "fee", ":", "$", "3", ",", '"', "up", '"', ".", "李", "娜"])[0]
    'Mr. Yu\'s fee: $3, "up". 李娜'
    >>> written(["He", "(", "too", ")"])
    ('He (too)', [0, 3, 4, 7])
    """
    parts, starts, place = [], [], 0
    for word, spaced in zip(words, is_spaced(words), strict=True):
        parts.append(" " + word if spaced else word)
        starts.append(place + spaced)
        place += len(parts[-1])
    return "".join(parts), starts
