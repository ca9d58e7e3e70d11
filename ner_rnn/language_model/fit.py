"""From text to a language model on disk: read, build, learn, write.

The run's folder holds the bundle and what ``training/run.py`` keeps. Several processes may run
this at once; the first writes.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from pytorch_lightning.utilities import rank_zero_only

from ner_rnn.encoding.symbols import Ids
from ner_rnn.language_model.batches import LanguageData
from ner_rnn.language_model.module import LanguageModule
from ner_rnn.language_model.progress import Samples
from ner_rnn.language_model.texts import Lines, load
from ner_rnn.model.contents import language_model_shapes
from ner_rnn.model.language_model import Settings
from ner_rnn.nn.language_model_files import Loaded, build_model, write_language_model
from ner_rnn.training.demand import check_memory
from ner_rnn.training.run import Notice, Run
from ner_rnn.training.trainer import quiet

__all__ = ["Trained", "train"]


@dataclass(frozen=True)
class Trained:
    """Result of a run.

    Attributes:
        bits_a_symbol: cross-entropy of the held-out text.
        perplexity: perplexity of the held-out text.
        seconds: wall time of the whole run.
    """

    bits_a_symbol: float
    perplexity: float
    seconds: float


def train(
    files: Sequence[str],
    settings: Settings,
    output: Path,
    *,
    encoding: str = "utf-8",
    resume: bool = False,
    on_notice: Notice = print,
) -> Trained | None:
    """Train a language model and write its bundle.

    Args:
        files: training files.
        settings: of the run.
        output: folder of the run, made if it does not exist.
        encoding: of the files.
        resume: continue from the checkpoint of a run that was stopped.
        on_notice: called with notes for the user, a line at a time.

    Returns:
        The result; None on every process but the first.

    Raises:
        UserError: something in the text, settings or folder that the user can put right.
        KeyboardInterrupt: a signal stopped the run; a checkpoint is in the folder.
    """
    began = time.monotonic()
    on_notice = rank_zero_only(on_notice)  # of several processes, one reports
    corpus = load(files, settings, encoding=encoding)
    pl.seed_everything(settings.seed, verbose=False)
    shapes = language_model_shapes(settings, corpus.symbols)
    check_memory(settings, shapes, optimizer=settings.optimizer)
    model = build_model(settings, corpus.symbols)
    ids = corpus.train.flat if isinstance(corpus.train, Lines) else corpus.train
    model.start_from(torch.from_numpy(np.bincount(ids, minlength=len(corpus.symbols))))
    module = LanguageModule(model, settings)
    data = LanguageData(corpus, settings)
    with quiet():
        run = Run(
            output,
            settings.trainer(),
            [Samples(module, corpus.symbols, on_notice)],
            monitor="dev_bits",
            mode="min",
            resume=resume,
            on_notice=on_notice,
        )
        trainer = run.trainer
        trainer.fit_loop.max_epochs = data.epochs(trainer.world_size)
        run.start(module, corpus.remarks)
        on_notice(_describe(corpus.train, len(corpus.symbols.known), settings))
        with run.timed():
            run.fit(module, data)
        trainer.validate(module, datamodule=data, verbose=False)
    if trainer.global_rank:
        return None
    bits = float(trainer.callback_metrics["dev_bits"])
    scores = {"bits_a_symbol": bits, "nats_a_symbol": bits * math.log(2), "perplexity": 2**bits}
    seconds = time.monotonic() - began
    metrics: dict[str, Any] = {
        "scores": {"dev": scores},
        "data": corpus.checksums,
        "notes": corpus.remarks,
        **run.record(seconds),
        "steps": trainer.global_step,
    }
    learned = Loaded(model, corpus.symbols, settings, files=tuple(files), encoding=encoding)
    write_language_model(output, learned, metrics)
    return Trained(bits, 2**bits, seconds)


def _describe(train: Lines | Ids, known: int, settings: Settings) -> str:
    what = (
        f"{len(train.lengths):,} lines, {int(train.lengths.sum()):,} symbols"
        if isinstance(train, Lines)
        else f"{len(train):,} symbols of running text"
    )
    return f"learning from {what}, {known:,} distinct, reading {settings.direction}"
