"""What a student learns of its teachers: the text of each epoch, with taggings drawn anew.

The teachers read what all epochs need, once (``cached.py``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from ner_rnn.corpora.corpus import PERSON, Corpus, Part
from ner_rnn.errors import ConfigError
from ner_rnn.model.settings import Config, DistillConfig, TrainerConfig
from ner_rnn.tagging.stream import Reading
from ner_rnn.text.tokenize import TokenUnit
from ner_rnn.training.distillation.cached import digest_of, read_once
from ner_rnn.training.distillation.soft_labels import SoftLabels
from ner_rnn.training.distillation.teachers import Teacher, read_teacher
from ner_rnn.training.distillation.unlabelled import (
    Unlabelled,
    choose,
    look_through,
)
from ner_rnn.training.start import MOST_COPIES, SHORTEST
from ner_rnn.training.states import Progress

__all__ = ["ADAPTATION", "ADAPTATION_WORDS", "Distillation", "distil", "epochs_of"]

ADAPTATION = TrainerConfig(epochs=4, learning_rate=0.001, replay=1.0), DistillConfig(names="sure")
"""Settings where a student starts from a model; ``benchmarks/adapt.py`` is what they are chosen by.

A model that learns from itself gains by what it is sure of: names drawn by its own doubts teach it
no more than these."""
ADAPTATION_WORDS = 300_000
"""Words of text in an epoch at most, where nothing is annotated that they could follow from."""
STRANGE = 0.7
"""Share of words in small letters known to a teacher, below which a text seems another language.

