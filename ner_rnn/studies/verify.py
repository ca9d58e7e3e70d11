"""Each reference network against torch or ``nn/``, forward and backward.

The comparisons of ``ner-rnn verify``, which only prints what this file finds. Both sides get the
same random weights, inputs, initial states and lengths in float64; the loss is a random weighting
of every state, so that no gradient cancels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch

from ner_rnn.nn.reservoir import Reservoir
from ner_rnn.studies import rivals
from ner_rnn.studies.equations import (
    GRU,
    LSTM,
    Bidirectional,
    Clockwork,
    EchoState,
    Elman,
    Jordan,
    Output,
    Stacked,
    Unidirectional,
    parameters,
)
from ner_rnn.studies.equations.echo_state import extended_states, ridge
from ner_rnn.studies.equations.network import Array, Recurrence

__all__ = [
    "CELLS",
    "TOLERANCE",
    "Comparison",
    "compare",
    "compare_all",
    "same_reservoir",
    "stack_of",
]

TOLERANCE = 1e-10
"""Largest absolute difference, in float64, at which two networks count as the same."""

N_X, N_A, N_Y = 12, 24, 5
LENGTHS = (17, 9, 1, 13)
PERIODS = (1, 2, 4, 8)
CELLS: dict[str, Callable[[np.random.Generator, int], Recurrence]] = {
    "Elman tanh": lambda rng, n_x: Elman.random(rng, n_x, N_A, "tanh"),
    "Elman ReLU": lambda rng, n_x: Elman.random(rng, n_x, N_A, "relu"),
    "GRU reset after": lambda rng, n_x: GRU.random(rng, n_x, N_A, "after"),
    "LSTM": lambda rng, n_x: LSTM.random(rng, n_x, N_A),
}
"""Cells that torch has too, by their name in the table: from the width of the input."""
CLOCKWORKS: dict[str, Callable[[np.random.Generator, int], Recurrence]] = {
    "clockwork tanh": lambda rng, n_x: Clockwork.random(rng, n_x, N_A, PERIODS, "tanh"),
    "clockwork ReLU": lambda rng, n_x: Clockwork.random(rng, n_x, N_A, PERIODS, "relu"),
}


@dataclass(frozen=True)
class Comparison:
    """One network held against another computation of it.

    Attributes:
        network: what was compared.
        against: with what.
        forward: largest absolute difference of any state or output.
        gradient: largest absolute difference of any gradient: inputs, initial states, parameters.
        parameters: weights and biases that are not zero.
    """

    network: str
    against: str
    forward: float
    gradient: float
    parameters: int

    @property
    def passed(self) -> bool:
        """True if both differences are within TOLERANCE; NaN is not."""
        return self.forward <= TOLERANCE and self.gradient <= TOLERANCE


def compare_all(seed: int = 0) -> Iterator[Comparison]:
    """Every network of the reference, one comparison at a time, in about a second altogether.

    "bi" in a name: bidirectional, over padded examples that differ in length.
    """
    rng = np.random.default_rng(seed)
    yield from _against_torch(rng)
    yield from _against_written(rng)
    yield from _against_nn(rng)


def compare(
    network: Any,
    rival: rivals.Rival,
    inputs: Mapping[str, Array],
    rng: np.random.Generator,
    *,
    lengths: tuple[int, ...] | None = None,
    label: tuple[str, str] = ("", ""),
    trained: bool = True,
) -> Comparison:
    """Run both forward and backward under the same random loss.

    Args:
        network: one of ``ner_rnn.studies.equations``.
        rival: from leaves (parameters and inputs by name) to the same states, in torch.
        inputs: ``x`` (of an Output, ``a``) and initial states, by name.
        rng: draws the weights of the loss.
        lengths: of the examples, for a composition.
        label: names of the network and of its rival.
        trained: False: the rival holds the parameters fixed, and gradients are of inputs alone.
    """
    extra = {} if lengths is None else {"lengths": np.array(lengths)}
    y, caches = network.forward(**inputs, **extra)
    loss = rng.standard_normal(y.shape)
    gradients = network.backward(loss, caches)

    arrays = {**(parameters(network) if trained else {}), **inputs}
    leaves = {name: torch.tensor(array, requires_grad=True) for name, array in arrays.items()}
    answer = rival(leaves)
    theirs = torch.autograd.grad(answer, list(leaves.values()), torch.from_numpy(loss))
    differences = [
        _largest(gradients[name] - theirs_of.numpy())
        for name, theirs_of in zip(leaves, theirs, strict=True)
    ]
    return Comparison(
        *label,
        forward=_largest(y - answer.detach().numpy()),
        gradient=float(np.max(differences)),  # not max(): a NaN has to come through
        parameters=_count(parameters(network)),
    )


def stack_of(
    one: Callable[[np.random.Generator, int], Recurrence],
    layers: int,
    bidirectional: bool,
    rng: np.random.Generator,
) -> Stacked:
    """Draw a stack of one of ``CELLS``, or of another with N_A units a direction."""
    widths = [N_X] + [N_A * (1 + bidirectional)] * (layers - 1)
    return Stacked(
        tuple(
            Bidirectional(one(rng, n), one(rng, n))
            if bidirectional
            else Unidirectional(one(rng, n))
            for n in widths
        )
    )


def same_reservoir(
    rng: np.random.Generator, *, bidirectional: bool, units: int = 100, leak: float = 0.3
) -> tuple[Reservoir, Stacked]:
    """A reservoir of ``nn/`` in float64, and the reference network that has its weights."""
    with torch.random.fork_rng():
        torch.manual_seed(int(rng.integers(2**31)))
        reservoir = Reservoir(N_X, units, bidirectional=bidirectional, sparsity=0.05, leak=leak)
    reservoir.double()
    networks = []
    for index, weight, W_in, b in zip(
        reservoir.index, reservoir.weight, reservoir.inputs, reservoir.bias, strict=True
    ):
        W = np.zeros((units, units))
        np.put_along_axis(W, index.long().numpy(), weight.numpy(), axis=1)
        networks.append(EchoState(W_in.numpy(), W, b.numpy(), leak=leak))
    layer = Bidirectional(*networks) if bidirectional else Unidirectional(*networks)
    return reservoir, Stacked((layer,))


def random_inputs(network: Stacked, rng: np.random.Generator, *, initial: bool) -> dict[str, Array]:
    """Draw ``x`` and, with initial, every initial state of a stack; as many examples as LENGTHS."""
    m = len(LENGTHS)
    inputs = {"x": rng.standard_normal((N_X, m, max(LENGTHS)))}
    for _, _, prefix, one in rivals.directions_of(network) if initial else ():
        for state in one.carries:
            inputs[f"{prefix}{state}0"] = rng.standard_normal((N_A, m))
    return inputs


def _against_torch(rng: np.random.Generator) -> Iterator[Comparison]:
    full = (max(LENGTHS),) * len(LENGTHS)
    for layers, bidirectional, lengths, form in (
        (1, False, full, ""),
        (1, True, LENGTHS, ", bi"),
        (3, True, LENGTHS, ", bi, 3 layers"),
    ):
        for name, cell in CELLS.items():
            stack = stack_of(cell, layers, bidirectional, rng)
            inputs = random_inputs(stack, rng, initial=True)
            rival = rivals.own_layers(stack, lengths)
            label = (name + form, f"torch.nn.{rivals.layer_of(stack).__name__}")
            yield compare(stack, rival, inputs, rng, lengths=lengths, label=label)


def _against_nn(rng: np.random.Generator) -> Iterator[Comparison]:
    for cells, against in ((CELLS, "nn.Recurrent"), (CLOCKWORKS, "nn.Clockwork")):
        for name, cell in cells.items():
            stack = stack_of(cell, 2, True, rng)
            inputs = random_inputs(stack, rng, initial=False)
            rival = rivals.own_encoder(stack, LENGTHS)
            label = (f"{name}, bi, 2 layers", against)
            yield compare(stack, rival, inputs, rng, lengths=LENGTHS, label=label)
    reservoir, stack = same_reservoir(rng, bidirectional=True)
    inputs = random_inputs(stack, rng, initial=False)
    rival = rivals.own_reservoir(reservoir, LENGTHS)
    label = ("echo state, bi", "nn.Reservoir")
    yield compare(stack, rival, inputs, rng, lengths=LENGTHS, label=label, trained=False)


def _against_written(rng: np.random.Generator) -> Iterator[Comparison]:
    def row(
        name: str,
        network: Any,
        rival: rivals.Rival,
        against: str = "torch autograd",
        **inputs: Array,
    ) -> Comparison:
        return compare(network, rival, inputs, rng, label=(name, against))

    def draw(units: int) -> Array:
        return rng.standard_normal((units, m))

    m, T_x = len(LENGTHS), max(LENGTHS)
    x, a0 = rng.standard_normal((N_X, m, T_x)), draw(N_A)
    gru = GRU.random(rng, N_X, N_A, "before")
    yield row("GRU reset before", gru, rivals.written_gru, x=x, a0=a0)
    jordan = Jordan.random(rng, N_X, N_A, N_Y, decay=0.5)
    yield row("Jordan", jordan, rivals.written_jordan(0.5), x=x, s0=rng.random((N_Y, m)))
    clockwork = Clockwork.random(rng, N_X, 256, PERIODS)
    rival = rivals.written_clockwork(PERIODS)
    yield row("clockwork 1, 2, 4, 8", clockwork, rival, x=x, a0=draw(256))
    reservoir = EchoState.random(rng, N_X, 100, sparsity=0.05, leak=0.3, n_y=N_Y)
    y = rng.standard_normal((N_Y, m, T_x))
    rival = rivals.written_echo_state(0.3)
    yield row("echo state, feedback", reservoir, rival, x=x, a0=draw(100), y=y)
    yield _ridge_readout(reservoir, x, y)
    a = rng.standard_normal((N_A, m, T_x))
    softmax, sigmoid = (Output.random(rng, N_A, N_Y, g) for g in ("softmax", "sigmoid"))
    rival = rivals.written_output(partial(torch.softmax, dim=0))
    yield row("output, softmax", softmax, rival, "torch.softmax", a=a)
    rival = rivals.written_output(torch.sigmoid)
    yield row("output, sigmoid", sigmoid, rival, "torch.sigmoid", a=a)


def _ridge_readout(reservoir: EchoState, x: Array, y: Array) -> Comparison:
    """The closed form against least squares over the augmented system, and its gradient, 0."""
    strength = 0.1
    a, _ = reservoir.forward(x, y=y)
    S = extended_states(x, a).reshape(-1, x.shape[1] * x.shape[2])
    Y = y.reshape(len(y), -1)
    W_out = ridge(S, Y, strength)
    # |W S - Y|^2 + beta |W|^2 is |W [S, sqrt(beta) I] - [Y, 0]|^2
    augmented = np.hstack([S, np.sqrt(strength) * np.eye(len(S))])
    wanted = np.hstack([Y, np.zeros((len(Y), len(S)))])
    theirs = np.linalg.lstsq(augmented.T, wanted.T, rcond=None)[0].T
    leaf = torch.tensor(W_out, requires_grad=True)
    loss = (leaf @ torch.from_numpy(S) - torch.from_numpy(Y)).square().sum()
    (slope,) = torch.autograd.grad(loss + strength * leaf.square().sum(), leaf)
    return Comparison(
        "echo state, ridge",
        "numpy lstsq",
        forward=_largest(W_out - theirs),
        gradient=_largest(slope.numpy()),
        parameters=W_out.size,
    )


def _largest(difference: Array) -> float:
    return float(np.abs(difference).max())


def _count(arrays: Mapping[str, Array]) -> int:
    return sum(int(np.count_nonzero(array)) for array in arrays.values())
