"""Which windows make up a step: like lengths together, within a budget of words.

Training batches are drawn anew each epoch from the seed, so that little is padding and no process
has more steps than another. What a window is, ``encoded.py`` says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from torch.utils.data import Sampler

from ner_rnn.encoding.packing import pack

__all__ = ["BatchSampler"]


class BatchSampler(Sampler[list[int]]):
    """The batches of this process, epoch by epoch.

    Every epoch and every process has the same number of steps: where fewer batches are drawn, the
    largest are halved, and where that cannot be, some are taken twice.

    Args:
        shapes: see :func:`pack`.
        budget: words a step over all processes.
        epochs: how many will be asked for.
        seed: where chance starts from, with the epoch; None: always shortest first.
        rank: number of this process.
        world: how many processes there are.
    """

    def __init__(
        self,
        shapes: Sequence[tuple[int, int]],
        budget: int,
        *,
        epochs: int = 1,
        seed: int | None = None,
        rank: int = 0,
        world: int = 1,
    ) -> None:
        self.shapes = shapes
        self.budget = max(1, budget // world)
        self.seed, self.rank, self.world = seed, rank, world
        self.epoch = 0
        self.skip = 0
        """Steps of the next epoch to leave out, since a run that is resumed has taken them."""
        self.done = 0
        """Steps handed out in this epoch; 0 again when all are."""
        different = range(epochs if seed is not None else 1)
        self._steps = -(-max(len(self._draw(epoch)) for epoch in different) // world)

    def _draw(self, epoch: int) -> list[list[int]]:
        generator = None if self.seed is None else np.random.default_rng((self.seed, epoch))
        return pack(self.shapes, self.budget, generator=generator)

    def set_epoch(self, epoch: int) -> None:
        """Lightning tells the epoch, so that a resumed run draws the same batches."""
        self.epoch = epoch

    def __iter__(self) -> Iterator[list[int]]:
        """Places of the windows of each step."""
        batches = self._draw(self.epoch)
        for short in range(self._steps * self.world - len(batches), 0, -1):
            largest = max(batches, key=len)
            if len(largest) == 1:
                batches += [batches[i % len(batches)] for i in range(short)]
                break
            half = len(largest) // 2
            batches.append(largest[half:])
            del largest[half:]
        first, self.skip = self.skip, 0
        for step in range(first, self._steps):
            self.done = (step + 1) % self._steps
            yield batches[step * self.world + self.rank]

    def __len__(self) -> int:
        """Steps of this process in an epoch."""
        return self._steps
