"""What a language model's training may be told: one frozen dataclass, nothing heavy.

Each field is a flag of ``ner-rnn lm train`` by the same name, and the text under it its help.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from ner_rnn.errors import ConfigError
from ner_rnn.model.settings import PERIODS, ModelConfig, TrainerConfig

__all__ = ["Settings", "Unit"]

Unit = Literal["char", "word"]


@dataclass(frozen=True)
class Settings:
    """One language model: what it reads, its network, how it learns."""

    unit: Unit = "char"
    """What a symbol is: a character, or whatever stands between spaces."""
    running: bool = False
    """Read running text, its lines in order, the state carried on; not one sequence a line."""
    direction: Literal["forward", "backward"] = "forward"
    """Predict the next symbol, or the one before."""
    dev: str | None = None
    """File that the best epoch is chosen on [a share of the others]."""
    dev_share: float = 0.05
    """Share of the lines, or of the end of running text, held out."""
    min_count: int = 2
    """A symbol seen less often is the unknown one."""
    max_length: int = 1000
    """Symbols a line may have, without --running."""
    cell: Literal["rnn", "gru", "lstm", "clockwork", "reservoir", "none"] = "lstm"
    """Recurrent network; none: each symbol from the one before alone."""
    layers: int = 1
    """Recurrent layers, each reading the one below."""
    hidden_size: int = 0
    """Units a layer; 0: 160, and 512 with --running."""
    embedding_size: int = 64
    """Width of a symbol's vector; 0: one-hot."""
    tie: bool = False
    """One table of vectors for input and output."""
    dropout: float = -1.0
    """Share of units dropped between layers and before the output; -1: 0.3, 0 with --running."""
    nonlinearity: Literal["tanh", "relu"] = "tanh"
    """Of the cells rnn, clockwork and none."""
    periods: tuple[int, ...] = PERIODS
    """Of the clockwork, as in 1,2,4,8."""
    spectral_radius: float = 0.9
    """Of the reservoir."""
    input_scale: float = 0.3
    """Of the reservoir."""
    sparsity: float = 0.02
    """Of the reservoir."""
    leak: float = 1.0
    """Of the reservoir."""
    epochs: int = 0
    """Passes over the text at most; 0: 12, and 1 with --running."""
    minutes: float = 0.0
    """Stop after so long, the step size falling to its end; 0: no limit."""
    batch_symbols: int = 1024
    """Symbols a step over all processes, padding counted."""
    rows: int = 32
    """With --running: places of the text that are read side by side."""
    window: int = 100
    """With --running: symbols back through which gradients go."""
    optimizer: Literal["adamw", "sgd"] = "adamw"
    """Rule that moves the weights."""
    learning_rate: float = 0.0
    """Highest step size; 0: 0.01, and 0.006 with --running."""
    weight_decay: float = 0.0
    """Of the optimiser."""
    clip: float = 5.0
    """Largest norm of the gradient; 0: no clipping."""
    clip_value: float = 0.0
    """Largest absolute value in the gradient; 0: no clipping."""
    accelerator: str = "cpu"
    """Lightning's: cpu, gpu, auto."""
    devices: str = "1"
    """Lightning's: how many, which, or auto."""
    strategy: str = "auto"
    """Lightning's: auto, ddp."""
    precision: Literal["32-true", "bf16-mixed", "16-mixed"] = "32-true"
    """Bits of the numbers; the weights stay at 32."""
    seed: int = 1
    """Where all chance starts from."""

    def __post_init__(self) -> None:
        """Refuse what cannot be built or learned.

        Raises:
            ConfigError: naming the flag.
        """
        for name, (unset, lines, running) in _BY_KIND.items():
            if getattr(self, name) == unset:
                object.__setattr__(self, name, running if self.running else lines)
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, float) and not math.isfinite(value):
                raise ConfigError(f"{_typed(field.name)} is {value}: it must be a number, as 0.5")
        for name in ("min_count", "max_length", "rows", "window", "batch_symbols"):
            if getattr(self, name) < 1:
                raise ConfigError(f"{_typed(name)} is {getattr(self, name)}: it must be 1 or more")
        for name in ("embedding_size", "minutes", "clip_value"):
            if getattr(self, name) < 0:
                raise ConfigError(f"{_typed(name)} is {getattr(self, name)}: it must be 0 or more")
        if not 0 < self.dev_share < 1:
            raise ConfigError(f"--dev-share is {self.dev_share}: it must be between 0 and 1")
        if not 0 <= self.seed < 2**32:
            raise ConfigError(f"--seed is {self.seed}: it must be from 0 to {2**32 - 1}")
        if self.tie and self.embedding_size != self.hidden_size:
            raise ConfigError(
                f"--tie needs vectors as wide as the layer, and --embedding-size is "
                f"{self.embedding_size} where --hidden-size is {self.hidden_size}: make them equal"
            )
        try:
            self.network()
            self.trainer()
        except ConfigError as error:
            # the same settings go by other names in a tagger's recipe
            told = re.sub(r"\b(?:model|trainer)\.(\w+)", lambda m: _typed(m[1]), str(error))
            raise ConfigError(told) from None

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Settings:
        """Those of a model on disk.

        Raises:
            ConfigError, TypeError: they are not settings, or of a later version.
        """
        # JSON knows lists alone
        values: dict[str, Any] = {
            name: tuple(v) if isinstance(v, list) else v for name, v in saved.items()
        }
        return cls(**values)

    def network(self) -> ModelConfig:
        """The recurrent layers, as ``assembly.build_encoder`` takes them."""
        return ModelConfig(
            cell=self.cell,
            layers=self.layers,
            hidden_size=self.hidden_size,
            bidirectional=False,
            nonlinearity=self.nonlinearity,
            periods=self.periods,
            spectral_radius=self.spectral_radius,
            input_scale=self.input_scale,
            sparsity=self.sparsity,
            leak=self.leak,
            dropout=self.dropout,
        )

    def trainer(self) -> TrainerConfig:
        """The machine, as ``training.quiet.build_trainer`` takes it."""
        return TrainerConfig(
            epochs=self.epochs,
            optimizer=self.optimizer,
            learning_rate=self.learning_rate,
            weight_decay=self.weight_decay,
            clip=self.clip,
            accelerator=self.accelerator,
            devices=self.devices,
            strategy=self.strategy,
            precision=self.precision,
        )


_BY_KIND = {
    "hidden_size": (0, 160, 512),
    "dropout": (-1.0, 0.3, 0.0),
    "epochs": (0, 12, 1),
    "learning_rate": (0.0, 0.01, 0.006),
}
"""What a setting is where it is left open, for lines and for running text: little text is learned
by heart unless much is dropped, and of much text one pass takes hours."""


def _typed(name: str) -> str:
    """``clip_value`` -> ``--clip-value``."""
    return f"--{name.replace('_', '-')}"
