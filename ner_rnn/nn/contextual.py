"""Contextual string embeddings: states of character language models at each word.

Akbik, Blythe & Vollgraf (2018): a forward model has read up to the word's last character, a
backward one from the end of the text down to its first; their states there describe the word by
everything around it. The models are frozen unless the recipe says otherwise; the linear layer
behind them is the tagger's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from ner_rnn.nn.language_model import SymbolEncoder

__all__ = ["ContextEmbedding", "Spelled"]


class Spelled(NamedTuple):
    """The words of a batch as a language model of one direction reads them, in pieces.

    Attributes:
        symbols: (pieces, characters) ids in the order of reading, padded.
        lengths: (pieces,) characters of each.
        places: (batch, time) index of each word's state among the states of all pieces, one piece
            after the other, padding counted.
    """

    symbols: Tensor
    lengths: Tensor
    places: Tensor


class ContextEmbedding(nn.Module):
    """States of language models at each word, projected to a smaller width.

    Args:
        readers: language models without their output layers, by direction, ``forward`` or
            ``backward``.
        size: width of the projection.
        drop: share of the passages whose context is left out in training.
        frozen: the models are not trained.
    """

    def __init__(
        self,
        readers: Mapping[str, SymbolEncoder],
        size: int,
        *,
        drop: float = 0.0,
        frozen: bool = True,
    ) -> None:
        super().__init__()
        # a submodule may not be called forward
        self.readers = nn.ModuleDict({f"{name}s": reader for name, reader in readers.items()})
        self.width = sum(reader.output_size for reader in readers.values())
        self.project = nn.Linear(self.width, size)
        self.output_size = size
        self.drop, self.frozen = drop, frozen
        self.readers.requires_grad_(not frozen)

    def states(self, spelled: Mapping[str, Spelled]) -> Tensor:
        """Return the models' states at each word: (batch, time, width)."""
        parts = []
        with torch.set_grad_enabled(torch.is_grad_enabled() and not self.frozen):
            for direction, (symbols, lengths, places) in spelled.items():
                reader = cast(SymbolEncoder, self.readers[f"{direction}s"])
                states, _ = reader.states(symbols, lengths)
                chosen = states.flatten(0, 1).index_select(0, places.flatten())
                parts.append(chosen.view(*places.shape, -1))
        return torch.cat(parts, dim=-1)

    def forward(self, states: Tensor) -> Tensor:
        """Project states (batch, time, width) to (batch, time, output_size)."""
        answer: Tensor = self.project(states)
        if self.training and self.drop:
            kept = torch.rand(len(states), 1, 1, device=states.device) >= self.drop
            answer = answer * kept
        return answer
