"""A Lightning trainer for a terminal: one progress bar on stderr, and nothing else."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.accelerators import CPUAccelerator
from pytorch_lightning.callbacks import RichProgressBar
from pytorch_lightning.callbacks.progress.rich_progress import RichProgressBarTheme
from pytorch_lightning.loggers import CSVLogger, Logger, TensorBoardLogger

from ner_rnn.errors import ConfigError
from ner_rnn.extras import missing
from ner_rnn.machine import cores
from ner_rnn.model.settings import TrainerConfig
from ner_rnn.text.writing import FULL
from ner_rnn.training.checkpoint_files import WholeCheckpoints
from ner_rnn.training.peers import Patience, ending_together

__all__ = ["EpochLines", "build_trainer", "has_terminal", "optimisation", "quiet"]

MOST_DEVICES = 1024
"""Devices of one machine."""

_LOGGERS = ("pytorch_lightning", "lightning", "lightning_fabric", "lightning.fabric")


@contextmanager
def quiet() -> Iterator[None]:
    """Silence Lightning's advice to developers.

    Its warnings (few loader workers, an unused logger) do not apply here; errors still come
    through, Ctrl-C as KeyboardInterrupt.

    Raises:
        UserError: another process of the run is gone.
    """
    before = [(logger, logger.level) for logger in map(logging.getLogger, _LOGGERS)]
    for logger, _ in before:
        logger.setLevel(logging.ERROR)
    hook = threading.excepthook

    def without_full_disks(caught: threading.ExceptHookArgs) -> None:
        # the thread of a log: its logger raises the same error where we catch it
        if not (isinstance(caught.exc_value, OSError) and caught.exc_value.errno in FULL):
            hook(caught)

    threading.excepthook = without_full_disks
    try:
        with warnings.catch_warnings(), ending_together():
            warnings.filterwarnings("ignore", module=r"(pytorch_lightning|lightning_fabric)\b.*")
            warnings.filterwarnings("ignore", module=r"torch\b.*")
            yield
    except SystemExit:  # Lightning turns Ctrl-C into it
        raise KeyboardInterrupt from None
    finally:
        threading.excepthook = hook
        for logger, level in before:
            logger.setLevel(level)


def has_terminal() -> bool:
    """Return whether a progress bar can be drawn."""
    return sys.stderr.isatty() and "TERM" in os.environ


def build_trainer(
    settings: TrainerConfig, *, callbacks: list[pl.Callback], logs: Path | None = None
) -> pl.Trainer:
    """Build a trainer with Lightning's own machine settings.

    Args:
        settings: number of epochs, machine and precision.
        callbacks: besides the progress bar.
        logs: folder for CSV and TensorBoard logs; None: no logs, checkpoints or progress bar.

    Raises:
        ConfigError: Lightning refuses the machine settings.
    """
    loggers: list[Logger] = []
    if logs is not None:
        loggers.append(
            CSVLogger(logs.parent, name=logs.name, version="", flush_logs_every_n_steps=500)
        )
        if not missing("tensorboard"):
            loggers.append(TensorBoardLogger(logs.parent, name=logs.name, version=""))
    theme = RichProgressBarTheme(metrics_format=".4f")
    bar = RichProgressBar(refresh_rate=10, theme=theme, console_kwargs={"stderr": True})
    shown = has_terminal() and logs is not None
    try:
        trainer = pl.Trainer(
            accelerator=settings.accelerator,
            devices=_devices(settings.devices),
            num_nodes=settings.num_nodes,
            strategy=settings.strategy,
            precision=settings.precision,
            max_epochs=settings.epochs,
            gradient_clip_val=settings.clip or None,
            callbacks=[*callbacks, Patience(), *([bar] if shown else [])],
            plugins=[WholeCheckpoints()],
            enable_progress_bar=shown,
            enable_checkpointing=logs is not None,
            enable_model_summary=False,
            logger=loggers,
            log_every_n_steps=50,
            num_sanity_val_steps=0,
            use_distributed_sampler=False,  # BatchSampler does it
        )
    except Exception as error:  # Lightning raises many kinds for settings that conflict
        raise _refusal(settings, str(error).splitlines()[0].rstrip(".!")) from error
    # Lightning would start any number of processes; two may share a processor for a trial. Those of
    # torchrun and SLURM are there already, and SLURM may have bound each to its own processors
    most = max(2, cores())
    environment = getattr(trainer.strategy, "cluster_environment", None)
    started = environment is not None and environment.creates_processes_externally
    on_cpu = isinstance(trainer.accelerator, CPUAccelerator)
    if on_cpu and not started and trainer.num_devices > most:
        raise _refusal(settings, f"{most} processes at most can share this machine's processors")
    return trainer


def optimisation(
    module: pl.LightningModule,
    settings: TrainerConfig,
    share: Callable[[int, int], float],
    betas: tuple[float, float] = (0.9, 0.999),
) -> Any:
    """Return a module's optimiser and the schedule of its learning rate, as Lightning takes them.

    Args:
        module: attached to its trainer.
        settings: optimiser, learning rate, weight decay and momentum.
        share: function from the number of a step and of all steps to the share of the learning
            rate at this step.
        betas: decay of the averages of AdamW.
    """
    parameters, decay = module.parameters(), settings.weight_decay
    optimizer: torch.optim.Optimizer
    if settings.optimizer == "sgd":
        optimizer = torch.optim.SGD(
            parameters, settings.learning_rate, settings.momentum, weight_decay=decay
        )
    else:
        # Lightning cannot clip for a fused optimiser under mixed precision
        fused = str(module.trainer.precision).startswith("32")
        optimizer = torch.optim.AdamW(
            parameters, settings.learning_rate, betas, weight_decay=decay, fused=fused
        )
    # trainer.estimated_stepping_batches would set up the loader before a resumed run has restored
    # its position in the epoch
    steps = len(module.trainer.datamodule.train_dataloader())  # type: ignore[attr-defined]
    total = max(1, steps * (module.trainer.max_epochs or 1))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: share(step, total))
    return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


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


def _refusal(settings: TrainerConfig, reason: str) -> ConfigError:
    wanted = [
        f"{name.replace('_', '-')} {getattr(settings, name)}"
        for name in ("accelerator", "devices", "num_nodes", "strategy", "precision")
        if getattr(settings, name) != getattr(TrainerConfig, name)
    ]
    return ConfigError(
        f"trainer: {', '.join(wanted) or 'what is asked for'} cannot be had here: {reason}; "
        "leave out what does not fit this machine"
    )


def _devices(text: str) -> int | str | list[int]:
    """Parse Lightning's devices: ``2``, ``auto`` or ``0,1``.

    Raises:
        ConfigError: more than any machine has; Lightning would list them all.
    """
    if text.lstrip("-").isdigit():
        if len(text) > 4 or int(text) > MOST_DEVICES:
            raise ConfigError(f"a machine has at most {MOST_DEVICES:,}")
        return int(text)
    if "," in text:
        return [int(part) for part in text.split(",") if part.strip().isdigit()]
    return text
