"""``ner-rnn lm sample``: text written by a language model."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ner_rnn.errors import ConfigError, CorpusError

from .. import console
from ..parser import Action
from .lm_score import add_direction

if TYPE_CHECKING:
    from ner_rnn.nn.language_model_files import Loaded

__all__ = ["SAMPLE"]

EXAMPLE = """\
examples:
  ner-rnn lm sample models/names --count 20 --temperature 0.8 --prefix Mar --seed 1
  ner-rnn lm sample models/names --count 20 --new          (no line of the training files)
  ner-rnn lm sample models/names --count 1000 --top-p 0.95 --report
  ner-rnn lm sample models/names --greedy
  ner-rnn lm sample models/names --beam 10
  ner-rnn lm sample models/news --max-length 2000 --temperature 0.7

A text ends where the model ends it, or at --max-length; that of a model of running text at
--max-length only. A backward model writes from the end: --prefix is then the end of its texts.
"""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="FOLDER", help="language model")
    parser.add_argument("--count", type=int, default=1, help="number of texts")
    parser.add_argument("--prefix", default="", metavar="TEXT", help="beginning of every text")
    parser.add_argument(
        "--temperature", type=float, default=1.0,
        help="divisor of the logits; below 1: more predictable, above 1: more varied",
    )  # fmt: skip
    parser.add_argument(
        "--top-k", type=int, default=0, help="sample among the N most probable symbols; 0: all"
    )
    parser.add_argument(
        "--top-p", type=float, default=1.0,
        help="sample among the most probable symbols with this total probability",
    )  # fmt: skip
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--greedy", action="store_true", help="take the most probable symbol")
    choice.add_argument("--beam", type=int, help="beam search: write the N most probable texts")
    parser.add_argument(
        "--max-length", type=int,
        help="longest text in symbols [200; for a model of running text 1000]",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=1, help="random seed")
    news = parser.add_mutually_exclusive_group()
    news.add_argument(
        "--report", action="store_true", help="count the texts that are new, and distinct ones"
    )
    news.add_argument(
        "--new", action="store_true", help="leave out texts that are lines of the training files"
    )
    parser.add_argument(
        "--known", nargs="+", metavar="FILE",
        help="lines that are not new, for --report and --new [the model's training files]",
    )  # fmt: skip
    add_direction(parser)


def _run(args: argparse.Namespace) -> int:
    from ner_rnn.language_model.beam import beam_search
    from ner_rnn.language_model.novelty import draw_new
    from ner_rnn.language_model.sampling import Sampling, sample
    from ner_rnn.nn.language_model_files import load_language_model

    _check(args)
    loaded = load_language_model(args.model, args.direction)
    running = loaded.settings.running
    length = args.max_length if args.max_length is not None else 1000 if running else 200
    sampling = Sampling(
        temperature=args.temperature,
        top_k=args.top_k,
        top_p=args.top_p,
        greedy=args.greedy,
        max_length=length,
        seed=args.seed,
    )
    known = _known(args, loaded) if args.report or args.new else set()

    def write(first: int, count: int) -> list[str]:
        return sample(loaded, count, sampling, first=first, prefix=args.prefix)

    if args.beam is not None:
        found = beam_search(loaded, args.beam, prefix=args.prefix, max_length=length)
        texts = [one.text for one in found]
    elif args.new:
        texts = draw_new(write, args.count, known)
        _check_found(len(texts), args.count)
    else:
        texts = write(0, 1 if args.greedy else args.count)  # every greedy text is the same
    for number, text in enumerate(texts):
        if running and number:
            print()
        for line in text.split("\n"):
            print(console.printable(line))
    if args.report:
        _print_report(texts, known, loaded)
    return 0


def _check(args: argparse.Namespace) -> None:
    if args.count < 1:
        raise ConfigError(f"--count is {args.count}: it must be 1 or more")
    if args.known and not (args.report or args.new):
        raise ConfigError("--known lists what is not new: add --report or --new")
    if args.new and (args.greedy or args.beam is not None):
        raise ConfigError(
            "--new draws again where a text is known, and nothing is drawn with "
            f"{'--greedy' if args.greedy else '--beam'}: leave out one of the two"
        )


def _known(args: argparse.Namespace, loaded: Loaded) -> set[str]:
    """Return the lines that are not new."""
    from ner_rnn.language_model.texts import numbered_lines

    if loaded.settings.running:
        flag = "--report" if args.report else "--new"
        raise ConfigError(f"{args.model} was trained on running text, not lines: leave out {flag}")
    files = args.known or loaded.files
    missing = [file for file in files if not Path(file).is_file()]
    if missing and not args.known:
        raise ConfigError(
            f"{missing[0]}, which the model was trained on, does not exist: name the training "
            "files by --known"
        )
    lines = (line for _, _, line in numbered_lines(files, loaded.encoding) if line.strip())
    # as the model writes them: words with one space between
    known = set(lines) if loaded.symbols.unit == "char" else {" ".join(s.split()) for s in lines}
    if not known:
        raise CorpusError(f"{', '.join(files)} holds no text: name the training files")
    return known


def _check_found(found: int, wanted: int) -> None:
    """Notify the user that few texts are new; refuse to go on where none is."""
    from ner_rnn.language_model.novelty import MOST_DRAWN

    message = (
        f"{found:,} of {MOST_DRAWN * wanted:,} texts drawn are new, and --count is {wanted:,}: "
        "raise --temperature, or shorten --prefix"
    )
    if not found:
        raise ConfigError(message)
    if found < wanted:
        console.notice(message)


def _print_report(texts: list[str], known: set[str], loaded: Loaded) -> None:
    from ner_rnn.language_model.novelty import novelty

    found = novelty(texts, known, loaded.symbols.unit)
    print(
        f"# {found.samples:,} samples: {100 * found.novel:.1f} % novel, "
        f"{100 * found.distinct:.1f} % distinct, {found.length:.1f} symbols a sample "
        f"({found.known_length:.1f} in training)"
    )


SAMPLE = Action("write new text", EXAMPLE, _add_arguments, _run)
