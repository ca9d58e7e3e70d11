"""Two pictures of a comparison: F1 as bars, and what it costs as points.

matplotlib is the extra ``plots`` and is imported when something is drawn. Text stays text, nothing
depends on colour, and the same numbers give the same file.
"""

from __future__ import annotations

import io
import math
import textwrap
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from ner_rnn.errors import ConfigError
from ner_rnn.studies.comparison import Comparison, Row

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["check_plots", "draw"]

_STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "ner-rnn",
    "font.size": 9.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "hatch.linewidth": 0.6,
}
GAP = 5.0
"""Points between a marker and its label."""


def check_plots() -> None:
    """See that there is something to draw with.

    Raises:
        ConfigError: matplotlib is not installed.
    """
    if find_spec("matplotlib") is None:
        raise ConfigError(
            "the charts are drawn by matplotlib, which is not installed: "
            "pip install 'ner-rnn[plots]'"
        )


def draw(comparison: Comparison) -> dict[str, tuple[str, str]]:
    """Draw what there is to see: SVG and what it shows, by name; nothing where no F1 is known."""
    rows = [row for row in comparison.ranked() if row.f1s(comparison.split)]
    if not rows:
        return {}
    import matplotlib as mpl

    with mpl.rc_context(_STYLE):  # type: ignore[arg-type]  # keys are known at run time
        return {
            "comparison": (
                _svg(_bars(rows, comparison.split)),
                f"F1 on {comparison.split} of each network, with its seeds",
            ),
            "cost": (
                _svg(_points(rows, comparison.split)),
                f"processor seconds of training against F1 on {comparison.split}",
            ),
        }


def _bars(rows: Sequence[Row], split: str) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 1.0 + 0.42 * len(rows)), layout="constrained")
    axes = figure.add_subplot()
    every = [value for row in rows for value in row.f1s(split)]
    floor = _floor(min(every), max(every))
    for place, row in enumerate(rows):
        mean, spread = row.mean(split) or 0.0, row.spread(split)
        axes.barh(
            place,
            mean - floor,
            left=floor,
            height=0.66,
            color="white" if row.one_pass else "0.82",
            hatch="///" if row.one_pass else None,
            edgecolor="0.25",
            linewidth=0.7,
        )
        if spread is not None:
            axes.errorbar(mean, place, xerr=spread, color="black", capsize=4, linewidth=1.0)
        values = row.f1s(split)
        axes.plot(
            values, [place] * len(values), "o", color="black", mfc="white", ms=4.5, mew=0.9,
            clip_on=False, zorder=3,
        )  # fmt: skip
        end = max([*values, mean + (spread or 0.0)])
        axes.annotate(f"{mean:.2f}", (end, place), (7, 0), textcoords="offset points", va="center")
    axes.set_yticks(range(len(rows)), [_wrapped(row) for row in rows])
    for label in axes.get_yticklabels():
        label.set_parse_math(False)  # names are those of files
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)
    top = max(max([*row.f1s(split), (row.mean(split) or 0) + (row.spread(split) or 0)])
              for row in rows)  # fmt: skip
    axes.set_xlim(floor, top + 0.12 * (top - floor or 1.0))
    begins = f"; the axis begins at {floor:g}" if floor else ""
    legend = "bar: mean, line: ± standard deviation, ring: a seed"
    if any(row.one_pass for row in rows):
        legend += ", hatched: learned in one pass"
    axes.set_xlabel(f"F1 on {split}, whole names, in percent{begins}\n{legend}")
    return figure


def _points(rows: Sequence[Row], split: str) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    figure = Figure(figsize=(7.5, 5.0), layout="constrained")
    axes = figure.add_subplot()
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
    axes.grid(color="0.9", linewidth=0.6)
    axes.set_axisbelow(True)
    for row, (x, y) in zip(rows, spots, strict=True):
        spread = row.spread(split)
        if spread is not None:
            axes.errorbar(x, y, yerr=spread, color="0.55", linewidth=0.8, zorder=1)
        marker = "s" if row.one_pass else "o"
        axes.plot(x, y, marker, color="black", mfc="white" if row.one_pass else "black", ms=6)
    axes.set_xlabel("training, processor seconds, median over seeds (log scale)")
    legend = "point: mean over seeds, line: ± standard deviation"
    if any(row.one_pass for row in rows):
        legend += ", square: learned in one pass"
    axes.set_ylabel(f"F1 on {split}, whole names, in percent")
    axes.annotate(
        legend, (0, 1), (0, 4), xycoords="axes fraction", textcoords="offset points", fontsize=8
    )
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]  # the layout must stand before labels do
    figure.set_layout_engine("none")
    ruler = canvas.get_renderer()  # type: ignore[no-untyped-call]
    spreads = [row.spread(split) or 0.0 for row in rows]
    _label(axes, spots, spreads, [_wrapped(row) for row in rows], ruler)
    return figure


