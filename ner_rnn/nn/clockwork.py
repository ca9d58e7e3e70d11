"""The clockwork RNN: groups of units that are written at different rates.

J. Koutnik, K. Greff, F. Gomez and J. Schmidhuber, "A clockwork RNN", ICML 2014. The paper has no
bias; it is added here. Steps count from 0 in each direction, so every group is written at the
first word. ``ner_rnn/reference/clockwork.py`` is the same network as the paper writes it.

Slow groups feed fast ones and never hear from them. So the groups are computed one after the
other, the slowest first: to the next group its states are inputs already known, and a whole
sequence of them is one matrix product. What has to go step by step is each group's product with
itself, at the steps where it ticks and at no others. Backward through time is written by hand,
so that weights get their gradients in one product too.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from ner_rnn.errors import ConfigError
from ner_rnn.nn.recurrent import Stacked

__all__ = ["Clockwork", "ClockworkLayer"]


class Clockwork(Stacked):
    """Clockwork layers over padded sentences.

    Args:
        input_size: width of the input.
        hidden_size: units per layer and direction, shared out evenly among the groups.
        periods: of the groups, in steps, each longer than the one before; (1,) is an Elman network.
        layers: how many, each reading the one below.
        bidirectional: read from both ends, each direction by a clock that starts at its own end.
        nonlinearity: tanh or relu.
        dropout: share of units dropped between layers.

    Raises:
        ConfigError: the periods do not rise from 1 or more, or do not divide the units.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        periods: Sequence[int] = (1, 2, 4, 8),
        *,
        layers: int = 1,
        bidirectional: bool = True,
        nonlinearity: Literal["tanh", "relu"] = "tanh",
        dropout: float = 0.0,
    ) -> None:
        super().__init__(
            lambda size: ClockworkLayer(size, hidden_size, periods, nonlinearity),
            input_size,
            hidden_size,
            layers=layers,
            bidirectional=bidirectional,
            dropout=dropout,
        )


class ClockworkLayer(nn.Module):
    """One direction of one layer: ``a_t = f(W_ih x_t + b + W_hh a_(t-1))`` where a group ticks.

    Args:
        input_size: width of the input.
        hidden_size: units, the fastest group first.
        periods: see :class:`Clockwork`.
        nonlinearity: tanh or relu.

    Attributes:
        weight_ih: (hidden_size, input_size).
        weight_hh: a block a group, (units, units of this group and of all slower ones).
        bias: (hidden_size,).
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        periods: Sequence[int],
        nonlinearity: Literal["tanh", "relu"] = "tanh",
    ) -> None:
        super().__init__()
        self.periods = tuple(periods)
        if not self.periods or self.periods[0] < 1 or any(a >= b for a, b in pairwise(periods)):
            raise ConfigError(
                f"periods are {list(periods)}: give whole numbers from 1 up, each longer than the "
                "one before"
            )
        if hidden_size % len(self.periods):
            raise ConfigError(
                f"{hidden_size} units do not divide into {len(self.periods)} equal groups, one a "
                f"period {list(periods)}: use a multiple of {len(self.periods)}"
            )
        self.nonlinearity = nonlinearity
        size = hidden_size // len(self.periods)
        self.weight_ih = nn.Parameter(torch.empty(hidden_size, input_size))
        self.weight_hh = nn.ParameterList(
            nn.Parameter(torch.empty(size, hidden_size - start))
            for start in range(0, hidden_size, size)
        )
        self.bias = nn.Parameter(torch.zeros(hidden_size))
        nn.init.xavier_uniform_(self.weight_ih)
        for block in self.weight_hh:
            nn.init.xavier_uniform_(block)
            # a group by itself neither fades nor explodes at the start (Saxe et al. 2014)
            nn.init.orthogonal_(block.data[:, :size])

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Read (batch, time, input_size) -> (batch, time, hidden_size), and the last state."""
        # under autocast the caller's type may be a narrower one: states stay in full precision
        steps = x.transpose(0, 1).to(self.weight_ih.dtype).contiguous()
        y: Tensor = _Steps.apply(  # type: ignore[no-untyped-call]
            steps, self.weight_ih, self.bias, self.periods, self.nonlinearity, *self.weight_hh
        )
        return y.transpose(0, 1), y[-1]

    def extra_repr(self) -> str:
        """What ``print`` shows."""
        hidden_size, input_size = self.weight_ih.shape
        return f"{input_size}, {hidden_size}, periods={self.periods}, {self.nonlinearity}"


