"""Each reference network against torch or ``nn/``, forward and backward.

The comparisons of ``ner-rnn verify``, which only prints what this file finds. Both sides get the
same random weights, inputs, initial states and lengths in float64; the loss is a random weighting
of every state, so that no gradient cancels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

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
from ner_rnn.studies.equations.network import Activation, Array, Recurrence

__all__ = [
    "TOLERANCE",
    "Comparison",
    "compare",
    "compare_all",
    "random_stack",
    "same_reservoir",
    "stack_of",
]

TOLERANCE = 1e-10
"""Largest absolute difference, in float64, at which two networks count as the same."""

Cell = Literal["tanh", "relu", "gru", "lstm"]
N_X, N_A, N_Y = 12, 24, 5
LENGTHS = (17, 9, 1, 13)
PERIODS = (1, 2, 4, 8)
WRITTEN = "torch autograd"
TORCH_ROWS: tuple[tuple[str, Cell, str], ...] = (
    ("Elman tanh", "tanh", "torch.nn.RNN"),
    ("Elman ReLU", "relu", "torch.nn.RNN"),
    ("GRU reset after", "gru", "torch.nn.GRU"),
    ("LSTM", "lstm", "torch.nn.LSTM"),
)
ACTIVATIONS: tuple[tuple[str, Activation], ...] = (("tanh", "tanh"), ("ReLU", "relu"))


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


def random_stack(cell: Cell, layers: int, bidirectional: bool, rng: np.random.Generator) -> Stacked:
    """A stack of one kind of cell, N_X inputs, N_A units a direction."""

    def one(n_x: int) -> Recurrence:
        if cell == "lstm":
            return LSTM.random(rng, n_x, N_A)
        if cell == "gru":
            return GRU.random(rng, n_x, N_A, "after")
        return Elman.random(rng, n_x, N_A, cell)

    return stack_of(one, layers, bidirectional)


def stack_of(one: Callable[[int], Recurrence], layers: int, bidirectional: bool) -> Stacked:
    """A stack of what ``one`` makes from the width of its input: N_A units a direction."""
    widths = [N_X] + [N_A * (1 + bidirectional)] * (layers - 1)
    return Stacked(
        tuple(
            Bidirectional(one(n), one(n)) if bidirectional else Unidirectional(one(n))
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
        for name, cell, against in TORCH_ROWS:
            stack = random_stack(cell, layers, bidirectional, rng)
            inputs = random_inputs(stack, rng, initial=True)
            rival = rivals.own_layers(stack, lengths)
            label = (name + form, against)
            yield compare(stack, rival, inputs, rng, lengths=lengths, label=label)


def _against_nn(rng: np.random.Generator) -> Iterator[Comparison]:
    def stacks() -> Iterator[tuple[str, Stacked]]:
        for name, cell, _ in TORCH_ROWS:
            yield name, random_stack(cell, 2, True, rng)
        for name, f in ACTIVATIONS:
            one = partial(Clockwork.random, rng, n_a=N_A, periods=PERIODS, f=f)
            yield f"clockwork {name}", stack_of(one, 2, True)

    for name, stack in stacks():
        inputs = random_inputs(stack, rng, initial=False)
        rival = rivals.own_encoder(stack, LENGTHS)
        label = (f"{name}, bi, 2 layers", "nn.Recurrent")
        yield compare(stack, rival, inputs, rng, lengths=LENGTHS, label=label)
    reservoir, network = same_reservoir(rng, bidirectional=True)
    yield compare(
        network,
        rivals.own_reservoir(reservoir, LENGTHS),
        random_inputs(network, rng, initial=False),
        rng,
        lengths=LENGTHS,
        label=("echo state, bi", "nn.Reservoir"),
        trained=False,
    )


def _against_written(rng: np.random.Generator) -> Iterator[Comparison]:
    m, T_x = len(LENGTHS), max(LENGTHS)
    x = rng.standard_normal((N_X, m, T_x))
    a0 = rng.standard_normal((N_A, m))

    gru = GRU.random(rng, N_X, N_A, "before")
    label = ("GRU reset before", WRITTEN)
    yield compare(gru, rivals.written_gru, {"x": x, "a0": a0}, rng, label=label)

    jordan = Jordan.random(rng, N_X, N_A, N_Y, decay=0.5)
    inputs = {"x": x, "s0": rng.random((N_Y, m))}
    label = ("Jordan", WRITTEN)
    yield compare(jordan, rivals.written_jordan(jordan.decay), inputs, rng, label=label)

    n_a = 256
    clockwork = Clockwork.random(rng, N_X, n_a, PERIODS)
    inputs = {"x": x, "a0": rng.standard_normal((n_a, m))}
    label = ("clockwork " + ", ".join(map(str, PERIODS)), WRITTEN)
    yield compare(clockwork, rivals.written_clockwork(PERIODS), inputs, rng, label=label)

    n_a = 100
    reservoir = EchoState.random(rng, N_X, n_a, sparsity=0.05, leak=0.3, n_y=N_Y)
    y = rng.standard_normal((N_Y, m, T_x))
    inputs = {"x": x, "a0": rng.standard_normal((n_a, m)), "y": y}
    label = ("echo state, feedback", WRITTEN)
    yield compare(reservoir, rivals.written_echo_state(0.3), inputs, rng, label=label)
    yield _ridge_readout(reservoir, x, y)

    a = rng.standard_normal((N_A, m, T_x))
    for output, theirs in (
        (Output.random(rng, N_A, N_Y, "softmax"), partial(torch.softmax, dim=0)),
        (Output.random(rng, N_A, N_Y, "sigmoid"), torch.sigmoid),
    ):
        label = (f"output, {output.g}", f"torch.{output.g}")
        yield compare(output, rivals.written_output(theirs), {"a": a}, rng, label=label)


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
