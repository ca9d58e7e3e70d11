"""Recurrent layers: stacked, one or two ways, of any cell; and rnn (tanh or relu), gru and lstm.

Each direction is a layer of its own that reads its sentence from the first word on; the backward
one is given the words of each sentence reversed within their length. Padding then always comes
last, where a recurrence cannot feel it, and no packing is needed: on a CPU that keeps torch's
fused kernels in use.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, cast

import torch
from torch import Tensor, nn

from ner_rnn.nn.dropout import LockedDropout

__all__ = ["Recurrent", "Stacked", "padding_mask"]

Cell = Literal["rnn", "gru", "lstm"]


def padding_mask(lengths: Tensor, time: int) -> Tensor:
    """(batch, time) booleans, True where there is a word."""
    return torch.arange(time, device=lengths.device) < lengths[:, None]


class Stacked(nn.Module):
    """Layers over padded sentences, each reading the one below from one end or from both.

    Args:
        make: from the width of its input to one direction of one layer, which answers as torch's
            own do: (batch, time, input) -> (batch, time, hidden_size) and what comes last.
        input_size: width of the input.
        hidden_size: units per layer and direction.
        layers: how many, each reading the one below.
        bidirectional: read from both ends and join the states (Schuster & Paliwal 1997).
        dropout: share of units dropped between layers.

    Attributes:
        output_size: width of the output.
    """

    def __init__(
        self,
        make: Callable[[int], nn.Module],
        input_size: int,
        hidden_size: int,
        *,
        layers: int = 1,
        bidirectional: bool = True,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        directions = 2 if bidirectional else 1
        self.output_size = hidden_size * directions
        self.dropout = LockedDropout(dropout)
        self.layers = nn.ModuleList()
        for layer in range(layers):
            size = input_size if layer == 0 else self.output_size
            self.layers.append(nn.ModuleList(make(size) for _ in range(directions)))

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Read sentences.

        Args:
            x: (batch, time, input_size), anything at all in the padding.
            lengths: (batch,) words in each sentence.

        Returns:
            (batch, time, output_size), zeros in the padding.
        """
        if x.device.type == "cpu" and torch.is_autocast_enabled("cpu"):
            # not every processor has torch's bfloat16 LSTM: on a CPU, in full precision
            with torch.autocast("cpu", enabled=False):
                full: Tensor = self(x.float(), lengths)
                return full
        time = x.shape[1]
        mask = padding_mask(lengths, time)
        steps = torch.arange(time, device=x.device)
        # position t holds the word that comes t-th from the sentence's end; padding stays
        reverse = torch.where(mask, lengths[:, None] - 1 - steps, steps)[..., None]
        for depth, directions in enumerate(self.layers):
            if depth:
                x = self.dropout(x)
            states = []
            for way, layer in enumerate(cast(nn.ModuleList, directions)):
                if way == 0:
                    y, _ = layer(x)
                else:
                    y, _ = layer(x.gather(1, reverse.expand_as(x)))
                    y = y.gather(1, reverse.expand_as(y))
                states.append(y)
            x = torch.cat(states, dim=-1)  # (batch, time, output_size)
        # filled and not multiplied: whatever came of the padding, nan too, ends here
        return x.masked_fill(~mask[..., None], 0.0)


class Recurrent(Stacked):
    """Layers of torch's own cells.

    Args:
        cell: rnn (Elman 1990), gru (Cho et al. 2014), lstm (Hochreiter & Schmidhuber 1997).
        input_size: width of the input.
        hidden_size: units per layer and direction.
        layers: how many.
        bidirectional: read from both ends.
        nonlinearity: of the rnn cell, tanh or relu.
        dropout: share of units dropped between layers.
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
        dropout: float = 0.0,
    ) -> None:
        super().__init__(
            lambda size: _layer(cell, size, hidden_size, nonlinearity),
            input_size,
            hidden_size,
            layers=layers,
            bidirectional=bidirectional,
            dropout=dropout,
        )


def _layer(cell: Cell, input_size: int, hidden_size: int, nonlinearity: str) -> nn.RNNBase:
    layer: nn.RNNBase
    if cell == "lstm":
        layer = nn.LSTM(input_size, hidden_size, batch_first=True)
    elif cell == "gru":
        layer = nn.GRU(input_size, hidden_size, batch_first=True)
    else:
        layer = nn.RNN(input_size, hidden_size, batch_first=True, nonlinearity=nonlinearity)
    for name, parameter in layer.named_parameters():
        if "weight_hh" in name:
            # an orthogonal recurrence neither fades nor explodes at the start (Saxe et al. 2014)
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
