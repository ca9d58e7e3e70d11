"""The echo state network: a fixed random reservoir, and a readout learned in closed form.

H. Jaeger, "The 'echo state' approach to analysing and training recurrent neural networks", GMD
Report 148, 2001: the network, the echo state property, the optional feedback W_back.
H. Jaeger, M. Lukosevicius, D. Popovici and U. Siewert, "Optimization and applications of echo
state networks with leaky-integrator neurons", Neural Networks 20(3), 2007: the leak rate.
M. Lukosevicius, "A practical guide to applying echo state networks", in Neural Networks: Tricks of
the Trade, 2012: the form of the equations here (2 to 4, and 9 for ridge regression).

The reservoir is never trained; its backward pass is here to measure how far it remembers, and to
train what lies below a frozen reservoir.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ner_rnn.errors import ConfigError, UserError
from ner_rnn.studies.equations.network import Array, Gradients, Recurrence, draw

__all__ = ["EchoState", "extended_states", "largest_eigenvalue", "ridge"]


def largest_eigenvalue(W: Array) -> float:
    """The spectral radius: the largest absolute value among the eigenvalues of W (n, n)."""
    return float(np.abs(np.linalg.eigvals(W)).max())


def extended_states(x: Array, a: Array) -> Array:
    """[1; x_t; a_t], what the readout sees: (1 + n_x + N, ...) from x (n_x, ...) and a (N, ...)."""
    return np.concatenate([np.ones((1, *x.shape[1:])), x, a])


def ridge(states: Array, targets: Array, strength: float) -> Array:
    """The readout that minimises |W_out S - Y|^2 + strength |W_out|^2, in closed form.

    Args:
        states: S, (n, samples), a column a step: ``extended_states(x, a)[:, keep]``.
        targets: Y, (n_y, samples).
        strength: of the penalty, 0 or more; it falls on the constant too, as in the source.

    Returns:
        W_out, (n_y, n).

    Raises:
        ConfigError: when the strength is negative.
    """
    if strength < 0:
        raise ConfigError(f"ridge strength is {strength}: it must be 0 or more")
    # W_out = Y S' (S S' + beta I)^-1                                   Lukosevicius 2012, eq. 9
    penalised = states @ states.T + strength * np.eye(len(states))
    # (S S' + beta I) is symmetric: solve for W_out' rather than invert
    return np.asarray(np.linalg.solve(penalised, states @ targets.T).T)


@dataclass(frozen=True, eq=False)
class EchoState(Recurrence):
    """a_t = (1 - l) a_(t-1) + l tanh(W_in x_t + W a_(t-1) + W_back y_(t-1) + b).

    Attributes:
        W_in: (N, n_x).
        W: (N, N), the sparse reservoir, held densely here.
        b: (N, 1).
        W_back: (N, n_y), feedback of the last output; None: no feedback.
        leak: l, in (0, 1]; 1: the state is wholly new at each step.
    """

    W_in: Array
    W: Array
    b: Array
    W_back: Array | None = None
    leak: float = 1.0

    def __post_init__(self) -> None:
        """Check the range of the leak rate."""
        if not 0.0 < self.leak <= 1.0:
            raise ConfigError(f"leak is {self.leak}: it must be above 0 and at most 1")

    @classmethod
    def random(
        cls,
        rng: np.random.Generator,
        n_x: int,
        units: int,
        *,
        spectral_radius: float = 0.9,
        input_scale: float = 1.0,
        sparsity: float = 0.05,
        leak: float = 1.0,
        n_y: int = 0,
        allow_unstable: bool = False,
    ) -> EchoState:
        """Draw a reservoir by its four knobs, weights uniform and of either sign.

        Args:
            rng: the only source of random numbers.
            n_x: width of the input.
            units: N, the size of the reservoir.
            spectral_radius: SR, of W itself (not of the leaky update), by its eigenvalues.
            input_scale: IS; W_in, b and W_back are drawn from [-IS, IS].
            sparsity: SD, the share of the N x N connections that exist, usually 0.01 to 0.05.
            leak: leak rate.
            n_y: width of the output that is fed back; 0: no feedback.
            allow_unstable: accept a spectral radius of 1 or more, though echoes may then not fade.

        Raises:
            ConfigError: naming the knob, when one is out of range or the reservoir comes out
                empty (no cycle among its connections, so nothing echoes).
        """
        if spectral_radius <= 0 or (spectral_radius >= 1 and not allow_unstable):
            raise ConfigError(
                f"spectral_radius is {spectral_radius}: it must be above 0 and below 1, "
                "or the echo state property may be lost"
            )
        if not 0 < sparsity <= 1:
            raise ConfigError(f"sparsity is {sparsity}: it must be above 0 and at most 1")
        W = draw(rng, units, units, 1.0) * (rng.random((units, units)) < sparsity)
        radius = largest_eigenvalue(W)
        # rounding leaves eigenvalues of about this size where all should be zero
        if radius < 1e-6:
            raise ConfigError(
                f"sparsity is {sparsity}: {units} units are left without a cycle among their "
                f"{np.count_nonzero(W)} connections; use a larger sparsity or more units"
            )
        # scale so that max |eigenvalue| = SR: eigenvalues grow with the matrix
        W *= spectral_radius / radius
        return cls(
            draw(rng, units, n_x, input_scale),
            W,
            draw(rng, units, 1, input_scale),
            draw(rng, units, n_y, input_scale) if n_y else None,
            leak,
        )

    def cell_forward(
        self, x_t: Array, a_prev: Array, y_prev: Array | None = None
    ) -> tuple[Array, tuple[Array | None, ...]]:
        """One step: x_t (n_x, m), a_prev (N, m), y_prev (n_y, m) -> a_t (N, m)."""
        # a~ = tanh(W_in x_t + W a_(t-1) + W_back y_(t-1) + b)            Lukosevicius 2012, eq. 2
        z = self.W_in @ x_t + self.W @ a_prev + self.b
        if self.W_back is not None and y_prev is not None:
            z = z + self.W_back @ y_prev
        a_tilde = np.tanh(z)
        # a_t = (1 - l) a_(t-1) + l a~                                    Lukosevicius 2012, eq. 3
        a_t = (1.0 - self.leak) * a_prev + self.leak * a_tilde
        return a_t, (x_t, a_prev, a_tilde, y_prev)

    def cell_backward(self, da_t: Array, cache: tuple[Array, Array, Array, Array]) -> Gradients:
        """One step back: ``x_t``, ``a_prev``, ``y_prev`` if fed back, and the parameters."""
        x_t, a_prev, a_tilde, y_prev = cache
        dz = da_t * self.leak * (1.0 - a_tilde**2)
        step = {
            "x_t": self.W_in.T @ dz,
            "a_prev": (1.0 - self.leak) * da_t + self.W.T @ dz,
            "W_in": dz @ x_t.T,
            "W": dz @ a_prev.T,
            "b": dz.sum(axis=1, keepdims=True),
        }
        if self.W_back is not None:
            step["y_prev"] = self.W_back.T @ dz
            step["W_back"] = dz @ y_prev.T
        return step

    def forward(
        self, x: Array, *, y: Array | None = None, **initial: Array
    ) -> tuple[Array, list[Any]]:
        """Read all steps, the target outputs fed back where there is feedback (teacher forcing).

        Args:
            x: (n_x, m, T_x).
            y: (n_y, m, T_x), needed with W_back: step t sees y_(t-1), the first one zeros.
            initial: ``a0`` (N, m), zeros by default.

        Returns:
            a (N, m, T_x) and a cache for each step.

        Raises:
            UserError: when y is missing, or given without feedback.
        """
        if (y is None) != (self.W_back is None):
            raise UserError(
                "outputs y to feed back must be given with W_back, and only then; "
                "to feed back the readout's own, call generate"
            )
        if y is None:
            return super().forward(x, **initial)
        late = [np.zeros(y.shape[:2]), *np.moveaxis(y, 2, 0)]
        return self._read(x, initial, ({"y_prev": y_prev} for y_prev in late))

    def generate(self, x: Array, W_out: Array, a0: Array) -> tuple[Array, Array]:
        """All steps with the readout's own outputs fed back: no teacher.

        Args:
            x: (n_x, m, T_x).
            W_out: (n_y, 1 + n_x + N), of ``ridge``.
            a0: (N, m).

        Returns:
            y (n_y, m, T_x) and a (N, m, T_x).
        """
        a_t, y_t = a0, np.zeros((len(W_out), x.shape[1]))
        states, outputs = [], []
        for x_t in np.moveaxis(x, 2, 0):
            a_t, _ = self.cell_forward(x_t, a_t, y_t)
            # y_t = W_out [1; x_t; a_t]                                   Lukosevicius 2012, eq. 4
            y_t = W_out @ extended_states(x_t, a_t)
            states.append(a_t)
            outputs.append(y_t)
        return np.stack(outputs, axis=2), np.stack(states, axis=2)

    def backward(self, da: Array, caches: list[Any], dc: Array | None = None) -> Gradients:
        """Backward through time; with feedback to ``y`` (n_y, m, T_x) too.

        Connections of W that do not exist have a gradient as well.
        """
        gradients = super().backward(da, caches, dc)
        if self.W_back is not None:
            # step t read y_(t-1); none read the last
            dy = gradients.pop("y_prev")
            gradients["y"] = np.concatenate([dy[:, :, 1:], np.zeros_like(dy[:, :, :1])], axis=2)
        return gradients
