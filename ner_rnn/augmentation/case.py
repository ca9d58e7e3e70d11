"""Letter case and accents of a whole document."""

from __future__ import annotations

from random import Random

from ner_rnn.augmentation.document import Document, Sentence, map_words
from ner_rnn.corpora.corpus import PERSON
from ner_rnn.text.accents import strip_accents

__all__ = ["lower", "lower_names", "title", "upper", "without_accents"]


def lower(document: Document) -> Document:
    """Return a document in lower case."""
    return map_words(document, str.lower)


def upper(document: Document) -> Document:
    """Return a document in capitals."""
    return map_words(document, str.upper)


def title(document: Document, random: Random) -> Document:
    """Return a document whose words begin with capitals, as in headlines."""
    small = random.random() < 0.5

    def change(word: str) -> str:
        if not word.isalpha() or (small and len(word) < 4 and word.islower()):
            return word
        return word[0].upper() + word[1:]

    return map_words(document, change)


def lower_names(document: Document) -> Document:
    """Return a document whose names are in lower case, as in hasty messages."""
    changed = []
    for sentence in document:
        words = list(sentence.words)
        for span in sentence.spans:
            if span.label == PERSON:
                words[span.start : span.end] = [w.lower() for w in words[span.start : span.end]]
        changed.append(Sentence(words, sentence.spans))
    return changed


def without_accents(document: Document) -> Document:
    """Return a document without accents: ``Łódź`` keeps its ``Ł``, which has none to lose."""
    return map_words(document, strip_accents)
