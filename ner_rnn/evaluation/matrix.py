"""Predictions of every system for every corpus: read from files, or tagged in several processes.

Corpora are shared out to processes in runs of whole documents, and a model tags a document as
``ner-rnn tag`` does, so any number of processes finds the same names. Nothing is scored here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from functools import lru_cache
from itertools import groupby, product
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from threadpoolctl import threadpool_limits

from ner_rnn.corpora.settings import DataConfig
from ner_rnn.errors import UserError
from ner_rnn.evaluation.alignment import align, read_predictions
from ner_rnn.evaluation.corpora import EvaluationSet
from ner_rnn.evaluation.counting import Found
from ner_rnn.evaluation.store import Outcome, Store
from ner_rnn.evaluation.systems import System
from ner_rnn.machine import cores
from ner_rnn.model.loader import read_tagger
from ner_rnn.model.settings import TrainerConfig
from ner_rnn.processes import in_order
from ner_rnn.training.recall_curve import CURVE_SCORE

if TYPE_CHECKING:
    from ner_rnn.runtime.load import Device

__all__ = ["Cells", "align_predictions", "tag_all"]

DIGITS = 6
"""Decimals of a score, here and in the files, so that kept and new predictions are the same."""
SHARE = 32_768
"""Words that a process gets at a time; a longer document goes to one process whole."""

Cells = dict[tuple[str, str], Outcome]
"""By model and corpus."""
Progress = Callable[[int], None]
"""Called with the number of further words that are done."""


def align_predictions(
    systems: Sequence[System],
    corpora: Sequence[EvaluationSet],
    data: DataConfig,
    score_column: int | None = None,
) -> tuple[Cells, list[UserError]]:
    """Give each file of predictions to the corpus that has its words.

    Returns:
        The cells of all these systems, and what is wrong with files that fit no corpus.
    """
    cells: Cells = {}
    problems: list[UserError] = []
    for system in systems:
        misfits: list[UserError] = []
        for path in system.files:
            try:
                text, found = read_predictions(path, data, score_column)
            except UserError as problem:
                misfits.append(problem)
                continue
            differences = {corpus.name: align(text, corpus) for corpus in corpora}
            for name, (_, difference) in differences.items():
                if difference is None:
                    cells[system.name, name] = Outcome(found)
            if all(difference for _, difference in differences.values()):
                misfits.append(UserError(max(differences.values())[1] or ""))
        reason = (
            "; ".join(map(str, misfits)) or system.row["problem"] or "no predictions for its words"
        )
        for corpus in corpora:
            cells.setdefault((system.name, corpus.name), Outcome(None, problem=reason))
        problems += misfits
    return cells, problems


def tag_all(
    models: Sequence[System],
    corpora: Sequence[EvaluationSet],
    store: Store | None,
    *,
    workers: int | None = None,
    trainer: TrainerConfig | None = None,
    candidates: bool = False,
    on_progress: Progress = lambda words: None,
) -> Cells | None:
    """Let every model tag every corpus.

    Args:
        models: those with a problem are passed over.
        corpora: at least one.
        store: where cells are kept; None: nowhere.
        workers: processes; 1: this one; None: one a core, as long as each has a cell of its own.
        trainer: let Lightning start the processes, on the devices that are set there; None: see
            ``workers``.
        candidates: look for names off the best path as well.
        on_progress: called as words are done.

    Returns:
        A cell for each pair; its ``problem`` says what kept a model from tagging. None on every
        process of Lightning's but the first.

    Raises:
        FileError: a cell cannot be written.
        ConfigError: Lightning cannot start such processes.
    """
    cells: Cells = {}
    waiting: list[tuple[System, EvaluationSet, list[_Task]]] = []
    for model, corpus in product(models, corpora):
        if problem := model.row["problem"]:
            known: Outcome | None = Outcome(None, problem=problem)
        else:
            known = store.find(model, corpus) if store else None
            if known and candidates and known.candidates is None:
                known = None
        if known:
            cells[model.name, corpus.name] = known
            on_progress(corpus.row["tokens"])
        else:
            waiting.append((model, corpus, _share_out(model, corpus, candidates)))
    tasks = [task for _, _, shares in waiting for task in shares]
    answers: Generator[Outcome, None, None]
    if trainer is None:
        workers = min(cores(), len(waiting)) if workers is None else min(workers, len(tasks))
        answers = in_order(_Tagging, tasks, workers)
    else:
        from ner_rnn.training.distributed import distribute

        results = distribute(_Tagging, tasks, trainer)
        if results is None:
            return None
        answers = (result for result in results)
    with closing(answers):
        for model, corpus, shares in waiting:
            parts = []
            for task, part in zip(shares, answers, strict=False):
                parts.append(part)
                on_progress(task.words)
            outcome = cells[model.name, corpus.name] = _joined(parts)
            if store:
                store.keep(model, corpus, outcome)
    return cells


class _Task(NamedTuple):
    """Documents of a corpus for a model to tag, as they are sent to another process."""

    folder: str
    documents: list[list[Sequence[str]]]
    candidates: bool

    @property
    def words(self) -> int:
        """Number of words in the documents."""
        return sum(len(sentence) for document in self.documents for sentence in document)


class _Tagging:
    """Tags documents.

    On one thread and by a network that remembers no word of other tasks, so that the network sees
    the same words together in any number of processes, and scores agree to the last digit.

    Args:
        device: see ``Tagger.load``.
    """

    def __init__(self, device: Device = "auto") -> None:
        self._device = device
        self._read = lru_cache(maxsize=1)(read_tagger)  # once for all corpora of a model

    def __call__(self, task: _Task) -> Outcome:
        from ner_rnn.runtime.documents import TokenizedText
        from ner_rnn.runtime.load import load_network
        from ner_rnn.runtime.tagger import Tagger

        try:
            network = load_network(self._read(task.folder), device=self._device)
        except UserError as problem:
            return Outcome(None, problem=str(problem))
        tagger = Tagger(network, threads=1)

        def find(min_score: float) -> list[list[Found]]:
            texts = map(TokenizedText.join, task.documents)
            return [
                [Found(n.start, n.end, score=round(n.score, DIGITS)) for n in names]
                for document in tagger.pipe(texts, min_score=min_score)
                for _, names in document.named_sentences()
            ]

        with threadpool_limits(1):
            began = time.perf_counter()
            found = find(0.0)
            seconds = time.perf_counter() - began
            return Outcome(
                found, seconds, candidates=find(CURVE_SCORE) if task.candidates else None
            )


def _share_out(model: System, corpus: EvaluationSet, candidates: bool) -> list[_Task]:
    """Cut a corpus into runs of whole documents."""
    tasks: list[_Task] = []
    words = SHARE
    pairs = zip(corpus.documents, corpus.tokens, strict=True)
    for _, rows in groupby(pairs, key=itemgetter(0)):
        document = [sentence for _, sentence in rows]
        if words >= SHARE:
            tasks.append(_Task(model.row["path"], [], candidates))
            words = 0
        tasks[-1].documents.append(document)
        words += sum(map(len, document))
    return tasks


def _joined(parts: Sequence[Outcome]) -> Outcome:
    """Return the outcome for a corpus from those for its shares, in order."""
    found: list[Sequence[Found]] = []
    candidates: list[Sequence[Found]] = []
    for part in parts:
        if part.found is None:
            return part
        found += part.found
        candidates += part.candidates or ()
    seconds = round(sum(part.seconds or 0.0 for part in parts), 3)
    return Outcome(found, seconds, candidates=candidates or None)
