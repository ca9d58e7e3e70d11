"""Fine-tuning: a trained model as the start of a training, and what keeps its old skills.

Weights, vocabulary, clusters, name lists, language models, network and labels are those of the
start. Text that it learned from, as far as the package has it, is read again beside the new text.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ner_rnn.corpora.corpus import PERSON, Corpus, Part
from ner_rnn.corpora.embedded import embedded_name
from ner_rnn.corpora.merge import merged
from ner_rnn.corpora.read import read_entry
from ner_rnn.corpora.settings import CorpusEntry, DataConfig
from ner_rnn.encoding.vocabulary import UNKNOWN, Vocabulary
from ner_rnn.errors import BundleError, ConfigError, CorpusError, Setting, shortened
from ner_rnn.model.augmentation import AugmentConfig
from ner_rnn.model.bounds import read_settings
from ner_rnn.model.bundle import WEIGHTS, Bundle
from ner_rnn.model.contents import model_config
from ner_rnn.model.loader import read_tagger
from ner_rnn.model.settings import Config, ModelConfig, TrainerConfig

__all__ = ["MOST_COPIES", "SHORTEST", "START_DEV", "Start", "read_person_tagger", "read_start"]

START_DEV = "start_dev"
"""Name of the start's own development set among the sets that are scored."""
FINE_TUNING = TrainerConfig(epochs=10, learning_rate=0.001, replay=3.0)
"""Trainer settings of fine-tuning; see ``benchmarks/fine_tune.py`` for what they were chosen by."""
SHORTEST = 10_000
"""Words of new text that an epoch has at least; shorter text is read several times."""
MOST_COPIES = 20
"""Times that an epoch reads a sentence at most."""
_GROWN = {"words.vectors.weight": "word_count", "forms.letters.vectors.weight": "character_count"}
"""Tables that get rows for new words and characters, and what counts their rows."""


@dataclass(frozen=True)
class Start:
    """A trained model that another one starts from.

    Attributes:
        name: as it was asked for.
        bundle: the model.
        vocabulary: its words, characters, tags and knowledge.
        recipe: settings of fine-tuning where nothing else is asked.
        corpora: embedded corpora that it learned from, and those of its development set.
        gone: other corpora that it learned from, which are not read again.
    """

    name: str
    bundle: Bundle
    vocabulary: Vocabulary
    recipe: Config
    corpora: tuple[CorpusEntry, ...]
    gone: tuple[str, ...]

    def check(self, config: Config, output: Path | None = None) -> None:
        """Refuse settings of the network and of labels that are not those of the start.

        Args:
            config: the recipe.
            output: folder of the new model, where it is known: it must be another.

        Raises:
            ConfigError: naming the first that differs.
        """
        if output is not None and output.resolve() == self.bundle.path.resolve():
            raise ConfigError(
                "it is the folder of the model to start from",
                where=str(output),
                do="give another by {output}",
            )
        for section, names in (
            ("model", [field.name for field in fields(ModelConfig)]),
            ("data", ["labels", "types"]),
        ):
            for name in names:
                asked, held = (getattr(getattr(c, section), name) for c in (config, self.recipe))
                if asked != held:
                    raise ConfigError(
                        f"{self.name} has {_shown(held)}, and a model keeps the network and the "
                        "labels that it starts with",
                        where=Setting(f"{section}.{name}"),
                        found=_shown(asked),
                        do="leave it out; settings of data, augment and trainer may differ",
                    )

    def repeated(self, learned: Corpus) -> list[Part]:
        """Return new text as parts of a corpus, repeated up to ``SHORTEST`` words.

        Raises:
            CorpusError: it is of another unit than the start's.
        """
        if learned.unit != self.vocabulary.unit:
            raise CorpusError(
                f"its text is in {learned.unit}, and {self.name} reads {self.vocabulary.unit}",
                where=learned.source,
                do="start from a model of the same unit, or leave out {from}",
            )
        new = learned.as_parts
        copies = min(MOST_COPIES, max(1.0, SHORTEST / max(1.0, _words(new))))
        return [replace(part, weight=part.weight * copies) for part in new]

    def mixed(self, new: Sequence[Part], config: Config, beside: float = 0.0) -> Corpus:
        """Return new text and text that the start learned from as parts of one corpus, by weight.

        Old text has ``trainer.replay`` times as many words as new text, though each document once
        at most.

        Args:
            new: parts with new text; may be none.
            config: the recipe.
            beside: words of an epoch that are new as well, and no part of the corpus.

        Raises:
            UserError: old text cannot be read.
        """
        old = self._read("train", config) if config.trainer.replay else []
        share = min(1.0, config.trainer.replay * (_words(new) + beside) / max(1.0, _words(old)))
        parts = [*new, *(replace(part, weight=part.weight * share) for part in old)]
        return merged(parts or [Part(_nothing(self.name))])

    def dev(self, config: Config) -> dict[str, Corpus]:
        """Return the start's own development set by its name among scored sets, if it has one."""
        parts = self._read("dev", config)
        return {START_DEV: merged(parts)} if parts else {}

    def remarks(self, config: Config) -> list[str]:
        """Return what should be known of text that is read again, and of what is not."""
        if config.trainer.replay and self.gone:
            shown = ", ".join(self.gone[:3]) + (", ..." if len(self.gone) > 3 else "")
            return [
                f"{self.name} learned from {shown} as well, which is not read again: list it in "
                "data.corpora to keep what was learned there"
            ]
        return []

    @property
    def sources(self) -> dict[str, str]:
        """Checksums of the files of clusters, lists and language models, by file."""
        return dict(self.bundle.metrics.get("sources", {}))

    def _read(self, split: str, config: Config) -> list[Part]:
        data = replace(self.recipe.data, cache=config.data.cache)
        return [
            Part(read_entry(entry, data), entry.weight)
            for entry in self.corpora
            if entry.split == split
        ]

    def extended(self, sentences: Iterable[Any]) -> Vocabulary:
        """Return the vocabulary with new words and characters of sentences behind its own."""
        return self.vocabulary.extended(sentences, min_count=self.recipe.model.min_count)

    def weights(self, vocabulary: Vocabulary) -> dict[str, NDArray[Any]]:
        """Return the weights, those of new words and characters being the row of unknown ones.

        So the model answers as its start does, on any text, until it learns.
        """
        weights = dict(self.bundle.weights)
        for name, count in _GROWN.items():
            if name in weights:
                table = weights[name]
                rows = getattr(vocabulary, count) - len(table)
                weights[name] = np.concatenate([table, np.repeat(table[[UNKNOWN]], rows, axis=0)])
        return weights

    def record(self, config: Config) -> dict[str, Any]:
        """Return where a model comes from, as ``metrics.json`` keeps it."""
        metrics, old = self.bundle.metrics, config.trainer.replay > 0
        return {
            "model": self.name,
            "sha256": self.bundle.manifest["files"][WEIGHTS]["sha256"],
            "created": self.bundle.manifest.get("created", ""),
            "data": {
                split: {"path": about.get("path"), "sha256": about.get("sha256")}
                for split, about in metrics.get("data", {}).items()
            },
            "corpora": [asdict(entry) for entry in self.corpora],
            "replayed": [e.path for e in self.corpora if old and e.split == "train"],
            "start": metrics.get("start"),
        }


