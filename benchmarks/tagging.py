"""Tagging compared with other systems: words per second and F1, raw text, start, memory, disk.

    python benchmarks/tagging.py --model runs/conll2003 --data ../shared/data
    python benchmarks/tagging.py --only speed start --turns 9
    python benchmarks/tagging.py --model ner_rnn/models/en --only candidates
    python benchmarks/tagging.py --only raw memory --megabytes 100 --gigabytes 1

All systems of a table alternate, and medians are printed, because the load of the machine varies.
The peers are python-crfsuite with hand-made features and spaCy with its own recognizer, each
trained once on eng.train (``--cache`` keeps them); ``pip install 'ner-rnn[bench]'`` installs them,
or ``--peers-python`` names an environment that has them. The latter is fairer to the start and
memory of spaCy, which loads torch where torch is installed. Published models of spaCy and the word
vectors of flair are left out: they are not in a package registry.

On one core a process is pinned to it and has one thread. On two cores: two processes with half of
the documents each for tokenized text (the time is that of the slower one), ``--workers 2`` for our
command, ``n_process=2`` for spaCy's pipe.
"""

from __future__ import annotations

import argparse
import itertools
import json
import lzma
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from processes import SCRIPT, System, Team, collect, environment, resident, start, timed

from ner_rnn.runtime.tagger import Tagger, TokenizedText
from ner_rnn.text.conll import read_conll
from ner_rnn.text.tags import convert, recognise, spans
from ner_rnn.text.tokenize import iter_sentences

PARTS = ("speed", "candidates", "raw", "start", "memory", "size")
PEERS = {"crfsuite": "pycrfsuite", "spacy": "spacy"}
MEASURED = {"crfsuite": {"speed", "size"}, "spacy": {"speed", "raw", "start", "size"}}
TITLES = {
    "ner-rnn": "ner-rnn",
    "crfsuite": "python-crfsuite, hand-made features",
    "spacy": "spaCy, trained here",
}
LINE = "Angela Merkel met J. R. R. Tolkien's son Christopher in Oxford on Monday.\n"


