"""What was measured of memory -> report.json, report.md and three pictures.

The measuring is done in ``report/gradients.py``, ``training/memory_probe.py`` and
``training/clipping.py``; the drawing in ``report/memory_charts.py``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ner_rnn.machine import timestamp, versions
from ner_rnn.model.settings import ModelConfig
from ner_rnn.studies import clipping, memory_probe
from ner_rnn.studies.clipping import Run
from ner_rnn.studies.gradients import Curve
from ner_rnn.studies.memory_probe import Recall
from ner_rnn.text.writing import make_folder, write_whole

__all__ = ["RECALLED", "Memory", "Tried", "clipping_says", "gather", "provenance", "write"]

RECALLED = 0.9
"""Share of right answers from which on a symbol counts as recalled."""


@dataclass(frozen=True)
class Tried:
    """A cell that took the task.

    Attributes:
        names: of the recipes and models whose cell it is; they differ in nothing that matters here.
        model: the small network.
        results: of each seed at each lag.
    """

    names: list[str]
    model: ModelConfig
    results: dict[int, list[Recall]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """All names."""
        return ", ".join(self.names)

    def accuracy(self, lag: int) -> float:
        """Mean over the seeds."""
        found = [result.accuracy for result in self.results[lag]]
        return sum(found) / len(found)

    def longest(self) -> int | None:
        """The largest lag that is recalled, with all smaller ones; None: not even the smallest."""
        longest = None
        for lag in sorted(self.results):
            if self.accuracy(lag) < RECALLED:
                break
            longest = lag
        return longest

    @property
    def seconds(self) -> float:
        """Of wall-clock, altogether."""
        return sum(result.seconds for found in self.results.values() for result in found)

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        model = self.model
        return {
            "names": self.names,
            "cell": model.cell,
            "units": model.hidden_size,
            "layers": model.layers,
            "nonlinearity": model.nonlinearity,
            "longest_recalled": self.longest(),
            "seconds": round(self.seconds, 2),
            "accuracy": {str(lag): self.accuracy(lag) for lag in sorted(self.results)},
            "runs": {str(k): [r.to_dict() for r in found] for k, found in self.results.items()},
        }


@dataclass(frozen=True)
class Memory:
    """All that was measured; what was not asked for is empty.

    Attributes:
        read: what the networks of ``curves`` were reading.
        curves: d h_T / d h_(T-k).
        tried: the task.
        runs: with clipping and without.
        left_out: why a network is missing, a line each.
        made_by: of :func:`provenance`.
    """

    read: str
    curves: list[Curve]
    tried: list[Tried]
    runs: list[Run]
    left_out: list[str]
    made_by: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "gradients": {"read": self.read, "curves": [curve.to_dict() for curve in self.curves]},
            "recall": {"chance": memory_probe.CHANCE, "cells": [t.to_dict() for t in self.tried]},
            "clipping": {"runs": [run.to_dict() for run in self.runs]},
            "left_out": self.left_out,
            "made_by": dict(self.made_by),
        }


def gather(models: Sequence[tuple[str, ModelConfig]]) -> list[Tried]:
    """The cells to try, each once: recipes that differ in what the task leaves out share one.

    ``rnn_uni`` and ``rnn_bi`` differ in direction alone: one cell with both names.
    """
    cells: dict[ModelConfig, Tried] = {}
    for name, model in models:
        cell = memory_probe.cell_of(model)
        tried = cells.setdefault(cell, Tried([], cell))
        if name not in tried.names:
            tried.names.append(name)
    return list(cells.values())


def provenance(command: Sequence[str], seeds: Sequence[int]) -> dict[str, Any]:
    """Where the numbers come from: command line, seeds, versions, date.

    Args:
        command: the words that were typed.
        seeds: that were used.
    """
    import torch

    return {
        "command": list(command),
        "seeds": list(seeds),
        "versions": versions("ner-rnn", "torch", "numpy", "matplotlib"),
        "threads": torch.get_num_threads(),
        "created": timestamp(),
    }


def clipping_says(runs: Sequence[Run]) -> Iterator[str]:
    """What happened, a sentence a run."""
    for run in runs:
        largest = max((norm for norm in run.norm if norm is not None), default=0.0)
        if run.broke is not None:
            yield (
                f"{run.name}: broken at step {run.broke}, where loss or gradient is no finite "
                f"number any more; one step before, the norm of the gradient was {largest:,.0f}"
            )
        else:
            end = run.end() or 0.0
            told = "learned" if end < clipping.BASELINE / 2 else "learned nothing"
            yield (
                f"{run.name}: {told}; error {end:.3g} after {len(run.loss)} steps "
                f"({clipping.BASELINE:.3g} by always saying the mean), norm of the gradient up to "
                f"{largest:,.0f}"
            )


def write(memory: Memory, folder: str | os.PathLike[str]) -> list[Path]:
    """Write the report; files of the same names are replaced, each whole or not at all.

    Returns:
        The files.

    Raises:
        FileError: the folder cannot be made or written to.
        ConfigError: matplotlib is not installed.
    """
    from ner_rnn.studies.memory_charts import draw

    pictures = draw(memory)
    contents = {
        **{f"{name}.svg": picture for name, picture in pictures.items()},
        "report.json": json.dumps(memory.to_dict(), ensure_ascii=False, indent=1) + "\n",
        "report.md": "\n".join(_markdown(memory)) + "\n",
    }
    target = Path(folder)
    make_folder(target)
    for name, content in contents.items():
        write_whole(target / name, [content])
    return [target / name for name in contents]


def _markdown(memory: Memory) -> Iterator[str]:
    yield "# How far back does each network remember?"
    if memory.curves:
        yield from _gradients(memory)
    if memory.tried:
        yield from _recall(memory.tried)
    if memory.runs:
        yield from _clipping(memory.runs)
    if memory.left_out:
        yield from ["", "## Left out", ""]
        yield from (f"- {_escaped(line)}" for line in memory.left_out)
    made = memory.made_by
    versions = ", ".join(f"{name} {version}" for name, version in made["versions"].items())
    seeds = ", ".join(map(str, made["seeds"]))
    yield from ["", "## Made by", "", f"    {' '.join(made['command'])}", ""]
    yield f"{made['created']}, {versions}, threads: {made['threads']}, seeds: {seeds}"


def _gradients(memory: Memory) -> Iterator[str]:
    lags = len(memory.curves[0].mean) - 1
    shown = [lag for lag in (1, 2, 3, 5, 10, 20, 40) if lag <= lags]
    yield from ["", "## Gradients", ""]
    yield (
        f"The size of d h_T / d h_(T-k) in {memory.read}: what becomes, root mean square, of a "
        "small change of random direction to the state k steps earlier (Frobenius norm over the "
        "root of the units; geometric mean over passages). Forward direction of the first layer, "
        "the recurrence alone, float64, exact unless marked. The state of an LSTM is (h, c): its "
        "row h holds c_(T-k) fixed and lets the change travel through both; its row c is "
        "d h_T / d c_(T-k)."
    )
    yield from ["", "![gradients](gradients.svg)", ""]
    head = ["network", "state", *(f"k = {k}" for k in shown)]
    head += ["1/10 at k", "1/100 at k", "kept a step", "F1, test"]
    yield _row(head)
    yield _row(["---", "---", *["--:"] * (len(shown) + 4)])
    for curve in memory.curves:
        name = _escaped(curve.name) + ("" if curve.exact else " (estimated)")
        cells = [name, curve.state, *(f"{curve.mean[k]:.2g}" for k in shown)]
        for fallen in (curve.fallen(0.1), curve.fallen(0.01)):
            cells.append(f"> {lags}" if fallen is None else str(fallen))
        cells.append(f"{curve.kept():.3f}")
        cells.append("" if curve.f1 is None else f"{curve.f1:.2f}")
        yield _row(cells)
    yield ""
    yield (
        "1/10 and 1/100: the first lag from which on the gradient stays at or below that share of "
        "what it began with. Kept a step: over the second half of the lags. "
        f"Passages: {memory.curves[0].passages}."
    )


def _recall(tried: Sequence[Tried]) -> Iterator[str]:
    lags = sorted(tried[0].results)
    first = tried[0].model.hidden_size
    yield from ["", "## Recall", ""]
    yield (
        f"One of {memory_probe.SYMBOLS} symbols, k - 1 distractors, then: name the symbol. Share "
        f"of right answers in percent, mean over {len(tried[0].results[lags[0]])} seeds; chance is "
        f"{100 * memory_probe.CHANCE:g}. {first} units, one direction, at most "
        f"{memory_probe.STEPS} steps of {memory_probe.BATCH} sequences for each k; a reservoir is "
        "frozen and its output layer fitted by ridge regression to as many sequences."
    )
    yield from ["", "![recall](recall.svg)", ""]
    yield _row(["cell", *(f"k = {k}" for k in lags), f"longest k at {RECALLED:.0%}", "seconds"])
    yield _row(["---", *["--:"] * (len(lags) + 2)])
    for cell in tried:
        shares = [f"{100 * cell.accuracy(k):.0f}" for k in lags]
        yield _row(
            [_escaped(cell.name), *shares, str(cell.longest() or "-"), f"{cell.seconds:.0f}"]
        )


def _clipping(runs: Sequence[Run]) -> Iterator[str]:
    yield from ["", "## Clipping", ""]
    yield (
        "An Elman network with ReLU, its recurrent matrix the identity at the start, is shown a "
        f"number and {clipping.TIME - 1} random ones after it, and is to name the first; SGD with "
        f"momentum, learning rate {clipping.LEARNING_RATE:g}. The same weights and sequences:"
    )
    yield ""
    yield from (f"- {line}." for line in clipping_says(runs))
    yield from ["", "![clipping](clipping.svg)"]


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _escaped(text: str) -> str:
    """For Markdown: names are those of files, and may hold anything."""
    shown = "".join(c if c.isprintable() else " " for c in text)
    for special in "\\`*[]<>|":
        shown = shown.replace(special, "\\" + special)
    return shown
