"""The input of the encoder: a word's own vector, its letters, its form features.

Letters and form features depend on the spelling alone, so they are computed once for each
distinct word of a batch and then copied to its occurrences.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ner_rnn.model.settings import LETTER_WIDTH

__all__ = ["FormEmbedding", "LetterCNN", "LetterLSTM", "WordEmbedding"]


class LetterCNN(nn.Module):
    """Convolution over the letters and max pooling over them (Ma & Hovy 2016).

    Args:
        characters: rows of the character table; 0 is padding.
        size: width of a character vector.
        filters: number of filters.
    """

    def __init__(self, characters: int, size: int, filters: int) -> None:
        super().__init__()
        self.output_size = filters
        self.vectors = nn.Embedding(characters, size, padding_idx=0)
        self.filters = nn.Linear(LETTER_WIDTH * size, filters)

    def forward(self, letters: Tensor) -> Tensor:
        """Embed ids (forms, letters) as (forms, output_size)."""
        known = letters != 0
        margin = LETTER_WIDTH // 2
        padded = nn.functional.pad(letters, (margin, margin))
        vectors = self.vectors(padded)  # (forms, letters + 2 * margin, size)
        windows = vectors.unfold(1, LETTER_WIDTH, 1).flatten(2)  # (forms, letters, size * width)
        activations = torch.relu(self.filters(windows))
        # activations are at least 0, so that 0 in the padding is never the maximum
        activations = activations * known[..., None]
        return activations.amax(dim=1)


class LetterLSTM(nn.Module):
    """The last states of a bidirectional LSTM over the letters (Lample et al. 2016).

    Args:
        characters: rows of the character table; 0 is padding.
        size: width of a character vector.
        hidden: units per direction.
    """

    def __init__(self, characters: int, size: int, hidden: int) -> None:
        super().__init__()
        self.output_size = 2 * hidden
        self.vectors = nn.Embedding(characters, size, padding_idx=0)
        self.forwards = nn.LSTM(size, hidden, batch_first=True)
        self.backwards = nn.LSTM(size, hidden, batch_first=True)

    def forward(self, letters: Tensor) -> Tensor:
        """Embed ids (forms, letters) as (forms, output_size)."""
        lengths = (letters != 0).sum(1).clamp(min=1)
        steps = torch.arange(letters.shape[1], device=letters.device)
        back = torch.where(steps < lengths[:, None], lengths[:, None] - 1 - steps, steps)
        last = (lengths - 1)[:, None, None].expand(-1, 1, self.output_size // 2)
        states = [
            layer(self.vectors(order))[0].gather(1, last).squeeze(1)
            for layer, order in (
                (self.forwards, letters),
                (self.backwards, letters.gather(1, back)),
            )
        ]
        return torch.cat(states, dim=1)


class FormEmbedding(nn.Module):
    """The features that depend on a word's spelling, without its own vector.

    Args:
        letters: a letter network, or None.
        features: rows of the form-feature table.
        feature_count: features of each word.
        feature_size: width of each one's vector; 0: none.
        droppable: columns of features subject to dropout in training, each with the row of the
            table that means unknown.
        drop: probability of dropping, for each of them independently.
    """

    def __init__(
        self,
        letters: LetterCNN | LetterLSTM | None,
        *,
        features: int,
        feature_count: int,
        feature_size: int,
        droppable: Mapping[int, int] = MappingProxyType({}),
        drop: float = 0.0,
    ) -> None:
        super().__init__()
        self.letters = letters
        self.drop = drop
        for name, ids in (("_places", droppable), ("_unknown", droppable.values())):
            self.register_buffer(name, torch.tensor([*ids], dtype=torch.long), persistent=False)
        self.features = nn.Embedding(features, feature_size) if feature_size else None
        if self.features is not None:
            nn.init.normal_(self.features.weight, std=0.1)
        self.output_size = (letters.output_size if letters else 0) + feature_count * feature_size

    def forward(self, letters: Tensor, features: Tensor) -> Tensor:
        """Embed ids (forms, letters) and (forms, features) as (forms, output_size)."""
        parts = []
        if self.letters is not None:
            parts.append(self.letters(letters))
        if self.features is not None:
            parts.append(self.features(self._drop_features(features)).flatten(1))
        if not parts:
            return letters.new_zeros((len(letters), 0), dtype=torch.get_default_dtype())
        return torch.cat(parts, dim=1)

    def _drop_features(self, features: Tensor) -> Tensor:
        """Replace a random subset of the droppable features by unknown, in training."""
        places, unknown = self._places, self._unknown
        if not (self.training and self.drop and len(places)):  # type: ignore[arg-type]
            return features
        known: Tensor = features[:, places]  # type: ignore[index]
        dropped = torch.rand(known.shape, device=known.device) < self.drop
        return features.index_copy(1, places, torch.where(dropped, unknown, known))  # type: ignore[arg-type]


class WordEmbedding(nn.Module):
    """A vector for each known word; in training a rare word is sometimes replaced by unknown.

    A word seen n times becomes unknown with probability ``rate / (rate + n)`` (Kiperwasser &
    Goldberg 2016), so that the network learns to tag words without a vector.

    Args:
        words: rows of the word table; 0 is padding, 1 unknown.
        size: width of a vector.
        counts: (words,) occurrences of each in training.
        rate: strength of the dropout; 0: none.
    """

    def __init__(self, words: int, size: int, *, counts: Tensor, rate: float = 0.0) -> None:
        super().__init__()
        self.output_size = size
        self.vectors = nn.Embedding(words, size, padding_idx=0)
        nn.init.normal_(self.vectors.weight, std=0.1)
        with torch.no_grad():
            self.vectors.weight[0] = 0
        probability = rate / (rate + counts.float().clamp(min=1))
        self.register_buffer("_probability", probability, persistent=False)

    @torch.no_grad()
    def start_from(self, vectors: NDArray[np.float32], known: NDArray[np.bool_]) -> None:
        """Initialise with pre-trained vectors, which training then goes on to change.

        Args:
            vectors: (words - 2, size), a row for each word from id 2 on.
            known: (words - 2,) mask of those that have one; the others keep their random vectors.
        """
        rows = torch.from_numpy(vectors)[torch.from_numpy(known)]
        self.vectors.weight[2:][torch.from_numpy(known)] = rows

    def forward(self, words: Tensor) -> Tensor:
        """Embed ids (batch, time) as (batch, time, size)."""
        if self.training:
            probability: Tensor = self._probability[words]  # type: ignore[index]
            unknown = torch.rand(words.shape, device=words.device) < probability
            words = words.masked_fill(unknown & (words > 1), 1)
        vectors: Tensor = self.vectors(words)
        return vectors
