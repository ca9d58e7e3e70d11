"""Networks made of networks: of one direction or both, over padded sentences, and stacked.

M. Schuster and K. K. Paliwal, "Bidirectional recurrent neural networks", IEEE Transactions on
Signal Processing 45(11), 1997. Stacking: J. Schmidhuber, "Learning complex, extended sequences
using the principle of history compression", Neural Computation 4(2), 1992; A. Graves, A. Mohamed
and G. Hinton, "Speech recognition with deep recurrent neural networks", ICASSP 2013, for the deep
bidirectional form used here, where each layer reads the joined directions of the one below.

Padding is dealt with here, once, and not in the cells: it always comes last, where a recurrence
cannot feel it, and the backward direction reverses each example within its own length.

Initial states and gradients go by the dotted names of the parameters: ``forwards.a0`` of a
Bidirectional, ``layers.1.backwards.c0`` of a stack. An echo state network with feedback reads
forward only: the outputs that it feeds back are not known from the far end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial, reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ner_rnn.errors import ConfigError, UserError
from ner_rnn.studies.equations.network import Array, Gradients, Recurrence

__all__ = ["Bidirectional", "Stacked", "Unidirectional", "inside", "reverse"]

Lengths = NDArray[np.int64]


def inside(lengths: Lengths | None, m: int, T_x: int) -> NDArray[np.bool_]:
    """(m, T_x) booleans, True at the steps within each example's length (None: all of them).

    Raises:
        UserError: when the lengths do not fit m examples of T_x steps.
    """
    if lengths is None:
        return np.ones((m, T_x), dtype=bool)
    if lengths.shape != (m,) or (lengths < 0).any() or (lengths > T_x).any():
        raise UserError(
            f"lengths {lengths.tolist()} do not fit an input of {m} examples and {T_x} steps: "
            "give one length an example, none longer than the input"
        )
    return np.asarray(np.arange(T_x) < lengths[:, None])


def reverse(x: Array, keep: NDArray[np.bool_]) -> Array:
    """Turn each example round within its length; padding stays where it is.

    Its own inverse, and its own gradient. One example of length 3: ``[1 2 3 0]`` -> ``[3 2 1 0]``.
    """
    steps = np.arange(x.shape[2])
    source = np.where(keep, keep.sum(axis=1, keepdims=True) - 1 - steps, steps)  # (m, T_x)
    return np.take_along_axis(x, source[None], axis=2)


def _turn(direction: str, keep: NDArray[np.bool_]) -> Callable[[Array], Array]:
    """Return the function that puts steps in the order in which a direction reads them, or back."""
    return partial(reverse, keep=keep) if direction == "backwards" else lambda x: x


def _within(prefix: str, named: Mapping[str, Array]) -> dict[str, Array]:
    """Return the entries under a prefix, without it: ``forwards.a0`` -> ``a0``."""
    start = prefix + "."
    return {name[len(start) :]: value for name, value in named.items() if name.startswith(start)}


def _check_names(initial: Mapping[str, Array], prefixes: tuple[str, ...]) -> None:
    for name in initial:
        if not name.startswith(tuple(prefix + "." for prefix in prefixes)):
            raise UserError(
                f"initial state {name!r} belongs to no part of this network: "
                f"names here start with {' or '.join(prefix + '.' for prefix in prefixes)}"
            )


class Directions:
    """A layer of networks that read the same input, each from its end; their states are joined."""

    def forward(
        self, x: Array, lengths: Lengths | None = None, **initial: Array
    ) -> tuple[Array, list[Any]]:
        """Read x (n_x, m, T_x) with lengths (m,).

        Returns:
            a, (units of all directions, m, T_x), zeros in the padding, and a cache a direction.
        """
        _check_names(initial, tuple(vars(self)))
        keep = inside(lengths, *x.shape[1:])
        # values in the padding must not matter, not even infinite ones
        x = np.where(keep, x, 0.0)
        states, caches = [], []
        for name, network in vars(self).items():
            turn = _turn(name, keep)
            a, cache = network.forward(turn(x), **_within(name, initial))
            # a_t = [a_t forwards; a_t backwards], the second having read x_T ... x_t
            states.append(np.where(keep, turn(a), 0.0))
            caches.append((keep, len(a), cache))
        return np.concatenate(states), caches

    def backward(self, da: Array, caches: list[Any]) -> Gradients:
        """Through time: ``x``, and ``forwards.<name>`` and ``backwards.<name>`` for all else."""
        gradients: Gradients = {}
        inputs = []
        ends = np.cumsum([units for _, units, _ in caches])[:-1]
        parts = zip(vars(self).items(), np.split(da, ends), caches, strict=True)
        for (name, network), part, (keep, _, cache) in parts:
            turn = _turn(name, keep)
            own = network.backward(turn(np.where(keep, part, 0.0)), cache)
            inputs.append(turn(own.pop("x")))
            gradients |= {f"{name}.{inner}": gradient for inner, gradient in own.items()}
        # x feeds every direction
        return {"x": reduce(np.add, inputs), **gradients}


@dataclass(frozen=True, eq=False)
class Unidirectional(Directions):
    """A network over padded examples, first step to last."""

    forwards: Recurrence


@dataclass(frozen=True, eq=False)
class Bidirectional(Directions):
    """Two networks, one from each end, their states joined (Schuster & Paliwal 1997)."""

    forwards: Recurrence
    backwards: Recurrence


@dataclass(frozen=True, eq=False)
class Stacked:
    """Layers, each reading the states of the one below; of Bidirectional, deep bidirectional.

    Attributes:
        layers: Unidirectional or Bidirectional, the first reads the input.
    """

    layers: tuple[Directions, ...]

    def __post_init__(self) -> None:
        """Check that the stack has a layer."""
        if not self.layers:
            raise ConfigError("layers is empty: a stack needs at least one layer")

    def forward(
        self, x: Array, lengths: Lengths | None = None, **initial: Array
    ) -> tuple[Array, list[Any]]:
        """Read x (n_x, m, T_x) with lengths (m,) -> the top layer's a, and a cache a layer."""
        _check_names(initial, tuple(f"layers.{depth}" for depth in range(len(self.layers))))
        a, caches = x, []
        for depth, layer in enumerate(self.layers):
            # a^[l] = layer_l(a^[l-1]), a^[0] = x
            a, cache = layer.forward(a, lengths, **_within(f"layers.{depth}", initial))
            caches.append(cache)
        return a, caches

    def backward(self, da: Array, caches: list[Any]) -> Gradients:
        """Through time and down the layers: ``x``, and ``layers.<n>.<name>`` for all else."""
        gradients: Gradients = {}
        for depth in reversed(range(len(self.layers))):
            layer = self.layers[depth].backward(da, caches[depth])
            da = layer.pop("x")
            gradients.update({f"layers.{depth}.{name}": g for name, g in layer.items()})
        return {"x": da, **gradients}
