"""Settings for all tests: no network, no more threads than asked for; and a model to tag with."""

from __future__ import annotations

import dataclasses
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

from ner_rnn.corpora.settings import DataConfig
from ner_rnn.model import builtin
from ner_rnn.model.settings import Config, ModelConfig, TrainerConfig

ROOT = Path(__file__).parent.parent

# A busy machine is no fault.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

# What runs in the background may ignore Ctrl-C, and so would the processes that tests interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Read on import by huggingface_hub and datasets: a test that needs the network must fail at once.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
# Read on import by torch: small networks on a busy machine lose much time between threads.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle that took seconds to train: it knows the names of a few made-up sentences."""
    import torch

    from ner_rnn.encoding.vocabulary import Vocabulary
    from ner_rnn.model.bundle import write_bundle
    from ner_rnn.nn.assembly import build_tagger
    from ner_rnn.nn.batches import EncodedCorpus
    from ner_rnn.runtime.export import export_encoders

    sentences, tags = [], []
    firsts = ("Maria", "John", "Angela", "Ivan", "Amina", "Pierre", "Li", "Olga")
    lasts = ("Silva", "Smith", "Merkel", "Petrov", "Diallo", "Dupont", "Wei", "Ivanova")
    frames = ("{} spoke in Paris .", "Yesterday {} met {} .", "The firm hired Dr. {} , it said .")
    for i, first in enumerate(firsts):
        for j, last in enumerate(lasts):
            tokens: list[str] = []
            gold: list[str] = []
            for word in frames[(i + j) % len(frames)].split():
                tokens += [first, last] if word == "{}" else [word]
                place = "S-LOC" if word == "Paris" else "O"
                gold += ["B-PER", "E-PER"] if word == "{}" else [place]
            sentences.append(tokens)
            tags.append(gold)
    labels = ["O"] + [f"{p}-{label}" for label in ("LOC", "PER") for p in "BIES"]
    vocabulary = Vocabulary.learn(sentences, labels)
    config = ModelConfig(
        hidden_size=16, word_size=16, char_hidden=8, form_size=4, input_dropout=0.2, dropout=0.0
    )
    with torch.random.fork_rng():
        torch.manual_seed(1)
        network = build_tagger(config, vocabulary)
        corpus = EncodedCorpus(vocabulary, sentences, tags=tags)
        optimizer = torch.optim.Adam(network.parameters(), lr=0.02)
        for _ in range(40):
            optimizer.zero_grad()
            loss = network.loss(corpus.batch(range(len(corpus))))
            loss.backward()
            optimizer.step()
    folder = tmp_path_factory.mktemp("small") / "model"
    weights = {name: value.numpy() for name, value in network.state_dict().items()}
    write_bundle(
        folder,
        config={"model": dataclasses.asdict(config)},
        vocabulary=vocabulary.to_json(),
        weights=weights,
        metrics={},
        card="Made by a test.\n",
        encoders=export_encoders(config, weights),
    )
    return folder


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The ``wheel`` and the ``source`` distribution of the package."""
    tree = tmp_path_factory.mktemp("distributions")
    left_out = shutil.ignore_patterns("__pycache__")
    for folder in ("ner_rnn", "cli"):
        shutil.copytree(ROOT / folder, tree / folder, ignore=left_out)
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / file, tree)
    code = "from setuptools import build_meta as made; made.build_wheel('.'); made.build_sdist('.')"
    subprocess.run([sys.executable, "-c", code], cwd=tree, check=True, capture_output=True)
    [wheel], [source] = tree.glob("*.whl"), tree.glob("*.tar.gz")
    return {"wheel": wheel, "source": source}


@pytest.fixture
def built_in(small_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of built-in models in place of the package's own: ``en`` is the small model."""
    folder = tmp_path / "built-in"
    shutil.copytree(small_model, folder / "en")
    monkeypatch.setattr(builtin, "FOLDER", folder)
    return folder


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
            trainer=TrainerConfig(epochs=2, batch_tokens=64, learning_rate=0.03),
            seed=seed,
        )  # fmt: skip
        for key, value in changes.items():
            section, _, field = key.partition("__")
            part = dataclasses.replace(getattr(config, section), **{field: value})
            config = dataclasses.replace(config, **{section: part})
        return config

    return make


@pytest.fixture(scope="session")
def scores_of() -> Callable[[Path, Sequence[str]], dict[str, Any]]:
    """Scores that ``ner-rnn evaluate --json`` gives a model, by file; in this process."""

    def score(model: Path, files: Sequence[str]) -> dict[str, Any]:
        from ner_rnn_cli.scores import scores_by_file

        from ner_rnn.evaluation.request import Request
        from ner_rnn.evaluation.run import evaluate_all

        made = evaluate_all(Request(models=[str(model)], data=files, only_scores=True))
        assert made is not None
        return scores_by_file(made.report)

    return score
