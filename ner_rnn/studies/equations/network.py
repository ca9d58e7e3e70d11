"""What the reference networks share: types, the names of parameters, random starts, activations.

No equation of any network stands here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ner_rnn.errors import ConfigError

__all__ = [
    "Activation",
    "Array",
    "Gradients",
    "Network",
    "activate",
    "check_activation",
    "draw",
    "parameters",
    "sigmoid",
    "slope",
    "zero_gradients",
]

Array = NDArray[np.float64]
Gradients = dict[str, Array]
Activation = Literal["tanh", "relu"]


class Network(Protocol):
    """A recurrence that ``compose`` can run: Elman, LSTM, GRU, Clockwork, EchoState.

    The initial states differ by network (``a0``, or ``a0`` and ``c0``), hence the open arguments.
    """

    @property
    def forward(self) -> Callable[..., tuple[Array, Any]]:
        """``forward(x, a0, ...) -> (a, caches)``."""

    @property
    def backward(self) -> Callable[..., Gradients]:
        """``backward(da, caches) -> gradients`` by name."""


def parameters(network: object) -> dict[str, Array]:
    """Every array of a network by its dotted name; the very arrays, not copies.

    ``Elman`` -> ``W_ax, W_aa, b_a``; ``Bidirectional`` -> ``forwards.W_ax, ...``; a tuple counts
    from 0: ``layers.0.forwards.W_ax``.
    """
    found: dict[str, Array] = {}
    if isinstance(network, tuple):
        members = [(str(index), member) for index, member in enumerate(network)]
    elif is_dataclass(network):
        members = [(field.name, getattr(network, field.name)) for field in fields(network)]
    else:
        members = []
    for name, member in members:
        if isinstance(member, np.ndarray):
            found[name] = member
        else:
            found.update({f"{name}.{inner}": array for inner, array in parameters(member).items()})
    return found


def zero_gradients(network: object) -> Gradients:
    """A zero for every parameter, for backward through time to add to."""
    return {name: np.zeros_like(array) for name, array in parameters(network).items()}


def draw(rng: np.random.Generator, rows: int, columns: int, scale: float) -> Array:
    """A matrix (rows, columns) drawn uniformly from [-scale, scale]."""
    return rng.uniform(-scale, scale, (rows, columns))


def sigmoid(z: Array) -> Array:
    """1 / (1 + exp(-z)), in a form that cannot overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * z)))


def check_activation(f: str) -> None:
    """Refuse an activation that is not known.

    Raises:
        ConfigError: naming the two that are.
    """
    if f not in {"tanh", "relu"}:
        raise ConfigError(f"activation f is {f!r}: it must be tanh or relu")


def activate(f: Activation, z: Array) -> Array:
    """tanh(z), or max(z, 0)."""
    return np.tanh(z) if f == "tanh" else np.maximum(z, 0.0)


def slope(f: Activation, a: Array) -> Array:
    """f'(z) from a = f(z): 1 - a^2 for tanh; for ReLU 1 where a > 0, else 0."""
    return 1.0 - a**2 if f == "tanh" else np.where(a > 0.0, 1.0, 0.0)
