"""How strongly a state depends on earlier ones: d h_T / d h_(T-k), by lag k.

R. Pascanu, T. Mikolov and Y. Bengio, "On the difficulty of training recurrent neural networks",
ICML 2013, eq. 5: the product of the steps' Jacobians, along the states that the network went
through. Everything that carries from step to step is in the state, so for an LSTM it is (h, c).

Each layer of ``nn/`` is taken apart into single steps over plain tensors; the product is built
from its left end, a step back at a time, by autograd. One direction of one layer, alone: what
layers below and the other direction carry is input here, and held fixed. Nothing is measured over
a corpus here: ``report/gradients.py`` does that.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ner_rnn.nn.clockwork import ClockworkLayer
from ner_rnn.nn.reservoir import Reservoir

__all__ = ["DIRECTIONS", "EXACT", "Recurrence", "gains", "recurrence", "states"]

EXACT = 256
"""Units up to which the whole Jacobian is computed; beyond, it is seen from some directions."""
DIRECTIONS = 64
"""How many random directions a larger one is seen from."""


class Recurrence(NamedTuple):
    """A layer as steps: ``state = step(t, state)``, t from 0, states (rows, parts x units)."""

    step: Callable[[int, Tensor], Tensor]
    units: int
    parts: tuple[str, ...]
    """What the state is made of, each part of so many units: ``("h",)`` or ``("h", "c")``."""
    time: int


def recurrence(layer: nn.Module, x: Tensor) -> Recurrence:
    """Take apart the forward direction of a layer, as it reads one sequence.

    Args:
        layer: ``nn.RNN``, ``nn.GRU`` or ``nn.LSTM`` of one layer and direction, a
            ``ClockworkLayer``, or a ``Reservoir``.
        x: (time, input_size), of the layer's type.

    Raises:
        TypeError: it is a layer without a recurrence.
    """
    if isinstance(layer, Reservoir):
        return _reservoir(layer, x)
    if isinstance(layer, ClockworkLayer):
        return _clockwork(layer, x)
    if not isinstance(layer, nn.RNNBase):
        raise TypeError(f"{type(layer).__name__} has no recurrence")
    weight_ih, weight, bias_ih, bias = (p.detach() for p in layer.parameters())
    drive = x @ weight_ih.T + bias_ih
    units = layer.hidden_size
    if isinstance(layer, nn.LSTM):

        def lstm(t: int, state: Tensor) -> Tensor:
            h, c = torch.split(state, units, dim=-1)
            i, f, g, o = torch.split(drive[t] + bias + h @ weight.T, units, dim=-1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            return torch.cat([o.sigmoid() * c.tanh(), c], dim=-1)

        return Recurrence(lstm, units, ("h", "c"), len(x))
    if isinstance(layer, nn.GRU):

        def gru(t: int, h: Tensor) -> Tensor:
            r, z, n = torch.split(drive[t], units, dim=-1)
            hr, hz, hn = torch.split(bias + h @ weight.T, units, dim=-1)
            z = torch.sigmoid(z + hz)
            return (1 - z) * torch.tanh(n + torch.sigmoid(r + hr) * hn) + z * h

        return Recurrence(gru, units, ("h",), len(x))
    activate = torch.tanh if layer.nonlinearity == "tanh" else torch.relu

    def rnn(t: int, h: Tensor) -> Tensor:
        return activate(drive[t] + bias + h @ weight.T)

    return Recurrence(rnn, units, ("h",), len(x))


def _clockwork(layer: ClockworkLayer, x: Tensor) -> Recurrence:
    drive = (x @ layer.weight_ih.T + layer.bias).detach()
    units = len(layer.bias)
    weight = torch.zeros(units, units, dtype=x.dtype)
    size = units // len(layer.periods)
    # the period of each unit: a group's units move where it divides t, and are held elsewhere
    periods = torch.tensor(layer.periods).repeat_interleave(size)
    for start, block in zip(range(0, units, size), layer.weight_hh, strict=True):
        weight[start : start + size, start:] = block.detach()
    activate = torch.tanh if layer.nonlinearity == "tanh" else torch.relu

    def step(t: int, h: Tensor) -> Tensor:
        return torch.where(t % periods == 0, activate(drive[t] + h @ weight.T), h)

    return Recurrence(step, units, ("h",), len(x))


def _reservoir(layer: Reservoir, x: Tensor) -> Recurrence:
    _, units, heard = layer.index.shape
    rows = torch.arange(units).repeat_interleave(heard)
    places = torch.stack([rows, layer.index[0].flatten().long()])
    weight = torch.sparse_coo_tensor(
        places, layer.weight[0].flatten(), (units, units), check_invariants=True
    ).coalesce()
    drive = x @ layer.inputs[0].T + layer.bias[0].T
    leak = layer.leak

    def step(t: int, a: Tensor) -> Tensor:
        heard_now: Tensor = torch.sparse.mm(weight, a.T).T
        return (1 - leak) * a + leak * torch.tanh(drive[t] + heard_now)

    return Recurrence(step, units, ("h",), len(x))


@torch.no_grad()
def states(steps: Recurrence) -> Tensor:
    """What the network goes through from zeros: (time + 1, parts x units), the zeros first."""
    at = [torch.zeros(1, len(steps.parts) * steps.units, dtype=torch.float64)]
    for t in range(steps.time):
        at.append(steps.step(t, at[-1]))
    return torch.cat(at)


def gains(
    layer: nn.Module, x: Tensor, lags: int, generator: torch.Generator | None = None
) -> Tensor:
    """The size of d h_T / d s_(T-k) for k = 0 .. lags; T is the last step of x.

    It is the Frobenius norm over the root of the units: what becomes, root mean square, of a small
    change of random direction to the earlier state. At lag 0 it is 1 for h, and 0 for c.

    Args:
        layer: see :func:`recurrence`, in float64.
        x: (time, input_size), float64.
        lags: the largest, up to time; at time itself it is the zeros before the first step.
        generator: draws the directions from which a layer of more than ``EXACT`` units is seen;
            the square of the answer is then right on average (Hutchinson 1990).

    Returns:
        (parts, lags + 1), by the part s of the state that is differentiated by: h, and c where
        there is one.
    """
    steps = recurrence(layer, x)
    if not 0 <= lags <= steps.time:
        raise ValueError(f"lags is {lags}: it must be from 0 to the {steps.time} steps")
    units = steps.units
    if units <= EXACT:
        rows = torch.eye(units, dtype=torch.float64)
    else:
        signs = torch.randint(2, (DIRECTIONS, units), generator=generator, dtype=torch.float64)
        rows = (2 * signs - 1) / DIRECTIONS**0.5
    # the product of Jacobians so far, d h_T / d s_(T-k): (rows, parts x units)
    product = torch.zeros(len(rows), len(steps.parts) * units, dtype=torch.float64)
    product[:, :units] = rows
    at = states(steps)
    sizes = [_sizes(product, units)]
    for t in range(steps.time - 1, steps.time - 1 - lags, -1):
        # a copy of the state a row: each row pulls back through its own
        before = at[t].expand(len(rows), -1).clone().requires_grad_()
        (product,) = torch.autograd.grad(steps.step(t, before), before, product)
        sizes.append(_sizes(product, units))
    return torch.stack(sizes, dim=1)


def _sizes(product: Tensor, units: int) -> Tensor:
    """(rows, parts x units) -> (parts,)."""
    parts = product.view(len(product), -1, units)
    norms: Tensor = torch.linalg.vector_norm(parts, dim=(0, 2))
    return norms / math.sqrt(units)
