"""The clockwork layers: which words reach which states, the clock, gradients, what is refused.

That they are the textbook's network, ``tests/reference/test_against_nn.py`` shows.
"""

from __future__ import annotations

from random import Random
from typing import Literal

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from ner_rnn.errors import ConfigError
from ner_rnn.nn.clockwork import Clockwork, ClockworkLayer
from ner_rnn.nn.recurrent import Recurrent, padding_mask

INPUT, UNITS = 3, 12
PERIODS = (1, 2, 4, 8)
Nonlinearity = Literal["tanh", "relu"]


def make(
    periods: tuple[int, ...] = PERIODS,
    layers: int = 1,
    *,
    bidirectional: bool = True,
    nonlinearity: Nonlinearity = "tanh",
) -> Clockwork:
    torch.manual_seed(0)
    model = Clockwork(
        INPUT,
        UNITS,
        periods,
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


@settings(max_examples=40)
@given(
    st.sampled_from([(1,), (1, 2, 4, 8), (2, 3), (1, 50)]),
    st.booleans(),
    st.lists(st.integers(1, 12), min_size=1, max_size=5),
    st.integers(0, 6),
    st.randoms(use_true_random=False),
)
def test_padding_order_and_company_change_nothing(
    periods: tuple[int, ...], bidirectional: bool, lengths: list[int], more: int, random: Random
) -> None:
    model = make(periods, 2, bidirectional=bidirectional)
    x, sizes = draw(lengths)
    y = model(x, sizes)
    assert y.shape == (len(lengths), max(lengths), model.output_size)
    order = list(range(len(lengths)))
    random.shuffle(order)
    padded = torch.cat([x, 100 * torch.randn(len(lengths), more, INPUT, dtype=x.dtype)], dim=1)
    again = model(padded[order], sizes[order])
    torch.testing.assert_close(again[:, : x.shape[1]], y[order], rtol=1e-12, atol=1e-12)
    assert not again[:, x.shape[1] :].any()
    for row, length in enumerate(lengths):
        alone = model(x[row : row + 1, :length], sizes[row : row + 1])
        torch.testing.assert_close(alone[0], y[row, :length], rtol=1e-12, atol=1e-12)
        assert not y[row, length:].any()


def test_nothing_at_all_in_the_padding_is_felt() -> None:
    model = make(layers=2)
    x, lengths = draw([2, 5])
    expected = model(x, lengths)
    x[0, 2:] = torch.nan
    torch.testing.assert_close(model(x, lengths), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("length", [1, 2, 9, 20])
def test_each_direction_counts_from_its_own_end(length: int) -> None:
    """A longer sentence stands in the batch too, so that the last word is not the last step."""
    model = make()
    x, lengths = draw([length, 23])
    y = model(x, lengths)[0, :length]
    for way, states in enumerate((y[:, :UNITS], y[:, UNITS:].flip(0))):
        for unit in range(UNITS):
            period = PERIODS[unit // 3]
            moved = [t for t in range(1, length) if states[t, unit] != states[t - 1, unit]]
            assert moved == [t for t in range(1, length) if t % period == 0], (way, unit)


def test_slow_units_hear_no_word_between_their_ticks() -> None:
    model = make(bidirectional=False)
    x, lengths = draw([17])
    x.requires_grad_()
    slowest = model(x, lengths)[0, -1, 9:].sum()  # the group of period 8
    (gradient,) = torch.autograd.grad(slowest, x)
    heard = gradient[0].abs().sum(-1) > 0
    assert heard.nonzero().flatten().tolist() == [0, 8, 16]


def test_fast_units_hear_every_word() -> None:
    model = make()
    x, lengths = draw([9, 12])
    x.requires_grad_()
    (gradient,) = torch.autograd.grad(model(x, lengths)[0, 4].sum(), x)
    assert gradient[0, :9].abs().sum(-1).min() > 0
    assert not gradient[0, 9:].any()
    assert not gradient[1].any(), "sentences know nothing of one another"


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
def test_one_group_that_always_ticks_is_an_elman_network(nonlinearity: Nonlinearity) -> None:
    model = make((1,), 2, nonlinearity=nonlinearity)
    elman = Recurrent("rnn", INPUT, UNITS, layers=2, nonlinearity=nonlinearity).double()
    for theirs, ours in zip(
        [layer for ways in elman.layers for layer in ways],  # type: ignore[attr-defined]
        [layer for ways in model.layers for layer in ways],  # type: ignore[attr-defined]
        strict=True,
    ):
        theirs.weight_ih_l0.data.copy_(ours.weight_ih)
        theirs.weight_hh_l0.data.copy_(ours.weight_hh[0])
        theirs.bias_ih_l0.data.copy_(ours.bias)
    x, lengths = draw([7, 4, 1])
    torch.testing.assert_close(model(x, lengths), elman(x, lengths), rtol=1e-12, atol=1e-12)


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


@pytest.mark.parametrize("layers", [1, 2])
def test_dropout_is_between_layers_alone(layers: int) -> None:
    torch.manual_seed(0)
    model = Clockwork(INPUT, UNITS, layers=layers, dropout=0.5).double()
    x, lengths = draw([5, 3])
    assert torch.equal(model(x, lengths), model(x, lengths)) == (layers == 1)
    model.eval()
    assert torch.equal(model(x, lengths), model(x, lengths))


def test_under_autocast_it_reads_in_full_precision() -> None:
    model = make().float()
    x, lengths = draw([6, 4])
    expected = model(x.float(), lengths)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        y = model(x.bfloat16(), lengths)
        y.sum().backward()
    assert y.dtype == torch.float32
    torch.testing.assert_close(y, expected, rtol=0.05, atol=0.05)
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())


@pytest.mark.parametrize("periods", [(), (0, 1), (2, 1), (1, 1), (-1,)])
def test_a_clock_that_cannot_be(periods: tuple[int, ...]) -> None:
    with pytest.raises(ConfigError, match=r"periods are \["):
        ClockworkLayer(2, 12, periods)


def test_units_that_do_not_divide() -> None:
    with pytest.raises(ConfigError, match="10 units do not divide into 4 equal groups"):
        Clockwork(2, 10, PERIODS)