def _label(
    axes: Axes,
    spots: Sequence[tuple[float, float]],
    spreads: Sequence[float],
    texts: Sequence[str],
    ruler: Any,
) -> None:
    """Write each text where it meets nothing, near its point; far ones get a line to it."""
    dot = axes.get_figure(root=True).dpi / 72  # type: ignore[union-attr]  # pixels a point
    frame = list(map(float, axes.get_window_extent(ruler).extents))
    pixels: list[list[float]] = axes.transData.transform(list(spots)).tolist()
    taken: list[Sequence[float]] = [(x - 4, y - 4, x + 4, y + 4) for x, y in pixels]
    for (x, y), spread in zip(spots, spreads, strict=True):
        ends = axes.transData.transform([(x, y - spread), (x, y + spread)])
        (left, low), (right, high) = ends.tolist()
        taken.append((left - 1, low, right + 1, high))
    places = [
        (distance, angle)
        for distance in (GAP, 14.0, 24.0, 36.0, 50.0, 66.0, 84.0, 110.0, 140.0)
        for angle in (0, 180, 90, 270, 45, 315, 135, 225, 22, 338, 158, 202)
    ]
    # the crowded ones first: those that stand alone find a place anyway
    crowd = [sum(math.dist(pixel, other) < 90 * dot for other in pixels) for pixel in pixels]
    for i in sorted(range(len(spots)), key=lambda i: -crowd[i]):
        sample = axes.text(0, 0, texts[i], fontsize=8, linespacing=1.0, parse_math=False)
        extent = sample.get_window_extent(ruler)
        size = (extent.width, extent.height)
        sample.remove()

        def cost(place: tuple[float, float], i: int = i, size: tuple[float, float] = size) -> float:
            box = _box(pixels[i], size, place, dot)
            outside = (box[2] - box[0]) * (box[3] - box[1]) - _overlap(box, frame)
            return sum(_overlap(box, other) for other in taken) + 10 * max(0.0, outside - 1e-6)

        best = min(places, key=cost)  # the first, and so the nearest, of those that cost nothing
        taken.append(_box(pixels[i], size, best, dot))
        _annotate(axes, texts[i], spots[i], best)


def _box(
    pixel: Sequence[float], size: tuple[float, float], place: tuple[float, float], dot: float
) -> tuple[float, float, float, float]:
    """What a label would cover, with a margin: left, low, right, high, in pixels."""
    (x, y, across, upright), (width, height), margin = _aim(place), size, 1.5 * dot
    left = pixel[0] + x * dot - {"left": 0.0, "center": 0.5, "right": 1.0}[across] * width
    low = pixel[1] + y * dot - {"bottom": 0.0, "center": 0.5, "top": 1.0}[upright] * height
    return left - margin, low - margin, left + width + margin, low + height + margin


def _aim(place: tuple[float, float]) -> tuple[float, float, str, str]:
    """A distance and an angle -> offset in points, and which side of the text is there."""
    distance, angle = place
    x, y = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    return (
        distance * x,
        distance * y,
        "center" if abs(x) < 0.3 else "left" if x > 0 else "right",
        "center" if abs(y) < 0.3 else "bottom" if y > 0 else "top",
    )


def _annotate(axes: Axes, text: str, spot: tuple[float, float], place: tuple[float, float]) -> None:
    x, y, across, upright = _aim(place)
    line = {"arrowstyle": "-", "color": "0.5", "linewidth": 0.6, "shrinkB": 4, "shrinkA": 1}
    axes.annotate(
        text,
        spot,
        (x, y),
        textcoords="offset points",
        ha=across,
        va=upright,
        arrowprops=line if place[0] > GAP else None,
        parse_math=False,
        fontsize=8,
        linespacing=1.0,
    )


def _overlap(a: Sequence[float], b: Sequence[float]) -> float:
    """Area that two boxes share, in square pixels."""
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return width * height if width > 0 and height > 0 else 0.0


def _floor(low: float, high: float) -> float:
    """Where bars begin: zero, or where differences that matter would drown, a round number."""
    if high - low > 0.5 * high:
        return 0.0
    return max(0.0, 5.0 * math.floor((low - 0.15 * (high - low) - 0.5) / 5))


def _ticks(low: float, high: float) -> list[float]:
    """1, 2, 5, 10, 20, 50 ... between two bounds."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks = [step * 10.0**power for power in powers for step in (1, 1.5, 2, 3, 5, 7)]
    inside = [tick for tick in ticks if low <= tick <= high]
    if len(inside) > 8:
        inside = [tick for tick in inside if f"{tick:.0e}"[0] in "125" and f"{tick:.1e}"[2] == "0"]
    return inside


def _wrapped(row: Row) -> str:
    return "\n".join(textwrap.wrap(", ".join(row.names), 26, break_long_words=False))


def _svg(figure: Figure) -> str:
    file = io.StringIO()
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return file.getvalue()
