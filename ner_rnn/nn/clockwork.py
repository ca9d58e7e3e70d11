"""The clockwork RNN: groups of units that are written at different rates.

J. Koutnik, K. Greff, F. Gomez and J. Schmidhuber, "A clockwork RNN", ICML 2014. The paper has no
bias; it is added here. Steps count from 0 in each direction, so every group is written at the
first word. ``studies/equations/clockwork.py`` is the same network as the paper writes it.

Slow groups feed fast ones, never the reverse. So the groups are computed one after the other, the
slowest first: to the next group its states are inputs already known, and a whole sequence of them
is one matrix product. What has to go step by step is each group's product with itself, at the
steps where it ticks and at no others. Backward through time is written by hand, so that weights
get their gradients in one product too.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

__all__ = ["ClockworkLayer"]


class ClockworkLayer(nn.Module):
    """One direction of one layer: ``a_t = f(W_ih x_t + b + W_hh a_(t-1))`` where a group ticks.

    Args:
        input_size: width of the input.
        hidden_size: units, divided evenly among the groups, the fastest group first.
        periods: of the groups, in steps, each longer than the one before; (1,) is an Elman network.
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
            # within a group gradients neither vanish nor explode at the start (Saxe et al. 2014)
            nn.init.orthogonal_(block.data[:, :size])

    def forward(
        self, x: Tensor, state: tuple[Tensor, ...] | None = None, step: int = 0
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Read sequences without padding.

        Args:
            x: (batch, time, input_size).
            state: (h,), h (batch, hidden_size), to go on from; None: zeros.
            step: time steps read before.

        Returns:
            (batch, time, hidden_size), and the state after the last step.
        """
        # under autocast the caller's type may be a narrower one: states stay in full precision
        dtype = self.weight_ih.dtype
        steps = x.transpose(0, 1).to(dtype).contiguous()
        before = None if state is None else state[0].to(dtype)
        y: Tensor = _Steps.apply(  # type: ignore[no-untyped-call]
            steps,
            before,
            step,
            self.weight_ih,
            self.bias,
            self.periods,
            self.nonlinearity,
            *self.weight_hh,
        )
        return y.transpose(0, 1), (y[-1],)


class _Group(NamedTuple):
    """Units ``own``, written every ``period`` steps, which read themselves and units ``slower``."""

    period: int
    own: slice
    slower: slice
    block: Tensor
    """(units, units and slower units)."""

    @property
    def recurrent(self) -> Tensor:
        """The part of the block that reads the group itself, (units, units)."""
        return self.block[:, : len(self.block)]

    @property
    def downward(self) -> Tensor:
        """The part of the block that reads the slower groups, (units, slower units)."""
        return self.block[:, len(self.block) :]


def _groups(periods: tuple[int, ...], blocks: Sequence[Tensor]) -> list[_Group]:
    """Return the groups, fastest first."""
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
        before: Tensor | None,
        step: int,
        weight_ih: Tensor,
        bias: Tensor,
        periods: tuple[int, ...],
        nonlinearity: str,
        *blocks: Tensor,
    ) -> Tensor:
        time, batch, _ = x.shape
        # states[t + 1] is that of step t, states[t] what the step reads
        states = x.new_empty(time + 1, batch, len(bias))
        states[0] = 0.0 if before is None else before
        activate = torch.tanh_ if nonlinearity == "tanh" else torch.relu_
        for group in reversed(_groups(periods, blocks)):
            own, period = group.own, group.period
            first = -step % period  # its first tick in x, before which it keeps its state
            if first:
                states[1 : 1 + first, :, own] = states[0, :, own]
            if first >= time:
                continue
            read = x[first::period].flatten(0, 1)  # (ticks * batch, input_size)
            z = torch.addmm(bias[own], read, weight_ih[own].T)
            if group.downward.numel():
                slower = states[first:-1:period, :, group.slower].flatten(0, 1)
                z.addmm_(slower, group.downward.T)
            ticks = z.view(-1, batch, z.shape[1])  # (ticks, batch, units)
            recurrent = group.recurrent.T
            last = None if before is None else before[:, own]
            for new in ticks.unbind():
                # in place, as all of z: to zeros there is nothing to add
                last = activate(new if last is None else new.addmm_(last, recurrent))
            for late in range(min(period, time - first)):  # it keeps its state until the next tick
                kept = states[1 + first + late :: period, :, own]
                kept.copy_(ticks[: len(kept)])
        ctx.save_for_backward(x, states, weight_ih, *blocks)
        ctx.periods, ctx.nonlinearity, ctx.step = periods, nonlinearity, step
        ctx.from_zeros = before is None
        return states[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, states, weight_ih, *blocks = ctx.saved_tensors
        time = len(x)
        # of each state: by the loss and, as the groups are gone through, by the faster ones
        dstates = grad.clone()  # (time, batch, hidden_size)
        dbefore = None if ctx.from_zeros else torch.zeros_like(states[0])
        dx, dweight_ih = torch.zeros_like(x), torch.zeros_like(weight_ih)
        dbias = weight_ih.new_zeros(len(weight_ih))
        dblocks = []
        for group in _groups(ctx.periods, blocks):
            own, period = group.own, group.period
            first = -ctx.step % period
            if dbefore is not None:  # kept as it was until the first tick
                dbefore[:, own] += dstates[:first, :, own].sum(0)
            if first >= time:
                dblocks.append(torch.zeros_like(group.block))
                continue
            # the gradient of a state while it is kept belongs to the tick that wrote it
            dz = dstates[first::period, :, own].contiguous()  # (ticks, batch, units)
            for late in range(1, min(period, time - first)):
                kept = dstates[first + late :: period, :, own]
                dz[: len(kept)] += kept
            ticks = states[1 + first :: period, :, own]
            slope = 1 - ticks.square() if ctx.nonlinearity == "tanh" else (ticks > 0).to(dz.dtype)
            steps, slopes = dz.unbind(), slope.unbind()
            next_ = steps[-1].mul_(slopes[-1])
            for earlier, slope_there in zip(steps[-2::-1], slopes[-2::-1], strict=True):
                next_ = earlier.addmm_(next_, group.recurrent).mul_(slope_there)
            flat = dz.flatten(0, 1)  # (ticks * batch, units)
            dbias[own] = flat.sum(0)
            dweight_ih[own] = flat.T @ x[first::period].flatten(0, 1)
            dx[first::period] += dz @ weight_ih[own]
            dblocks.append(flat.T @ states[first:-1:period, :, own.start :].flatten(0, 1))
            if dbefore is not None:
                dbefore[:, own] += dz[0] @ group.recurrent
            # a tick reads the step before it, and at the first step the state before x
            if first == 0:
                if dbefore is not None:
                    dbefore[:, group.slower] += dz[0] @ group.downward
                dstates[period - 1 : -1 : period, :, group.slower] += dz[1:] @ group.downward
            else:
                dstates[first - 1 : -1 : period, :, group.slower] += dz @ group.downward
        return dx, dbefore, None, dweight_ih, dbias, None, None, *dblocks
