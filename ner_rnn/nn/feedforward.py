"""An encoder without recurrence: the ordinary network, over each word by itself.

It takes the place of a recurrent encoder, between the same word features and the same output
layer, so that the difference in scores is what context is worth.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from ner_rnn.nn.dropout import LockedDropout
from ner_rnn.nn.encoder import State, padding_mask

__all__ = ["FeedForward"]


class FeedForward(nn.Module):
    """An encoder (see ``nn/encoder.py``) of layers ``f(W x_t + b)``, each word alone.

    Args:
        input_size: width of the input.
        hidden_size: units per layer.
        layers: number of layers, each reading the one below.
        nonlinearity: f, tanh or relu.
        dropout: share of units dropped between layers.

    Attributes:
        output_size: width of the output.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        layers: int = 1,
        nonlinearity: Literal["tanh", "relu"] = "tanh",
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.output_size = hidden_size
        self.dropout = LockedDropout(dropout)
        self.activate = torch.tanh if nonlinearity == "tanh" else torch.relu
        self.layers = nn.ModuleList(
            nn.Linear(hidden_size if layer else input_size, hidden_size) for layer in range(layers)
        )
        for linear in self.layers:
            nn.init.xavier_uniform_(linear.weight)  # type: ignore[arg-type]
            nn.init.zeros_(linear.bias)  # type: ignore[arg-type]

    def forward(
        self, x: Tensor, lengths: Tensor | None, state: State | None = None
    ) -> tuple[Tensor, State | None]:
        """Read words; see ``nn/encoder.py``. The state counts steps and holds nothing."""
        for depth, linear in enumerate(self.layers):
            if depth:
                x = self.dropout(x)
            x = self.activate(linear(x))
        time = x.shape[1]
        if lengths is None:
            return x, State((), time + (state.step if state else 0))
        return x.masked_fill(~padding_mask(lengths, time)[..., None], 0.0), None
