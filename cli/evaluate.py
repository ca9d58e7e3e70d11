"""``ner-rnn evaluate``: the scores of a model on annotated files."""

from __future__ import annotations

import argparse
from pathlib import Path

from . import console

EXAMPLE = """\
examples:
  ner-rnn evaluate --model runs/conll --data eng.testb
  ner-rnn evaluate --model runs/sample --data eng.testa eng.testb.gz
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


def run(args: argparse.Namespace) -> int:
    """Score, then print one row a file."""
    from ner_rnn.training.evaluate import evaluate

    scores = evaluate(Path(args.model), args.data, on_notice=console.notice)

    from rich.console import Console

    from .scores import score_table

    Console(highlight=False).print(score_table(scores, title="Person names, in percent"))
    return 0
