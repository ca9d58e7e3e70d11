"""Errors of people and machines: typing, optical character recognition, punctuation, sentences."""

from __future__ import annotations

from random import Random

from ner_rnn.augmentation.document import Document, Sentence, map_words
from ner_rnn.text.tags import Span

__all__ = ["punctuation", "resegmented", "scanned", "typed"]

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_CONFUSED = [
    ("rn", "m"), ("m", "rn"), ("l", "1"), ("I", "l"), ("l", "I"), ("O", "0"), ("o", "0"),
    ("e", "c"), ("c", "e"), ("h", "b"), ("S", "5"), ("s", "5"), ("B", "8"), ("g", "q"),
    ("u", "n"), ("n", "u"), ("cl", "d"), ("d", "cl"), ("ii", "n"), ("t", "f"), ("i", "j"),
    ("a", "o"), ("fi", "ﬁ"), ("vv", "w"), ("w", "vv"), ("y", "v"),
]  # fmt: skip
_CURLY = {'"': "”", "``": "“", "''": "”", "'s": "’s", "n't": "n’t", "'": "’", "--": "—", "-": "–"}
_STRAIGHT = {"”": '"', "“": '"', "’s": "'s", "’": "'", "—": "--", "–": "-", "``": '"', "''": '"'}
TYPED, SCANNED = 0.05, 0.10
"""Shares of the words that an error is in."""


def typed(document: Document, random: Random) -> Document:
    """Return a document with typing errors: letters lost, doubled, swapped or wrong."""

    def change(word: str) -> str:
        if len(word) < 4 or not word.isalpha() or random.random() >= TYPED:
            return word
        i = random.randrange(1, len(word) - 1)
        kind = random.randrange(4)
        if kind == 0:
            return word[:i] + word[i + 1 :]
        if kind == 1:
            return word[:i] + word[i] + word[i:]
        if kind == 2:
            return word[:i] + word[i + 1] + word[i] + word[i + 2 :]
        return word[:i] + random.choice(_LETTERS) + word[i + 1 :]

    return map_words(document, change)


def scanned(document: Document, random: Random) -> Document:
    """Return a document as optical character recognition reads it from a poor copy."""

    def change(word: str) -> str:
        if len(word) < 3 or random.random() >= SCANNED:
            return word
        fitting = [pair for pair in _CONFUSED if pair[0] in word]
        if not fitting:
            return word
        before, after = random.choice(fitting)
        return word.replace(before, after, 1)

    return map_words(document, change)


def punctuation(document: Document, random: Random) -> Document:
    """Return a document whose punctuation is missing, doubled, or of another style."""
    kind = random.randrange(5)
    if kind == 0:
        return [_without_marks(sentence, random, 1.0) for sentence in document]
    if kind == 1:
        return [_without_marks(sentence, random, 0.5) for sentence in document]
    if kind == 2:
        return [_doubled(sentence, random) for sentence in document]
    table = _CURLY if kind == 3 else _STRAIGHT
    return map_words(document, lambda word: table.get(word, word))


def resegmented(document: Document, random: Random) -> Document:
    """Return a document some of whose sentences are joined, or cut where no name is."""
    changed: Document = []
    for sentence in document:
        if changed and random.random() < 0.15:
            before = changed[-1]
            shift = len(before.words)
            moved = [Span(a + shift, b + shift, label) for a, b, label in sentence.spans]
            changed[-1] = Sentence([*before.words, *sentence.words], [*before.spans, *moved])
        elif len(sentence.words) > 8 and random.random() < 0.15:
            cut = random.randrange(2, len(sentence.words) - 1)
            if any(a < cut < b for a, b, _ in sentence.spans):
                changed.append(sentence)
                continue
            first = [span for span in sentence.spans if span.end <= cut]
            rest = [Span(a - cut, b - cut, label) for a, b, label in sentence.spans if a >= cut]
            changed.append(Sentence(sentence.words[:cut], first))
            changed.append(Sentence(sentence.words[cut:], rest))
        else:
            changed.append(sentence)
    return changed


def _without_marks(sentence: Sentence, random: Random, share: float) -> Sentence:
    """Leave out punctuation outside spans."""
    kept: list[str] = []
    inside = {place for a, b, _ in sentence.spans for place in range(a, b)}
    new_place = {}
    for place, word in enumerate(sentence.words):
        is_mark = not any(map(str.isalnum, word))
        if is_mark and place not in inside and random.random() < share:
            continue
        new_place[place] = len(kept)
        kept.append(word)
    if not kept:
        return sentence
    spans = [Span(new_place[a], new_place[b - 1] + 1, label) for a, b, label in sentence.spans]
    return Sentence(kept, spans)


def _doubled(sentence: Sentence, random: Random) -> Sentence:
    """Repeat final marks: ``!`` -> ``! ! !``."""
    words = list(sentence.words)
    if words and words[-1] in "!?." and all(b < len(words) for _, b, _ in sentence.spans):
        words += [random.choice("!?.")] * random.randrange(1, 4)
    return Sentence(words, sentence.spans)
