"""Titles are cut off names, for corpora whose guidelines put them inside.

A person's name is the name alone, ``Mr. [Tulkinghorn]``; a corpus that marks ``[Mr. Tulkinghorn]``
teaches a tagger the opposite of all others.
"""

from __future__ import annotations

from collections.abc import Sequence

from ner_rnn.text.tags import Span

__all__ = ["TITLES", "without_title"]

_LIST = (
    "adm admiral archbishop archduke attorney ayatollah baron baroness bishop brig brigadier capt"
    " captain cardinal chairman chancellor chief cmdr coach col colonel commander commissioner"
    " congressman congresswoman councillor count countess czar dame deputy detective director dr"
    " duchess duke earl emperor empress fr gen general gov governor hon inspector judge justice"
    " king lady lieutenant lord lt madam madame maj major master mayor messrs miss mlle mme"
    " monsieur mr mrs ms officer pfc pope premier president prime prince princess prof professor"
    " queen rabbi rep representative rev reverend secretary sen senator sergeant sgt sheikh sheriff"
    " sir sultan tsar vice viscount"
)
TITLES = frozenset(_LIST.split())
"""Words before a name that are no part of it, in lower case and without a full stop."""
_BETWEEN = frozenset(["the", "-", "of", "minister", "president", "justice", "general", "marshal"])
"""Words that are cut off behind a title: "the", "Vice - President", "Prime Minister"."""


def without_title(words: Sequence[str], span: Span) -> Span:
    """Return the span of a name without the titles that it begins with.

    A name that would be a title alone stays as it is.

    >>> without_title(["President", "Barack", "Obama"], Span(0, 3, "PER"))
    Span(start=1, end=3, label='PER')
    """
    start = span.start
    while start < span.end:
        word = words[start].lower().rstrip(".")
        article = start == span.start and word == "the" and span.end - start > 1
        if not (word in TITLES or article or (start > span.start and word in _BETWEEN)):
            break
        start += 1
    return span if start == span.end else Span(start, span.end, span.label)
