"""Three plots of memory: gradients by lag, recall by lag, training with and without clipping.

Nothing depends on colour.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ner_rnn.evaluation.report.drawing import INK, LINES, MARKERS, drawn
from ner_rnn.evaluation.schema import Figure
from ner_rnn.studies import clipping, memory_probe
from ner_rnn.studies.clipping import Run
from ner_rnn.studies.gradients import Curve
from ner_rnn.studies.labels import label_beside
from ner_rnn.studies.memory import Memory, Tried

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw"]

FILLS = (INK, "white", "0.6")
BOTTOM = 1e-16
SMOOTHED = 15
"""Steps over which losses and norms are averaged, geometrically, to tell lines apart."""


def draw(memory: Memory) -> Iterator[Figure]:
    """Yield the plots of gradients, recall and clipping, as far as they were measured.

    Raises:
        ConfigError: matplotlib is not installed.
    """
    if memory.curves:
        with drawn(max(4.2, 1.0 + 0.24 * len(memory.curves)), width=8.0) as (axes, save):
            _draw_gradients(axes, memory.curves)
            about = "Size of the gradient of the last state by an earlier one, against the lag"
            yield save("gradients", about)
    if memory.tried:
        columns = min(3, len(memory.tried))
        rows = -(-len(memory.tried) // columns)
        with drawn(
            0.6 + 1.9 * rows, width=1.0 + 2.4 * columns, nrows=rows, ncols=columns,
            squeeze=False, sharex=True, sharey=True, layout="constrained",
        ) as (grid, save):  # fmt: skip
            _draw_recall(list(grid.flat), memory.tried, columns)
            about = "Share of right answers against the lag, one panel a cell"
            yield save("recall", about)
    if memory.runs:
        with drawn(6.4, width=8.0, nrows=2, sharex=True) as (panels, save):
            _draw_clipping(panels[0], panels[1], memory.runs)
            about = "Loss and norm of the gradient by step, with and without clipping"
            yield save("clipping", about)


def _draw_gradients(axes: Axes, curves: Sequence[Curve]) -> None:
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
            known, y, ls=LINES[place % len(LINES)], color="0.45" if thin else INK,
            lw=0.8 if thin else 1.2,
        )  # fmt: skip
        # markers of different networks at different lags, with the quartiles
        marked = [k for k in known if (k - 1 - place * step // len(names)) % step == 0]
        centre = np.array([curve.mean[k] for k in marked])
        low = np.maximum(centre - [max(curve.low[k], BOTTOM) for k in marked], 0.0)
        high = np.maximum(np.array([curve.high[k] for k in marked]) - centre, 0.0)
        axes.errorbar(
            marked, centre, yerr=np.vstack([low, high]), fmt=MARKERS[place % len(MARKERS)],
            ms=5, mfc=FILLS[place % len(FILLS)], mec=INK, ecolor="0.65", elinewidth=1.0,
            capsize=0, color=INK, mew=0.8,
        )  # fmt: skip
        label = curve.name if curve.state == "h" else f"{curve.name}, by c"
        ends.append((float(known[-1]), y[-1], label))
    axes.set_yscale("log")
    axes.set_xlim(0, lags)
    axes.set_xlabel("lag k, in words; markers: with quartiles over passages")
    axes.set_ylabel("size of  d h(T) / d h(T-k)")
    axes.grid(axis="y")
    _plain_decades(axes)
    label_beside(axes, ends)


def _plain_decades(axes: Axes) -> None:
    """Write 1e-06 instead of a formula, which this style does not typeset."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())


def _draw_recall(panels: Sequence[Axes], tried: Sequence[Tried], columns: int) -> None:
    lags = sorted(tried[0].results)
    chance = 100 * memory_probe.CHANCE
    for place, axes in enumerate(panels):
        if place >= len(tried):
            axes.set_axis_off()
            # the panel above it is the lowest of its column
            panels[place - columns].tick_params(labelbottom=True)
            continue
        cell = tried[place]
        found = [[100 * result.accuracy for result in cell.results[lag]] for lag in lags]
        mean = [100 * cell.accuracy(lag) for lag in lags]
        axes.axhline(chance, color="0.4", lw=0.9, ls=(0, (1, 2)))
        axes.plot(range(len(lags)), mean, "-", color=INK, lw=1.2)
        for x, values in enumerate(found):
            axes.plot([x] * len(values), values, "o", ms=3.5, mfc="white", mec=INK, mew=0.7)
        axes.set_title(textwrap.fill(cell.name, 34), fontsize=8.5, loc="left")
        axes.set_xticks(range(len(lags)), [str(lag) for lag in lags])
        axes.set_ylim(0, 105)
        if place == 0:
            axes.annotate("chance", (0, chance), (0, 2), textcoords="offset points", fontsize=7.5)
    figure: Any = panels[0].figure
    figure.supxlabel("lag k, in steps; line: mean, rings: seeds", fontsize=9)
    figure.supylabel("recalled, in percent", fontsize=9)


def _draw_clipping(top: Axes, bottom: Axes, runs: Sequence[Run]) -> None:
    for axes, what in ((top, "loss"), (bottom, "norm")):
        for place, run in enumerate(runs):
            raw = run.loss if what == "loss" else run.norm
            values = [value for value in raw if value is not None]
            if not values:
                continue
            y = _smooth(values)
            x = range(1, len(y) + 1)
            axes.plot(x, y, color=INK, lw=1.2, ls=LINES[place % len(LINES)])
            axes.plot(
                x, y, MARKERS[place % len(MARKERS)], color=INK, ms=5,
                mfc=FILLS[place % len(FILLS)], mew=0.8,
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
        axes.grid(axis="y")
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


def _smooth(values: Sequence[float]) -> list[float]:
    """Return geometric means over the last steps."""
    logs = np.log(np.maximum(values, BOTTOM))
    return [float(np.exp(logs[max(0, i - SMOOTHED + 1) : i + 1].mean())) for i in range(len(logs))]
