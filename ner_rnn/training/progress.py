"""A line for each epoch of training, for output that is no terminal."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytorch_lightning as pl

__all__ = ["EpochLines"]


class EpochLines(pl.Callback):
    """Reports the loss and the development F1 of each epoch.

    Args:
        on_notice: called with each line.
    """

    def __init__(self, on_notice: Callable[[str], None]) -> None:
        self.on_notice = on_notice
        self._began = 0.0

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Start the clock."""
        self._began = time.monotonic()

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Report the epoch; the development set has been scored."""
        known = trainer.callback_metrics
        parts = [f"loss {float(known['train_loss']):.4f}"] if "train_loss" in known else []
        if "dev_f1" in known:
            parts.append(f"dev F1 {100 * float(known['dev_f1']):.2f}")
        parts.append(f"{time.monotonic() - self._began:.0f} s")
        epoch = f"epoch {trainer.current_epoch + 1} of {trainer.max_epochs}"
        self.on_notice(f"{epoch}: {', '.join(parts)}")
