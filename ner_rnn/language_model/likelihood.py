"""Exact log probabilities of texts, independent of the rest of the batch.

Give a model in float64, as ``load_language_model`` does: the order of sums, which depends on the
batch, then changes none of the digits that are printed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ner_rnn.encoding.packing import pack
from ner_rnn.encoding.symbols import END, Ids
from ner_rnn.nn.encoder import State
from ner_rnn.nn.language_model import LanguageModel
from ner_rnn.nn.language_model_files import Loaded

__all__ = ["Total", "log_probabilities", "score_lines", "total_of"]

BATCH_SYMBOLS = 16_384
"""Symbols scored side by side at most, padding counted; a longer text stands alone."""
WINDOW = 512
"""Symbols of each text read at a time, the state carried on: memory does not grow with length."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Total:
    """Likelihood of many lines.

    Attributes:
        lines: number of lines.
        symbols: number of symbols in all lines, ends counted.
        nats: negative log-likelihood of all lines.
    """

    lines: int
    symbols: int
    nats: float

    @property
    def nats_a_symbol(self) -> float:
        """Cross-entropy in nats."""
        return self.nats / self.symbols

    @property
    def bits_a_symbol(self) -> float:
        """Cross-entropy in bits."""
        return self.nats_a_symbol / math.log(2)

    @property
    def perplexity(self) -> float:
        """Exponential of the cross-entropy: as uncertain as among so many equally likely symbols.

        Infinite where a float cannot hold it.
        """
        return math.exp(self.nats_a_symbol) if self.nats_a_symbol < 700 else math.inf


@torch.no_grad()
def log_probabilities(
    model: LanguageModel,
    sequences: Sequence[Ids],
    on_progress: Callable[[int], object] = lambda done: None,
) -> list[Floats]:
    """Return the log probability, in nats, of each symbol of each sequence, and of its end.

    Args:
        model: in evaluation mode.
        sequences: ids, without an end, in the order in which the model reads.
        on_progress: called with the number of symbols of each batch that is scored.

    Returns:
        For each sequence of n symbols, n + 1 numbers.
    """
    answers: list[Any] = [None] * len(sequences)
    device = model.emit.weight.device
    # of each batch the longest comes last
    for places in pack([(1, len(ids) + 1) for ids in sequences], BATCH_SYMBOLS):
        longest = len(sequences[places[-1]]) + 1
        ids = torch.full((len(places), longest + 1), END)
        for row, place in enumerate(places):
            ids[row, 1 : 1 + len(sequences[place])] = torch.from_numpy(
                sequences[place].astype(np.int64)
            )
        ids = ids.to(device)
        state: State | None = None
        parts = []
        for start in range(0, longest, WINDOW):
            end = min(start + WINDOW, longest)
            log_p, state = model(ids[:, start:end], state)
            parts.append(log_p.gather(2, ids[:, start + 1 : end + 1, None])[..., 0].double().cpu())
        found = torch.cat(parts, dim=1).numpy()
        for row, place in enumerate(places):
            answers[place] = found[row, : len(sequences[place]) + 1].copy()
        on_progress(sum(len(sequences[place]) + 1 for place in places))
    return answers


def score_lines(
    model: Loaded,
    lines: Sequence[str],
    on_progress: Callable[[int], object] = lambda done: None,
) -> list[tuple[float, int]]:
    """Return log probability in nats and number of symbols, its end counted, of each line.

    Lines are independent. To a model of running text, lines up to a blank one are a document:
    each line is then as likely as it is after those above it (below it, read backward).

    Args:
        model: in evaluation mode.
        lines: texts.
        on_progress: as in :func:`log_probabilities`.
    """
    backward = model.settings.backward
    documents = _documents(lines) if model.settings.running else [[line] for line in lines]
    sequences = []
    for document in documents:
        parts = [model.symbols.encode(line) for line in document]
        joined = np.concatenate([part for ids in parts for part in (ids, [END])][:-1])
        sequences.append((joined[::-1] if backward else joined).astype(np.int32))
    found = log_probabilities(model.model, sequences, on_progress)
    answers: list[tuple[float, int]] = []
    for ids, log_p in zip(sequences, found, strict=True):
        ends = np.flatnonzero(np.append(ids, END) == END) + 1
        pieces = np.split(log_p, ends[:-1])
        scored = [(float(piece.sum()), len(piece)) for piece in pieces]
        answers += scored[::-1] if backward else scored
    return answers


def _documents(lines: Sequence[str]) -> list[list[str]]:
    """Split lines after each blank one."""
    documents: list[list[str]] = []
    fresh = True
    for line in lines:
        if fresh:
            documents.append([])
        documents[-1].append(line)
        fresh = not line.strip()
    return documents


def total_of(scored: Sequence[tuple[float, int]]) -> Total:
    """Sum the scores of lines."""
    return Total(
        lines=len(scored),
        symbols=sum(symbols for _, symbols in scored),
        nats=-math.fsum(log_p for log_p, _ in scored),
    )
