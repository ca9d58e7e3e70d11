"""Brown clusters learned from unlabelled text: counting, exchange, tree, one after the other.

The result of the same text and settings is always the same: nothing is random.
``file.py`` writes it, ``encoding/knowledge.py`` reads it for a tagger.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from ner_rnn.errors import CorpusError, counted
from ner_rnn.model.bounds import Bound, Bounded, Count

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["MERGING", "MOVING", "Learned", "Settings", "learn"]

Progress = Callable[[str, float, float], None]
"""Called with the name of the work under way, how much is done, and how much there is."""

MOVING, MERGING = "moving words", "merging classes"
"""Names of the work under way, behind those of ``clusters/bigrams.py``."""


@dataclass(frozen=True)
class Settings(Bounded):
    """Settings of a training of Brown clusters."""

    classes: Annotated[int, Bound("2 or more", lambda n: n >= 2, 10_000)] = 1000
    """Word classes; the time grows with their number, that of the tree with its cube."""
    min_count: Count = 5
    """Occurrences from which a word gets a class."""
    iterations: Count = 5
    """Passes over the words at most; fewer where no word moves any more."""
    lower: bool = False
    """Learn from text in lower case, for taggers of text in any case."""


@dataclass(frozen=True, eq=False)
class Learned:
    """Clusters, and counts of the text that they were learned from.

    Attributes:
        words: words with a cluster, the most frequent first.
        counts: occurrences of each.
        paths: path of each in the tree, of the signs 0 and 1.
        classes: number of distinct paths.
        sentences: number of sentences.
        running_words: number of words, repetitions counted.
        distinct_words: number of distinct words, rare ones included.
        bits_before: cross entropy of the text under the class bigram model of the classes that
            learning starts from, in bits per word.
        bits_after: the same under the classes learned.
        iterations: passes over the words.
        seconds: wall time of the learning.
    """

    words: tuple[str, ...]
    counts: tuple[int, ...]
    paths: tuple[str, ...]
    classes: int
    sentences: int
    running_words: int
    distinct_words: int
    bits_before: float
    bits_after: float
    iterations: int
    seconds: float


def learn(
    files: Sequence[str],
    settings: Settings,
    *,
    shares: Mapping[str, float] | None = None,
    encoding: str = "utf-8",
    on_progress: Progress = lambda what, done, total: None,
    on_notice: Callable[[str], None] = lambda text: None,
) -> Learned:
    """Learn clusters for the words of text files.

    Args:
        files: text, packed or not.
        settings: settings of the training.
        shares: shares of files that are read in part, as ``cut_text`` takes them.
        encoding: text encoding of the files.
        on_progress: called with the progress of the work under way.
        on_notice: called with counts of the text, and of the words that each pass moved.

    Raises:
        FileError, ConfigError: as ``cut_text``.
        CorpusError: a file holds no words, or fewer words are frequent enough than there are
            classes.
    """
    from ner_rnn.training.clusters.bigrams import SPECIAL, count_bigrams
    from ner_rnn.training.clusters.exchange import (
        bits_per_word,
        class_table,
        exchange,
        first_classes,
    )
    from ner_rnn.training.clusters.tree import merge_paths

    began = time.perf_counter()
    bigrams = count_bigrams(
        files,
        min_count=settings.min_count,
        lower=settings.lower,
        shares=shares,
        encoding=encoding,
        on_progress=on_progress,
    )
    kept = len(bigrams.words)
    if kept < settings.classes:
        raise CorpusError(
            f"{counted(kept, 'distinct word')} with {settings.min_count} occurrences or more, "
            f"fewer than the {settings.classes:,} classes",
            where=", ".join(files),
            do="give more text, or lower {classes} or {min_count}",
        )
    on_notice(
        f"{bigrams.running_words:,} words in {bigrams.sentences:,} sentences; {kept:,} of "
        f"{bigrams.distinct_words:,} distinct ones occur {settings.min_count} times or more"
    )

    def on_pass(number: int, moved: int, classes: NDArray[np.int64]) -> None:
        bits = bits_per_word(bigrams.matrix, classes)
        on_notice(
            f"pass {number} of {settings.iterations}: {moved:,} words moved, {bits:.4f} bits per "
            "word"
        )

    start = first_classes(SPECIAL + kept, settings.classes)
    total = kept * settings.iterations
    found = exchange(
        bigrams.matrix,
        start,
        settings.iterations,
        on_word=lambda done: on_progress(MOVING, done, total),
        on_pass=on_pass,
    )
    paths = merge_paths(
        class_table(bigrams.matrix, found.classes),
        SPECIAL,
        lambda done, total: on_progress(MERGING, done, total),
    )
    return Learned(
        bigrams.words,
        tuple(bigrams.counts[SPECIAL:].tolist()),
        tuple(paths[one] for one in found.classes[SPECIAL:].tolist()),
        len(paths),
        bigrams.sentences,
        bigrams.running_words,
        bigrams.distinct_words,
        bits_per_word(bigrams.matrix, start),
        bits_per_word(bigrams.matrix, found.classes),
        len(found.moved),
        time.perf_counter() - began,
    )
