"""Packing: sequences of like length are read side by side, within a budget that counts padding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Passages", "pack", "pack_passages"]

Ids = NDArray[np.int64]


def pack(
    shapes: Sequence[tuple[int, int]],
    budget: int,
    *,
    generator: np.random.Generator | None = None,
) -> list[list[int]]:
    """Group windows whose longest passages are of like length.

    Args:
        shapes: of each window, its number of passages and the words of its longest.
        budget: words a batch at most, padding counted; a larger window stands alone.
        generator: shuffles windows of one length, and the batches; None: shortest first.

    Returns:
        Numbers of the windows of each batch, each window exactly once.
    """
    longest = np.array([length for _, length in shapes])
    ties = np.arange(len(shapes)) if generator is None else generator.permutation(len(shapes))
    batches: list[list[int]] = [[]]
    passages = 0
    for window in np.lexsort((ties, longest)).tolist():
        more, length = shapes[window]
        # in this order the newest window holds the longest passage
        if batches[-1] and length * (passages + more) > budget:
            batches.append([])
            passages = 0
        batches[-1].append(window)
        passages += more
    if not batches[0]:
        return []
    if generator is not None:
        return [batches[i] for i in generator.permutation(len(batches)).tolist()]
    return batches


@dataclass(frozen=True)
class Passages:
    """Passages of like length side by side, longest first.

    At every step those that go on are therefore the first ones, and nothing need be computed in
    the padding.

    Attributes:
        starts: (batch,) number of the first word of each.
        lengths: (batch,) words of each, falling.
    """

    starts: Ids
    lengths: Ids

    @property
    def active(self) -> Ids:
        """(time,) number of passages that have a word at each step."""
        steps = np.arange(self.lengths[0])
        return np.searchsorted(-self.lengths, -steps, side="left")

    def words(self) -> tuple[Ids, NDArray[np.bool_]]:
        """Return the word at each step of each passage, 0 in the padding, and the mask of words.

        Returns:
            Word numbers and booleans, both (time, batch).
        """
        steps = np.arange(self.lengths[0])[:, None]
        mask = steps < self.lengths
        return np.where(mask, self.starts + steps, 0), mask


def pack_passages(bounds: Ids, budget: int) -> Iterator[Passages]:
    """Group passages of like length, longest first.

    Args:
        bounds: (passages + 1,) number of the first word of each, and the count of all words.
        budget: words a group at most, padding counted; a longer passage stands alone.
    """
    lengths = np.diff(bounds)
    order = np.argsort(-lengths, kind="stable")
    starts, lengths = bounds[:-1][order], lengths[order]
    begin = 0
    while begin < len(lengths):
        end = begin + max(1, budget // int(lengths[begin]))
        yield Passages(starts[begin:end], lengths[begin:end])
        begin = end
