"""Scores of predicted names against the gold standard, and thresholds worth choosing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ner_rnn.corpora.corpus import PERSON
from ner_rnn.evaluation.counting import Names, Sentences
from ner_rnn.model.recall import CurvePoint
from ner_rnn.training.recall_curve import whole_from
from ner_rnn.training.reliability import Reliability

__all__ = ["ScoredNames", "mean_score", "operating_points", "scored_names"]

PRECISE = 0.99


class ScoredNames(NamedTuple):
    """Predicted persons of a corpus, beside its gold standard.

    Attributes:
        scores: (found,) scores of the predicted persons.
        right: (found,) whether each is exactly a person.
        whole: (names,) of each person, the highest threshold at which it is found whole.
    """

    scores: NDArray[np.float64]
    right: NDArray[np.bool_]
    whole: NDArray[np.float64]

    def above(self, score: float) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return scores and whether right of those with at least this score."""
        taken = self.scores >= score
        return self.scores[taken], self.right[taken]


def scored_names(gold: Sequence[Names], predicted: Sentences) -> ScoredNames | None:
    """Compare predicted persons with the gold standard; None if one has no score."""
    scores: list[float] = []
    right: list[bool] = []
    whole: list[float] = []
    for wanted, found in zip(gold, predicted, strict=True):
        persons = [name[:2] for name in wanted if name.label == PERSON]
        exact = set(persons)
        here: list[tuple[int, int, float]] = []
        for name in found:
            if name.label != PERSON:
                continue
            if name.score is None:
                return None
            here.append((name.start, name.end, name.score))
            right.append(name[:2] in exact)
        scores += [score for _, _, score in here]
        whole += whole_from(persons, here)
    return ScoredNames(
        np.array(scores, dtype=np.float64),
        np.array(right, dtype=np.bool_),
        np.array(whole, dtype=np.float64),
    )


def operating_points(points: Sequence[CurvePoint]) -> tuple[CurvePoint | None, CurvePoint | None]:
    """Return the points of highest F1 and of highest recall with precision of at least 0.99."""
    usable = [point for point in points if point["recall"]]
    best = max(usable, key=lambda point: point["f1"] or 0.0, default=None)
    precise = [point for point in usable if (point["precision"] or 0.0) >= PRECISE]
    return best, max(precise, key=lambda point: point["recall"] or 0.0, default=None)


def mean_score(known: Reliability | None) -> float | None:
    """Return the mean score of all predicted names; None where there are none."""
    bins = [one for one in known["bins"] if one["count"]] if known else []
    count = sum(one["count"] for one in bins)
    return sum((one["mean_score"] or 0.0) * one["count"] for one in bins) / count if bins else None
