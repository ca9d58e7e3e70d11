"""Settings of a tagger's training: frozen dataclasses with their bounds at the field.

A YAML file in ``configs/`` holds these sections and fields, and every field is a flag of
``ner-rnn train`` as well (``--model.hidden-size 200``), with its docstring as help. Fields of
different sections that depend on one another are checked where they meet, in ``training/fit.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import ClassVar, Literal

from ner_rnn.corpora.settings import DataConfig
from ner_rnn.errors import ConfigError
from ner_rnn.model.augmentation import AugmentConfig
from ner_rnn.model.bounds import (
    LARGEST_NETWORK,
    LARGEST_RESERVOIR,
    LONGEST_PERIOD,
    WIDEST_RESERVOIR,
    Amount,
    Bounded,
    Count,
    Fraction,
    Layers,
    Positive,
    Rate,
    Seed,
    Size,
    Width,
    Width0,
)

__all__ = [
    "Config",
    "DistillConfig",
    "EncoderConfig",
    "ModelConfig",
    "Optimizer",
    "Precision",
    "TrainerConfig",
    "shown_size",
]

PERIODS = (1, 2, 4, 8)
GATES = {"rnn": 1, "gru": 3, "lstm": 4}
LETTER_WIDTH = 3
"""Width in characters of the character CNN's filters."""
LONGEST_PREFIX = 1000

Optimizer = Literal["adamw", "sgd"]
Precision = Literal["32-true", "bf16-mixed", "16-mixed"]


@dataclass(frozen=True)
class EncoderConfig(Bounded):
    """Recurrent layers, or what stands in their place; shared by taggers and language models."""

    cell: Literal["rnn", "gru", "lstm", "clockwork", "reservoir", "none"] = "lstm"
    """Recurrent cell; none: feed-forward layers, which see one position at a time."""
    layers: Layers = 1
    """Recurrent layers, each reading the one below."""
    hidden_size: Width = 128
    """Units per layer and direction."""
    bidirectional: bool = True
    """Read each sentence in both directions."""
    nonlinearity: Literal["tanh", "relu"] = "tanh"
    """Activation function of the cells rnn, clockwork and none."""
    periods: tuple[int, ...] = PERIODS
    """Clockwork cell: period in steps of each group of units, ascending."""
    spectral_radius: float = 0.9
    """Reservoir: absolute value of its largest eigenvalue; near 1, echoes last longer."""
    input_scale: float = 0.3
    """Reservoir: input weights are drawn uniformly between minus and plus this."""
    sparsity: float = 0.02
    """Reservoir: share of the connections among its units that are not zero."""
    leak: float = 1.0
    """Reservoir: leak rate, the share of the state that is new at each step."""
    allow_unstable: bool = False
    """Allow a spectral radius of 1 or more, with which echoes may never fade."""

    @property
    def dropout(self) -> float:
        """Share of units dropped between layers; each kind of model has its own default."""
        return 0.0

    def __post_init__(self) -> None:
        """Refuse layers that cannot be built.

        Raises:
            ConfigError: naming the field.
        """
        super().__post_init__()
        if self.nonlinearity != "tanh" and self.cell not in {"rnn", "clockwork", "none"}:
            raise self._cell_refusal(
                "nonlinearity",
                "only rnn, clockwork and none have a choice of nonlinearity",
                "leave it out",
            )
        if self.cell == "clockwork":
            self._check_periods()
        elif self.periods != PERIODS:
            raise self._cell_refusal("periods", "only the clockwork has periods", "leave them out")
        if self.cell == "reservoir":
            self._check_reservoir()
        elif self.weights() > LARGEST_NETWORK:
            raise self.refusal(
                self._widest(), f"the network is too large; {self.estimate()}", do="lower it"
            )

    @property
    def input_size(self) -> int:
        """Width of the encoder's input, or less where that depends on more than settings."""
        return 1

    def weights(self) -> int:
        """Return the number of weights that the encoder has at least."""
        directions = 2 if self.bidirectional and self.cell != "none" else 1
        units = self.hidden_size
        if self.cell == "reservoir":
            return directions * units * (round(self.sparsity * units) + self.input_size)
        read = GATES.get(self.cell, 1) * units
        inner = 0 if self.cell == "none" else units
        if self.cell == "clockwork":
            inner = units // 2  # blocks above the diagonal
        first = read * (self.input_size + inner)
        return directions * (first + (self.layers - 1) * read * (directions * units + inner))

    def estimate(self) -> str:
        """Return the memory that the weights would take at least, in words."""
        size = 4 * self.weights()
        return f"the weights would take {shown_size(size)} or more" if size > 2**30 else ""

    def _widest(self) -> str:
        """Return the field to lower first."""
        return max(self.widths(), key=lambda name: int(getattr(self, name)))

    @classmethod
    def widths(cls) -> tuple[str, ...]:
        """Return the fields that set widths of layers."""
        return ("hidden_size", *cls._WIDTHS)

    _WIDTHS: ClassVar[tuple[str, ...]] = ()

    def _cell_refusal(self, name: str, what: str, do: str) -> ConfigError:
        return self.refusal(name, what, also=f" but {self.section}cell is {self.cell!r}", do=do)

    def _check_periods(self) -> None:
        shown = ", ".join(map(str, self.periods))
        if not self.periods:
            raise self.refusal("periods", "give one a group of units, as in 1, 2, 4, 8")
        if self.periods[0] < 1 or any(a >= b for a, b in pairwise(self.periods)):
            raise self.refusal(
                "periods", "the first must be 1 or more, and each longer than the one before"
            )
        if self.periods[-1] > LONGEST_PERIOD:
            raise self.refusal("periods", f"they must be at most {LONGEST_PERIOD:,}")
        if self.hidden_size % len(self.periods):
            raise self.refusal(
                "hidden_size",
                f"it must be a multiple of {len(self.periods)}, since each of "
                f"{self.section}periods ({shown}) has as many units",
            )

    def _check_reservoir(self) -> None:
        if self.layers != 1:
            raise self.refusal(
                "layers", "a reservoir is one layer", do="give it more units by {hidden_size}"
            )
        if self.spectral_radius <= 0 or (self.spectral_radius >= 1 and not self.allow_unstable):
            choice = "allow_unstable" in self.to_json()  # not for language models
            raise self.refusal(
                "spectral_radius",
                "it must be above 0 and below 1, or the echo state property may be lost",
                do="{allow_unstable} allows 1 and more" if choice else "",
            )
        if self.input_scale <= 0:
            raise self.refusal("input_scale", "it must be above 0")
        for name in ("leak", "sparsity"):
            if not 0 < getattr(self, name) <= 1:
                raise self.refusal(name, "it must be above 0 and at most 1")
        if round(self.sparsity * self.hidden_size) < 1:
            raise self.refusal(
                "sparsity",
                f"of {self.hidden_size} units none would be connected to another",
                do=f"use {1 / self.hidden_size:.2g} or more, or a larger {{hidden_size}}",
            )
        if self.weights() > LARGEST_RESERVOIR:
            raise self.refusal(
                "hidden_size",
                f"the reservoir would have about {self.weights():,} connections, and at most "
                f"{LARGEST_RESERVOIR:,} are drawn",
                do="lower it, or {sparsity}",
            )
        if self.hidden_size > WIDEST_RESERVOIR:
            raise self.refusal(
                "hidden_size", f"a reservoir has at most {WIDEST_RESERVOIR:,} units", do="lower it"
            )


