"""Precision and recall for every threshold on the scores of names, found ones or candidates.

The bundle keeps the curve of the development set (``model/recall.py``), a report draws that of each
corpus.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ner_rnn.model.recall import CurvePoint
from ner_rnn.training.scoring import Score

__all__ = ["CURVE_SCORE", "SHOWN_SCORE", "curve", "thin", "whole_from"]

CURVE_SCORE = 1e-4
"""Least probability of the candidates that a curve is drawn from."""
SHOWN_SCORE = 0.05
"""Least probability of the candidates whose calibration is measured; below, few are names."""
POINTS = 200
"""Points of a thinned curve, at most."""


def whole_from(
    gold: Sequence[tuple[int, int]], found: Sequence[tuple[int, int, float]]
) -> list[float]:
    """Return the highest threshold at which each name is found whole; 0: at none.

    Args:
        gold: first word, and word after the last, of each name.
        found: the same of found names, which do not overlap, and their scores.
    """
    score_of = {word: score for start, end, score in found for word in range(start, end)}
    return [min(score_of.get(word, 0.0) for word in range(*name)) for name in gold]


def curve(
    scores: NDArray[np.float64], right: NDArray[np.bool_], whole: NDArray[np.float64]
) -> list[CurvePoint]:
    """Return precision, recall and F1 for every threshold on the scores.

    Args:
        scores: (found,) scores of the found names.
        right: (found,) whether each is exactly a name.
        whole: (names,) of each name of the gold standard, as ``whole_from`` gives it.

    Returns:
        A point for each distinct score, the highest first: names of at least that score are taken.
    """
    order = np.argsort(-scores, kind="stable")
    ranked, correct = scores[order], np.cumsum(right[order])
    held = np.searchsorted(np.sort(-whole), -ranked, side="right")
    is_last = np.ones(len(ranked), dtype=np.bool_)
    is_last[:-1] = ranked[1:] != ranked[:-1]
    points: list[CurvePoint] = []
    for index in np.flatnonzero(is_last).tolist():
        score = Score.of(len(whole), predicted=index + 1, correct=int(correct[index]))
        points.append(
            {
                "threshold": float(ranked[index]),
                "precision": score.precision,
                "recall": score.recall,
                "whole": int(held[index]) / len(whole) if len(whole) else None,
                "f1": score.f1,
            }
        )
    return points


def thin(points: Sequence[CurvePoint]) -> list[CurvePoint]:
    """Return at most 200 of the points: the first of each step of recall, and both ends."""
    if len(points) <= POINTS:
        return list(points)
    kept: list[CurvePoint] = []
    reached = -1
    for point in points:
        step = math.floor((point["whole"] or 0.0) * (POINTS - 2))
        if step > reached:
            kept.append(point)
            reached = step
    if kept[-1] is not points[-1]:
        kept.append(points[-1])
    return kept
