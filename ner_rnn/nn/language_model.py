"""The language model: embed -> encode -> the probability of the next symbol.

A plain torch module. Lightning is wrapped around it in ``language_model/module.py``; sampling and
scoring run it as it is. To a backward model every sequence comes reversed: this file knows no
direction.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from ner_rnn.nn.dropout import LockedDropout
from ner_rnn.nn.encoder import Encoder, State

__all__ = ["LanguageModel", "SymbolEncoder"]


class SymbolEncoder(nn.Module):
    """A language model without its output layer.

    Args:
        symbols: size of the alphabet, with the end and the unknown.
        encoder: layers of one direction, over inputs as wide as ``embedding_size`` or, one-hot, as
            ``symbols``.
        embedding_size: width of the symbols' vectors; 0: one-hot.

    Attributes:
        output_size: width of a state.
    """

    def __init__(self, symbols: int, encoder: Encoder, *, embedding_size: int) -> None:
        super().__init__()
        self.symbols = symbols
        self.output_size = encoder.output_size
        self.vectors = nn.Embedding(symbols, embedding_size) if embedding_size else None
        self.encoder = encoder

    def states(
        self, ids: Tensor, lengths: Tensor | None = None, state: State | None = None
    ) -> tuple[Tensor, State | None]:
        """Read symbols.

        Args:
            ids: (batch, time) in the order of reading; a sequence begins with the end of the one
                before.
            lengths: (batch,) symbols of each row; None: every row is full.
            state: to go on from; None: each row begins here.

        Returns:
            (batch, time, output_size), and the state to go on from, as ``nn/encoder.py`` has it.
        """
        if self.vectors is not None:
            x = self.vectors(ids)
        else:
            dtype = next((p.dtype for p in self.parameters()), torch.get_default_dtype())
            x = nn.functional.one_hot(ids.long(), self.symbols).to(dtype)
        return self.encoder(x, lengths, state)


class LanguageModel(SymbolEncoder):
    """The probability of each symbol to come next.

    Args:
        symbols: as in :class:`SymbolEncoder`, as are encoder and embedding_size.
        encoder: layers of one direction.
        embedding_size: width of the symbols' vectors; 0: one-hot.
        tie: the output layer's weights are those vectors (Press & Wolf 2017); the encoder must be
            as wide as they are.
        dropout: share of the encoder's units dropped before the output layer.
    """

    def __init__(
        self,
        symbols: int,
        encoder: Encoder,
        *,
        embedding_size: int,
        tie: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__(symbols, encoder, embedding_size=embedding_size)
        self.emit = nn.Linear(encoder.output_size, symbols)
        self.dropout = LockedDropout(dropout)
        nn.init.zeros_(self.emit.bias)
        if tie and self.vectors is not None:
            # as output weights they must start small
            nn.init.normal_(self.vectors.weight, std=encoder.output_size**-0.5)
            self.emit.weight = self.vectors.weight

    @torch.no_grad()
    def start_from(self, counts: Tensor) -> None:
        """Set the output's bias to the frequencies of the symbols, from their counts (symbols,)."""
        frequent = counts.to(self.emit.bias.dtype) + 1
        self.emit.bias.copy_(torch.log(frequent / frequent.sum()))

    def forward(self, ids: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Return log probabilities, in nats, of every symbol to come next.

        Args:
            ids: (batch, time).
            state: to go on from; None: each row begins here.

        Returns:
            (batch, time, symbols), and the state to go on from.
        """
        hidden, after = self.states(ids, None, state)
        return torch.log_softmax(self._scores(hidden), dim=-1), cast(State, after)

    def loss(
        self, ids: Tensor, targets: Tensor, state: State | None = None
    ) -> tuple[Tensor, State]:
        """Return the negative log-likelihood of the targets, a sum in nats, and the state after.

        Args:
            ids: (batch, time).
            targets: (batch, time), the symbols that came next; below 0: padding, not counted.
            state: to go on from; None: each row begins here.
        """
        hidden, after = self.states(ids, None, state)
        kept = self.dropout(hidden).flatten(0, 1)
        flat = targets.flatten()
        if bool((flat < 0).any()):
            counted = (flat >= 0).nonzero()[:, 0]
            kept, flat = kept.index_select(0, counted), flat.index_select(0, counted)
        scores = self._scores(kept)
        return nn.functional.cross_entropy(scores, flat.long(), reduction="sum"), cast(State, after)

    def _scores(self, hidden: Tensor) -> Tensor:
        answer: Tensor = self.emit(hidden)
        # narrow types end here: probabilities need the digits
        return answer.float() if answer.dtype in {torch.bfloat16, torch.float16} else answer
