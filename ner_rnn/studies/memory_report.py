"""Measurements of memory -> report.json, report.md and three plots."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from ner_rnn.evaluation.report.drawing import write_plots
from ner_rnn.studies import clipping, memory_probe
from ner_rnn.studies.clipping import Run
from ner_rnn.studies.gradients import Curve
from ner_rnn.studies.memory import RECALLED, Memory, Tried
from ner_rnn.studies.memory_charts import draw
from ner_rnn.text.report_table import Column, Medium, Table
from ner_rnn.text.templates import render
from ner_rnn.text.writing import write_whole
from ner_rnn.text.writing_folders import make_folder

__all__ = ["clipping_results", "gradient_table", "recall_table", "write"]

MARKDOWN: tuple[Medium, ...] = ("markdown",)
TERMINAL: tuple[Medium, ...] = ("terminal",)
LAGS = (1, 2, 3, 5, 10, 20, 40)
FEW_LAGS = (1, 5, 10, 20, 40)
"""Lags for which a terminal has room."""


def write(memory: Memory, folder: str | os.PathLike[str]) -> None:
    """Write the report; files of the same names are replaced, each whole or not at all.

    Raises:
        FileError: the folder cannot be made or written to.
        ConfigError: matplotlib is not installed.
    """
    figures = list(draw(memory))
    target = Path(folder)
    make_folder(target)
    write_plots(figures, target)
    known = json.dumps(memory.to_dict(), ensure_ascii=False, indent=1)
    write_whole(target / "report.json", known + "\n")
    text = render(
        "memory.md",
        memory=memory,
        figures={figure["kind"]: figure for figure in figures},
        gradients=gradient_table(memory) if memory.curves else None,
        recall=recall_table(memory) if memory.tried else None,
        clipped=list(clipping_results(memory.runs)),
        probe=memory_probe,
        clipping=clipping,
    )
    write_whole(target / "report.md", text)


def gradient_table(memory: Memory) -> Table[Curve]:
    """Return the size of gradients by lag, a row a network and state."""
    lags = len(memory.curves[0].mean) - 1

    def at(lag: int, digits: int, media: Sequence[Medium]) -> Column[Curve]:
        heading = f"k = {lag}" if media == MARKDOWN else f"k={lag}"
        return Column(heading, lambda curve: f"{curve.mean[lag]:.{digits}g}", media)

    def fallen(share: float, curve: Curve) -> str:
        lag = curve.fallen(share)
        return f"> {lags}" if lag is None else str(lag)

    columns: list[Column[Curve]] = [
        Column("network", lambda c: c.name + ("" if c.exact else " (estimated)"), left=True),
        Column("state", lambda curve: curve.state, left=True),
        *(at(lag, 2, MARKDOWN) for lag in LAGS if lag <= lags),
        *(at(lag, 1, TERMINAL) for lag in FEW_LAGS if lag <= lags),
        Column("1/10 at k", lambda curve: fallen(0.1, curve), MARKDOWN),
        Column("1/100 at k", lambda curve: fallen(0.01, curve), MARKDOWN),
        Column("1/10", lambda curve: fallen(0.1, curve), TERMINAL),
        Column("1/100", lambda curve: fallen(0.01, curve), TERMINAL),
        Column("kept a step", lambda curve: f"{curve.kept():.3f}", MARKDOWN),
        Column("F1, test", lambda c: "" if c.f1 is None else f"{c.f1:.2f}", MARKDOWN),
    ]
    return Table(f"Size of d h(T) / d h(T-k), {memory.read}", columns, memory.curves)


def recall_table(memory: Memory) -> Table[Tried]:
    """Return the share of right answers by lag, a row a cell."""
    lags = sorted(memory.tried[0].results)

    def at(lag: int, heading: str, media: Sequence[Medium]) -> Column[Tried]:
        return Column(heading, lambda cell: f"{100 * cell.accuracy(lag):.0f}", media)

    columns: list[Column[Tried]] = [
        Column("cell", lambda cell: cell.name, left=True),
        *(at(lag, f"k = {lag}", MARKDOWN) for lag in lags),
        *(at(lag, str(lag), TERMINAL) for lag in lags),
        Column(f"longest k at {RECALLED:.0%}", lambda cell: str(cell.longest() or "-"), MARKDOWN),
        Column(f"{RECALLED:.0%} to", lambda cell: str(cell.longest() or "-"), TERMINAL),
        Column("seconds", lambda cell: f"{cell.seconds:.0f}", MARKDOWN),
        Column("s", lambda cell: f"{cell.seconds:.0f}", TERMINAL),
    ]
    return Table("Right answers in percent, k steps after the symbol", columns, memory.tried)


def clipping_results(runs: Sequence[Run]) -> Iterator[str]:
    """Yield a sentence a training: whether it learned, or where it broke."""
    for run in runs:
        largest = max((norm for norm in run.norm if norm is not None), default=0.0)
        if run.broke is not None:
            yield (
                f"{run.name}: loss or gradient is NaN or infinite from step {run.broke} on; one "
                f"step before, the norm of the gradient was {largest:,.0f}"
            )
        else:
            end = run.end() or 0.0
            learned = "learned" if end < clipping.BASELINE / 2 else "learned nothing"
            yield (
                f"{run.name}: {learned}; error {end:.3g} after {len(run.loss)} steps "
                f"({clipping.BASELINE:.3g} by always predicting the mean), norm of the gradient up "
                f"to {largest:,.0f}"
            )
