"""One run of a training: the checkpoints and logs in its folder, its trainer and its times.

Taggers and language models are trained by it alike. ``checkpoints/`` holds the newest state, to
resume from, and the best; they serve training alone, and its product is the bundle. ``logs/``
(``logs-resumed-1/`` and so on for what was resumed) is CSV and, where it is installed, TensorBoard.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Literal

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import ModelCheckpoint

from ner_rnn.errors import ConfigError
from ner_rnn.model.settings import TrainerConfig
from ner_rnn.text.writing import FULL, not_writable
from ner_rnn.text.writing_folders import check_folder
from ner_rnn.training.interrupt import StopOnSignal, TrainingStopped
from ner_rnn.training.trainer import build_trainer

__all__ = ["Notice", "Run", "check_begun"]

Notice = Callable[[str], None]
"""Takes what a user should know, a line at a time."""


_CHECKPOINTS = "checkpoints"
_LAST = Path(_CHECKPOINTS, "last.ckpt")


def check_begun(folder: Path, *, resume: bool) -> None:
    """Check that a folder can be written to, and holds a checkpoint where one is resumed from.

    Raises:
        ConfigError: there is no checkpoint.
        FileError: the folder cannot be written to.
    """
    if resume and not (folder / _LAST).is_file():
        raise ConfigError(
            "there is no run to resume",
            where=str(folder / _LAST),
            do="leave out {resume} to begin one",
        )
    check_folder(folder)


class Run:
    """A training in a folder.

    Args:
        folder: the folder, made if it does not exist.
        settings: number of epochs, machine and precision.
        callbacks: Lightning callbacks that act before a checkpoint is saved.
        monitor: logged value that selects the best epoch; None: the last is kept.
        mode: whether the largest value is best, or the smallest.
        resume: continue from the checkpoint of a run that was stopped.
        on_notice: called with notes for the user.

    Attributes:
        trainer: the Lightning trainer.

    Raises:
        ConfigError: Lightning refuses the machine settings.
    """

    def __init__(
        self,
        folder: Path,
        settings: TrainerConfig,
        callbacks: Sequence[pl.Callback],
        *,
        monitor: str | None,
        mode: Literal["max", "min"] = "max",
        resume: bool,
        on_notice: Notice,
    ) -> None:
        self.folder, self.resume, self.on_notice = folder, resume, on_notice
        checkpoints, logs = folder / _CHECKPOINTS, folder / "logs"
        self._last = self._best = folder / _LAST
        saving = [ModelCheckpoint(checkpoints, filename="last", enable_version_counter=False)]
        if monitor is not None:
            self._best = checkpoints / "best.ckpt"
            best = ModelCheckpoint(
                checkpoints,
                filename="best",
                monitor=monitor,
                mode=mode,
                enable_version_counter=False,
            )
            saving.insert(0, best)  # "last" is written second: it knows which epoch was the best
        if resume:  # earlier logs are left alone
            names = (f"logs-resumed-{number}" for number in count(1))
            logs = next(part for name in names if not (part := folder / name).exists())
        stop = StopOnSignal(self._last, on_notice)
        self.trainer = build_trainer(settings, callbacks=[*callbacks, *saving, stop], logs=logs)
        self._fitted = self._worked = 0.0

    def start(self, module: pl.LightningModule, remarks: Sequence[str]) -> None:
        """Check, before hours of work, the checkpoint and the folder; then notify of remarks.

        Raises:
            ConfigError: the checkpoint is missing, damaged or of another network.
            FileError: the folder cannot be written to.
        """
        check_begun(self.folder, resume=self.resume)
        if self.resume:
            self._check_checkpoint(module)
        for remark in remarks:
            self.on_notice(remark)

    def fit(self, module: pl.LightningModule, data: pl.LightningDataModule) -> None:
        """Train from the beginning or from the checkpoint, then load the best weights.

        Raises:
            KeyboardInterrupt: a signal stopped the training; the checkpoint is written.
            FileError: a checkpoint or a log cannot be written.
        """
        checkpoint = str(self._last) if self.resume else None
        try:
            self.trainer.fit(module, datamodule=data, ckpt_path=checkpoint)
        except TrainingStopped:
            self.on_notice(f"stopped; {self._last} is kept: resume to go on from there")
            raise KeyboardInterrupt from None
        except OSError as error:  # of a log; checkpoints name their file
            if error.errno not in FULL:
                raise
            raise not_writable(self.folder, error) from None
        saved = torch.load(self._best, map_location="cpu", weights_only=True)
        module.load_state_dict(saved["state_dict"])

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Measure the time of the block as that of the fit."""
        began, worked = time.monotonic(), time.process_time()
        yield
        self._fitted, self._worked = time.monotonic() - began, time.process_time() - worked

    def record(self, seconds: float) -> dict[str, object]:
        """Return what ``metrics.json`` holds of any run.

        Args:
            seconds: wall time of the whole run.
        """
        return {
            # processor time is that of all threads; on one thread, what fit would take undisturbed
            "seconds": {
                "fit": round(self._fitted, 1),
                "processor": round(self._worked, 1),
                "total": round(seconds, 1),
            },
            "processes": self.trainer.world_size,
        }

    def _check_checkpoint(self, module: pl.LightningModule) -> None:
        try:
            saved = torch.load(self._last, map_location="cpu", weights_only=True)["state_dict"]
        except Exception:  # many kinds, depending on the damage
            raise ConfigError(
                f"{self._last} is damaged or no checkpoint", do="leave out {resume} to begin anew"
            ) from None
        found, expected = ({k: v.shape for k, v in s.items()} for s in (saved, module.state_dict()))
        if found != expected:
            name = min(k for k in found.keys() | expected.keys() if found.get(k) != expected.get(k))
            raise ConfigError(
                f"{self._last} is of another network or corpus ({name} differs)",
                do="give the settings and files that the run was begun with, or leave out {resume} "
                "to begin anew",
            )
