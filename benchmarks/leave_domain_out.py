"""F1 on a kind of text of which nothing was learned: train without a domain, test on it.

    python benchmarks/leave_domain_out.py --config configs/english.yaml --output runs/domains
    python benchmarks/leave_domain_out.py --config configs/english.yaml --epochs 2 --jobs 4 \
        --only web genres

For each of six domains of the embedded corpora, two systems learn from the other domains alone
(training and development sets) and find names in the test sets of the domain left out:

- plain: the corpora merged as they are, persons alone, every other setting at its default, for as
  many epochs as make about as many words as the recipe reads;
- recipe: the recipe of ``--config`` without the domain; it has to list embedded corpora, as
  ``open:wnut17``, under ``data.corpora``, or all of a split, as ``open``.

F1 of persons in percent: counts are added over the test sets of a domain, those of a family
(crossner) divided by the number of its sets, so that it counts as one. A training whose result is
in the folder of ``--output``, with the same recipe, is not repeated; remove the folder when the
package or its data have changed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

import yaml
from finders import Model
from kinds import count, texts_of
from ner_rnn_cli import settings
from processes import environment

from ner_rnn.corpora.embedded import ALL, embedded_corpora
from ner_rnn.corpora.read import read
from ner_rnn.corpora.settings import CorpusEntry, DataConfig
from ner_rnn.errors import ConfigError, UserError
from ner_rnn.model.settings import Config
from ner_rnn.shipped import EMBEDDED, MARK

CROSSNER = tuple(
    f"crossner_{field}" for field in ("politics", "science", "music", "literature", "ai")
)
DOMAINS: dict[str, tuple[str, ...]] = {
    "social": ("wnut17", "btc", "tweebank_ner"),
    "novels": ("litbank",),
    "contracts": ("sec_filings",),
    "encyclopedia": ("wikigold", *CROSSNER),
    "web": ("uner_en_ewt",),
    "genres": ("gum_open",),
}
"""Embedded corpora of each domain; every one of them has a test set."""
SYSTEMS = ("plain", "recipe")
Index = Mapping[str, Any]


class Training(NamedTuple):
    """One system without one domain.

    Attributes:
        domain: the one left out, and tested on.
        system: plain or recipe.
        config: what it learns from, and how.
        words: what it reads in training, without text that augmentation adds.
    """

    domain: str
    system: str
    config: Config
    words: int

    @property
    def name(self) -> str:
        """Name of its files."""
        return f"{self.domain}-{self.system}"


def main() -> None:
    """Train and count what is not there yet, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--config", type=Path, default=Path("configs/english.yaml"))
    parser.add_argument("--epochs", type=int, help="of the recipe; default: as it says")
    parser.add_argument("--only", nargs="+", choices=[*DOMAINS], default=[*DOMAINS])
    parser.add_argument("--jobs", type=int, default=1, help="trainings at a time")
    parser.add_argument("--output", type=Path, default=Path("runs/domains"), metavar="FOLDER")
    args = parser.parse_args()
    try:
        recipe = settings.load(str(args.config), {})
        if args.epochs is not None:
            recipe = replace(recipe, trainer=replace(recipe.trainer, epochs=args.epochs))
        trainings = [one for domain in args.only for one in plan(recipe, domain)]
    except UserError as problem:
        parser.error(str(problem))
    args.output.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(args.jobs) as pool:
        results = list(pool.map(lambda one: measure(one, args.output), trainings))
    (args.output / "domains.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    print(table(results))


def plan(recipe: Config, domain: str) -> tuple[Training, Training]:
    """Return the plain merge and the recipe, both without a domain.

    Raises:
        ConfigError: the recipe lists no corpora, one that is not embedded, or none of the domain.
    """
    index = json.loads((EMBEDDED / "index.json").read_text(encoding="utf-8"))["corpora"]
    reduced = without(recipe, domain)
    epochs = recipe.trainer.epochs
    read_by_recipe = round(epochs * words_of(reduced.data.corpora, index))
    merged = DataConfig(
        corpora=(CorpusEntry(ALL), CorpusEntry(ALL, split="dev")),
        labels="person",
        cache=recipe.data.cache,
    )
    plain = without(Config(data=merged, seed=recipe.seed), domain)
    words = words_of(plain.data.corpora, index)
    epochs = max(1, round(read_by_recipe / words))
    plain = replace(plain, trainer=replace(plain.trainer, epochs=epochs))
    return (
        Training(domain, "plain", plain, round(epochs * words)),
        Training(domain, "recipe", reduced, read_by_recipe),
    )


def without(recipe: Config, domain: str) -> Config:
    """Return a recipe without the corpora of a domain, and without test sets, which cost time.

    Raises:
        ConfigError: as ``plan``.
    """
    data = recipe.data
    entries = [each for entry in data.corpora for each in expanded(entry)]
    others = [entry.path for entry in entries if not entry.path.startswith(MARK)]
    others += [path for path in (data.corpus, data.train, data.dev, data.test) if path]
    if others or not entries:
        raise ConfigError(
            "the recipe has to list embedded corpora alone, as open:wnut17, under {data.corpora}",
            found=", ".join(others),
        )
    left_out = {MARK + name for name in DOMAINS[domain]}
    if left_out.isdisjoint(entry.path for entry in entries if entry.split == "train"):
        raise ConfigError(f"the recipe learns from no corpus of the domain {domain}")
    kept = tuple(e for e in entries if e.path not in left_out and e.split != "test")
    return replace(recipe, data=replace(data, corpora=kept))


def expanded(entry: CorpusEntry) -> list[CorpusEntry]:
    """Return an entry of all embedded corpora as one for each."""
    if entry.path != ALL:
        return [entry]
    with_split = [corpus for corpus in embedded_corpora() if entry.split in corpus.splits]
    return [replace(entry, path=MARK + corpus.name) for corpus in with_split]


def words_of(entries: Iterable[CorpusEntry], index: Index) -> float:
    """Return the words of an epoch, copies by weight counted."""
    return sum(
        entry.weight * index[entry.path.removeprefix(MARK)]["splits"]["train"]["tokens"]
        for entry in entries
        if entry.split == "train"
    )


def measure(training: Training, folder: Path) -> dict[str, Any]:
    """Train and count, or return what was counted before with the same recipe."""
    recipe, model, kept = (folder / f"{training.name}{end}" for end in (".yaml", "", ".json"))
    text = as_yaml(training.config)
    if kept.is_file():
        result: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
        if result["recipe"] == text:
            return result
    recipe.write_text(text, encoding="utf-8")
    print(f"{training.name}: {training.words:,} words", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "ner_rnn_cli", "train"]
    command += ["--config", str(recipe), "--output", str(model)]
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    seconds = round(time.monotonic() - began)
    sets = count_names(model, DOMAINS[training.domain])
    result = {
        "domain": training.domain,
        "system": training.system,
        "f1": pooled(sets),
        "sets": sets,
        "words": training.words,
        "epochs": training.config.trainer.epochs,
        "seconds": seconds,
        "recipe": text,
    }
    kept.write_text(json.dumps(result, indent=1), encoding="utf-8")
    print(f"{training.name}: F1 {result['f1']:.1f}, {seconds} s", file=sys.stderr, flush=True)
    return result


def as_yaml(config: Config) -> str:
    """Return a whole recipe, defaults included, as ``ner-rnn train`` reads it."""
    plain = json.loads(json.dumps(asdict(config)))  # tuples as lists
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True)


