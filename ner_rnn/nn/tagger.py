"""The tagger: embed -> encode -> emit -> decode.

A plain torch module; Lightning is wrapped around it in ``training/module.py``, and the tagging
engine runs it as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import torch
from torch import Tensor, nn

from ner_rnn.nn.crf import LinearChainCRF, allowed_transitions
from ner_rnn.nn.embeddings import FormEmbedding, WordEmbedding
from ner_rnn.nn.recurrent import padding_mask
from ner_rnn.text.tags import spans

__all__ = ["Batch", "Encoder", "NameTagger"]


class Encoder(Protocol):
    """Reads embedded sentences; padding and order in the batch never change its answer."""

    output_size: int

    def __call__(self, x: Tensor, lengths: Tensor) -> Tensor:
        """(batch, time, input_size) -> (batch, time, output_size)."""
        ...


@dataclass
class Batch:
    """Sentences as numbers.

    Attributes:
        index: (batch, time) row of each word among the distinct forms; 0 in the padding.
        lengths: (batch,) words in each sentence.
        words: (forms,) word ids.
        letters: (forms, letters) character ids.
        features: (forms, features) form-feature ids.
        tags: (batch, time) gold tag ids, 0 in the padding; None where there is no gold.
        rows: (batch,) place of each sentence among those it was taken from.
    """

    index: Tensor
    lengths: Tensor
    words: Tensor
    letters: Tensor
    features: Tensor
    tags: Tensor | None = None
    rows: Tensor | None = None

    def to(self, device: torch.device | str) -> Batch:
        """The same on a device."""
        moved = {k: v if v is None else v.to(device) for k, v in vars(self).items()}
        return Batch(**moved)


class NameTagger(nn.Module):
    """A tag for every word.

    Args:
        tags: the model's tags, BIOES over the entity types.
        words: vectors of known words, or None.
        forms: what is known of a word by its spelling.
        encoder: the recurrent layers.
        output: crf (the sentence as a whole) or softmax (word by word).
        input_dropout: share of a word's features dropped before the encoder.
        dropout: share of the encoder's units dropped before the output layer.
    """

    def __init__(
        self,
        tags: Sequence[str],
        *,
        words: WordEmbedding | None,
        forms: FormEmbedding,
        encoder: Encoder,
        output: Literal["crf", "softmax"] = "crf",
        input_dropout: float = 0.0,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.tags = tuple(tags)
        self.words = words
        self.forms = forms
        self.encoder = encoder
        self.emit = nn.Linear(encoder.output_size, len(self.tags))
        self.crf = LinearChainCRF(len(tags), allowed_transitions(tags)) if output == "crf" else None
        self.input_dropout = nn.Dropout(input_dropout)
        self.dropout = nn.Dropout(dropout)

    def emissions(self, batch: Batch) -> Tensor:
        """Score of every tag at every word: (batch, time, tags)."""
        known = self.forms(batch.letters, batch.features)  # (forms, form features)
        # index_select sums gradients in one pass; plain indexing sorts first
        parts = [known.index_select(0, batch.index.flatten()).view(*batch.index.shape, -1)]
        if self.words is not None:
            parts.insert(0, self.words(batch.words[batch.index]))
        x = self.input_dropout(torch.cat(parts, dim=-1))  # (batch, time, features)
        y = self.encoder(x, batch.lengths)
        emitted: Tensor = self.emit(self.dropout(y))
        return emitted

    def loss(self, batch: Batch) -> Tensor:
        """Negative log-likelihood of the gold tags, mean over words: scalar, in nats."""
        if batch.tags is None:
            raise ValueError("a batch without gold tags has no loss")
        emissions = self.emissions(batch).float()
        words = batch.lengths.sum()
        if self.crf is not None:
            return -self.crf.log_likelihood(emissions, batch.tags, batch.lengths).sum() / words
        mask = padding_mask(batch.lengths, batch.index.shape[1])
        return nn.functional.cross_entropy(emissions[mask], batch.tags[mask])

    @torch.no_grad()
    def decode(self, batch: Batch) -> list[list[str]]:
        """The tags of each sentence."""
        best = self._best(self.emissions(batch).float(), batch.lengths)
        return [
            [self.tags[i] for i in row[:length]]
            for row, length in zip(best.tolist(), batch.lengths.tolist(), strict=True)
        ]

    @torch.no_grad()
    def find(self, batch: Batch) -> list[list[tuple[int, int, str, float]]]:
        """The entities of each sentence: (first word, word after the last, label, score).

        The score is the probability that the model gives to exactly that span.
        """
        emissions = self.emissions(batch).float()
        best = self._best(emissions, batch.lengths).tolist()
        found = []
        for row, length in zip(best, batch.lengths.tolist(), strict=True):
            found.append(spans([self.tags[i] for i in row[:length]], "BIOES"))
        paths = [
            [(span.start, row[span.start : span.end]) for span in some]
            for row, some in zip(best, found, strict=True)
        ]
        if self.crf is not None:
            scores = self.crf.span_log_probability(emissions, batch.lengths, paths)
        else:
            chances = torch.log_softmax(emissions, dim=-1)
            scores = [
                [sum(float(chances[r, start + k, i]) for k, i in enumerate(ids)) for start, ids in p]
                for r, p in enumerate(paths)
            ]
        return [
            [
                (span.start, span.end, span.label, min(1.0, float(torch.tensor(value).exp())))
                for span, value in zip(some, values, strict=True)
            ]
            for some, values in zip(found, scores, strict=True)
        ]

    def _best(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        if self.crf is not None:
            return self.crf.viterbi(emissions, lengths)
        return emissions.argmax(-1)
