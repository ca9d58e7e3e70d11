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

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ner_rnn.errors import ConfigError, UserError
from ner_rnn.studies.equations.network import Array, Gradients, Network

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


class DirectionCache(NamedTuple):
    """One direction of one layer, as backward needs it."""

    keep: NDArray[np.bool_]
    caches: Any
    units: int


def _read(
    network: Network, x: Array, lengths: Lengths | None, initial: Mapping[str, Array], back: bool
) -> tuple[Array, DirectionCache]:
    """Run a network over padded examples, from the far end when ``back``; zeros in the padding."""
    keep = inside(lengths, *x.shape[1:])
    # what stands in the padding must not matter, not even when it is infinite
    x = np.where(keep, x, 0.0)
    a, caches = network.forward(reverse(x, keep) if back else x, **initial)
    a = np.where(keep, reverse(a, keep) if back else a, 0.0)
    return a, DirectionCache(keep, caches, len(a))


def _unread(network: Network, da: Array, cache: DirectionCache, back: bool) -> Gradients:
    """Return the gradients of ``_read``."""
    da = np.where(cache.keep, da, 0.0)
    gradients = network.backward(reverse(da, cache.keep) if back else da, cache.caches)
    if back:
        gradients["x"] = reverse(gradients["x"], cache.keep)
    return gradients


def _within(prefix: str, named: Mapping[str, Array]) -> dict[str, Array]:
    """The entries under a prefix, without it: ``forwards.a0`` -> ``a0``."""
    start = prefix + "."
    return {name[len(start) :]: value for name, value in named.items() if name.startswith(start)}


def _check_names(initial: Mapping[str, Array], prefixes: tuple[str, ...]) -> None:
    for name in initial:
        if not name.startswith(tuple(prefix + "." for prefix in prefixes)):
            raise UserError(
                f"initial state {name!r} belongs to no part of this network: "
                f"names here start with {' or '.join(prefix + '.' for prefix in prefixes)}"
            )


@dataclass(frozen=True, eq=False)
class Unidirectional:
    """A network over padded examples, first step to last."""

    forwards: Network

    def forward(
        self, x: Array, lengths: Lengths | None = None, **initial: Array
    ) -> tuple[Array, DirectionCache]:
        """Read x (n_x, m, T_x) with lengths (m,) -> a (n_a, m, T_x), zeros in the padding."""
        _check_names(initial, ("forwards",))
        return _read(self.forwards, x, lengths, _within("forwards", initial), back=False)

    def backward(self, da: Array, cache: DirectionCache) -> Gradients:
        """Through time: ``x`` (n_x, m, T_x) and ``forwards.<name>`` for all else."""
        gradients = _unread(self.forwards, da, cache, back=False)
        dx = gradients.pop("x")
        return {"x": dx, **{f"forwards.{name}": g for name, g in gradients.items()}}


@dataclass(frozen=True, eq=False)
class Bidirectional:
    """Two networks, one from each end, their states joined (Schuster & Paliwal 1997)."""

    forwards: Network
    backwards: Network

    def forward(
        self, x: Array, lengths: Lengths | None = None, **initial: Array
    ) -> tuple[Array, tuple[DirectionCache, DirectionCache]]:
        """Read x (n_x, m, T_x) with lengths (m,) from both ends.

        Returns:
            a, (n_forwards + n_backwards, m, T_x), zeros in the padding, and the caches.
        """
        _check_names(initial, ("forwards", "backwards"))
        ahead, cache = _read(self.forwards, x, lengths, _within("forwards", initial), back=False)
        back, cache_back = _read(
            self.backwards, x, lengths, _within("backwards", initial), back=True
        )
        # a_t = [a_t forwards; a_t backwards], the second having read x_T ... x_t
        return np.concatenate([ahead, back]), (cache, cache_back)

    def backward(self, da: Array, cache: tuple[DirectionCache, DirectionCache]) -> Gradients:
        """Through time: ``x``, and ``forwards.<name>`` and ``backwards.<name>`` for all else."""
        width = cache[0].units
        ahead = _unread(self.forwards, da[:width], cache[0], back=False)
        back = _unread(self.backwards, da[width:], cache[1], back=True)
        # x feeds both directions
        dx = ahead.pop("x") + back.pop("x")
        return {
            "x": dx,
            **{f"forwards.{name}": g for name, g in ahead.items()},
            **{f"backwards.{name}": g for name, g in back.items()},
        }


@dataclass(frozen=True, eq=False)
class Stacked:
    """Layers, each reading the states of the one below; of Bidirectional, deep bidirectional.

    Attributes:
        layers: Unidirectional or Bidirectional, the first reads the input.
    """

    layers: tuple[Unidirectional | Bidirectional, ...]

    def __post_init__(self) -> None:
        """Refuse a stack of nothing."""
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
