"""The tokens of a corpus: words, or single characters, as in Chinese corpora.

Text must reach a model divided as its corpus was: here the unit of a corpus is recognised, and
``tokenize.py`` divides text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from ner_rnn.text.tokenize import TokenUnit, tokenize

__all__ = ["recognise_unit", "without_positions"]

NEARLY_ALL = 0.95  # of the tokens; in English some 15 % are single characters, all but few marks
_NUMBERED = re.compile(r"(.)(\d{1,3})\Z", re.DOTALL)


def recognise_unit(forms: Mapping[str, int]) -> TokenUnit:
    """Return the unit that a corpus is divided into.

    Args:
        forms: its tokens, with the number of times each occurs.

    >>> recognise_unit({"王": 3, "小": 3, "A": 1, "。": 2}), recognise_unit({"Wang": 3, ".": 2})
    ('characters', 'words')
    """
    single = sum(
        count
        for form, count in forms.items()
        if len(form) == 1 or [[(0, len(form))]] == tokenize(form, "characters")
    )
    total = sum(forms.values())
    return "characters" if total and single >= NEARLY_ALL * total else "words"


def without_positions(sentences: Iterable[Sequence[str]]) -> list[Sequence[str]]:
    """Take away the numbers that Weibo NER wrote after its characters.

    Each token of that corpus is a character and its place in a word that someone else had cut:
    ``口0 腔1 溃2 疡3 加0 上1``. In text that is to be tagged there are no such numbers. A corpus in
    which not nearly all tokens look so is left as it is.

    Args:
        sentences: the tokens of each.
    """
    given = list(sentences)
    forms = Counter(token for tokens in given for token in tokens)
    numbered = sum(count for form, count in forms.items() if _NUMBERED.match(form))
    if numbered < NEARLY_ALL * sum(forms.values()) or not forms:
        return given
    bare = {form: match[1] for form in forms if (match := _NUMBERED.match(form))}
    return [tuple(bare.get(token, token) for token in tokens) for tokens in given]
