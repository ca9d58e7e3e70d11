"""Ctrl-C and SIGTERM during training: finish the step, write a checkpoint, stop.

A second signal stops at once, as usual.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.callbacks import Checkpoint

__all__ = ["StopOnSignal", "TrainingStopped"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class TrainingStopped(Exception):
    """Training was stopped by a signal and has written a checkpoint."""


class StopOnSignal(Checkpoint):
    """Writes a checkpoint and stops all processes when one of them receives a signal.

    Lightning calls each ``Checkpoint`` last, in the order given: list this one after the others,
    so that at the end of an epoch they have run as in an uninterrupted training.

    Args:
        checkpoint: file to write.
        on_signal: called with a message when the signal comes.

    Attributes:
        caught: the signal, or None.
    """

    def __init__(self, checkpoint: Path, on_signal: Callable[[str], None]) -> None:
        self.checkpoint = checkpoint
        self.on_signal = on_signal
        self.caught: signal.Signals | None = None
        self._before: dict[signal.Signals, Any] = {}

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self.caught = signal.Signals(number)
        self._restore()
        self.on_signal(f"{self.caught.name}: stopping after this step; again stops at once")

    def _restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Install the signal handlers."""
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                self._before[number] = signal.signal(number, self._handle)

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, *unused: Any
    ) -> None:
        """Save and stop after a signal: between two steps the state is consistent."""
        # after the last step of an epoch the development set is scored first, as always
        if not trainer.fit_loop.epoch_loop.batch_progress.is_last_batch:
            self._stop_after_signal(trainer)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Save and stop after a signal between two epochs; after the last, training ends anyway."""
        if not trainer.should_stop and trainer.current_epoch + 1 != trainer.max_epochs:
            self._stop_after_signal(trainer)

    def _stop_after_signal(self, trainer: pl.Trainer) -> None:
        stop = self.caught is not None
        if trainer.world_size > 1:
            # a signal may reach one process only, but all must save together
            stop = trainer.strategy.reduce_boolean_decision(stop, all=False)
        if stop:
            trainer.save_checkpoint(self.checkpoint)
            raise TrainingStopped

    def on_exception(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, exception: BaseException
    ) -> None:
        """Restore the signal handlers."""
        self._restore()

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Restore the signal handlers."""
        self._restore()
