"""Three pictures of memory: gradients by lag, recall by lag, training with clipping and without.

matplotlib is the extra ``plots`` and is imported when something is drawn. Text stays text, nothing
depends on colour, and the same numbers give the same file.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from ner_rnn.studies import clipping, memory_probe
from ner_rnn.studies.clipping import Run
from ner_rnn.studies.comparison_charts import check_plots
from ner_rnn.studies.gradients import Curve

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ner_rnn.studies.memory import Memory, Tried

__all__ = ["draw"]

_RC = {
    "svg.fonttype": "none",
    "svg.hashsalt": "ner-rnn",
    "text.parse_math": False,  # names are those of files
    "font.size": 9.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
_MARKERS = "osD^vPX*<>hd"
_LINES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1, 1.2)), (0, (5, 1.5, 1, 1.5)))
_FILLS = ("black", "white", "0.6")
BOTTOM = 1e-16
SMOOTHED = 15
"""Steps over which losses and norms are averaged, geometrically, to tell lines apart."""


def draw(memory: Memory) -> dict[str, str]:
    """SVG by name: gradients, recall, clipping, as far as they were measured.

    Raises:
        ConfigError: matplotlib is not installed.
    """
    check_plots()
    import matplotlib as mpl

    pictures: dict[str, str] = {}
    with mpl.rc_context(_RC):  # type: ignore[arg-type]  # keys are known at run time
        if memory.curves:
            pictures["gradients"] = _svg(_gradients(memory.curves))
        if memory.tried:
            pictures["recall"] = _svg(_recall(memory.tried))
        if memory.runs:
            pictures["clipping"] = _svg(_clipping(memory.runs))
    return pictures


def _gradients(curves: Sequence[Curve]) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.0, max(4.2, 1.0 + 0.24 * len(curves))), layout="constrained")
    axes = figure.add_subplot()
    lags = len(curves[0].mean) - 1
    step = max(1, lags // 5)
    ends = []
    names = list(dict.fromkeys(curve.name for curve in curves))
    for curve in curves:
        place = names.index(curve.name)
        known = [k for k, value in enumerate(curve.mean) if value >= BOTTOM]
        if not known:
            continue
        y = [curve.mean[k] for k in known]
        # the states of one network share a marker; c is thin
        thin = curve.state != "h"
        axes.plot(
            known, y, ls=_LINES[place % len(_LINES)], color="0.45" if thin else "black",
            lw=0.8 if thin else 1.2,
        )  # fmt: skip
        # markers of different networks at different lags, with the quartiles
        some = [k for k in known if (k - 1 - place * step // len(names)) % step == 0]
        centre = np.array([curve.mean[k] for k in some])
        low = np.maximum(centre - [max(curve.low[k], BOTTOM) for k in some], 0.0)
        high = np.maximum(np.array([curve.high[k] for k in some]) - centre, 0.0)
        axes.errorbar(
            some, centre, yerr=np.vstack([low, high]), fmt=_MARKERS[place % len(_MARKERS)],
            ms=5, mfc=_FILLS[place % len(_FILLS)], mec="black", ecolor="0.65", elinewidth=1.0,
            capsize=0, color="black", mew=0.8,
        )  # fmt: skip
        label = curve.name if curve.state == "h" else f"{curve.name}, by c"
        ends.append((float(known[-1]), y[-1], label))
    axes.set_yscale("log")
    axes.set_xlim(0, lags)
    axes.set_xlabel("lag k, in words; markers: with quartiles over passages")
    axes.set_ylabel("size of  d h(T) / d h(T-k)")
    axes.grid(axis="y", color="0.9", lw=0.6)
    _plain_decades(axes)
    figure.draw_without_rendering()
    _label_ends(axes, ends)
    return figure


def _plain_decades(axes: Axes) -> None:
    """1e-06 and not a formula, which is not read as one here."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())


def _label_ends(axes: Axes, ends: Sequence[tuple[float, float, str]]) -> None:
    """Names at the right of the lines, moved apart where they would cover each other."""
    points = 72.0 / axes.figure.dpi
    gap = 11.5
    wanted = [float(axes.transData.transform((x, y))[1]) * points for x, y, _ in ends]
    order = sorted(range(len(ends)), key=lambda i: wanted[i])
    # as low as may be and as high as may be, each a gap apart: so is what lies midway
    lowest, highest = dict(enumerate(wanted)), dict(enumerate(wanted))
    for one, next_ in pairwise(order):
        lowest[next_] = max(wanted[next_], lowest[one] + gap)
    for next_, one in pairwise(reversed(order)):
        highest[one] = min(wanted[one], highest[next_] - gap)
    placed = {i: (lowest[i] + highest[i]) / 2 for i in order}
    right = axes.get_xlim()[1]
    for i, (x, y, label) in enumerate(ends):
        edge = float(axes.transData.transform((right, y))[0]) * points
        here = float(axes.transData.transform((x, y))[0]) * points
        axes.annotate(
            label, (x, y), (edge - here + 14, placed[i] - wanted[i]),
            textcoords="offset points", va="center", fontsize=8, annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": "0.6", "lw": 0.6, "shrinkA": 0, "shrinkB": 2},
        )  # fmt: skip


