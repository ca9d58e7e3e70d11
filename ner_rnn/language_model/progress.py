"""Progress of a language model's training: a line an epoch, and samples of the model so far."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytorch_lightning as pl

from ner_rnn.encoding.symbols import Symbols
from ner_rnn.language_model.module import LanguageModule
from ner_rnn.language_model.sampling import Sampling, sample
from ner_rnn.nn.language_model_files import Loaded

__all__ = ["Samples"]

FIRST = 4.0
"""Seconds after which the first samples are shown; then after twice as many, and so on."""
SHOWN = 6
"""Samples of lines at a time."""
LENGTH = {"char": 120, "word": 24}
"""Symbols of a sample of running text, and of a line at most."""


class Samples(pl.Callback):
    """Report the losses of each epoch, and samples at 4, 8, 16 ... seconds.

    Args:
        module: the model in training.
        symbols: its alphabet.
        on_notice: called with each line.
    """

    def __init__(
        self, module: LanguageModule, symbols: Symbols, on_notice: Callable[[str], None]
    ) -> None:
        self.module, self.symbols, self.on_notice = module, symbols, on_notice
        self._next = FIRST

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Set when the next samples are due, in a resumed run too."""
        passed = max(1e-9, self.module.seconds)
        self._next = FIRST * 2 ** max(0, math.ceil(math.log2(passed / FIRST)))

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, *unused: Any
    ) -> None:
        """Show samples when they are due."""
        if trainer.is_global_zero and self.module.seconds >= self._next:
            while self._next <= self.module.seconds:
                self._next *= 2
            self.on_notice(f"after {self.module.seconds:.0f} s it writes: {self._written()}")

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Report the losses, the held-out one included."""
        parts = [f"smoothed loss {self.module.smooth:.3f} nats"]
        if "dev_bits" in trainer.callback_metrics:
            bits = float(trainer.callback_metrics["dev_bits"])
            parts.append(f"held out {bits:.3f} bits a symbol, perplexity {2**bits:.2f}")
        parts.append(f"{self.module.seconds:.0f} s")
        unit = "part" if self.module.settings.running else "epoch"
        self.on_notice(
            f"{unit} {trainer.current_epoch + 1} of {trainer.max_epochs}: {', '.join(parts)}"
        )

    def _written(self) -> str:
        model, settings = self.module.model, self.module.settings
        training = model.training
        model.eval()
        try:
            texts = sample(
                Loaded(model, self.symbols, settings),
                1 if settings.running else SHOWN,
                Sampling(
                    temperature=0.8, max_length=LENGTH[settings.unit], seed=self.module.global_step
                ),
            )
        finally:
            model.train(training)
        return " ".join(texts[0].split()) if settings.running else ", ".join(texts)
