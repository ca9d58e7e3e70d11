"""Where documents are cut for reading, into windows and passages; NumPy alone.

- A **window** is a run of sentences of one document, as many as fit into ``WINDOW`` words: what
  the document memory sees at once, and what batches are made of.
- A **passage** is a run of sentences of one window, as many as fit into ``PASSAGE`` words: one
  sequence for the recurrent layers. Sentences are never cut; names never reach over their ends.

Both depend on the document alone, so which batch a window lands in never changes an answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

__all__ = ["PASSAGE", "WINDOW", "Cut", "runs"]

PASSAGE = 60
WINDOW = 2000


def runs(
    sentences: Iterable[int], lengths: Sequence[int], documents: Sequence[object], most: int
) -> list[list[int]]:
    """Neighbours of one document together, up to so many words; a longer one stands alone."""
    found: list[list[int]] = []
    room, document = -1, None
    for sentence in sentences:
        if not found or documents[sentence] != document or lengths[sentence] > room:
            found.append([])
            room, document = most, documents[sentence]
        found[-1].append(sentence)
        room -= lengths[sentence]
    return found


@dataclass(frozen=True)
class Cut:
    """Sentences, passages and windows of a run of words, each by its bounds.

    Attributes:
        sentences: (sentences + 1,) where each begins, and where the last ends, in words.
        passages: (passages + 1,) the same of the passages.
        windows: (windows + 1,) the same of the windows.
    """

    sentences: NDArray[np.int64]
    passages: NDArray[np.int64]
    windows: NDArray[np.int64]

    @classmethod
    def of(cls, lengths: Sequence[int], documents: Sequence[object]) -> Cut:
        """Cut sentences of these lengths, of these documents.

        >>> Cut.of([30, 25, 10, 5], ["a", "a", "a", "b"]).passages.tolist()
        [0, 55, 65, 70]
        """
        windows = runs(range(len(lengths)), lengths, documents, WINDOW)
        passages = [
            part for window in windows for part in runs(window, lengths, documents, PASSAGE)
        ]
        bounds = np.array([0, *accumulate(lengths)], dtype=np.int64)
        firsts = ([run[0] for run in some] + [len(lengths)] for some in (passages, windows))
        return cls(bounds, *(bounds[some] for some in firsts))

    def portions(self, words: int) -> list[tuple[int, int, Cut]]:
        """Parts of whole windows, of so many words or just more: (first, last sentence, cut)."""
        parts: list[tuple[int, int, Cut]] = []
        begin = 0
        while begin < len(self.windows) - 1:
            bound = np.searchsorted(self.windows, self.windows[begin] + words)
            end = min(max(int(bound), begin + 1), len(self.windows) - 1)
            low, high = self.windows[begin], self.windows[end]
            first, last = (int(np.searchsorted(self.sentences, word)) for word in (low, high))
            within = (
                bounds[np.searchsorted(bounds, low) : np.searchsorted(bounds, high) + 1] - low
                for bounds in (self.sentences, self.passages, self.windows)
            )
            parts.append((first, last, Cut(*within)))
            begin = end
        return parts

    def first_windows(self, count: int) -> Cut:
        """The same of the first windows alone."""
        end = self.windows[count]
        bounds = (self.sentences, self.passages, self.windows)
        return Cut(*(some[: np.searchsorted(some, end) + 1] for some in bounds))

    @property
    def finished(self) -> int:
        """Sentences before the last window, to which more may still be added."""
        return int(np.searchsorted(self.sentences, self.windows[-2]))