def _recall(tried: Sequence[Tried]) -> Figure:
    from matplotlib.figure import Figure

    columns = min(3, len(tried))
    rows = -(-len(tried) // columns)
    figure = Figure(figsize=(1.0 + 2.4 * columns, 0.6 + 1.9 * rows), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    lags = sorted(tried[0].results)
    chance = 100 * memory_probe.CHANCE
    for place, axes in enumerate(grid.flat):
        if place >= len(tried):
            axes.set_axis_off()
            # the panel above it is the lowest of its column
            grid.flat[place - columns].tick_params(labelbottom=True)
            continue
        cell = tried[place]
        found = [[100 * result.accuracy for result in cell.results[lag]] for lag in lags]
        mean = [100 * cell.accuracy(lag) for lag in lags]
        axes.axhline(chance, color="0.4", lw=0.9, ls=(0, (1, 2)))
        axes.plot(range(len(lags)), mean, "-", color="black", lw=1.2)
        for x, values in enumerate(found):
            axes.plot([x] * len(values), values, "o", ms=3.5, mfc="white", mec="black", mew=0.7)
        axes.set_title(_wrapped(cell.names), fontsize=8.5, loc="left")
        axes.set_xticks(range(len(lags)), [str(lag) for lag in lags])
        axes.set_ylim(0, 105)
        if place == 0:
            axes.annotate("chance", (0, chance), (0, 2), textcoords="offset points", fontsize=7.5)
    figure.supxlabel("lag k, in steps; line: mean, rings: seeds", fontsize=9)
    figure.supylabel("recalled, in percent", fontsize=9)
    return figure


def _wrapped(names: Sequence[str]) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(", ".join(names), 34, break_long_words=True))


def _clipping(runs: Sequence[Run]) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.0, 6.4), layout="constrained")
    top, bottom = figure.subplots(2, 1, sharex=True)
    for axes, what in ((top, "loss"), (bottom, "norm")):
        for place, run in enumerate(runs):
            raw = run.loss if what == "loss" else run.norm
            values = [value for value in raw if value is not None]
            if not values:
                continue
            y = _smooth(values)
            x = range(1, len(y) + 1)
            axes.plot(x, y, color="black", lw=1.2, ls=_LINES[place % len(_LINES)])
            axes.plot(
                x, y, _MARKERS[place % len(_MARKERS)], color="black", ms=5,
                mfc=_FILLS[place % len(_FILLS)], mew=0.8,
                markevery=(20 * place, max(1, clipping.STEPS // 8)) if len(y) > 60 else 1,
            )  # fmt: skip
            label, away, arrow = run.name, (6, 0), None
            if run.broke is not None:
                label += f": no finite number at step {run.broke}"
                away, arrow = (30, -2), {"arrowstyle": "-", "color": "0.6", "lw": 0.6}
            axes.annotate(
                label, (x[-1], y[-1]), away, textcoords="offset points", va="center",
                fontsize=8, annotation_clip=False, arrowprops=arrow,
            )  # fmt: skip
        axes.set_yscale("log")
        axes.grid(axis="y", color="0.9", lw=0.6)
        _plain_decades(axes)
    top.axhline(clipping.BASELINE, color="0.4", lw=0.9, ls=(0, (1, 2)))
    top.annotate(
        "always the mean", (1, clipping.BASELINE), (0, -3), textcoords="offset points",
        va="top", fontsize=7.5,
    )  # fmt: skip
    bottom.axhline(clipping.LIMIT, color="0.4", lw=0.9, ls=(0, (1, 2)))
    bottom.annotate(
        "what clipping leaves", (1, clipping.LIMIT), (0, 2), textcoords="offset points",
        fontsize=7.5,
    )  # fmt: skip
    top.set_ylabel("mean squared error")
    bottom.set_ylabel("norm of the gradient, unclipped")
    bottom.set_xlabel(f"step; each point the geometric mean of {SMOOTHED} steps")
    bottom.set_xlim(0, max(len(run.loss) for run in runs))
    return figure


def _smooth(values: Sequence[float]) -> list[float]:
    """Geometric means over the last steps."""
    logs = np.log(np.maximum(values, BOTTOM))
    return [float(np.exp(logs[max(0, i - SMOOTHED + 1) : i + 1].mean())) for i in range(len(logs))]


def _svg(figure: Figure) -> str:
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None}, bbox_inches="tight")
    return text.getvalue()