class _Group(NamedTuple):
    """Units ``own``, written every ``period`` steps, which read themselves and units ``slower``."""

    period: int
    own: slice
    slower: slice
    block: Tensor
    """(units, units and slower units)."""

    @property
    def recurrent(self) -> Tensor:
        """(units, units): the part of the block that reads the group itself."""
        return self.block[:, : len(self.block)]

    @property
    def downward(self) -> Tensor:
        """(units, slower units): the part of the block that reads the slower groups."""
        return self.block[:, len(self.block) :]


def _groups(periods: tuple[int, ...], blocks: Sequence[Tensor]) -> list[_Group]:
    """The groups, fastest first."""
    ends = accumulate(map(len, blocks))
    return [
        _Group(period, slice(end - len(block), end), slice(end, None), block)
        for period, block, end in zip(periods, blocks, ends, strict=True)
    ]


class _Steps(torch.autograd.Function):
    """All steps of a layer: x (time, batch, input_size) -> (time, batch, hidden_size)."""

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        weight_ih: Tensor,
        bias: Tensor,
        periods: tuple[int, ...],
        nonlinearity: str,
        *blocks: Tensor,
    ) -> Tensor:
        time, batch, _ = x.shape
        # states[t + 1] is that of step t, states[t] what the step reads
        states = x.new_empty(time + 1, batch, len(bias))
        states[0] = 0.0
        activate = torch.tanh_ if nonlinearity == "tanh" else torch.relu_
        for group in reversed(_groups(periods, blocks)):
            own, period = group.own, group.period
            read = x[::period].flatten(0, 1)  # (ticks * batch, input_size)
            z = torch.addmm(bias[own], read, weight_ih[own].T)
            if group.downward.numel():
                heard = states[:-1:period, :, group.slower].flatten(0, 1)
                z.addmm_(heard, group.downward.T)
            ticks = z.view(-1, batch, z.shape[1])  # (ticks, batch, units)
            first, *rest = ticks.unbind()
            last, recurrent = activate(first), group.recurrent.T
            for step in rest:
                last = activate(step.addmm_(last, recurrent))
            for late in range(min(period, time)):  # it stands still until it ticks again
                held = states[1 + late :: period, :, own]
                held.copy_(ticks[: len(held)])
        ctx.save_for_backward(x, states, weight_ih, *blocks)
        ctx.periods, ctx.nonlinearity = periods, nonlinearity
        return states[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, states, weight_ih, *blocks = ctx.saved_tensors
        time = len(x)
        # of each state: by the loss and, as the groups are gone through, by the faster ones
        asked = grad.clone()  # (time, batch, hidden_size)
        dx, dweight_ih = torch.zeros_like(x), torch.empty_like(weight_ih)
        dbias = weight_ih.new_empty(len(weight_ih))
        dblocks = []
        for group in _groups(ctx.periods, blocks):
            own, period = group.own, group.period
            # what is asked of a state while it is held comes back to the tick that wrote it
            dz = asked[::period, :, own].contiguous()  # (ticks, batch, units)
            for late in range(1, min(period, time)):
                held = asked[late::period, :, own]
                dz[: len(held)] += held
            ticks = states[1::period, :, own]
            slope = 1 - ticks.square() if ctx.nonlinearity == "tanh" else (ticks > 0).to(dz.dtype)
            steps, slopes = dz.unbind(), slope.unbind()
            next_ = steps[-1].mul_(slopes[-1])
            for step, slope_there in zip(steps[-2::-1], slopes[-2::-1], strict=True):
                next_ = step.addmm_(next_, group.recurrent).mul_(slope_there)
            flat = dz.flatten(0, 1)  # (ticks * batch, units)
            dbias[own] = flat.sum(0)
            dweight_ih[own] = flat.T @ x[::period].flatten(0, 1)
            dx[::period] += dz @ weight_ih[own]
            dblocks.append(flat.T @ states[:-1:period, :, own.start :].flatten(0, 1))
            # the first tick read zeros; the others, the step before
            asked[period - 1 : -1 : period, :, group.slower] += dz[1:] @ group.downward
        return dx, dweight_ih, dbias, None, None, *dblocks
