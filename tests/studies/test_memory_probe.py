"""The task is what it says, cells learn it where they can, and clipping does what is claimed."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ner_rnn.errors import ConfigError
from ner_rnn.model.settings import ModelConfig
from ner_rnn.studies import clipping, memory_probe
from ner_rnn.studies.memory_probe import (
    CHANCE,
    SYMBOLS,
    WIDTH,
    RecallNetwork,
    cell_of,
    draw,
    recall,
)


@pytest.mark.parametrize("lag", [1, 2, 7])
def test_sequences(lag: int) -> None:
    x, wanted = draw(lag, 50, np.random.default_rng(1))
    assert x.shape == (50, lag + 1, WIDTH)
    ids = x.argmax(-1)
    assert torch.equal(x.sum(-1), torch.ones(50, lag + 1))
    assert torch.equal(ids[:, 0], wanted)
    assert set(wanted.tolist()) == set(range(SYMBOLS))
    middle = ids[:, 1:-1]
    assert bool(((middle >= SYMBOLS) & (middle < WIDTH - 1)).all())
    assert bool((ids[:, -1] == WIDTH - 1).all())


@pytest.mark.parametrize(
    "model",
    [
        ModelConfig(cell="rnn"),
        ModelConfig(cell="gru", bidirectional=False),
        ModelConfig(cell="clockwork", periods=(1, 2, 4), hidden_size=60),
        ModelConfig(cell="reservoir", hidden_size=500),
    ],
    ids=lambda model: model.cell,
)
def test_two_steps_back_are_recalled(model: ModelConfig) -> None:
    result, _ = recall(cell_of(model), 2)
    assert result.accuracy > 0.99
    assert (result.steps == 0) == (model.cell == "reservoir")


def test_a_reservoir_forgets_and_its_recurrence_is_not_trained(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory_probe, "STEPS", 100)
    model = cell_of(ModelConfig(cell="reservoir", spectral_radius=0.5, leak=0.6))
    result, reader = recall(model, 40, seed=3)
    assert abs(result.accuracy - CHANCE) < 0.05
    with torch.random.fork_rng():
        torch.manual_seed(3)
        fresh = RecallNetwork(model)
    assert torch.equal(reader.encoder.weight, fresh.encoder.weight)  # type: ignore[attr-defined]


def test_the_same_seed_gives_the_same_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_probe, "STEPS", 3)
    model = cell_of(ModelConfig(cell="rnn"))
    torch.manual_seed(1)
    one = recall(model, 5, seed=2)[0]
    torch.manual_seed(9)
    assert recall(model, 5, seed=2)[0].accuracy == one.accuracy
    assert recall(model, 5, seed=4)[0].accuracy != one.accuracy


def test_what_is_kept_of_a_recipe() -> None:
    relu = cell_of(ModelConfig(cell="rnn", nonlinearity="relu", layers=3, hidden_size=200))
    assert (relu.nonlinearity, relu.layers, relu.hidden_size, relu.bidirectional) == (
        "relu", 3, 64, False,
    )  # fmt: skip
    # as many connections a unit as the recipe has: 0.02 of 500
    reservoir = cell_of(ModelConfig(cell="reservoir", hidden_size=500, sparsity=0.02))
    assert round(reservoir.sparsity * reservoir.hidden_size) == 10
    assert (
        cell_of(ModelConfig(cell="clockwork", periods=(1, 2, 4), hidden_size=6)).hidden_size == 66
    )
    with pytest.raises(ConfigError, match="has no memory"):
        cell_of(ModelConfig(cell="none"))


def test_without_clipping_it_breaks_and_with_it_goes_on() -> None:
    clipped, free, slow = clipping.train_all(seed=1, steps=12)
    assert (len(clipped.loss), clipped.broke) == (12, None)
    assert free.broke == 2
    assert free.end() is None
    assert free.to_dict()["loss"][1] is None
    # the same start
    assert clipped.loss[0] == free.loss[0] == slow.loss[0]
    assert clipped.norm[0] is not None
    assert clipped.norm[0] > 1000 * clipping.LIMIT


@pytest.mark.slow
def test_clipping_learns_what_is_not_learned_without() -> None:
    clipped, _, slow = clipping.train_all(seed=1)
    assert (clipped.end() or 1) < clipping.BASELINE / 2
    assert (slow.end() or 0) > clipping.BASELINE / 2