@dataclass(frozen=True)
class ModelConfig(EncoderConfig):
    """The network of a tagger."""

    section: ClassVar[str] = "model."
    _WIDTHS: ClassVar[tuple[str, ...]] = (
        "word_size",
        "char_size",
        "char_hidden",
        "form_size",
        "context_size",
    )

    word_size: Width0 = 100
    """Width of the word vectors; 0: none."""
    min_count: Count = 2
    """Occurrences in the training data from which a word has a vector of its own."""
    word_dropout: Amount = 2.0
    """A word seen n times is read as unknown with probability word_dropout / (word_dropout + n)."""
    vectors: str | None = None
    """Pre-trained word vectors: GloVe, word2vec or fastText, text or binary."""
    vector_words: Size = 50_000
    """Words at the top of that file to keep even if the training data lacks them."""
    clusters: str | None = None
    """Brown clusters: a file with path, word and count a line, as wcluster writes it."""
    cluster_prefixes: tuple[int, ...] = (4, 6, 10, 20)
    """Lengths at which the paths of clusters are cut; each prefix is a feature of the word."""
    gazetteers: tuple[str, ...] = ()
    """Lists of names, one a line; features: whether a word is in a list, and how it is written."""
    knowledge_dropout: Rate = 0.2
    """Share of the words that training reads without their cluster and list features."""
    language_model: str | None = None
    """Folder of character language models, best of both directions; their states are features."""
    context_size: Width = 128
    """Width to which these states are projected."""
    context_dropout: Rate = 0.0
    """Share of the passages that training reads without these states."""
    context_frozen: bool = True
    """Keep the language models' weights fixed; false: train them with the tagger."""
    chars: Literal["cnn", "lstm", "none"] = "cnn"
    """Network that reads the characters of each word."""
    char_size: Width0 = 25
    """Width of the character vectors."""
    char_hidden: Width0 = 50
    """Filters of the character CNN, or units per direction of the character LSTM."""
    form_size: Width0 = 16
    """Width of each form feature's vector (case shape, prefixes, suffixes); 0: none."""
    input_dropout: Rate = 0.5
    """Share of a word's features dropped before the recurrent layers."""
    dropout: Rate = 0.5
    """Share of units dropped between recurrent layers and before the output layer."""
    memory: bool = True
    """Document memory: read each word together with its other occurrences in the document."""
    memory_units: Size = 0
    """Units whose states at those occurrences are read, spread over all of them; 0: every one."""
    output: Literal["crf", "softmax", "ridge"] = "crf"
    """Output layer: CRF over the sentence, softmax for each word, or ridge regression."""

    def __post_init__(self) -> None:
        """Refuse a network that cannot be built.

        Raises:
            ConfigError: naming the field.
        """
        super().__post_init__()
        if (self.clusters or self.gazetteers) and not self.form_size:
            raise self.refusal(
                "form_size", "the features of clusters and gazetteers have no room", do="raise it"
            )
        if any(length < 1 for length in self.cluster_prefixes):
            raise self.refusal("cluster_prefixes", "lengths must be 1 or more")
        if any(length > LONGEST_PREFIX for length in self.cluster_prefixes):
            raise self.refusal("cluster_prefixes", f"lengths must be at most {LONGEST_PREFIX:,}")
        for name in ("char_size", "char_hidden"):
            if self.chars != "none" and getattr(self, name) < 1:
                raise self.refusal(
                    name, "it must be 1 or more", do="set {chars} to none to do without characters"
                )
        if self.output == "ridge" and self.cell != "reservoir":
            raise self._cell_refusal(
                "output",
                "ridge regression trains the output layer alone",
                "use the reservoir cell or the crf output",
            )
        if not self.word_size and self.chars == "none" and not self.form_size:
            raise ConfigError(
                "the model would read nothing of a word",
                do="set {model.word_size}, {model.chars} or {model.form_size}",
            )

    @property
    def input_size(self) -> int:
        """Width of the encoder's input, or less where that depends on more than settings."""
        letters = self.char_hidden * {"cnn": 1, "lstm": 2, "none": 0}[self.chars]
        context = self.context_size if self.language_model is not None else 0
        return self.word_size + letters + self.form_size + context

    def weights(self) -> int:
        """Return the number of weights that the network has at least."""
        letters = 0
        if self.chars != "none":
            read = LETTER_WIDTH * self.char_size
            if self.chars == "lstm":
                read = 2 * GATES["lstm"] * (self.char_size + self.char_hidden)
            letters = self.char_hidden * read + self.char_size
        return super().weights() + letters + self.word_size + self.form_size


