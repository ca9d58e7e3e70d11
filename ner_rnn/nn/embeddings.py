"""What the recurrent layers are told of a word: its own vector, its letters, its form.

Letters and form features depend on the spelling alone, so they are computed once for each
distinct word of a batch and then handed out to its occurrences.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

__all__ = ["FormEmbedding", "LetterCNN", "LetterLSTM", "WordEmbedding"]


class LetterCNN(nn.Module):
    """Filters over windows of letters, the strongest answer of each kept (Ma & Hovy 2016).

    Args:
        characters: rows of the character table; 0 is padding.
        size: width of a character vector.
        filters: how many.
        width: letters that a filter sees; odd.
    """

    def __init__(self, characters: int, size: int, filters: int, *, width: int = 3) -> None:
        super().__init__()
        self.output_size = filters
        self.width = width
        self.vectors = nn.Embedding(characters, size, padding_idx=0)
        self.filters = nn.Linear(width * size, filters)

    def forward(self, letters: Tensor) -> Tensor:
        """(forms, letters) ids -> (forms, output_size)."""
        known = letters != 0
        margin = self.width // 2
        padded = nn.functional.pad(letters, (margin, margin))
        vectors = self.vectors(padded)  # (forms, letters + 2 * margin, size)
        windows = vectors.unfold(1, self.width, 1).flatten(2)  # (forms, letters, size * width)
        answers = torch.relu(self.filters(windows))
        # answers are at least 0, so that 0 in the padding never wins
        answers = answers * known[..., None]
        return answers.amax(dim=1)


class LetterLSTM(nn.Module):
    """The last states of an LSTM that reads the letters both ways (Lample et al. 2016).

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
        """(forms, letters) ids -> (forms, output_size)."""
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
    """All that follows from a word's spelling but its own vector.

    Args:
        letters: a letter network, or None.
        features: rows of the form-feature table.
        feature_count: features a word has.
        feature_size: width of each one's vector; 0: none.
        droppable: places of features that training now and then does without, and the row that
            stands for knowing nothing there.
        drop: how often, for each of them by itself.
    """

    def __init__(
        self,
        letters: LetterCNN | LetterLSTM | None,
        *,
        features: int,
        feature_count: int,
        feature_size: int,
        droppable: Mapping[int, int] | None = None,
        drop: float = 0.0,
    ) -> None:
        super().__init__()
        self.letters = letters
        self.drop = drop
        places = list(droppable or {})
        rows = [(droppable or {})[place] for place in places]
        self.register_buffer("_places", torch.tensor(places, dtype=torch.long), persistent=False)
        self.register_buffer("_nothing", torch.tensor(rows, dtype=torch.long), persistent=False)
        self.features = nn.Embedding(features, feature_size) if feature_size else None
        if self.features is not None:
            nn.init.normal_(self.features.weight, std=0.1)
        self.output_size = (letters.output_size if letters else 0) + feature_count * feature_size

    def forward(self, letters: Tensor, features: Tensor) -> Tensor:
        """(forms, letters) and (forms, features) ids -> (forms, output_size)."""
        parts = []
        if self.letters is not None:
            parts.append(self.letters(letters))
        if self.features is not None:
            parts.append(self.features(self._without_some(features)).flatten(1))
        if not parts:
            return letters.new_zeros((len(letters), 0), dtype=torch.get_default_dtype())
        return torch.cat(parts, dim=1)

    def _without_some(self, features: Tensor) -> Tensor:
        """In training, as if clusters or lists knew nothing of some of the words."""
        places, nothing = self._places, self._nothing
        if not (self.training and self.drop and len(places)):  # type: ignore[arg-type]
            return features
        known: Tensor = features[:, places]  # type: ignore[index]
        gone = torch.rand(known.shape, device=known.device) < self.drop
        return features.index_copy(1, places, torch.where(gone, nothing, known))  # type: ignore[arg-type]


class WordEmbedding(nn.Module):
    """A vector per known word; in training a rare word is now and then read as unknown.

    A word seen n times becomes unknown with probability ``rate / (rate + n)`` (Kiperwasser &
    Goldberg 2016), so that the network learns to do without the vector where it will have none.

    Args:
        words: rows of the word table; 0 is padding, 1 unknown.
        size: width of a vector.
        counts: (words,) occurrences of each in training, or None for no dropout.
        rate: strength of the dropout; 0: none.
    """

    def __init__(
        self, words: int, size: int, *, counts: Tensor | None = None, rate: float = 0.0
    ) -> None:
        super().__init__()
        self.output_size = size
        self.vectors = nn.Embedding(words, size, padding_idx=0)
        nn.init.normal_(self.vectors.weight, std=0.1)
        with torch.no_grad():
            self.vectors.weight[0] = 0
        chance = torch.zeros(words)
        if counts is not None and rate > 0:
            chance = rate / (rate + counts.float().clamp(min=1))
        self.register_buffer("_chance", chance, persistent=False)

    @torch.no_grad()
    def start_from(self, vectors: NDArray[np.float32], known: NDArray[np.bool_]) -> None:
        """Begin with pre-trained vectors, which training then goes on to change.

        Args:
            vectors: (words - 2, size), a row for each word from id 2 on.
            known: (words - 2,) which of them have one; the others keep what chance gave them.
        """
        rows = torch.from_numpy(vectors)[torch.from_numpy(known)]
        self.vectors.weight[2:][torch.from_numpy(known)] = rows

    def forward(self, words: Tensor) -> Tensor:
        """(batch, time) ids -> (batch, time, size)."""
        if self.training:
            chance: Tensor = self._chance[words]  # type: ignore[index]
            unknown = torch.rand(words.shape, device=words.device) < chance
            words = words.masked_fill(unknown & (words > 1), 1)
        vectors: Tensor = self.vectors(words)
        return vectors
