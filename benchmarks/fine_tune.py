"""Fine-tuning on a few sentences of a new kind of text, beside the other ways to learn from them.

    python benchmarks/fine_tune.py --data ../shared/data --output runs/fine_tune
    python benchmarks/fine_tune.py --split test --sizes 200 --only start tuned

Four kinds of text that the built-in model did not learn from, each with training, development and
test sets: newswire, financial news, mixed genres, news in Nigerian Pidgin. From each training set
whole documents are drawn by the seed until there are as many sentences as asked. Systems:

- start: the model of ``--from`` as it is;
- tuned: ``ner-rnn train --from``, with its defaults and without a development set;
- nothing: the recipe of ``--config`` on these sentences alone, read as often as fine-tuning does;
- merged: the recipe with the sentences of all four kinds beside its own corpora, one training for
  each size (``--merge-epochs``; minutes each).

F1 of persons in percent. Old: counts added over the embedded corpora's sets of the same split, a
family counted as one; the loss is measured against the start. A training whose result is in the
folder of ``--output``, with the same recipe, is not repeated.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

from finders import Model
from kinds import Texts, count, texts_of
from leave_domain_out import as_yaml, pooled
from ner_rnn_cli import settings
from processes import environment

from ner_rnn.corpora.embedded import embedded_corpora
from ner_rnn.corpora.read import read
from ner_rnn.corpora.settings import CorpusEntry
from ner_rnn.errors import UserError
from ner_rnn.model.settings import Config
from ner_rnn.shipped import MARK
from ner_rnn.training.start import MOST_COPIES, SHORTEST


class Domain(NamedTuple):
    """Files of a kind of text below the data folder, by split."""

    train: str
    dev: str
    test: str


DOMAINS = {
    "conll2003": Domain("conll2003/eng.train", "conll2003/eng.testa", "conll2003/eng.testb"),
    **{
        name: Domain(*(f"{name}/{split}.bio" for split in Domain._fields))
        for name in ("finer_ord", "gum_research", "masakhaner2_pcm")
    },
}
SYSTEMS = ("start", "tuned", "nothing", "merged")


def main() -> None:
    """Train what is not there yet, and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--from", dest="start", default="en", metavar="MODEL")
    parser.add_argument("--config", type=Path, default=Path("configs/english.yaml"))
    parser.add_argument("--sizes", type=int, nargs="+", default=[50, 200, 1000], metavar="N")
    parser.add_argument("--seed", type=int, default=1, help="of the draw and of the trainings")
    parser.add_argument("--split", choices=("dev", "test"), default="dev")
    parser.add_argument("--only", nargs="+", choices=SYSTEMS, default=SYSTEMS)
    parser.add_argument("--merge-epochs", type=int, default=4)
    parser.add_argument(
        "--set", nargs="+", default=[], metavar="FLAG", help="of tuned: trainer.x=1"
    )
    parser.add_argument("--output", type=Path, default=Path("runs/fine_tune"), metavar="FOLDER")
    args = parser.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    try:
        recipe = replace(settings.load(str(args.config), {}), seed=args.seed)
        bench = Bench(args, recipe)
        rows = [row for size in args.sizes for row in bench.rows(size)]
    except UserError as problem:
        parser.error(str(problem))
    print(table(rows, args.split))


