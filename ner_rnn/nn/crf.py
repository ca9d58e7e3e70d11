"""Linear-chain conditional random field (Lafferty, McCallum & Pereira 2001).

The score of a tag sequence y for emissions e is
``start[y_1] + sum_t e[t, y_t] + sum_t transitions[y_(t-1), y_t] + end[y_T]``,
and its probability is ``exp(score - log Z)``. Here is the log-likelihood that training maximises;
decoding is in ``runtime/decode.py``.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ner_rnn.nn.encoder import padding_mask
from ner_rnn.nn.forward_backward import LogPartition
from ner_rnn.text.bioes import FORBIDDEN, bioes_rules

__all__ = ["LinearChainCRF"]


class LinearChainCRF(nn.Module):
    """Transition scores and the log-likelihood of tag sequences.

    In every method ``emissions`` is (batch, time, tags), ``lengths`` (batch,) with 1 <= length
    <= time; the padding is never read.

    Args:
        tags: tags of the model, BIOES over the entity types.
    """

    def __init__(self, tags: Sequence[str]) -> None:
        super().__init__()
        self.start = nn.Parameter(torch.zeros(len(tags)))
        self.transitions = nn.Parameter(torch.zeros(len(tags), len(tags)))
        self.end = nn.Parameter(torch.zeros(len(tags)))
        for name, allowed in zip(("start", "transitions", "end"), bioes_rules(tags), strict=True):
            penalty = torch.where(torch.tensor(allowed), 0.0, FORBIDDEN)
            self.register_buffer(f"_{name}_penalty", penalty, persistent=False)

    def scores(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return start (tags,), transitions (tags, tags), end (tags,), forbidden ones at -1e9."""
        return (
            self.start + self._start_penalty,  # type: ignore[operator]
            self.transitions + self._transitions_penalty,  # type: ignore[operator]
            self.end + self._end_penalty,  # type: ignore[operator]
        )

    def log_likelihood(self, emissions: Tensor, tags: Tensor, lengths: Tensor) -> Tensor:
        """Return log P(tags | emissions) of each sentence: (batch,)."""
        return self.score(emissions, tags, lengths) - self.log_partition(emissions, lengths)

    def partial_log_likelihood(self, emissions: Tensor, allowed: Tensor, lengths: Tensor) -> Tensor:
        """Return log P(any tag sequence that is allowed | emissions) of each sentence: (batch,).

        This is the likelihood of a partial annotation (Bellare & McCallum 2007; Greenberg et al.
        2018): the sum over all tag sequences that agree with what is known.

        Args:
            emissions: see the class.
            allowed: (batch, time, tags) True for the tags that a word may have, one or more.
            lengths: see the class.
        """
        known = self.log_partition(emissions.masked_fill(~allowed, FORBIDDEN), lengths)
        return known - self.log_partition(emissions, lengths)

    def score(self, emissions: Tensor, tags: Tensor, lengths: Tensor) -> Tensor:
        """Return the score of one given tag sequence for each sentence: (batch,)."""
        start, transitions, end = self.scores()
        mask = padding_mask(lengths, emissions.shape[1])
        emitted = emissions.gather(2, tags[..., None]).squeeze(2)  # (batch, time)
        moved = transitions[tags[:, :-1], tags[:, 1:]]  # (batch, time - 1)
        last = tags.gather(1, lengths[:, None] - 1).squeeze(1)
        total = torch.where(mask, emitted, 0.0).sum(1)
        total = total + torch.where(mask[:, 1:], moved, 0.0).sum(1)
        return total + start[tags[:, 0]] + end[last]

    def log_partition(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """Return log Z of each sentence by the forward algorithm: (batch,)."""
        log_z: Tensor = LogPartition.apply(  # type: ignore[no-untyped-call]
            emissions, *self.scores(), lengths
        )
        return log_z
