"""Every recipe in configs/ is valid, and begins with its purpose and its command."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ner_rnn_cli import settings

ROOT = Path(__file__).parent.parent
RECIPES = sorted((ROOT / "configs").glob("*.yaml"))


def test_every_recipe_of_the_user_guide_exists() -> None:
    guide = (ROOT / "docs" / "train.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"`configs/(\w+)\.yaml`", guide)) == sorted(p.stem for p in RECIPES)


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
    assert len(text.splitlines()) < 80


@pytest.mark.parametrize(("name", "output"), [("echo_state", "ridge"), ("echo_state_crf", "crf")])
def test_the_echo_state_recipes(name: str, output: str) -> None:
    model = settings.load(str(ROOT / "configs" / f"{name}.yaml"), {}).model
    assert (model.cell, model.output) == ("reservoir", output)


def test_the_feed_forward_recipe_has_no_context() -> None:
    """Document memory is context, too."""
    model = settings.load(str(ROOT / "configs" / "feedforward.yaml"), {}).model
    assert model.cell == "none"
    assert not model.memory