def main() -> None:
    """Print one table per part."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, default=Path("runs/conll2003"))
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--megabytes", type=float, default=20, help="raw text for ner-rnn")
    parser.add_argument("--peer-megabytes", type=float, default=2, help="raw text for spaCy")
    parser.add_argument("--gigabytes", type=float, default=0.1, help="text for memory")
    parser.add_argument("--peers-python", default=sys.executable, metavar="PYTHON")
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/ner-rnn/bench").expanduser())
    parser.add_argument("--cores", type=int, nargs="+", help="default: the first two allowed")
    args = parser.parse_args()
    if not args.model.is_dir():
        print(f"skipped: {args.model} is no model; name one with --model")
        return
    if not (args.data / "conll2003/eng.testb").is_file():
        print(f"skipped: {args.data} has no conll2003/eng.testb; name a folder with --data")
        return
    if {"raw", "memory"} & {*args.only} and not (args.data / "text/news.txt.xz").is_file():
        print(f"raw and memory are skipped: {args.data} has no text/news.txt.xz\n")
        args.only = [part for part in args.only if part not in {"raw", "memory"}]
    args.cores = (args.cores or sorted(os.sched_getaffinity(0)))[:2]
    if len(args.cores) < 2:
        print("one core is allowed: measurements on two are left out\n")
    systems = [System("ner-rnn", sys.executable, args.model), *_peers(args)]
    with tempfile.TemporaryDirectory() as folder:
        for part in args.only:
            globals()[f"measure_{part}"](systems, args, Path(folder))


def measure_speed(systems: Sequence[System], args: argparse.Namespace, folder: Path) -> None:
    """Measure tagging of the tokenized eng.testb."""
    source = args.data / "conll2003/eng.testb"
    path, golds = folder / "testb.json", _corpus(source)
    path.write_text(json.dumps(golds), encoding="utf-8")
    print(f"### {source.name}, tokenized; median of {args.turns}\n")
    print("| system | cores | words/s | first pass | PER F1 |\n|---|---|---|---|---|")
    for cores in (args.cores[:1], args.cores)[: len(args.cores)]:
        teams = [Team(system, path, cores) for system in systems]
        rates: list[list[float]] = [[] for _ in teams]
        for _ in range(args.turns):
            for team, rate in zip(teams, rates, strict=True):
                rate.append(team.measure())
        for team, rate in zip(teams, rates, strict=True):
            score = _f1(golds, team.close())
            print(
                f"| {TITLES[team.system.name]} | {len(cores)} | {statistics.median(rate):,.0f} "
                f"| {rate[0]:,.0f} | {score:.2f} |"
            )
    print("\nIn the first pass every word is new.\n")


def measure_candidates(systems: Sequence[System], args: argparse.Namespace, folder: Path) -> None:
    """Measure what names off the best path cost: tokenized eng.testb, in this process."""
    tagger = Tagger.load(args.model)
    documents: dict[str, list[Sequence[str]]] = {}
    for sentence in read_conll(args.data / "conll2003/eng.testb"):
        documents.setdefault(sentence.document, []).append(sentence.tokens)
    texts = [TokenizedText.join(sentences) for sentences in documents.values()]
    words = sum(len(row) for rows in documents.values() for row in rows)
    rates: dict[float, list[float]] = {0.0: [], 0.05: [], 0.001: []}
    for turn in range(args.turns + 1):
        for score, rate in rates.items():
            began = time.process_time()
            for _ in tagger.pipe(texts, min_score=score):
                pass
            if turn:  # in the first pass every word is new
                rate.append(words / (time.process_time() - began))
    print(f"### Names off the best path, processor time of one thread; median of {args.turns}\n")
    print("| --min-score | words/s | of the best path |\n|---|---|---|")
    for score, rate in rates.items():
        share = statistics.median(a / b for a, b in zip(rate, rates[0.0], strict=True))
        print(f"| {score:g} | {statistics.median(rate):,.0f} | {share:.2f} |")
    print()


def measure_raw(systems: Sequence[System], args: argparse.Namespace, folder: Path) -> None:
    """Measure tagging of raw text to JSON lines, whole processes."""
    texts = _news(args.data)
    ours, words = _json_lines(texts, folder / "ours.jsonl", args.megabytes)
    theirs, fewer = _json_lines(_news(args.data), folder / "theirs.jsonl", args.peer_megabytes)
    target = folder / "out.jsonl"
    runs: dict[tuple[str, int, float], tuple[list[str], int]] = {}
    for count in range(1, len(args.cores) + 1):
        command = _tag(args.model, ours, "--workers", str(count), "--output", str(target))
        runs["ner-rnn tag --workers", count, args.megabytes] = command, words
        for system in systems:
            if system.name == "spacy":
                command = system.command("raw", theirs, target, "--processes", count)
                runs["spaCy, nlp.pipe, n_process", count, args.peer_megabytes] = command, fewer
    seconds: dict[tuple[str, int, float], list[float]] = {key: [] for key in runs}
    for _ in range(args.turns):
        for key, (command, _) in runs.items():
            target.unlink(missing_ok=True)
            seconds[key].append(timed(command, args.cores[: key[1]])[0])
    print(f"### Raw news text to JSON lines, start included; median of {args.turns}\n")
    print("| system | cores | MB | words/s |\n|---|---|---|---|")
    for (name, count, size), taken in seconds.items():
        rate = runs[name, count, size][1] / statistics.median(taken)
        print(f"| {name} {count} | {count} | {size:g} | {rate:,.0f} |")
    print("\nWords are counted by our tokenizer for both.\n")


def measure_start(systems: Sequence[System], args: argparse.Namespace, folder: Path) -> None:
    """Measure the whole process for one line."""
    path = folder / "one_line.txt"
    path.write_text(LINE, encoding="utf-8")
    commands = {"ner-rnn tag": _tag(args.model, path)}
    for system in systems:
        if system.name == "spacy":
            commands["spaCy, load and tag"] = system.command("once", path)
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for _ in range(args.turns):
        for name, command in commands.items():
            took[name].append(timed(command, args.cores))
    print(f"### A file of one line, whole process; median of {args.turns}\n")
    print("| system | s | peak MB |\n|---|---|---|")
    for name, pairs in took.items():
        seconds, memory = (statistics.median(column) for column in zip(*pairs, strict=True))
        print(f"| {name} | {seconds:.2f} | {memory:.0f} |")
    print()


def measure_memory(systems: Sequence[System], args: argparse.Namespace, folder: Path) -> None:
    """Measure the resident memory of the whole process tree over a big file."""
    try:
        import psutil
    except ImportError:
        print("memory is left out: it needs psutil (pip install 'ner-rnn[bench]')\n")
        return
    path, words = _json_lines(
        itertools.chain.from_iterable(_news(args.data) for _ in itertools.count()),
        folder / "big.jsonl",
        1e3 * args.gigabytes,
    )
    workers = len(args.cores)
    command = _tag(args.model, path, "--workers", str(workers))
    samples: list[float] = []
    began = time.monotonic()
    with start(command, args.cores, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        output: list[bytes] = []
        reader = threading.Thread(target=collect, args=(process.stderr, output))
        reader.start()
        root = psutil.Process(process.pid)
        while process.poll() is None:
            samples.append(resident(psutil, root))
            time.sleep(0.1)
        reader.join()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{b''.join(output).decode()}")
    seconds = time.monotonic() - began
    third = max(1, len(samples) // 3)
    print(f"### Memory of the process tree, {args.gigabytes:g} GB of JSON lines\n")
    print("| system | workers | words | s | peak MB | first third | last third |")
    print("|---|---|---|---|---|---|---|")
    print(
        f"| ner-rnn tag | {workers} | {words:,} | {seconds:.0f} | {max(samples):.0f} "
        f"| {max(samples[:third]):.0f} | {max(samples[-third:]):.0f} |"
    )
    print("\nResident sizes added up: shared memory is counted in each process.\n")


def measure_size(systems: Sequence[System], args: argparse.Namespace, folder: Path) -> None:
    """Measure the size of models on disk."""
    print("### Model on disk\n\n| system | MB |\n|---|---|")
    for system in systems:
        files = [path for path in system.folder.rglob("*") if path.is_file()]
        if system.name == "ner-rnn":  # a run's checkpoints and logs are no part of the model
            listed = json.loads((system.folder / "manifest.json").read_text())["files"]
            files = [system.folder / name for name in ("manifest.json", *listed)]
        size = sum(path.stat().st_size for path in files)
        print(f"| {TITLES[system.name]} | {size / 1e6:.1f} |")
    print()


def _peers(args: argparse.Namespace) -> Iterator[System]:
    """Yield the systems that can be run, trained if necessary."""
    for name, package in PEERS.items():
        if not MEASURED[name] & {*args.only}:
            continue
        probe = [args.peers_python, "-c", f"import {package}"]
        if subprocess.run(probe, check=False, capture_output=True).returncode:
            print(f"{name} is left out: {args.peers_python} has no {package}\n")
            continue
        system = System(name, args.peers_python, args.cache / name)
        if not system.folder.is_dir():
            print(f"training {name} on eng.train, once", file=sys.stderr)
            _train(system, args.data / "conll2003/eng.train")
        yield system


def _train(system: System, source: Path) -> None:
    system.folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=system.folder.parent) as folder:
        corpus, model = Path(folder, "train.json"), Path(folder, "model")
        corpus.write_text(json.dumps(_corpus(source)), encoding="utf-8")
        command = [system.python, str(SCRIPT), "train", system.name, str(corpus), str(model)]
        subprocess.run(command, check=True, env=environment())
        shutil.move(model, system.folder)


def _corpus(path: Path) -> list[list[list[tuple[str, str]]]]:
    """Return documents of sentences of (word, tag in IOB2)."""
    sentences = list(read_conll(path))
    scheme = recognise(sentence.tags for sentence in sentences)
    return [
        [
            list(zip(sentence.tokens, convert(sentence.tags, scheme, "IOB2"), strict=True))
            for sentence in document
        ]
        for _, document in itertools.groupby(sentences, key=lambda s: s.document)
    ]


def _f1(corpus: list[list[list[tuple[str, str]]]], found: list[list[Any]]) -> float:
    """Return F1 of persons in percent; documents were distributed in turn."""
    correct = predicted = support = 0
    for number, persons in enumerate(found):
        sentences = itertools.chain.from_iterable(corpus[number :: len(found)])
        for sentence, names in zip(sentences, persons, strict=True):
            tags = [tag for _, tag in sentence]
            gold = {(s.start, s.end) for s in spans(tags, "IOB2") if s.label == "PER"}
            correct += len(gold & {(start, end) for start, end in names})
            predicted, support = predicted + len(names), support + len(gold)
    return 200 * correct / (predicted + support)


def _news(data: Path) -> Iterator[str]:
    """Yield the documents of the news text, separated by blank lines."""
    lines: list[str] = []
    with lzma.open(data / "text/news.txt.xz", "rt", encoding="utf-8") as file:
        for line in file:
            if line.strip():
                lines.append(line)
            elif lines:
                yield "".join(lines)
                lines = []


def _json_lines(texts: Iterator[str], path: Path, megabytes: float) -> tuple[Path, int]:
    """Write texts of this many MB; return the file and its number of words."""
    size = words = 0
    with path.open("w", encoding="utf-8") as file:
        for number, text in enumerate(texts):
            if size >= 1e6 * megabytes:
                break
            size += len(text.encode())
            words += sum(map(len, iter_sentences(text)))
            file.write(json.dumps({"id": str(number), "text": text}, ensure_ascii=False) + "\n")
    return path, words


def _tag(model: Path, path: Path, *further: str) -> list[str]:
    command = [sys.executable, "-m", "ner_rnn_cli", "tag", str(path), "--model", str(model)]
    fields = ["--text-field", "text", "--id-field", "id"] if path.suffix == ".jsonl" else []
    return [*command, "--format", "jsonl", *fields, *further]


if __name__ == "__main__":
    main()
