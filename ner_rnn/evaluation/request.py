"""Settings of an evaluation, and its provenance: what is needed to make the report again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ner_rnn.corpora.settings import DataConfig
from ner_rnn.evaluation.schema import Provenance, Stress
from ner_rnn.machine import cores, machine, timestamp, versions
from ner_rnn.model.settings import TrainerConfig

__all__ = ["Request", "provenance"]

ROUNDS = 10_000
PACKAGES = ("ner-rnn", "numpy", "torch", "seqeval", "matplotlib")
READING = ("person_labels", "token_column", "tag_column", "scheme", "encoding")


@dataclass(frozen=True)
class Request:
    """Settings of an evaluation.

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


def provenance(request: Request, checksums: Mapping[str, str], seconds: float) -> Provenance:
    """Record where a report comes from.

    ``checksums`` are the SHA-256 of the files that were read beside models and corpora, taken as
    they were read.
    """
    settings: dict[str, Any] = {
        f"data.{name}": list(value) if isinstance(value, tuple) else value
        for name, value in asdict(request.settings).items()
        if name in READING
    }
    return {
        "command": request.command,
        "date": timestamp(),
        "versions": versions(*PACKAGES),
        "machine": machine(),
        "seconds": round(seconds, 1),
        "seed": request.seed,
        "resamples": request.rounds,
        "settings": {
            **settings,
            "stress": list(request.stress),
            "swap_names": {path: checksums[path] for path in request.swap_names},
            "train": {request.train: checksums[request.train]} if request.train else None,
            "workers": request.workers or cores(),
        },
    }
