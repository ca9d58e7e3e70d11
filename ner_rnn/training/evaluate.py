"""Scores of a model on annotated files, over any number of processes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ner_rnn.corpora.corpus import load_split
from ner_rnn.corpora.settings import DataConfig
from ner_rnn.model.bundle import read_bundle
from ner_rnn.model.settings import TrainerConfig
from ner_rnn.nn.assembly import load_tagger
from ner_rnn.training.data_module import Gold, TaggingData
from ner_rnn.training.module import TaggerModule
from ner_rnn.training.scoring import Scores
from ner_rnn.training.states import remember_all
from ner_rnn.training.trainer import build_trainer, quiet

__all__ = ["evaluate"]


def evaluate(
    model: Path,
    files: Sequence[str],
    *,
    data: DataConfig | None = None,
    trainer: TrainerConfig | None = None,
    on_notice: Callable[[str], None] = print,
) -> Mapping[str, Scores] | None:
    """Tag annotated files and score the answers.

    Args:
        model: folder of a bundle.
        files: column files; scored each for itself.
        data: how to read them; default: as written in ``DataConfig``.
        trainer: on what machine; default: one process on the CPU.
        on_notice: told what a user should know.

    Returns:
        Scores by file; None on every process but the first.

    Raises:
        UserError: the model or a file cannot be used.
    """
    tagger, vocabulary = load_tagger(read_bundle(model))
    golds: dict[str, Gold] = {}
    for file in files:
        gold = Gold.of(load_split(file, replace(data or DataConfig(), train=None)))
        if "PER" not in gold.labels():
            on_notice(f"{file} holds no person name: its recall and F1 say nothing")
        golds[str(file)] = gold
    batches = TaggingData(vocabulary, train=None, scored=golds)
    remember_all(tagger, batches.encoded, data.cache if data else None, on_notice)
    module = TaggerModule(tagger, golds)
    with quiet():
        machine = build_trainer(trainer or TrainerConfig(), callbacks=[])
        machine.test(module, datamodule=batches, verbose=False)
    return None if machine.global_rank else module.scores
