"""Words as input of character language models: symbol ids, and the positions of word states.

A piece is one input sequence: an end symbol, then the words of a passage as running text. NumPy
alone; the models run in ``nn/contextual.py`` or ``runtime/contextual.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ner_rnn.encoding.features import letters
from ner_rnn.encoding.symbols import END, Symbols
from ner_rnn.errors import BundleError
from ner_rnn.text.spacing import written

__all__ = ["Context", "Pieces"]

Ids = NDArray[np.int64]

LONGEST_PIECE = 250
"""Words of a piece; a longer passage, which is one very long sentence, has several pieces."""
CHARACTERS_READ = 64
"""Characters of a word; of a longer one, both ends are read."""


@dataclass(frozen=True)
class Pieces:
    """Running text in pieces.

    Attributes:
        symbols: ids of each piece in reading order, after an end symbol.
        bounds: (pieces + 1,), index of the first word of each, and the number of words.
        starts: (words,), position of each word's first character in its piece.
        ends: (words,), position of its last character.
    """

    symbols: list[Ids]
    bounds: Ids
    starts: Ids
    ends: Ids

    def subset(self, indices: Sequence[int]) -> tuple[Pieces, Ids]:
        """Return the pieces with these indices, in their order, and the numbers of their words."""
        parts = [np.arange(self.bounds[i], self.bounds[i + 1]) for i in indices]
        words, symbols = np.concatenate(parts), [self.symbols[i] for i in indices]
        bounds = np.cumsum([0, *map(len, parts)])
        return Pieces(symbols, bounds, self.starts[words], self.ends[words]), words

    def padded(self, direction: str) -> Ids:
        """Return ids in the reading order of a model, forward or backward: (pieces, characters)."""
        table = np.full((len(self.symbols), max(map(len, self.symbols))), END, dtype=np.int64)
        for row, ids in zip(table, self.symbols, strict=True):
            if direction == "forward":
                row[: len(ids)] = ids
            else:  # an end comes first in both directions
                row[1 : len(ids)] = ids[:0:-1]
        return table

    def places(self, direction: str) -> tuple[Ids, Ids]:
        """Return the piece of each word, and the step at which a model has read it: (words,)."""
        piece = np.repeat(np.arange(len(self.symbols)), np.diff(self.bounds))
        if direction == "forward":
            return piece, self.ends
        return piece, self.lengths[piece] - self.starts

    @property
    def lengths(self) -> Ids:
        """Number of symbols of each piece, (pieces,)."""
        return np.array([len(ids) for ids in self.symbols], dtype=np.int64)


@dataclass(frozen=True)
class Context:
    """The language models that a tagger reads with: all but their weights.

    Attributes:
        symbols: alphabet that they share.
        settings: settings of each by direction, as plain JSON;
            ``model.language_model.reader_settings`` gives them their types.
    """

    symbols: Symbols
    settings: Mapping[str, Mapping[str, Any]]

    def pieces(self, words: Sequence[str], bounds: Iterable[int]) -> Pieces:
        """Arrange words in pieces.

        Args:
            words: words of all passages.
            bounds: (passages + 1,), index of the first word of each, and the number of words.
        """
        cuts = [0]
        for end in list(bounds)[1:]:
            while end - cuts[-1] > LONGEST_PIECE:
                cuts.append(cuts[-1] + LONGEST_PIECE)
            cuts.append(end)
        symbols, starts, ends = [], [], []
        for first, last in pairwise(cuts):
            spelled = [letters(word, CHARACTERS_READ) for word in words[first:last]]
            text, places = written(spelled)
            for word, place in zip(spelled, places, strict=True):
                starts.append(1 + place)  # after the end symbol
                ends.append(place + len(word))
            ids = self.symbols.encode(text)
            symbols.append(np.concatenate([[END], ids]).astype(np.int64))
        return Pieces(
            symbols,
            np.array(cuts, dtype=np.int64),
            np.array(starts, dtype=np.int64),
            np.array(ends, dtype=np.int64),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the description as JSON."""
        return {
            **self.symbols.to_json(),
            "models": {direction: dict(saved) for direction, saved in self.settings.items()},
        }

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Context:
        """Read the description in a bundle.

        Raises:
            BundleError: a part is missing or of the wrong type.
        """
        try:
            settings = {direction: dict(own) for direction, own in dict(saved["models"]).items()}
            if not settings or not settings.keys() <= {"forward", "backward"}:
                raise ValueError("expected forward, backward or both")
        except (KeyError, TypeError, ValueError) as error:
            raise BundleError(
                f"vocabulary.json: the language models are not described ({error})",
                do="train again",
            ) from None
        return cls(Symbols.from_json(dict(saved)), settings)
