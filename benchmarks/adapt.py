"""Adaptation to text without annotation: F1 before and after, on kinds of text never learned from.

    python benchmarks/adapt.py --data ../shared/data --output runs/adapt
    python benchmarks/adapt.py --split dev --only finer_ord gum_research

The words of a training set, without its tags, are the text that somebody has; the model learns from
what it finds there itself, ``ner-rnn distill --teacher MODEL --from MODEL --text FILE``, and is
scored on the development or test set of the same source. F1 of persons in percent; seconds are
those of the whole command.

``en`` has learned from web text with mail (uner_en_ewt) and from court, interviews and four more
genres (gum_open): these are for a model of ``configs/english.yaml`` without these two corpora,

    python benchmarks/adapt.py --model runs/without --only uner_en_ewt gum_open

Of uner_en_ewt there is no training set, so that its development set is the text.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from itertools import groupby
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

from finders import Model
from kinds import count, texts_of
from processes import environment

from ner_rnn.corpora.read import read


class Kind(NamedTuple):
    """Files of a kind of text below the data folder: its text, and sets to be scored on."""

    text: str
    dev: str
    test: str


KINDS = {
    "conll2003": Kind("conll2003/eng.train", "conll2003/eng.testa", "conll2003/eng.testb"),
    "worldwide": Kind("worldwide/train.bio", "worldwide/dev.bio", "worldwide/dev.bio"),
    **{
        name: Kind(f"{name}/train.bio", f"{name}/dev.bio", f"{name}/test.bio")
        for name in ("finer_ord", "gum_research", "masakhaner2_pcm", "conll04")
    },
}
LEARNED = {
    "uner_en_ewt": Kind("uner_en_ewt/dev.bio", "uner_en_ewt/dev.bio", "uner_en_ewt/test.bio"),
    "gum_open": Kind("gum_open/train.bio", "gum_open/dev.bio", "gum_open/test.bio"),
}
"""Kinds of text that the built-in model has learned from."""


def main() -> None:
    """Adapt to each kind of text, and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--model", default="en")
    parser.add_argument("--split", choices=("dev", "test"), default="test")
    parser.add_argument("--only", nargs="+", choices=KINDS | LEARNED, default=[*KINDS])
    parser.add_argument("--set", nargs="+", default=[], metavar="FLAG", help="trainer.x=1")
    parser.add_argument("--output", type=Path, default=Path("runs/adapt"), metavar="FOLDER")
    args = parser.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    print("| kind | words of text | before | after | gain | seconds |\n|---|---|---|---|---|---|")
    gains = []
    for kind in args.only:
        files = (KINDS | LEARNED)[kind]
        text, model = args.output / f"{kind}.txt", args.output / kind
        words = write_text(args.data / files.text, text)
        command = [sys.executable, "-m", "ner_rnn_cli", "distill", "--teacher", args.model]
        command += ["--from", args.model, "--text", str(text), "--output", str(model)]
        command += [f"--{flag}" for flag in args.set]
        began = time.monotonic()
        done = subprocess.run(
            command, capture_output=True, text=True, env=environment(), check=False
        )
        seconds = time.monotonic() - began
        if done.returncode:
            raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
        scored = args.data / getattr(files, args.split)
        before, after = (f1(name, scored) for name in (args.model, str(model)))
        gains.append(after - before)
        print(
            f"| {kind} | {words:,} | {before:.1f} | {after:.1f} | {after - before:+.1f} "
            f"| {seconds:.0f} |",
            flush=True,
        )
    print(f"| mean | | | | {fmean(gains):+.1f} | |")


def write_text(source: Path, file: Path) -> int:
    """Write the words of a corpus, a sentence a line and blank lines between documents."""
    corpus = read(source)
    documents = groupby(zip(corpus.documents, corpus.tokens, strict=True), key=lambda row: row[0])
    parts = ["\n".join(" ".join(words) for _, words in rows) for _, rows in documents]
    file.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    return sum(map(len, corpus.tokens))


def f1(model: str, file: Path) -> float:
    """Return F1 of persons, in percent."""
    texts = texts_of(read(file))
    found = Model("model", model).find({"set": texts.documents})
    return float(count(texts.spans(), found["set"])["f1"] or 0.0)


if __name__ == "__main__":
    main()
