"""The gated recurrent unit, in both of its published forms.

K. Cho, B. van Merrienboer, C. Gulcehre, D. Bahdanau, F. Bougares, H. Schwenk and Y. Bengio,
"Learning phrase representations using RNN encoder-decoder for statistical machine translation",
EMNLP 2014 (arXiv:1406.1078), equations 5 to 8. The paper has no biases; they are added here.

The two forms differ in where the reset gate G_r stands in the candidate:

    reset="before"   c~ = tanh(W_cx x_t + W_ca (G_r * a_(t-1)) + b_c)
                     Cho et al. as printed (arXiv version 3), and the textbooks' form: the gate
                     chooses which units of the old state the matrix gets to see.
    reset="after"    c~ = tanh(W_cx x_t + b_c + G_r * (W_ca a_(t-1) + b_ca))
                     arXiv version 1; what torch.nn.GRU and cuDNN compute: the gate scales what the
                     matrix made of the old state, so all products with a_(t-1) can be one. It
                     needs a second bias b_ca, inside the gate.

Weights of one form do not serve the other. The update gate follows Cho and torch: G_z = 1 *keeps*
the old state. Textbooks that write a_t = G_u * c~ + (1 - G_u) * a_(t-1) have G_u = 1 - G_z, which
is the same network with the signs of W_zx, W_za and b_z turned.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ner_rnn.errors import ConfigError
from ner_rnn.studies.equations.network import Array, Cache, Gradients, Recurrence, draw, sigmoid

__all__ = ["GRU"]


@dataclass(frozen=True, eq=False)
class GRU(Recurrence):
    """a_t = G_z * a_(t-1) + (1 - G_z) * c~.

    Attributes:
        W_rx: (n_a, n_x), input to reset gate.
        W_ra: (n_a, n_a), state to reset gate.
        b_r: (n_a, 1).
        W_zx: (n_a, n_x), input to update gate.
        W_za: (n_a, n_a), state to update gate.
        b_z: (n_a, 1).
        W_cx: (n_a, n_x), input to candidate.
        W_ca: (n_a, n_a), state to candidate.
        b_c: (n_a, 1).
        b_ca: (n_a, 1), only with reset="after"; otherwise None.
    """

    W_rx: Array
    W_ra: Array
    b_r: Array
    W_zx: Array
    W_za: Array
    b_z: Array
    W_cx: Array
    W_ca: Array
    b_c: Array
    b_ca: Array | None = None
    reset: Literal["before", "after"] = "before"

    def __post_init__(self) -> None:
        """Check the form, and that its biases fit it."""
        if self.reset not in {"before", "after"}:
            raise ConfigError(f"GRU reset is {self.reset!r}: it must be before or after")
        if (self.b_ca is None) != (self.reset == "before"):
            raise ConfigError(
                f"GRU reset is {self.reset!r}: the bias b_ca goes with reset='after', and only it"
            )

    @classmethod
    def random(
        cls,
        rng: np.random.Generator,
        n_x: int,
        n_a: int,
        reset: Literal["before", "after"] = "before",
    ) -> GRU:
        """Weights and biases drawn from [-1/sqrt(n_a), 1/sqrt(n_a)]."""
        s = n_a**-0.5
        rows = [tuple(draw(rng, n_a, n, s) for n in (n_x, n_a, 1)) for _ in range(3)]
        (W_rx, W_ra, b_r), (W_zx, W_za, b_z), (W_cx, W_ca, b_c) = rows
        b_ca = draw(rng, n_a, 1, s) if reset == "after" else None
        return cls(W_rx, W_ra, b_r, W_zx, W_za, b_z, W_cx, W_ca, b_c, b_ca, reset)

    def cell_forward(self, x_t: Array, a_prev: Array) -> tuple[Array, Cache]:
        """One step: x_t (n_x, m), a_prev (n_a, m) -> a_t (n_a, m)."""
        # G_r = sigmoid(W_rx x_t + W_ra a_(t-1) + b_r)                      Cho 2014, eq. 5
        G_r = sigmoid(self.W_rx @ x_t + self.W_ra @ a_prev + self.b_r)
        # G_z = sigmoid(W_zx x_t + W_za a_(t-1) + b_z)                      Cho 2014, eq. 6
        G_z = sigmoid(self.W_zx @ x_t + self.W_za @ a_prev + self.b_z)
        if self.b_ca is None:
            # c~ = tanh(W_cx x_t + W_ca (G_r * a_(t-1)) + b_c)              Cho 2014, eq. 8
            u = self.W_ca @ (G_r * a_prev)
            c_tilde = np.tanh(self.W_cx @ x_t + u + self.b_c)
        else:
            # c~ = tanh(W_cx x_t + b_c + G_r * (W_ca a_(t-1) + b_ca))       torch.nn.GRU
            u = self.W_ca @ a_prev + self.b_ca
            c_tilde = np.tanh(self.W_cx @ x_t + self.b_c + G_r * u)
        # a_t = G_z * a_(t-1) + (1 - G_z) * c~                              Cho 2014, eq. 7
        a_t = G_z * a_prev + (1.0 - G_z) * c_tilde
        return a_t, (x_t, a_prev, G_r, G_z, c_tilde, u)

    def cell_backward(self, da_t: Array, cache: Cache) -> Gradients:
        """One step back: from dL/da_t (n_a, m) to ``x_t``, ``a_prev`` and the parameters."""
        x_t, a_prev, G_r, G_z, c_tilde, u = cache
        # through a_t = G_z * a_(t-1) + (1 - G_z) * c~
        dz_z = da_t * (a_prev - c_tilde) * G_z * (1.0 - G_z)
        dz_c = da_t * (1.0 - G_z) * (1.0 - c_tilde**2)
        da_prev = da_t * G_z
        step: Gradients = {}
        if self.b_ca is None:
            # the gate stands inside the product: d(G_r * a_(t-1)) = W_ca' dz_c
            d_gated = self.W_ca.T @ dz_c
            dG_r = d_gated * a_prev
            da_prev = da_prev + d_gated * G_r
            step["W_ca"] = dz_c @ (G_r * a_prev).T
        else:
            # the gate stands outside it: d(W_ca a_(t-1) + b_ca) = dz_c * G_r
            du = dz_c * G_r
            dG_r = dz_c * u
            da_prev = da_prev + self.W_ca.T @ du
            step["W_ca"] = du @ a_prev.T
            step["b_ca"] = du.sum(axis=1, keepdims=True)
        dz_r = dG_r * G_r * (1.0 - G_r)
        step["a_prev"] = da_prev + self.W_ra.T @ dz_r + self.W_za.T @ dz_z
        step["x_t"] = self.W_rx.T @ dz_r + self.W_zx.T @ dz_z + self.W_cx.T @ dz_c
        step["W_ra"], step["W_za"] = dz_r @ a_prev.T, dz_z @ a_prev.T
        for gate, dz in (("r", dz_r), ("z", dz_z), ("c", dz_c)):
            step[f"W_{gate}x"] = dz @ x_t.T
            step[f"b_{gate}"] = dz.sum(axis=1, keepdims=True)
        return step
