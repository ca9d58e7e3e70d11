"""``ner-rnn distill``: one fast model learns what others know, on text without annotation."""

from __future__ import annotations

import argparse
from dataclasses import replace

from ner_rnn.errors import ConfigError

from . import settings
from .train import add_common, learn, start_of

EXAMPLE = """\
examples:
  ner-rnn distill --teacher runs/a runs/b runs/c --text news.txt.xz \\
      --config configs/conll2003.yaml --data.corpus conll2003 --output runs/student
  ner-rnn distill --teacher en --text mail/ --from en --output runs/mail
  ner-rnn distill --teacher en --text mail.jsonl --distill.text-field body --from en \\
      --data.train mine.bio --output runs/mail
  ner-rnn distill --config configs/english.yaml --teacher runs/a --text news/ --output runs/b \\
      --resume

The first: many models teach one that is as fast as its recipe. The second: a model is adapted to
text of another kind, of which nothing is annotated; what it learned from, as far as the package has
it, is read again beside it. All settings and flags are those of 'ner-rnn train'.

Each file of a folder is a document, and so is each row of a table (CSV, JSON lines, Parquet); in a
text file that is named, blank lines part documents. The models that teach list every name that they
think possible, with its probability; in each epoch, names are drawn from these anew. With --from
those are learned that they are sure of (--distill.names). What they found is kept (--data.cache),
so that they read a text once.
"""

_OWN = {"distill.teachers", "distill.text"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    add_common(parser, "ner-rnn distill --teacher MODEL ... --text PATH ...")
    parser.add_argument(
        "--teacher",
        dest="teachers",
        nargs="+",
        metavar="MODEL",
        help="models to learn from: folders, or names of built-in ones; of several, the mean of "
        "their probabilities counts",
    )
    parser.add_argument(
        "--text",
        nargs="+",
        metavar="PATH",
        help="text that they read: files (also .gz, .xz, .bz2 or .zst), folders or patterns",
    )
    settings.add_flags(parser, only=settings.known() - _OWN)


def run(args: argparse.Namespace) -> int:
    """Train on what the teachers read, then print the scores and what to type next."""
    start = start_of(args)
    if start is not None:
        from ner_rnn.training.distillation.distil import ADAPTATION

        trainer, distill = ADAPTATION
        start = replace(start, recipe=replace(start.recipe, trainer=trainer, distill=distill))
    config = settings.load(args.config, vars(args), start)
    asked = replace(
        config.distill,
        teachers=tuple(args.teachers or config.distill.teachers),
        text=tuple(args.text or config.distill.text),
    )
    if not asked.teachers and not asked.text:
        raise ConfigError(
            "nobody teaches, and there is no text", do="give {distill.teachers} and {distill.text}"
        )
    return learn(args, replace(config, distill=asked), start)
