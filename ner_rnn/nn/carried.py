"""Reading on from a state: the encoders of ``nn``, a piece of text at a time, in one direction.

What was read before is a :class:`State`; a text read in pieces answers as the whole text does.
Gradients go through the piece that is read and, where its tensors ask for them, into the state.
From no state at all each encoder's own fast path is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from ner_rnn.nn.clockwork import ClockworkLayer
from ner_rnn.nn.encoder import Encoder
from ner_rnn.nn.feedforward import FeedForward
from ner_rnn.nn.recurrent import Stacked
from ner_rnn.nn.reservoir import Reservoir

__all__ = ["State", "read"]

Layer = tuple[Tensor, ...]


@dataclass(frozen=True)
class State:
    """What a network remembers of each row of a batch.

    Attributes:
        layers: for each layer its tensors, (batch, units): (h,), or (h, c) of an LSTM.
        step: symbols read so far, by which a clockwork knows whose turn it is.
    """

    layers: tuple[Layer, ...]
    step: int

    def each(self, change: Callable[[Tensor], Tensor]) -> State:
        """The same with every tensor changed."""
        return State(tuple(tuple(map(change, layer)) for layer in self.layers), self.step)

    def detach(self) -> State:
        """The same, and no gradient goes back beyond it."""
        return self.each(Tensor.detach)

    def rows(self, rows: Tensor) -> State:
        """The state of some rows, in that order."""
        return self.each(lambda part: part.index_select(0, rows))


def read(encoder: Encoder, x: Tensor, state: State | None = None) -> tuple[Tensor, State]:
    """Read a piece of text.

    Args:
        encoder: of one direction.
        x: (batch, time, input_size), time at least 1.
        state: what was read before; None: nothing.

    Returns:
        (batch, time, output_size), and the state behind it.
    """
    if x.device.type == "cpu" and torch.is_autocast_enabled("cpu") and not _has_bfloat16(encoder):
        with torch.autocast("cpu", enabled=False):
            return read(encoder, x.float(), state)
    time, step = x.shape[1], state.step if state else 0
    if isinstance(encoder, Stacked):
        after: list[Layer] = []
        for depth, directions in enumerate(encoder.layers):
            if depth:
                x = encoder.dropout(x)
            layer = cast(nn.ModuleList, directions)[0]
            x, left = _layer(layer, x, state.layers[depth] if state else None, step)
            after.append(left)
        return x, State(tuple(after), step + time)
    if isinstance(encoder, Reservoir) and state is not None:
        y = _echo(encoder, x, state.layers[0][0])
        return y, State(((y[:, -1],),), step + time)
    lengths = torch.full((len(x),), time, device=x.device)
    y = encoder(x, lengths)
    return y, State(() if isinstance(encoder, FeedForward) else ((y[:, -1],),), step + time)


def _has_bfloat16(encoder: Encoder) -> bool:
    """Whether this processor's torch has the layers in bfloat16: of them all, the LSTM, on some."""
    if not isinstance(encoder, Stacked):
        return False
    lstm = all(
        isinstance(part[0], nn.LSTM) for part in cast(Iterable[nn.ModuleList], encoder.layers)
    )
    return lstm and bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def _layer(layer: nn.Module, x: Tensor, state: Layer | None, step: int) -> tuple[Tensor, Layer]:
    if isinstance(layer, ClockworkLayer):
        y = layer(x)[0] if state is None else _ticks(layer, x, state[0], step)
        return y, (y[:, -1],)
    before = None
    if state is not None:
        parts = tuple(part.to(x.dtype)[None].contiguous() for part in state)
        before = parts if isinstance(layer, nn.LSTM) else parts[0]
    y, after = layer(x, before)
    return y, tuple(part[0] for part in (after if isinstance(after, tuple) else (after,)))


def _ticks(layer: ClockworkLayer, x: Tensor, state: Tensor, step: int) -> Tensor:
    """A clockwork layer that has run for some steps, by the letter of its equation."""
    f = torch.tanh if layer.nonlinearity == "tanh" else torch.relu
    inputs = nn.functional.linear(x, layer.weight_ih, layer.bias)  # (batch, time, units)
    size = len(layer.bias) // len(layer.periods)
    states = []
    for t in range(x.shape[1]):
        groups = []
        for group, (period, block) in enumerate(zip(layer.periods, layer.weight_hh, strict=True)):
            own = slice(group * size, (group + 1) * size)
            if (step + t) % period:
                groups.append(state[:, own])
            else:
                heard = nn.functional.linear(state[:, own.start :], block)
                groups.append(f(inputs[:, t, own] + heard))
        state = torch.cat(groups, dim=1)
        states.append(state)
    return torch.stack(states, dim=1)


def _echo(reservoir: Reservoir, x: Tensor, state: Tensor) -> Tensor:
    """A reservoir that has heard something: a_t = (1 - l) a + l tanh(W_in x_t + W a + b)."""
    inputs = x @ reservoir.inputs[0].T + reservoir.bias[0].T  # (batch, time, units)
    index, weight, leak = reservoir.index[0], reservoir.weight[0], reservoir.leak
    states = []
    for t in range(x.shape[1]):
        heard = nn.functional.embedding_bag(
            index, state.T.contiguous(), mode="sum", per_sample_weights=weight
        ).T
        state = torch.lerp(state, torch.tanh(inputs[:, t] + heard), leak)
        states.append(state)
    return torch.stack(states, dim=1)
