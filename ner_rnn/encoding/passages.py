"""Windows and passages: how running words are divided for reading, in NumPy alone.

- A **window** is a run of sentences of one document, as many as fit into ``WINDOW`` words: the
  scope of the document memory, and what batches are made of.
- A **passage** is a run of sentences of one window, as many as fit into ``PASSAGE`` words: one
  sequence for the recurrent layers. Sentences are never divided; names never cross their ends.

Both depend on the document alone, so the batch that a window lands in never changes an answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

__all__ = ["PASSAGE", "WINDOW", "Segmentation"]

PASSAGE = 60
WINDOW = 2000

Ids = NDArray[np.int64]


@dataclass(frozen=True)
class Segmentation:
    """Sentences, passages and windows of consecutive words, each by its bounds.

    Attributes:
        sentences: (sentences + 1,) number of the first word of each, and the count of all words.
        passages: (passages + 1,) the same of the passages.
        windows: (windows + 1,) the same of the windows.
    """

    sentences: Ids
    passages: Ids
    windows: Ids

    @classmethod
    def of(cls, lengths: Sequence[int], documents: Sequence[object]) -> Segmentation:
        """Divide sentences into windows and passages.

        Args:
            lengths: words of each sentence.
            documents: the document of each, those of one document next to each other.

        >>> Segmentation.of([30, 25, 10, 5], ["a", "a", "a", "b"]).passages.tolist()
        [0, 55, 65, 70]
        """
        windows = _runs(range(len(lengths)), lengths, documents, WINDOW)
        passages = [
            part for window in windows for part in _runs(window, lengths, documents, PASSAGE)
        ]
        bounds = np.array([0, *accumulate(lengths)], dtype=np.int64)
        firsts = ([run[0] for run in runs] + [len(lengths)] for runs in (passages, windows))
        return cls(bounds, *(bounds[first] for first in firsts))

    @property
    def ends(self) -> NDArray[np.bool_]:
        """(words,) True at the last word of each sentence."""
        ends = np.zeros(int(self.sentences[-1]), dtype=np.bool_)
        ends[self.sentences[1:] - 1] = True
        return ends

    def sentence_of(self, words: Ids | Sequence[int]) -> Ids:
        """Return the number of the sentence that each word belongs to, (words,)."""
        return np.searchsorted(self.sentences, words, side="right") - 1

    def portions(self, words: int) -> list[tuple[int, int, Segmentation]]:
        """Divide into parts of whole windows, of that many words or just more.

        Returns:
            For each part: its first sentence, the sentence after its last, its segmentation.
        """
        parts: list[tuple[int, int, Segmentation]] = []
        begin = 0
        while begin < len(self.windows) - 1:
            bound = np.searchsorted(self.windows, self.windows[begin] + words)
            end = min(max(int(bound), begin + 1), len(self.windows) - 1)
            low, high = self.windows[begin], self.windows[end]
            first, last = (int(np.searchsorted(self.sentences, word)) for word in (low, high))
            parts.append((first, last, self._between(low, high)))
            begin = end
        return parts

    def finished(self) -> Segmentation:
        """Return the segmentation without the last window, to which more may still be added."""
        return self._between(0, int(self.windows[-2]))

    def _between(self, low: int, high: int) -> Segmentation:
        """Return the segmentation of the words from low to high, both bounds of windows."""
        bounds = (self.sentences, self.passages, self.windows)
        return Segmentation(
            *(b[np.searchsorted(b, low) : np.searchsorted(b, high) + 1] - low for b in bounds)
        )


def _runs(
    sentences: Iterable[int], lengths: Sequence[int], documents: Sequence[object], most: int
) -> list[list[int]]:
    """Group neighbouring sentences of one document, up to ``most`` words; a longer one is alone."""
    found: list[list[int]] = []
    room, document = -1, None
    for sentence in sentences:
        if not found or documents[sentence] != document or lengths[sentence] > room:
            found.append([])
            room, document = most, documents[sentence]
        found[-1].append(sentence)
        room -= lengths[sentence]
    return found
