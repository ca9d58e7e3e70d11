"""The output layer: softmax over the classes, or a sigmoid for each yes/no answer.

It reads the hidden states of any network, and stands apart from them for that reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ner_rnn.errors import ConfigError
from ner_rnn.studies.equations.network import Array, Cache, Gradients, draw, sigmoid

__all__ = ["Output", "softmax"]


def softmax(z: Array) -> Array:
    """exp(z_k) / sum_j exp(z_j) over the first axis (Bridle 1990); sums to 1 there."""
    # subtracting the largest changes nothing but keeps exp from overflowing
    e = np.exp(z - z.max(axis=0, keepdims=True))
    return np.asarray(e / e.sum(axis=0, keepdims=True))


@dataclass(frozen=True, eq=False)
class Output:
    """y_t = g(W_ya a_t + b_y), the same weights at every step.

    Attributes:
        W_ya: (n_y, n_a).
        b_y: (n_y, 1).
        g: softmax (one of n_y classes) or sigmoid (n_y yes/no answers).
    """

    W_ya: Array
    b_y: Array
    g: Literal["softmax", "sigmoid"] = "softmax"

    def __post_init__(self) -> None:
        """Check the output function."""
        if self.g not in {"softmax", "sigmoid"}:
            raise ConfigError(f"output g is {self.g!r}: it must be softmax or sigmoid")

    @classmethod
    def random(
        cls,
        rng: np.random.Generator,
        n_a: int,
        n_y: int,
        g: Literal["softmax", "sigmoid"] = "softmax",
    ) -> Output:
        """Weights and biases drawn from [-1/sqrt(n_a), 1/sqrt(n_a)]."""
        scale = n_a**-0.5
        return cls(draw(rng, n_y, n_a, scale), draw(rng, n_y, 1, scale), g)

    def forward(self, a: Array) -> tuple[Array, Cache]:
        """Predictions for one step, a (n_a, m), or all of them, a (n_a, m, T_x).

        Returns:
            y, (n_y, m) or (n_y, m, T_x), and what backward needs.
        """
        # z_t = W_ya a_t + b_y
        z = np.tensordot(self.W_ya, a, axes=1) + self.b_y.reshape(-1, *[1] * (a.ndim - 1))
        # y_t = softmax(z_t) for one of many, sigmoid(z_t) for yes or no
        y = softmax(z) if self.g == "softmax" else sigmoid(z)
        return y, (a, y)

    def backward(self, dy: Array, cache: Cache) -> Gradients:
        """From dL/dy, shaped as y, to dL/da and the gradients of W_ya and b_y."""
        a, y = cache
        if self.g == "softmax":
            # dz_k = y_k (dy_k - sum_j dy_j y_j)
            dz = y * (dy - (dy * y).sum(axis=0, keepdims=True))
        else:
            # dz = dy y (1 - y)
            dz = dy * y * (1.0 - y)
        n_y, n_a = self.W_ya.shape
        return {
            "a": np.tensordot(self.W_ya.T, dz, axes=1),
            "W_ya": dz.reshape(n_y, -1) @ a.reshape(n_a, -1).T,
            "b_y": dz.reshape(n_y, -1).sum(axis=1, keepdims=True),
        }
