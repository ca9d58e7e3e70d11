"""Training step of a clockwork layer compared with layers that update all units at every step.

    python benchmarks/bench_clockwork.py --threads 1

Forward and backward of one layer, one direction, with the shape of the tagger's batches. The four
layers alternate, and times are compared turn by turn, because the load of the machine varies; the
median over the turns and the minimum, which load disturbs least, are printed. The layers are:

- clockwork with the given periods;
- the same layer with all periods 1, which is one group of all units;
- that layer as a plain loop over the steps, gradients by autograd: the same equations without the
  explicit backward;
- torch.nn.RNN, whose loop is in C++.
"""

from __future__ import annotations

import argparse
import statistics
import time

import torch
from torch import Tensor, nn

from ner_rnn.nn.clockwork import ClockworkLayer


class PlainLoop(nn.Module):
    """Elman layer, step by step, of torch operations alone."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.read = nn.Linear(input_size, hidden_size)
        self.keep = nn.Linear(hidden_size, hidden_size, bias=False)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Map (batch, time, input) to (batch, time, hidden) and the last state."""
        inputs = self.read(x.transpose(0, 1)).unbind()
        states = [torch.tanh(inputs[0])]
        for z in inputs[1:]:
            states.append(torch.tanh(z + self.keep(states[-1])))
        return torch.stack(states, 1), states[-1]


def train_step(layer: nn.Module, x: Tensor, gradient: Tensor) -> float:
    """Return the seconds of one forward and backward."""
    x.grad = None
    layer.zero_grad()
    began = time.perf_counter()
    y, _ = layer(x)
    y.backward(gradient)
    return time.perf_counter() - began


def main() -> None:
    """Print one row per layer."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--units", type=int, default=256)
    parser.add_argument("--periods", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--input", type=int, default=262, help="features per word")
    parser.add_argument("--passages", type=int, default=19, help="passages per batch")
    parser.add_argument("--words", type=int, default=60, help="words per passage")
    parser.add_argument("--turns", type=int, default=31)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    x = torch.randn(args.passages, args.words, args.input, requires_grad=True)
    gradient = torch.randn(args.passages, args.words, args.units)
    periods = ", ".join(map(str, args.periods))
    layers: dict[str, nn.Module] = {
        f"clockwork {periods}": ClockworkLayer(args.input, args.units, args.periods),
        "all periods 1": ClockworkLayer(args.input, args.units, (1,)),
        "all periods 1, plain loop": PlainLoop(args.input, args.units),
        "torch.nn.RNN": nn.RNN(args.input, args.units, batch_first=True),
    }
    for layer in layers.values():
        train_step(layer, x, gradient)
    turns = [
        [train_step(layer, x, gradient) for layer in layers.values()] for _ in range(args.turns)
    ]
    print(
        f"{args.units} units, {args.passages} passages of {args.words} words, "
        f"{args.input} features per word, {args.threads} thread(s), {args.turns} turns"
    )
    print("| layer | training step, ms | fastest | us per time step | relative | fastest |")
    print("|---|---|---|---|---|---|")
    for name, seconds in zip(layers, zip(*turns, strict=True), strict=True):
        middle, least = statistics.median(seconds), min(seconds)
        ratio = statistics.median(s / turn[0] for s, turn in zip(seconds, turns, strict=True))
        print(
            f"| {name} | {1e3 * middle:.1f} | {1e3 * least:.1f} | {1e6 * middle / args.words:.0f} "
            f"| {ratio:.2f} | {least / min(turn[0] for turn in turns):.2f} |"
        )


if __name__ == "__main__":
    main()
