"""Measurements of memory: gradients against the lag, recall against the lag, gradient clipping.

``gradients.py``, ``memory_probe.py`` and ``clipping.py`` measure; ``memory_report.py`` writes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ner_rnn.machine import timestamp, versions
from ner_rnn.model.settings import ModelConfig
from ner_rnn.studies import memory_probe
from ner_rnn.studies.clipping import Run
from ner_rnn.studies.gradients import Curve
from ner_rnn.studies.memory_probe import Recall

__all__ = ["RECALLED", "Memory", "Tried", "gather", "provenance"]

RECALLED = 0.9
"""Share of right answers from which on a symbol counts as recalled."""


@dataclass(frozen=True)
class Tried:
    """Results of a cell at the recall task.

    Attributes:
        names: recipes and models that have this cell; they differ in nothing that the task uses.
        model: settings of the small network.
        results: one a seed, by lag.
    """

    names: list[str]
    model: ModelConfig
    results: dict[int, list[Recall]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """All names in one line."""
        return ", ".join(self.names)

    def accuracy(self, lag: int) -> float:
        """Return the share of right answers at a lag, mean over the seeds."""
        found = [result.accuracy for result in self.results[lag]]
        return sum(found) / len(found)

    def longest(self) -> int | None:
        """Return the largest lag that is recalled with all smaller ones; None: there is none."""
        longest = None
        for lag in sorted(self.results):
            if self.accuracy(lag) < RECALLED:
                break
            longest = lag
        return longest

    @property
    def seconds(self) -> float:
        """Wall-clock seconds of all runs."""
        return sum(result.seconds for found in self.results.values() for result in found)

    def to_dict(self) -> dict[str, Any]:
        """Return what report.json holds."""
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
            "runs": {str(k): [asdict(r) for r in found] for k, found in self.results.items()},
        }


@dataclass(frozen=True)
class Memory:
    """All measurements; what was not requested is empty.

    Attributes:
        read: input of the networks of ``curves``, in words.
        curves: gradients d h_T / d h_(T-k), one a network and state.
        tried: results of the recall task, one a cell.
        runs: trainings with and without gradient clipping.
        left_out: why a network is missing, a line each.
        made_by: as ``provenance`` returns it.
    """

    read: str
    curves: list[Curve]
    tried: list[Tried]
    runs: list[Run]
    left_out: list[str]
    made_by: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return what report.json holds."""
        return {
            "gradients": {"read": self.read, "curves": [curve.to_dict() for curve in self.curves]},
            "recall": {"chance": memory_probe.CHANCE, "cells": [t.to_dict() for t in self.tried]},
            "clipping": {"runs": [run.to_dict() for run in self.runs]},
            "left_out": self.left_out,
            "made_by": dict(self.made_by),
        }


def gather(models: Sequence[tuple[str, ModelConfig]]) -> list[Tried]:
    """Return the cells to test, each once, for all recipes that differ in nothing the task uses.

    ``rnn_uni`` and ``rnn_bi`` differ only in direction: one cell with both names.
    """
    cells: dict[ModelConfig, Tried] = {}
    for name, model in models:
        cell = memory_probe.cell_of(model)
        tried = cells.setdefault(cell, Tried([], cell))
        if name not in tried.names:
            tried.names.append(name)
    return list(cells.values())


def provenance(command: Sequence[str], seeds: Sequence[int]) -> dict[str, Any]:
    """Return command line, seeds, versions and date.

    Args:
        command: words as typed.
        seeds: random seeds of the runs.
    """
    import torch

    return {
        "command": list(command),
        "seeds": list(seeds),
        "versions": versions("ner-rnn", "torch", "numpy", "matplotlib"),
        "threads": torch.get_num_threads(),
        "created": timestamp(),
    }
