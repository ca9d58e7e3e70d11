"""Networks that cannot be built are refused before anything is, naming the field."""

from __future__ import annotations

from typing import Any

import pytest

from ner_rnn.errors import ConfigError
from ner_rnn.model.settings import ModelConfig


@pytest.mark.parametrize(
    "fields",
    [
        {"cell": "clockwork"},
        {"cell": "clockwork", "periods": (1,), "hidden_size": 7},
        {"cell": "clockwork", "periods": (2, 3, 50), "hidden_size": 9, "nonlinearity": "relu"},
        {"cell": "rnn", "nonlinearity": "relu"},
        {"cell": "none", "nonlinearity": "relu", "layers": 3},
        {"cell": "none", "bidirectional": False},
        {"cell": "lstm", "hidden_size": 7},
    ],
)
def test_what_can_be_built(fields: dict[str, Any]) -> None:
    model = ModelConfig(**fields)
    assert {name: getattr(model, name) for name in fields} == fields


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"layers": 0}, "model.layers is 0: it must be 1 or more"),
        ({"cell": "none", "layers": 0}, "model.layers is 0: it must be 1 or more"),
        (
            {"cell": "clockwork", "periods": ()},
            "model.periods is empty: give one a group of units, as in 1, 2, 4, 8",
        ),
        (
            {"cell": "clockwork", "periods": (1, 4, 2)},
            "model.periods is 1, 4, 2: the first must be 1 or more, and each longer than the one "
            "before",
        ),
        (
            {"cell": "clockwork", "periods": (1, 1, 1, 1)},
            "model.periods is 1, 1, 1, 1: the first must be 1 or more, and each longer than the "
            "one before",
        ),
        (
            {"cell": "clockwork", "periods": (0, 1)},
            "model.periods is 0, 1: the first must be 1 or more, and each longer than the one "
            "before",
        ),
        (
            {"cell": "clockwork", "hidden_size": 130},
            "model.hidden_size is 130: it must be a multiple of 4, since each of model.periods "
            "(1, 2, 4, 8) has as many units",
        ),
        (
            {
                "cell": "reservoir",
                "hidden_size": 1_000_000,
                "sparsity": 1e-6,
                "chars": "none",
                "word_size": 0,
                "form_size": 1,
            },
            "model.hidden_size is 1000000: a reservoir has at most 32,768 units; lower it",
        ),
        (
            {"cell": "gru", "periods": (1, 2)},
            "model.periods is 1, 2 but model.cell is 'gru': only the clockwork has periods; leave "
            "them out",
        ),
        (
            {"cell": "gru", "nonlinearity": "relu"},
            "model.nonlinearity is 'relu' but model.cell is 'gru': only rnn, clockwork and none "
            "have a choice of nonlinearity; leave it out",
        ),
    ],
)
def test_what_cannot(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        ModelConfig(**fields)
    assert str(caught.value) == message
