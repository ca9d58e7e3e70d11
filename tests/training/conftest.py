"""A corpus made here and recipes small enough to be trained in a second or two."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ner_rnn.config import Config, DataConfig, ModelConfig, TrainerConfig

FIRSTS = ("Maria", "John", "Angela", "Ivan", "Amina", "Pierre", "Li", "Olga")
LASTS = ("Silva", "Smith", "Merkel", "Petrov", "Diallo", "Dupont", "Wei", "Ivanova")
PLACES = ("Paris", "Lisbon", "Berlin", "Lima")
FRAMES = (
    "{person} spoke in {place} .",
    "Yesterday {person} met {person} .",
    "The firm hired Dr. {person} , it said .",
    "Rain fell on {place} in the night .",
    "Shares of the bank fell .",
    "{last} said so .",
)


def write_corpus(path: Path, count: int, seed: int) -> Path:
    """Sentences of a handful of patterns, in documents of one to eight."""
    generator = np.random.default_rng(seed)
    lines: list[str] = []
    left = 0
    for _ in range(count):
        if left == 0:
            left = int(generator.integers(1, 9))
            lines += ["-DOCSTART- -X- O", ""]
        left -= 1
        for word in str(generator.choice(FRAMES)).split():
            if word == "{person}":
                lines.append(f"{generator.choice(FIRSTS)} X B-PER")
                lines.append(f"{generator.choice(LASTS)} X I-PER")
            elif word == "{last}":
                lines.append(f"{generator.choice(LASTS)} X B-PER")
            elif word == "{place}":
                lines.append(f"{generator.choice(PLACES)} X B-LOC")
            else:
                lines.append(f"{word} X O")
        lines.append("")
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with train, dev and test, the last two of uneven numbers of sentences."""
    folder = tmp_path_factory.mktemp("corpus")
    for split, count, seed in (("train", 60, 1), ("dev", 17, 2), ("test", 23, 3)):
        write_corpus(folder / f"{split}.txt", count, seed)
    return folder


@pytest.fixture(scope="session")
def recipe(corpus: Path) -> Callable[..., Config]:
    """``recipe(model__cell="gru", seed=2)``: two small epochs but for what is asked."""

    def make(seed: int = 1, **changes: Any) -> Config:
        config = Config(
            DataConfig(
                train=str(corpus / "train.txt"),
                dev=str(corpus / "dev.txt"),
                test=str(corpus / "test.txt"),
                cache=str(corpus / "cache"),
            ),
            ModelConfig(
                hidden_size=8, word_size=8, word_dropout=0.2, char_size=4, char_hidden=4,
                form_size=2, input_dropout=0.1, dropout=0.1,
            ),
            TrainerConfig(epochs=2, batch_tokens=64, learning_rate=0.03),
            seed,
        )  # fmt: skip
        for key, value in changes.items():
            section, _, field = key.partition("__")
            part = dataclasses.replace(getattr(config, section), **{field: value})
            config = dataclasses.replace(config, **{section: part})
        return config

    return make
