"""Networks side by side: results of their trainings, their table and how to read it.

``comparison_charts.py`` draws the plots.
"""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ner_rnn.errors import counted
from ner_rnn.evaluation.report.drawing import write_plots
from ner_rnn.evaluation.schema import Figure
from ner_rnn.text.report_table import Column, Medium, Table, shown
from ner_rnn.text.templates import render
from ner_rnn.text.writing import write_whole

__all__ = ["Comparison", "Row", "Run", "write_report"]

FILES: tuple[Medium, ...] = ("markdown", "page")
"""Media with room for all columns."""


@dataclass(frozen=True)
class Run:
    """Results of one training."""

    seed: int
    scores: Mapping[str, Mapping[str, Any]]
    """By split, as in metrics.json."""
    seconds: Mapping[str, float]
    """``fit``: wall-clock; ``processor``: all threads; ``total``: the whole command."""
    epochs: int
    packages: Mapping[str, str]
    """Versions of packages used in training."""

    def f1(self, split: str, kind: str = "names") -> float | None:
        """Return F1 in percent; None where it is undefined, or there is no such split."""
        ratio = self.scores.get(split, {}).get(kind, {}).get("f1")
        return None if ratio is None else 100 * ratio


@dataclass(frozen=True)
class Row:
    """Results of a network over its seeds."""

    names: tuple[str, ...]
    """Names of all recipes that are this network."""
    runs: tuple[Run, ...]
    """At least one."""
    learned: int
    """Number of trained parameters."""
    fixed: int
    """Number of untrained parameters, which stay at their random initial values."""
    words_per_second: float
    one_pass: bool
    """True if it is trained by ridge regression, without epochs."""

    @property
    def name(self) -> str:
        """All names in one line."""
        return ", ".join(self.names)

    def f1s(self, split: str, kind: str = "names") -> list[float]:
        """Return F1 of each seed where it is defined, in percent."""
        return [f1 for run in self.runs if (f1 := run.f1(split, kind)) is not None]

    def mean(self, split: str, kind: str = "names") -> float | None:
        """Return mean F1 over seeds, in percent."""
        values = self.f1s(split, kind)
        return statistics.mean(values) if values else None

    def spread(self, split: str) -> float | None:
        """Return sample standard deviation of F1 over seeds, in points; None for a single seed."""
        values = self.f1s(split)
        return statistics.stdev(values) if len(values) > 1 else None

    @property
    def seconds(self) -> float:
        """Processor seconds of training, median over seeds."""
        return statistics.median(run.seconds["processor"] for run in self.runs)


@dataclass(frozen=True)
class Comparison:
    """All rows, and how they were measured."""

    rows: Sequence[Row]
    split: str
    """Split that is reported: ``test``, or ``dev`` where there is no test split."""
    data: Mapping[str, Mapping[str, Any]]
    """``sentences``, ``words`` and ``sha256`` of each split."""
    budget: Mapping[str, Any]
    """``epochs``, ``batch_tokens``, ``patience`` and ``seeds``."""
    settings: Mapping[str, str]
    """Further settings given for all, as typed."""
    failures: Mapping[str, str]
    """Error messages by training."""
    command: str
    date: str
    """ISO 8601, UTC."""
    machine: Mapping[str, Any]
    """``system``, ``processor``, ``cores``, and how many of those are ``usable`` here."""

    def ranked(self) -> list[Row]:
        """Return the rows, best F1 first; where it is undefined, last."""

        def place(row: Row) -> float:
            mean = row.mean(self.split)
            return math.inf if mean is None else -mean

        return sorted(self.rows, key=place)

    def table(self) -> Table[Row]:
        """Return the networks, best first."""

        def f1(row: Row) -> str | None:
            mean, spread = _points(row.mean(self.split)), row.spread(self.split)
            return mean if spread is None else f"{mean} ± {spread:.2f}"

        def each(row: Row) -> str:
            return ", ".join(shown(_points(run.f1(self.split))) for run in row.runs)

        def seconds(row: Row) -> str:
            return f"{row.seconds:.0f}" if row.seconds >= 10 else f"{row.seconds:.1f}"

        columns: list[Column[Row]] = [
            Column("network", lambda row: row.name, left=True),
            Column(f"{self.split} F1", f1, FILES),
            Column(f"{self.split} F1", f1, ("terminal",), strong=True),
            Column("each seed", each, FILES),
            Column("dev F1", lambda row: _points(row.mean("dev"))),
            Column("F1 per word", lambda row: _points(row.mean(self.split, "words"))),
            Column("learned", lambda row: _count(row.learned)),
            Column("fixed", lambda row: _count(row.fixed)),
            Column("training s", seconds),
            Column("words/s", lambda row: _rounded(row.words_per_second)),
            Column("learns in", _epochs, FILES, left=True, style="left"),
        ]
        return Table("Networks compared", columns, self.ranked())

    def remarks(self) -> list[str]:
        """Return what a reader must know to read the table, in sentences."""
        return render("comparison_remarks.txt", comparison=self).splitlines()

    def mixed_versions(self) -> list[str]:
        """Return the packages of which more than one version was used."""
        return [name for name, known in self.versions().items() if len(known) > 1]

    def versions(self) -> dict[str, list[str]]:
        """Return all versions of each package that were used in training."""
        known: dict[str, set[str]] = {}
        for row in self.rows:
            for run in row.runs:
                for name, version in run.packages.items():
                    known.setdefault(name, set()).add(version)
        return {name: sorted(versions) for name, versions in known.items()}

    def provenance(self) -> list[str]:
        """Return command, date, machine, data and versions, a line each."""
        lines = [f"command: {self.command}", f"date: {self.date}"]
        cores, usable = self.machine["cores"], self.machine["usable"]
        held = f" ({usable} of them for this process)" if usable != cores else ""
        lines.append(
            f"machine: {counted(cores, 'core')}{held}, {self.machine['processor']}, "
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
        """Return everything; ratios from 0 to 1, as in metrics.json, summaries in percent."""
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


def write_report(comparison: Comparison, figures: Sequence[Figure], to: Path) -> None:
    """Write report.json, report.md, report.html and the plots.

    Args:
        comparison: what to report.
        figures: plots.
        to: an existing folder.

    Raises:
        FileError: a file cannot be written.
    """
    write_plots(figures, to)
    for name in ("report.html", "report.md"):
        template = name.replace("report", "comparison")
        text = render(template, comparison=comparison, figures=figures)
        write_whole(to / name, text.encode("utf-8", "replace"))
    known = json.dumps(comparison.to_json(), ensure_ascii=False, indent=2)
    write_whole(to / "report.json", known + "\n")


def _points(value: float | None) -> str | None:
    return None if value is None else f"{value:.2f}"


def _count(number: int) -> str:
    """Return a number in short: ``1_623_004`` -> ``1.62 M``; ``72_345`` -> ``72 k``."""
    if number >= 999_500:
        return f"{number / 1e6:.2f} M"
    return f"{number / 1e3:.0f} k" if number >= 1000 else str(number)


def _rounded(number: float) -> int:
    """Return a number rounded to three digits: ``23_456.7`` -> ``23_500``."""
    whole = round(number)
    return round(whole, 3 - len(str(whole))) if whole >= 1000 else whole


def _epochs(row: Row) -> str:
    if row.one_pass:
        return "one pass"
    least, most = min(run.epochs for run in row.runs), max(run.epochs for run in row.runs)
    return counted(most, "epoch") if least == most else f"{least} to {most} epochs"
