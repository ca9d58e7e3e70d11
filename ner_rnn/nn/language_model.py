"""The language model: embed -> read -> say what comes next.

A plain torch module. Lightning is wrapped around it in ``module.py``; sampling and scoring run it
as it is. Of a backward model every sequence is given reversed: this file knows no direction.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ner_rnn.nn.carried import State, read
from ner_rnn.nn.dropout import LockedDropout
from ner_rnn.nn.encoder import Encoder

__all__ = ["LanguageModel"]


class LanguageModel(nn.Module):
    """The probability of each symbol to come next.

    Args:
        symbols: how many there are, with the end and the unknown.
        encoder: recurrent layers of one direction, over inputs as wide as ``embedding_size`` or,
            one-hot, as ``symbols``.
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
        super().__init__()
        self.symbols = symbols
        self.vectors = nn.Embedding(symbols, embedding_size) if embedding_size else None
        self.encoder = encoder
        self.emit = nn.Linear(encoder.output_size, symbols)
        self.dropout = LockedDropout(dropout)
        nn.init.zeros_(self.emit.bias)
        if tie and self.vectors is not None:
            # as output weights they must start small
            nn.init.normal_(self.vectors.weight, std=encoder.output_size**-0.5)
            self.emit.weight = self.vectors.weight

    @torch.no_grad()
    def start_from(self, counts: Tensor) -> None:
        """Let the output begin with how frequent each symbol is: (symbols,) counts."""
        frequent = counts.to(self.emit.bias.dtype) + 1
        self.emit.bias.copy_(torch.log(frequent / frequent.sum()))

    def states(self, ids: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """What the network makes of symbols: (batch, time) -> (batch, time, units), and its state.

        Args:
            ids: symbols as read; a sequence begins with the end of the one before.
            state: behind what was read before; None: nothing was.
        """
        if self.vectors is not None:
            x = self.vectors(ids)
        else:
            x = nn.functional.one_hot(ids.long(), self.symbols).to(self.emit.weight.dtype)
        return read(self.encoder, x, state)

    def forward(self, ids: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Log probabilities, in nats, of every symbol to come next.

        Args:
            ids: (batch, time).
            state: as in :meth:`states`.

        Returns:
            (batch, time, symbols), and the state to go on from.
        """
        hidden, after = self.states(ids, state)
        return torch.log_softmax(self._scores(hidden), dim=-1), after

    def loss(
        self, ids: Tensor, targets: Tensor, state: State | None = None
    ) -> tuple[Tensor, State]:
        """Negative log-likelihood, the sum over all symbols that count, in nats.

        Args:
            ids: (batch, time).
            targets: (batch, time), what came next; below 0: padding, which does not count.
            state: as in :meth:`states`.
        """
        hidden, after = self.states(ids, state)
        kept = self.dropout(hidden).flatten(0, 1)
        flat = targets.flatten()
        if bool((flat < 0).any()):
            there = (flat >= 0).nonzero()[:, 0]
            kept, flat = kept.index_select(0, there), flat.index_select(0, there)
        scores = self._scores(kept)
        return nn.functional.cross_entropy(scores, flat.long(), reduction="sum"), after

    def _scores(self, hidden: Tensor) -> Tensor:
        answer: Tensor = self.emit(hidden)
        # narrow types end here: probabilities need the digits
        return answer.float() if answer.dtype in {torch.bfloat16, torch.float16} else answer
