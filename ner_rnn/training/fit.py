"""From a recipe to a tagger on disk: load, build, learn, score, write.

The run's folder holds the bundle and what ``run.py`` keeps. Several processes may run this at once;
the first writes.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ner_rnn.extras import require

try:
    import pytorch_lightning as pl
    import torch
    from pytorch_lightning.callbacks import EarlyStopping
    from pytorch_lightning.utilities import rank_zero_only
except ImportError:
    require("ner_rnn.training", "torch", "pytorch_lightning")
    raise

from ner_rnn.augmentation.render import Renderer, is_rendered
from ner_rnn.corpora.corpus import Corpus, Part
from ner_rnn.corpora.overlap import overlap_notes
from ner_rnn.corpora.read import read_splits
from ner_rnn.encoding.knowledge import load_knowledge
from ner_rnn.encoding.vocabulary import Vocabulary
from ner_rnn.errors import ConfigError, Setting
from ner_rnn.model.bundle import WEIGHTS, write_bundle
from ner_rnn.model.contents import weight_shapes
from ner_rnn.model.settings import Config, ModelConfig
from ner_rnn.nn.assembly import build_tagger
from ner_rnn.runtime.export import export_encoders
from ner_rnn.text.opening import checksum
from ner_rnn.text.templates import render
from ner_rnn.training.calibration import calibrate
from ner_rnn.training.card import score_table
from ner_rnn.training.contextual import check_coverage, load_context
from ner_rnn.training.data_module import TaggingData
from ner_rnn.training.demand import check_memory
from ner_rnn.training.distillation.distil import distil
from ner_rnn.training.module import MovingAverage, TaggerModule
from ner_rnn.training.ridge import fit_ridge
from ner_rnn.training.run import Notice, Run, check_begun
from ner_rnn.training.scoring import Scores
from ner_rnn.training.start import START_DEV, Start
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
    is_taught = bool(config.distill.teachers or config.distill.text)
    needs_corpus = start is None or not is_taught
    splits = read_splits(config.data) if needs_corpus or config.data.names_text else {}
    if "train" not in splits and needs_corpus:
        raise ConfigError("there is nothing to learn from", do="give {data.train} or {data.corpus}")
    new: list[Part] = []
    if "train" in splits:
        new = start.repeated(splits["train"]) if start else splits["train"].as_parts
    taught = None
    if is_taught:
        check_begun(output, resume=resume)
        taught = distil(
            config,
            start.vocabulary.unit if start else splits["train"].unit,
            sum(part.words for part in new),
            output,
            workers=readers,
            on_notice=on_notice,
            on_progress=on_progress,
        )
    golds: dict[str, Corpus] = {name: rows for name, rows in splits.items() if name != "train"}
    remarks = overlap_notes(splits) + (list(taught.remarks) if taught else [])
    if start is not None:
        learned = start.mixed(new, config, taught.words if taught else 0.0)
        golds |= start.dev(config)
        remarks += start.remarks(config)
    else:
        learned = splits["train"]
    if "dev" not in golds:
        remarks.append("there is no development set: the weights of the last epoch are kept")
        if START_DEV in golds:
            remarks.append("scores are calibrated on the development set of the start")
    if config.model.cell == "reservoir" and config.model.spectral_radius >= 1:
        remarks.append(
            f"model.spectral_radius is {config.model.spectral_radius}: at 1 or more the echo state "
            "property may be lost, and states then never forget where they began"
        )

    pl.seed_everything(config.seed, verbose=False)
    epochs: list[Corpus] = []
    if taught is not None or is_rendered(learned, config.augment):
        renderer = Renderer(learned, config.augment, config.seed)
        for number in range(config.trainer.epochs):
            beside = [taught.part(number)] if taught else []
            epochs.append(renderer.epoch(number, *beside))
            on_progress("changing the training text", number + 1, config.trainer.epochs)
    vectors, given = None, {}
    if start is not None:
        first = [taught.part(0)] if taught else []
        text = [words for part in (*new, *first) for words in part.corpus.tokens]
        vocabulary = start.extended(text)
        given = {name: torch.from_numpy(v) for name, v in start.weights(vocabulary).items()}
        if vocabulary.context is not None:
            check_coverage(vocabulary.context, text, start.name, on_notice)
    else:
        tags = ["O", *(f"{p}-{label}" for label in learned.entity_types for p in "BIES")]
        config, vocabulary, vectors = _vocabulary(
            config, epochs[0] if epochs else learned, tags, on_notice
        )
        if config.model.language_model is not None:
            context, given = load_context(config.model.language_model)
            check_coverage(context, learned.tokens, config.model.language_model, on_notice)
            vocabulary = replace(vocabulary, context=context)
    sources = (
        start.sources if start else _sources(config.model)
    )  # now: they may change while the model learns
    check_memory(
        config.model,
        weight_shapes(config.model, vocabulary),
        optimizer=config.trainer.optimizer,
        average=config.trainer.average > 0,
    )
    tagger = build_tagger(config.model, vocabulary)
    tagger.load_state_dict(tagger.state_dict() | given)
    if vectors is not None and tagger.words is not None:
        tagger.words.start_from(*vectors)
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
        if golds:
            run.trainer.test(module, datamodule=data, verbose=False)
    if run.trainer.global_rank:
        return None
    seconds = time.monotonic() - began
    metrics: dict[str, Any] = {
        "scores": {name: scores.to_dict() for name, scores in module.scores.items()},
        "data": {split: corpus.record() for split, corpus in (splits | golds).items()},
        "sources": sources,
        **({"start": start.record(config)} if start else {}),
        **({"distilled": taught.record()} if taught else {}),
        "notes": remarks,
        **run.record(seconds),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "epochs": 1 if by_ridge else run.trainer.current_epoch,
    }
    if (held := next((name for name in ("dev", START_DEV) if name in golds), None)) is not None:
        metrics |= calibrate(tagger, data.scored[held], golds[held])
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


def _vocabulary(
    config: Config, learned: Corpus, tags: list[str], on_notice: Notice
) -> tuple[Config, Vocabulary, tuple[NDArray[np.float32], NDArray[np.bool_]] | None]:
    """Learn the vocabulary; with pre-trained vectors, their words and width decide too."""
    path, count = config.model.vectors, config.model.min_count
    knowledge = load_knowledge(
        clusters=config.model.clusters,
        prefixes=config.model.cluster_prefixes,
        lists=config.model.gazetteers,
    )
    if path is None:
        vocabulary = Vocabulary.learn(learned.tokens, tags, min_count=count, knowledge=knowledge)
        return config, vocabulary, None
    from ner_rnn.encoding.vectors import load_vectors

    seen = Vocabulary.learn(learned.tokens, tags, min_count=1).words
    read = load_vectors(path, seen, further=config.model.vector_words)
    on_notice(f"{path}: {read.coverage}")
    row_of = {word: row for row, word in enumerate(read.words) if read.found[row]}
    vocabulary = Vocabulary.learn(
        learned.tokens, tags, min_count=count, extra_words=row_of, knowledge=knowledge
    )
    known = np.array([word in row_of for word in vocabulary.words], dtype=np.bool_)
    rows = [row_of.get(word, 0) for word in vocabulary.words]
    model = replace(config.model, word_size=read.matrix.shape[1])
    return replace(config, model=model), vocabulary, (read.matrix[rows], known)


def _sources(model: ModelConfig) -> dict[str, str]:
    """Return the checksums of the files that are learned from, without the corpus, by file."""
    files = [file for file in (model.vectors, model.clusters) if file] + [*model.gazetteers]
    if model.language_model is not None:
        files += map(str, sorted(Path(model.language_model).rglob(WEIGHTS)))
    return {file: checksum(file) for file in files}


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
