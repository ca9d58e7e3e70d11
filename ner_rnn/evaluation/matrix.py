"""Every model on every corpus: tags what is not kept from before, in several processes if asked.

What is found goes to ``predictions/`` of the report as each cell is done, with the checksum of all
that decided it, so that an interrupted run can go on (``--resume``). Nothing is scored here.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ner_rnn.corpora.settings import DataConfig
from ner_rnn.errors import UserError
from ner_rnn.evaluation.alignment import align, read_file_of_predictions, write_predictions
from ner_rnn.evaluation.corpora import Corpus
from ner_rnn.evaluation.counting import Found, Sentences
from ner_rnn.evaluation.systems import System
from ner_rnn.machine import cores
from ner_rnn.processes import in_order
from ner_rnn.text.files import checksum
from ner_rnn.text.writing import make_folder, write_whole
from ner_rnn.version import __version__

if TYPE_CHECKING:
    from ner_rnn.runtime.tagger import Tagger

__all__ = ["Outcome", "Store", "align_predictions", "tag_all"]

DIGITS = 6
"""Of a score, here and in the files, so that kept and new predictions are the same."""

_FORMAT = 1
_KEPT_COLUMNS = DataConfig(tag_column=3, scheme="IOB2", person_labels=("PER",))


@dataclass(frozen=True)
class Outcome:
    """What a system found in a corpus.

    Attributes:
        found: the predicted names of each sentence; None: see ``problem``.
        seconds: spent on tagging; None: read from a file.
        kept: from an earlier run.
        problem: why there is nothing, in one line.
    """

    found: Sentences | None
    seconds: float | None = None
    kept: bool = False
    problem: str | None = None


Cells = dict[tuple[str, str], Outcome]
"""By model and corpus."""
Progress = Callable[[int], None]
"""Told how many more words are done."""


class Store:
    """The predictions of a report on disk.

    Args:
        folder: ``predictions/`` of a report; made if it is not there.
        resume: take cells of an earlier run; False: its files are removed.

    Raises:
        FileError: the folder cannot be made.
    """

    def __init__(self, folder: Path, *, resume: bool) -> None:
        make_folder(folder)
        self._folder = folder
        self._index = folder / "cells.json"
        self._cells: dict[str, dict[str, Any]] = {}
        self._names: dict[str, tuple[str, str]] = {}
        held: dict[str, dict[str, Any]] = {}
        with suppress(OSError, ValueError, KeyError, TypeError):
            index = json.loads(self._index.read_text(encoding="utf-8"))
            if index["format"] == _FORMAT:
                held = dict(index["cells"])
        if resume:
            self._cells = held
        else:  # files of an earlier report would pass for some of this one
            for name in held:
                if name.endswith(".conll") and Path(name).name == name:
                    with suppress(OSError):
                        (folder / name).unlink()

    def file_name(self, system: System, corpus: Corpus) -> str:
        """``<model>__<corpus>.conll``, whatever stands in the names; distinct for distinct ones."""
        pair = system.name, corpus.name
        plain = [re.sub(r"[^\w.-]+", "-", name).strip("-.") or "_" for name in pair]
        name = "__".join(plain)
        if self._names.setdefault(name, pair) != pair:
            name += "-" + hashlib.sha256(repr(pair).encode()).hexdigest()[:8]
        return f"{name}.conll"

    def find(self, system: System, corpus: Corpus) -> Outcome | None:
        """A cell of an earlier run, if all that decides it is as it was and its file is whole."""
        name = self.file_name(system, corpus)
        entry, path = self._cells.get(name), self._folder / name
        if entry is None or entry.get("key") != _key(system, corpus) or not path.is_file():
            return None
        try:
            if checksum(path) != entry["sha256"]:
                return None
            file = read_file_of_predictions(str(path), _KEPT_COLUMNS, score_column=1)
            if align(file, corpus)[1] is not None:
                return None
            return Outcome(file.found, float(entry["seconds"]), kept=True)
        except (UserError, KeyError, TypeError, ValueError):
            return None  # as good as none: tagged anew

    def keep(self, system: System, corpus: Corpus, outcome: Outcome) -> None:
        """Write a cell down.

        Raises:
            FileError: it cannot be written.
        """
        if outcome.found is None:
            return
        name = self.file_name(system, corpus)
        write_predictions(self._folder / name, corpus, outcome.found)
        self._cells[name] = {
            "key": _key(system, corpus),
            "sha256": checksum(self._folder / name),
            "seconds": outcome.seconds,
        }
        held = {"format": _FORMAT, "cells": self._cells}
        write_whole(self._index, [json.dumps(held, ensure_ascii=False, indent=1)])


def align_predictions(
    systems: Sequence[System],
    corpora: Sequence[Corpus],
    data: DataConfig,
    score_column: int | None = None,
) -> tuple[Cells, list[str]]:
    """Give each file of predictions to the corpus that has its words.

    Returns:
        The cells of all these systems, and what is wrong with files that fit no corpus.
    """
    cells: Cells = {}
    problems: list[str] = []
    for system in systems:
        misfits: list[str] = []
        for path in system.files:
            try:
                file = read_file_of_predictions(path, data, score_column)
            except UserError as problem:
                misfits.append(str(problem))
                continue
            differences = {corpus.name: align(file, corpus) for corpus in corpora}
            for name, (_, difference) in differences.items():
                if difference is None:
                    cells[system.name, name] = Outcome(file.found)
            if all(difference for _, difference in differences.values()):
                misfits.append(max(differences.values())[1] or "")
        reason = "; ".join(misfits) or system.row["problem"] or "no predictions for its words"
        for corpus in corpora:
            cells.setdefault((system.name, corpus.name), Outcome(None, problem=reason))
        problems += misfits
    return cells, problems


def tag_all(
    models: Sequence[System],
    corpora: Sequence[Corpus],
    store: Store | None,
    *,
    workers: int = 1,
    on_progress: Progress = lambda words: None,
) -> Cells:
    """Let every model tag every corpus.

    Args:
        models: those with a problem are passed over.
        corpora: at least one.
        store: where cells are kept; None: nowhere.
        workers: processes; 1: this one. Of several, each has its share of the cores.
        on_progress: told the words done, a little at a time.

    Returns:
        A cell for each pair; its ``problem`` says what kept a model from tagging.

    Raises:
        FileError: a cell cannot be written.
    """
    cells: Cells = {}
    waiting: list[tuple[System, Corpus]] = []
    for model in models:
        for corpus in corpora:
            kept = store.find(model, corpus) if store and not model.row["problem"] else None
            if model.row["problem"] or kept:
                cells[model.name, corpus.name] = kept or Outcome(None, problem=model.row["problem"])
                on_progress(corpus.row["tokens"])
            else:
                waiting.append((model, corpus))
    workers = min(workers, len(waiting))
    make = partial(_Tagging, on_progress)
    if workers > 1:
        make = partial(_Tagging, threads=max(1, cores() // workers))
    tasks = (_Task.of(model, corpus) for model, corpus in waiting)
    with closing(in_order(make, tasks, workers)) as outcomes:
        for (model, corpus), outcome in zip(waiting, outcomes, strict=True):
            if workers > 1:  # a process of its own reports no progress
                on_progress(corpus.row["tokens"])
            cells[model.name, corpus.name] = outcome
            if store:
                store.keep(model, corpus, outcome)
    return cells


class _Task(NamedTuple):
    """A model and the text of a corpus, as they are sent to another process."""

    folder: str
    sha256: str | None
    tokens: Sequence[Sequence[str]]
    documents: Sequence[str]

    @classmethod
    def of(cls, model: System, corpus: Corpus) -> _Task:
        return cls(model.row["path"], model.row["sha256"], corpus.tokens, corpus.documents)


class _Tagging:
    """Tag corpora document by document, as ``ner-rnn tag`` does.

    Args:
        on_progress: called with the words of each document.
        threads: see ``Tagger.load``.
    """

    def __init__(
        self, on_progress: Progress = lambda words: None, threads: int | None = None
    ) -> None:
        self._on_progress, self._threads = on_progress, threads
        self._loaded: tuple[str, str | None, Tagger] | None = None

    def __call__(self, task: _Task) -> Outcome:
        from ner_rnn.runtime.documents import TokenizedText

        try:
            tagger = self._tagger(task.folder, task.sha256)
        except UserError as problem:
            return Outcome(None, problem=str(problem))
        pairs = groupby(zip(task.documents, task.tokens, strict=True), key=itemgetter(0))
        texts = (TokenizedText.join(words for _, words in group) for _, group in pairs)
        began = time.perf_counter()
        found: list[list[Found]] = []
        for document in tagger.pipe(texts):
            for _, names in document.named_sentences():
                found.append([Found(n.start, n.end, score=round(n.score, DIGITS)) for n in names])
            self._on_progress(document.words)
        return Outcome(found, round(time.perf_counter() - began, 3))

    def _tagger(self, folder: str, sha256: str | None) -> Tagger:
        """Load a model once for all its corpora; the checksum tells a new one in its folder."""
        from ner_rnn.runtime.tagger import Tagger

        if self._loaded is None or self._loaded[:2] != (folder, sha256):
            self._loaded = folder, sha256, Tagger.load(folder, threads=self._threads)
        return self._loaded[2]


def _key(system: System, corpus: Corpus) -> str:
    """Names all that decides a cell: this version, the model, and every word and gold name."""
    hasher = hashlib.sha256()
    hasher.update(json.dumps([_FORMAT, __version__, system.row["sha256"]]).encode())
    for row in zip(corpus.tokens, corpus.gold, corpus.documents, strict=True):
        hasher.update(json.dumps(row).encode())
    return hasher.hexdigest()
