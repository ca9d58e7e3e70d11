"""The card of a built-in model, from what was measured: README.md and about.json beside its bundle.

    python benchmarks/kinds_of_text.py --model en --spacy ../venv-spacy/bin/python --output en.json
    python benchmarks/model_card.py en.json --model en

Corpora, lists and licences are those that the bundle's settings name. Intervals follow from the
counts of names; the failures are found by tagging ``hard_sentences.txt``. The table for the
project's README is printed. ``python -m ner_rnn.model.pack`` replaces the card: pack first.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from card_tables import (
    Row,
    calibration,
    cases,
    cultures,
    false_names,
    of_readme,
    scores,
    spread,
)
from hard_sentences import tag_hard_sentences
from kinds import CASES
from measured import Measured, interval, mean_interval, read_measured

from ner_rnn.corpora.embedded import embedded_name
from ner_rnn.model.builtin import DEFAULT, find_model
from ner_rnn.runtime.tagger import Tagger
from ner_rnn.shipped import EMBEDDED, MARK
from ner_rnn.text.report_table import Table, percent, to_markdown
from ner_rnn.text.templates import render
from ner_rnn.text.writing_folders import write_folder

LANGUAGE = "English"
LICENCE = "CC BY-SA 4.0"
"""That of the corpora whose terms are the strictest; the others allow it."""
KINDS = {
    "conll2003/eng.testb": "newswire, 1996",
    "worldwide/dev": "world news, 2020s",
    "finer_ord/test": "financial news, 2015",
    "uner_en_ewt/test": "web pages, mail",
    "gum_open/test": "academic, court, travel",
    "gum_research/test": "talk, fiction, letters",
    "litbank/names": "novels",
    "sec_filings/test": "loan agreements",
    "wikigold/all": "Wikipedia",
    "crossner/politics_test": "Wikipedia: politics",
    "crossner/science_test": "Wikipedia: science",
    "crossner/music_test": "Wikipedia: music",
    "crossner/literature_test": "Wikipedia: literature",
    "crossner/ai_test": "Wikipedia: AI",
    "wnut17/test": "social media",
    "btc/h": "tweets, by place",
    "tweebank_ner/test": "tweets",
}
"""Test sets in the order of the tables."""
INDEX = json.loads((EMBEDDED / "index.json").read_text(encoding="utf-8"))


def main() -> None:
    """Write the card and its data, and print the table of the README."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("measured", nargs="+", type=Path, help="output of kinds_of_text.py")
    parser.add_argument("--model", default=DEFAULT, help="name or folder of the bundle")
    parser.add_argument("--system", help="name of the model in those files [the only one]")
    args = parser.parse_args()
    ours, spacy = read_measured(args.measured, args.system)
    folder = find_model(args.model)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    print(to_markdown(write_card(folder, config, Tagger.load(folder), ours, spacy)))


def write_card(
    folder: Path, config: Mapping[str, Any], tagger: Tagger, ours: Measured, spacy: Measured
) -> Table[Row]:
    """Write the card of a bundle and its ``about.json``.

    Args:
        folder: of the bundle; its name is that of the model.
        config: settings of its training.
        tagger: the model, for the hard sentences.
        ours: what was measured of it.
        spacy: the same of spaCy.

    Returns:
        The table of the README.
    """
    sources = list(_sources(config))
    rows = list(_rows(ours, spacy, {source["name"] for source in sources}))
    right, failures = tag_hard_sentences(tagger)
    card = render(
        "built_in_card.md",
        name=folder.name,
        licence=LICENCE,
        sources=sources,
        lists=list(_lists(config)),
        changes=[
            name for name, share in config["augment"].items() if isinstance(share, float) and share
        ],
        unseen=[row["kind"] for row in rows if row["seen"] == "no"],
        spacy=spacy.name,
        scores=scores(rows),
        cases=cases(rows),
        calibration=calibration(rows),
        cultures=cultures(ours, spacy),
        spread=list(spread(ours, spacy)),
        false_names=false_names(ours, spacy),
        weakest=[
            f"{row['kind']} ({percent(row['ours']['cased'].value, 1)})"
            for row in sorted(rows, key=lambda row: row["ours"]["cased"].value)[:3]
        ],
        failures=failures,
        right=right,
    )
    about = json.dumps(_described(rows, sources), indent=1)
    write_folder(folder, {"about.json": f"{about}\n".encode(), "README.md": card.encode()})
    return of_readme(rows)


def _sources(config: Mapping[str, Any]) -> Iterator[Row]:
    """Yield the corpora that a model learned from: name, kind of text, licence, person names."""
    for entry in config["data"]["corpora"]:
        if entry["split"] == "train":
            name = embedded_name(entry["path"]) or Path(entry["path"]).name
            about = INDEX["corpora"].get(name)
            yield {
                "name": name,
                "about": about["about"] if about else "not part of the package",
                "licence": about["licence"] if about else "",
                "names": about["splits"]["train"]["names"] if about else None,
            }


def _lists(config: Mapping[str, Any]) -> Iterator[Row]:
    """Yield the lists of names and classes of words that a model learned from: path, licence."""
    model, augment = config["model"], config["augment"]
    paths = [model["clusters"], *model["gazetteers"]]
    for path in dict.fromkeys([*paths, *augment["given_names"], *augment["family_names"]]):
        if path:
            about = INDEX["lists"].get(path.removeprefix(MARK), {})
            yield {"path": path, "licence": about.get("licence", "CC-BY-SA-3.0")}


def _rows(ours: Measured, spacy: Measured, learned: set[str]) -> Iterator[Row]:
    """Yield one row per test set, and one of the mean."""
    counts = {case: ours.kinds[case] for case in CASES}
    theirs = {case: spacy.kinds[case] for case in CASES}
    for name, kind in KINDS.items():
        if name not in counts["cased"]:
            continue
        folder, _, part = name.partition("/")
        source = f"crossner_{part.removesuffix('_test')}" if folder == "crossner" else folder
        cased = counts["cased"][name]
        yield {
            "kind": kind,
            "set": name,
            "seen": "yes" if source in learned else "no",
            "names": cased["tp"] + cased["fn"],
            "ece": cased["ece"],
            "ours": {case: interval(counts[case][name]) for case in CASES},
            "spacy": {case: interval(theirs[case][name]) for case in CASES},
        }
    yield {
        "kind": "mean",
        "set": "",
        "seen": None,
        "names": None,
        "ece": None,
        "ours": {case: mean_interval(counts[case]) for case in CASES},
        "spacy": {case: mean_interval(theirs[case]) for case in CASES},
    }


def _described(rows: list[Row], sources: list[Row]) -> Row:
    """Return what ``ner-rnn models`` shows."""
    return {
        "language": LANGUAGE,
        "licence": LICENCE,
        "corpora": [f"{source['name']} ({source['licence']})" for source in sources],
        "scores": [
            {
                "kind": row["kind"],
                "corpus": row["set"].partition("/")[0],
                "f1": round(row["ours"]["cased"].value, 6),
                "low": round(row["ours"]["cased"].low, 6),
                "high": round(row["ours"]["cased"].high, 6),
                "lower_f1": round(row["ours"]["lower"].value, 6),
                "upper_f1": round(row["ours"]["upper"].value, 6),
                "spacy_md_f1": round(row["spacy"]["cased"].value, 6),
            }
            for row in rows
        ],
    }


if __name__ == "__main__":
    main()
