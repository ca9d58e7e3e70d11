"""Ctrl-C and SIGTERM in the middle of training: finish the step, keep a checkpoint, stop.

A second signal stops at once, as it would without this.
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
    """Training was told to stop and has kept a checkpoint."""


class StopOnSignal(Checkpoint):
    """Writes a checkpoint when the process is told to stop, over all processes alike.

    Lightning calls a ``Checkpoint`` last, in the order given: list it after the others, so that
    at an epoch's end they have done what an uninterrupted run would have them do.

    Args:
        checkpoint: where it goes.
        on_signal: told once, when the signal comes.

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
        """Listen."""
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                self._before[number] = signal.signal(number, self._handle)

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, *unused: Any
    ) -> None:
        """Between two steps everything is consistent: save and stop, if told to."""
        # after an epoch's last step the development set is scored first, as in a run left alone
        if not trainer.fit_loop.epoch_loop.batch_progress.is_last_batch:
            self._stop_if_told(trainer)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Stop between two epochs; when the last is over, all that is left is done."""
        if not trainer.should_stop and trainer.current_epoch + 1 != trainer.max_epochs:
            self._stop_if_told(trainer)

    def _stop_if_told(self, trainer: pl.Trainer) -> None:
        told = self.caught is not None
        if trainer.world_size > 1:
            # a signal may reach one process only, but all must save together
            told = trainer.strategy.reduce_boolean_decision(told, all=False)
        if told:
            trainer.save_checkpoint(self.checkpoint)
            raise TrainingStopped

    def on_exception(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, exception: BaseException
    ) -> None:
        """Stop listening."""
        self._restore()

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Stop listening."""
        self._restore()
