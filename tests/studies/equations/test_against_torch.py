"""The reference against torch's own layers: their weights, their gradients, their final states."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from ner_rnn.studies import rivals
from ner_rnn.studies.equations import GRU, LSTM, Bidirectional, Elman
from ner_rnn.studies.equations.network import Array
from ner_rnn.studies.verify import CELLS, TOLERANCE, compare, random_inputs, stack_of

N_X, N_A, T_X = 5, 7, 11
LENGTHS = (4, 11, 1, 8)


def blocks(layer: nn.RNNBase, name: str) -> list[Array]:
    """A torch weight cut into its gates; biases as columns."""
    array = getattr(layer, name).detach().numpy()
    if array.ndim == 1:
        array = array[:, None]
    return np.split(array, len(array) // N_A)


def from_torch(layer: nn.RNNBase, suffix: str = "") -> Any:
    """The reference with the weights of one direction of torch's first layer."""
    ih, hh, b_i, b_h = (
        blocks(layer, f"{name}_l0{suffix}")
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    if isinstance(layer, nn.LSTM):
        i, f, c, o = ((np.hstack([hh[gate], ih[gate]]), b_i[gate] + b_h[gate]) for gate in range(4))
        return LSTM(*i, *f, *o, *c)
    if isinstance(layer, nn.GRU):
        r, z = ((ih[gate], hh[gate], b_i[gate] + b_h[gate]) for gate in range(2))
        return GRU(*r, *z, ih[2], hh[2], b_i[2], b_h[2], "after")
    return Elman(ih[0], hh[0], b_i[0] + b_h[0], layer.nonlinearity)


def assert_same(ours: Array, theirs: Any, what: str = "") -> None:
    np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=0, atol=TOLERANCE, err_msg=what)


LAYERS = [
    lambda **o: nn.RNN(N_X, N_A, nonlinearity="tanh", **o),
    lambda **o: nn.RNN(N_X, N_A, nonlinearity="relu", **o),
    lambda **o: nn.GRU(N_X, N_A, **o),
    lambda **o: nn.LSTM(N_X, N_A, **o),
]


@pytest.mark.parametrize("make", LAYERS, ids=["tanh", "relu", "gru", "lstm"])
def test_layer_with_its_own_weights(make: Any) -> None:
    """Padded, both ways, with a loss on the states, the final hidden and final cell states."""
    torch.manual_seed(5)
    layer = make(bidirectional=True, dtype=torch.float64)
    for parameter in layer.parameters():
        nn.init.normal_(parameter, std=0.5)
    m = len(LENGTHS)
    x = torch.randn(T_X, m, N_X, dtype=torch.float64, requires_grad=True)
    start = [torch.randn(2, m, N_A, dtype=torch.float64, requires_grad=True) for _ in range(2)]
    lstm = isinstance(layer, nn.LSTM)
    packed = pack_padded_sequence(x, torch.tensor(LENGTHS), enforce_sorted=False)
    y, last = layer(packed, tuple(start) if lstm else start[0])
    y, _ = pad_packed_sequence(y, total_length=T_X)
    h_n = last[0] if lstm else last

    network = Bidirectional(from_torch(layer), from_torch(layer, "_reverse"))
    initial = {"forwards.a0": start[0][0], "backwards.a0": start[0][1]}
    if lstm:
        initial |= {"forwards.c0": start[1][0], "backwards.c0": start[1][1]}
    a, caches = network.forward(
        x.detach().numpy().transpose(2, 1, 0),
        np.array(LENGTHS),
        **{name: state.detach().numpy().T for name, state in initial.items()},
    )
    assert_same(a, y.permute(2, 1, 0), "states")
    # torch's final states are those at each example's own end, and of the way back at its start
    examples = np.arange(m)
    ends = a[:N_A, examples, np.array(LENGTHS) - 1], a[N_A:, examples, 0]
    assert_same(np.stack(ends), h_n.transpose(1, 2), "final hidden states")

    on_y, on_h = torch.randn_like(y), torch.randn_like(h_n)
    ((y * on_y).sum() + (h_n * on_h).sum()).backward()
    da = on_y.numpy().transpose(2, 1, 0).copy()
    da[:N_A, examples, np.array(LENGTHS) - 1] += on_h[0].numpy().T
    da[N_A:, examples, 0] += on_h[1].numpy().T
    gradients = network.backward(da, caches)
    assert x.grad is not None
    assert_same(gradients["x"], x.grad.permute(2, 1, 0), "x")
    for name in initial:
        kind = start[1] if name.endswith("c0") else start[0]
        assert kind.grad is not None
        assert_same(gradients[name], kind.grad[int("backwards" in name)].T, name)
    for way, suffix in (("forwards", ""), ("backwards", "_reverse")):
        theirs = make(dtype=torch.float64)  # a holder, to read the gradients with from_torch
        for name, parameter in theirs.named_parameters():
            gradient = getattr(layer, name + suffix).grad
            # torch's two biases stand for one of ours and share its gradient: count it once
            alone = isinstance(layer, nn.GRU) and name == "bias_hh_l0"
            if alone:
                gradient = torch.cat([torch.zeros(2 * N_A), gradient[2 * N_A :]])
            elif name == "bias_hh_l0":
                gradient = torch.zeros_like(gradient)
            parameter.data = gradient
        wanted = from_torch(theirs)
        for name in (n for n in gradients if n.startswith(way) and not n.endswith(("a0", "c0"))):
            assert_same(
                gradients[name], torch.from_numpy(getattr(wanted, name.split(".")[1])), name
            )


def test_final_cell_state_of_an_lstm() -> None:
    torch.manual_seed(1)
    layer = nn.LSTM(N_X, N_A, dtype=torch.float64)
    x = torch.randn(T_X, 2, N_X, dtype=torch.float64, requires_grad=True)
    _, (_, c_n) = layer(x)
    network = from_torch(layer)
    a, caches = network.forward(x.detach().numpy().transpose(2, 1, 0))
    assert_same(caches[-1].c_t, c_n[0].T)
    on_c = torch.randn_like(c_n)
    (c_n * on_c).sum().backward()
    dc = np.zeros_like(a)
    dc[:, :, -1] = on_c[0].numpy().T
    assert x.grad is not None
    assert_same(network.backward(np.zeros_like(a), caches, dc)["x"], x.grad.permute(2, 1, 0))


@pytest.mark.parametrize(
    ("rival_of", "initial"), [(rivals.own_layers, True), (rivals.own_encoder, False)]
)
@settings(max_examples=40, deadline=None)
@given(
    cell=st.sampled_from(sorted(CELLS)),
    layers=st.integers(1, 3),
    bidirectional=st.booleans(),
    lengths=st.tuples(*[st.integers(1, 17)] * 4),
    seed=st.integers(0, 2**32 - 1),
)
def test_stacks_of_any_depth_direction_and_lengths(
    rival_of: Callable[..., Any],
    initial: bool,
    cell: str,
    layers: int,
    bidirectional: bool,
    lengths: tuple[int, ...],
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    stack = stack_of(CELLS[cell], layers, bidirectional, rng)
    inputs = random_inputs(stack, rng, initial=initial)
    rival = rival_of(stack, lengths)
    found = compare(stack, rival, inputs, rng, lengths=lengths)
    assert found.passed, found
