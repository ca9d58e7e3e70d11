"""A model that was trained by a recipe, for tests of what begins with models."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ner_rnn.model.settings import Config
from ner_rnn.training.fit import train


@pytest.fixture(scope="session")
def other_model(recipe: Callable[..., Config], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of two short epochs, with places and persons."""
    folder = tmp_path_factory.mktemp("other") / "run"
    assert train(recipe(), folder, on_notice=lambda line: None) is not None
    return folder
