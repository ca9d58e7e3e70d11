"""``ner-rnn lm``: language models. Each action has its own arguments."""

from __future__ import annotations

import argparse

from ..parser import add_actions
from .lm_sample import SAMPLE
from .lm_score import COMPARE, SCORE
from .lm_train import TRAIN

EXAMPLE = """\
examples:
  ner-rnn lm train names.txt --unit char --output models/names
  ner-rnn lm sample models/names --count 20 --temperature 0.8 --prefix Mar --seed 1
  ner-rnn lm score models/names file.txt
  ner-rnn lm compare models/names models/places file.txt
  ner-rnn lm train --help               (the options of an action)
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions and their arguments."""
    add_actions(parser, {"train": TRAIN, "sample": SAMPLE, "score": SCORE, "compare": COMPARE})
