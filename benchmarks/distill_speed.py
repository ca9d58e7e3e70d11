"""Words a second of a distillation's fit, beside those of plain training by the same recipe.

    python benchmarks/distill_speed.py --text news.txt --train eng.train

Both learn without a development set, which would take its time in each epoch. Seconds of fit are
those of the processor; read with OMP_NUM_THREADS=1, they are what it would take undisturbed. What
goes before fit (the teachers read, the text of all epochs is made) is measured by the clock. The
table is Markdown.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

from ner_rnn_cli import settings

from ner_rnn.model.bundle import read_bundle
from ner_rnn.model.settings import Config, DistillConfig
from ner_rnn.training.fit import train


def row(name: str, config: Config, output: Path) -> float:
    """Train, print a row of the table, and return the words a second."""
    train(config, output, on_notice=lambda line: None)
    metrics = read_bundle(output).metrics
    words = metrics["data"]["train"]["tokens"] * config.trainer.epochs
    before = metrics["seconds"]["total"] - metrics["seconds"]["fit"]
    size = ""
    if taught := metrics.get("distilled"):
        [entry] = Path(str(config.data.cache)).glob("teachers/*.npz")
        size = f"{entry.stat().st_size / taught['words']:.1f}"
        words *= 1 + taught["ratio"]
    speed = words / metrics["seconds"]["processor"]
    print(f"| {name} | {words:,.0f} | {speed:,.0f} | {before:.0f} | {size} |", flush=True)
    return float(speed)


def main() -> None:
    """Print a row for each training, and how they compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--config", default="configs/conll2003.yaml")
    parser.add_argument("--train", required=True, help="annotated text")
    parser.add_argument("--text", nargs="+", required=True, help="text that the teacher reads")
    parser.add_argument("--teacher", nargs="+", default=["en"])
    parser.add_argument("--epochs", type=int, default=2)
    args = parser.parse_args()
    print(
        "| training | words learned | words/s of fit | s before fit | bytes a word in the cache |"
    )
    print("|---|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        plain = settings.load(args.config, {})
        plain = replace(
            plain,
            data=replace(plain.data, train=args.train, cache=str(folder / "cache")),
            trainer=replace(plain.trainer, epochs=args.epochs),
        )
        asked = DistillConfig(teachers=tuple(args.teacher), text=tuple(args.text))
        alone = row("plain", plain, folder / "plain")
        taught = row("distilled", replace(plain, distill=asked), folder / "distilled")
    print(f"\na distillation's fit reads {taught / alone:.2f} times as many words a second")


if __name__ == "__main__":
    main()
