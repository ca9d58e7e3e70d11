"""Batches of windows: like lengths together, within a budget of words.

Training batches are drawn anew each epoch from the seed, with little padding, and the same number
of steps for every process. Windows are defined in ``encoding/passages.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
import pytorch_lightning as pl
from torch.utils.data import DataLoader, Dataset, Sampler

from ner_rnn.encoding.packing import pack

__all__ = ["BatchSampler", "ResumableLoader", "ResumableSampler", "batch_loader", "place"]

T = TypeVar("T")
Batch = TypeVar("Batch")
Batch_co = TypeVar("Batch_co", covariant=True)


class ResumableSampler(Sampler[T]):
    """Steps of one epoch after another; a resumed epoch begins where it was stopped.

    Args:
        steps: number of steps in an epoch.

    Attributes:
        epoch: number of the next epoch, from 0.
        skip: steps of the next epoch to leave out, since a run that is resumed has taken them.
        done: steps taken in this epoch; 0 again after the last.
    """

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.epoch = self.skip = self.done = 0

    def set_epoch(self, epoch: int) -> None:
        """Set the number of the next epoch; called by Lightning."""
        self.epoch = epoch

    def epoch_steps(self) -> Sequence[T]:
        """Return all steps of the next epoch."""
        raise NotImplementedError

    def __iter__(self) -> Iterator[T]:
        """Iterate over the steps of the next epoch."""
        first, self.skip = self.skip, 0
        steps = self.epoch_steps()
        for step in range(first, self.steps):
            self.done = (step + 1) % self.steps
            yield steps[step]

    def __len__(self) -> int:
        """Number of steps in an epoch."""
        return self.steps


class ResumableLoader(DataLoader[Batch]):
    """Loader whose place in the epoch Lightning saves in checkpoints."""

    sampler: ResumableSampler[Any]

    def state_dict(self) -> dict[str, int]:
        """Return how many steps of the epoch are done."""
        return {"done": self.sampler.done}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Skip the steps that were done before."""
        self.sampler.skip = state["done"]


class BatchSampler(ResumableSampler[list[int]]):
    """The batches of this process, epoch by epoch.

    Every epoch and every process has the same number of steps: if fewer batches are drawn, the
    largest are halved, or taken twice if they hold one window each.

    Args:
        shapes: see :func:`pack`.
        budget: words a step over all processes.
        epochs: number of epochs that differ.
        windows: numbers of the windows of each epoch, in turn; empty: all of them.
        seed: random seed, used together with the epoch; None: always shortest first.
        rank: number of this process.
        world: number of processes.
    """

    def __init__(
        self,
        shapes: Sequence[tuple[int, int]],
        budget: int,
        *,
        epochs: int = 1,
        windows: Sequence[Sequence[int]] = (),
        seed: int | None = None,
        rank: int = 0,
        world: int = 1,
    ) -> None:
        self.shapes = shapes
        self.windows = windows or [range(len(shapes))]
        self.budget = max(1, budget // world)
        self.seed, self.rank, self.world = seed, rank, world
        different = range(epochs if seed is not None or len(self.windows) > 1 else 1)
        super().__init__(-(-max(len(self._draw(epoch)) for epoch in different) // world))

    def _draw(self, epoch: int) -> list[list[int]]:
        generator = None if self.seed is None else np.random.default_rng((self.seed, epoch))
        windows = self.windows[epoch % len(self.windows)]
        shapes = [self.shapes[window] for window in windows]
        packed = pack(shapes, self.budget, generator=generator)
        return [[windows[place] for place in batch] for batch in packed]

    def epoch_steps(self) -> list[list[int]]:
        """Return the numbers of the windows of each step of this process."""
        batches = self._draw(self.epoch)
        for short in range(self.steps * self.world - len(batches), 0, -1):
            largest = max(batches, key=len)
            if len(largest) == 1:
                batches += [batches[i % len(batches)] for i in range(short)]
                break
            half = len(largest) // 2
            batches.append(largest[half:])
            del largest[half:]
        return batches[self.rank :: self.world]


class Batched(Protocol[Batch_co]):
    """Text that comes in batches of windows."""

    @property
    def shapes(self) -> Sequence[tuple[int, int]]:
        """Shape of each window, see :func:`pack`."""

    def batch(self, windows: Sequence[int], /) -> Batch_co:
        """Return the batch of windows, by their numbers."""


class _Batches(Dataset[Batch]):
    def __init__(self, text: Batched[Batch]) -> None:
        self._text = text

    def __getitem__(self, windows: list[int]) -> Batch:
        return self._text.batch(windows)


def batch_loader(
    text: Batched[Batch],
    budget: int,
    *,
    epochs: int = 1,
    windows: Sequence[Sequence[int]] = (),
    seed: int | None = None,
    place: tuple[int, int] = (0, 1),
) -> ResumableLoader[Batch]:
    """Return the loader of a process: ``place`` is its number and the number of processes.

    The other arguments are those of :class:`BatchSampler`.
    """
    rank, world = place
    sampler = BatchSampler(
        text.shapes, budget, epochs=epochs, windows=windows, seed=seed, rank=rank, world=world
    )
    # batch_size=None: the sampler's answer is a whole batch
    return ResumableLoader(_Batches(text), sampler=sampler, batch_size=None)


def place(data: pl.LightningDataModule) -> tuple[int, int]:
    """Return the number of this process and the number of processes."""
    trainer = data.trainer
    return (0, 1) if trainer is None else (trainer.global_rank, trainer.world_size)
