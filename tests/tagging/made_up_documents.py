"""Documents with names in given places, without a model."""

from __future__ import annotations

from ner_rnn.runtime.documents import Document, Name


def named(text: str, *names: str, words: int = 0) -> Document:
    """Return a document in which these names were found, in order, each with a score of 0.98765."""
    found, position = [], 0
    for name in names:
        start = text.index(name, position)
        position = start + len(name)
        found.append(Name(start, position, name, 0.98765))
    return Document(text, found, words=words)
