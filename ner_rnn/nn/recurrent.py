"""Recurrent layers: stacked, of one or both directions, of any cell.

Each direction is a layer of its own that reads its sentence from the first word on; the backward
one reads the words of each sentence reversed within their length. Padding then always comes last,
where it cannot reach a state, and no packing is needed: on a CPU that keeps torch's fused kernels
in use.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Literal, cast

import torch
from torch import Tensor, nn

from ner_rnn.nn.clockwork import ClockworkLayer
from ner_rnn.nn.dropout import LockedDropout
from ner_rnn.nn.encoder import State, check_direction, padding_mask

__all__ = ["Recurrent"]

Cell = Literal["rnn", "gru", "lstm", "clockwork"]
Layer = tuple[Tensor, ...]
"""State of one layer: (h,), or (h, c) of an LSTM, each (batch, units)."""


class Recurrent(nn.Module):
    """An encoder of stacked layers (see ``nn/encoder.py``), of one direction or both.

    Args:
        cell: rnn (Elman 1990), gru (Cho et al. 2014), lstm (Hochreiter & Schmidhuber 1997) or
            clockwork (``nn/clockwork.py``).
        input_size: width of the input.
        hidden_size: units per layer and direction.
        layers: number of layers, each reading the one below.
        bidirectional: read from both ends and join the states (Schuster & Paliwal 1997).
        nonlinearity: of rnn and clockwork, tanh or relu.
        periods: of a clockwork network, see :class:`~ner_rnn.nn.clockwork.ClockworkLayer`.
        dropout: share of units dropped between layers.

    Attributes:
        output_size: width of the output.
    """

    def __init__(
        self,
        cell: Cell,
        input_size: int,
        hidden_size: int,
        *,
        layers: int = 1,
        bidirectional: bool = True,
        nonlinearity: Literal["tanh", "relu"] = "tanh",
        periods: Sequence[int] = (1, 2, 4, 8),
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        directions = 2 if bidirectional else 1
        self.hidden_size = hidden_size
        self.output_size = hidden_size * directions
        self.dropout = LockedDropout(dropout)
        self.layers = nn.ModuleList()
        for layer in range(layers):
            size = input_size if layer == 0 else self.output_size
            self.layers.append(
                nn.ModuleList(
                    ClockworkLayer(size, hidden_size, periods, nonlinearity)
                    if cell == "clockwork"
                    else _build_layer(cell, size, hidden_size, nonlinearity)
                    for _ in range(directions)
                )
            )

    def forward(
        self, x: Tensor, lengths: Tensor | None, state: State | None = None
    ) -> tuple[Tensor, State | None]:
        """Read sequences; see ``nn/encoder.py``."""
        directions = self.output_size // self.hidden_size
        check_direction(state, directions)
        autocast = x.device.type == "cpu" and torch.is_autocast_enabled("cpu")
        # not every processor has torch's bfloat16 LSTM, and padded sentences never use it
        if autocast and (lengths is not None or not self._has_bfloat16()):
            with torch.autocast("cpu", enabled=False):
                full: tuple[Tensor, State | None] = self(x.float(), lengths, state)
                return full
        time, step = x.shape[1], state.step if state else 0
        if directions == 2:
            if lengths is None:
                lengths = torch.full((len(x),), time, device=x.device)
            order = torch.arange(time, device=x.device)
            # position t holds the word that comes t-th from the sentence's end; padding stays
            back = lengths[:, None] - 1 - order
            order = torch.where(back >= 0, back, order)[..., None]
        after: list[Layer] = []
        for depth, layer in enumerate(self.layers):
            if depth:
                x = self.dropout(x)
            forward, *backward = cast(nn.ModuleList, layer)
            y, last = _read(forward, x, state.layers[depth] if state else None, step)
            after.append(last)
            if backward:
                reversed_y, _ = _read(backward[0], x.gather(1, order.expand_as(x)), None, 0)
                y = torch.cat([y, reversed_y.gather(1, order.expand_as(reversed_y))], dim=-1)
            x = y  # (batch, time, output_size)
        if lengths is None:
            return x, State(tuple(after), step + time)
        # filled and not multiplied: whatever the padding led to, NaN too, ends here
        return x.masked_fill(~padding_mask(lengths, time)[..., None], 0.0), None

    def first_direction(self) -> Recurrent:
        """Return a copy of the first layer's forward direction alone, as an encoder."""
        alone = copy.deepcopy(self)
        alone.layers = nn.ModuleList([cast(nn.ModuleList, alone.layers[0])[:1]])
        alone.output_size = self.hidden_size
        return alone

    def _has_bfloat16(self) -> bool:
        """Return True if this processor has the layers in bfloat16: the LSTM, on newer ones."""
        layers = [cast(nn.ModuleList, layer)[0] for layer in self.layers]
        lstm = all(isinstance(layer, nn.LSTM) for layer in layers)
        return lstm and bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def _read(layer: nn.Module, x: Tensor, before: Layer | None, step: int) -> tuple[Tensor, Layer]:
    """Read with one direction of one layer, from the state before to the state after."""
    if not isinstance(layer, nn.RNNBase):
        answer: tuple[Tensor, Layer] = layer(x, before, step)
        return answer
    parts = None
    if before is not None:  # torch has a dimension of layers and directions first
        parts = tuple(part.to(x.dtype)[None].contiguous() for part in before)
    if isinstance(layer, nn.LSTM):
        y, (h, c) = layer(x, parts)
        return y, (h[0], c[0])
    y, h = layer(x, parts[0] if parts else None)
    return y, (h[0],)


def _build_layer(cell: Cell, input_size: int, hidden_size: int, nonlinearity: str) -> nn.RNNBase:
    layer: nn.RNNBase
    if cell == "lstm":
        layer = nn.LSTM(input_size, hidden_size, batch_first=True)
    elif cell == "gru":
        layer = nn.GRU(input_size, hidden_size, batch_first=True)
    else:
        layer = nn.RNN(input_size, hidden_size, batch_first=True, nonlinearity=nonlinearity)
    for name, parameter in layer.named_parameters():
        if "weight_hh" in name:
            # under an orthogonal recurrence gradients neither vanish nor explode at the start
            # (Saxe et al. 2014)
            for block in torch.split(parameter.data, hidden_size):
                nn.init.orthogonal_(block)
        elif "weight_ih" in name:
            for block in torch.split(parameter.data, hidden_size):
                nn.init.xavier_uniform_(block)
        else:
            nn.init.zeros_(parameter)
            if cell == "lstm" and "bias_ih" in name:
                # remember by default (Gers et al. 2000); torch's order: input, forget, cell, output
                parameter.data[hidden_size : 2 * hidden_size] = 1.0
    return layer
