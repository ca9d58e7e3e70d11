"""``ner-rnn evaluate``: the scores of a model on annotated files."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from . import console, settings

_SETTINGS = {
    "data.token_column",
    "data.tag_column",
    "data.scheme",
    "data.encoding",
    "data.person_labels",
    "trainer.accelerator",
    "trainer.devices",
    "trainer.num_nodes",
    "trainer.strategy",
    "trainer.precision",
}

EXAMPLE = """\
examples:
  ner-rnn evaluate --model runs/conll --data eng.testb
  ner-rnn evaluate --model runs/sample --data eng.testa eng.testb.gz
  ner-rnn evaluate --model runs/conll --data corpus.conllu --data.token-column 1
  ner-rnn evaluate --model runs/conll --data eng.testb --json --trainer.devices 2
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    parser.add_argument("--model", required=True, metavar="FOLDER", help="a trained model")
    parser.add_argument(
        "--data",
        required=True,
        nargs="+",
        metavar="FILE",
        help="CoNLL column files to score on, each for itself (may be .gz, .xz or .bz2)",
    )
    parser.add_argument("--json", action="store_true", help="print the scores as JSON")
    settings.add_flags(parser, only=_SETTINGS)


def run(args: argparse.Namespace) -> int:
    """Score, then print one row a file, or all counts as JSON."""
    config = settings.load(None, vars(args))

    from ner_rnn.training.evaluate import evaluate

    scores = evaluate(
        Path(args.model),
        args.data,
        data=config.data,
        trainer=config.trainer,
        on_notice=console.notice,
    )
    if scores is None:  # a further process of the same run: the first one speaks for all
        return 0

    rows = {file: result.to_dict() for file, result in scores.items()}
    if args.json:
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return 0

    from rich.console import Console

    from .scores import score_table

    Console(highlight=False).print(score_table(rows, "Person names, in percent"))
    return 0
