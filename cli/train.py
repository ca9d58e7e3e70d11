"""``ner-rnn train``: from a recipe and a corpus to a model on disk and its scores."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ner_rnn.machine import cores

from . import console, settings
from .progress import progress_bar

if TYPE_CHECKING:
    from ner_rnn.model.settings import Config
    from ner_rnn.training.start import Start

__all__ = ["EXAMPLE", "add_arguments", "add_common", "learn", "run", "start_of"]

EXAMPLE = """\
examples:
  ner-rnn train --config configs/english.yaml --output runs/english
  ner-rnn train --config configs/bilstm_crf.yaml --data.train eng.train \\
      --data.dev eng.testa --data.test eng.testb --output runs/conll
  ner-rnn train --config configs/rnn_uni.yaml --data.corpus corpora/conll2003 \\
      --model.hidden-size 64 --trainer.devices 2 --trainer.strategy ddp --output runs/rnn
  ner-rnn train --config configs/english.yaml --output runs/english --resume
  ner-rnn train --from en --data.train mine.bio --output runs/mine

Paths in a recipe are read from the folder you stand in.
"""


_USAGE = "[--config FILE] [--from MODEL] [--output FOLDER] [--resume] [--SETTING VALUE ...]"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    add_common(parser, "ner-rnn train")
    settings.add_flags(parser)


def add_common(parser: argparse.ArgumentParser, usage: str) -> None:
    """Declare the flags that commands which train a tagger share, but those of settings."""
    parser.usage = f"{usage} {_USAGE}"
    parser.add_argument(
        "--output", metavar="FOLDER", help="folder of the model [runs/NAME, named as the config]"
    )
    parser.add_argument(
        "--resume", action="store_true", help="go on from where a run in the same folder stopped"
    )
    parser.add_argument(
        "--from",
        dest="start",
        metavar="MODEL",
        help="model to start from: weights, words, network and labels are its own, other settings "
        "have defaults for little text",
    )
    parser.add_argument(
        "--config", metavar="FILE", help="YAML file of any settings below; flags override it"
    )


def run(args: argparse.Namespace) -> int:
    """Train, then print the scores and what to type next."""
    start = start_of(args)
    return learn(args, settings.load(args.config, vars(args), start), start)


def start_of(args: argparse.Namespace) -> Start | None:
    """Return the model to start from, if one is named."""
    if args.start is None:
        return None
    from ner_rnn.training.start import read_start

    return read_start(args.start)


def learn(args: argparse.Namespace, config: Config, start: Start | None) -> int:
    """Train by a recipe, then print the scores and what to type next."""
    name = Path(args.config).stem if args.config else "model"
    output = Path(args.output) if args.output else Path("runs") / name

    from ner_rnn.training.fit import train

    with console.owning(output), progress_bar() as bar:
        result = train(
            config,
            output=output,
            start=start,
            resume=args.resume,
            readers=cores(),
            on_notice=console.notice,
            on_progress=bar.show,
        )
    if result is None:  # a further process of the same run: the first one speaks for all
        return 0

    from .scores import score_table

    if result.scores:
        rows = {split: scores.to_dict() for split, scores in result.scores.items()}
        title = f"Person names, in percent ({result.seconds:.0f} s)"
        console.show(score_table(rows, title))
    program = console.program()
    print(f"The model is in {output}. Next:")
    print(f'  echo "Maria Silva met Dr. J. Kowalski in Lisbon." | {program} tag - --model {output}')
    print(f"  {program} info {output}")
    return 0
