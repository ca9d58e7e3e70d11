"""Two plots of a comparison: F1 as bars, and what it costs as points.

Nothing depends on colour.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ner_rnn.evaluation.report.drawing import INK, drawn
from ner_rnn.evaluation.schema import Figure
from ner_rnn.studies.comparison import Comparison, Row
from ner_rnn.studies.labels import label_beside

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw", "draw_cost"]

WIDTH = 7.5  # inches


def draw(comparison: Comparison) -> list[Figure]:
    """Draw F1 and cost; nothing where no F1 is known.

    Raises:
        ConfigError: matplotlib is not installed.
    """
    rows = [row for row in comparison.ranked() if row.f1s(comparison.split)]
    if not rows:
        return []
    split = comparison.split
    with drawn(1.0 + 0.42 * len(rows), width=WIDTH) as (axes, save):
        _draw_f1(axes, rows, split)
        about = f"F1 on {split} of each network, with its seeds"
        f1 = save("comparison", about)
    with drawn(5.0, width=WIDTH) as (axes, save):
        draw_cost(axes, rows, split)
        about = f"Processor seconds of training against F1 on {split}"
        return [f1, save("cost", about)]


def _draw_f1(axes: Axes, rows: Sequence[Row], split: str) -> None:
    every = [value for row in rows for value in row.f1s(split)]
    floor = _floor(min(every), max(every))
    ends = []
    for place, row in enumerate(rows):
        mean, spread, values = row.mean(split) or 0.0, row.spread(split), row.f1s(split)
        axes.barh(
            place, mean - floor, left=floor, height=0.66,
            facecolor="none" if row.one_pass else (INK, 0.18),
            hatch="///" if row.one_pass else None, edgecolor=(INK, 0.7), linewidth=0.7,
        )  # fmt: skip
        if spread is not None:
            axes.errorbar(mean, place, xerr=spread, color=INK, capsize=4, linewidth=1.0)
        axes.plot(
            values, [place] * len(values), "o", color=INK, mfc="white", ms=4.5, mew=0.9,
            clip_on=False, zorder=3,
        )  # fmt: skip
        ends.append(max([*values, mean + (spread or 0.0)]))
        axes.annotate(
            f"{mean:.2f}", (ends[-1], place), (7, 0), textcoords="offset points", va="center"
        )
    names = [textwrap.fill(row.name, 26, break_long_words=False) for row in rows]
    axes.set_yticks(range(len(rows)), names)
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)
    axes.set_xlim(floor, max(ends) + 0.12 * (max(ends) - floor or 1.0))
    begins = f"; the axis begins at {floor:g}" if floor else ""
    key = "bar: mean, line: ± standard deviation, ring: a seed"
    if any(row.one_pass for row in rows):
        key += ", hatched: learned in one pass"
    axes.set_xlabel(f"F1 on {split}, whole names, in percent{begins}\n{key}")


def draw_cost(axes: Axes, rows: Sequence[Row], split: str) -> None:
    """Draw a point for each network, seconds of training against F1, and the names beside them.

    Args:
        axes: of a figure with nothing else.
        rows: networks with F1.
        split: whose F1 is shown.
    """
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    spots = [(max(row.seconds, 0.1), row.mean(split) or 0.0) for row in rows]
    axes.set_xscale("log")
    seconds = [x for x, _ in spots]
    low, high = min(seconds) / 1.35, max(seconds) * 1.35
    axes.set_xlim(low, high)
    steps = (1, 1.5, 2, 3, 5, 7) if high < 20 * low else (1, 2, 5)
    axes.xaxis.set_major_locator(LogLocator(subs=steps))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    heights = [value for row in rows for value in (*row.f1s(split), row.mean(split) or 0.0)]
    room = 0.08 * (max(heights) - min(heights)) or 1.0
    axes.set_ylim(min(heights) - room, max(heights) + room)
    axes.grid()
    for row, (x, y) in zip(rows, spots, strict=True):
        spread = row.spread(split)
        if spread is not None:
            axes.errorbar(x, y, yerr=spread, color="0.55", linewidth=0.8, zorder=1)
        marker, fill = ("s", "none") if row.one_pass else ("o", INK)
        axes.plot(x, y, marker, color=INK, mfc=fill, ms=6)
    axes.set_xlabel("training, processor seconds, median over seeds (log scale)")
    axes.set_ylabel(f"F1 on {split}, whole names, in percent")
    key = "point: mean over seeds, line: ± standard deviation"
    if any(row.one_pass for row in rows):
        key += ", square: learned in one pass"
    axes.annotate(
        key, (0, 1), (0, 4), xycoords="axes fraction", textcoords="offset points", fontsize=8
    )
    names = [textwrap.fill(row.name, 26, break_long_words=False) for row in rows]
    label_beside(axes, [(*spot, name) for spot, name in zip(spots, names, strict=True)])


def _floor(low: float, high: float) -> float:
    """Return where bars begin: 0, or a round number where differences would drown."""
    if high - low > 0.5 * high:
        return 0.0
    return max(0.0, 5.0 * math.floor((low - 0.15 * (high - low) - 0.5) / 5))
