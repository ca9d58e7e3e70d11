"""The clockwork RNN: groups of units that are written at different rates.

J. Koutnik, K. Greff, F. Gomez and J. Schmidhuber, "A clockwork RNN", ICML 2014. The paper has no
bias; it is added here. Steps count from 0, so every group is written at the first step.

Example: 256 units with periods 1, 2, 4, 8 have recurrent blocks of 64 x 256, 64 x 192, 64 x 128
and 64 x 64. At step 6 the groups with periods 1 and 2 are written; the others stand still.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Any, NamedTuple

import numpy as np

from ner_rnn.errors import ConfigError
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
    zero_gradients,
)

__all__ = ["Clockwork", "Group"]


class Group(NamedTuple):
    """Units ``start`` to ``end``, written every ``period`` steps, reading units ``source`` on."""

    start: int
    end: int
    source: int
    period: int


def groups(n_a: int, periods: tuple[int, ...]) -> list[Group]:
    """Share n_a units out evenly, the fastest group first.

    ``groups(4, (1, 2))`` -> ``[Group(0, 2, 0, 1), Group(2, 4, 2, 2)]``

    Raises:
        ConfigError: for periods that decrease or are below 1, and units that do not divide.
    """
    if not periods or min(periods) < 1 or list(periods) != sorted(periods):
        raise ConfigError(f"periods are {list(periods)}: give whole numbers from 1 up, ascending")
    if n_a % len(periods):
        raise ConfigError(
            f"{n_a} units do not divide into {len(periods)} equal groups, one a period "
            f"{list(periods)}: use a multiple of {len(periods)}"
        )
    size = n_a // len(periods)
    # a group reads from every group whose period is the same or longer; as the periods ascend,
    # those are the units from the first group of its own period on
    return [
        Group(i * size, (i + 1) * size, periods.index(period) * size, period)
        for i, period in enumerate(periods)
    ]


@dataclass(frozen=True, eq=False)
class Clockwork(Recurrence):
    """Group i: a_t = f(W_ax x_t + W_aa a_(t-1) + b_a) where t mod T_i = 0, else a_t = a_(t-1).

    Slow groups feed fast ones, never the reverse: with ascending periods W_aa is block-upper-
    triangular, and only its blocks are stored.

    Attributes:
        W_ax: (n_a, n_x).
        W_aa: a block a group, (n_a / g, units of all groups with the same or a longer period).
        b_a: (n_a, 1).
        periods: T_1 <= ... <= T_g; with all of them equal to 1 this is Elman's network.
        f: tanh, or relu.
    """

    W_ax: Array
    W_aa: tuple[Array, ...]
    b_a: Array
    periods: tuple[int, ...]
    f: Activation = "tanh"

    def __post_init__(self) -> None:
        """Check that periods and blocks fit the units."""
        check_activation(self.f)
        expected = [(g.end - g.start, len(self.b_a) - g.source) for g in self.groups]
        found = [block.shape for block in self.W_aa]
        if found != expected:
            raise ConfigError(
                f"W_aa has blocks {found}: {len(self.b_a)} units with periods "
                f"{list(self.periods)} need {expected}"
            )

    @classmethod
    def random(
        cls,
        rng: np.random.Generator,
        n_x: int,
        n_a: int,
        periods: tuple[int, ...] = (1, 2, 4, 8),
        f: Activation = "tanh",
    ) -> Clockwork:
        """Weights and biases drawn from [-1/sqrt(n_a), 1/sqrt(n_a)]."""
        s = n_a**-0.5
        blocks = tuple(draw(rng, g.end - g.start, n_a - g.source, s) for g in groups(n_a, periods))
        return cls(draw(rng, n_a, n_x, s), blocks, draw(rng, n_a, 1, s), periods, f)

    @property
    def groups(self) -> list[Group]:
        """The groups, fastest first."""
        return groups(len(self.b_a), self.periods)

    def forward(self, x: Array, **initial: Array) -> tuple[Array, list[Any]]:
        """All steps, which the clock counts from 0."""
        return self._read(x, initial, ({"t": t} for t in count()))

    def cell_forward(self, x_t: Array, a_prev: Array, t: int) -> tuple[Array, tuple[int, Cache]]:
        """Step t (from 0): x_t (n_x, m), a_prev (n_a, m) -> a_t (n_a, m)."""
        # a group that does not tick: a_t = a_(t-1)
        a_t = a_prev.copy()
        for g, W_i in zip(self.groups, self.W_aa, strict=True):
            if t % g.period == 0:
                own = slice(g.start, g.end)
                # a_t = f(W_ax x_t + W_aa a_(t-1) + b_a), the rows of group i
                z = self.W_ax[own] @ x_t + W_i @ a_prev[g.source :] + self.b_a[own]
                a_t[own] = activate(self.f, z)
        return a_t, (t, (x_t, a_prev, a_t))

    def cell_backward(self, da_t: Array, cache: tuple[int, Cache]) -> Gradients:
        """One step back: from dL/da_t (n_a, m) to ``x_t``, ``a_prev`` and the parameters."""
        t, (x_t, a_prev, a_t) = cache
        step = {"x_t": np.zeros_like(x_t), **zero_gradients(self)}
        # a group that does not tick hands its gradient on as it is
        da_prev = da_t.copy()
        for g in self.groups:
            if t % g.period == 0:
                da_prev[g.start : g.end] = 0.0
        for i, (g, W_i) in enumerate(zip(self.groups, self.W_aa, strict=True)):
            if t % g.period == 0:
                own = slice(g.start, g.end)
                dz = da_t[own] * slope(self.f, a_t[own])
                da_prev[g.source :] += W_i.T @ dz
                step["x_t"] += self.W_ax[own].T @ dz
                step["W_ax"][own] = dz @ x_t.T
                step[f"W_aa.{i}"] = dz @ a_prev[g.source :].T
                step["b_a"][own] = dz.sum(axis=1, keepdims=True)
        return {"a_prev": da_prev, **step}
