"""Unlabelled text with the probability of each name in it, and taggings drawn from these.

A tagging holds each name with its probability, so that what is learned from many of them is what
the teachers believe, doubts included, while text, batches and loss stay those of annotated text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray

from ner_rnn.corpora.corpus import LEFT_OPEN, PERSON
from ner_rnn.text.tags import Span
from ner_rnn.text.writing import replacing

__all__ = ["SURE", "UNLIKELY", "SoftLabels", "draw"]

Ids = NDArray[np.int64]

SURE, UNLIKELY = 0.75, 0.2
"""Probabilities from which a name is taken for one, and below which it is none."""


@dataclass(frozen=True)
class SoftLabels:
    """Text and the names that may be in it.

    Attributes:
        forms: the distinct words.
        words: (words,) number of the form of each word.
        sentences: (sentences + 1,) number of the first word of each, and the count of all words.
        documents: (documents + 1,) number of the first sentence of each, and the count of them all.
        starts: (names,) number of the first word of each name, ascending.
        lengths: (names,) words of each; none goes beyond the end of a sentence.
        scores: (names,) probability of exactly this name.
    """

    forms: Sequence[str]
    words: NDArray[np.integer]
    sentences: Ids
    documents: Ids
    starts: Ids
    lengths: Ids
    scores: NDArray[np.float64]

    @cached_property
    def sizes(self) -> Ids:
        """Words of each document: (documents,)."""
        return np.diff(self.sentences[self.documents])

    @property
    def expected(self) -> float:
        """Number of names to be expected in a tagging."""
        return float(self.scores.sum())

    def tokens(self, document: int) -> list[tuple[str, ...]]:
        """Return the words of each sentence of a document."""
        forms, bounds = self.forms, self._bounds(document)
        words = [forms[form] for form in self.words[bounds[0] : bounds[-1]].tolist()]
        first = bounds[0]
        return [tuple(words[begin - first : end - first]) for begin, end in pairwise(bounds)]

    def drawn(self, document: int, random: Random) -> list[list[Span]]:
        """Draw a tagging of a document: the names of each sentence, in order."""
        starts, ends, scores = self._names(document)
        names = [(place, PERSON) for place in draw(starts, ends, scores, random)]
        return self._spans(document, starts, ends, names)

    def sure(self, document: int) -> list[list[Span]]:
        """Return the names of a document that are sure, and doubtful ones as spans left open.

        Of names that overlap, the most probable counts. ``SURE`` and ``UNLIKELY`` are the bounds.
        """
        starts, ends, scores = self._names(document)
        kept: list[int] = []
        for place in sorted(range(len(starts)), key=lambda place: -scores[place]):
            if scores[place] < UNLIKELY:
                break
            if all(ends[place] <= starts[one] or ends[one] <= starts[place] for one in kept):
                kept.append(place)
        names = [(n, PERSON if scores[n] >= SURE else LEFT_OPEN) for n in sorted(kept)]
        return self._spans(document, starts, ends, names)

    def _names(self, document: int) -> tuple[list[int], list[int], list[float]]:
        """Return first words, ends and probabilities of the names of a document."""
        bounds = self._bounds(document)
        low, high = np.searchsorted(self.starts, (bounds[0], bounds[-1])).tolist()
        starts = self.starts[low:high]
        ends = starts + self.lengths[low:high]
        return starts.tolist(), ends.tolist(), self.scores[low:high].tolist()

    def _spans(
        self,
        document: int,
        starts: Sequence[int],
        ends: Sequence[int],
        names: Sequence[tuple[int, str]],
    ) -> list[list[Span]]:
        """Return names, ascending numbers with a label each, as spans of the sentences."""
        bounds = self._bounds(document)
        spans: list[list[Span]] = [[] for _ in bounds[1:]]
        sentence = 0
        for place, label in names:
            while starts[place] >= bounds[sentence + 1]:
                sentence += 1
            begin = bounds[sentence]
            spans[sentence].append(Span(starts[place] - begin, ends[place] - begin, label))
        return spans

    def _bounds(self, document: int) -> list[int]:
        first, end = self.documents[document : document + 2].tolist()
        bounds: list[int] = self.sentences[first : end + 1].tolist()
        return bounds

    def write(self, path: Path) -> None:
        """Write a file, whole or not at all.

        Raises:
            FileError: it cannot be written.
        """
        narrow = np.uint16 if len(self.forms) <= 1 << 16 else np.uint32
        spelled = "\n".join(self.forms).encode("utf-8", "surrogatepass")
        with replacing(path) as file:
            np.savez(
                file,
                forms=np.frombuffer(spelled, dtype=np.uint8),
                words=self.words.astype(narrow),
                sentences=np.diff(self.sentences).astype(np.uint16),
                documents=np.diff(self.documents).astype(np.uint16),
                starts=self.starts.astype(np.uint32),
                lengths=self.lengths.astype(np.uint16),
                scores=self.scores.astype(np.float16),
            )

    @classmethod
    def read(cls, path: Path) -> SoftLabels:
        """Read what ``write`` wrote.

        Raises:
            OSError, ValueError, KeyError, zipfile.BadZipFile: it cannot be read, or is damaged.
        """
        with path.open("rb") as file, np.load(file, allow_pickle=False) as held:
            return cls(
                forms=held["forms"].tobytes().decode("utf-8", "surrogatepass").split("\n"),
                words=held["words"],
                sentences=bounds_of(held["sentences"]),
                documents=bounds_of(held["documents"]),
                starts=held["starts"].astype(np.int64),
                lengths=held["lengths"].astype(np.int64),
                scores=held["scores"].astype(np.float64),
            )


def bounds_of(sizes: NDArray[np.integer] | Sequence[int]) -> Ids:
    """Return the bounds of parts of these sizes: ``[2, 3]`` -> ``[0, 2, 5]``."""
    return np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]).astype(np.int64)


def draw(
    starts: Sequence[int], ends: Sequence[int], scores: Sequence[float], random: Random
) -> list[int]:
    """Draw spans, each with its probability, and of spans that overlap at most one.

    Spans are taken in the order of their first words. One that overlaps a span drawn before is
    left out; else it is drawn with its probability divided by that of being free, which is what
    the spans before that overlap it leave of 1. Those all hold its first word, as they begin no
    later than it does and end behind that word; so no two of them are drawn together, and the
    probabilities of drawing them add up. With that of the span itself they add up to 1 at most,
    for in any reading of the text one span at most holds a word, and likewise in the mean over
    several taggers. Hence every span is drawn with exactly its probability, whatever overlaps
    what.

    Args:
        starts: first word of each span, ascending.
        ends: the word after its last.
        scores: its probability.
        random: source of all draws.

    Returns:
        Numbers of the spans that were drawn, ascending.
    """
    drawn: list[int] = []
    taken = 0  # the word after the last span that was drawn
    open_before: list[tuple[int, float]] = []  # end and probability of spans that may overlap
    for place, (start, end, score) in enumerate(zip(starts, ends, scores, strict=True)):
        open_before = [(last, p) for last, p in open_before if last > start]
        if start >= taken:
            free = 1.0 - sum(p for _, p in open_before)
            if random.random() * free < score:
                drawn.append(place)
                taken = end
        open_before.append((end, score))
    return drawn
