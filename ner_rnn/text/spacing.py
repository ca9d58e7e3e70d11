"""Running text from words: a guess of the spaces between them, from the words alone.

Language models of characters, which learned from running text, read tokenized corpora this way.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["is_spaced", "written"]

_CLOSES = frozenset(
    [*",.;:!?)]}%'\u2019\u201d\u2026", "''", "...", "n't", "n\u2019t"]
    + [mark + end for mark in "'\u2019" for end in ("s", "re", "ve", "ll", "d", "m", "S")]
)
"""Words without a space before them."""
_OPENS = frozenset([*"([{$#\u00a3\u20ac\u201c\u2018", "``"])
"""Words without a space after them."""
_HAN = re.compile("[\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")


def is_spaced(words: Sequence[str]) -> list[bool]:
    """Return for each word whether a space precedes it; never before the first.

    >>> is_spaced(["He", "said", "(", "twice", ")", "."])
    [False, True, True, False, False, False]
    """
    answers = []
    quoted = False  # inside straight quotation marks
    glued = True  # no space before the next word
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
    r"""Return the text of the words, and the offset of each word in it.

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
