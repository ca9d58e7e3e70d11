"""Networks side by side: what came of their trainings, and what there is to say about it.

The charts are drawn in ``comparison_charts.py``, the files are written in ``comparison_files.py``.
Nothing here trains, reads a model or prints.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["Comparison", "Row", "Run"]

HEADINGS = ("network", "{split} F1", "each seed", "dev F1", "F1 per word", "learned", "fixed",
            "training s", "words/s", "learns in")  # fmt: skip


@dataclass(frozen=True)
class Run:
    """One training."""

    seed: int
    scores: Mapping[str, Mapping[str, Any]]
    """By split, as in metrics.json."""
    seconds: Mapping[str, float]
    """``fit`` on the clock, ``processor`` of all threads, ``total`` of the whole command."""
    epochs: int
    packages: Mapping[str, str]
    """Versions it was trained with."""

    def f1(self, split: str, kind: str = "names") -> float | None:
        """In percent; None where it is undefined, or there is no such split."""
        ratio = self.scores.get(split, {}).get(kind, {}).get("f1")
        return None if ratio is None else 100 * ratio


@dataclass(frozen=True)
class Row:
    """A network, over its seeds."""

    names: tuple[str, ...]
    """Of all the recipes that are this network."""
    runs: tuple[Run, ...]
    """At least one."""
    learned: int
    """Numbers that training set."""
    fixed: int
    """Numbers that stayed as chance drew them."""
    words_per_second: float
    one_pass: bool
    """It learned by ridge regression, and has no epochs."""

    def f1s(self, split: str, kind: str = "names") -> list[float]:
        """Of each seed where it is defined, in percent."""
        return [f1 for run in self.runs if (f1 := run.f1(split, kind)) is not None]

    def mean(self, split: str, kind: str = "names") -> float | None:
        """Mean F1 over seeds, in percent."""
        values = self.f1s(split, kind)
        return statistics.mean(values) if values else None

    def spread(self, split: str) -> float | None:
        """Sample standard deviation of F1 over seeds, in points; None for a single seed."""
        values = self.f1s(split)
        return statistics.stdev(values) if len(values) > 1 else None

    @property
    def seconds(self) -> float:
        """Processor seconds of the training itself, median over seeds."""
        return statistics.median(run.seconds["processor"] for run in self.runs)


@dataclass(frozen=True)
class Comparison:
    """All rows, and how they came to be."""

    rows: Sequence[Row]
    split: str
    """What is reported: ``test``, or ``dev`` where there is no test split."""
    data: Mapping[str, Mapping[str, Any]]
    """Of each split: ``sentences``, ``words``, ``sha256``."""
    budget: Mapping[str, Any]
    """``epochs``, ``batch_tokens``, ``patience`` and ``seeds``."""
    settings: Mapping[str, str]
    """Further settings that held for all, as typed."""
    failures: Mapping[str, str]
    """What went wrong, by training."""
    command: str
    date: str
    """ISO 8601, UTC."""
    machine: Mapping[str, Any]
    """``system``, ``processor``, ``cores``, and how many of those are ``usable`` here."""

    def ranked(self) -> list[Row]:
        """Best F1 first; where it is undefined, last."""
        means = [row.mean(self.split) for row in self.rows]
        order = sorted(
            range(len(means)), key=lambda i: math.inf if (mean := means[i]) is None else -mean
        )
        return [self.rows[i] for i in order]

    def table(self) -> tuple[list[str], list[list[str]]]:
        """Headings and rows as text; numbers that are not known are dashes."""
        headings = [heading.format(split=self.split) for heading in HEADINGS]
        rows = []
        for row in self.ranked():
            mean, spread = row.mean(self.split), row.spread(self.split)
            f1 = _percent(mean) if spread is None else f"{_percent(mean)} ± {spread:.2f}"
            rows.append(
                [
                    ", ".join(row.names),
                    f1,
                    ", ".join(_percent(run.f1(self.split)) for run in row.runs),
                    _percent(row.mean("dev")),
                    _percent(row.mean(self.split, "words")),
                    _count(row.learned),
                    _count(row.fixed),
                    f"{row.seconds:.0f}" if row.seconds >= 10 else f"{row.seconds:.1f}",
                    f"{_rounded(row.words_per_second):,}",
                    "one pass" if row.one_pass else _epochs(row),
                ]
            )
        return headings, rows

    def remarks(self) -> list[str]:
        """What a reader must know to read the table, in sentences."""
        budget = self.budget
        seeds = ", ".join(map(str, budget["seeds"]))
        sentences = [
            f"Budget, the same for all: {_times(budget['epochs'], 'epoch')} over the training "
            f"data, {budget['batch_tokens']:,} words a batch, "
            f"{'seeds' if len(budget['seeds']) > 1 else 'seed'} {seeds}"
            + (
                f"; stopped after {_times(budget['patience'], 'epoch')} without a better dev F1."
                if budget["patience"]
                else "."
            )
        ]
        if one_pass := [", ".join(row.names) for row in self.ranked() if row.one_pass]:
            sentences.append(
                f"In one pass: {'; '.join(one_pass)}. Ridge regression sets the output layer, "
                "and epochs mean nothing to it."
            )
        if self.settings:
            shown = ", ".join(f"{key} {value}" for key, value in self.settings.items())
            sentences.append(f"Set for all: {shown}.")
        if self.split != "test":
            sentences.append(
                "There is no test split: scores are of dev, which the weights were chosen by, and "
                "flatter all of them."
            )
        sentences += [
            f"F1, in percent: whole names of persons, strict, on {self.split}; mean over the "
            "seeds ± sample standard deviation. F1 per word: is it part of a person's name?",
            "Learned: the numbers that training set. Fixed: those that stayed as chance drew them.",
            "Training: processor seconds of the training itself, over all threads, median over "
            "the seeds. Words a second: tagging as 'ner-rnn tag' does, one thread, processor time, "
            "median of three turns; the first seed of each.",
        ]
        versions = self.versions()
        if mixed := [name for name, known in versions.items() if len(known) > 1]:
            sentences.append(f"Not all were trained with the same version of {', '.join(mixed)}.")
        return sentences

    def versions(self) -> dict[str, list[str]]:
        """Every version of each package that something was trained with."""
        known: dict[str, set[str]] = {}
        for row in self.rows:
            for run in row.runs:
                for name, version in run.packages.items():
                    known.setdefault(name, set()).add(version)
        return {name: sorted(versions) for name, versions in known.items()}

    def provenance(self) -> list[str]:
        """Where it comes from, a line each."""
        lines = [f"command: {self.command}", f"date: {self.date}"]
        cores, usable = self.machine["cores"], self.machine["usable"]
        held = f" ({usable} of them for this process)" if usable != cores else ""
        lines.append(
            f"machine: {_times(cores, 'core')}{held}, {self.machine['processor']}, "
            f"{self.machine['system']}"
        )
        for split, about in self.data.items():
            lines.append(
                f"{split}: {about['sentences']:,} sentences, {about['words']:,} words, "
                f"sha256 {about['sha256']}"
            )
        versions = self.versions().items()
        if versions:
            lines.append("with: " + ", ".join(f"{n} {' and '.join(v)}" for n, v in versions))
        return lines

    def to_json(self) -> dict[str, Any]:
        """Everything; ratios from 0 to 1, as in metrics.json, summaries in percent."""
        rows = [
            {
                **asdict(row),
                "f1": {
                    "mean": row.mean(self.split),
                    "sample_sd": row.spread(self.split),
                    "seeds": {str(run.seed): run.f1(self.split) for run in row.runs},
                },
                "dev_f1": row.mean("dev"),
                "f1_per_word": row.mean(self.split, "words"),
                "training_seconds": row.seconds,
            }
            for row in self.ranked()
        ]
        return {**asdict(self), "versions": self.versions(), "rows": rows}


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _count(number: int) -> str:
    """``1_623_004`` -> ``1.62 M``; ``72_345`` -> ``72 k``; ``0`` -> ``0``."""
    if number >= 999_500:
        return f"{number / 1e6:.2f} M"
    return f"{number / 1e3:.0f} k" if number >= 1000 else str(number)


def _rounded(number: float) -> int:
    """To three digits: ``23_456.7`` -> ``23_500``."""
    whole = round(number)
    return round(whole, 3 - len(str(whole))) if whole >= 1000 else whole


def _epochs(row: Row) -> str:
    least, most = min(run.epochs for run in row.runs), max(run.epochs for run in row.runs)
    return _times(most, "epoch") if least == most else f"{least} to {most} epochs"


def _times(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
