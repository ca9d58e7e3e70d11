"""Small language models with random weights, in float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from ner_rnn.encoding.symbols import Symbols
from ner_rnn.model.language_model import Settings
from ner_rnn.nn.language_model_files import Loaded, build_model


@pytest.fixture
def make() -> Callable[..., Loaded]:
    """A model of the letters given, whose weights are large enough to make a difference."""

    def made(letters: str = "abc", seed: int = 1, **changes: Any) -> Loaded:
        symbols = Symbols("char", tuple(letters))
        settings = Settings(**{"hidden_size": 8, "embedding_size": 5, **changes})
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            model = build_model(settings, symbols)
            with torch.no_grad():
                for name, parameter in model.named_parameters():
                    if "encoder" not in name or "bias" in name:
                        parameter.normal_()
        return Loaded(model.double().eval(), symbols, settings)

    return made
