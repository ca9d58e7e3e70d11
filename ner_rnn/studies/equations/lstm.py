"""Long short-term memory, with update, forget and output gates over [a_(t-1); x_t].

S. Hochreiter and J. Schmidhuber, "Long short-term memory", Neural Computation 9(8), 1997: the
cell, its update (input) gate and its output gate.
F. Gers, J. Schmidhuber and F. Cummins, "Learning to forget: continual prediction with LSTM",
Neural Computation 12(10), 2000: the forget gate. No peephole connections.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ner_rnn.studies.equations.network import Array, Gradients, Recurrence, draw, sigmoid

__all__ = ["LSTM", "LSTMCache"]


class LSTMCache(NamedTuple):
    """Arrays of one step that the step back needs; ``c_t`` is the cell state after it."""

    a_prev_x_t: Array
    c_prev: Array
    G_u: Array
    G_f: Array
    G_o: Array
    c_tilde: Array
    c_t: Array


@dataclass(frozen=True, eq=False)
class LSTM(Recurrence):
    """c_t = G_f * c_(t-1) + G_u * c~, a_t = G_o * tanh(c_t).

    Every gate multiplies a whole state elementwise; the columns of each weight matrix read
    a_(t-1) first, then x_t.

    Attributes:
        W_u: (n_a, n_a + n_x), update gate.
        b_u: (n_a, 1).
        W_f: (n_a, n_a + n_x), forget gate.
        b_f: (n_a, 1).
        W_o: (n_a, n_a + n_x), output gate.
        b_o: (n_a, 1).
        W_c: (n_a, n_a + n_x), candidate.
        b_c: (n_a, 1).
    """

    carries = ("a", "c")

    W_u: Array
    b_u: Array
    W_f: Array
    b_f: Array
    W_o: Array
    b_o: Array
    W_c: Array
    b_c: Array

    @classmethod
    def random(cls, rng: np.random.Generator, n_x: int, n_a: int) -> LSTM:
        """Weights and biases drawn from [-1/sqrt(n_a), 1/sqrt(n_a)]."""
        s = n_a**-0.5
        return cls(*(draw(rng, n_a, n, s) for _ in range(4) for n in (n_a + n_x, 1)))

    def cell_forward(
        self, x_t: Array, a_prev: Array, c_prev: Array
    ) -> tuple[Array, Array, LSTMCache]:
        """One step: x_t (n_x, m), a_prev and c_prev (n_a, m) -> a_t, c_t (n_a, m)."""
        # [a_(t-1); x_t]
        v = np.concatenate([a_prev, x_t])
        # G_u = sigmoid(W_u [a_(t-1); x_t] + b_u)
        G_u = sigmoid(self.W_u @ v + self.b_u)
        # G_f = sigmoid(W_f [a_(t-1); x_t] + b_f)
        G_f = sigmoid(self.W_f @ v + self.b_f)
        # G_o = sigmoid(W_o [a_(t-1); x_t] + b_o)
        G_o = sigmoid(self.W_o @ v + self.b_o)
        # c~ = tanh(W_c [a_(t-1); x_t] + b_c)
        c_tilde = np.tanh(self.W_c @ v + self.b_c)
        # c_t = G_f * c_(t-1) + G_u * c~
        c_t = G_f * c_prev + G_u * c_tilde
        # a_t = G_o * tanh(c_t)
        a_t = G_o * np.tanh(c_t)
        return a_t, c_t, LSTMCache(v, c_prev, G_u, G_f, G_o, c_tilde, c_t)

    def cell_backward(self, da_t: Array, dc_t: Array, cache: LSTMCache) -> Gradients:
        """One step back, to ``x_t``, ``a_prev``, ``c_prev`` and the parameters.

        Args:
            da_t: (n_a, m), dL/da_t.
            dc_t: (n_a, m), dL/dc_t by every path but a_t.
            cache: of the step.
        """
        v, c_prev, G_u, G_f, G_o, c_tilde, c_t = cache
        tanh_c = np.tanh(c_t)
        # a_t = G_o * tanh(c_t): the cell state has a gradient through a_t too
        dc = dc_t + da_t * G_o * (1.0 - tanh_c**2)
        # a sigmoid gate G has slope G (1 - G); the candidate, a tanh, 1 - c~^2
        dz = {
            "u": dc * c_tilde * G_u * (1.0 - G_u),
            "f": dc * c_prev * G_f * (1.0 - G_f),
            "o": da_t * tanh_c * G_o * (1.0 - G_o),
            "c": dc * G_u * (1.0 - c_tilde**2),
        }
        dv = self.W_u.T @ dz["u"] + self.W_f.T @ dz["f"]
        dv += self.W_o.T @ dz["o"] + self.W_c.T @ dz["c"]
        n_a = len(c_t)
        step = {"a_prev": dv[:n_a], "x_t": dv[n_a:], "c_prev": dc * G_f}
        for gate, d in dz.items():
            step[f"W_{gate}"] = d @ v.T
            step[f"b_{gate}"] = d.sum(axis=1, keepdims=True)
        return step
