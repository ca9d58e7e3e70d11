"""From settings to a network, and from a bundle back to the same one."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ner_rnn import Tagger
from ner_rnn.encoding.vocabulary import Vocabulary
from ner_rnn.errors import BundleError
from ner_rnn.model.bundle import HALVED, Bundle, write_bundle
from ner_rnn.model.loader import read_tagger
from ner_rnn.model.settings import ModelConfig
from ner_rnn.nn.assembly import build_tagger, load_tagger
from ner_rnn.nn.batches import EncodedCorpus
from ner_rnn.nn.clockwork import ClockworkLayer
from ner_rnn.nn.embeddings import LetterCNN, LetterLSTM
from ner_rnn.nn.feedforward import FeedForward

TAGS = ("O", "B-PER", "I-PER", "E-PER", "S-PER")
VOCABULARY = Vocabulary.learn([("Ann", "Lee", "sings", ".")] * 2, TAGS)
SMALL = ModelConfig(hidden_size=4, word_size=3, char_size=2, char_hidden=3, form_size=2)


def recipe(**changes: Any) -> ModelConfig:
    return dataclasses.replace(SMALL, **changes)


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    torch.manual_seed(1)
    write_bundle(
        tmp_path / "model",
        config={"model": dataclasses.asdict(SMALL)},
        vocabulary=VOCABULARY.to_json(),
        weights={k: v.numpy() for k, v in build_tagger(SMALL, VOCABULARY).state_dict().items()},
        metrics={},
        card="Made by a test.\n",
    )
    return read_tagger(tmp_path / "model")


@pytest.mark.parametrize(
    ("changes", "width"),
    [
        ({}, 3 + 3 + 7 * 2),
        ({"chars": "lstm"}, 3 + 2 * 3 + 7 * 2),
        ({"chars": "none"}, 3 + 7 * 2),
        ({"word_size": 0}, 3 + 7 * 2),
        ({"form_size": 0}, 3 + 3),
    ],
)
def test_what_is_seen_of_a_word_is_what_was_asked_for(changes: dict[str, Any], width: int) -> None:
    tagger = build_tagger(recipe(**changes), VOCABULARY)
    first = tagger.encoder.layers[0][0]  # type: ignore[attr-defined]
    assert first.input_size == width
    assert (tagger.words is None) == (changes.get("word_size") == 0)


def test_every_part_is_the_one_asked_for() -> None:
    tagger = build_tagger(recipe(), VOCABULARY)
    assert isinstance(tagger.forms.letters, LetterCNN)
    assert tagger.crf is not None
    assert tagger.memory is not None
    assert tagger.emit.in_features == 2 * 2 * 4
    assert tagger.emit.out_features == len(TAGS)
    other = build_tagger(
        recipe(cell="gru", chars="lstm", output="softmax", memory=False, layers=3,
               bidirectional=False, input_dropout=0.1, dropout=0.2),
        VOCABULARY,
    )  # fmt: skip
    assert isinstance(other.forms.letters, LetterLSTM)
    assert other.crf is None
    assert other.memory is None
    assert other.emit.in_features == 4
    assert [type(one) for layer in other.encoder.layers for one in layer] == [torch.nn.GRU] * 3  # type: ignore[attr-defined]
    assert (other.input_dropout.share, other.dropout.share) == (0.1, 0.2)
    relu = build_tagger(recipe(cell="rnn", nonlinearity="relu"), VOCABULARY)
    assert relu.encoder.layers[0][0].nonlinearity == "relu"  # type: ignore[attr-defined]


def test_cells_of_our_own() -> None:
    clockwork = build_tagger(recipe(cell="clockwork", periods=(1, 3), layers=2), VOCABULARY)
    layers = [layer for both in clockwork.encoder.layers for layer in both]  # type: ignore[attr-defined]
    assert all(isinstance(layer, ClockworkLayer) for layer in layers)
    assert [layer.periods for layer in layers] == [(1, 3)] * 4
    assert clockwork.emit.in_features == 2 * 2 * 4
    plain = build_tagger(
        recipe(cell="none", layers=3, nonlinearity="relu", memory=False), VOCABULARY
    )
    assert isinstance(plain.encoder, FeedForward)
    assert len(plain.encoder.layers) == 3
    assert plain.encoder.activate is torch.relu
    assert plain.emit.in_features == 4, "one direction, as there is none"


@pytest.mark.parametrize(
    "changes",
    [
        {"cell": "clockwork", "periods": (1, 2), "nonlinearity": "relu"},
        {"cell": "clockwork", "layers": 2, "bidirectional": False, "periods": (1, 2, 4, 8)},
        {"cell": "none", "bidirectional": False, "memory": False},
    ],
)
def test_cells_of_our_own_learn_are_saved_and_tag(changes: dict[str, Any], tmp_path: Path) -> None:
    config = recipe(
        hidden_size=16, word_size=8, word_dropout=0.0, input_dropout=0.0, dropout=0.0, **changes
    )
    torch.manual_seed(1)
    tagger = build_tagger(config, VOCABULARY)
    corpus = EncodedCorpus(
        VOCABULARY,
        [["Ann", "Lee", "sings", "."], ["sings", "Ann", "Lee", "."], ["Lee", "sings", "."]],
        tags=[["B-PER", "E-PER", "O", "O"], ["O", "B-PER", "E-PER", "O"], ["S-PER", "O", "O"]],
    )
    optimizer = torch.optim.Adam(tagger.parameters(), lr=0.05)
    for _ in range(60):
        optimizer.zero_grad()
        tagger.loss(corpus.batch([0, 1, 2])).backward()
        optimizer.step()
    write_bundle(
        tmp_path / "model",
        config={"model": dataclasses.asdict(config)},
        vocabulary=VOCABULARY.to_json(),
        weights={k: v.numpy() for k, v in tagger.state_dict().items()},
        metrics={},
        card="Made by a test.\n",
    )
    bundle = read_tagger(tmp_path / "model")
    found = Tagger.load(bundle.path).tag("Ann Lee sings.").names
    assert [(name.text, name.start) for name in found] == [("Ann Lee", 0)]
    wrong = {**bundle.config["model"], "hidden_size": 8}
    assert "the weights do not fit config.json" in broken(bundle, config={"model": wrong})


def test_weights_come_from_torchs_random_state_alone() -> None:
    states = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        states.append(build_tagger(SMALL, VOCABULARY).state_dict())
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    assert any(not torch.equal(states[0][name], states[2][name]) for name in states[0])


def test_a_bundle_gives_the_network_back(bundle: Bundle) -> None:
    tagger, vocabulary = load_tagger(bundle)
    assert vocabulary == VOCABULARY
    assert not tagger.training
    torch.manual_seed(1)
    built = build_tagger(SMALL, VOCABULARY).eval()
    for name in HALVED:
        table = built.get_parameter(name)
        table.data = table.half().float()
    batch = EncodedCorpus(VOCABULARY, [["Ann", "Lee", "whistles"]]).batch([0])
    assert torch.equal(tagger.emissions(batch), built.emissions(batch))
    for name, value in tagger.state_dict().items():
        assert np.array_equal(bundle.weights[name], value.numpy())


def broken(bundle: Bundle, **parts: Any) -> str:
    """Return the message that refuses the bundle with other parts, written with checksums."""
    own = {"config": bundle.config, "vocabulary": bundle.vocabulary, "weights": bundle.weights}
    write_bundle(bundle.path, **{**own, **parts}, metrics={}, card="")
    with pytest.raises(BundleError) as caught:
        read_tagger(bundle.path)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(str(bundle.path))
    return message


def test_weights_of_another_shape_are_refused(bundle: Bundle) -> None:
    weights = {**bundle.weights, "emit.weight": np.zeros((2, 2), dtype=np.float32)}
    message = broken(bundle, weights=weights)
    assert "emit.weight should be (5, 16) and is (2, 2)" in message


def test_missing_and_surplus_weights_are_refused(bundle: Bundle) -> None:
    fewer = {k: v for k, v in bundle.weights.items() if k != "crf.start"}
    assert "crf.start should be (5,) and is absent" in broken(bundle, weights=fewer)
    more = {**bundle.weights, "zzz": np.zeros(3, dtype=np.float32)}
    assert "zzz should be absent and is (3,)" in broken(bundle, weights=more)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"wings": 2}, "model.wings, which this version does not know"),
        ({"layers": 0}, "model.layers is 0"),
        ({"layers": "two"}, "config.json"),
        ({"cell": "clockwork", "periods": [2, 1]}, "model.periods is 2, 1"),
        ({"cell": "clockwork", "periods": ["x"]}, "config.json"),
    ],
)
def test_a_recipe_that_is_none_is_refused(
    change: dict[str, Any], said: str, bundle: Bundle
) -> None:
    config = {"model": {**bundle.config["model"], **change}}
    assert said in broken(bundle, config=config)


def test_a_vocabulary_with_a_part_missing_is_refused(bundle: Bundle) -> None:
    rest = {k: v for k, v in bundle.vocabulary.items() if k != "words"}
    assert "vocabulary.json: missing or malformed part 'words'" in broken(bundle, vocabulary=rest)
