"""Text that a training learns from and is scored on.

It is annotated text, text that teachers read, and text that a start learned from, each where the
recipe asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ner_rnn.augmentation.render import Renderer, is_rendered
from ner_rnn.corpora.corpus import Corpus, Part
from ner_rnn.corpora.overlap import overlap_notes
from ner_rnn.corpora.read import read_splits
from ner_rnn.errors import ConfigError
from ner_rnn.model.settings import Config
from ner_rnn.training.distillation.distil import Distillation, distil
from ner_rnn.training.run import Notice, check_begun
from ner_rnn.training.start import START_DEV, Start
from ner_rnn.training.states import Progress

__all__ = ["Material", "gather"]


@dataclass(frozen=True)
class Material:
    """Text of a training.

    Attributes:
        learned: annotated text to learn from, with what is replayed.
        golds: annotated text to be scored on, by name.
        read: the corpora of the recipe, by split.
        new: annotated text to learn from, without what is replayed.
        taught: text that teachers read; None: there are no teachers.
        remarks: what should be known of it all, a line each.
    """

    learned: Corpus
    golds: Mapping[str, Corpus]
    read: Mapping[str, Corpus]
    new: Sequence[Part]
    taught: Distillation | None
    remarks: Sequence[str]

    @property
    def held_out(self) -> str | None:
        """Name of the set that scores are calibrated on, if there is one."""
        return next((name for name in ("dev", START_DEV) if name in self.golds), None)

    @property
    def new_sentences(self) -> list[Sequence[str]]:
        """Sentences that a start has not learned from: annotated ones, and those of an epoch."""
        first = [self.taught.part(0)] if self.taught else []
        return [words for part in (*self.new, *first) for words in part.corpus.tokens]

    def epochs(self, config: Config, on_progress: Progress) -> list[Corpus]:
        """Return the text of each epoch, if they differ; else none.

        Args:
            config: the recipe.
            on_progress: called with a description of the work, the epochs done and in all.
        """
        if self.taught is None and not is_rendered(self.learned, config.augment):
            return []
        renderer = Renderer(self.learned, config.augment, config.seed)
        epochs = []
        for number in range(config.trainer.epochs):
            beside = [self.taught.part(number)] if self.taught else []
            epochs.append(renderer.epoch(number, *beside))
            on_progress("changing the training text", number + 1, config.trainer.epochs)
        return epochs


def gather(
    config: Config,
    output: Path,
    start: Start | None,
    *,
    resume: bool,
    readers: int,
    on_notice: Notice,
    on_progress: Progress,
) -> Material:
    """Read what a recipe names, and let the teachers read.

    Args:
        config: the recipe.
        output: folder of the run.
        start: model to start from.
        resume: a run that was stopped goes on.
        readers: processes in which teachers read much text.
        on_notice: called with what the teachers read.
        on_progress: called with a description of the work, the amount done and in all.

    Raises:
        UserError: nothing is there to learn from, or something cannot be read.
    """
    is_taught = bool(config.distill.teachers or config.distill.text)
    needs_corpus = start is None or not is_taught
    read = read_splits(config.data) if needs_corpus or config.data.names_text else {}
    if "train" not in read and needs_corpus:
        raise ConfigError("there is nothing to learn from", do="give {data.train} or {data.corpus}")
    new: list[Part] = []
    if "train" in read:
        new = start.repeated(read["train"]) if start else read["train"].as_parts
    taught = None
    if is_taught:
        check_begun(output, resume=resume)
        taught = distil(
            config,
            start.vocabulary.unit if start else read["train"].unit,
            sum(part.words for part in new),
            output,
            workers=readers,
            on_notice=on_notice,
            on_progress=on_progress,
        )
    golds = {name: corpus for name, corpus in read.items() if name != "train"}
    remarks = [*overlap_notes(read), *(taught.remarks if taught else [])]
    if start is not None:
        learned = start.mixed(new, config, taught.words if taught else 0.0)
        golds |= start.dev(config)
        remarks += start.remarks(config)
    else:
        learned = read["train"]
    if "dev" not in golds:
        remarks.append("there is no development set: the weights of the last epoch are kept")
        if START_DEV in golds:
            remarks.append("scores are calibrated on the development set of the start")
    return Material(learned, golds, read, new, taught, remarks)
