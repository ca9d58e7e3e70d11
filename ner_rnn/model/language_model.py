"""Settings of a language model: its encoder, what it reads, how it is trained.

Each field is a flag of ``ner-rnn lm train`` with the same name, and its docstring the help.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from ner_rnn.encoding.units import Unit
from ner_rnn.errors import BundleError
from ner_rnn.model.bounds import (
    Amount,
    Bound,
    Count,
    Positive,
    Rate,
    Seed,
    Width,
    Width0,
    read_settings,
)
from ner_rnn.model.settings import EncoderConfig, Optimizer, Precision, TrainerConfig

if TYPE_CHECKING:
    from ner_rnn.encoding.characters import Context

__all__ = ["READER_CELLS", "Settings", "reader_settings"]

READER_CELLS = ("rnn", "gru", "lstm")
"""Cells of the language models that a tagger can read with."""


@dataclass(frozen=True)
class Settings(EncoderConfig):
    """Settings of one language model."""

    bidirectional: bool = field(default=False, init=False)
    allow_unstable: bool = field(default=False, init=False)
    unit: Unit = "char"
    """Symbols of the model: characters, or words between spaces."""
    running: bool = False
    """Read running text in order, the state carried over from line to line; else each line is a
    sequence of its own."""
    direction: Literal["forward", "backward"] = "forward"
    """Predict the next symbol, or the previous one."""
    dev: str | None = None
    """File to choose the best epoch by [a share of the training text]."""
    dev_share: Annotated[float, Bound("between 0 and 1", lambda x: 0 < x < 1)] = 0.05
    """Share of the lines, or of the end of running text, held out."""
    min_count: Count = 2
    """Occurrences from which a symbol is known; rarer ones are the unknown symbol."""
    max_length: Count = 1000
    """Longest line in symbols; running text has none."""
    hidden_size: Width = 0
    """Units per layer; 0: 160, or 512 for running text."""
    embedding_size: Width0 = 64
    """Width of the symbol vectors; 0: one-hot."""
    tie: bool = False
    """Use one matrix of vectors for input and output."""
    dropout: Rate = -1.0
    """Share of units dropped between layers and before the output; -1: 0.3, running text 0."""
    epochs: Count = 0
    """Largest number of passes over the text; 0: 12, or 1 for running text."""
    minutes: Amount = 0.0
    """Stop after this many minutes, the learning rate decayed by then; 0: no limit."""
    batch_symbols: Count = 1024
    """Symbols per step over all processes, padding counted."""
    rows: Count = 32
    """Places of running text that are read side by side."""
    window: Count = 100
    """Symbols of running text through which gradients flow back."""
    optimizer: Optimizer = "adamw"
    """Optimiser."""
    learning_rate: Positive = 0.0
    """Largest learning rate; 0: 0.01, or 0.006 for running text."""
    weight_decay: Amount = 0.0
    """Decoupled weight decay of AdamW, L2 penalty of SGD."""
    clip: Amount = 5.0
    """Largest norm of the gradient; 0: no clipping."""
    clip_value: Amount = 0.0
    """Largest absolute value in the gradient; 0: no clipping."""
    accelerator: str = "cpu"
    """Lightning accelerator: cpu, gpu, auto."""
    devices: str = "1"
    """Lightning devices: how many, which, or auto."""
    strategy: str = "auto"
    """Lightning strategy: auto, ddp."""
    precision: Precision = "32-true"
    """Lightning precision: bits of the numbers computed with; weights keep 32."""
    seed: Seed = 1
    """Random seed."""

    def __post_init__(self) -> None:
        """Fill in what depends on the kind of text, and refuse what cannot be built.

        Raises:
            ConfigError: naming the field.
        """
        for name, (unset, lines, running) in _BY_KIND.items():
            if getattr(self, name) == unset:
                object.__setattr__(self, name, running if self.running else lines)
        super().__post_init__()
        if self.tie and self.embedding_size != self.hidden_size:
            raise self.refusal(
                "tie",
                "one matrix serves both only where they are equal",
                also=f", embedding_size {self.embedding_size} and hidden_size {self.hidden_size}",
                do="make {embedding_size} and {hidden_size} equal",
            )

    @property
    def backward(self) -> bool:
        """True if sequences are read from their end."""
        return self.direction == "backward"

    _WIDTHS: ClassVar[tuple[str, ...]] = ("embedding_size",)

    @property
    def input_size(self) -> int:
        """Width of the encoder's input; that of the alphabet where it is one-hot is left out."""
        return self.embedding_size or 1

    def trainer(self) -> TrainerConfig:
        """Return the settings of the trainer."""
        names = {field.name for field in fields(TrainerConfig)}
        return TrainerConfig(**{k: v for k, v in self.to_json().items() if k in names})


_BY_KIND = {
    "hidden_size": (0, 160, 512),
    "dropout": (-1.0, 0.3, 0.0),
    "epochs": (0, 12, 1),
    "learning_rate": (0.0, 0.01, 0.006),
}
"""Default of a setting that is left open (first value), for lines and for running text: a small
text is overfitted without much dropout, and one pass over a large text takes hours."""


def reader_settings(context: Context) -> dict[str, Settings]:
    """Return the settings of the language models that a tagger reads with, by direction.

    Raises:
        BundleError: they are not settings, or of a later version.
    """
    try:
        readers = {
            direction: read_settings(Settings, saved, f"vocabulary.json: {direction}")
            for direction, saved in context.settings.items()
        }
        for direction, reader in readers.items():
            if reader.cell not in READER_CELLS:
                raise BundleError(f"the cell of {direction} is {reader.cell}")
        return readers
    except (AttributeError, BundleError) as error:
        raise BundleError(
            f"vocabulary.json: the language models are not described ({error})", do="train again"
        ) from None
