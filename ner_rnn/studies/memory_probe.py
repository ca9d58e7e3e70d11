"""A task that needs nothing but memory: name the symbol seen k steps ago.

A sequence is one of 8 symbols, then k - 1 distractors out of 8 others, then a cue; at the cue the
network has to name the first symbol. A network without memory is right once in 8 times. (The
first of the tests of S. Hochreiter and J. Schmidhuber 1997, section 5, in its simplest form.)

A cell is tried with the options of its recipe, at one small size, in one direction, with the same
steps, batches and learning rate as every other. Where nothing in it is trained (the reservoir),
its output layer is fitted by ridge regression to as many sequences. No tagger is looked at here.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ner_rnn.errors import ConfigError
from ner_rnn.model.settings import ModelConfig
from ner_rnn.nn.assembly import build_encoder

__all__ = ["CHANCE", "LAGS", "Recall", "RecallNetwork", "cell_of", "draw", "recall"]

SYMBOLS = 8
WIDTH = 2 * SYMBOLS + 1  # symbols, distractors, cue
CHANCE = 1 / SYMBOLS
LAGS = (1, 2, 5, 10, 20, 40, 80)

UNITS = 64
BATCH = 32
STEPS = 400
LEARNING_RATE = 0.003
CLIP = 1.0
CHECK_EVERY = 50
CHECKED = 256
"""Sequences of a check during training; all of them right in two checks running ends it."""
TESTED = 2000
RIDGE = 1e-4


@dataclass(frozen=True)
class Recall:
    """Accuracy of a cell at one lag.

    Attributes:
        lag: k, steps between the symbol and the answer.
        accuracy: share of right answers over ``TESTED`` new sequences.
        steps: steps of training; 0: only the output layer was fitted.
        seconds: of wall-clock.
    """

    lag: int
    accuracy: float
    steps: int
    seconds: float


class RecallNetwork(nn.Module):
    """A small recurrent network that answers at the end: (batch, time, WIDTH) -> logits.

    Args:
        model: of :func:`cell_of`.
    """

    def __init__(self, model: ModelConfig) -> None:
        super().__init__()
        self.encoder = build_encoder(model, WIDTH)
        self.answer = nn.Linear(self.encoder.output_size, SYMBOLS)

    def read(self, x: Tensor) -> Tensor:
        """Return the state at the last step: (batch, units)."""
        y, _ = self.encoder(x, None)
        return y[:, -1]

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (batch, SYMBOLS) of sequences (batch, time, WIDTH)."""
        answer: Tensor = self.answer(self.read(x))
        return answer


def cell_of(model: ModelConfig) -> ModelConfig:
    """The cell and options of a recipe, small, in one direction; nothing else of it is kept.

    A reservoir's units have as many connections as in the recipe.

    Raises:
        ConfigError: the recipe has no recurrence.
    """
    if model.cell == "none":
        raise ConfigError("model.cell is 'none': a network without recurrence has no memory")
    groups = len(model.periods) if model.cell == "clockwork" else 1
    units = -(-UNITS // groups) * groups
    degree = min(units, max(1, round(model.sparsity * model.hidden_size)))
    return ModelConfig(
        cell=model.cell,
        layers=model.layers,
        hidden_size=units,
        bidirectional=False,
        nonlinearity=model.nonlinearity,
        periods=model.periods,
        spectral_radius=model.spectral_radius,
        input_scale=model.input_scale,
        sparsity=degree / units if model.cell == "reservoir" else ModelConfig.sparsity,
        leak=model.leak,
        allow_unstable=model.allow_unstable,
        dropout=0.0,
    )


def draw(lag: int, count: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Sequences (count, lag + 1, WIDTH), one-hot, and the symbols to name, (count,)."""
    ids = rng.integers(SYMBOLS, 2 * SYMBOLS, (count, lag + 1))
    wanted = rng.integers(SYMBOLS, size=count)
    ids[:, 0], ids[:, -1] = wanted, WIDTH - 1
    return torch.eye(WIDTH)[torch.from_numpy(ids)], torch.from_numpy(wanted)


def recall(model: ModelConfig, lag: int, seed: int = 1) -> tuple[Recall, RecallNetwork]:
    """Train a cell on one lag, and test it on new sequences.

    Args:
        model: of :func:`cell_of`.
        lag: k, 1 or more.
        seed: of the weights and the sequences.

    Returns:
        How it did, and the network.
    """
    began = time.perf_counter()
    rng = np.random.default_rng((seed, lag))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        reader = RecallNetwork(model)
    steps = 0
    if model.cell == "reservoir":
        _fit(reader, lag, rng)
    else:
        steps = _train(reader, lag, rng)
    accuracy = _accuracy(reader, lag, TESTED, rng)
    return Recall(lag, accuracy, steps, time.perf_counter() - began), reader


def _train(reader: RecallNetwork, lag: int, rng: np.random.Generator) -> int:
    optimizer = torch.optim.Adam(reader.parameters(), lr=LEARNING_RATE)
    perfect = 0
    for step in range(1, STEPS + 1):
        x, wanted = draw(lag, BATCH, rng)
        loss = nn.functional.cross_entropy(reader(x), wanted)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(reader.parameters(), CLIP)
        optimizer.step()
        if step % CHECK_EVERY == 0:
            perfect = perfect + 1 if _accuracy(reader, lag, CHECKED, rng) == 1.0 else 0
            if perfect == 2:
                break
    return step


@torch.no_grad()
def _fit(reader: RecallNetwork, lag: int, rng: np.random.Generator) -> None:
    """Ridge regression of one-hot answers, over as many sequences as a training sees."""
    products: Any = 0.0
    targets: Any = 0.0
    for _ in range(STEPS * BATCH // 640):
        x, wanted = draw(lag, 640, rng)
        state = reader.read(x).double()
        state = torch.cat([state, torch.ones(len(state), 1, dtype=state.dtype)], dim=1)
        products = products + state.T @ state
        targets = targets + state.T @ torch.eye(SYMBOLS, dtype=state.dtype)[wanted]
    strength = RIDGE * torch.eye(len(products), dtype=products.dtype)
    weight = torch.linalg.solve(products + strength, targets).T
    reader.answer.weight.copy_(weight[:, :-1])
    reader.answer.bias.copy_(weight[:, -1])


@torch.no_grad()
def _accuracy(reader: RecallNetwork, lag: int, count: int, rng: np.random.Generator) -> float:
    x, wanted = draw(lag, count, rng)
    return float((reader(x).argmax(1) == wanted).double().mean())
