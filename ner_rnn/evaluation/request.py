"""Settings of an evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ner_rnn.corpora.settings import DataConfig
from ner_rnn.evaluation.stress import Stress
from ner_rnn.model.settings import TrainerConfig

__all__ = ["Request"]

ROUNDS = 10_000


@dataclass(frozen=True)
class Request:
    """What to evaluate, and how.

    Attributes:
        models: folders of bundles, or NAME=FOLDER.
        predictions: column files of other systems, or NAME=FILE; files of one name are one system.
        data: annotated files, or NAME=FILE.
        stress: harder copies to make of each.
        swap_names: lists of names for ``swap``.
        train: training data, to tell seen names from unseen ones; None: each model's own, if it
            is still there.
        settings: how files are read.
        score_column: column of the scores in ``predictions``.
        seed: random seed.
        rounds: resamples.
        workers: processes that tag; None: one a core, at most one for each model and file.
        trainer: let Lightning start the processes that tag; None: see ``workers``.
        only_scores: leave out what only a report shows: intervals, and names seen in training.
        command: the command line, for the record.
    """

    models: Sequence[str] = ()
    predictions: Sequence[str] = ()
    data: Sequence[str] = ()
    stress: Sequence[Stress] = ()
    swap_names: Sequence[str] = ()
    train: str | None = None
    settings: DataConfig = field(default_factory=DataConfig)
    score_column: int | None = None
    seed: int = 1
    rounds: int = ROUNDS
    workers: int | None = None
    trainer: TrainerConfig | None = None
    only_scores: bool = False
    command: str = ""
