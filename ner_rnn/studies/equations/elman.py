"""The simple recurrent network of Elman (1990), and Jordan's (1986) beside it.

J. L. Elman, "Finding structure in time", Cognitive Science 14, 1990.
M. I. Jordan, "Attractor dynamics and parallelism in a connectionist sequential machine", Proc. of
the 8th Annual Conference of the Cognitive Science Society, 1986.

Elman draws his network with *context units*: a copy of the hidden units as they were one step
before, fed back through learned weights. A copy of a_(t-1) multiplied by W_aa is the term
W_aa a_(t-1): Elman's network and "the RNN" of the textbooks are one and the same recurrence.
Jordan's context units hold the *output* y_(t-1) instead, so that what the hidden units know is
carried on only as far as it shows in the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ner_rnn.studies.equations.network import (
    Activation,
    Array,
    Cache,
    Gradients,
    Recurrence,
    activate,
    check_activation,
    draw,
    slope,
)
from ner_rnn.studies.equations.output import Output

__all__ = ["Elman", "Jordan"]


@dataclass(frozen=True, eq=False)
class Elman(Recurrence):
    """a_t = f(W_ax x_t + W_aa a_(t-1) + b_a); with ``Output`` on top y_t = g(W_ya a_t + b_y).

    Attributes:
        W_ax: (n_a, n_x), input to hidden.
        W_aa: (n_a, n_a), hidden (Elman's context units) to hidden.
        b_a: (n_a, 1).
        f: tanh, or relu.
    """

    W_ax: Array
    W_aa: Array
    b_a: Array
    f: Activation = "tanh"

    def __post_init__(self) -> None:
        """Check the activation."""
        check_activation(self.f)

    @classmethod
    def random(cls, rng: np.random.Generator, n_x: int, n_a: int, f: Activation = "tanh") -> Elman:
        """Weights and biases drawn from [-1/sqrt(n_a), 1/sqrt(n_a)]."""
        s = n_a**-0.5
        return cls(draw(rng, n_a, n_x, s), draw(rng, n_a, n_a, s), draw(rng, n_a, 1, s), f)

    def cell_forward(self, x_t: Array, a_prev: Array) -> tuple[Array, Cache]:
        """One step: x_t (n_x, m), a_prev (n_a, m) -> a_t (n_a, m)."""
        # a_t = f(W_ax x_t + W_aa a_(t-1) + b_a)
        a_t = activate(self.f, self.W_ax @ x_t + self.W_aa @ a_prev + self.b_a)
        return a_t, (x_t, a_prev, a_t)

    def cell_backward(self, da_t: Array, cache: Cache) -> Gradients:
        """One step back: from dL/da_t (n_a, m) to ``x_t``, ``a_prev`` and the parameters."""
        x_t, a_prev, a_t = cache
        # dz_t = da_t f'(z_t), z_t the sum inside f
        dz = da_t * slope(self.f, a_t)
        return {
            "x_t": self.W_ax.T @ dz,
            "a_prev": self.W_aa.T @ dz,
            "W_ax": dz @ x_t.T,
            "W_aa": dz @ a_prev.T,
            "b_a": dz.sum(axis=1, keepdims=True),
        }


@dataclass(frozen=True, eq=False)
class Jordan(Recurrence):
    """Context from the output: the state carried on is s_t, not a_t.

        s_t = d s_(t-1) + y_(t-1)
        a_t = f(W_ax x_t + W_as s_t + b_a)
        y_t = g(W_ya a_t + b_y)

    Attributes:
        W_ax: (n_a, n_x), input to hidden.
        W_as: (n_a, n_y), context to hidden.
        b_a: (n_a, 1).
        output: W_ya, b_y and g.
        f: tanh, or relu.
        decay: d, how much a context unit keeps of itself; with 0 the context is y_(t-1).
    """

    emits = "y"
    carries = ("s",)

    W_ax: Array
    W_as: Array
    b_a: Array
    output: Output
    f: Activation = "tanh"
    decay: float = 0.0

    def __post_init__(self) -> None:
        """Check the activation."""
        check_activation(self.f)

    @classmethod
    def random(
        cls,
        rng: np.random.Generator,
        n_x: int,
        n_a: int,
        n_y: int,
        *,
        f: Activation = "tanh",
        g: Literal["softmax", "sigmoid"] = "softmax",
        decay: float = 0.0,
    ) -> Jordan:
        """Weights and biases drawn from [-1/sqrt(n_a), 1/sqrt(n_a)]."""
        s = n_a**-0.5
        output = Output.random(rng, n_a, n_y, g)
        hidden = draw(rng, n_a, n_x, s), draw(rng, n_a, n_y, s), draw(rng, n_a, 1, s)
        return cls(*hidden, output, f, decay)

    def cell_forward(self, x_t: Array, s_t: Array) -> tuple[Array, Array, Cache]:
        """One step: x_t (n_x, m), s_t (n_y, m) -> y_t (n_y, m), the next context s_(t+1)."""
        # a_t = f(W_ax x_t + W_as s_t + b_a)
        a_t = activate(self.f, self.W_ax @ x_t + self.W_as @ s_t + self.b_a)
        # y_t = g(W_ya a_t + b_y)
        y_t, _ = self.output.forward(a_t)
        # s_(t+1) = d s_t + y_t
        s_next = self.decay * s_t + y_t
        return y_t, s_next, (x_t, s_t, a_t, y_t)

    def cell_backward(self, dy_t: Array, ds_next: Array, cache: Cache) -> Gradients:
        """One step back, to ``x_t``, to the context that was read, and to the parameters."""
        x_t, s_t, a_t, y_t = cache
        # y_t goes out, and into s_(t+1)
        output = self.output.backward(dy_t + ds_next, (a_t, y_t))
        dz = output["a"] * slope(self.f, a_t)
        return {
            "x_t": self.W_ax.T @ dz,
            "s_prev": self.W_as.T @ dz + self.decay * ds_next,
            "W_ax": dz @ x_t.T,
            "W_as": dz @ s_t.T,
            "b_a": dz.sum(axis=1, keepdims=True),
            "output.W_ya": output["W_ya"],
            "output.b_y": output["b_y"],
        }
