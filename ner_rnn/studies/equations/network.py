"""Code shared by the reference networks: types, parameters, random weights, loops over time.

The equations of each network are in its own file.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from itertools import repeat
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from ner_rnn.errors import ConfigError

__all__ = [
    "Activation",
    "Array",
    "Cache",
    "Gradients",
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
Cache = tuple[Array, ...]
"""Arrays of one step forward that the step back needs."""
Gradients = dict[str, Array]
Activation = Literal["tanh", "relu"]


class Recurrence(ABC):
    """A network as the equations of one time step, its cell, and loops over the steps.

    A subclass is a frozen dataclass of its parameters. ``cell_forward`` returns the output of a
    step, the states for the next one that are not the output, and a cache for ``cell_backward``.

    Attributes:
        emits: name of the cell's output.
        carries: names of the states that go from step to step.
    """

    emits: ClassVar[str] = "a"
    carries: ClassVar[tuple[str, ...]] = ("a",)

    @property
    @abstractmethod
    def cell_forward(self) -> Callable[..., tuple[Any, ...]]:
        """One step: x_t (n_x, m), a_prev (n_a, m) -> a_t (n_a, m) and a cache."""

    @property
    @abstractmethod
    def cell_backward(self) -> Callable[..., Gradients]:
        """One step back: from dL/da_t (n_a, m) to ``x_t``, ``a_prev`` and the parameters."""

    def forward(self, x: Array, **initial: Array) -> tuple[Array, list[Any]]:
        """All steps: x (n_x, m, T_x) -> a (n_a, m, T_x) and the cache of each step.

        Args:
            x: inputs.
            initial: states before the first step, ``a0`` (n_a, m) and so on; zeros by default.
        """
        return self._read(x, initial, repeat({}))

    def _read(
        self, x: Array, initial: Mapping[str, Array], further: Iterable[Mapping[str, Any]]
    ) -> tuple[Array, list[Any]]:
        """Read all steps; ``further`` are the cell's other arguments, by step."""
        if unknown := initial.keys() - {f"{name}0" for name in self.carries}:
            raise TypeError(f"{type(self).__name__} has no initial state {min(unknown)}")
        _, m, T_x = x.shape
        *_, last = parameters(self).values()  # a row a unit, as in the state
        state = [initial.get(f"{name}0", np.zeros((len(last), m))) for name in self.carries]
        emitted = np.zeros((len(last), m, T_x))
        caches = []
        for t, others in zip(range(T_x), further, strict=False):
            *outputs, cache = self.cell_forward(x[:, :, t], *state, **others)
            emitted[:, :, t], state = outputs[0], outputs[-len(state) :]
            caches.append(cache)
        return emitted, caches

    def backward(self, da: Array, caches: list[Any], dc: Array | None = None) -> Gradients:
        """Backward through time.

        Args:
            da: (n_a, m, T_x), the loss's own gradient of what each step emits.
            caches: of ``forward``.
            dc: (n_a, m, T_x), its own gradient of each cell state of an LSTM; None: zeros.

        Returns:
            ``x`` (n_x, m, T_x), ``a0`` (n_a, m) and so on, and each parameter's sum over the steps.
        """
        gradients = zero_gradients(self)
        inputs: Gradients = {}
        later = {name: np.zeros(da.shape[:2]) for name in self.carries}
        for t in reversed(range(len(caches))):
            d = {self.emits: da[:, :, t], **({} if dc is None else {"c": dc[:, :, t]})}
            # the loss depends on a_t directly, and through a_(t+1)
            d |= {name: d[name] + g if name in d else g for name, g in later.items()}
            step = self.cell_backward(*d.values(), caches[t])
            later = {name: step.pop(f"{name}_prev") for name in self.carries}
            for name, gradient in step.items():
                if name in gradients:
                    gradients[name] += gradient
                else:
                    empty = np.zeros((*gradient.shape, len(caches)))
                    inputs.setdefault(name, empty)[:, :, t] = gradient
        initial = {f"{name}0": gradient for name, gradient in later.items()}
        return {"x": inputs.pop("x_t"), **initial, **inputs, **gradients}


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
