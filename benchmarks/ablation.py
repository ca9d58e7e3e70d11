"""Gain from each source of unlabelled knowledge, in the domain of the training data and in others.

    python benchmarks/ablation.py --data path/to/data --vectors models/vectors.txt.xz \
        --language-model models/news --output runs/ablation --seeds 1 2 3 [--only base all]

Every model is trained by ``ner-rnn train`` on eng.train alone, one after the other, and scored by
``ner-rnn evaluate``. Finished models in --output are kept, so a run can be stopped and continued,
and several can share the work. Prints Markdown: F1 of names, the mean over seeds. Make choices by
the column eng.testa; report the others.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

DOMAIN = ("conll2003/eng.testa", "conll2003/eng.testb")
OTHER_DOMAINS = ("worldwide/dev.bio", "wnut17/test.bio", "wikigold/all.bio", "uner_en_ewt/test.bio")
LISTS = ("us_first_names", "us_surnames", "world_first_names", "world_surnames")


def sources(args: argparse.Namespace) -> dict[str, list[str]]:
    """Return the flags of ``ner-rnn train`` for each source."""
    names = ",".join(str(args.data / "names" / f"{name}.txt") for name in LISTS)
    return {
        "vectors": ["--model.vectors", str(args.vectors)],
        "clusters": ["--model.clusters", str(args.data / "brown" / "rcv1-c1000.txt.xz")],
        "lists": ["--model.gazetteers", names],
        "language model": ["--model.language-model", str(args.language_model)],
    }


def run(*words: str) -> str:
    """Run a command and return its output."""
    command = [sys.executable, "-m", "ner_rnn_cli", *words]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def scores(folder: Path, flags: Iterable[str], seed: int, args: argparse.Namespace) -> list[float]:
    """Return F1 on every corpus in percent; train and tag unless that is done."""
    kept = folder / "scores.json"
    if not kept.is_file():
        if not (folder / "manifest.json").is_file():
            corpus = ("--data.corpus", str(args.data / "conll2003"))
            also = ("--seed", str(seed), "--output", str(folder))
            run("train", "--config", str(args.config), *corpus, *flags, *also, *args.settings)
        files = [str(args.data / name) for name in (*DOMAIN, *OTHER_DOMAINS)]
        output = run("evaluate", "--model", str(folder), "--data", *files, "--json")
        kept.write_text(output, encoding="utf-8")
    return [100 * found["names"]["f1"] for found in json.loads(kept.read_text()).values()]


def main() -> None:
    """Print a row for each set of sources after its last seed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of the corpora")
    parser.add_argument("--config", type=Path, default=Path("configs/contextual.yaml"))
    parser.add_argument("--vectors", type=Path, default=Path("models/vectors.txt.xz"))
    parser.add_argument("--language-model", type=Path, default=Path("models/news"))
    parser.add_argument("--output", type=Path, default=Path("runs/ablation"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--only", nargs="+", help="rows: base, all, or sources joined by '+'")
    args, args.settings = parser.parse_known_args()
    known = sources(args)
    rows = args.only or ["base", *known, "all"]
    heads = ["eng.testa", "eng.testb", "each seed", "worldwide", "wnut17", "wikigold", "uner"]
    print(f"| sources | {' | '.join(heads)} | mean of the last four |")
    print("|---" * (len(heads) + 2) + "|")
    for row in rows:
        names = {"base": [], "all": list(known)}.get(row, row.split("+"))
        flags = [flag for name in names for flag in known[name]]
        found = [
            scores(args.output / row.replace(" ", "_") / f"seed-{seed}", flags, seed, args)
            for seed in args.seeds
        ]
        means = [statistics.mean(column) for column in zip(*found, strict=True)]
        each = ", ".join(f"{one[1]:.2f}" for one in found)
        cells = [f"{means[0]:.2f}", f"{means[1]:.2f}", each, *(f"{m:.1f}" for m in means[2:])]
        print(f"| {row} | {' | '.join(cells)} | {statistics.mean(means[2:]):.2f} |", flush=True)


if __name__ == "__main__":
    main()
