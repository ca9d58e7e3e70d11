"""Reading in pieces is reading the whole, for every cell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from ner_rnn.encoding.symbols import Symbols
from ner_rnn.model.language_model import Settings
from ner_rnn.nn.language_model_files import build_model

CELLS: dict[str, dict[str, Any]] = {
    "rnn": {"cell": "rnn"},
    "relu": {"cell": "rnn", "nonlinearity": "relu"},
    "gru": {"cell": "gru", "layers": 2},
    "lstm": {"cell": "lstm", "layers": 2},
    "one-hot": {"cell": "lstm", "embedding_size": 0},
    "tied": {"cell": "gru", "embedding_size": 8, "tie": True},
    "clockwork": {"cell": "clockwork", "layers": 2},
    "clockwork-odd": {"cell": "clockwork", "periods": (1, 3), "nonlinearity": "relu"},
    "reservoir": {"cell": "reservoir", "hidden_size": 20, "sparsity": 0.2, "leak": 0.6},
    "none": {"cell": "none"},
}


@pytest.mark.parametrize("cell", CELLS)
def test_a_step_at_a_time_is_the_whole_sequence(make: Callable[..., Any], cell: str) -> None:
    made = make(**CELLS[cell])
    model, symbols = made.model, made.symbols
    ids = torch.randint(len(symbols), (3, 11))
    with torch.no_grad():
        whole, end = model(ids)
        state, steps = None, []
        for t in range(ids.shape[1]):
            log_p, state = model(ids[:, t : t + 1], state)
            steps.append(log_p)
    assert torch.allclose(torch.cat(steps, dim=1), whole, rtol=0, atol=1e-12)
    assert state is not None and state.step == end.step == 11
    for one, other in zip(state.layers, end.layers, strict=True):
        for part, same in zip(one, other, strict=True):
            assert torch.allclose(part, same, rtol=0, atol=1e-12)


@pytest.mark.parametrize("cell", ["lstm", "gru", "clockwork", "reservoir"])
def test_gradients_through_a_carried_state_are_those_of_the_whole(
    make: Callable[..., Any], cell: str
) -> None:
    made = make(**CELLS[cell])
    model, symbols = made.model, made.symbols
    ids = torch.randint(len(symbols), (2, 9))
    targets = torch.randint(len(symbols), (2, 9))
    model.loss(ids, targets)[0].backward()
    whole = {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}
    model.zero_grad()
    first, state = model.loss(ids[:, :4], targets[:, :4])
    second, _ = model.loss(ids[:, 4:], targets[:, 4:], state)
    (first + second).backward()
    for name, expected in whole.items():
        assert torch.allclose(model.get_parameter(name).grad, expected, atol=1e-10), name


def test_truncated_gradients_stop_at_the_state(make: Callable[..., Any]) -> None:
    """Against a loss whose first part is given as numbers: what truncation means."""
    made = make(cell="lstm")
    model, symbols = made.model, made.symbols
    ids = torch.randint(len(symbols), (2, 9))
    targets = torch.randint(len(symbols), (2, 9))
    with torch.no_grad():
        _, state = model.states(ids[:, :4])

    def second() -> torch.Tensor:
        total: torch.Tensor = model.loss(ids[:, 4:], targets[:, 4:], state)[0]
        return total

    _, carried = model.loss(ids[:, :4], targets[:, :4])
    model.loss(ids[:, 4:], targets[:, 4:], carried.detach())[0].backward()
    weight = model.encoder.layers[0][0].weight_hh_l0
    for place in ((0, 0), (9, 3), (20, 7)):
        with torch.no_grad():
            before = weight[place].item()
            weight[place] = before + 1e-6
            above = second().item()
            weight[place] = before - 1e-6
            below = second().item()
            weight[place] = before
        assert weight.grad[place].item() == pytest.approx((above - below) / 2e-6, abs=1e-6)


def test_padding_counts_for_nothing(make: Callable[..., Any]) -> None:
    model = make().model
    ids = torch.tensor([[0, 2, 3], [0, 4, 0]])
    targets = torch.tensor([[2, 3, 0], [4, 0, -1]])
    both, _ = model.loss(ids, targets)
    first, _ = model.loss(ids[:1], targets[:1])
    second, _ = model.loss(ids[1:, :2], targets[1:, :2])
    assert both.item() == pytest.approx(first.item() + second.item(), abs=1e-12)


def test_tied_weights_are_one_table() -> None:
    symbols = Symbols("char", tuple("abc"))
    model = build_model(Settings(hidden_size=8, embedding_size=8, tie=True), symbols)
    assert model.vectors is not None
    assert model.emit.weight is model.vectors.weight
