"""Dots with intervals: a row for each kind of text, a panel for each kind of copy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ner_rnn.evaluation.report.drawing import INK, colour, drawn, legend, mark
from ner_rnn.evaluation.report.rows import Place, Rows, Value, name_rows, stand_alike
from ner_rnn.evaluation.schema import Figure, Stress

__all__ = ["CASES", "Dots", "draw_dots"]

CASES: dict[Stress | None, str] = {
    None: "as written",
    "lower": "lower case",
    "upper": "upper case",
    "swap": "names swapped",
}
"""Headings of a corpus as it is and of its copies."""


@dataclass(frozen=True, kw_only=True)
class Dots:
    """What is drawn, and how it is described."""

    name: str
    rows: Rows
    values: Mapping[Place, Value]
    order: Sequence[str]
    """All models of the report, which decides their colours."""
    width: float
    """Inches of all panels."""
    lines: int
    """Lines of the legend."""
    label: str
    """What the axis shows."""
    caption: str
    alt: str
    marked: Place | None = None
    """Place of a ring."""
    around_zero: bool = False
    """Values are differences: 0 is marked."""


def draw_dots(dots: Dots) -> Figure:
    """Draw a dot for each value, with its interval where it has one.

    Raises:
        ConfigError: matplotlib is not installed.
    """
    rows = dots.rows
    with drawn(
        rows.height(dots.lines), width=dots.width, ncols=len(rows.copies), sharey=True,
        squeeze=False, gridspec_kw={**rows.frame(dots.lines), "wspace": 0.08},
    ) as (((first, *others),), save):  # fmt: skip
        texts: dict[str, str] = {}
        stand_alike(first)
        for number, (axes, case) in enumerate(zip((first, *others), rows.copies, strict=True)):
            _ground(axes, rows)
            texts |= _fill(axes, dots, case, number)
            axes.set_title(CASES[case], fontsize=9.5, loc="left", pad=5)
            _scale(axes, dots, is_last=number == len(others))
        for axes in others:
            axes.spines["left"].set_visible(False)
        name_rows(first, rows)
        below = -0.32 / rows.tall
        first.text(0, below, dots.label, transform=first.transAxes, va="top", fontsize=9)
        columns = -(-len(rows.models) // dots.lines)
        legend(
            first, dots.order, rows.models, columns=columns, above=1 + 0.24 / rows.tall,
            left=-rows.margin * len(rows.copies) / dots.width,
        )  # fmt: skip
        return save(dots.name, dots.caption, dots.alt, texts)


def _fill(axes: Any, dots: Dots, case: Stress | None, number: int) -> dict[str, str]:
    """Draw the values of one panel; return what they say by the id of their dots."""
    rows, texts = dots.rows, {}
    apart = min(0.8 / len(rows.models), 0.24)
    for index, model in enumerate(rows.models):
        for row, label in enumerate(rows.labels):
            place = label, model, case
            value = dots.values.get(place)
            if value is None:
                continue
            y = row + (index - (len(rows.models) - 1) / 2) * apart
            if value.interval:
                line = f"line-{row}-{index}-{number}"
                axes.plot(value.interval, [y, y], color=colour(dots.order, model), lw=1.3, gid=line)
            key = f"dot-{row}-{index}-{number}"
            texts[key] = value.text
            axes.plot(value.at, y, ls="", ms=4.6, gid=key, **mark(dots.order, model))
            if place == dots.marked:
                axes.plot(
                    value.at, y, "o", ms=11, mfc="none", mec=INK, mew=1.3, gid="lowest",
                    clip_on=False,
                )  # fmt: skip
    return texts


def _scale(axes: Any, dots: Dots, *, is_last: bool) -> None:
    """Set the limits, which all panels share, and draw the axis in percent."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    ends = [end for value in dots.values.values() for end in value.interval or (value.at,)]
    if dots.around_zero:
        axes.set(xlim=(min(0.0, *ends, -0.05) - 0.03, max(0.0, *ends, 0.05) + 0.03))
        axes.axvline(0, color=INK, lw=0.8)
    else:
        axes.set(xlim=(max(-0.02, min(ends) - 0.05), 1.02))

    def shown(x: float, _: int) -> str:
        # the next panel begins where the 100 of this one would stand
        return "" if x > 0.99 and not is_last else f"{100 * x:.0f}".replace("-", "\N{MINUS SIGN}")

    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(shown))
    axes.tick_params(axis="x", labelsize=8.5, length=3)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")


def _ground(axes: Any, rows: Rows) -> None:
    """Shade every other row, and draw a line above the mean."""
    for row in range(0, len(rows.labels), 2):
        if rows.labels[row] != rows.mean:
            axes.axhspan(row - 0.5, row + 0.5, color=INK, alpha=0.045, lw=0)
    if rows.mean:
        axes.axhline(len(rows.labels) - 1.5, color=INK, lw=0.8)
