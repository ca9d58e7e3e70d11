"""Rows that the figures of the picture share: labels, values, and where a row is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ner_rnn.evaluation.report.drawing import INK
from ner_rnn.evaluation.schema import Interval, Stress

__all__ = ["LETTER", "Place", "Rows", "Value", "name_rows", "shortened", "stand_alike"]

LETTER = 0.072
"""Inches of a letter of a label."""
LONGEST = 24
"""Letters of a label, unless there is less room; the middle of a longer one is left out."""
BELOW = 0.55
"""Inches for the scale below the rows."""
TITLES = 0.34
"""Inches for headings above the rows."""
LEGEND = 0.22
"""Inches of a line of the legend."""

Place = tuple[str, str, Stress | None]
"""Row, model, kind of copy."""


@dataclass(frozen=True)
class Value:
    """A dot or cell: its value, its interval, and what it says when pointed at."""

    at: float
    interval: Interval | None
    text: str


@dataclass(frozen=True)
class Rows:
    """Labels of rows, with the models and kinds of copies that each row has values of."""

    labels: Sequence[str]
    models: Sequence[str]
    copies: Sequence[Stress | None]
    mean: str | None = None
    """Label of the last row, which is set apart."""
    longest: int = LONGEST

    @property
    def shown(self) -> list[str]:
        """Labels as they are drawn."""
        return [shortened(label, self.longest) for label in self.labels]

    @property
    def step(self) -> float:
        """Inches from row to row."""
        return max(0.36 if len(self.labels) <= 8 else 0.25, 0.06 + 0.05 * len(self.models))

    @property
    def tall(self) -> float:
        """Inches of all rows."""
        return self.step * len(self.labels)

    @property
    def margin(self) -> float:
        """Inches that the labels take."""
        return LETTER * max(map(len, self.shown)) + 0.1

    def legend_lines(self, width: float) -> int:
        """Return lines of a legend of the models above a figure of this width in inches."""
        longest = 0.62 + LETTER * max(map(len, self.models))
        return -(-len(self.models) // max(1, int((width + self.margin) / longest)))

    def height(self, lines: int) -> float:
        """Return inches of a figure with so many lines of legend."""
        return TITLES + LEGEND * lines + self.tall + BELOW

    def frame(self, lines: int) -> dict[str, float]:
        """Return where the rows are in a figure of that height."""
        height = self.height(lines)
        bottom = BELOW / height
        return {"left": 0, "right": 1, "top": bottom + self.tall / height, "bottom": bottom}


def shortened(text: str, most: int) -> str:
    """Return text of at most so many letters; its beginning and end tell names apart.

    >>> shortened("crossner/politics_test", 11)
    'cross…_test'
    """
    if len(text) <= most:
        return text
    end = max(1, most - 1) // 2
    return f"{text[: max(1, most - 1 - end)]}…{text[len(text) - end :]}"


def name_rows(axes: Any, rows: Rows) -> None:
    """Name the rows at the left, and set the mean apart."""
    axes.set_yticks(range(len(rows.labels)), rows.shown, fontsize=9)
    axes.set(ylim=(len(rows.labels) - 0.5, -0.5))
    axes.tick_params(axis="y", length=0)
    if rows.mean:
        axes.get_yticklabels()[-1].set_fontweight("bold")


def stand_alike(axes: Any) -> None:
    """Reserve the whole height, which a figure would else be cut to: rows of two stay level."""
    from matplotlib.lines import Line2D

    whole = axes.figure.transFigure
    axes.figure.add_artist(Line2D([0, 0], [0, 1], color=INK, alpha=0, transform=whole))
