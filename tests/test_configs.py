"""Every recipe in configs/ is read, and says at its head what it is for and how to run it."""

from __future__ import annotations

from pathlib import Path

import pytest
from ner_rnn_cli import settings

ROOT = Path(__file__).parent.parent
RECIPES = sorted((ROOT / "configs").glob("*.yaml"))


def test_the_recipes_that_the_readme_names_are_there() -> None:
    assert {path.stem for path in RECIPES} >= {
        "sample", "conll2003", "bilstm_crf", "lstm_uni", "rnn_bi", "rnn_uni", "gru_bi",
        "feedforward", "rnn_relu", "lstm_bi", "lstm_stacked", "clockwork",
        "echo_state", "echo_state_crf",
    }  # fmt: skip


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_recipe(path: Path) -> None:
    config = settings.load(str(path), {})
    cell, _, form = path.stem.partition("_")
    if cell in {"rnn", "gru", "lstm", "clockwork"}:
        assert config.model.cell == cell
        assert config.model.bidirectional == (form != "uni")
        assert config.model.nonlinearity == ("relu" if form == "relu" else "tanh")
        assert (config.model.layers > 1) == (form == "stacked")
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert f"ner-rnn train --config configs/{path.name} " in text
    assert len(text.splitlines()) < 40


@pytest.mark.parametrize(("name", "output"), [("echo_state", "ridge"), ("echo_state_crf", "crf")])
def test_the_echo_state_recipes(name: str, output: str) -> None:
    model = settings.load(str(ROOT / "configs" / f"{name}.yaml"), {}).model
    assert (model.cell, model.output) == ("reservoir", output)


def test_the_feed_forward_recipe_sees_no_context() -> None:
    """A document memory would bring in through the back door what the recipe is to do without."""
    model = settings.load(str(ROOT / "configs" / "feedforward.yaml"), {}).model
    assert model.cell == "none"
    assert not model.memory
