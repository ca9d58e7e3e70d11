"""The LightningModule around a language model: loss, clipping, step size, and a clock."""

from __future__ import annotations

import math
import time
from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor

from ner_rnn.errors import ConfigError, Setting
from ner_rnn.language_model.texts import SymbolBatch
from ner_rnn.model.language_model import Settings
from ner_rnn.nn.encoder import State
from ner_rnn.nn.language_model import LanguageModel
from ner_rnn.training.trainer import optimisation

__all__ = ["LanguageModule"]

WARM_UP = 0.02
"""Share of the run over which the step size rises."""
FIXED = ("direction", "running", "rows", "window", "batch_symbols")
"""Settings that a run keeps when it is resumed; others show in the shapes of the weights."""
SMOOTH = 0.999
"""Decay of the smoothed loss at each sequence."""
EXPLODED = 100.0
"""Loss in nats a symbol that counts as divergence: a guess among 10,000 symbols is at 9.2."""


class LanguageModule(pl.LightningModule):
    """Training and validation of a language model.

    Args:
        model: the network.
        settings: of the run.

    Attributes:
        smooth: the smoothed loss of the textbook, in nats a symbol: it begins at ln(symbols), and
            each sequence moves it by a thousandth.
    """

    def __init__(self, model: LanguageModel, settings: Settings) -> None:
        super().__init__()
        self.model, self.settings = model, settings
        self.smooth = math.log(model.symbols)
        self.carried: State | None = None
        self._began, self._before = time.monotonic(), 0.0
        self._dev = torch.zeros(2, dtype=torch.float64)
        self._dev_state: State | None = None

    @property
    def seconds(self) -> float:
        """Seconds of training so far, those of the run before a resumed one included."""
        return self._before + time.monotonic() - self._began

    def on_train_start(self) -> None:
        """Start the clock."""
        self._began = time.monotonic()

    def training_step(self, batch: SymbolBatch, batch_idx: int) -> Tensor:
        """Negative log-likelihood, mean over symbols, in nats."""
        ids, targets, fresh = batch
        # random numbers depend on seed, step and process alone: a resumed run draws the same
        torch.manual_seed(hash((self.settings.seed, self.global_step, self.global_rank)))
        total, state = self.model.loss(ids, targets, None if fresh else self.carried)
        self.carried = state.detach() if self.settings.running else None
        loss = total / (targets >= 0).sum()
        kept = SMOOTH ** len(ids)
        self.smooth = kept * self.smooth + (1 - kept) * float(loss.detach())
        self.log("smooth_loss", self.smooth, prog_bar=True, batch_size=1)
        return loss

    def on_train_batch_end(self, *unused: Any) -> None:
        """Stop when the time is up, all processes together."""
        if not self.settings.minutes:
            return
        over = self.seconds >= 60 * self.settings.minutes
        if self.trainer.world_size > 1:
            over = self.trainer.strategy.reduce_boolean_decision(over, all=False)
        if over:
            self.trainer.should_stop = True

    def on_validation_epoch_start(self) -> None:
        """Reset the sums."""
        self._dev = torch.zeros(2, dtype=torch.float64)
        self._dev_state = None

    def validation_step(self, batch: SymbolBatch, batch_idx: int) -> None:
        """Add a held-out batch."""
        ids, targets, fresh = batch
        total, state = self.model.loss(ids, targets, None if fresh else self._dev_state)
        self._dev_state = state if self.settings.running else None
        self._dev += torch.tensor([float(total), float((targets >= 0).sum())], dtype=torch.float64)

    def on_validation_epoch_end(self) -> None:
        """Log the held-out loss; every process has read all of it.

        Raises:
            ConfigError: the training has diverged.
        """
        nats = float(self._dev[0] / self._dev[1])
        if not nats < EXPLODED:
            raise ConfigError(
                f"{nats:.3g} nats a symbol on held-out text",
                where="training has diverged",
                do=f"lower {{learning_rate}} ({self.settings.learning_rate:g}) or {{clip}}",
            )
        self.log("dev_bits", nats / math.log(2), prog_bar=True, rank_zero_only=False)

    def configure_gradient_clipping(
        self,
        optimizer: torch.optim.Optimizer,
        gradient_clip_val: float | int | None = None,
        gradient_clip_algorithm: str | None = None,
    ) -> None:
        """Clip each value as the textbook does, then the norm of them all."""
        if self.settings.clip_value:
            torch.nn.utils.clip_grad_value_(self.parameters(), self.settings.clip_value)
        self.clip_gradients(optimizer, gradient_clip_val, gradient_clip_algorithm)

    def configure_optimizers(self) -> Any:
        """Return the optimiser, and a step size that rises quickly and falls to zero at the end.

        The end is that of the epochs or that of the minutes, whichever is nearer.
        """
        limit = 60 * self.settings.minutes

        def share(step: int, total: int) -> float:
            done = step / total
            if limit:
                done = max(done, self.seconds / limit)
            return min(1.0, (done + 1 / total) / WARM_UP) * max(0.0, 1 - done)

        # a shorter memory of past squares than usual: short runs get further
        return optimisation(self, self.settings.trainer(), share, betas=(0.9, 0.99))

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Save what is not in the weights: the clock, and the state of each row."""
        checkpoint["smooth"], checkpoint["seconds"] = self.smooth, self.seconds
        checkpoint["fixed"] = {name: getattr(self.settings, name) for name in FIXED}
        if self.carried is None:
            return

        def of_all(part: Tensor) -> Tensor:  # (processes, rows, units)
            gathered: Tensor = self.all_gather(part)  # type: ignore[assignment]
            return gathered if self.trainer.world_size > 1 else part[None]

        carried = self.carried.each(of_all)
        checkpoint["carried"] = [[part.cpu() for part in layer] for layer in carried.layers]
        checkpoint["step"] = carried.step

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Restore the clock and the state of each row.

        Raises:
            ConfigError: the run began with other settings.
        """
        for name in FIXED:
            begun, now = checkpoint["fixed"][name], getattr(self.settings, name)
            if begun != now:
                raise ConfigError(
                    f"it was {str(begun).lower()} when this run began",
                    where=Setting(name),
                    found=str(now).lower(),
                    do="give it as it was, or leave out {resume}",
                )
        self.smooth, self._before = checkpoint["smooth"], checkpoint["seconds"]
        if "carried" not in checkpoint:
            return
        layers = tuple(tuple(part for part in layer) for layer in checkpoint["carried"])
        mine = State(layers, checkpoint["step"])
        rank = self.trainer.global_rank
        self.carried = mine.each(lambda part: part[rank % len(part)].to(self.device))