def read_start(model: str | os.PathLike[str]) -> Start:
    """Read a model to start from.

    Args:
        model: its folder, or the name of a built-in model.

    Raises:
        BundleError: as ``read_person_tagger``; or it is not trained by gradients.
    """
    name = os.fspath(model)
    bundle, vocabulary, types = read_person_tagger(model)
    network = model_config(bundle)
    if network.cell == "reservoir" or network.output == "ridge":
        kind = "an echo state network" if network.cell == "reservoir" else "ridge regression"
        raise BundleError(
            f"it is {kind}, which cannot go on learning",
            where=name,
            do="start from a model of another cell, such as en",
        )
    place = f"{bundle.path}: config.json"
    held = _data_of(bundle.config.get("data", {}), place)
    earlier = {"corpora": (bundle.metrics.get("start") or {}).get("corpora", [])}
    entries = [*_entries(held), *_data_of(earlier, f"{bundle.path}: metrics.json: start").corpora]
    recipe = Config(
        data=DataConfig(
            labels="person" if types == [PERSON] else "all",
            types=() if types == [PERSON] else tuple(types),
            person_labels=held.person_labels,
        ),
        model=network,
        trainer=FINE_TUNING,
        augment=read_settings(AugmentConfig, bundle.config.get("augment", {}), place),
    )
    kept = [entry for entry in entries if embedded_name(entry.path) is not None]
    gone = [e.path for e in entries if e not in kept and e.split == "train"]
    wanted = tuple(dict.fromkeys(entry for entry in kept if entry.split != "test"))
    return Start(name, bundle, vocabulary, recipe, wanted, tuple(gone))


def read_person_tagger(model: str | os.PathLike[str]) -> tuple[Bundle, Vocabulary, list[str]]:
    """Read a tagger that another one learns from.

    Args:
        model: its folder, or the name of a built-in model.

    Returns:
        The tagger, its vocabulary, and the types of the names that it marks, sorted.

    Raises:
        BundleError: as ``loader.read_tagger``; or it knows no persons.
    """
    bundle = read_tagger(model)
    vocabulary = Vocabulary.from_json(bundle.vocabulary)
    types = sorted({tag[2:] for tag in vocabulary.tags if tag != "O"})
    if PERSON not in types:
        raise BundleError(
            f"it knows no persons, but {', '.join(types) or 'no type at all'}",
            where=os.fspath(model),
            do="name another model",
        )
    return bundle, vocabulary, types


def _data_of(saved: Mapping[str, Any], place: str) -> DataConfig:
    """Return what a model says of its corpora.

    Raises:
        BundleError: it is malformed.
    """
    names = {field.name for field in fields(DataConfig)}
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in saved.items()
        if name in names
    }
    try:
        data = DataConfig(**values)
        if not all(isinstance(entry.path, str) for entry in data.corpora):
            raise TypeError("the path of a corpus is no text")
    except (ConfigError, TypeError, AttributeError) as error:
        what = shortened(str(error), 200)
        raise BundleError(what, where=place, do="train the model again") from None
    return data


def _entries(data: DataConfig) -> Iterable[CorpusEntry]:
    """Yield what a model learned from and was chosen by, as entries of a list of corpora."""
    files = {"train": data.train, "dev": data.dev}
    yield from (e for e in data.corpora if not files.get(e.split))
    if data.train:
        yield CorpusEntry(data.train)
    elif data.corpus:
        yield CorpusEntry(data.corpus)
    if data.dev:
        yield CorpusEntry(data.dev, split="dev")
    elif data.corpus:
        yield CorpusEntry(data.corpus, split="dev")


def _words(parts: Iterable[Part]) -> float:
    return sum(part.words for part in parts)


def _nothing(source: str) -> Corpus:
    """Return a corpus without sentences."""
    return Corpus(source, [], [], [], [], hashlib.sha256().hexdigest(), "IOB2", {}, [])


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)
