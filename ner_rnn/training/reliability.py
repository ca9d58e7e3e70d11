"""The expected calibration error of scores, and the bins of a reliability diagram."""

from __future__ import annotations

from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

__all__ = ["Bin", "Reliability", "reliability"]

BINS = 10


class Bin(TypedDict):
    """Predicted names whose score is in [low, high); the last bin includes 1."""

    low: float
    high: float
    count: int
    mean_score: float | None
    precision: float | None


class Reliability(TypedDict):
    """Share of names that are right, by their score."""

    ece: float
    """Expected calibration error: mean distance of score and precision, weighted by count."""
    bins: list[Bin]


def reliability(scores: NDArray[np.float64], right: NDArray[np.bool_]) -> Reliability | None:
    """Compare scores with the share of names that are right, in ten bins of equal width.

    The expected calibration error is that of Naeini et al. (2015) and Guo et al. (2017, eq. 3).

    Args:
        scores: (names,) from 0 to 1.
        right: (names,) whether each name is right.

    Returns:
        None without names.
    """
    if not len(scores):
        return None
    place = np.minimum((scores * BINS).astype(np.int64), BINS - 1)
    bins: list[Bin] = []
    error = 0.0
    for number in range(BINS):
        inside = place == number
        count = int(inside.sum())
        mean = float(scores[inside].mean()) if count else None
        share = float(right[inside].mean()) if count else None
        if mean is not None and share is not None:
            error += count / len(scores) * abs(mean - share)
        bins.append(
            {
                "low": number / BINS,
                "high": (number + 1) / BINS,
                "count": count,
                "mean_score": mean,
                "precision": share,
            }
        )
    return {"ece": error, "bins": bins}
