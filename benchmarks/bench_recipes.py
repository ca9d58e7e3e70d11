"""F1, elapsed time and memory of `ner-rnn train` for several recipes and seeds.

    python benchmarks/bench_recipes.py --data ../shared/data/conll2003 \
        --configs configs/conll2003.yaml configs/gru_bi.yaml --seeds 1 2 3

Each run is the whole command, from start to report, in its own process, one after the other. The
table is Markdown; choose a recipe by the dev column, report the test column.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

DATA = Path("../shared/data/conll2003")


class Run(NamedTuple):
    """Scores and cost of one training."""

    dev: float
    test: float
    words: float
    parameters: int
    seconds: float
    memory_mb: float


def train(config: Path, data: Path, seed: int, output: Path, flags: list[str]) -> Run:
    """Train once and return the scores in the model's metrics."""
    command = [sys.executable, "-m", "ner_rnn_cli", "train", "--config", str(config)]
    command += ["--data.corpus", str(data), "--seed", str(seed), "--output", str(output), *flags]
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if process.stderr is None:
        raise RuntimeError("no pipe to the trainer's messages")
    messages = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    if status:
        raise SystemExit(f"{' '.join(command)} failed:\n{messages}")
    scores = json.loads((output / "metrics.json").read_text())["scores"]
    from ner_rnn.model.bundle import read_bundle

    weights = read_bundle(output).weights.values()
    return Run(
        100 * scores["dev"]["names"]["f1"],
        100 * scores["test"]["names"]["f1"],
        100 * scores["test"]["words"]["f1"],
        sum(array.size for array in weights),
        seconds,
        usage.ru_maxrss / 1024,
    )


def main() -> None:
    """Print a row per recipe after its last seed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DATA, help="folder of split files")
    parser.add_argument("--configs", type=Path, nargs="+", default=[Path("configs/conll2003.yaml")])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--keep", type=Path, help="folder for the models; default: deleted")
    args, flags = parser.parse_known_args()
    if not args.data.exists():
        print(f"skipped: {args.data} does not exist; name a corpus with --data")
        return
    print("| recipe | seeds | dev F1 | test F1 | each seed | F1 per word | weights | s | MB |")
    print("|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.keep or Path(scratch)
        for config in args.configs:
            runs = [
                train(config, args.data, seed, folder / f"{config.stem}-{seed}", flags)
                for seed in args.seeds
            ]
            tests = [run.test for run in runs]
            print(
                f"| {config.stem} | {', '.join(map(str, args.seeds))} "
                f"| {statistics.mean(run.dev for run in runs):.2f} "
                f"| **{statistics.mean(tests):.2f}** | {', '.join(f'{t:.2f}' for t in tests)} "
                f"| {statistics.mean(run.words for run in runs):.2f} "
                f"| {runs[0].parameters / 1e6:.1f} M "
                f"| {statistics.median(run.seconds for run in runs):.0f} "
                f"| {max(run.memory_mb for run in runs):.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
