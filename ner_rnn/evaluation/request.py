"""What can be asked of an evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ner_rnn.corpora.settings import DataConfig
from ner_rnn.evaluation.stress import Stress

__all__ = ["Request"]

ROUNDS = 10_000


@dataclass(frozen=True)
class Request:
    """What is to be evaluated.

    Attributes:
        models: folders of bundles, or NAME=FOLDER.
        predictions: column files of other systems, or NAME=FILE; files of one name are one system.
        data: annotated files, or NAME=FILE.
        stress: harder copies to make of each.
        swap_names: lists of names for ``swap``.
        train: training data, to part seen names from unseen; None: each model's own, if it is
            still there.
        settings: how files are read.
        score_column: of ``predictions``.
        seed: of all chance.
        rounds: of resampling.
        workers: processes that tag.
        command: for the record.
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
    workers: int = 1
    command: str = ""
