"""Totals of each system over corpora and by kind of text, and comparisons of systems in pairs."""

from __future__ import annotations

import statistics as means
from collections.abc import Mapping, Sequence
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from ner_rnn.corpora.corpus import PERSON
from ner_rnn.evaluation.build import RATIOS, Scored
from ner_rnn.evaluation.corpora import EvaluationSet
from ner_rnn.evaluation.counting import Names, Sentences, score_row
from ner_rnn.evaluation.schema import (
    CellRow,
    ComparisonRow,
    IntervalScoreRow,
    KindRow,
    Ratio,
    ScoreRow,
    Stress,
    TotalRow,
)
from ner_rnn.evaluation.statistics import difference_interval, mean_interval, randomisation
from ner_rnn.evaluation.systems import System

__all__ = ["SIGNIFICANT", "compare_all", "kind_rows", "lowest", "total_rows"]

SIGNIFICANT = 0.05


def compare_all(scored: Scored, rounds: int, seed: int) -> list[ComparisonRow]:
    """Compare every pair of systems on one corpus."""
    rows: list[ComparisonRow] = []
    for a, b in combinations(scored.found, 2):
        f1_a, f1_b = (score_row(*scored.by_unit[name][:, :3].sum(axis=0))["f1"] for name in (a, b))
        difference = None if f1_a is None or f1_b is None else f1_b - f1_a
        p = randomisation(scored.by_unit[a][:, :3], scored.by_unit[b][:, :3], rounds, seed)
        better = None
        if p is not None and p < SIGNIFICANT and difference:
            better = b if difference > 0 else a
        fixes, breaks = _changes(scored.corpus.spans, scored.found[a], scored.found[b])
        rows.append(
            {
                "a": a,
                "b": b,
                "corpus": scored.corpus.name,
                "difference": difference,
                "interval": difference_interval(scored.sampled[a][:, :3], scored.sampled[b][:, :3])
                if scored.corpus.units.max(initial=0) > 0
                else None,
                "p": p,
                "better": better,
                "fixes": fixes,
                "breaks": breaks,
            }
        )
    return rows


def total_rows(
    systems: Sequence[System], corpora: Sequence[EvaluationSet], cells: Sequence[CellRow]
) -> list[TotalRow]:
    """Add up each system over the corpora as they are, and over stressed copies of each kind."""
    kinds = list(dict.fromkeys(corpus.row["stress"] for corpus in corpora))
    stress = {corpus.name: corpus.row["stress"] for corpus in corpora}
    rows: list[TotalRow] = []
    for kind in kinds:
        for system in systems:
            mine = [
                cell
                for cell in cells
                if cell["model"] == system.name
                and cell["skipped"] is None
                and stress[cell["corpus"]] == kind
            ]
            if not mine:
                continue
            names, words = [cell["names"] for cell in mine], [cell["words"] for cell in mine]
            rows.append(
                {
                    "model": system.name,
                    "stress": kind,
                    "corpora": [cell["corpus"] for cell in mine],
                    "micro": {"names": _micro(names), "words": _micro(words)},
                    "macro": {"names": _macro(names), "words": _macro(words)},
                }
            )
    return rows


def kind_rows(
    systems: Sequence[System],
    corpora: Sequence[EvaluationSet],
    cells: Sequence[CellRow],
    samples: Mapping[tuple[str, str], NDArray[np.float64]],
    seed: int,
) -> list[KindRow]:
    """Take the mean F1 of each system over each kind of text, and over all kinds.

    Args:
        systems: in the order of the report.
        corpora: those that were read, with their stressed copies.
        cells: of all of them.
        samples: F1 of resamples by system and corpus; empty for no intervals of means.
        seed: of the intervals.
    """
    known = {(cell["model"], cell["corpus"]): cell for cell in cells}
    stresses = list(dict.fromkeys(corpus.row["stress"] for corpus in corpora))
    rows = []
    for kind, stress, system in product(
        [*dict.fromkeys(corpus.row["kind"] for corpus in corpora), None], stresses, systems
    ):
        within: dict[str, list[CellRow]] = {}
        for corpus in corpora:
            row = corpus.row
            if row["stress"] == stress and row["names"] and kind in (None, row["kind"]):
                within.setdefault(row["kind"], []).append(known[system.name, corpus.name])
        rows.append(_kind_row(kind, system.name, stress, list(within.values()), samples, seed))
    return rows


def _kind_row(
    kind: str | None,
    model: str,
    stress: Stress | None,
    within: Sequence[Sequence[CellRow]],
    samples: Mapping[tuple[str, str], NDArray[np.float64]],
    seed: int,
) -> KindRow:
    """Take means of means: over the cells of each kind, then over the kinds."""
    cells = [cell for of_kind in within for cell in of_kind]
    scored = [cell for cell in cells if cell["skipped"] is None]
    f1: dict[str, float] = {
        cell["corpus"]: value for cell in scored if (value := cell["names"]["f1"]) is not None
    }
    row: KindRow = {
        "kind": kind, "model": model, "stress": stress,
        "corpora": [cell["corpus"] for cell in cells], "f1": None, "interval": None,
    }  # fmt: skip
    if not cells or len(f1) < len(cells):
        return row
    row["f1"] = means.fmean(means.fmean(f1[c["corpus"]] for c in of_kind) for of_kind in within)
    drawn = [
        [samples[model, c["corpus"]] for c in of_kind if (model, c["corpus"]) in samples]
        for of_kind in within
    ]
    if len(cells) == 1:
        row["interval"] = scored[0]["names"]["interval"]["f1"]
    elif sum(map(len, drawn)) == len(cells):
        weights = [1 / len(of_kind) / len(within) for of_kind in within for _ in of_kind]
        row["interval"] = mean_interval([one for some in drawn for one in some], weights, seed)
    return row


def lowest(kinds: Sequence[KindRow]) -> KindRow | None:
    """Return the row of the lowest F1, the first of several; None where there are not two."""
    rows = [row for row in kinds if row["kind"] is not None and row["f1"] is not None]
    return min(rows, key=lambda row: row["f1"] or 0.0) if len(rows) > 1 else None


def _changes(gold: Sequence[Names], a: Sentences, b: Sentences) -> tuple[int, int]:
    """Count errors of a that b does not make, and errors of b that a does not make."""
    fixes = breaks = 0
    for wanted, left, right in zip(gold, a, b, strict=True):
        if left or right:
            errors_a, errors_b = (_persons(wanted) ^ _persons(side) for side in (left, right))
            fixes += len(errors_a - errors_b)
            breaks += len(errors_b - errors_a)
    return fixes, breaks


def _persons(names: Names) -> set[tuple[int, int]]:
    return {(name.start, name.end) for name in names if name.label == PERSON}


def _micro(rows: Sequence[IntervalScoreRow]) -> ScoreRow:
    counts = [(row["support"], row["predicted"], row["correct"]) for row in rows]
    return score_row(*map(sum, zip(*counts, strict=True)))


def _macro(rows: Sequence[IntervalScoreRow]) -> dict[Ratio, float | None]:
    defined = {
        ratio: [value for row in rows if (value := row[ratio]) is not None] for ratio in RATIOS
    }
    return {ratio: means.fmean(values) if values else None for ratio, values in defined.items()}
