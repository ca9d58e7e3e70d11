"""What a recipe may say: frozen dataclasses, nothing but the standard library.

A YAML file in ``configs/`` holds these sections and fields, and every field is a flag of
``ner-rnn train`` too (``--model.hidden-size 200``). Fields of different sections that depend on
one another are checked where they meet, in ``training/fit.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from ner_rnn.corpora.settings import DataConfig
from ner_rnn.errors import ConfigError

__all__ = ["Config", "ModelConfig", "TrainerConfig"]

PERIODS = (1, 2, 4, 8)


@dataclass(frozen=True)
class ModelConfig:
    """The network."""

    cell: Literal["rnn", "gru", "lstm", "clockwork", "reservoir", "none"] = "lstm"
    """Recurrent network that reads the sentence; none: a feed-forward one, each word alone."""
    layers: int = 1
    """Recurrent layers, each reading the one below."""
    hidden_size: int = 128
    """Units per layer and direction."""
    bidirectional: bool = True
    """Read each sentence from both ends."""
    nonlinearity: Literal["tanh", "relu"] = "tanh"
    """Of the rnn and clockwork cells, and of none."""
    periods: tuple[int, ...] = PERIODS
    """Of the clockwork: its groups of units, each by the steps between two of its ticks."""
    spectral_radius: float = 0.9
    """Of the reservoir: its largest eigenvalue; the nearer to 1, the longer its echoes last."""
    input_scale: float = 0.3
    """Of the reservoir: its input weights lie between minus and plus this."""
    sparsity: float = 0.02
    """Of the reservoir: share of the connections among its units that exist."""
    leak: float = 1.0
    """Of the reservoir: share of a state that is new at each step."""
    allow_unstable: bool = False
    """Allow a spectral radius of 1 or more, though echoes may then never fade."""
    word_size: int = 100
    """Width of the word vectors; 0: none."""
    min_count: int = 2
    """A word seen less often in training has no vector of its own."""
    word_dropout: float = 2.0
    """A word seen n times is read as unknown with probability word_dropout / (word_dropout + n)."""
    vectors: str | None = None
    """Pre-trained word vectors: GloVe, word2vec or fastText, text or binary."""
    vector_words: int = 50_000
    """Words at the top of that file to keep though the training data lacks them."""
    clusters: str | None = None
    """Brown clusters: a file with path, word and count a line, as wcluster writes it."""
    cluster_prefixes: tuple[int, ...] = (4, 6, 10, 20)
    """Lengths at which the paths of clusters are cut; each is a feature of the word."""
    gazetteers: tuple[str, ...] = ()
    """Lists of names, one a line; that a word is in one, and how it is written, is a feature."""
    knowledge_dropout: float = 0.2
    """How often training goes without what a cluster or a list says of a word."""
    language_model: str | None = None
    """Folder of language models of characters, best of both directions; their states are read."""
    context_size: int = 128
    """Width that these states are brought down to."""
    context_dropout: float = 0.0
    """Share of the passages that training reads without them."""
    context_frozen: bool = True
    """Leave the language models as they are; false: train them on with the tagger."""
    chars: Literal["cnn", "lstm", "none"] = "cnn"
    """Network that reads the letters of each word."""
    char_size: int = 25
    """Width of the character vectors."""
    char_hidden: int = 50
    """Filters of the character CNN, or units per direction of the character LSTM."""
    form_size: int = 16
    """Width of each form feature's vector (case shape, prefixes, suffixes); 0: none."""
    input_dropout: float = 0.5
    """Share of a word's features dropped before the recurrent layers."""
    dropout: float = 0.5
    """Share of units dropped between recurrent layers and before the output layer."""
    memory: bool = True
    """Read each word with all its places in the document in view."""
    memory_units: int = 0
    """Units whose answers at those places are read, spread over all of them; 0: every one."""
    output: Literal["crf", "softmax", "ridge"] = "crf"
    """Decide over the sentence as a whole, word by word, or by ridge regression in one pass."""

    def __post_init__(self) -> None:
        """Refuse a network that cannot be built.

        Raises:
            ConfigError: naming the field.
        """
        for name in ("layers", "hidden_size", "min_count", "context_size"):
            if getattr(self, name) < 1:
                raise ConfigError(f"model.{name} is {getattr(self, name)}: it must be 1 or more")
        for name in ("word_size", "form_size", "word_dropout", "vector_words", "memory_units"):
            if getattr(self, name) < 0:
                raise ConfigError(f"model.{name} is {getattr(self, name)}: it must be 0 or more")
        for name in ("input_dropout", "dropout", "knowledge_dropout", "context_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise ConfigError(
                    f"model.{name} is {getattr(self, name)}: it must be at least 0 and below 1"
                )
        if self.nonlinearity != "tanh" and self.cell not in {"rnn", "clockwork", "none"}:
            raise ConfigError(
                f"model.nonlinearity is {self.nonlinearity!r} but model.cell is {self.cell!r}: "
                "only rnn, clockwork and none have a choice of nonlinearity; leave it out"
            )
        if (self.clusters or self.gazetteers) and not self.form_size:
            raise ConfigError(
                "model.form_size is 0: what clusters and gazetteers say has no room; give it one"
            )
        if any(length < 1 for length in self.cluster_prefixes):
            raise ConfigError(
                f"model.cluster_prefixes is {', '.join(map(str, self.cluster_prefixes))}: "
                "lengths must be 1 or more"
            )
        self._check_periods()
        for name in ("char_size", "char_hidden"):
            if self.chars != "none" and getattr(self, name) < 1:
                raise ConfigError(
                    f"model.{name} is {getattr(self, name)}: it must be 1 or more; "
                    "set model.chars to none to do without letters"
                )
        self._check_reservoir()
        if not self.word_size and self.chars == "none" and not self.form_size:
            raise ConfigError(
                "the model would see nothing of a word: give model.word_size, model.chars "
                "or model.form_size"
            )

    def _check_periods(self) -> None:
        shown = ", ".join(map(str, self.periods))
        if self.cell != "clockwork":
            if self.periods != PERIODS:
                raise ConfigError(
                    f"model.periods is {shown} but model.cell is {self.cell!r}: "
                    "only the clockwork has periods; leave them out"
                )
            return
        if not self.periods:
            raise ConfigError("model.periods is empty: give one a group of units, as in 1, 2, 4, 8")
        if self.periods[0] < 1 or any(a >= b for a, b in pairwise(self.periods)):
            raise ConfigError(
                f"model.periods is {shown}: the first must be 1 or more, "
                "and each longer than the one before"
            )
        if self.hidden_size % len(self.periods):
            raise ConfigError(
                f"model.hidden_size is {self.hidden_size}: it must be a multiple of "
                f"{len(self.periods)}, since each of model.periods ({shown}) has as many units"
            )

    def _check_reservoir(self) -> None:
        if self.output == "ridge" and self.cell != "reservoir":
            raise ConfigError(
                f"model.output is 'ridge' but model.cell is {self.cell!r}: ridge regression "
                "trains the output layer alone; use the reservoir cell or the crf output"
            )
        if self.cell != "reservoir":
            return
        if self.layers != 1:
            raise ConfigError(
                f"model.layers is {self.layers}: a reservoir is one layer; "
                "give it more units by model.hidden_size"
            )
        if self.spectral_radius <= 0 or (self.spectral_radius >= 1 and not self.allow_unstable):
            raise ConfigError(
                f"model.spectral_radius is {self.spectral_radius}: it must be above 0 and below "
                "1, or the echo state property may be lost; model.allow_unstable allows 1 and more"
            )
        if self.input_scale <= 0:
            raise ConfigError(f"model.input_scale is {self.input_scale}: it must be above 0")
        if not 0 < self.leak <= 1:
            raise ConfigError(f"model.leak is {self.leak}: it must be above 0 and at most 1")
        if not 0 < self.sparsity <= 1:
            raise ConfigError(
                f"model.sparsity is {self.sparsity}: it must be above 0 and at most 1"
            )
        if round(self.sparsity * self.hidden_size) < 1:
            raise ConfigError(
                f"model.sparsity is {self.sparsity}: of {self.hidden_size} units none would hear "
                f"another; use {1 / self.hidden_size:.2g} or more, or a larger model.hidden_size"
            )


