"""Settings for all tests: no network, no more threads than asked for; and a model to tag with."""

from __future__ import annotations

import dataclasses
import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

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

    from ner_rnn.assembly import build_tagger
    from ner_rnn.bundle import write_bundle
    from ner_rnn.config import ModelConfig
    from ner_rnn.data.encoded import EncodedCorpus
    from ner_rnn.data.vocabulary import Vocabulary
    from ner_rnn.export import export_encoders

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
