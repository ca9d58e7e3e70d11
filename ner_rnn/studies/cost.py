"""Cost of a trained model: number of parameters and time to tag.

Processor time on one thread: wall-clock time would count other load on the machine, too.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import torch
from torch import Tensor

from ner_rnn.corpora.corpus import Corpus
from ner_rnn.model.loader import read_tagger
from ner_rnn.nn.assembly import load_tagger
from ner_rnn.nn.reservoir import Reservoir
from ner_rnn.nn.tagger import NameTagger
from ner_rnn.runtime.tagger import Tagger, TokenizedText

__all__ = ["Cost", "documents_of", "measure"]

ENOUGH = 50_000
"""Words to measure on: more do not change the result."""
WARM_UP = 10
"""Documents that are tagged before time is taken."""


@dataclass(frozen=True)
class Cost:
    """Cost of a model."""

    learned: int
    """Number of trained parameters."""
    fixed: int
    """Number of untrained parameters: a reservoir, and layers below a ridge readout."""
    words_per_second: float
    """Words tagged per second, on one thread."""


def documents_of(corpus: Corpus, most: int = ENOUGH) -> list[TokenizedText]:
    """Return the first documents of a split, tokenized, with ``most`` words or just more."""
    documents: list[TokenizedText] = []
    words = 0
    rows = zip(corpus.documents, corpus.tokens, strict=True)
    for _, sentences in groupby(rows, key=lambda row: row[0]):
        tokens = [list(sentence) for _, sentence in sentences]
        documents.append(TokenizedText.join(tokens))
        words += sum(map(len, tokens))
        if words >= most:
            break
    return documents


def measure(model: Path, documents: Sequence[TokenizedText], *, repeats: int = 3) -> Cost:
    """Count the parameters of a model and measure its speed of tagging.

    Args:
        model: folder of a bundle.
        documents: input.
        repeats: number of timed runs after a warm-up; the median counts.

    Raises:
        BundleError: the folder is not a model.
    """
    network, _ = load_tagger(read_tagger(model))
    tagger = Tagger.load(model, device="cpu", threads=1)
    words = sum(len(sentence) for document in documents for sentence in document.sentences)
    seconds = []
    with _one_thread():
        for _ in tagger.pipe(documents[:WARM_UP]):
            pass
        for _ in range(repeats):
            began = time.process_time()
            for _ in tagger.pipe(documents):
                pass
            seconds.append(time.process_time() - began)
    return Cost(*_numbers(network), words / max(statistics.median(seconds), 1e-9))


def _numbers(network: NameTagger) -> tuple[int, int]:
    """Return the number of trained and of untrained parameters."""
    every = sum(parameter.numel() for parameter in network.parameters())
    untrained = 0
    if isinstance(reservoir := network.encoder, Reservoir):
        untrained = sum(map(Tensor.numel, (reservoir.inputs, reservoir.bias, reservoir.weight)))
    if not network.reads_words:
        return every, untrained
    # ridge regression fits the output layer, and transitions are counted
    parts = [network.emit, *([network.crf] if network.crf is not None else [])]
    learned = sum(parameter.numel() for part in parts for parameter in part.parameters())
    return learned, every - learned + untrained


@contextmanager
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
