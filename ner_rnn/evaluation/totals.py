"""Totals of each system over corpora, and comparisons of systems in pairs."""

from __future__ import annotations

import statistics as means
from collections.abc import Sequence
from itertools import combinations

from ner_rnn.corpora.corpus import PERSON
from ner_rnn.evaluation.build import RATIOS, Scored
from ner_rnn.evaluation.corpora import EvaluationSet
from ner_rnn.evaluation.counting import Names, Sentences, score_row
from ner_rnn.evaluation.schema import (
    CellRow,
    ComparisonRow,
    IntervalScoreRow,
    Ratio,
    ScoreRow,
    TotalRow,
)
from ner_rnn.evaluation.statistics import difference_interval, randomisation
from ner_rnn.evaluation.systems import System

__all__ = ["SIGNIFICANT", "compare_all", "total_rows"]

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
