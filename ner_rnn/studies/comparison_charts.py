"""Two plots of a comparison: F1 as bars, and what it costs as points.

Nothing depends on colour.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ner_rnn.evaluation.drawing import INK, drawn
from ner_rnn.evaluation.schema import Figure
from ner_rnn.studies.comparison import Comparison, Row

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw", "draw_cost"]

WIDTH = 7.5  # inches
GAP = 5.0
"""Points between a marker and its label."""
Place = tuple[float, float]
PLACES: tuple[Place, ...] = tuple(
    (distance, angle)
    for distance in (GAP, 14.0, 24.0, 36.0, 50.0, 66.0, 84.0, 110.0, 140.0)
    for angle in (0, 180, 90, 270, 45, 315, 135, 225, 22, 338, 158, 202)
)
"""Distance in points and angle in degrees of a label from its point; the best first."""


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
    axes.set_yticks(range(len(rows)), [_wrapped(row) for row in rows])
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)
    axes.set_xlim(floor, max(ends) + 0.12 * (max(ends) - floor or 1.0))
    begins = f"; the axis begins at {floor:g}" if floor else ""
    key = "bar: mean, line: ± standard deviation, ring: a seed"
    if any(row.one_pass for row in rows):
        key += ", hatched: learned in one pass"
    axes.set_xlabel(f"F1 on {split}, whole names, in percent{begins}\n{key}")


def draw_cost(axes: Axes, rows: Sequence[Row], split: str) -> None:
    """Draw a point a network, seconds of training against F1, with labels that do not overlap.

    Args:
        axes: of a figure with nothing else.
        rows: networks with F1.
        split: whose F1 is shown.
    """
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    spots = [(max(row.seconds, 0.1), row.mean(split) or 0.0) for row in rows]
    axes.set_xscale("log")
    seconds = [x for x, _ in spots]
    low, high = min(seconds) / 1.35, max(seconds) * 1.35
    axes.set_xlim(low, high)
    axes.xaxis.set_major_locator(FixedLocator(_ticks(low, high)))
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
    _label(axes, spots, [row.spread(split) or 0.0 for row in rows], [_wrapped(row) for row in rows])


def _label(
    axes: Axes,
    spots: Sequence[tuple[float, float]],
    spreads: Sequence[float],
    texts: Sequence[str],
) -> None:
    """Write each text near its point where it overlaps nothing; far ones get a line to it."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.text import Text
    from matplotlib.transforms import Bbox

    figure: Any = axes.figure
    ruler = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
    dot = figure.dpi / 72  # pixels a point
    frame = axes.get_window_extent(ruler)
    pixels: list[tuple[float, float]] = axes.transData.transform(list(spots)).tolist()
    taken = [Bbox.from_extents(x - 4, y - 4, x + 4, y + 4) for x, y in pixels]
    for (x, y), spread in zip(spots, spreads, strict=True):
        (left, low), (right, high) = axes.transData.transform([(x, y - spread), (x, y + spread)])
        taken.append(Bbox.from_extents(left - 1, low, right + 1, high))

    def shared(a: Bbox, b: Bbox) -> float:
        both = Bbox.intersection(a, b)
        return 0.0 if both is None else both.width * both.height

    def covered(i: int, place: Place) -> Bbox:
        note = axes.annotate(texts[i], spots[i], **_beside(*place))
        note.update_positions(ruler)
        box = Text.get_window_extent(note, ruler).padded(1.5 * dot)  # the text without its line
        note.remove()
        return box

    def cost(box: Bbox) -> float:
        outside = box.width * box.height - shared(box, frame)
        return sum(shared(box, other) for other in taken) + 10 * max(0.0, outside - 1e-6)

    # the crowded ones first: those that stand alone find a place anyway
    crowd = [sum(math.dist(pixel, other) < 90 * dot for other in pixels) for pixel in pixels]
    for i in sorted(range(len(spots)), key=lambda i: -crowd[i]):
        # the first, and so the nearest, of those that cost nothing
        best = min(PLACES, key=lambda place: cost(covered(i, place)))
        taken.append(covered(i, best))
        line = {"arrowstyle": "-", "color": "0.5", "linewidth": 0.6, "shrinkB": 4, "shrinkA": 1}
        arrow = line if best[0] > GAP else None
        axes.annotate(texts[i], spots[i], arrowprops=arrow, **_beside(*best))


def _beside(distance: float, angle: float) -> dict[str, Any]:
    """Return how ``annotate`` writes at a distance (points) and an angle (degrees) of a point."""
    x, y = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    return {
        "xytext": (distance * x, distance * y),
        "textcoords": "offset points",
        "ha": "center" if abs(x) < 0.3 else "left" if x > 0 else "right",
        "va": "center" if abs(y) < 0.3 else "bottom" if y > 0 else "top",
        "fontsize": 8,
        "linespacing": 1.0,
    }


def _floor(low: float, high: float) -> float:
    """Return where bars begin: 0, or a round number where differences would drown."""
    if high - low > 0.5 * high:
        return 0.0
    return max(0.0, 5.0 * math.floor((low - 0.15 * (high - low) - 0.5) / 5))


def _ticks(low: float, high: float) -> list[float]:
    """Return the round numbers 1, 2, 5, 10, 20, 50 ... between two bounds."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks = [step * 10.0**power for power in powers for step in (1, 1.5, 2, 3, 5, 7)]
    inside = [tick for tick in ticks if low <= tick <= high]
    if len(inside) > 8:
        inside = [tick for tick in inside if f"{tick:.0e}"[0] in "125" and f"{tick:.1e}"[2] == "0"]
    return inside


def _wrapped(row: Row) -> str:
    return "\n".join(textwrap.wrap(row.name, 26, break_long_words=False))
