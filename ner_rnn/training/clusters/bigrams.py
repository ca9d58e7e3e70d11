"""Counts of neighbouring words in unlabelled text, in memory bounded by the distinct pairs.

The text is cut into words and sentences as ``ner-rnn tag`` cuts it (``training/cut_text.py``) into
a temporary file, and read from there once the frequent words are known. Every sentence stands
between two boundaries, so that what opens and ends sentences is learned, too.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ner_rnn.training.cut_text import cut_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["BOUNDARY", "COUNTING", "RARE", "READING", "SPECIAL", "Bigrams", "count_bigrams"]

BOUNDARY, RARE, SPECIAL = 0, 1, 2
"""Numbers of the sentence boundary and of all rare words together, and how many such there are."""

READING, COUNTING = "reading (MB)", "counting (sentences)"
"""Names of the work under way."""

_BLOCK = 1 << 22
"""Words that are counted at a time."""


@dataclass(frozen=True, eq=False)
class Bigrams:
    """Counts of neighbouring words.

    Attributes:
        words: words in the order of their numbers, the most frequent first; that of ``words[0]``
            is ``SPECIAL``.
        matrix: sparse matrix in rows, (numbers, numbers): how often the word of the column follows
            that of the row.
        sentences: number of sentences.
        running_words: number of words, repetitions counted.
        distinct_words: number of distinct words, rare ones included.
    """

    words: tuple[str, ...]
    matrix: Any
    sentences: int
    running_words: int
    distinct_words: int

    @property
    def counts(self) -> NDArray[np.int64]:
        """Occurrences of each number, (numbers)."""
        found: NDArray[np.int64] = np.asarray(self.matrix.sum(axis=0), dtype=np.int64).ravel()
        return found


def count_bigrams(
    files: Sequence[str],
    *,
    min_count: int = 1,
    lower: bool = False,
    shares: Mapping[str, float] | None = None,
    encoding: str = "utf-8",
    on_progress: Callable[[str, float, float], None] = lambda what, done, total: None,
) -> Bigrams:
    """Count the neighbouring words of text files.

    Args:
        files: text, packed or not.
        min_count: occurrences below which a word counts as rare.
        lower: count words in lower case.
        shares: shares of files that are read in part, as ``cut_text`` takes them.
        encoding: text encoding of the files.
        on_progress: called with the progress of reading (in MB on disk) and counting (in
            sentences).

    Raises:
        FileError, ConfigError, CorpusError: as ``cut_text``.
    """
    with tempfile.TemporaryDirectory(prefix="ner-rnn-") as folder:
        cut = Path(folder) / "words.txt"
        counts, sentences = cut_text(
            files,
            cut,
            lower=lower,
            shares=shares,
            encoding=encoding,
            on_progress=lambda done, total: on_progress(READING, done / 1e6, total / 1e6),
        )
        # one order whatever the order of the files
        ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        words = tuple(word for word, count in ranked if count >= min_count)
        matrix = _matrix(cut, words, sentences, on_progress)
    return Bigrams(words, matrix, sentences, counts.total(), len(counts))


def _matrix(
    cut: Path,
    words: Sequence[str],
    sentences: int,
    on_progress: Callable[[str, float, float], None],
) -> Any:
    """Return the counts of neighbours in a file of one sentence a line."""
    from scipy import sparse

    numbers = {word: number for number, word in enumerate(words, SPECIAL)}
    size = len(words) + SPECIAL
    total = sparse.csr_matrix((size, size), dtype=np.int64)
    stream = [BOUNDARY]

    def add() -> Any:
        ids = np.array(stream, dtype=np.int64)
        pairs, times = np.unique(ids[:-1] * size + ids[1:], return_counts=True)
        where = (pairs // size, pairs % size)
        return total + sparse.csr_matrix((times, where), shape=(size, size), dtype=np.int64)

    with cut.open(encoding="utf-8", newline="\n") as lines:
        for number, line in enumerate(lines, 1):
            stream += [numbers.get(word, RARE) for word in line.split()]
            stream.append(BOUNDARY)
            if len(stream) > _BLOCK:
                total, stream = add(), [BOUNDARY]
                on_progress(COUNTING, number, sentences)
    total = add()
    on_progress(COUNTING, sentences, sentences)
    return total
