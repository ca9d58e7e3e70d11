"""The dependence of a state on earlier ones: d h_T / d h_(T-k), by lag k.

R. Pascanu, T. Mikolov and Y. Bengio, "On the difficulty of training recurrent neural networks",
ICML 2013, eq. 5: the product of the steps' Jacobians, along the states that the network went
through. Everything that carries from step to step is in the state, so for an LSTM it is (h, c).

The product is built from its left end, a step back at a time, by autograd through the encoder's own
forward. One direction of one layer is seen alone: what layers below and the other direction carry
is input here, and held fixed. ``studies/gradients.py`` measures it over a corpus.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ner_rnn.nn.encoder import Encoder, State

__all__ = ["EXACT", "PROBES", "gains", "states"]

EXACT = 256
"""Units up to which the whole Jacobian is computed; beyond, its norm is estimated."""
PROBES = 64
"""Number of random vectors by which it is estimated."""


@torch.no_grad()
def states(encoder: Encoder, x: Tensor) -> list[State]:
    """Return the states of an encoder of one direction that reads one sequence, step by step.

    Args:
        encoder: of one direction and one layer.
        x: (time, input_size), of the encoder's type.

    Returns:
        time + 1 states of one row; the first is all zeros.

    Raises:
        TypeError: the encoder has no recurrence.
    """
    found: list[State] = []
    state: State | None = None
    for x_t in x:
        _, state = encoder(x_t[None, None], None, state)
        if state is None or not state.layers:
            raise TypeError(f"{type(encoder).__name__} has no state to carry over")
        found.append(state)
    zeros = found[0].each(torch.zeros_like)
    return [State(zeros.layers, 0), *found]


def gains(
    encoder: Encoder, x: Tensor, lags: int, generator: torch.Generator | None = None
) -> Tensor:
    """Return the size of d h_T / d s_(T-k) for k = 0 .. lags; T is the last step of x.

    It is the Frobenius norm over the root of the units: the root mean square of what a small change
    of random direction to the earlier state becomes. At lag 0 it is 1 for h, and 0 for c.

    Args:
        encoder: of one direction and one layer, in float64.
        x: (time, input_size), float64.
        lags: the largest, up to time; at time itself it is the zeros before the first step.
        generator: draws the random vectors by which the norm of more than ``EXACT`` units is
            estimated; the square of the answer is then right on average (Hutchinson 1990).

    Returns:
        (parts, lags + 1), by the part s of the state that is differentiated by: h, and c where
        there is one.

    Raises:
        TypeError: the encoder has no recurrence.
        ValueError: the lags do not fit the sequence.
    """
    time = len(x)
    if not 0 <= lags <= time:
        raise ValueError(f"lags is {lags}: it must be from 0 to the {time} steps")
    visited = states(encoder, x)
    units = visited[0].layers[0][0].shape[1]
    if units <= EXACT:
        rows = torch.eye(units, dtype=torch.float64)
    else:
        signs = torch.randint(2, (PROBES, units), generator=generator, dtype=torch.float64)
        rows = (2 * signs - 1) / PROBES**0.5
    # the product of Jacobians so far, d h_T / d s_(T-k): for each part, (rows, units)
    product = (rows, *(torch.zeros_like(rows) for _ in visited[0].layers[0][1:]))
    sizes = [_sizes(product)]
    for t in range(time - 1, time - 1 - lags, -1):
        # a copy of the state for each row, whose gradient is that row times the step's Jacobian
        before = visited[t].each(lambda part: part.expand(len(rows), -1).clone().requires_grad_())
        _, after = encoder(x[t].expand(len(rows), 1, -1), None, before)
        assert after is not None
        product = torch.autograd.grad(after.layers[0], before.layers[0], product)
        sizes.append(_sizes(product))
    return torch.stack(sizes, dim=1)


def _sizes(product: tuple[Tensor, ...]) -> Tensor:
    """Return the norm of each part (rows, units): (parts,)."""
    norms = [torch.linalg.vector_norm(part) for part in product]
    return torch.stack(norms) / math.sqrt(product[0].shape[1])
