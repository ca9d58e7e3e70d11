"""A document that is about to be changed: sentences of words, and the spans in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ner_rnn.text.tags import Span
from ner_rnn.text.tokenize import iter_sentences

__all__ = ["Document", "Sentence", "from_text", "map_words", "rewritten"]


@dataclass(slots=True)
class Sentence:
    """Words and spans.

    Attributes:
        words: the words.
        spans: in order and without overlap.
    """

    words: Sequence[str]
    spans: Sequence[Span]


Document = list[Sentence]


def map_words(document: Document, change: Callable[[str], str]) -> Document:
    """Return a document with every word changed; a word that would vanish stays as it is."""
    return [Sentence([change(w) or w for w in s.words], s.spans) for s in document]


def rewritten(
    sentence: Sentence, inside: Callable[[Span, Sequence[str]], Sequence[str]]
) -> Sentence:
    """Return a sentence in which the words of spans are replaced, any number by any other.

    Args:
        sentence: stays as it is.
        inside: returns the new words of a span, at least one.
    """
    words: list[str] = []
    spans: list[Span] = []
    done = 0
    for span in sentence.spans:
        words.extend(sentence.words[done : span.start])
        start = len(words)
        words.extend(inside(span, sentence.words[span.start : span.end]))
        spans.append(Span(start, len(words), span.label))
        done = span.end
    words.extend(sentence.words[done:])
    return Sentence(words, spans)


def from_text(text: str, names: Iterable[tuple[int, int]], label: str) -> Document:
    """Cut raw text into a document, as the tagger will cut it.

    Args:
        text: any text.
        names: offsets of the names, in order; one that does not begin and end with a word is
            widened to the words that it touches.
        label: their label.
    """
    left = list(names)
    document = []
    for tokens in iter_sentences(text):
        spans: list[Span] = []
        while left and left[0][0] < tokens[-1][1]:
            begin, stop = left.pop(0)
            inside = [i for i, (a, b) in enumerate(tokens) if a < stop and b > begin]
            if inside and (not spans or spans[-1].end <= inside[0]):
                spans.append(Span(inside[0], inside[-1] + 1, label))
        document.append(Sentence([text[a:b] for a, b in tokens], spans))
    return document
