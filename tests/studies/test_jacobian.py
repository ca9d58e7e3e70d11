"""Gains against the reference's backward through time, finite differences and torch's layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ner_rnn.nn.clockwork import ClockworkLayer
from ner_rnn.nn.encoder import State
from ner_rnn.nn.feedforward import FeedForward
from ner_rnn.nn.recurrent import Recurrent
from ner_rnn.nn.reservoir import Reservoir
from ner_rnn.studies import jacobian
from ner_rnn.studies.equations import GRU, LSTM, Clockwork, EchoState, Elman
from ner_rnn.studies.jacobian import gains, states

INPUTS, UNITS, TIME = 5, 8, 13


def _torch_cell(cell: Any, nonlinearity: Any = "tanh") -> Recurrent:
    encoder = Recurrent(cell, INPUTS, UNITS, bidirectional=False, nonlinearity=nonlinearity)
    for parameter in encoder.parameters():
        nn.init.uniform_(parameter, -0.5, 0.5)
    return encoder


MAKERS: dict[str, Callable[[], Any]] = {
    "rnn": lambda: _torch_cell("rnn"),
    "relu": lambda: _torch_cell("rnn", "relu"),
    "gru": lambda: _torch_cell("gru"),
    "lstm": lambda: _torch_cell("lstm"),
    "clockwork": lambda: Recurrent("clockwork", INPUTS, UNITS, bidirectional=False),
    "clockwork relu": lambda: Recurrent(
        "clockwork", INPUTS, UNITS, bidirectional=False, periods=(1, 3), nonlinearity="relu"
    ),
    "reservoir": lambda: Reservoir(INPUTS, UNITS, bidirectional=False, sparsity=0.4, leak=0.6),
}


@pytest.fixture(params=MAKERS)
def encoder(request: pytest.FixtureRequest) -> Any:
    torch.manual_seed(3)
    return MAKERS[request.param]().double()


@pytest.fixture
def x() -> Tensor:
    return torch.from_numpy(np.random.default_rng(4).standard_normal((TIME, INPUTS)))


def test_states_are_those_of_the_whole_sequence(encoder: Any, x: Tensor) -> None:
    found = torch.cat([state.layers[0][0] for state in states(encoder, x)])
    assert not found[0].any()
    assert torch.allclose(found[1:], encoder(x[None], None)[0][0], rtol=0, atol=1e-14)


def _reference(encoder: Any) -> Any:
    """The textbook network with the encoder's weights."""
    layer = encoder if isinstance(encoder, Reservoir) else encoder.layers[0][0]
    if isinstance(layer, Reservoir):
        W = np.zeros((UNITS, UNITS))
        np.put_along_axis(W, layer.index[0].long().numpy(), layer.weight[0].numpy(), axis=1)
        return EchoState(layer.inputs[0].numpy(), W, layer.bias[0].numpy(), leak=layer.leak)
    p = {name: value.detach().numpy() for name, value in layer.named_parameters()}
    if isinstance(layer, ClockworkLayer):
        blocks = tuple(block.detach().numpy() for block in layer.weight_hh)
        f: Any = layer.nonlinearity
        return Clockwork(p["weight_ih"], blocks, p["bias"][:, None], layer.periods, f)
    ih, hh = p["weight_ih_l0"], p["weight_hh_l0"]
    bi, bh = p["bias_ih_l0"][:, None], p["bias_hh_l0"][:, None]
    if isinstance(layer, nn.LSTM):
        w = dict(zip("ufco", np.split(np.hstack([hh, ih]), 4), strict=True))
        b = dict(zip("ufco", np.split(bi + bh, 4), strict=True))
        return LSTM(w["u"], b["u"], w["f"], b["f"], w["o"], b["o"], w["c"], b["c"])
    if isinstance(layer, nn.GRU):
        rx, zx, cx = np.split(ih, 3)
        ra, za, ca = np.split(hh, 3)
        rb, zb, cb = np.split(bi, 3)
        rh, zh, ch = np.split(bh, 3)
        named = {
            "W_rx": rx, "W_ra": ra, "b_r": rb + rh, "W_zx": zx, "W_za": za, "b_z": zb + zh,
            "W_cx": cx, "W_ca": ca, "b_c": cb, "b_ca": ch,
        }  # fmt: skip
        return GRU(**named, reset="after")
    assert isinstance(layer, nn.RNN)
    nonlinearity: Any = layer.nonlinearity
    return Elman(ih, hh, bi + bh, nonlinearity)


def test_against_backward_through_time_of_the_reference(encoder: Any, x: Tensor) -> None:
    found = gains(encoder, x, TIME)
    network = _reference(encoder)
    # an example a unit, each asked for the gradient of its own unit of the last state
    _, caches = network.forward(np.repeat(x.numpy().T[:, None, :], UNITS, axis=1))
    da, dc = np.eye(UNITS), np.zeros((UNITS, UNITS))
    expected = [(1.0, 0.0)]
    for cache in reversed(caches):
        if isinstance(network, LSTM):
            step = network.cell_backward(da, dc, cache)
            dc = step["c_prev"]
        else:
            step = network.cell_backward(da, cache)
        da = step["a_prev"]
        expected.append((np.linalg.norm(da) / UNITS**0.5, np.linalg.norm(dc) / UNITS**0.5))
    for part, row in enumerate(found):
        np.testing.assert_allclose(row.numpy(), [pair[part] for pair in expected], rtol=1e-10)


def test_against_finite_differences(encoder: Any, x: Tensor) -> None:
    lag, small = 4, 1e-6
    start = states(encoder, x)[TIME - lag]
    for part, found in enumerate(gains(encoder, x, lag)[:, lag]):
        moved = []
        for sign in (small, -small):
            parts = [p.expand(UNITS, -1) for p in start.layers[0]]
            parts[part] = parts[part] + sign * torch.eye(UNITS, dtype=torch.float64)
            state = State((tuple(parts),), start.step)
            moved.append(encoder(x[TIME - lag :].expand(UNITS, -1, -1), None, state)[0][:, -1])
        slopes = (moved[0] - moved[1]) / (2 * small)  # a row for each unit of the earlier state
        expected = slopes.square().sum().sqrt() / UNITS**0.5
        assert torch.allclose(found, expected, rtol=1e-6)


def test_a_large_layer_is_estimated(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(1)
    encoder = Reservoir(INPUTS, 400, bidirectional=False, sparsity=0.05).double()
    x = torch.randn(12, INPUTS, dtype=torch.float64)
    estimate = gains(encoder, x, 10, torch.Generator().manual_seed(2))
    again = gains(encoder, x, 10, torch.Generator().manual_seed(2))
    monkeypatch.setattr(jacobian, "EXACT", 400)
    exact = gains(encoder, x, 10)
    assert torch.equal(estimate, again)
    assert not torch.equal(estimate, exact)
    # 64 random vectors of 400 units: within a fifth
    assert torch.allclose(estimate, exact, rtol=0.2)


def test_an_encoder_without_recurrence(x: Tensor) -> None:
    with pytest.raises(TypeError, match="FeedForward has no state"):
        gains(FeedForward(INPUTS, UNITS).double(), x, 3)


@pytest.mark.parametrize("lags", [-1, TIME + 1])
def test_lags_beyond_the_sequence(x: Tensor, lags: int) -> None:
    with pytest.raises(ValueError, match=f"lags is {lags}"):
        gains(MAKERS["rnn"]().double(), x, lags)
