"""Work shared out to the processes that Lightning starts, as it starts them for training.

One machine or many, by Lightning's own launcher, torchrun or a cluster's: what they share and
gather is the same. Without Lightning, on one machine, ``processes.in_order`` does the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import pytorch_lightning as pl
from torch.utils.data import DataLoader

from ner_rnn.model.settings import TrainerConfig
from ner_rnn.runtime.load import Device
from ner_rnn.training.scoring import gather
from ner_rnn.training.trainer import build_trainer, quiet

__all__ = ["distribute"]

Task = TypeVar("Task")
Result = TypeVar("Result")

Make = Callable[[Device], Callable[[Task], Result]]
"""Device of this process -> function that does a task."""


def distribute(
    make: Make[Task, Result], tasks: Sequence[Task], settings: TrainerConfig
) -> list[Result] | None:
    """Do every task once, in any number of processes.

    Args:
        make: called once in each process.
        tasks: the same in every process.
        settings: which processes to start, on which devices.

    Returns:
        The results in the order of the tasks; None on every process but the first.

    Raises:
        ConfigError: Lightning refuses the settings.
    """
    share = _Share(make, tasks)
    with quiet():
        trainer = build_trainer(settings, callbacks=[])
        trainer.test(share, verbose=False)
    return None if trainer.global_rank else share.results


class _Share(pl.LightningModule, Generic[Task, Result]):
    """The tasks of this process, as one step of a test."""

    def __init__(self, make: Make[Task, Result], tasks: Sequence[Task]) -> None:
        super().__init__()
        self._make, self._tasks = make, tasks
        self.results: list[Result] = []

    def test_dataloader(self) -> DataLoader[list[int]]:
        """Return one step: the numbers of the tasks of this process."""
        rank, world = self.trainer.global_rank, self.trainer.world_size
        numbers = [list(range(rank, len(self._tasks), world))]
        return DataLoader(numbers, batch_size=None)  # type: ignore[arg-type]

    def test_step(self, numbers: list[int], batch_idx: int) -> None:
        """Do the tasks, and gather the results of all processes."""
        is_gpu = self.trainer.strategy.root_device.type == "cuda"
        function = self._make("cuda" if is_gpu else "cpu")
        done = {number: function(self._tasks[number]) for number in numbers}
        self.results = gather(done, len(self._tasks))
