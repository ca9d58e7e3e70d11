"""``ner-rnn lm``: language models. Each action is one of the functions below.

``lm_train.py`` learns; ``lm_use.py`` writes and scores; ``lm_compare.py`` compares.
"""

from __future__ import annotations

import argparse

from . import lm_compare, lm_train, lm_use

EXAMPLE = """\
examples:
  ner-rnn lm train names.txt --unit char --output models/names
  ner-rnn lm sample models/names --count 20 --temperature 0.8 --prefix Mar --seed 1
  ner-rnn lm score models/names file.txt
  ner-rnn lm compare models/names models/places file.txt
  ner-rnn lm train --help               (what an action can be told)
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions and their arguments."""
    actions = parser.add_subparsers(metavar="ACTION", required=True, parser_class=type(parser))
    for name, what, module in (
        ("train", "learn to predict the next symbol", lm_train.TRAIN),
        ("sample", "write new text", lm_use.SAMPLE),
        ("score", "say how likely each line is", lm_use.SCORE),
        ("compare", "say which of several models finds a line likeliest", lm_compare.COMPARE),
    ):
        action = actions.add_parser(
            name,
            help=what,
            description=what[0].upper() + what[1:] + ".",
            epilog=module.example,
        )
        module.add_arguments(action)
        action.set_defaults(action=module.run)


def run(args: argparse.Namespace) -> int:
    """Do what was asked for."""
    status: int = args.action(args)
    return status
