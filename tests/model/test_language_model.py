"""Settings of language models: flat on disk, and those that a tagger reads with."""

from __future__ import annotations

import json

import pytest

from ner_rnn.encoding.characters import Context
from ner_rnn.encoding.symbols import Symbols
from ner_rnn.errors import BundleError
from ner_rnn.model.bounds import read_settings
from ner_rnn.model.language_model import Settings, reader_settings

SAVED = """{"unit": "char", "running": false, "direction": "forward", "dev": null,
"dev_share": 0.05, "min_count": 2, "max_length": 1000, "cell": "clockwork", "layers": 1,
"hidden_size": 160, "embedding_size": 64, "tie": false, "dropout": 0.3, "nonlinearity": "tanh",
"periods": [1, 2, 4, 8], "spectral_radius": 0.9, "input_scale": 0.3, "sparsity": 0.02, "leak": 1.0,
"epochs": 2, "minutes": 0.0, "batch_symbols": 1024, "rows": 32, "window": 100, "optimizer": "adamw",
"learning_rate": 0.01, "weight_decay": 0.0, "clip": 5.0, "clip_value": 0.0, "accelerator": "cpu",
"devices": "1", "strategy": "auto", "precision": "32-true", "seed": 1}"""
"""As version 0.1 wrote them."""


def test_the_form_on_disk_is_that_of_version_0_1() -> None:
    saved = json.loads(SAVED)
    settings = read_settings(Settings, saved, "config.json")
    assert settings.periods == (1, 2, 4, 8)
    assert not settings.bidirectional
    assert json.loads(json.dumps(settings.to_json())) == saved


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"colour": 1, "bidirectional": True},
            "x: config.json says bidirectional, which this version does not know: use the version "
            "of ner-rnn that wrote the model",
        ),
        (
            {"layers": 0},
            "x: config.json: layers is 0: it must be 1 or more; train the model again",
        ),
        (
            {"layers": "2"},
            "x: config.json: layers is '2': expected a whole number; train the model again",
        ),
    ],
)
def test_damaged_settings(change: dict[str, object], message: str) -> None:
    with pytest.raises(BundleError) as caught:
        read_settings(Settings, {**json.loads(SAVED), **change}, "x: config.json")
    assert str(caught.value) == message


def test_language_models_of_a_tagger() -> None:
    symbols = Symbols("char", ("a",))
    backward = {"direction": "backward", "hidden_size": 5}
    found = reader_settings(Context(symbols, {"backward": backward}))
    assert found == {"backward": Settings(direction="backward", hidden_size=5)}
    with pytest.raises(BundleError, match=r"vocabulary\.json: the language models are not descr"):
        reader_settings(Context(symbols, {"forward": {"cells": "lstm"}}))
