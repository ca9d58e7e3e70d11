"""The network without recurrence: each word by itself, whatever stands around it."""

from __future__ import annotations

from random import Random
from typing import Literal

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from ner_rnn.nn.feedforward import FeedForward

INPUT, UNITS = 3, 4


def make(layers: int, nonlinearity: Literal["tanh", "relu"] = "tanh") -> FeedForward:
    torch.manual_seed(0)
    return FeedForward(INPUT, UNITS, layers=layers, nonlinearity=nonlinearity).double()


def draw(lengths: list[int]) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    shape = len(lengths), max(lengths), INPUT
    x = 10 * torch.randn(shape, generator=generator, dtype=torch.float64)
    return x, torch.tensor(lengths)


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
@pytest.mark.parametrize("layers", [1, 2, 3])
def test_it_is_the_layers_written_out(layers: int, nonlinearity: Literal["tanh", "relu"]) -> None:
    model = make(layers, nonlinearity)
    for parameter in model.parameters():
        nn.init.normal_(parameter)
    f = {"tanh": torch.tanh, "relu": torch.relu}[nonlinearity]
    x, lengths = draw([4, 4])
    expected = x
    parameters = list(model.parameters())
    for weight, bias in zip(parameters[::2], parameters[1::2], strict=True):
        expected = f(torch.einsum("btx,hx->bth", expected, weight) + bias)
    assert len(parameters) == 2 * layers
    torch.testing.assert_close(model(x, lengths), expected, rtol=1e-12, atol=1e-12)
    assert model.output_size == UNITS


@settings(max_examples=40)
@given(
    st.integers(1, 3),
    st.lists(st.integers(1, 8), min_size=1, max_size=5),
    st.integers(0, 6),
    st.randoms(use_true_random=False),
)
def test_padding_order_and_company_change_nothing(
    layers: int, lengths: list[int], more: int, random: Random
) -> None:
    model = make(layers)
    x, sizes = draw(lengths)
    y = model(x, sizes)
    order = list(range(len(lengths)))
    random.shuffle(order)
    padded = torch.cat([x, torch.full((len(lengths), more, INPUT), torch.nan)], dim=1)
    again = model(padded[order], sizes[order])
    torch.testing.assert_close(again[:, : x.shape[1]], y[order], rtol=1e-12, atol=1e-12)
    assert not again[:, x.shape[1] :].any()
    for row, length in enumerate(lengths):
        assert not y[row, length:].any()


def test_a_word_is_judged_by_itself_alone() -> None:
    model = make(2)
    x, lengths = draw([6])
    x.requires_grad_()
    (gradient,) = torch.autograd.grad(model(x, lengths)[0, 3].sum(), x)
    assert gradient[0].abs().sum(-1).nonzero().flatten().tolist() == [3]


@pytest.mark.parametrize("layers", [1, 2])
def test_dropout_is_between_layers_alone(layers: int) -> None:
    torch.manual_seed(0)
    model = FeedForward(INPUT, UNITS, layers=layers, dropout=0.5).double()
    x, lengths = draw([5, 3])
    assert torch.equal(model(x, lengths), model(x, lengths)) == (layers == 1)
    model.eval()
    assert torch.equal(model(x, lengths), model(x, lengths))