class Bench:
    """All trainings of one seed, and their counts.

    Args:
        args: as parsed.
        recipe: that of ``--config``.
    """

    def __init__(self, args: argparse.Namespace, recipe: Config) -> None:
        self.args, self.recipe = args, recipe
        self.new = {
            name: texts_of(read(args.data / getattr(files, args.split)))
            for name, files in DOMAINS.items()
        }
        self.old = {
            corpus.name: texts_of(read(MARK + corpus.name, split=args.split))
            for corpus in embedded_corpora()
            if args.split in corpus.splits
        }
        self.scores: dict[str, dict[str, float]] = {}

    def rows(self, size: int) -> list[dict[str, Any]]:
        """Return system, size, domain, F1 on new and old text and seconds of each training."""
        drawn = {
            name: draw(
                self.args.data / files.train,
                size,
                f"{self.args.seed} {name}",
                self.args.output / f"{name}-{size}-{self.args.seed}.bio",
            )
            for name, files in DOMAINS.items()
        }
        rows = []
        for system in SYSTEMS:
            if system not in self.args.only:
                continue
            for domain, file in drawn.items():
                began = time.monotonic()
                model = self.model(system, size, domain, drawn, file)
                seconds = round(time.monotonic() - began)
                scores = self.score(str(model))
                row = {"system": system, "size": size, "domain": domain, "seconds": seconds}
                rows.append(row | {"f1": scores[domain], "old": scores["old"]})
                print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
        return rows

    def model(
        self, system: str, size: int, domain: str, drawn: Mapping[str, Path], file: Path
    ) -> Path | str:
        """Train a system, or return the model that an earlier call left."""
        if system == "start":
            return str(self.args.start)
        name = f"{system}-{size}-{self.args.seed}"
        flags = ["--trainer.accelerator", "cpu"]
        config = self.recipe
        if system == "merged":
            entries = config.data.corpora + tuple(CorpusEntry(str(f)) for f in drawn.values())
            trainer = replace(config.trainer, epochs=self.args.merge_epochs)
            config = replace(config, data=replace(config.data, corpora=entries), trainer=trainer)
        else:
            name = f"{name}-{domain}"
        if system == "nothing":
            words = sum(map(len, read(file).tokens))
            entry = CorpusEntry(str(file), weight=min(MOST_COPIES, max(1.0, SHORTEST / words)))
            config = replace(config, data=replace(config.data, corpora=(entry,)))
        if system == "tuned":
            flags += ["--from", str(self.args.start), "--data.train", str(file)]
            flags += ["--seed", str(self.args.seed), *(f"--{flag}" for flag in self.args.set)]
        else:
            path = self.args.output / f"{name}.yaml"
            path.write_text(as_yaml(config), encoding="utf-8")
            flags += ["--config", str(path)]
        return self.train(self.args.output / name, flags, as_yaml(config))

    def train(self, model: Path, flags: list[str], recipe: str) -> Path:
        """Run ``ner-rnn train``, unless it was run before with the same flags and recipe."""
        key, kept = " ".join(flags) + "\n" + recipe, model.with_suffix(".done")
        if kept.is_file() and kept.read_text(encoding="utf-8") == key:
            return model
        command = [sys.executable, "-m", "ner_rnn_cli", "train", *flags, "--output", str(model)]
        done = subprocess.run(
            command, capture_output=True, text=True, env=environment(), check=False
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
        kept.write_text(key, encoding="utf-8")
        return model

    def score(self, model: str) -> dict[str, float]:
        """Return F1 by domain, and that of old text, of a model."""
        if model not in self.scores:
            sets: Mapping[str, Texts] = self.new | self.old
            found = Model(Path(model).name, model).find({k: t.documents for k, t in sets.items()})
            counts = {name: count(text.spans(), found[name]) for name, text in sets.items()}
            self.scores[model] = {
                **{name: counts[name]["f1"] or 0.0 for name in self.new},
                "old": pooled({name: counts[name] for name in self.old}),
            }
        return self.scores[model]


def draw(source: Path, size: int, seed: str, file: Path) -> Path:
    """Write whole documents of a corpus, by the seed, and return the file.

    Documents are added until there are as many sentences and a person among them; more sentences
    of the same seed hold the fewer ones.
    """
    corpus = read(source)
    rows = zip(corpus.documents, corpus.tokens, corpus.tags, strict=True)
    documents = [list(group) for _, group in groupby(rows, key=lambda row: row[0])]
    random.Random(seed).shuffle(documents)
    lines, sentences, named = [], 0, False
    for document in documents:
        if sentences >= size and named:
            break
        named |= any("PER" in tag for _, _, tags in document for tag in tags)
        lines.append("-DOCSTART-\tO\n")
        for _, words, tags in document:
            lines += [f"{word}\t{tag}" for word, tag in zip(words, tags, strict=True)] + [""]
        sentences += len(document)
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def table(rows: Iterable[Mapping[str, Any]], split: str) -> str:
    """Return a Markdown table of systems and sizes by domains, means, and what old text lost."""
    groups: dict[tuple[str, int], dict[str, Mapping[str, Any]]] = {}
    for row in rows:
        size = 0 if row["system"] == "start" else row["size"]
        groups.setdefault((row["system"], size), {})[row["domain"]] = row
    before = groups.get(("start", 0))
    heads = ["system", "sentences", *DOMAINS, "mean", "gain", f"old ({split})", "lost, worst"]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for (system, size), group in sorted(
        groups.items(), key=lambda g: (g[0][1], SYSTEMS.index(g[0][0]))
    ):
        mean, old = (fmean(row[key] for row in group.values()) for key in ("f1", "old"))
        gain = worst = "–"
        if before and system != "start":
            gain = f"{mean - fmean(row['f1'] for row in before.values()):+.1f}"
            worst = f"{max(before[d]['old'] - row['old'] for d, row in group.items()):.1f}"
        cells = [system, f"{size:,}" if size else "–"]
        cells += [f"{group[domain]['f1']:.1f}" for domain in DOMAINS]
        lines.append(f"| {' | '.join([*cells, f'{mean:.1f}', gain, f'{old:.1f}', worst])} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
