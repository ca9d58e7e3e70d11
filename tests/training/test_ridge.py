"""Ridge regression: the same as least squares, in any order and in one pass, and worth its name."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ner_rnn.errors import ConfigError
from ner_rnn.model.bundle import read_bundle
from ner_rnn.model.settings import Config, ModelConfig
from ner_rnn.nn.assembly import load_tagger
from ner_rnn.runtime.tagger import Tagger
from ner_rnn.training import ridge
from ner_rnn.training.fit import train
from ner_rnn.training.ridge import Choice, NormalEquations

Recipe = Callable[..., Config]


def words(count: int, seed: int, features: int = 7, targets: int = 4) -> tuple:  # type: ignore[type-arg]
    generator = torch.Generator().manual_seed(seed)
    s = torch.randn(count, features, generator=generator, dtype=torch.float64)
    return s, torch.randint(targets, (count,), generator=generator)


def by_least_squares(
    s: torch.Tensor, y: torch.Tensor, strength: float, weight: float
) -> np.ndarray:
    """Rows scaled by the root of their weight, the penalty as further rows."""
    rows, wanted = s.numpy(), np.eye(4)[y.numpy()]
    root = np.sqrt(np.where(y.numpy() == 0, 1.0, weight))[:, None]
    penalty = strength * np.sum((root * rows) ** 2) / rows.shape[1]
    left = np.vstack([root * rows, np.sqrt(penalty) * np.eye(rows.shape[1])])
    right = np.vstack([root * wanted, np.zeros((rows.shape[1], 4))])
    answer: np.ndarray = np.linalg.lstsq(left, right, rcond=None)[0]
    return answer


@hypothesis_settings(max_examples=40)
@given(
    count=st.integers(1, 60),
    seed=st.integers(0, 2**31),
    strength=st.floats(1e-3, 1.0),
    weight=st.floats(0.5, 30.0),
    cuts=st.lists(st.integers(0, 60), max_size=4),
)
def test_streamed_normal_equations_are_weighted_least_squares(
    count: int, seed: int, strength: float, weight: float, cuts: list[int]
) -> None:
    s, y = words(count, seed)
    equations = NormalEquations(7, 4)
    edges = sorted({0, count, *(c for c in cuts if c < count)})
    for start, end in itertools.pairwise(edges):
        equations.add(s[start:end], y[start:end])
    found = equations.solve(strength, weight).numpy()
    assert np.abs(found - by_least_squares(s, y, strength, weight)).max() < 1e-9


def test_flushing_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ridge, "ROWS", 3)
    s, y = words(50, 1)
    equations = NormalEquations(7, 4)
    for start in range(0, 50, 5):
        equations.add(s[start : start + 5], y[start : start + 5])
    expected = by_least_squares(s, y, 0.01, 5.0)
    assert np.abs(equations.solve(0.01, 5.0).numpy() - expected).max() < 1e-9


def test_thinning_takes_every_other_word_in_no_name() -> None:
    s, y = words(40, 2)
    equations = NormalEquations(7, 4, thin=2)
    equations.add(s, y)
    outside = (y == 0).nonzero()[:, 0]
    keep = torch.ones(40, dtype=torch.bool)
    keep[outside[1::2]] = False
    expected = by_least_squares(s[keep], y[keep], 0.1, 2.0)
    assert np.abs(equations.solve(0.1, 2.0).numpy() - expected).max() < 1e-9


def test_memory_does_not_grow_with_the_corpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ridge, "ROWS", 100)
    equations = NormalEquations(7, 4)
    most = 0
    for number in range(400):
        equations.add(*words(30, number))
        most = max(most, *equations.waiting)
    assert 30 <= most < 100


def test_equations_beyond_the_machine_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"needs \d+ GiB: use a smaller model\.hidden_size"):
        NormalEquations(10_000_000, 17)


@pytest.fixture(scope="module")
def echo(recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> tuple[Config, Path]:
    model = ModelConfig(
        cell="reservoir", hidden_size=60, output="ridge", word_size=16, form_size=8,
        chars="none", memory_units=30, sparsity=0.1, spectral_radius=0.5,
    )  # fmt: skip
    config = dataclasses.replace(recipe(), model=model)
    output = tmp_path_factory.mktemp("echo") / "run"
    assert train(config, output, on_notice=lambda line: None) is not None
    return config, output


def test_one_pass_makes_a_model_that_finds_names(
    echo: tuple[Config, Path], scores_of: Callable[..., dict[str, Any]]
) -> None:
    config, output = echo
    bundle = read_bundle(output)
    assert bundle.metrics["epochs"] == 1
    assert bundle.metrics["scores"]["test"]["names"]["f1"] > 0.9
    assert any("ridge regression of strength" in line for line in bundle.metrics["notes"])
    tagger, vocabulary = load_tagger(bundle)
    assert vocabulary.tags == tagger.tags
    assert config.data.test is not None
    scores = scores_of(output, [config.data.test])
    assert scores[config.data.test] == bundle.metrics["scores"]["test"]


def test_it_tags_text(echo: tuple[Config, Path]) -> None:
    names = Tagger.load(echo[1]).tag("Yesterday Angela Merkel met Ivan Petrov .").names
    assert [name.text for name in names] == ["Angela Merkel", "Ivan Petrov"]
    assert all(0 < name.score <= 1 for name in names)


def test_the_same_seed_gives_the_same_model(echo: tuple[Config, Path], tmp_path: Path) -> None:
    train(echo[0], tmp_path / "again", on_notice=lambda line: None)
    one, other = read_bundle(echo[1]).weights, read_bundle(tmp_path / "again").weights
    assert one.keys() == other.keys()
    for name in one:
        assert np.allclose(one[name], other[name], rtol=1e-4, atol=1e-5), name


def test_without_a_development_set_nothing_is_chosen(
    recipe: Recipe, echo: tuple[Config, Path], tmp_path: Path
) -> None:
    config = dataclasses.replace(recipe(data__dev=None), model=echo[0].model)
    result = train(config, tmp_path / "run", on_notice=lambda line: None)
    assert result is not None
    assert Choice().remark in read_bundle(result.output).metrics["notes"]
    assert (result.scores["test"].names.f1 or 0) > 0.8


def test_there_is_nothing_to_resume(echo: tuple[Config, Path]) -> None:
    with pytest.raises(ConfigError, match="one pass"):
        train(echo[0], echo[1], resume=True, on_notice=lambda line: None)


def test_the_frozen_reservoir_learns_under_a_crf(recipe: Recipe, tmp_path: Path) -> None:
    config = recipe(trainer__epochs=6)
    model = dataclasses.replace(config.model, cell="reservoir", hidden_size=30, sparsity=0.1)
    config = dataclasses.replace(config, model=model)
    result = train(config, tmp_path / "run", on_notice=lambda line: None)
    assert result is not None
    bundle = read_bundle(result.output)
    assert {n for n in bundle.weights if n.startswith("encoder")} == {
        "encoder.seed", "encoder.scale",
    }  # fmt: skip
    assert (result.scores["test"].names.f1 or 0) > 0.5
    assert load_tagger(bundle)[0].encoder.output_size == 60
