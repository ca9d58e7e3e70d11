"""The tagger: embed -> encode -> emit -> decode.

A plain torch module; Lightning is wrapped around it in ``training/module.py``, and the tagging
engine runs it as it is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import torch
from torch import Tensor, nn

from ner_rnn.nn.crf import LinearChainCRF, allowed_transitions
from ner_rnn.nn.embeddings import FormEmbedding, WordEmbedding
from ner_rnn.nn.recurrent import padding_mask
from ner_rnn.text.tags import Span, spans

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
    def find_spans(self, batch: Batch) -> list[list[Span]]:
        """The entities of each sentence."""
        best = self._best(self.emissions(batch).float(), batch.lengths)
        return [spans for spans, _ in self._spans(best, batch.lengths)]

    @torch.no_grad()
    def find(self, batch: Batch) -> list[list[tuple[int, int, str, float]]]:
        """The entities of each sentence: (first word, word after the last, label, score).

        The score is the probability that the model gives to exactly that span.
        """
        emissions = self.emissions(batch).float()
        found = self._spans(self._best(emissions, batch.lengths), batch.lengths)
        paths = [[(s.start, row[s.start : s.end]) for s in some] for some, row in found]
        if self.crf is not None:
            scores = self.crf.span_log_probability(emissions, batch.lengths, paths)
        else:
            chances = torch.log_softmax(emissions, dim=-1).cpu()
            scores = [
                [sum(float(chances[r, s + k, tag]) for k, tag in enumerate(ids)) for s, ids in p]
                for r, p in enumerate(paths)
            ]
        return [
            [
                (span.start, span.end, span.label, min(1.0, math.exp(value)))
                for span, value in zip(some, values, strict=True)
            ]
            for (some, _), values in zip(found, scores, strict=True)
        ]

    def _spans(self, best: Tensor, lengths: Tensor) -> list[tuple[list[Span], list[int]]]:
        """Spans of each sentence and its tag ids; most sentences hold none and cost nothing."""
        outside = self.tags.index("O")
        named = (best != outside).any(1).tolist()
        answers: list[tuple[list[Span], list[int]]] = []
        for row, length, some in zip(best.tolist(), lengths.tolist(), named, strict=True):
            ids = row[:length]
            answers.append((spans([self.tags[i] for i in ids], "BIOES") if some else [], ids))
        return answers

    def _best(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        if self.crf is not None:
            return self.crf.viterbi(emissions, lengths)
        return emissions.argmax(-1)
