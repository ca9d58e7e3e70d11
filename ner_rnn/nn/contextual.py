"""What language models make of a word in its place: contextual string embeddings.

Akbik, Blythe & Vollgraf (2018): a forward model of characters has read up to the word's last
character, a backward one from the end of the text down to its first; their states there describe
the word by all that stands around it. The models stay as they were trained, unless asked for
otherwise; a linear layer behind them is the tagger's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

import torch
from torch import Tensor, nn

from ner_rnn.nn.encoder import Encoder

__all__ = ["ContextEmbedding", "Reader", "Spelled"]


@dataclass
class Spelled:
    """The words of a batch as language models read them, in pieces.

    Attributes:
        symbols: for each direction, (pieces, characters) ids in the order of reading, padded.
        lengths: (pieces,) characters of each.
        places: for each direction, (batch, time) where among the states of all pieces, one piece
            after the other, padding counted, that of a word stands.
    """

    symbols: dict[str, Tensor]
    lengths: Tensor
    places: dict[str, Tensor]

    def to(self, device: torch.device | str) -> Spelled:
        """The same on a device."""
        return replace(
            self,
            symbols={way: ids.to(device) for way, ids in self.symbols.items()},
            lengths=self.lengths.to(device),
            places={way: places.to(device) for way, places in self.places.items()},
        )


class Reader(nn.Module):
    """A language model without its output layer.

    Args:
        symbols: how many it knows, with the end and the unknown.
        encoder: recurrent layers of one direction.
        embedding_size: width of the symbols' vectors; 0: one-hot.
    """

    def __init__(self, symbols: int, encoder: Encoder, *, embedding_size: int) -> None:
        super().__init__()
        self.symbols = symbols
        self.output_size = encoder.output_size
        self.vectors = nn.Embedding(symbols, embedding_size) if embedding_size else None
        self.encoder = encoder

    def forward(self, symbols: Tensor, lengths: Tensor) -> Tensor:
        """(pieces, characters) ids -> (pieces, characters, output_size)."""
        if self.vectors is not None:
            x = self.vectors(symbols)
        else:
            x = nn.functional.one_hot(symbols, self.symbols).to(torch.get_default_dtype())
        return self.encoder(x, lengths)


class ContextEmbedding(nn.Module):
    """The states of language models at each word, made narrow.

    Args:
        readers: by direction, ``forward`` or ``backward``.
        size: width of what the tagger is given.
        drop: share of the passages that training reads without any of it.
        frozen: the models stay as they are.
    """

    def __init__(
        self, readers: Mapping[str, Reader], size: int, *, drop: float = 0.0, frozen: bool = True
    ) -> None:
        super().__init__()
        # a module of torch may not be called forward
        self.readers = nn.ModuleDict({f"{way}s": reader for way, reader in readers.items()})
        self.width = sum(reader.output_size for reader in readers.values())
        self.project = nn.Linear(self.width, size)
        self.output_size = size
        self.drop, self.frozen = drop, frozen
        self.readers.requires_grad_(not frozen)

    def states(self, spelled: Spelled) -> Tensor:
        """What the models make of each word: (batch, time, width)."""
        parts = []
        with torch.set_grad_enabled(torch.is_grad_enabled() and not self.frozen):
            for way, symbols in spelled.symbols.items():
                states = cast(Reader, self.readers[f"{way}s"])(symbols, spelled.lengths)
                places = spelled.places[way]
                chosen = states.flatten(0, 1).index_select(0, places.flatten())
                parts.append(chosen.view(*places.shape, -1))
        return torch.cat(parts, dim=-1)

    def forward(self, states: Tensor) -> Tensor:
        """(batch, time, width) -> (batch, time, output_size)."""
        answer: Tensor = self.project(states)
        if self.training and self.drop:
            kept = torch.rand(len(states), 1, 1, device=states.device) >= self.drop
            answer = answer * kept
        return answer
