"""The effect of clipping the gradient, on a ReLU network that explodes without it.

The network is an Elman network with ReLU that starts from the identity as its recurrent matrix
(Q. Le, N. Jaitly and G. Hinton, "A simple way to initialize recurrent networks of rectified linear
units", 2015). Nothing fades in it; over 100 steps a slightly larger eigenvalue is a huge factor,
and one step of plain gradient descent along so long a gradient ends in numbers that are none
(Pascanu, Mikolov and Bengio 2013, whose remedy clipping is).

The task: a number is shown first, 99 random numbers after it; name the first. The same weights,
the same sequences, the same optimiser, with and without clipping.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

__all__ = ["BASELINE", "LEARNING_RATE", "LIMIT", "RUNS", "STEPS", "TIME", "Run", "train_all"]

TIME = 100
UNITS = 64
BATCH = 32
STEPS = 600
LEARNING_RATE = 0.01
MOMENTUM = 0.9
LIMIT = 0.1
BASELINE = 1 / 12
"""Mean squared error of always predicting the mean."""
RUNS = (
    (f"clipped to {LIMIT:g}", LIMIT, LEARNING_RATE),
    ("not clipped", 0.0, LEARNING_RATE),
    ("not clipped, a hundredth of the learning rate", 0.0, LEARNING_RATE / 100),
)


@dataclass(frozen=True)
class Run:
    """One training.

    Attributes:
        name: how it differs from the others.
        clip: largest norm of the gradient; 0: no clipping.
        learning_rate: of SGD with momentum.
        loss: mean squared error of each step, before it is taken; None: not a finite number.
        norm: of the gradient, likewise, before it is clipped.
    """

    name: str
    clip: float
    learning_rate: float
    loss: list[float | None]
    norm: list[float | None]

    @property
    def broke(self) -> int | None:
        """Step (from 1) at which loss or gradient was no finite number; None: never."""
        ended = not self.loss or self.loss[-1] is None or self.norm[-1] is None
        return len(self.loss) if ended else None

    def end(self) -> float | None:
        """Return the mean loss of the last 50 steps; None where the run broke."""
        if self.broke is not None:
            return None
        return float(np.mean([value for value in self.loss[-50:] if value is not None]))

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "broke_at_step": self.broke, "end": self.end()}


def train_all(seed: int = 1, steps: int = STEPS) -> Iterator[Run]:
    """Train each of ``RUNS``, from the same weights on the same sequences.

    Args:
        seed: of both.
        steps: of each; a run ends at the first loss or gradient that is no finite number.
    """
    for name, clip, learning_rate in RUNS:
        yield _train(name, clip, learning_rate, seed, steps)


def _train(name: str, clip: float, learning_rate: float, seed: int, steps: int) -> Run:
    rng = np.random.default_rng(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = nn.RNN(2, UNITS, nonlinearity="relu", batch_first=True)
        answer = nn.Linear(UNITS, 1)
        weight_ih, weight_hh, *biases = network.parameters()
        nn.init.normal_(weight_ih, std=0.1)
    nn.init.eye_(weight_hh)
    for bias in biases:
        nn.init.zeros_(bias)
    parameters = [*network.parameters(), *answer.parameters()]
    optimizer = torch.optim.SGD(parameters, lr=learning_rate, momentum=MOMENTUM)
    losses: list[float | None] = []
    norms: list[float | None] = []
    for _ in range(steps):
        x, target = _draw(rng)
        predicted = answer(network(x)[0][:, -1])[:, 0]
        loss = (predicted - target).square().mean()
        optimizer.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(parameters, clip or math.inf)
        losses.append(_finite(loss))
        norms.append(_finite(norm))
        if losses[-1] is None or norms[-1] is None:
            break
        optimizer.step()
    return Run(name, clip, learning_rate, losses, norms)


def _draw(rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Draw numbers and a mark on the first, (BATCH, TIME, 2), and the targets (BATCH,)."""
    x = np.zeros((BATCH, TIME, 2), dtype=np.float32)
    x[..., 0] = rng.random((BATCH, TIME))
    x[:, 0, 1] = 1.0
    return torch.from_numpy(x), torch.from_numpy(x[:, 0, 0] - 0.5)


def _finite(value: Tensor) -> float | None:
    number = float(value.detach())
    return number if math.isfinite(number) else None
