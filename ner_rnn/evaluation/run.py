"""A whole evaluation: models and files in, a report and the sentences of its browser out.

    evaluate_all(Request(models=["runs/a", "runs/b"], data=["eng.testb"]))
 -> Made(report={...}, sentences=[...], problems=[])

What cannot be read among many is reported as a problem, and the rest goes on. Prints nothing; the
folder of a report is written by ``folder.py``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ner_rnn.corpora.read import read
from ner_rnn.errors import ConfigError, Setting, UserError
from ner_rnn.evaluation.build import Scored, score_cell, sentence_rows
from ner_rnn.evaluation.corpora import EvaluationSet, empty_row, read_set
from ner_rnn.evaluation.learned import Learned
from ner_rnn.evaluation.matrix import Cells, align_predictions, tag_all
from ner_rnn.evaluation.request import Request, provenance
from ner_rnn.evaluation.schema import (
    FORMAT,
    CellRow,
    ComparisonRow,
    CorpusRow,
    Report,
    SentenceRow,
)
from ner_rnn.evaluation.statistics import f1_samples
from ner_rnn.evaluation.store import Store
from ner_rnn.evaluation.stress import NameLists, no_names, read_names, stressed
from ner_rnn.evaluation.systems import (
    System,
    describe_predictions,
    name_all,
    name_corpora,
    read_model,
    split_name,
)
from ner_rnn.evaluation.totals import compare_all, kind_rows, total_rows
from ner_rnn.evaluation.verdicts import verdicts

__all__ = ["Made", "evaluate_all"]


Progress = Callable[[str, int, int], None]
"""Called with what is done now, how much of it is done, and out of how much."""
Samples = dict[tuple[str, str], NDArray[np.float64]]
"""F1 of resamples, by model and corpus."""


@dataclass(frozen=True)
class Made:
    """A finished evaluation.

    Attributes:
        report: the content of report.json.
        sentences: those that the browser of the page shows.
        problems: what could not be used.
    """

    report: Report
    sentences: Sequence[SentenceRow]
    problems: Sequence[UserError]


def evaluate_all(
    request: Request,
    *,
    predictions_folder: Path | None = None,
    resume: bool = False,
    on_progress: Progress = lambda what, done, total: None,
) -> Made | None:
    """Evaluate every system on every corpus.

    Args:
        request: what to evaluate, and how.
        predictions_folder: where predictions are written; None: nowhere.
        resume: take from there what an earlier run left.
        on_progress: called as work is done.

    Returns:
        The report; None on every process but the first where Lightning started several
        (``request.trainer``).

    Raises:
        UserError: a setting is wrong, or there is no usable system or no usable corpus.
    """
    began = time.monotonic()
    if not request.models and not request.predictions:
        raise ConfigError(
            "nothing is given to score", do="give {models} FOLDER or {predictions} FILE"
        )
    if request.trainer is not None and not request.models:
        raise ConfigError(
            "settings of the trainer share out the work of models, and no model is given: leave "
            "them out"
        )
    learned: Learned | str | None = "not looked up" if request.only_scores else None
    checksums: dict[str, str] = {}
    if request.train:
        training = read(request.train, request.settings)
        checksums[request.train] = training.sha256
        learned = Learned.of(training)
    lists = _read_names(request)
    if lists is not None:
        checksums.update(lists.checksums)
    corpora, rows, problems = _read_corpora(request, lists)
    systems = _read_systems(request, learned)
    unusable = [ConfigError(system.row["problem"]) for system in systems if system.row["problem"]]
    if len(unusable) == len(systems):
        raise unusable[0]
    problems += unusable
    others = [system for system in systems if system.row["kind"] == "predictions"]
    cells, misfits = align_predictions(others, corpora, request.settings, request.score_column)
    problems += misfits
    if others == systems and misfits and all(cell.found is None for cell in cells.values()):
        raise misfits[0]
    store = Store(predictions_folder, resume=resume) if predictions_folder else None
    tags = _tag(request, systems, corpora, store, on_progress)
    if tags is None:
        return None
    cells |= tags
    if store:
        for system, corpus in product(others, corpora):
            store.keep(system, corpus, cells[system.name, corpus.name])
    new = dict.fromkeys(outcome.problem for outcome in tags.values() if outcome.problem)
    known = set(map(str, problems))
    problems += [UserError(problem) for problem in new if problem not in known]
    scored, comparisons, sentences, samples = _score(
        request, systems, corpora, rows, cells, on_progress
    )
    kinds = kind_rows(systems, corpora, scored, samples, request.seed)
    report: Report = {
        "format": FORMAT,
        "provenance": provenance(request, checksums, time.monotonic() - began),
        "models": [system.row for system in systems],
        "corpora": rows,
        "cells": scored,
        "totals": total_rows(systems, corpora, scored),
        "kinds": kinds,
        "comparisons": comparisons,
        "verdicts": verdicts(rows, scored, kinds, comparisons),
    }
    return Made(report, sentences, problems)


def _read_names(request: Request) -> NameLists | None:
    if "swap" in request.stress and not request.swap_names:
        raise no_names()
    if request.swap_names and "swap" not in request.stress:
        raise ConfigError(
            "names are given, but none is replaced",
            where=Setting("swap_names"),
            do="give {stress} swap too, or neither",
        )
    return read_names(request.swap_names) if request.swap_names else None


def _read_corpora(
    request: Request, lists: NameLists | None
) -> tuple[list[EvaluationSet], list[CorpusRow], list[UserError]]:
    """Read the corpora; return those usable with stressed copies, rows of all, and problems."""
    if not request.data:
        raise ConfigError("no annotated file is given", do="give {data} FILE")
    corpora: list[EvaluationSet] = []
    rows: list[CorpusRow] = []
    problems: list[UserError] = []
    for text, name, path in name_corpora(request.data):
        try:
            corpus = read_set(path, name, request.settings, text)
        except UserError as problem:
            problems.append(problem)
            rows.append(empty_row(name, path, str(problem), text))
            continue
        twin = next((one for one in corpora if one.row["sha256"] == corpus.row["sha256"]), None)
        if twin is not None:
            corpus.row["notes"].append(f"the same bytes as {twin.name}: totals count them twice")
        corpora.append(corpus)
        rows.append(corpus.row)
    if not corpora:
        raise problems[0]
    for kind in request.stress:
        for corpus in [one for one in corpora if one.row["stress"] is None]:
            try:
                copy = stressed(corpus, kind, lists, request.seed)
            except UserError as problem:
                problems.append(problem)
                continue
            corpora.append(copy)
            rows.append(copy.row)
    return corpora, rows, problems


def _read_systems(request: Request, learned: Learned | str | None) -> list[System]:
    """Read models, then describe other systems, each under a name of its own."""
    files: dict[str, list[str]] = {}
    systems = []
    for text in request.predictions:  # files of one name are one system
        name, path = split_name(text)
        files.setdefault(name or text, []).append(path)
        if len(files[name or text]) == 1 or not name:
            systems.append(text)
    named = name_all([*request.models, *systems])
    count = len(request.models)
    models = [read_model(path, name, learned) for name, path in named[:count]]
    others = [
        describe_predictions(files.get(name, [path]), name, learned) for name, path in named[count:]
    ]
    return [*models, *others]


def _tag(
    request: Request,
    systems: Sequence[System],
    corpora: Sequence[EvaluationSet],
    store: Store | None,
    on_progress: Progress,
) -> Cells | None:
    """Let the models among the systems tag all corpora, as ``tag_all`` does.

    A copy that has the words of its corpus is not tagged again.
    """
    models = [system for system in systems if system.row["kind"] == "model"]
    words = {corpus.name: corpus.tokens for corpus in corpora}
    same = {
        corpus.name: base
        for corpus in corpora
        if (base := corpus.row["base"]) and words[base] == corpus.tokens
    }
    distinct = [corpus for corpus in corpora if corpus.name not in same]
    total = len(models) * sum(corpus.row["tokens"] for corpus in distinct)
    done = 0

    def tagged(words: int) -> None:
        nonlocal done
        done += words
        on_progress("tagging", done, total)

    cells = tag_all(
        models,
        distinct,
        store,
        workers=request.workers,
        trainer=request.trainer,
        candidates=not request.only_scores,
        on_progress=tagged,
    )
    if cells is None:
        return None
    for model, corpus in product(models, corpora):
        if corpus.name in same:
            outcome = cells[model.name, corpus.name] = cells[model.name, same[corpus.name]]
            if store:
                store.keep(model, corpus, outcome)
    return cells


def _score(
    request: Request,
    systems: Sequence[System],
    corpora: Sequence[EvaluationSet],
    rows: Sequence[CorpusRow],
    cells: Cells,
    on_progress: Progress,
) -> tuple[list[CellRow], list[ComparisonRow], list[SentenceRow], Samples]:
    """Score all cells; return them model by model, with comparisons, sentences and samples."""
    known = next((s.learned for s in systems if isinstance(s.learned, Learned)), None)
    by_corpus: list[list[CellRow]] = []
    comparisons: list[ComparisonRow] = []
    sentences: list[SentenceRow] = []
    samples: Samples = {}
    usable = {corpus.name: corpus for corpus in corpora}
    for number, row in enumerate(rows):
        name = row["name"]
        on_progress("scoring", number, len(rows))
        if name not in usable:
            by_corpus.append(
                [{"model": one.name, "corpus": name, "skipped": row["problem"]} for one in systems]
            )
            continue
        scored = Scored(usable[name], {one.name: cells[one.name, name] for one in systems})
        if not request.only_scores:
            scored.sample(request.rounds, request.seed)
            if scored.corpus.units.max(initial=0) > 0:
                for system, sampled in scored.sampled.items():
                    samples[system, name] = f1_samples(sampled[:, :3])
        by_corpus.append([score_cell(scored, system) for system in systems])
        comparisons += compare_all(scored, request.rounds, request.seed)
        sentences += sentence_rows(scored, known)
    on_progress("scoring", len(rows), len(rows))
    in_order = [cell for of_system in zip(*by_corpus, strict=True) for cell in of_system]
    return in_order, comparisons, sentences, samples
