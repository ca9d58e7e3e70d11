"""Lightning's checkpoints of a run: the newest, to resume from, and the best.

They serve training alone; its product is the bundle.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import ModelCheckpoint

from ner_rnn.errors import ConfigError
from ner_rnn.training.interrupt import TrainingStopped

__all__ = ["Checkpoints"]


class Checkpoints:
    """The checkpoints in one folder.

    Args:
        folder: their folder.
        has_dev: whether there is a development set to select by.
        monitor: logged value that selects the best.
        mode: whether the largest value is best, or the smallest.

    Attributes:
        last: file that a run is resumed from.
        callbacks: Lightning callbacks that write them, in the order in which they must run.
    """

    def __init__(
        self,
        folder: Path,
        *,
        has_dev: bool,
        monitor: str = "dev_f1",
        mode: Literal["max", "min"] = "max",
    ) -> None:
        self.last = folder / "last.ckpt"
        self._best = folder / "best.ckpt" if has_dev else self.last
        # "last" is written second, so that it knows which epoch was the best
        self.callbacks = [
            ModelCheckpoint(folder, filename="last", enable_version_counter=False),
        ]
        if has_dev:
            best = ModelCheckpoint(
                folder,
                filename="best",
                monitor=monitor,
                mode=mode,
                enable_version_counter=False,
            )
            self.callbacks.insert(0, best)

    def check(self, module: pl.LightningModule) -> None:
        """Check that a run can be resumed.

        Raises:
            ConfigError: the checkpoint is missing, damaged or of another network.
        """
        if not self.last.is_file():
            raise ConfigError(
                "there is no run to resume",
                where=str(self.last),
                do="leave out {resume} to begin one",
            )
        try:
            saved = torch.load(self.last, map_location="cpu", weights_only=True)["state_dict"]
        except Exception:  # many kinds, depending on the damage
            raise ConfigError(
                f"{self.last} is damaged or no checkpoint", do="leave out {resume} to begin anew"
            ) from None
        found, expected = ({k: v.shape for k, v in s.items()} for s in (saved, module.state_dict()))
        if found != expected:
            name = min(k for k in found.keys() | expected.keys() if found.get(k) != expected.get(k))
            raise ConfigError(
                f"{self.last} is of another network or corpus ({name} differs)",
                do="give the settings and files that the run was begun with, or leave out {resume} "
                "to begin anew",
            )

    def fit(
        self,
        trainer: pl.Trainer,
        module: pl.LightningModule,
        data: pl.LightningDataModule,
        *,
        resume: bool,
        on_notice: Callable[[str], None],
    ) -> None:
        """Train from the beginning or from ``last``, then load the best weights.

        Raises:
            KeyboardInterrupt: a signal stopped the training; ``last`` is written.
        """
        try:
            trainer.fit(module, datamodule=data, ckpt_path=str(self.last) if resume else None)
        except TrainingStopped:
            on_notice(f"stopped; {self.last} is kept: add --resume to go on from there")
            raise KeyboardInterrupt from None
        self.load_best(module)

    def load_best(self, module: pl.LightningModule) -> None:
        """Load the weights with the best development score, or the newest."""
        saved = torch.load(self._best, map_location="cpu", weights_only=True)
        module.load_state_dict(saved["state_dict"])
