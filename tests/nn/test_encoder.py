"""The contract of every encoder: shapes, padding, batch order, carried state, gradients."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from ner_rnn.model.settings import ModelConfig
from ner_rnn.nn.assembly import build_encoder
from ner_rnn.nn.encoder import State, padding_mask

INPUT, UNITS = 3, 12
CELLS: dict[str, dict[str, Any]] = {
    "rnn": {"cell": "rnn"},
    "relu": {"cell": "rnn", "nonlinearity": "relu"},
    "gru": {"cell": "gru"},
    "lstm": {"cell": "lstm"},
    "clockwork": {"cell": "clockwork", "periods": (1, 2, 4, 8)},
    "clockwork relu": {"cell": "clockwork", "periods": (2, 3), "nonlinearity": "relu"},
    "reservoir": {"cell": "reservoir", "sparsity": 0.3, "leak": 0.6},
    "none": {"cell": "none"},
    "none relu": {"cell": "none", "nonlinearity": "relu"},
}
SHAPES = [
    pytest.param(cell, layers, bidirectional, id=f"{cell}-{layers}-{'bi' if bidirectional else 1}")
    for cell in CELLS
    for layers in (1, 2)
    for bidirectional in (False, True)
    if not (cell == "reservoir" and layers > 1)
]
ONE_DIRECTION = [shape for shape in SHAPES if not shape.values[2]]


def make(cell: str, layers: int, bidirectional: bool, **changes: Any) -> Any:
    """An encoder in float64, whose biases are not zero."""
    torch.manual_seed(0)
    model = ModelConfig(
        hidden_size=UNITS,
        layers=layers,
        bidirectional=bidirectional,
        **{"dropout": 0.0, **CELLS[cell], **changes},
    )
    encoder: Any = build_encoder(model, INPUT)
    for parameter in encoder.parameters():
        nn.init.normal_(parameter, std=0.4)
    return encoder.double()


def draw(lengths: list[int], time: int = 0) -> tuple[Tensor, Tensor]:
    """Sentences, NaN in the padding, up to ``time`` or the longest."""
    generator = torch.Generator().manual_seed(1)
    shape = len(lengths), max(time, *lengths), INPUT
    x = torch.randn(shape, generator=generator, dtype=torch.float64)
    sizes = torch.tensor(lengths)
    return torch.where(padding_mask(sizes, shape[1])[..., None], x, torch.nan), sizes


def close(found: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)


def close_states(found: State | None, expected: State | None) -> None:
    assert found is not None
    assert expected is not None
    assert found.step == expected.step
    for layer, same in zip(found.layers, expected.layers, strict=True):
        for part, other in zip(layer, same, strict=True):
            close(part, other)


@pytest.mark.parametrize(("cell", "layers", "bidirectional"), SHAPES)
def test_output_size(cell: str, layers: int, bidirectional: bool) -> None:
    encoder = make(cell, layers, bidirectional)
    x, lengths = draw([4, 2], time=6)
    y, state = encoder(x, lengths)
    assert y.shape == (2, 6, encoder.output_size)
    assert encoder.output_size == UNITS * (
        2 if bidirectional and CELLS[cell]["cell"] != "none" else 1
    )
    assert state is None, "rows that end have nothing to go on from"


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from([shape.values for shape in SHAPES]),
    st.lists(st.integers(1, 9), min_size=1, max_size=5),
    st.integers(0, 6),
    st.randoms(use_true_random=False),
)
def test_padding_order_and_other_rows_change_nothing(
    shape: tuple[str, int, bool], lengths: list[int], more: int, random: Random
) -> None:
    encoder = make(*shape)
    x, sizes = draw(lengths)
    y, _ = encoder(x, sizes)
    order = list(range(len(lengths)))
    random.shuffle(order)
    padded = torch.cat([x, torch.full((len(lengths), more, INPUT), torch.nan).double()], dim=1)
    again, _ = encoder(padded[order], sizes[order])
    close(again[:, : x.shape[1]], y[order])
    assert not again[:, x.shape[1] :].any()
    for row, length in enumerate(lengths):
        alone, _ = encoder(x[row : row + 1, :length], None)
        close(alone[0], y[row, :length])
        assert not y[row, length:].any()


@pytest.mark.parametrize(("cell", "layers", "bidirectional"), SHAPES)
def test_gradients_end_at_the_padding(cell: str, layers: int, bidirectional: bool) -> None:
    encoder = make(cell, layers, bidirectional)
    x, lengths = draw([4, 6])
    x = x.nan_to_num(100.0).requires_grad_()
    y, _ = encoder(x, lengths)
    (gradient,) = torch.autograd.grad((y[0] * torch.randn_like(y[0])).sum(), x)
    read = gradient[0, :4].abs().sum(-1) > 0
    assert read.any() if "relu" in cell else read.all(), "a ReLU, or a clock, may stand still"
    assert not gradient[0, 4:].any()
    assert not gradient[1].any(), "rows know nothing of one another"


@pytest.mark.parametrize(("cell", "layers", "bidirectional"), SHAPES)
def test_gradients_are_those_of_finite_differences(
    cell: str, layers: int, bidirectional: bool
) -> None:
    encoder = make(cell, layers, bidirectional)
    x, lengths = draw([5, 2])
    x = x.nan_to_num(100.0).requires_grad_()
    inputs = (x, *encoder.parameters())
    assert torch.autograd.gradcheck(lambda x, *_: encoder(x, lengths)[0], inputs, fast_mode=True)


@pytest.mark.parametrize("split", [[4, 7], [1] * 11, [3, 5, 3], [10, 1]])
@pytest.mark.parametrize(("cell", "layers", "bidirectional"), ONE_DIRECTION)
def test_reading_in_pieces_is_reading_the_whole(
    cell: str, layers: int, bidirectional: bool, split: list[int]
) -> None:
    encoder = make(cell, layers, bidirectional)
    x, _ = draw([11, 11, 11])
    whole, end = encoder(x, None)
    state, pieces = None, []
    for piece in x.split(split, dim=1):
        y, state = encoder(piece, None, state)
        pieces.append(y)
    close(torch.cat(pieces, dim=1), whole)
    close_states(state, end)
    assert end.step == 11


@pytest.mark.parametrize(("cell", "layers", "bidirectional"), ONE_DIRECTION)
def test_rows_may_end_in_the_last_piece(cell: str, layers: int, bidirectional: bool) -> None:
    encoder = make(cell, layers, bidirectional)
    x, lengths = draw([5, 9])
    whole, _ = encoder(x, lengths)
    _, state = encoder(x[:, :3], None)
    y, after = encoder(x[:, 3:], lengths - 3, state)
    close(y, whole[:, 3:])
    assert after is None


@pytest.mark.parametrize(("cell", "layers", "bidirectional"), ONE_DIRECTION)
def test_rows_of_a_state(cell: str, layers: int, bidirectional: bool) -> None:
    encoder = make(cell, layers, bidirectional)
    x, _ = draw([6, 6, 6])
    rows = torch.tensor([2, 0])
    _, state = encoder(x[:, :4], None)
    both, _ = encoder(x[rows, 4:], None, state.rows(rows))
    close(both, encoder(x, None)[0][rows, 4:])


@pytest.mark.parametrize("first", [1, 3, 5])
@pytest.mark.parametrize(("cell", "layers", "bidirectional"), ONE_DIRECTION)
def test_gradients_flow_through_a_carried_state(
    cell: str, layers: int, bidirectional: bool, first: int
) -> None:
    encoder = make(cell, layers, bidirectional)
    x, _ = draw([9, 9])
    x.requires_grad_()
    inputs = [x, *encoder.parameters()]
    weights = torch.randn(2, 9, encoder.output_size, dtype=torch.float64)
    whole, _ = encoder(x, None)
    expected = torch.autograd.grad((whole * weights).sum(), inputs)
    one, state = encoder(x[:, :first], None)
    two, _ = encoder(x[:, first:], None, state)
    found = torch.autograd.grad((torch.cat([one, two], dim=1) * weights).sum(), inputs)
    for gradient, same in zip(found, expected, strict=True):
        close(gradient, same)


@pytest.mark.parametrize(("cell", "layers", "bidirectional"), ONE_DIRECTION)
def test_detached_states_stop_gradients(cell: str, layers: int, bidirectional: bool) -> None:
    encoder = make(cell, layers, bidirectional)
    x, _ = draw([6])
    x.requires_grad_()
    _, state = encoder(x[:, :3], None)
    y, _ = encoder(x[:, 3:], None, state.detach())
    (gradient,) = torch.autograd.grad(y.sum(), x)
    assert not gradient[0, :3].any()
    assert gradient[0, 3:].any()


@pytest.mark.parametrize(("cell", "layers", "bidirectional"), ONE_DIRECTION)
def test_one_direction_sees_no_later_word(cell: str, layers: int, bidirectional: bool) -> None:
    encoder = make(cell, layers, bidirectional)
    x, lengths = draw([6])
    later = x.clone()
    later[0, 3:] += 1
    before, after = encoder(x, lengths)[0], encoder(later, lengths)[0]
    assert torch.equal(before[0, :3], after[0, :3])
    assert not torch.equal(before[0, 3:], after[0, 3:])


@pytest.mark.parametrize("cell", ["gru", "lstm", "clockwork", "reservoir"])
def test_both_directions_cannot_go_on(cell: str) -> None:
    _, state = make(cell, 1, False)(draw([4])[0], None)
    encoder = make(cell, 1, True)
    x, lengths = draw([4])
    y, after = encoder(x, None)
    assert after is None
    close(y, encoder(x, lengths)[0])
    with pytest.raises(ValueError, match="cannot go on from a state"):
        encoder(x, None, state)


@pytest.mark.parametrize("cell", ["gru", "lstm", "clockwork", "reservoir"])
def test_the_first_direction_alone(cell: str) -> None:
    encoder = make(cell, 1, True)
    x, _ = draw([7, 7])
    alone = encoder.first_direction()
    assert alone.output_size == UNITS
    close(alone(x, None)[0], encoder(x, None)[0][..., :UNITS])


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("cell", ["lstm", "clockwork", "none"])
def test_dropout_is_between_layers_alone(cell: str, layers: int, bidirectional: bool) -> None:
    encoder = make(cell, layers, bidirectional, dropout=0.5)
    x, lengths = draw([5, 3])
    first, second = encoder(x, lengths)[0], encoder(x, lengths)[0]
    assert torch.equal(first, second) == (layers == 1)
    encoder.eval()
    assert torch.equal(encoder(x, lengths)[0], encoder(x, lengths)[0])


@pytest.mark.parametrize(("cell", "layers", "bidirectional"), SHAPES)
def test_autocast_on_a_cpu(cell: str, layers: int, bidirectional: bool) -> None:
    encoder = make(cell, layers, bidirectional).float()
    x, lengths = draw([6, 4])
    x = x.nan_to_num().float().requires_grad_()
    expected, _ = encoder(x, lengths)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        y, _ = encoder(x, lengths)
        y.sum().backward()
    torch.testing.assert_close(y.float(), expected, rtol=0.05, atol=0.05)
    assert all(p.grad is not None and p.grad.isfinite().all() for p in encoder.parameters())