``en`` knows 57 % of them in Spanish newswire and 50 % in German text; of English, 89 % in Nigerian
Pidgin, 93 % in tweets and 96 to 99 % elsewhere."""


@dataclass(frozen=True)
class Distillation:
    """Text that teachers have read, epoch by epoch.

    Attributes:
        labels: text and names.
        documents: number of documents that were read; a long one is several in ``labels``.
        epochs: documents of each epoch, each with the number of times that it was read before.
        seed: random seed.
        teachers: who read it.
        text: the files.
        ratio: words of text for each annotated word that were asked for.
        names: which names an epoch has (``DistillConfig.names``).
        remarks: what should be known of the text, a line each.
    """

    labels: SoftLabels
    documents: int
    epochs: Sequence[Sequence[tuple[int, int]]]
    seed: int
    teachers: Sequence[Teacher]
    text: Unlabelled
    ratio: float
    names: str
    remarks: Sequence[str]

    @property
    def words(self) -> int:
        """Words of text in the first epoch."""
        return int(sum(self.labels.sizes[document] for document, _ in self.epochs[0]))

    def part(self, epoch: int) -> Part:
        """Return the text of an epoch as a part of its corpus, with the names that it has there.

        What is drawn depends on the seed, the document and how often it was read before alone.
        """
        tokens: list[tuple[str, ...]] = []
        documents: list[str] = []
        spans = []
        for place, (document, earlier) in enumerate(self.epochs[epoch]):
            if self.names == "sure":
                found = self.labels.sure(document)
            else:
                found = self.labels.drawn(document, Random(f"{self.seed} {earlier} {document}"))
            tokens += self.labels.tokens(document)
            spans += found
            documents += [str(place)] * len(found)
        corpus = Corpus(
            source="text without annotation",
            tokens=tokens,
            spans=spans,
            documents=documents,
            lines=(),
            sha256=digest_of(self.text.sha256.values()),
            scheme="IOB2",
            labels={PERSON: sum(map(len, spans))},
            persons=[PERSON],
        )
        return Part(corpus, 1.0, (PERSON,))

    def record(self) -> dict[str, Any]:
        """Return who taught what, as ``metrics.json`` keeps it."""
        return {
            "teachers": [{"model": one.name, "sha256": one.weights} for one in self.teachers],
            "text": [
                {"path": given.path, "sha256": self.text.sha256[given.path]}
                for given in self.text.inputs
            ],
            "documents": self.documents,
            "words": len(self.labels.words),
            "names": round(self.labels.expected),
            "ratio": self.ratio,
        }


def distil(
    config: Config,
    unit: TokenUnit,
    annotated: float,
    output: Path,
    *,
    workers: int = 1,
    on_notice: Callable[[str], None],
    on_progress: Progress = lambda what, done, total: None,
) -> Distillation:
    """Let teachers read what a student's epochs need of unlabelled text.

    Args:
        config: the recipe, whose ``distill`` names teachers and text.
        unit: tokens that the student reads.
        annotated: annotated words in an epoch; 0: none.
        output: folder of the student.
        workers: processes that read much text.
        on_notice: called with what the teachers read.
        on_progress: called with a description of the work, the amount done and in all.

    Raises:
        ConfigError: no teacher or no text is named, or a teacher reads another unit.
        BundleError: a teacher is no model that knows persons.
        FileError, CorpusError: text cannot be read, or has no words.
    """
    asked = config.distill
    teachers = _teachers(asked.teachers, unit, output)
    if not asked.text:
        raise ConfigError("there is no text for the models to read", do="name it by {distill.text}")
    reading = Reading(config.data.encoding, text_field=asked.text_field)
    text = look_through(asked.text, reading, unit, on_progress)
    total = int(text.sizes.sum())
    if annotated:
        share = min(1.0, asked.ratio * annotated / total)
    else:
        share = min(ADAPTATION_WORDS / total, MOST_COPIES, max(1.0, SHORTEST / total))
    words = share * total
    chosen = choose(text.sizes, words * config.trainer.epochs)
    labels = read_once(teachers, text, chosen, unit, config, workers, on_notice, on_progress)
    if share >= 1:  # of the whole text, as the network counts words
        words = share * len(labels.words)
    epochs = epochs_of(labels.sizes.tolist(), words, config.trainer.epochs, config.seed)
    remarks = [*text.remarks, *_remarks(labels, teachers)]
    if asked.ratio * annotated > total:
        remarks.append(
            f"the text has fewer than {asked.ratio:g} words for each annotated one: an epoch reads "
            "all of it"
        )
    return Distillation(
        labels, len(chosen), epochs, config.seed, teachers, text, asked.ratio, asked.names, remarks
    )


def epochs_of(
    sizes: Sequence[int], words: float, epochs: int, seed: int
) -> list[list[tuple[int, int]]]:
    """Divide documents among epochs: each is read once before any is read again.

    Args:
        sizes: words of each document, of one word at least.
        words: words of an epoch; whole documents are taken until it has them.
        epochs: number of epochs.
        seed: random seed of the order.

    Returns:
        For each epoch its documents, each with the number of times that it was read before.
    """
    order = _rounds(len(sizes), seed)
    found: list[list[tuple[int, int]]] = []
    read = 0
    for number in range(epochs):
        found.append([])
        while read < words * (number + 1) or not found[-1]:
            found[-1].append(next(order))
            read += sizes[found[-1][-1][0]]
    return found


def _rounds(documents: int, seed: int) -> Iterator[tuple[int, int]]:
    """Yield all documents in an order drawn anew each time, with the number of the time."""
    number = 0
    while True:
        order = list(range(documents))
        Random(f"{seed} {number}").shuffle(order)
        yield from ((document, number) for document in order)
        number += 1


def _teachers(models: Sequence[str], unit: TokenUnit, output: Path) -> list[Teacher]:
    if not models:
        raise ConfigError("there is no model that teaches", do="name one by {distill.teachers}")
    teachers = [read_teacher(model) for model in models]
    for teacher in teachers:
        if teacher.path.resolve() == output.resolve():
            raise ConfigError(
                "it is the folder of a model that teaches",
                where=str(output),
                do="give another by {output}",
            )
        other = next((one for one in teachers if one.unit != teacher.unit), None)
        if other is not None:
            raise ConfigError(
                f"it reads {teacher.unit}, and {other.name} reads {other.unit}",
                where=teacher.name,
                do="let models teach that read the same",
            )
        if teacher.unit != unit:
            raise ConfigError(
                f"it reads {teacher.unit}, and the model to be trained reads {unit}",
                where=teacher.name,
                do="let a model teach that reads the same",
            )
    return teachers


def _remarks(labels: SoftLabels, teachers: Sequence[Teacher]) -> list[str]:
    """Return what seems wrong with a text: it is of another language, or has no names."""
    remarks = []
    counts = np.bincount(labels.words, minlength=len(labels.forms)).tolist()
    small: Counter[str] = Counter()
    for form, count in zip(labels.forms, counts, strict=True):
        if form.isalpha() and form.islower():
            small[form] += count
    total = small.total()
    for teacher in teachers:
        known = sum(count for form, count in small.items() if teacher.knows(form))
        if total and known < STRANGE * total:
            remarks.append(
                f"{teacher.name} knows {known / total:.0%} of the words in small letters: the text "
                "seems to be of another language than it learned"
            )
    if labels.expected < 1:
        remarks.append("the teachers find no name in the text")
    return remarks
