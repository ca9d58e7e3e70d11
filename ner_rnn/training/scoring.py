"""Precision, recall and F1, exact over any number of processes.

This is the only place where they are computed. Names are counted by seqeval's strict IOB2
machinery, words by the yes/no question of the task: is this word part of a person's name?
Predictions made on several processes are gathered first and scored once, so nothing is ever an
average of averages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from seqeval.scheme import IOB2, Entities

from ner_rnn.errors import CorpusError
from ner_rnn.text.tags import spans, to_tags

__all__ = ["Score", "Scores", "gather", "ratios", "score"]

T = TypeVar("T")


@dataclass(frozen=True)
class Score:
    """Counts of one kind of thing (names, or words) and the ratios that follow from them.

    A ratio whose denominator is zero is ``None``: undefined, neither 0 nor 1. With no gold and
    nothing predicted all three are ``None``; with nothing predicted but something to find,
    precision is ``None`` and F1 is 0.
    """

    precision: float | None
    """correct / predicted."""
    recall: float | None
    """correct / support."""
    f1: float | None
    """2 correct / (support + predicted), the harmonic mean of the two where both are defined."""
    support: int
    """Number in the gold standard."""
    predicted: int
    """Number predicted."""
    correct: int
    """Number predicted with the boundaries and label of the gold standard."""

    @classmethod
    def of(cls, support: int, predicted: int, correct: int) -> Score:
        """Work out the ratios.

        >>> Score.of(support=4, predicted=2, correct=1)
        Score(precision=0.5, recall=0.25, f1=0.3333333333333333, support=4, predicted=2, correct=1)
        """
        return cls(
            precision=correct / predicted if predicted else None,
            recall=correct / support if support else None,
            f1=2 * correct / (support + predicted) if support + predicted else None,
            support=support,
            predicted=predicted,
            correct=correct,
        )


def ratios(
    support: NDArray[np.int64], predicted: NDArray[np.int64], correct: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Work out precision, recall and F1 of many counts at once, as ``Score.of`` does of one.

    Args:
        support: counts in the gold standard, of any shape.
        predicted: counts of what was predicted.
        correct: counts of the predictions that are right.

    Returns:
        (..., 3): precision, recall, F1; NaN where one is undefined.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.stack(
            [correct / predicted, correct / support, 2 * correct / (support + predicted)], axis=-1
        )


@dataclass(frozen=True)
class Scores:
    """Scores of one corpus."""

    names: Score
    """Whole names: both ends and the label must be right."""
    words: Score
    """Single words: is it part of a name?"""
    sentences: int
    tokens: int

    def to_dict(self) -> dict[str, object]:
        """Return the scores as JSON holds them; an undefined ratio is None."""
        return asdict(self)


def score(
    gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]], label: str = "PER"
) -> Scores:
    """Compare predicted tags with the gold standard, one label at a time.

    Sequences that are not valid IOB2 (an I- after O, a label that changes inside a span) are read
    as conlleval reads them; see :func:`ner_rnn.text.tags.spans`. On valid sequences the result is
    seqeval's ``mode="strict"``, on all others conlleval's.

    >>> score([["B-PER", "I-PER", "O"]], [["B-PER", "O", "O"]]).words.recall
    0.5

    Args:
        gold: for each sentence the tag of each token.
        predicted: the same sentences in the same order.
        label: the label that counts; every other one is read as O.

    Raises:
        CorpusError: the two differ in the number of sentences, or in the length of one.
    """
    if len(gold) != len(predicted):
        raise CorpusError(
            f"there are {len(gold)} sentences in the gold standard, but {len(predicted)} were "
            "predicted: score the same sentences in the same order"
        )
    for number, (g, p) in enumerate(zip(gold, predicted, strict=True), start=1):
        if len(g) != len(p):
            raise CorpusError(
                f"sentence {number} has {len(g)} tags in the gold standard, but {len(p)} were "
                "predicted: both must be cut into the same words"
            )
    # Sentences without a name on either side change no count and are most of a corpus.
    pairs = [
        (g, p)
        for g, p in (
            (_only(g, label), _only(p, label)) for g, p in zip(gold, predicted, strict=True)
        )
        if set(g) | set(p) != {"O"}
    ]
    # seqeval is fast enough to be the scorer itself and not just its oracle: 0.2 s for the 3,453
    # sentences of eng.testb, 3.4 s for a million words, with what is set aside above.
    # Its report gives no counts, hence its spans and not its precision_recall_fscore_support.
    gold_names = Entities([tags for tags, _ in pairs], IOB2).filter(label)
    found_names = Entities([tags for _, tags in pairs], IOB2).filter(label)
    words = [(g != "O", p != "O") for pair in pairs for g, p in zip(*pair, strict=True)]
    return Scores(
        names=Score.of(len(gold_names), len(found_names), len(gold_names & found_names)),
        words=Score.of(
            sum(g for g, _ in words), sum(p for _, p in words), sum(g and p for g, p in words)
        ),
        sentences=len(gold),
        tokens=sum(map(len, gold)),
    )


def gather(predictions: Mapping[int, T], count: int) -> list[T]:
    """Gather the predictions of all processes, each sentence exactly once.

    Every process must call this, and gets all. Samplers that pad the last batches give a few
    sentences to two processes: the copy of the lowest rank is kept.

    Args:
        predictions: predictions of this process, by the number of the sentence.
        count: number of sentences over all processes.

    Returns:
        The predictions of sentences 0 to count - 1.

    Raises:
        RuntimeError: sentences are missing, or there are more than ``count``.
    """
    from torch import distributed

    parts: list[dict[int, T]] = [dict(predictions)]
    if distributed.is_available() and distributed.is_initialized():
        parts *= distributed.get_world_size()
        distributed.all_gather_object(parts, dict(predictions))
    merged: dict[int, T] = {}
    for part in reversed(parts):
        merged.update(part)
    missing = [index for index in range(count) if index not in merged]
    if missing:
        raise RuntimeError(
            f"{len(missing)} of {count} sentences have no prediction, the first is number "
            f"{missing[0]} counted from 0: the sampler left them out"
        )
    if len(merged) > count:
        raise RuntimeError(
            f"there are predictions for {len(merged)} sentences, but {count} were expected"
        )
    return [merged[index] for index in range(count)]


def _only(tags: Sequence[str], label: str) -> list[str]:
    """Return the tags of one label in valid IOB2."""
    return to_tags([span for span in spans(tags) if span.label == label], len(tags))
