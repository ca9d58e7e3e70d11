"""The clockwork layers: which words reach which states, the clock, gradients, what is refused.

That they are the textbook's network, ``tests/studies/equations/test_against_nn.py`` shows.
"""

from __future__ import annotations

from typing import Literal

import pytest
import torch
from torch import Tensor, nn

from ner_rnn.nn.clockwork import ClockworkLayer
from ner_rnn.nn.encoder import padding_mask
from ner_rnn.nn.recurrent import Recurrent

INPUT, UNITS = 3, 12
PERIODS = (1, 2, 4, 8)
Nonlinearity = Literal["tanh", "relu"]


def make(
    periods: tuple[int, ...] = PERIODS,
    layers: int = 1,
    *,
    bidirectional: bool = True,
    nonlinearity: Nonlinearity = "tanh",
) -> Recurrent:
    torch.manual_seed(0)
    model = Recurrent(
        "clockwork",
        INPUT,
        UNITS,
        periods=periods,
        layers=layers,
        bidirectional=bidirectional,
        nonlinearity=nonlinearity,
    ).double()
    for parameter in model.parameters():  # the biases too, which are zero at the start
        nn.init.normal_(parameter, std=0.5)
    return model


def draw(lengths: list[int]) -> tuple[Tensor, Tensor]:
    """Sentences with large numbers in the padding."""
    generator = torch.Generator().manual_seed(1)
    shape = len(lengths), max(lengths), INPUT
    x = torch.randn(shape, generator=generator, dtype=torch.float64)
    sizes = torch.tensor(lengths)
    return torch.where(padding_mask(sizes, shape[1])[..., None], x, x * 100), sizes


@pytest.mark.parametrize("length", [1, 2, 9, 20])
def test_each_direction_counts_from_its_own_end(length: int) -> None:
    """A longer sentence stands in the batch too, so that the last word is not the last step."""
    model = make()
    x, lengths = draw([length, 23])
    y = model(x, lengths)[0][0, :length]
    for direction, states in enumerate((y[:, :UNITS], y[:, UNITS:].flip(0))):
        for unit in range(UNITS):
            period = PERIODS[unit // 3]
            moved = [t for t in range(1, length) if states[t, unit] != states[t - 1, unit]]
            assert moved == [t for t in range(1, length) if t % period == 0], (direction, unit)


def test_slow_units_read_no_word_between_their_ticks() -> None:
    model = make(bidirectional=False)
    x, lengths = draw([17])
    x.requires_grad_()
    slowest = model(x, lengths)[0][0, -1, 9:].sum()  # the group of period 8
    (gradient,) = torch.autograd.grad(slowest, x)
    read = gradient[0].abs().sum(-1) > 0
    assert read.nonzero().flatten().tolist() == [0, 8, 16]


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
def test_one_group_that_always_ticks_is_an_elman_network(nonlinearity: Nonlinearity) -> None:
    model = make((1,), 2, nonlinearity=nonlinearity)
    elman = Recurrent("rnn", INPUT, UNITS, layers=2, nonlinearity=nonlinearity).double()
    for theirs, ours in zip(
        [layer for both in elman.layers for layer in both],  # type: ignore[attr-defined]
        [layer for both in model.layers for layer in both],  # type: ignore[attr-defined]
        strict=True,
    ):
        theirs.weight_ih_l0.data.copy_(ours.weight_ih)
        theirs.weight_hh_l0.data.copy_(ours.weight_hh[0])
        theirs.bias_ih_l0.data.copy_(ours.bias)
    x, lengths = draw([7, 4, 1])
    torch.testing.assert_close(model(x, lengths)[0], elman(x, lengths)[0], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("periods", [(1,), (1, 2, 4), (2, 3), (3,), (1, 40)])
@pytest.mark.parametrize("time", [1, 2, 7])
def test_gradients_by_finite_differences(periods: tuple[int, ...], time: int) -> None:
    layer = ClockworkLayer(2, 2 * len(periods), periods).double()
    nn.init.normal_(layer.bias)
    x = torch.randn(2, time, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda x, *_: layer(x)[0], (x, *layer.parameters()), fast_mode=True
    )


def test_gradients_are_of_the_first_order_alone() -> None:
    """A second derivative would be silently wrong; it is refused instead."""
    layer = ClockworkLayer(2, 4, (1, 2))
    x = torch.randn(1, 3, 2, requires_grad=True)
    (gradient,) = torch.autograd.grad(layer(x)[0].square().sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        gradient.sum().backward()


def test_a_fresh_group_keeps_what_it_knows() -> None:
    torch.manual_seed(0)
    layer = ClockworkLayer(5, 16, PERIODS)
    assert not layer.bias.any()
    for block in layer.weight_hh:
        own = block[:, :4]
        torch.testing.assert_close(own @ own.T, torch.eye(4), rtol=0, atol=1e-5)


def test_blocks_at_256_units() -> None:
    layer = ClockworkLayer(5, 256, PERIODS)
    assert [tuple(block.shape) for block in layer.weight_hh] == [
        (64, 256), (64, 192), (64, 128), (64, 64),
    ]  # fmt: skip
