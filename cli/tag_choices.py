"""What the flags of ``ner-rnn tag`` choose: the model, its threshold, and what names become."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ner_rnn.errors import ConfigError, Setting

from . import console

if TYPE_CHECKING:
    from ner_rnn.tagging.redact import Replacement

__all__ = ["chosen_min_score", "chosen_model", "chosen_replacement", "chosen_terminal"]


def chosen_model(model: str) -> str:
    """Return the folder of the model; one that is none is refused before text is read."""
    from ner_rnn.model.builtin import find_model

    folder = find_model(model)
    if not Path(folder, "manifest.json").is_file():
        from ner_rnn.model.loader import read_tagger

        read_tagger(folder)
    return str(folder)


def chosen_min_score(args: argparse.Namespace) -> float:
    """Return the threshold; of one that follows from ``--recall``, say what to expect."""
    if args.recall is None:
        return float(args.min_score)
    from ner_rnn.model.loader import read_tagger
    from ner_rnn.model.recall import operating_point

    point = operating_point(read_tagger(args.model), args.recall)
    whole, exact, right = (point[key] or 0.0 for key in ("whole", "recall", "precision"))
    console.notice(
        f"--recall {args.recall:g}: names with a probability of {point['threshold']:.2g} or more; "
        f"on the model's development data {whole:.1%} of the names are found whole ({exact:.1%} "
        f"exactly), and {right:.0%} of what is found is exactly a name"
    )
    return point["threshold"]


def chosen_replacement(args: argparse.Namespace) -> Replacement | None:
    """Return what stands in place of names; None: they stay."""
    from ner_rnn.tagging.redact import as_replacement

    if args.redact == "surrogates":
        from ner_rnn.tagging.surrogates.people import Surrogates
        from ner_rnn.tagging.surrogates.secret_key import read_key

        if args.key is not None:
            return Surrogates(read_key(args.key), args.encoding)
        if args.resume:
            raise ConfigError(
                "without a key, this run would give other surrogates than the one before",
                do="give {key}, also in the first run",
            )
        return Surrogates(encoding=args.encoding)
    for name, value in (("key", args.key), ("map", args.map)):
        if value is not None:
            raise ConfigError("it is for surrogates", where=Setting(name), found=value,
                              do="add {redact} surrogates")  # fmt: skip
    return as_replacement(args.redact)


def chosen_terminal() -> Literal["colour", "plain"] | None:
    """Return how a terminal shows names; None: results do not go to one."""
    if not sys.stdout.isatty():
        return None
    bare = os.environ.get("NO_COLOR") or os.environ.get("TERM") in ("dumb", "unknown")
    return "plain" if bare else "colour"