@dataclass(frozen=True)
class TrainerConfig:
    """How the network learns, and on what machine."""

    epochs: int = 12
    """Passes over the training data at most."""
    batch_tokens: int = 1600
    """Words per batch over all processes, padding counted."""
    optimizer: Literal["adamw", "sgd"] = "adamw"
    """Rule that moves the weights."""
    learning_rate: float = 0.003
    """Highest step size."""
    weight_decay: float = 0.0
    """Decoupled weight decay of AdamW, L2 penalty of SGD."""
    momentum: float = 0.9
    """Of SGD alone."""
    warmup: float = 0.05
    """Share of the steps over which the step size rises from zero."""
    decay: Literal["linear", "cosine", "none"] = "linear"
    """How the step size falls after the warm-up."""
    clip: float = 5.0
    """Largest norm of the gradient; 0: no clipping."""
    average: float = 0.998
    """Decay of the exponential moving average of the weights that is kept; 0: none."""
    patience: int = 0
    """Stop after so many epochs without a better development F1; 0: never."""
    accelerator: str = "cpu"
    """Lightning's: cpu, gpu, auto, ..."""
    devices: str = "1"
    """Lightning's: how many, which, or auto."""
    num_nodes: int = 1
    """Lightning's: machines that train together."""
    strategy: str = "auto"
    """Lightning's: auto, ddp, ..."""
    precision: Literal["32-true", "bf16-mixed", "16-mixed"] = "32-true"
    """Lightning's: bits of the numbers; the weights stay at 32."""

    def __post_init__(self) -> None:
        """Refuse what nothing could be learned with.

        Raises:
            ConfigError: naming the field.
        """
        for name in ("epochs", "batch_tokens", "num_nodes"):
            if getattr(self, name) < 1:
                raise ConfigError(f"trainer.{name} is {getattr(self, name)}: it must be 1 or more")
        if self.learning_rate <= 0:
            raise ConfigError(f"trainer.learning_rate is {self.learning_rate}: it must be above 0")
        for name in ("weight_decay", "clip", "patience"):
            if getattr(self, name) < 0:
                raise ConfigError(f"trainer.{name} is {getattr(self, name)}: it must be 0 or more")
        for name in ("momentum", "average"):
            if not 0 <= getattr(self, name) < 1:
                raise ConfigError(
                    f"trainer.{name} is {getattr(self, name)}: it must be at least 0 and below 1"
                )
        if not 0 <= self.warmup <= 1:
            raise ConfigError(f"trainer.warmup is {self.warmup}: it must be from 0 to 1")


@dataclass(frozen=True)
class Config:
    """A whole recipe."""

    data: DataConfig = field(default_factory=DataConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    trainer: TrainerConfig = field(default_factory=TrainerConfig)
    seed: int = 1
    """Where all chance starts from."""

    def __post_init__(self) -> None:
        """Refuse a seed that not every source of chance can start from.

        Raises:
            ConfigError: naming the field.
        """
        if not 0 <= self.seed < 2**32:
            raise ConfigError(f"seed is {self.seed}: it must be from 0 to {2**32 - 1}")
