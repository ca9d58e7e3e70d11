"""The models that teach: what they have to be, and what they read.

Each lists every name that it thinks possible, with its exact probability; of several teachers the
mean counts, in which a name that one of them does not list has a probability of 0 from it.
"""

from __future__ import annotations

import hashlib
import os
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from ner_rnn.encoding.features import normalise
from ner_rnn.errors import ConfigError
from ner_rnn.model.bundle import WEIGHTS
from ner_rnn.processes import in_order
from ner_rnn.runtime.load import uses_gpu
from ner_rnn.text.tokenize import TokenUnit
from ner_rnn.training.distillation.soft_labels import SoftLabels, bounds_of
from ner_rnn.training.start import read_person_tagger

__all__ = ["MIN_SCORE", "Teacher", "read_teacher", "teach"]

MIN_SCORE = 0.01
"""Least probability of a name that a teacher lists."""
TASK_WORDS = 20_000
"""Words that the teachers read at a time."""
WORTH_PROCESSES = 300_000
"""Words from which on several processes read."""

Documents = Sequence[Sequence[Sequence[str]]]
Listed = list[list[tuple[int, int, int, float]]]
"""For each document its names: sentence, first word, word after the last, probability."""


@dataclass(frozen=True)
class Teacher:
    """A model that teaches.

    Attributes:
        name: as it was asked for.
        path: its folder.
        unit: tokens that it reads.
        words: keys of the words that it has vectors or clusters for (``features.normalise``).
        weights: SHA-256 of its weights.
        digest: of all that its answers follow from.
    """

    name: str
    path: Path
    unit: TokenUnit
    words: frozenset[str]
    weights: str
    digest: str

    def knows(self, word: str) -> bool:
        """Return whether it has a vector or a cluster of its own for a word."""
        return normalise(word) in self.words


def read_teacher(model: str | os.PathLike[str]) -> Teacher:
    """Look at a model that is to teach.

    Args:
        model: its folder, or the name of a built-in model.

    Raises:
        BundleError: as ``start.read_person_tagger``.
    """
    bundle, vocabulary, _ = read_person_tagger(model)
    sums = sorted(f"{file} {about['sha256']}" for file, about in bundle.manifest["files"].items())
    return Teacher(
        os.fspath(model),
        bundle.path,
        vocabulary.unit,
        frozenset(chain(vocabulary.words, vocabulary.knowledge.clusters)),
        bundle.manifest["files"][WEIGHTS]["sha256"],
        hashlib.sha256("\n".join(sums).encode()).hexdigest(),
    )


def teach(
    teachers: Sequence[Teacher],
    documents: Iterable[Sequence[Sequence[str]]],
    words: int,
    on_progress: Callable[[int], None] = lambda done: None,
    *,
    workers: int = 1,
) -> SoftLabels:
    """Let teachers read documents.

    Args:
        teachers: all of the same unit.
        documents: the words of each sentence; read as they are needed.
        words: their number, roughly.
        on_progress: called with the number of words read so far.
        workers: processes that read, if there are many words and no GPU.

    Raises:
        UserError: a document cannot be read, or a worker process was ended from outside.
    """
    several = words >= WORTH_PROCESSES and not uses_gpu("auto")
    work = _Work(tuple(str(teacher.path) for teacher in teachers))
    numbers: dict[str, int] = {}
    forms, lengths, sentences = array("i"), array("i"), array("i")
    starts, sizes, scores = array("q"), array("i"), array("d")
    try:
        with closing(in_order(work, _tasks(documents), workers if several else 1)) as done:
            for read, listed in done:
                for document, names in zip(read, listed, strict=True):
                    bounds = bounds_of([len(row) for row in document]) + len(forms)
                    sentences.append(len(document))
                    for row in document:
                        lengths.append(len(row))
                        forms.extend(numbers.setdefault(word, len(numbers)) for word in row)
                    for sentence, start, end, score in names:
                        starts.append(int(bounds[sentence]) + start)
                        sizes.append(end - start)
                        scores.append(score)
                on_progress(len(forms))
    except ConfigError as error:
        raise ConfigError(error.what, do="run it again, with more memory free") from None
    return SoftLabels(
        list(numbers),
        np.array(forms, dtype=np.int32),
        bounds_of(lengths),
        bounds_of(sentences),
        np.array(starts, dtype=np.int64),
        np.array(sizes, dtype=np.int64),
        np.array(scores, dtype=np.float64),
    )


@dataclass(frozen=True)
class _Work:
    """What a process does: load the teachers, then read documents."""

    models: tuple[str, ...]

    def __call__(self) -> Callable[[Documents], tuple[Documents, Listed]]:
        from ner_rnn.runtime.tagger import Tagger

        taggers = [Tagger.load(model) for model in self.models]

        def read(documents: Documents) -> tuple[Documents, Listed]:
            together: list[dict[tuple[int, int, int], float]] = [
                defaultdict(float) for _ in documents
            ]
            for tagger in taggers:
                listed = tagger.probable_names(documents, MIN_SCORE)
                for scores, names in zip(together, listed, strict=True):
                    for sentence, name in names:
                        scores[sentence, name.start, name.end] += name.score / len(taggers)
            # sorted by first word, then by the word after the last
            return documents, [
                [(*place, score) for place, score in sorted(scores.items())] for scores in together
            ]

        return read


def _tasks(documents: Iterable[Sequence[Sequence[str]]]) -> Iterator[Documents]:
    held: list[Sequence[Sequence[str]]] = []
    words = 0
    for document in documents:
        held.append(document)
        words += sum(map(len, document))
        if words >= TASK_WORDS:
            yield held
            held, words = [], 0
    if held:
        yield held
