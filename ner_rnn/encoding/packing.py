"""What is read side by side: like lengths together, within a budget that counts the padding."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["pack"]


def pack(
    shapes: Sequence[tuple[int, int]],
    budget: int,
    *,
    generator: np.random.Generator | None = None,
) -> list[list[int]]:
    """Group windows whose longest passages are of like length.

    Args:
        shapes: of each window, its passages and the words of its longest.
        budget: words a batch at most, padding counted; a larger window stands alone.
        generator: shuffles windows of one length, and the batches; None: shortest first.

    Returns:
        Places of windows, each exactly once.
    """
    longest = np.array([length for _, length in shapes])
    ties = np.arange(len(shapes)) if generator is None else generator.permutation(len(shapes))
    batches: list[list[int]] = [[]]
    passages = 0
    for place in np.lexsort((ties, longest)).tolist():
        more, length = shapes[place]
        # in this order the newest window holds the longest passage
        if batches[-1] and length * (passages + more) > budget:
            batches.append([])
            passages = 0
        batches[-1].append(place)
        passages += more
    if not batches[0]:
        return []
    if generator is not None:
        return [batches[i] for i in generator.permutation(len(batches)).tolist()]
    return batches
