"""``ner-rnn``: finds the command that was typed, and loads nothing else.

Each command is one file of this folder with

- ``EXAMPLE: str``: worked examples, shown at the end of ``--help``;
- ``add_arguments(parser: argparse.ArgumentParser) -> None``;
- ``run(args: argparse.Namespace) -> int``: does the work and returns the exit status. Heavy
  imports stand inside it, problems are raised (``ner_rnn.errors.UserError``), results go to
  stdout, all else to stderr (``console.notice``). A command with actions has one for each
  (``parser.add_actions``).

and one line in the table below; what it needs beyond a plain installation stands in ``NEEDS`` and
is looked for before anything else. Flags may be typed with hyphens or underscores, so they are
declared with hyphens. ``--debug`` is taken out before a command sees its arguments.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from itertools import chain

from ner_rnn.errors import ConfigError, UserError
from ner_rnn.extras import EXTRAS, require
from ner_rnn.version import __version__

from . import console
from .parser import Parser, did_you_mean, normalise

__all__ = ["COMMANDS", "NEEDS", "main"]

COMMANDS = {
    "train": "learn from a corpus, print the scores and write a model",
    "distill": "let models teach one fast model, on text without annotation",
    "evaluate": "score a model on annotated files",
    "tag": "find the person names in text",
    "data": "look at annotated files: what they hold, and every error",
    "models": "list the built-in models: language, size, licence, corpora and scores",
    "info": "say what a model is, where it comes from and how well it does",
    "compare": "train several networks under one budget, and report what each is good for",
    "inspect": "see how far back networks remember",
    "lm": "train a language model; sample from it, score text with it, compare models",
    "clusters": "learn Brown clusters of words from unlabelled text",
    "vectors": "learn word vectors from unlabelled text, and look at them",
    "verify": "compare every network with its textbook equations, forward and backward",
}

_TRAINING = (
    "torch",
    "pytorch_lightning",
    "datasets",
    "seqeval",
    "scipy",
    "onnx",
    "jinja2",
    "filelock",
)

NEEDS = {
    "train": _TRAINING,
    "distill": _TRAINING,
    "evaluate": ("datasets", "seqeval", "jinja2", "threadpoolctl"),
    "compare": (*_TRAINING, "matplotlib"),
    "inspect": ("torch", "jinja2", "matplotlib"),
    "lm train": ("torch", "pytorch_lightning", "jinja2"),
    "lm sample": ("torch",),
    "lm score": ("torch",),
    "lm compare": ("torch",),
    "clusters train": ("scipy",),
    "vectors train": ("gensim",),
    "verify": ("torch", "scipy"),
}
"""Modules of extras that a command, or one action of it, cannot do without."""

_OVERVIEW = """\
usage: ner-rnn COMMAND ...

Finds the words of a text that are part of a person's name.

commands:
{commands}

options:
  --help      this page; after a command, that command's own
  --version   the version of this program
  --debug     show where in the program an error came from

example:
  echo "Maria Silva met Dr. J. Kowalski in Lisbon." | ner-rnn tag -
  ner-rnn train --config configs/english.yaml --output runs/english
"""


_SPINS = "2000"
"""Turns for which a thread of torch waits for others before it sleeps, many fewer than by default.

An epoch of ``configs/english.yaml`` on two threads takes 35 s by either; beside another process on
the same two cores 116 s, where it took 616."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        argv: the words after the program's name; those of the process by default.

    Returns:
        The exit status; see ``console.guard``.
    """
    console.replace_closed_streams()
    words = normalise(sys.argv[1:] if argv is None else argv)
    end = words.index("--") if "--" in words else len(words)
    debug = "--debug" in words[:end]
    words = [word for word in words[:end] if word != "--debug"] + words[end:]
    if argv is None and "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", _SPINS)  # read when torch is imported
    if argv is None and not debug and not sys.warnoptions:
        # The process is ours: what libraries warn their callers of is not for the user.
        warnings.simplefilter("ignore")

    def run() -> int:
        with console.terminable():
            return _dispatch(words, debug=debug)

    return console.guard(run, debug=debug)


def _dispatch(words: list[str], *, debug: bool) -> int:
    if not words or words[0] in {"-h", "--help"}:
        rows = "\n".join(f"  {name:<10}  {what}" for name, what in COMMANDS.items())
        print(_OVERVIEW.format(commands=rows), end="")
        return 0
    if words[0] == "--version":
        print(f"ner-rnn {__version__}")
        return 0
    name, *rest = words
    if name not in COMMANDS:
        hint = did_you_mean(name, COMMANDS) or f"; there are {', '.join(COMMANDS)}"
        raise ConfigError(f"there is no command {name!r}{hint}")
    if not {"-h", "--help"} & set(rest):
        for typed in (name, " ".join(words[:2])):
            require(f"'ner-rnn {typed}'", *NEEDS.get(typed, ()))
    command = import_module(f".{name}", __package__)
    parser = Parser(
        prog=f"ner-rnn {name}",
        description=COMMANDS[name][0].upper() + COMMANDS[name][1:] + ".",
        epilog=command.EXAMPLE,
    )
    command.add_arguments(parser)
    args = parser.parse_args(rest)
    args.words = ["ner-rnn", *words]  # for the records of reports
    args.debug = debug
    try:
        run = vars(args).get("run") or command.run
        status: int = run(args)
    except UserError as problem:
        raise type(problem)(problem.line(args.parser.flag)) from problem
    except ModuleNotFoundError as problem:  # what few uses of a command need is not in NEEDS
        if problem.name is not None and problem.name in chain(*EXTRAS.values()):
            require(f"what was asked of 'ner-rnn {name}'", problem.name)
        raise
    return status
