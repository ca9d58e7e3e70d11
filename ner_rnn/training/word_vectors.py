"""Word vectors learned from unlabelled text, under the keys by which a tagger looks them up.

The learning itself (word2vec: Mikolov et al. 2013; fastText: Bojanowski et al. 2017; both as
skip-gram with negative sampling) is gensim's, which is the extra ``vectors``. Text is cut and
counted here, once (``cut_text.py``), into a temporary file that gensim reads in compiled code, pass
after pass. What becomes of the vectors is for ``vectors_file.py``.
"""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ner_rnn.errors import ConfigError, CorpusError, VectorsError
from ner_rnn.training.cut_text import cut_text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["LEARNING", "READING", "Learned", "Settings", "learn"]

Progress = Callable[[str, float, float], None]
"""Called with what is being done, how much of it is done, and how much there is."""

READING, LEARNING = "reading (MB)", "learning (passes)"
"""What is being done."""


@dataclass(frozen=True)
class Settings:
    """How word vectors are learned; raises ConfigError where a value makes no sense."""

    method: Literal["word2vec", "fasttext"] = "word2vec"
    """fasttext: a word's vector is the sum of those of its parts; slower, better for rare words."""
    size: int = 100
    """Values a vector has."""
    window: int = 5
    """Words on either side that a word is to foretell."""
    min_count: int = 5
    """A word seen less often gets no vector."""
    epochs: int = 5
    """Passes over the text."""
    seed: int = 1
    """Of all chance; the same seed gives the same vectors, with one thread."""
    threads: int = 1
    """Share the work; with more than one, no two runs are quite alike."""

    def __post_init__(self) -> None:
        """Check."""
        for name in ("size", "window", "min_count", "epochs", "threads"):
            if (value := getattr(self, name)) < 1:
                raise ConfigError(f"--{name.replace('_', '-')} is {value}: it must be 1 or more")
        if not 0 <= self.seed < 2**32:
            raise ConfigError(f"--seed is {self.seed}: it must be from 0 to {2**32 - 1}")


@dataclass(frozen=True, eq=False)
class Learned:
    """Vectors and what they were learned from.

    Attributes:
        words: the most frequent first.
        matrix: (words, size).
        sentences: of the text.
        running_words: of the text, repetitions counted.
        distinct_words: of the text, rare ones too.
        seconds: that it took.
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
    """Learn the vectors of the words of some files.

    Args:
        files: text, packed or not.
        settings: how.
        encoding: of the files.
        on_progress: told how far reading (in MB as on disk) and learning (in passes) have come.
        on_notice: told what was read.

    Raises:
        FileError, ConfigError: as ``cut_text``.
        CorpusError: a file holds no words, or no word is frequent enough.
        VectorsError: gensim is not installed.
    """
    began = time.perf_counter()
    _need_gensim()
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
                f"{', '.join(files)}: no word occurs {settings.min_count} times or more (the most "
                f"frequent, {word!r}, {most}): give more text, or --min-count {most}"
            )
        total = counts.total()
        on_notice(
            f"{total:,} words in {sentences:,} sentences; {len(kept):,} of {len(counts):,} "
            f"different ones occur {settings.min_count} times or more"
        )
        matrix = _fit(cut, kept, sentences, total, settings, on_progress)
    return Learned(tuple(kept), matrix, sentences, total, len(counts), time.perf_counter() - began)


def _need_gensim() -> None:
    try:
        import gensim  # noqa: F401
    except ImportError:
        raise VectorsError(
            'learning word vectors takes gensim: pip install "ner-rnn[vectors]"'
        ) from None


def _fit(
    cut: Path,
    counts: Mapping[str, int],
    sentences: int,
    total: int,
    settings: Settings,
    on_progress: Progress,
) -> NDArray[np.float32]:
    """The vectors of ``counts``, in its order."""
    from gensim.models import FastText, Word2Vec
    from gensim.models.callbacks import CallbackAny2Vec

    class Told(CallbackAny2Vec):  # type: ignore[misc]  # gensim has no types
        done = 0

        def on_epoch_end(self, model: Any) -> None:
            self.done += 1
            on_progress(LEARNING, self.done, settings.epochs)

    with _quiet():
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
            callbacks=[Told()],
        )
    matrix: NDArray[np.float32] = model.wv.vectors
    return matrix


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep gensim's advice to those who call it from our users: it is about settings made here."""
    logger = logging.getLogger("gensim")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)
