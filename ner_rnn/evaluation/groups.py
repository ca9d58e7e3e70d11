"""Scores of subsets of the names: by length, sentence length, letter case, seen in training or not.

A name, gold or predicted, falls into one group by its own words and its sentence, so a correct one
falls into the same group on both sides and the groups of a table add up to all names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ner_rnn.corpora.corpus import PERSON
from ner_rnn.evaluation.counting import Found, Names, score_row
from ner_rnn.evaluation.schema import Groups
from ner_rnn.text.tags import Span

__all__ = [
    "CASES",
    "NAME_LENGTHS",
    "SENTENCE_LENGTHS",
    "case",
    "grouped",
    "name_length",
    "sentence_length",
]

NAME_LENGTHS = ("1", "2", "3", "4+")
SENTENCE_LENGTHS = ("1-10", "11-20", "21-40", "41+")
CASES = ("Title", "UPPER", "lower", "mixed", "none")

Grouping = Callable[[Sequence[str], Span | Found], str]
"""The words of a sentence and a name in it -> the label of the name's group."""


def grouped(
    groups: Sequence[str],
    group_of: Grouping,
    tokens: Sequence[Sequence[str]],
    gold: Sequence[Names],
    predicted: Sequence[Names],
) -> Groups:
    """Score persons group by group, in the order of ``groups``; ``group_of`` chooses one."""
    table = {group: [0, 0, 0] for group in groups}
    for words, wanted, found in zip(tokens, gold, predicted, strict=True):
        if not wanted and not found:
            continue
        exact = {name[:3] for name in found}
        for name in wanted:
            if name.label == PERSON:
                counts = table[group_of(words, name)]
                counts[0] += 1
                counts[2] += name[:3] in exact
        for name in found:
            if name.label == PERSON:
                table[group_of(words, name)][1] += 1
    return {group: score_row(*counts) for group, counts in table.items()}


def name_length(words: Sequence[str], name: Span | Found) -> str:
    """Group of a name by its number of words."""
    return NAME_LENGTHS[min(name.end - name.start, 4) - 1]


def sentence_length(words: Sequence[str], name: Span | Found) -> str:
    """Group of a name by the number of words of its sentence."""
    return SENTENCE_LENGTHS[sum(len(words) > most for most in (10, 20, 40))]


def case(words: Sequence[str], name: Span | Found) -> str:
    """Group of a name by its letter case.

    >>> [case([word], Found(0, 1)) for word in ("Maria", "MARIA", "maria", "McAdam", "J.", "王芳")]
    ['Title', 'UPPER', 'lower', 'Title', 'Title', 'none']
    """
    cased = [
        "".join(c for c in word if c.lower() != c.upper()) for word in words[name.start : name.end]
    ]
    cased = [word for word in cased if word]
    if not cased:
        return "none"
    if all(word.islower() for word in cased):
        return "lower"
    if all(word[0].isupper() for word in cased):
        longer = [word for word in cased if len(word) > 1]
        return "UPPER" if longer and all(word.isupper() for word in longer) else "Title"
    return "mixed"
