"""From a recipe to a tagger on disk: load, build, learn, score, write.

The run's folder holds the bundle and what ``run.py`` keeps. Several processes may run this at once;
the first writes.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ner_rnn.extras import require

try:
    import pytorch_lightning as pl
    import torch
    from pytorch_lightning.callbacks import EarlyStopping
    from pytorch_lightning.utilities import rank_zero_only
except ImportError:
    require("ner_rnn.training", "torch", "pytorch_lightning")
    raise

from ner_rnn.errors import ConfigError, Setting
from ner_rnn.model.bundle import HALVED, write_bundle
from ner_rnn.model.settings import Config
from ner_rnn.nn.tagger import NameTagger
from ner_rnn.runtime.export import export_encoders
from ner_rnn.text.templates import render
from ner_rnn.training.calibration import calibrate
from ner_rnn.training.card import score_table
from ner_rnn.training.data_module import TaggingData
from ner_rnn.training.initial import initial_tagger
from ner_rnn.training.material import gather
from ner_rnn.training.module import MovingAverage, TaggerModule
from ner_rnn.training.ridge import fit_ridge
from ner_rnn.training.run import Notice, Run
from ner_rnn.training.scoring import Scores
from ner_rnn.training.start import Start
from ner_rnn.training.states import Progress, remember
from ner_rnn.training.trainer import EpochLines, has_terminal, quiet
from ner_rnn.version import __version__

__all__ = ["Trained", "train"]


@dataclass(frozen=True)
class Trained:
    """Result of a run.

    Attributes:
        output: the folder with the model.
        scores: of the splits that were scored.
        seconds: wall time of it all.
    """

    output: Path
    scores: Mapping[str, Scores]
    seconds: float


def train(
    config: Config,
    output: Path,
    *,
    start: Start | None = None,
    resume: bool = False,
    readers: int = 1,
    on_notice: Notice = print,
    on_progress: Progress = lambda what, done, total: None,
) -> Trained | None:
    """Train a tagger and write its bundle.

    Args:
        config: the recipe.
        output: folder of the run, made if it does not exist.
        start: model to fine-tune, of which ``start.recipe`` has the settings to begin with.
        resume: continue from the checkpoint of a run that was stopped.
        readers: processes in which the models that teach read much text. A script that wants
            several does so below ``if __name__ == "__main__"``: they import it.
        on_notice: called with notes for the user, a line at a time.
        on_progress: called with a description of work before training, the amount done and in all.

    Returns:
        Scores and more; None on every process but the first.

    Raises:
        UserError: something in the recipe, corpus or folder that the user can put right.
        KeyboardInterrupt: a signal stopped the run; a checkpoint is in the folder.
    """
    began = time.monotonic()
    on_notice = rank_zero_only(on_notice)  # of several processes, one speaks
    if start is not None:
        start.check(config, output)
    material = gather(
        config,
        output,
        start,
        resume=resume,
        readers=readers,
        on_notice=on_notice,
        on_progress=on_progress,
    )
    learned, golds, remarks = material.learned, material.golds, [*material.remarks]
    if config.model.cell == "reservoir" and config.model.spectral_radius >= 1:
        remarks.append(
            f"model.spectral_radius is {config.model.spectral_radius}: at 1 or more the echo state "
            "property may be lost, and states then never forget where they began"
        )
    pl.seed_everything(config.seed, verbose=False)
    epochs = material.epochs(config, on_progress)
    initial = initial_tagger(config, material, epochs, start, on_notice)
    config, vocabulary, tagger = initial.config, initial.vocabulary, initial.tagger
    by_ridge = config.model.output == "ridge"
    if by_ridge and resume:
        raise ConfigError(
            "ridge regression takes one pass and keeps no checkpoint", do="leave out {resume}"
        )
    data = TaggingData(vocabulary, learned, golds, config.trainer, config.seed, epochs)
    epochs.clear()  # numbers from here on: the words would take much memory while it learns
    if by_ridge and data.train.allowed is not None:
        raise ConfigError(
            "ridge regression needs a tag for every word, and labels are left open",
            where=Setting("model.output"),
            found="'ridge'",
            do="use the crf output",
        )
    module = TaggerModule(tagger, golds, config.trainer, config.seed)
    with quiet():
        run = Run(
            output,
            config.trainer,
            _callbacks(config, "dev" in golds, on_notice),
            monitor="dev_f1" if "dev" in golds else None,
            resume=resume,
            on_notice=on_notice,
        )
        run.start(module, remarks)
        if tagger.context is not None and tagger.context.frozen:
            cache = Path(config.data.cache or "~/.cache/ner-rnn").expanduser() / "states"
            for name, words in {"train": data.train, **data.scored}.items():
                remember(
                    words,
                    tagger.context,
                    cache,
                    name,
                    half=name == "train",
                    on_notice=on_notice,
                    on_progress=on_progress,
                )
        with run.timed():
            if by_ridge:
                choice = fit_ridge(tagger, data.train, data.scored.get("dev"), golds.get("dev"))
                remarks.append(choice.remark)
            else:
                run.fit(module, data)
        _round_tables(tagger)
        if golds:
            run.trainer.test(module, datamodule=data, verbose=False)
    if run.trainer.global_rank:
        return None
    seconds = time.monotonic() - began
    metrics: dict[str, Any] = {
        "scores": {name: scores.to_dict() for name, scores in module.scores.items()},
        "data": {split: corpus.record() for split, corpus in {**material.read, **golds}.items()},
        "sources": dict(initial.sources),
        **({"start": start.record(config)} if start else {}),
        **({"distilled": material.taught.record()} if material.taught else {}),
        "notes": remarks,
        **run.record(seconds),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "epochs": 1 if by_ridge else run.trainer.current_epoch,
    }
    if (held_out := material.held_out) is not None:
        metrics |= calibrate(tagger, data.scored[held_out], golds[held_out])
    weights = {name: value.cpu().numpy() for name, value in tagger.state_dict().items()}
    write_bundle(
        output,
        config=asdict(config),
        vocabulary=vocabulary.to_json(),
        weights=weights,
        metrics=metrics,
        card=render(
            "card.md",
            config=config,
            vocabulary=vocabulary,
            metrics=metrics,
            scores=score_table(metrics["scores"]),
            version=__version__,
        ),
        encoders=export_encoders(config.model, weights, vocabulary.context),
    )
    return Trained(output, module.scores, seconds)


@torch.no_grad()
def _round_tables(tagger: NameTagger) -> None:
    """Round weights as the bundle keeps them, so that scores are those of the model on disk."""
    for name, value in tagger.state_dict().items():
        if name in HALVED:
            value.copy_(value.half())


def _callbacks(config: Config, has_dev: bool, on_notice: Notice) -> list[pl.Callback]:
    """Return what acts before a checkpoint is saved, in the order in which it must act."""
    callbacks: list[pl.Callback] = []
    if config.trainer.average:
        callbacks.append(MovingAverage(config.trainer.average))
    if config.trainer.patience and has_dev:
        callbacks.append(EarlyStopping("dev_f1", mode="max", patience=config.trainer.patience))
    if not has_terminal():
        callbacks.append(EpochLines(on_notice))
    return callbacks
