"""``ner-rnn models``: the built-in models, what they learned from and how well they do."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

from . import console

if TYPE_CHECKING:
    from ner_rnn.model.builtin import BuiltIn, Score
    from ner_rnn.text.report_table import Table

EXAMPLE = """\
examples:
  ner-rnn models
  ner-rnn models --json | jq '.[].name'
  ner-rnn tag letter.txt --model en
"""

MEGABYTE = 1_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--json", action="store_true", help="print all of it as JSON: a list of models"
    )


def run(args: argparse.Namespace) -> int:
    """Print a table of the models, then corpora and scores of each."""
    from ner_rnn.model.builtin import built_in_names, describe

    models = [describe(name) for name in built_in_names()]
    if args.json:
        import json

        known = [{**dataclasses.asdict(model), "folder": str(model.folder)} for model in models]
        print(json.dumps(known, indent=2, ensure_ascii=False))
        return 0
    if not models:
        console.notice("this installation has no built-in model")
        return 0

    from ner_rnn.text.report_table import to_rich

    console.show(to_rich(_models(models)))
    for model in models:
        if model.corpora:
            console.show(f"{model.name} learned from {', '.join(model.corpora)}\n")
        if model.scores:
            title = f"{model.name}: F1 on whole names, in percent"
            console.show(to_rich(_scores(model.scores), title=title, first=14, tight=True))
    return 0


def _models(models: Sequence[BuiltIn]) -> Table[BuiltIn]:
    from ner_rnn.text.report_table import Column, Table

    return Table(
        "Built-in models",
        [
            Column("model", lambda model: model.name, left=True),
            Column("language", lambda model: model.language or None, left=True),
            Column("size", lambda model: f"{model.size / MEGABYTE:.1f} MB"),
            Column("licence", lambda model: model.licence or None, left=True),
        ],
        models,
    )


def _scores(scores: Sequence[Score]) -> Table[Score]:
    from ner_rnn.text.report_table import Column, Table, percent

    def interval(score: Score) -> str | None:
        if score.low is None or score.high is None:
            return None
        return f"{percent(score.low, 1)} to {percent(score.high, 1)}"

    columns: list[Column[Score]] = [
        Column("kind of text", lambda score: score.kind, left=True),
        Column("corpus", lambda score: score.corpus, left=True),
        Column("F1", lambda score: percent(score.f1, 1), strong=True),
        Column("95 %", interval),
        Column("lower", lambda score: percent(score.lower_f1, 1)),
        Column("capitals", lambda score: percent(score.upper_f1, 1)),
        Column("spaCy md", lambda score: percent(score.spacy_md_f1, 1)),
    ]
    # what was measured nowhere has no column
    return Table("Scores", [c for c in columns if any(map(c.get, scores))], scores)
