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

from ner_rnn.studies.equations.network import Array, Gradients, draw, sigmoid, zero_gradients

__all__ = ["LSTM", "LSTMCache"]


class LSTMCache(NamedTuple):
    """One step, as backward needs it; ``c_t`` is the cell state after the step."""

    a_prev_x_t: Array
    c_prev: Array
    G_u: Array
    G_f: Array
    G_o: Array
    c_tilde: Array
    c_t: Array


@dataclass(frozen=True, eq=False)
class LSTM:
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

    def forward(
        self, x: Array, a0: Array | None = None, c0: Array | None = None
    ) -> tuple[Array, list[LSTMCache]]:
        """All steps: x (n_x, m, T_x) -> a (n_a, m, T_x) and a cache a step.

        The cell states are ``caches[t].c_t``, (n_a, m).
        """
        _, m, T_x = x.shape
        n_a = len(self.b_c)
        a_t = np.zeros((n_a, m)) if a0 is None else a0
        c_t = np.zeros((n_a, m)) if c0 is None else c0
        a = np.zeros((n_a, m, T_x))
        caches = []
        for t in range(T_x):
            a_t, c_t, cache = self.cell_forward(x[:, :, t], a_t, c_t)
            a[:, :, t] = a_t
            caches.append(cache)
        return a, caches

    def backward(self, da: Array, caches: list[LSTMCache], dc: Array | None = None) -> Gradients:
        """Go back through time.

        Args:
            da: (n_a, m, T_x), the loss's own gradient of each hidden state.
            caches: of forward.
            dc: (n_a, m, T_x), its own gradient of each cell state; None: zeros.

        Returns:
            ``x`` (n_x, m, T_x), ``a0`` and ``c0`` (n_a, m), and each parameter.
        """
        gradients = zero_gradients(self)
        dx = np.zeros((self.W_c.shape[1] - len(self.b_c), *da.shape[1:]))
        da_next = np.zeros(da.shape[:2])
        dc_next = np.zeros(da.shape[:2])
        for t in reversed(range(len(caches))):
            dc_t = dc_next if dc is None else dc_next + dc[:, :, t]
            step = self.cell_backward(da[:, :, t] + da_next, dc_t, caches[t])
            dx[:, :, t] = step.pop("x_t")
            da_next, dc_next = step.pop("a_prev"), step.pop("c_prev")
            for name, gradient in step.items():
                gradients[name] += gradient
        return {"x": dx, "a0": da_next, "c0": dc_next, **gradients}
