"""The recall curve of a model: which threshold on the score finds which share of the names.

Training measures it on the development set and keeps it in ``metrics.json`` (``candidates``).
Recall is counted in two ways: names found exactly, and names found whole, that is, every word of
which is in some found name. For removing names from text the second counts: nothing of such a name
is left, and it is what ``operating_point`` looks for.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypedDict

from ner_rnn.errors import BundleError, ConfigError, Setting, shortened
from ner_rnn.model.bundle import Description

__all__ = ["CurvePoint", "operating_point", "point_of_recall", "recall_curve"]

_RATIOS = ("threshold", "precision", "recall", "whole")


class CurvePoint(TypedDict):
    """Ratios when only names with a score of at least ``threshold`` are taken."""

    threshold: float
    precision: float | None
    recall: float | None
    """Share of the names that are found exactly."""
    whole: float | None
    """Share of the names every word of which is in a found name."""
    f1: float | None


def operating_point(bundle: Description, recall: float) -> CurvePoint:
    """Return the highest threshold that reaches a recall on the model's development data.

    Args:
        bundle: the model.
        recall: share of the names that are to be found whole, from 0 to 1.

    Raises:
        ConfigError: the model has no curve, or never reached that recall.
        BundleError: the curve is none.
    """
    points = recall_curve(bundle)
    if not points:
        raise ConfigError(
            f"{bundle.path} has no recall curve, which is measured on development data as a model "
            "is trained",
            do="train it again with this version, or set {min_score}",
        )
    found = point_of_recall(points, recall)
    if found is None:
        best = max(points, key=lambda point: point["whole"] or 0.0)
        raise ConfigError(
            "the model never reached that recall on its development data",
            where=Setting("recall"),
            found=f"{recall:g}",
            do=f"ask for {_floor(best['whole'] or 0.0)} or less, or set {{min_score}} below "
            f"{best['threshold']:.2g}",
        )
    return found


def point_of_recall(points: Iterable[CurvePoint], recall: float) -> CurvePoint | None:
    """Return the point of the highest threshold at which so many names are found whole."""
    reaching = [point for point in points if (point["whole"] or 0.0) >= recall]
    return max(reaching, key=lambda point: point["threshold"], default=None)


def recall_curve(bundle: Description) -> list[CurvePoint]:
    """Return the recall curve of a model; empty where none was measured.

    Raises:
        BundleError: there is one of another shape than training writes.
    """
    held = bundle.metrics.get("candidates", {})
    points: Any = held.get("curve", []) if isinstance(held, dict) else held
    if isinstance(points, list) and all(map(_is_point, points)):
        return points
    raise BundleError(
        "expected points with threshold, precision, recall, whole and f1, each from 0 to 1",
        where=f"{bundle.path}: metrics.json: candidates.curve",
        found=shortened(repr(points), 60),
        do="train the model again",
    )


def _is_point(point: Any) -> bool:
    return isinstance(point, dict) and all(
        type(point.get(name)) in (int, float) and 0 <= point[name] <= 1 for name in _RATIOS
    )


def _floor(share: float) -> float:
    return int(share * 1000) / 1000
