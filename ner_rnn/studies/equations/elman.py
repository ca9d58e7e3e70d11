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
from typing import Literal, NamedTuple

import numpy as np

from ner_rnn.studies.equations.network import (
    Activation,
    Array,
    Gradients,
    Recurrence,
    activate,
    check_activation,
    draw,
    slope,
    zero_gradients,
)
from ner_rnn.studies.equations.output import Output, OutputCache

__all__ = ["Elman", "ElmanCache", "Jordan", "JordanCache"]


class ElmanCache(NamedTuple):
    """One step, as backward needs it."""

    x_t: Array
    a_prev: Array
    a_t: Array


@dataclass(frozen=True, eq=False)
class Elman(Recurrence[ElmanCache]):
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
        """Refuse an unknown f."""
        check_activation(self.f)

    @classmethod
    def random(cls, rng: np.random.Generator, n_x: int, n_a: int, f: Activation = "tanh") -> Elman:
        """Weights and biases drawn from [-1/sqrt(n_a), 1/sqrt(n_a)]."""
        s = n_a**-0.5
        return cls(draw(rng, n_a, n_x, s), draw(rng, n_a, n_a, s), draw(rng, n_a, 1, s), f)

    @property
    def sizes(self) -> tuple[int, int]:
        """n_x and n_a."""
        return self.W_ax.shape[1], len(self.b_a)

    def cell_forward(self, x_t: Array, a_prev: Array) -> tuple[Array, ElmanCache]:
        """One step: x_t (n_x, m), a_prev (n_a, m) -> a_t (n_a, m)."""
        # a_t = f(W_ax x_t + W_aa a_(t-1) + b_a)
        a_t = activate(self.f, self.W_ax @ x_t + self.W_aa @ a_prev + self.b_a)
        return a_t, ElmanCache(x_t, a_prev, a_t)

    def cell_backward(self, da_t: Array, cache: ElmanCache) -> Gradients:
        """One step back: from dL/da_t (n_a, m) to ``x_t``, ``a_prev`` and the parameters."""
        # dz_t = da_t f'(z_t), z_t the sum inside f
        dz = da_t * slope(self.f, cache.a_t)
        return {
            "x_t": self.W_ax.T @ dz,
            "a_prev": self.W_aa.T @ dz,
            "W_ax": dz @ cache.x_t.T,
            "W_aa": dz @ cache.a_prev.T,
            "b_a": dz.sum(axis=1, keepdims=True),
        }


class JordanCache(NamedTuple):
    """One step, as backward needs it."""

    x_t: Array
    s_t: Array
    a_t: Array
    output: OutputCache


@dataclass(frozen=True, eq=False)
class Jordan:
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

    W_ax: Array
    W_as: Array
    b_a: Array
    output: Output
    f: Activation = "tanh"
    decay: float = 0.0

    def __post_init__(self) -> None:
        """Refuse an unknown f."""
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

    def cell_forward(self, x_t: Array, s_t: Array) -> tuple[Array, Array, JordanCache]:
        """One step: x_t (n_x, m), s_t (n_y, m) -> y_t (n_y, m), the next context s_(t+1)."""
        # a_t = f(W_ax x_t + W_as s_t + b_a)
        a_t = activate(self.f, self.W_ax @ x_t + self.W_as @ s_t + self.b_a)
        # y_t = g(W_ya a_t + b_y)
        y_t, output_cache = self.output.forward(a_t)
        # s_(t+1) = d s_t + y_t
        s_next = self.decay * s_t + y_t
        return y_t, s_next, JordanCache(x_t, s_t, a_t, output_cache)

    def cell_backward(self, dy_t: Array, ds_next: Array, cache: JordanCache) -> Gradients:
        """One step back, to ``x_t``, ``s_t`` and the parameters."""
        # y_t goes out, and into s_(t+1)
        output = self.output.backward(dy_t + ds_next, cache.output)
        dz = output["a"] * slope(self.f, cache.a_t)
        return {
            "x_t": self.W_ax.T @ dz,
            "s_t": self.W_as.T @ dz + self.decay * ds_next,
            "W_ax": dz @ cache.x_t.T,
            "W_as": dz @ cache.s_t.T,
            "b_a": dz.sum(axis=1, keepdims=True),
            "output.W_ya": output["W_ya"],
            "output.b_y": output["b_y"],
        }

    def forward(self, x: Array, s0: Array | None = None) -> tuple[Array, list[JordanCache]]:
        """All steps: x (n_x, m, T_x), first context s0 (n_y, m) -> y (n_y, m, T_x), caches."""
        _, m, T_x = x.shape
        n_y = len(self.output.b_y)
        s_t = np.zeros((n_y, m)) if s0 is None else s0
        y = np.zeros((n_y, m, T_x))
        caches = []
        for t in range(T_x):
            y[:, :, t], s_t, cache = self.cell_forward(x[:, :, t], s_t)
            caches.append(cache)
        return y, caches

    def backward(self, dy: Array, caches: list[JordanCache]) -> Gradients:
        """Through time: dy (n_y, m, T_x) -> ``x``, ``s0`` (n_y, m) and each parameter."""
        gradients = zero_gradients(self)
        dx = np.zeros((self.W_ax.shape[1], *dy.shape[1:]))
        ds_next = np.zeros(dy.shape[:2])
        for t in reversed(range(len(caches))):
            step = self.cell_backward(dy[:, :, t], ds_next, caches[t])
            dx[:, :, t], ds_next = step.pop("x_t"), step.pop("s_t")
            for name, gradient in step.items():
                gradients[name] += gradient
        return {"x": dx, "s0": ds_next, **gradients}
