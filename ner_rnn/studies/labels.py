"""Labels beside a plot, each joined to its point by a line, that never cover each other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["label_beside"]

LINE = 11.5
"""Points from one line of text to the next."""


def label_beside(axes: Axes, points: Sequence[tuple[float, float, str]]) -> None:
    """Write labels at the right of the axes, as near to the heights of their points as may be.

    Args:
        axes: with their final limits and scales.
        points: x and y, in the axes' units, and the label.
    """
    dots = axes.figure.dpi / 72.0  # pixels of a point
    places = [axes.transData.transform((x, y)) / dots for x, y, _ in points]
    wanted = [float(y) for _, y in places]
    order = sorted(range(len(points)), key=lambda i: wanted[i])

    def gap(i: int, j: int) -> float:
        return LINE * (points[i][2].count("\n") + points[j][2].count("\n") + 2) / 2

    # as low as may be and as high as may be, each a gap apart: so is what lies midway
    lowest, highest = dict(enumerate(wanted)), dict(enumerate(wanted))
    for below, above in pairwise(order):
        lowest[above] = max(wanted[above], lowest[below] + gap(below, above))
    for above, below in pairwise(reversed(order)):
        highest[below] = min(wanted[below], highest[above] - gap(below, above))
    right = float(axes.bbox.x1) / dots
    for i, (x, y, label) in enumerate(points):
        height = (lowest[i] + highest[i]) / 2
        axes.annotate(
            label, (x, y), (right - float(places[i][0]) + 14, height - wanted[i]),
            textcoords="offset points", va="center", fontsize=8, annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": "0.6", "lw": 0.6, "shrinkA": 0, "shrinkB": 2},
        )  # fmt: skip
