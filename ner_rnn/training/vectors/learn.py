"""Word vectors learned from unlabelled text, under the keys by which a tagger looks them up.

gensim (extra ``vectors``) does the learning: word2vec (Mikolov et al. 2013) or fastText
(Bojanowski et al. 2017), both as skip-gram with negative sampling. The text is tokenized and
counted once (``cut_text.py``) into a temporary file, which gensim reads in compiled code at every
pass. ``file.py`` writes the vectors.
"""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ner_rnn.errors import CorpusError
from ner_rnn.extras import require
from ner_rnn.model.bounds import Bounded, Count, Seed
from ner_rnn.training.cut_text import cut_text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["LEARNING", "READING", "Learned", "Settings", "learn"]

Progress = Callable[[str, float, float], None]
"""Called with the name of the work under way, how much is done, and how much there is."""

READING, LEARNING = "reading (MB)", "learning (passes)"
"""Names of the work under way."""


@dataclass(frozen=True)
class Settings(Bounded):
    """Settings of a training of word vectors."""

    method: Literal["word2vec", "fasttext"] = "word2vec"
    """fasttext: a word's vector is the sum of those of its parts; slower, better for rare words."""
    size: Count = 100
    """Values per vector."""
    window: Count = 5
    """Words on either side that a word is to predict."""
    min_count: Count = 5
    """Occurrences from which a word gets a vector."""
    epochs: Count = 5
    """Passes over the text."""
    seed: Seed = 1
    """Random seed; with one thread, the same seed gives the same vectors."""
    threads: Count = 1
    """Threads that share the work; with several, no two runs are alike."""


@dataclass(frozen=True, eq=False)
class Learned:
    """Vectors, and counts of the text that they were learned from.

    Attributes:
        words: words with a vector, the most frequent first.
        matrix: their vectors, (words, size).
        sentences: number of sentences.
        running_words: number of words, repetitions counted.
        distinct_words: number of distinct words, rare ones included.
        seconds: wall time of the learning.
    """

    words: tuple[str, ...]
    matrix: NDArray[np.float32]
    sentences: int
    running_words: int
    distinct_words: int
    seconds: float


def learn(
    files: Sequence[str],
    settings: Settings,
    *,
    encoding: str = "utf-8",
    on_progress: Progress = lambda what, done, total: None,
    on_notice: Callable[[str], None] = lambda text: None,
) -> Learned:
    """Learn vectors for the words of text files.

    Args:
        files: text, packed or not.
        settings: settings of the training.
        encoding: text encoding of the files.
        on_progress: called with the progress of reading (in MB on disk) and learning (in passes).
        on_notice: called with counts of the text.

    Raises:
        FileError, ConfigError: as ``cut_text``.
        CorpusError: a file holds no words, or no word is frequent enough.
        ExtraError: gensim is not installed.
    """
    began = time.perf_counter()
    require("learning word vectors", "gensim")
    with tempfile.TemporaryDirectory(prefix="ner-rnn-") as folder:
        cut = Path(folder) / "words.txt"
        counts, sentences = cut_text(
            files,
            cut,
            encoding=encoding,
            on_progress=lambda done, total: on_progress(READING, done / 1e6, total / 1e6),
        )
        # in one order whatever gensim's own sorting does with equal counts
        kept = {
            word: count
            for word, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
            if count >= settings.min_count
        }
        if not kept:
            word, most = counts.most_common(1)[0]
            raise CorpusError(
                f"no word occurs {settings.min_count} times or more (the most frequent, {word!r}, "
                f"{most})",
                where=", ".join(files),
                do=f"give more text, or set {{min_count}} to {most}",
            )
        total = counts.total()
        on_notice(
            f"{total:,} words in {sentences:,} sentences; {len(kept):,} of {len(counts):,} "
            f"distinct ones occur {settings.min_count} times or more"
        )
        matrix = _fit(cut, kept, sentences, total, settings, on_progress)
    return Learned(tuple(kept), matrix, sentences, total, len(counts), time.perf_counter() - began)


def _fit(
    cut: Path,
    counts: Mapping[str, int],
    sentences: int,
    total: int,
    settings: Settings,
    on_progress: Progress,
) -> NDArray[np.float32]:
    """Return the vectors of the words in ``counts``, in its order."""
    from gensim.models import FastText, Word2Vec
    from gensim.models.callbacks import CallbackAny2Vec

    class Passes(CallbackAny2Vec):  # type: ignore[misc]  # gensim has no types
        done = 0

        def on_epoch_end(self, model: Any) -> None:
            self.done += 1
            on_progress(LEARNING, self.done, settings.epochs)

    logger = logging.getLogger("gensim")  # its advice is about settings made here
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        model = (FastText if settings.method == "fasttext" else Word2Vec)(
            vector_size=settings.size,
            window=settings.window,
            min_count=1,
            sorted_vocab=0,
            sg=1,
            seed=settings.seed,
            workers=settings.threads,
            epochs=settings.epochs,
        )
        model.build_vocab_from_freq(counts, corpus_count=sentences)
        on_progress(LEARNING, 0, settings.epochs)
        model.train(
            corpus_file=str(cut),
            total_examples=sentences,
            total_words=total,
            epochs=settings.epochs,
            callbacks=[Passes()],
        )
    finally:
        logger.setLevel(level)
    matrix: NDArray[np.float32] = model.wv.vectors
    return matrix
