"""Words as language models of characters read them: which ids, and where each word's states stand.

A piece is what a model reads at one go: the words of a passage, as running text, behind the end
of a line. NumPy alone; the models themselves are ``nn/context.py``'s, or onnxruntime's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
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
"""Words; a longer passage, which is one very long sentence, is read in several pieces."""
LONGEST_WORD = 64
"""Characters of a word that are read; of a longer one, both ends."""


@dataclass(frozen=True)
class Pieces:
    """Running text in pieces.

    Attributes:
        symbols: ids of each piece, forward, behind an end.
        bounds: (pieces + 1,) the words of each.
        starts: (words,) place of each word's first character among the symbols of its piece.
        ends: (words,) place of its last one.
    """

    symbols: list[Ids]
    bounds: Ids
    starts: Ids
    ends: Ids

    def some(self, places: Sequence[int]) -> Pieces:
        """Some of the pieces, by themselves."""
        counts = [int(self.bounds[p + 1] - self.bounds[p]) for p in places]
        words = np.concatenate([np.arange(self.bounds[p], self.bounds[p + 1]) for p in places])
        return Pieces(
            [self.symbols[p] for p in places],
            np.array([0, *accumulate(counts)], dtype=np.int64),
            self.starts[words],
            self.ends[words],
        )

    def padded(self, way: str) -> Ids:
        """(pieces, characters) ids in the order in which a model of that direction reads them."""
        table = np.full((len(self.symbols), max(map(len, self.symbols))), END, dtype=np.int64)
        for row, ids in zip(table, self.symbols, strict=True):
            if way == "forward":
                row[: len(ids)] = ids
            else:  # an end comes first either way
                row[1 : len(ids)] = ids[:0:-1]
        return table

    def places(self, way: str) -> tuple[Ids, Ids]:
        """Piece of each word, and the step after which a model of that direction has read it."""
        piece = np.repeat(np.arange(len(self.symbols)), np.diff(self.bounds))
        if way == "forward":
            return piece, self.ends
        lengths = np.array([len(ids) for ids in self.symbols], dtype=np.int64)
        return piece, lengths[piece] - self.starts

    @property
    def lengths(self) -> Ids:
        """(pieces,) symbols of each."""
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
        """Cut words into pieces.

        Args:
            words: of all passages.
            bounds: (passages + 1,) where each passage begins, and where the last ends.
        """
        cuts = [0]
        for end in list(bounds)[1:]:
            while end - cuts[-1] > LONGEST_PIECE:
                cuts.append(cuts[-1] + LONGEST_PIECE)
            cuts.append(end)
        symbols, starts, ends = [], [], []
        for first, last in pairwise(cuts):
            shown = [letters(word, LONGEST_WORD) for word in words[first:last]]
            text, places = written(shown)
            for word, place in zip(shown, places, strict=True):
                starts.append(1 + place)  # behind the end of a line
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
        """What :meth:`from_json` reads."""
        return {
            **self.symbols.to_json(),
            "models": {direction: dict(saved) for direction, saved in self.settings.items()},
        }

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Context:
        """That of a bundle.

        Raises:
            BundleError: a part is missing or of the wrong kind.
        """
        try:
            settings = {direction: dict(own) for direction, own in dict(saved["models"]).items()}
        except (KeyError, TypeError, ValueError) as error:
            raise BundleError(
                f"vocabulary.json: the language models are not described ({error}); train again"
            ) from None
        return cls(Symbols.from_json(dict(saved)), settings)