@dataclass(frozen=True)
class TrainerConfig(Bounded):
    """Optimisation, and the machine that it runs on."""

    section: ClassVar[str] = "trainer."

    epochs: Count = 12
    """Largest number of passes over the training data."""
    batch_tokens: Count = 1600
    """Words per batch over all processes, padding counted."""
    optimizer: Optimizer = "adamw"
    """Optimiser."""
    learning_rate: Positive = 0.003
    """Largest learning rate."""
    weight_decay: Amount = 0.0
    """Decoupled weight decay of AdamW, L2 penalty of SGD."""
    momentum: Rate = 0.9
    """Momentum of SGD."""
    warmup: Fraction = 0.05
    """Share of the steps over which the learning rate rises from zero."""
    decay: Literal["linear", "cosine", "none"] = "linear"
    """Learning rate schedule after the warm-up."""
    clip: Amount = 5.0
    """Largest norm of the gradient; 0: no clipping."""
    average: Rate = 0.998
    """Decay of the exponential moving average of the weights that is kept; 0: none."""
    patience: Size = 0
    """Stop after this many epochs without a better development F1; 0: never."""
    replay: Amount = 0.0
    """Words of what the model of --from learned from, for each word of the new text in an epoch."""
    accelerator: str = "cpu"
    """Lightning accelerator: cpu, gpu, auto, ..."""
    devices: str = "1"
    """Lightning devices: how many, which, or auto."""
    num_nodes: Count = 1
    """Machines that train together."""
    strategy: str = "auto"
    """Lightning strategy: auto, ddp, ..."""
    precision: Precision = "32-true"
    """Lightning precision: bits of the numbers computed with; weights keep 32."""


def shown_size(count: int) -> str:
    """Return a number of bytes for people: ``5_000_000_000`` -> ``4.7 GiB``."""
    power = max(0, count.bit_length() - 1) // 10
    if power > 6:
        return "more than 1,024 EiB"
    return f"{count / 1024**power:.3g} {['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'][power]}"


@dataclass(frozen=True)
class DistillConfig(Bounded):
    """Models that teach, and the unlabelled text that they read for it."""

    section: ClassVar[str] = "distill."

    teachers: tuple[str, ...] = ()
    """Models to learn from: folders, or names of built-in ones; of several, the mean counts."""
    text: tuple[str, ...] = ()
    """Files and folders of unlabelled text that they read."""
    text_field: str = "text"
    """Column of the text in tables."""
    ratio: Positive = 2.0
    """Words of that text for each annotated word in an epoch."""
    names: Literal["drawn", "sure"] = "drawn"
    """Names of an epoch: drawn by their probability, or those that are sure, doubtful ones open."""


@dataclass(frozen=True)
class Config(Bounded):
    """A whole recipe."""

    data: DataConfig = field(default_factory=DataConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    trainer: TrainerConfig = field(default_factory=TrainerConfig)
    seed: Seed = 1
    """Random seed."""
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    distill: DistillConfig = field(default_factory=DistillConfig)
