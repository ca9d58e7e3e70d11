"""Figures of language models, each with its baseline in the same run.

    python benchmarks/bench_language_model.py names --data path/to/data
    python benchmarks/bench_language_model.py classify --data path/to/data
    python benchmarks/bench_language_model.py throughput

names: a character model of first names; bits per character on held-out names, compared with an
interpolated 5-gram model with modified Kneser-Ney smoothing (Chen & Goodman 1999) trained on the
same lines; samples, and how many of 1,000 are new.

classify: two character models as a classifier, first names and surnames against other words:
capitalised words of the Brown clusters that are in no list of names, or, with --others places,
places of the CoNLL-2003 training set.

throughput: symbols per second of training by Lightning, as the command does it, compared with a
bare loop over the same layers and batches; the two alternate. Processor time on one thread, as the
load of the machine varies.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from ner_rnn.corpora.read import read
from ner_rnn.encoding.symbols import END, Symbols
from ner_rnn.language_model.batches import LanguageData, Windows
from ner_rnn.language_model.module import LanguageModule
from ner_rnn.language_model.texts import Corpus
from ner_rnn.model.language_model import Settings
from ner_rnn.nn.language_model_files import build_model, load_language_model
from ner_rnn.text.files import read_lines
from ner_rnn.training.trainer import build_trainer, quiet


class KneserNey:
    """Interpolated n-gram model over ids with modified Kneser-Ney smoothing.

    Args:
        sequences: ids of lines, without the end symbol.
        order: n.
        symbols: number of symbols.
    """

    def __init__(self, sequences: Iterable[Sequence[int]], order: int, symbols: int) -> None:
        self.order, self.symbols = order, symbols
        top: Counter[tuple[int, ...]] = Counter()
        for ids in sequences:
            padded = (*[END] * (order - 1), *ids, END)
            top.update(padded[i : i + order] for i in range(len(padded) - order + 1))
        counts = [top]
        for _ in range(order - 1):
            # below the top, counts are of the distinct symbols that precede an n-gram
            counts.append(Counter(gram[1:] for gram in counts[-1]))
        self.levels = [self._level(level) for level in reversed(counts)]  # unigrams first

    @staticmethod
    def _level(counts: Counter[tuple[int, ...]]):
        n = [sum(c == k for c in counts.values()) or 1 for k in (1, 2, 3, 4)]
        y = n[0] / (n[0] + 2 * n[1])
        # there are too few single symbols for the estimate, and the discount must not vanish
        discounts = [max(0.1, k - (k + 1) * y * n[k] / n[k - 1]) for k in (1, 2, 3)]
        total: dict[tuple[int, ...], int] = defaultdict(int)
        freed: dict[tuple[int, ...], float] = defaultdict(float)
        for gram, count in counts.items():
            total[gram[:-1]] += count
            freed[gram[:-1]] += discounts[min(count, 3) - 1]
        return counts, discounts, total, freed

    def probability(self, context: tuple[int, ...], symbol: int) -> float:
        """Return P(symbol | context)."""
        p = 1 / self.symbols
        for length, (counts, discounts, total, freed) in enumerate(self.levels):
            history = context[len(context) - length :]
            if not total.get(history):
                break
            count = counts.get((*history, symbol), 0)
            kept = count - discounts[min(count, 3) - 1] if count else 0.0
            p = (kept + freed[history] * p) / total[history]
        return p

    def bits(self, sequences: Iterable[Sequence[int]]) -> float:
        """Return bits per symbol, ends included."""
        total, count = 0.0, 0
        for ids in sequences:
            padded = (*[END] * (self.order - 1), *ids, END)
            for i in range(self.order - 1, len(padded)):
                total -= math.log2(self.probability(padded[i - self.order + 1 : i], padded[i]))
                count += 1
        return total / count


def run(*words: object) -> str:
    """Run a command and return its output."""
    done = subprocess.run(
        [sys.executable, "-m", "ner_rnn_cli", "lm", *map(str, words)],
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return done.stdout


def write(path: Path, lines: Iterable[str]) -> Path:
    """Write one line per string and return the path."""
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def shuffled(lines: Iterable[str], seed: int) -> list[str]:
    """Return the distinct lines in an order that depends on the seed alone."""
    distinct = sorted({line.strip() for line in lines} - {""})
    random.Random(seed).shuffle(distinct)
    return distinct


def seconds(model: Path) -> str:
    """Return the duration of training as text."""
    about = json.loads((model / "metrics.json").read_text(encoding="utf-8"))["seconds"]
    return f"{about['processor']:.0f} s of one processor ({about['fit']:.0f} s elapsed)"


def names(args: argparse.Namespace, folder: Path) -> None:
    """Compare a character model of names with a 5-gram model."""
    lines = shuffled(read_lines(args.data / "names" / "world_first_names.txt"), args.seed)
    cut = len(lines) // 20
    test, dev, train = lines[:cut], lines[cut : 2 * cut], lines[2 * cut :]
    files = {
        name: write(folder / f"{name}.txt", part)
        for name, part in (("train", train), ("dev", dev), ("test", test))
    }
    model = folder / "names"
    run("train", files["train"], "--dev", files["dev"], "--output", model, *args.settings)
    loaded = load_language_model(model)
    symbols = loaded.symbols
    output = run("score", model, files["test"], "--total")
    ours = float(re.search(r"([\d.]+) bits", output)[1])
    grams = KneserNey((symbols.encode(s).tolist() for s in train), 5, len(symbols))
    check = sum(grams.probability((END, END, 2, 3), symbol) for symbol in range(len(symbols)))
    assert abs(check - 1) < 1e-9, check
    theirs = grams.bits(symbols.encode(s).tolist() for s in test)
    everything = grams.bits(symbols.encode(s).tolist() for s in train)
    print(f"{len(train):,} names for training, {len(test):,} for testing; {seconds(model)}")
    print(f"| model | bits per character, held out |\n|---|---|\n| ours | {ours:.3f} |")
    print(
        f"| 5-gram, modified Kneser-Ney | {theirs:.3f} ({everything:.3f} on its training names) |"
    )
    for flags in ([], ["--temperature", "0.8"]):
        more = ["--count", 1000, "--report", *flags]
        *samples, report = run("sample", model, *more).splitlines()
        print(f"{' '.join(flags) or '--temperature 1'}: {report[2:]}")
        print(f"  {', '.join(samples[:12])}")


def classify(args: argparse.Namespace, folder: Path) -> None:
    """Classify names and other words by two models."""
    lists = {
        path.stem: set(read_lines(path)) for path in sorted((args.data / "names").glob("*.txt"))
    }
    every = set().union(*lists.values())
    if args.others == "words":
        rows = read_lines(args.data / "brown" / "rcv1-c1000.txt.xz")
        words = [word for _, word, count in (row.split("\t") for row in rows) if int(count) >= 10]
        words = [word for word in words if word[:1].isupper() and word[1:].islower()]
        others = shuffled((word for word in words if word not in every), args.seed)
    else:
        file = args.data / "conll2003" / "eng.train"
        corpus = read(file)
        found = [
            " ".join(tokens[span.start : span.end])
            for tokens, spans in zip(corpus.tokens, corpus.spans, strict=True)
            for span in spans
            if span.label == "LOC"
        ]
        others = shuffled((place for place in found if not place.isupper()), args.seed)
    people = shuffled(lists["world_first_names"] | lists["world_surnames"], args.seed)
    people = [name for name in people if name[:1].isupper() and " " not in name]
    most = min(len(people), len(others), 12_000)
    labelled = []
    for label, lines in (("names", people[:most]), ("others", others[:most])):
        cut = most // 10
        train = write(folder / f"{label}.txt", lines[cut:])
        run("train", train, "--output", folder / label, *args.settings)
        labelled += [f"{line}\t{label}" for line in lines[:cut]]
        print(f"{label}: {most - cut:,} for training, {seconds(folder / label)}")
    test = write(folder / "test.txt", labelled)
    out = run("compare", folder / "names", folder / "others", test, "--labels").splitlines()
    print(out[-1][2:])
    wrong = [line.split("\t") for line, said in zip(out, labelled, strict=False)
             if line.split("\t")[0] != said.split("\t")[1]]  # fmt: skip
    print("errors, for example:", ", ".join(f"{text} ({won})" for won, _, text in wrong[:8]))


def throughput(args: argparse.Namespace, folder: Path) -> None:
    """Compare Lightning with a bare loop."""
    torch.set_num_threads(1)
    settings = Settings(
        running=True, hidden_size=args.units, rows=args.rows, window=args.window, dropout=0.0
    )
    rng = np.random.default_rng(0)
    length = settings.rows * settings.window * args.steps
    ids = rng.integers(2, 98, length).astype(np.int32)
    symbols = Symbols("char", tuple(map(chr, range(33, 129))))
    corpus = Corpus(symbols, ids, ids[:1000], [])
    ratios, rates = [], []
    for turn in range(args.turns + 1):  # the first warms up
        torch.manual_seed(0)
        ours = length / lightning(corpus, settings)
        torch.manual_seed(0)
        bare = length / bare_loop(ids, settings, len(symbols))
        if turn:
            ratios.append(ours / bare)
            rates.append((ours, bare))
    middle = [statistics.median(column) for column in zip(*rates, strict=True)]
    print(f"{args.units} units, {args.rows} rows, window {args.window}, {args.turns} turns")
    print(f"| loop | symbols/s of processor time |\n|---|---|\n| ours | {middle[0]:,.0f} |")
    print(f"| bare | {middle[1]:,.0f} |")
    print(f"ours / bare: {statistics.median(ratios):.3f} (median of turns)")


def lightning(corpus: Corpus, settings: Settings) -> float:
    """Return processor seconds of an epoch by the trainer, as the command runs it."""
    module = LanguageModule(build_model(settings, corpus.symbols), settings)
    data = LanguageData(corpus, settings)
    with quiet():
        trainer = build_trainer(settings.trainer(), callbacks=[])
        trainer.fit_loop.max_epochs = 1
        trainer.limit_val_batches = 0
        began = time.process_time()
        trainer.fit(module, datamodule=data)
    return time.process_time() - began


def bare_loop(ids, settings: Settings, count: int) -> float:
    """Return processor seconds of the same epoch in plain torch."""
    vectors = nn.Embedding(count, settings.embedding_size)
    layer = nn.LSTM(settings.embedding_size, settings.hidden_size, batch_first=True)
    emit = nn.Linear(settings.hidden_size, count)
    parameters = [*vectors.parameters(), *layer.parameters(), *emit.parameters()]
    optimizer = torch.optim.AdamW(parameters, settings.learning_rate, (0.9, 0.99), fused=True)
    state = None
    windows = Windows(ids, settings.rows, settings.window)
    began = time.process_time()
    for place in range(len(windows)):
        read, targets, _ = windows[place]
        y, state = layer(vectors(read), state)
        state = tuple(part.detach() for part in state)
        loss = nn.functional.cross_entropy(emit(y).flatten(0, 1), targets.flatten().long())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, settings.clip)
        optimizer.step()
    return time.process_time() - began


def main() -> None:
    """Run one benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parts = parser.add_subparsers(required=True)
    for part in (names, classify):
        sub = parts.add_parser(part.__name__, help=part.__doc__)
        sub.add_argument("--data", type=Path, required=True, help="folder with names/ and the like")
        sub.add_argument("--seed", type=int, default=1)
        sub.add_argument("settings", nargs="*", help="after --: flags for lm train")
        sub.set_defaults(part=part)
        if part is classify:
            sub.add_argument("--others", choices=["words", "places"], default="words")
    sub = parts.add_parser("throughput", help=throughput.__doc__)
    sub.add_argument("--units", type=int, default=256)
    sub.add_argument("--rows", type=int, default=64)
    sub.add_argument("--window", type=int, default=100)
    sub.add_argument("--steps", type=int, default=10)
    sub.add_argument("--turns", type=int, default=5)
    sub.set_defaults(part=throughput)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        args.part(args, Path(folder))


if __name__ == "__main__":
    main()
