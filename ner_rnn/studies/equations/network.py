"""Code shared by the reference networks: types, parameters, random weights, loops over time.

The equations of each network are in its own file.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any, Generic, Literal, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from ner_rnn.errors import ConfigError

__all__ = [
    "Activation",
    "Array",
    "Gradients",
    "Network",
    "Recurrence",
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
Cache = TypeVar("Cache")


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


class Recurrence(ABC, Generic[Cache]):
    """Loops over the steps of a network whose only state is a_t."""

    @property
    @abstractmethod
    def sizes(self) -> tuple[int, int]:
        """n_x and n_a."""

    @property
    @abstractmethod
    def cell_forward(self) -> Callable[..., tuple[Array, Cache]]:
        """One step: x_t (n_x, m), a_prev (n_a, m) -> a_t (n_a, m) and a cache."""

    @abstractmethod
    def cell_backward(self, da_t: Array, cache: Cache) -> Gradients:
        """One step back: from dL/da_t (n_a, m) to ``x_t``, ``a_prev`` and the parameters."""

    def cell_at(self, t: int) -> Callable[..., tuple[Array, Cache]]:
        """Return ``cell_forward`` of step t: the same at every step."""
        return self.cell_forward

    def forward(self, x: Array, a0: Array | None = None) -> tuple[Array, list[Cache]]:
        """All steps: x (n_x, m, T_x) -> a (n_a, m, T_x) and the cache of each step."""
        _, m, T_x = x.shape
        _, n_a = self.sizes
        a_t = np.zeros((n_a, m)) if a0 is None else a0
        a = np.zeros((n_a, m, T_x))
        caches = []
        for t in range(T_x):
            a_t, cache = self.cell_at(t)(x[:, :, t], a_t)
            a[:, :, t] = a_t
            caches.append(cache)
        return a, caches

    def backward(self, da: Array, caches: list[Cache]) -> Gradients:
        """Backward through time, from da (n_a, m, T_x): dL/da_t without the later steps.

        Returns:
            ``x`` (n_x, m, T_x), ``a0`` (n_a, m), and each parameter's sum over the steps.
        """
        gradients = zero_gradients(self)
        n_x, _ = self.sizes
        dx = np.zeros((n_x, *da.shape[1:]))
        da_next = np.zeros(da.shape[:2])
        for t in reversed(range(len(caches))):
            # the loss depends on a_t directly, and through a_(t+1)
            step = self.cell_backward(da[:, :, t] + da_next, caches[t])
            dx[:, :, t], da_next = step.pop("x_t"), step.pop("a_prev")
            for name, gradient in step.items():
                gradients[name] += gradient
        return {"x": dx, "a0": da_next, **gradients}


def parameters(network: object) -> dict[str, Array]:
    """Return every array of a network by its dotted name, without copies.

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
    """Return zeros for every parameter, to which backward through time adds."""
    return {name: np.zeros_like(array) for name, array in parameters(network).items()}


def draw(rng: np.random.Generator, rows: int, columns: int, scale: float) -> Array:
    """Draw a matrix (rows, columns) uniformly from [-scale, scale]."""
    return rng.uniform(-scale, scale, (rows, columns))


def sigmoid(z: Array) -> Array:
    """1 / (1 + exp(-z)), in a form that cannot overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * z)))


def check_activation(f: str) -> None:
    """Check the name of an activation.

    Raises:
        ConfigError: it is neither tanh nor relu.
    """
    if f not in {"tanh", "relu"}:
        raise ConfigError(f"activation f is {f!r}: it must be tanh or relu")


def activate(f: Activation, z: Array) -> Array:
    """tanh(z), or max(z, 0)."""
    return np.tanh(z) if f == "tanh" else np.maximum(z, 0.0)


def slope(f: Activation, a: Array) -> Array:
    """f'(z) from a = f(z): 1 - a^2 for tanh; for ReLU 1 where a > 0, else 0."""
    return 1.0 - a**2 if f == "tanh" else np.where(a > 0.0, 1.0, 0.0)
