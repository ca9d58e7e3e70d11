"""The network without recurrence: each word by itself, whatever stands around it."""

from __future__ import annotations

from typing import Literal

import pytest
import torch
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
    torch.testing.assert_close(model(x, lengths)[0], expected, rtol=1e-12, atol=1e-12)
    assert model.output_size == UNITS


def test_a_word_is_judged_by_itself_alone() -> None:
    model = make(2)
    x, lengths = draw([6])
    x.requires_grad_()
    (gradient,) = torch.autograd.grad(model(x, lengths)[0][0, 3].sum(), x)
    assert gradient[0].abs().sum(-1).nonzero().flatten().tolist() == [3]