def count_names(model: Path, names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Count the names that a model finds in test sets of the embedded corpora."""
    texts = {name: texts_of(read(MARK + name, split="test")) for name in names}
    found = Model(model.name, str(model)).find({n: text.documents for n, text in texts.items()})
    return {name: count(text.spans(), found[name]) for name, text in texts.items()}


def pooled(sets: Mapping[str, Mapping[str, Any]]) -> float:
    """Return the F1 of counts added over sets, in percent; a family counts as one set.

    >>> pooled({"a": {"tp": 1, "fp": 0, "fn": 0}, "b": {"tp": 0, "fp": 1, "fn": 1}})
    50.0
    """
    shares = {name: 1 / len(CROSSNER) if name in CROSSNER else 1.0 for name in sets}
    tp, fp, fn = (
        sum(shares[name] * sets[name][key] for name in sets) for key in ("tp", "fp", "fn")
    )
    return 100 * 2 * tp / (2 * tp + fp + fn)


def table(results: Iterable[Mapping[str, Any]]) -> str:
    """Return a Markdown table of domains by systems, with the mean and the difference."""
    rows: dict[str, dict[str, float]] = {}
    for result in results:
        rows.setdefault(result["domain"], {})[result["system"]] = result["f1"]
    rows["**mean**"] = {name: fmean(row[name] for row in rows.values()) for name in SYSTEMS}
    lines = ["| left out | plain | recipe | difference |", "|---|---|---|---|"]
    for name, row in rows.items():
        plain, recipe = (row[system] for system in SYSTEMS)
        lines.append(f"| {name} | {plain:.1f} | {recipe:.1f} | {recipe - plain:+.1f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
