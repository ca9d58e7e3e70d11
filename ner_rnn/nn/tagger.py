"""The tagger: embed -> encode -> remember -> emit -> decode.

A plain torch module; Lightning is wrapped around it in ``training/module.py``, and the tagging
engine runs it as it is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor, nn

from ner_rnn.nn.contextual import ContextEmbedding, Spelled
from ner_rnn.nn.crf import LinearChainCRF, allowed_transitions
from ner_rnn.nn.dropout import LockedDropout
from ner_rnn.nn.embeddings import FormEmbedding, WordEmbedding
from ner_rnn.nn.encoder import Encoder, padding_mask
from ner_rnn.nn.memory import DocumentMemory
from ner_rnn.text.bioes import FORBIDDEN, LARGEST
from ner_rnn.text.tags import Span, spans

__all__ = ["Batch", "NameTagger"]


@dataclass
class Batch:
    """Passages (one or more sentences of a document, read as one) as numbers.

    Attributes:
        index: (batch, time) row of each word among the distinct forms; 0 in the padding.
        lengths: (batch,) words in each passage.
        words: (forms,) word ids.
        letters: (forms, letters) character ids.
        features: (forms, features) form-feature ids.
        groups: (batch, time) the same number wherever the same word of a document stands.
        ends: (batch, time) True at the last word of each sentence.
        passages: (batch,) place of each passage in the corpus it was taken from.
        tags: (batch, time) gold tag ids, 0 in the padding; None where there is no gold.
        spelled: as language models read it; None where none do, or their states are there.
        context: (batch, time, width) states of language models, where they are known already.
    """

    index: Tensor
    lengths: Tensor
    words: Tensor
    letters: Tensor
    features: Tensor
    groups: Tensor
    ends: Tensor
    passages: Tensor
    tags: Tensor | None = None
    spelled: Spelled | None = None
    context: Tensor | None = None

    def to(self, device: torch.device | str) -> Batch:
        """The same on a device."""
        return replace(self, **{k: v.to(device) for k, v in vars(self).items() if v is not None})


class NameTagger(nn.Module):
    """A tag for every word.

    Args:
        tags: the model's tags, BIOES over the entity types.
        words: vectors of known words, or None.
        forms: what is known of a word by its spelling.
        context: what language models make of it in its place, or None.
        encoder: the recurrent layers.
        memory: shares what was read of a word among its places in a document, or None.
        output: crf (the sentence as a whole), softmax (word by word), or ridge: an output layer
            that reads the embedded words too, [1; x_t; a_t], and a CRF's way of deciding, all
            of whose weights ``training/ridge.py`` sets.
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
        context: ContextEmbedding | None = None,
        memory: DocumentMemory | None = None,
        output: Literal["crf", "softmax", "ridge"] = "crf",
        input_dropout: float = 0.0,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.tags = tuple(tags)
        self.words = words
        self.forms = forms
        self.context = context
        self.encoder = encoder
        self.memory = memory
        self.reads_words = output == "ridge"
        width = (memory or encoder).output_size
        if self.reads_words:
            width += sum(part.output_size for part in (words, forms, context) if part)
        self.emit = nn.Linear(width, len(self.tags))
        closed = torch.tensor([tag[0] in "OES" for tag in tags])
        self.register_buffer("_open_penalty", torch.where(closed, 0.0, FORBIDDEN), persistent=False)
        self.crf = (
            LinearChainCRF(len(tags), allowed_transitions(tags)) if output != "softmax" else None
        )
        self.input_dropout = LockedDropout(input_dropout)
        self.dropout = LockedDropout(dropout)

    def read(self, batch: Batch) -> Tensor:
        """What the output layer is given of each word: (batch, time, features)."""
        known = self.forms(batch.letters, batch.features)  # (forms, form features)
        # index_select sums gradients in one pass; plain indexing sorts first
        parts = [known.index_select(0, batch.index.flatten()).view(*batch.index.shape, -1)]
        if self.words is not None:
            parts.insert(0, self.words(batch.words[batch.index]))
        if self.context is not None:
            states = batch.context
            if states is None:
                if batch.spelled is None:
                    raise ValueError("a batch without its characters cannot be read in context")
                states = self.context.states(batch.spelled)
            parts.append(self.context(states))
        x = self.input_dropout(torch.cat(parts, dim=-1))  # (batch, time, input features)
        y, _ = self.encoder(x, batch.lengths)
        if self.memory is not None:
            y = self.memory(y, batch.groups, padding_mask(batch.lengths, y.shape[1]))
        return torch.cat([y, x], dim=-1) if self.reads_words else y

    def emissions(self, batch: Batch, emitted: Tensor | None = None) -> Tensor:
        """Score of every tag at every word: (batch, time, tags), float32.

        Args:
            batch: passages.
            emitted: the same before names are kept within sentences, where it is known already.
        """
        if emitted is None:
            emitted = self.emit(self.dropout(self.read(batch)))
        # no name reaches beyond its sentence, though passages hold several
        penalty: Tensor = self._open_penalty  # type: ignore[assignment]
        held = emitted.float().clamp(-LARGEST, LARGEST)  # those of a network that has exploded
        answer: Tensor = held + batch.ends[..., None] * penalty
        return answer

    def loss(self, batch: Batch) -> Tensor:
        """Negative log-likelihood of the gold tags, mean over words: scalar, in nats."""
        if batch.tags is None:
            raise ValueError("a batch without gold tags has no loss")
        emissions = self.emissions(batch)
        words = batch.lengths.sum()
        if self.crf is not None:
            return -self.crf.log_likelihood(emissions, batch.tags, batch.lengths).sum() / words
        mask = padding_mask(batch.lengths, batch.index.shape[1])
        return nn.functional.cross_entropy(emissions[mask], batch.tags[mask])

    @torch.no_grad()
    def find_spans(self, batch: Batch, emitted: Tensor | None = None) -> list[list[Span]]:
        """The entities of each passage; ``emitted`` as in :meth:`emissions`."""
        best = self._best(self.emissions(batch, emitted), batch.lengths)
        return [spans for spans, _ in self._spans(best, batch.lengths)]

    @torch.no_grad()
    def find(
        self, batch: Batch, temperature: float = 1.0
    ) -> list[list[tuple[int, int, str, float]]]:
        """The entities of each passage: (first word, word after the last, label, score).

        The score is the probability that the model gives to exactly that span, once what its
        probabilities are taken of is divided by the temperature.
        """
        emissions = self.emissions(batch)
        found = self._spans(self._best(emissions, batch.lengths), batch.lengths)
        paths = [[(s.start, row[s.start : s.end]) for s in some] for some, row in found]
        if self.crf is not None:
            scores = self.crf.span_log_probability(emissions, batch.lengths, paths, temperature)
        else:
            chances = torch.log_softmax(emissions / temperature, dim=-1).cpu()
            scores = [
                [sum(float(chances[r, s + k, tag]) for k, tag in enumerate(ids)) for s, ids in p]
                for r, p in enumerate(paths)
            ]
        return [
            [
                (span.start, span.end, span.label, math.exp(min(0.0, value)))
                for span, value in zip(some, values, strict=True)
            ]
            for (some, _), values in zip(found, scores, strict=True)
        ]

    def _spans(self, best: Tensor, lengths: Tensor) -> list[tuple[list[Span], list[int]]]:
        """Spans of each passage and its tag ids; a passage without any costs nothing."""
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
