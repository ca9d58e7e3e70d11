"""The tagger: embed -> encode -> remember -> emit; its loss.

A plain torch module: ``training/module.py`` wraps Lightning around it, and the runtime runs it on
GPUs. Best tags are found by ``runtime/decode.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ner_rnn.nn.contextual import ContextEmbedding, Spelled
from ner_rnn.nn.crf import LinearChainCRF
from ner_rnn.nn.dropout import LockedDropout
from ner_rnn.nn.embeddings import FormEmbedding, WordEmbedding
from ner_rnn.nn.encoder import Encoder, padding_mask
from ner_rnn.nn.memory import DocumentMemory
from ner_rnn.text.bioes import FORBIDDEN, LARGEST, bioes_rules

__all__ = ["Batch", "NameTagger"]


@dataclass
class Batch:
    """Passages (one or more sentences of a document, read as one sequence) as numbers.

    Attributes:
        index: (batch, time) row of each word among the distinct forms; 0 in the padding.
        lengths: (batch,) words in each passage.
        words: (forms,) word ids.
        letters: (forms, letters) character ids.
        features: (forms, features) form-feature ids.
        groups: (batch, time) the same number at every occurrence of a word in a window.
        ends: (batch, time) True at the last word of each sentence.
        passages: (batch,) number of each passage in its corpus.
        tags: (batch, time) gold tag ids, 0 in the padding; None without gold. An id beyond the
            tags of the model is a row of ``allowed``, counted from their number.
        allowed: (patterns, tags) True for the tags that a word of partial annotation may have;
            None where every tag is known.
        spelled: the words as language models read them, by direction; None without language
            models, or where ``context`` is given.
        context: (batch, time, width) states of language models, where they are cached.
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
    allowed: Tensor | None = None
    spelled: Mapping[str, Spelled] | None = None
    context: Tensor | None = None

    def to(self, device: torch.device | str) -> Batch:
        """Return the batch on a device."""
        moved: dict[str, Any] = {
            name: value.to(device)
            for name, value in vars(self).items()
            if isinstance(value, Tensor)
        }
        if self.spelled is not None:
            parts = self.spelled.items()
            moved["spelled"] = {
                direction: Spelled(*(t.to(device) for t in part)) for direction, part in parts
            }
        return replace(self, **moved)


class NameTagger(nn.Module):
    """Scores every tag for every word.

    Args:
        tags: the model's tags, BIOES over the entity types.
        words: vectors of known words, or None.
        forms: vectors of a word's spelling.
        context: contextual string embeddings, or None.
        encoder: the recurrent layers.
        memory: shares the states of a word among its occurrences in a window, or None.
        output: crf (tags of a passage as a whole), softmax (each word by itself), or ridge: an
            output layer that reads the embedded words too, [1; x_t; a_t], and a CRF, with all
            weights set by ``training/ridge.py``.
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
        closed = torch.tensor(bioes_rules(tags)[2])
        self.register_buffer("_open_penalty", torch.where(closed, 0.0, FORBIDDEN), persistent=False)
        self.crf = LinearChainCRF(tags) if output != "softmax" else None
        self.input_dropout = LockedDropout(input_dropout)
        self.dropout = LockedDropout(dropout)

    def read(self, batch: Batch) -> Tensor:
        """Return the input of the output layer: (batch, time, features)."""
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

    def emissions(self, batch: Batch) -> Tensor:
        """Return the score of every tag at every word: (batch, time, tags), float32.

        Only tags that may end a sentence keep their score at its last word, as passages hold
        several sentences.
        """
        penalty: Tensor = self._open_penalty  # type: ignore[assignment]
        # clamped: no score of a network that has exploded may outweigh the penalty
        held = self.emit(self.dropout(self.read(batch))).float().clamp(-LARGEST, LARGEST)
        answer: Tensor = held + batch.ends[..., None] * penalty
        return answer

    @torch.no_grad()
    def decoder_emissions(self, batch: Batch) -> NDArray[np.float32]:
        """Return what a decoder takes: (tags, words), the words of each passage in turn."""
        mask = padding_mask(batch.lengths, batch.index.shape[1]).cpu().numpy()
        emitted = self.emit(self.read(batch)).float().cpu().numpy()  # (batch, time, tags)
        return np.ascontiguousarray(emitted[mask].T)

    def transition_scores(
        self,
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]] | None:
        """Return start (tags,), transitions (tags, tags), end (tags,); None without a CRF."""
        if self.crf is None:
            return None
        parts = (self.crf.start, self.crf.transitions, self.crf.end)
        start, transitions, end = (part.detach().float().cpu().numpy() for part in parts)
        return start, transitions, end

    def loss(self, batch: Batch) -> Tensor:
        """Return the negative log-likelihood of the gold tags, mean over words, in nats: scalar.

        Where the annotation is partial, of all tag sequences that agree with it.
        """
        if batch.tags is None:
            raise ValueError("a batch without gold tags has no loss")
        emissions, tags, lengths = self.emissions(batch), batch.tags, batch.lengths
        words = lengths.sum()
        mask = padding_mask(lengths, batch.index.shape[1])
        if batch.allowed is None:
            if self.crf is not None:
                return -self.crf.log_likelihood(emissions, tags, lengths).sum() / words
            return nn.functional.cross_entropy(emissions[mask], tags[mask])
        every = torch.eye(len(self.tags), dtype=torch.bool, device=tags.device)
        allowed = torch.cat([every, batch.allowed])[tags]  # (batch, time, tags)
        if self.crf is None:
            held = emissions.log_softmax(-1).masked_fill(~allowed, -torch.inf).logsumexp(-1)
            return -held[mask].mean()
        partial = (tags >= len(self.tags)).any(1)
        total = emissions.new_zeros(())
        if partial.any():
            rows = emissions[partial], allowed[partial], lengths[partial]
            total = total + self.crf.partial_log_likelihood(*rows).sum()
        if not partial.all():
            rows = emissions[~partial], tags[~partial], lengths[~partial]
            total = total + self.crf.log_likelihood(*rows).sum()
        return -total / words
