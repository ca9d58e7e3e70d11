"""Precision and recall against the score of names, and thresholds worth choosing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ner_rnn.corpora.corpus import PERSON
from ner_rnn.evaluation.counting import Names, Sentences
from ner_rnn.evaluation.schema import CurvePoint
from ner_rnn.training.reliability import Reliability
from ner_rnn.training.scoring import Score

__all__ = ["curve", "mean_score", "operating_points", "scored_names", "thin"]

POINTS = 200
PRECISE = 0.99


def scored_names(
    gold: Sequence[Names], predicted: Sentences
) -> tuple[NDArray[np.float64], NDArray[np.bool_]] | None:
    """Return scores of predicted persons and whether each is right; None if one has no score."""
    scores: list[float] = []
    right: list[bool] = []
    for wanted, found in zip(gold, predicted, strict=True):
        exact = {name[:3] for name in wanted} if found else set()
        for name in found:
            if name.label != PERSON:
                continue
            if name.score is None:
                return None
            scores.append(name.score)
            right.append(name[:3] in exact)
    return np.array(scores, dtype=np.float64), np.array(right, dtype=np.bool_)


def curve(scores: NDArray[np.float64], right: NDArray[np.bool_], support: int) -> list[CurvePoint]:
    """Return precision, recall and F1 for every threshold on the scores.

    Args:
        scores: shape (names,).
        right: shape (names,).
        support: number of names in the gold standard.

    Returns:
        A point for each distinct score, the highest first: names of at least that score are taken.
    """
    order = np.argsort(-scores, kind="stable")
    ranked, correct = scores[order], np.cumsum(right[order])
    is_last = np.ones(len(ranked), dtype=np.bool_)
    is_last[:-1] = ranked[1:] != ranked[:-1]
    points: list[CurvePoint] = []
    for index in np.flatnonzero(is_last):
        score = Score.of(support, predicted=int(index) + 1, correct=int(correct[index]))
        points.append(
            {
                "threshold": float(ranked[index]),
                "precision": score.precision,
                "recall": score.recall,
                "f1": score.f1,
            }
        )
    return points


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


def thin(points: Sequence[CurvePoint]) -> list[CurvePoint]:
    """Return at most 200 of the points, spread evenly, with both ends."""
    if len(points) <= POINTS:
        return list(points)
    return [points[index] for index in np.linspace(0, len(points) - 1, POINTS).round().astype(int)]
