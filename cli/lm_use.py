"""``ner-rnn lm sample`` and ``score``: what a language model is good for."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ner_rnn.errors import ConfigError, CorpusError

from . import console
from .lm_train import Action

if TYPE_CHECKING:
    from ner_rnn.nn.language_model_files import Loaded

__all__ = ["SAMPLE", "SCORE", "read", "shown", "tell_unseen"]

_SAMPLE = """\
examples:
  ner-rnn lm sample models/names --count 20 --temperature 0.8 --prefix Mar --seed 1
  ner-rnn lm sample models/names --count 20 --new          (no line of the training files)
  ner-rnn lm sample models/names --count 1000 --top-p 0.95 --report
  ner-rnn lm sample models/names --greedy
  ner-rnn lm sample models/names --beam 10
  ner-rnn lm sample models/news --max-length 2000 --temperature 0.7

A text ends where the model ends it, or at --max-length; one of a model of running text, there
alone. A model that reads backward writes from the end: --prefix is then what its texts end with.
"""
_SCORE = """\
examples:
  ner-rnn lm score models/names file.txt
  ner-rnn lm score models/names - < file.txt | sort -n        (the least likely first)

Prints a line's log probability in nats, its end counted, a TAB and the line; at last, after a #,
perplexity and bits a symbol of all. To a model of running text lines up to a blank one are one
document, and a line's probability is that after the lines above it.
"""


def shown(line: str) -> str:
    """Text that steers no terminal."""
    return console.one_line(line, None) if sys.stdout.isatty() else line


def _add_direction(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--direction",
        choices=["forward", "backward"],
        help="of a model of both, which [forward]",
    )


def _add_sample(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="FOLDER", help="a language model")
    parser.add_argument("--count", type=int, default=1, metavar="N", help="texts to write [1]")
    parser.add_argument("--prefix", default="", metavar="TEXT", help="what each begins with")
    parser.add_argument(
        "--temperature", type=float, default=1.0, metavar="X",
        help="below 1: surer and duller; above 1: bolder [1.0]",
    )  # fmt: skip
    parser.add_argument(
        "--top-k", type=int, default=0, metavar="N", help="only among the N likeliest; 0: all [0]"
    )
    parser.add_argument(
        "--top-p", type=float, default=1.0, metavar="X",
        help="only among the likeliest that together have this share [1.0]",
    )  # fmt: skip
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--greedy", action="store_true", help="always the likeliest symbol")
    choice.add_argument(
        "--beam", type=int, metavar="N", help="search for the N likeliest texts, and write those"
    )
    parser.add_argument(
        "--max-length", type=int, metavar="N",
        help="symbols of a text at most [200; of running text 1000]",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="start of all chance [1]")
    news = parser.add_mutually_exclusive_group()
    news.add_argument(
        "--report", action="store_true", help="say how many are new, and how many differ"
    )
    news.add_argument(
        "--new", action="store_true", help="write none that is a line of the training files"
    )
    parser.add_argument(
        "--known", nargs="+", metavar="FILE",
        help="with --report or --new: what is not new [the files that the model was trained on]",
    )  # fmt: skip
    _add_direction(parser)


def _sample(args: argparse.Namespace) -> int:
    from ner_rnn.language_model.beam import beam_search
    from ner_rnn.language_model.novelty import draw_new
    from ner_rnn.language_model.sampling import Sampling, sample
    from ner_rnn.nn.language_model_files import load_language_model

    if args.count < 1:
        raise ConfigError(f"--count is {args.count}: it must be 1 or more")
    if args.known and not (args.report or args.new):
        raise ConfigError("--known says what is not new: add --report or --new")
    if args.new and (args.greedy or args.beam is not None):
        raise ConfigError(
            "--new draws on where a text is known, and there is no chance in "
            f"{'--greedy' if args.greedy else '--beam'}: leave out one of the two"
        )
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
    backward = loaded.settings.direction == "backward"

    def write(first: int, count: int) -> list[str]:
        return sample(
            loaded.model, loaded.symbols, count, sampling,
            first=first, prefix=args.prefix, backward=backward, running=running,
        )  # fmt: skip

    if args.beam is not None:
        found = beam_search(
            loaded.model, loaded.symbols, args.beam,
            prefix=args.prefix, max_length=length, backward=backward, running=running,
        )  # fmt: skip
        texts = [one.text for one in found]
    elif args.new:
        texts = draw_new(write, args.count, known)
        _tell_found(len(texts), args.count)
    else:
        texts = write(0, 1 if args.greedy else args.count)  # every greedy text is the same
    for number, text in enumerate(texts):
        if running and number:
            print()
        for line in text.split("\n"):
            print(shown(line))
    if args.report:
        _report(texts, known, loaded)
    return 0


def _known(args: argparse.Namespace, loaded: Loaded) -> set[str]:
    """The lines that a sample may only repeat; before anything is written."""
    from ner_rnn.language_model.texts import numbered_lines

    if loaded.settings.running:
        flag = "--report" if args.report else "--new"
        raise ConfigError(f"{args.model} has learned running text, not lines: leave out {flag}")
    files = args.known or loaded.files
    missing = [file for file in files if not Path(file).is_file()]
    if missing and not args.known:
        raise ConfigError(
            f"{missing[0]}, which the model was trained on, is not there: say by --known where "
            "the training lines are"
        )
    lines = (line for _, _, line in numbered_lines(files, loaded.encoding) if line.strip())
    # as the model writes them: words with one space between
    known = set(lines) if loaded.symbols.unit == "char" else {" ".join(s.split()) for s in lines}
    if not known:
        raise CorpusError(f"{', '.join(files)} holds no text: name the training files")
    return known


def _tell_found(found: int, wanted: int) -> None:
    """Say that few texts are new, if it is so.

    Raises:
        ConfigError: none is.
    """
    from ner_rnn.language_model.novelty import MOST_DRAWN

    told = (
        f"{found:,} of {MOST_DRAWN * wanted:,} texts drawn are new, and {wanted:,} were asked for: "
        "raise --temperature, or shorten --prefix"
    )
    if not found:
        raise ConfigError(told)
    if found < wanted:
        console.notice(told)


def _report(texts: Sequence[str], known: set[str], loaded: Loaded) -> None:
    from ner_rnn.language_model.novelty import novelty

    found = novelty(texts, known, loaded.symbols.unit)
    print(
        f"# {found.samples:,} samples: {100 * found.novel:.1f} % novel, "
        f"{100 * found.distinct:.1f} % distinct, {found.length:.1f} symbols a sample "
        f"({found.known_length:.1f} in training)"
    )


def _add_score(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="FOLDER", help="a language model")
    parser.add_argument("files", nargs="+", metavar="FILE", help="text; - is standard input")
    parser.add_argument("--total", action="store_true", help="only what is told of all")
    parser.add_argument("--encoding", default="utf-8", help="of the files [utf-8]")
    _add_direction(parser)


def _score(args: argparse.Namespace) -> int:
    from ner_rnn.language_model.likelihood import score_lines, total_of
    from ner_rnn.nn.language_model_files import load_language_model

    from .progress import progress_bar

    loaded = load_language_model(args.model, args.direction)
    lines = [line for _, line in read(args.files, args.encoding)]
    tell_unseen(loaded, lines)
    with progress_bar("scoring", sum(len(line) + 1 for line in lines)) as bar:
        scored = score_lines(
            loaded.model,
            loaded.symbols,
            lines,
            backward=loaded.settings.direction == "backward",
            running=loaded.settings.running,
            on_progress=bar.advance,
        )
    if not args.total:
        for (log_p, _), line in zip(scored, lines, strict=True):
            print(f"{log_p:.6f}\t{shown(line)}")
    total = total_of(scored)
    print(
        f"# {total.lines:,} lines, {total.symbols:,} symbols with their ends: "
        f"{total.nats_a_symbol:.4f} nats, {total.bits_a_symbol:.4f} bits a symbol, "
        f"perplexity {total.perplexity:.4f}"
    )
    return 0


def read(files: Sequence[str], encoding: str) -> list[tuple[str, str]]:
    """Where each line stands, and the line.

    Raises:
        CorpusError: there is none.
    """
    from ner_rnn.text.files import read_lines

    lines: list[tuple[str, str]] = []
    for path in files:
        standard = path == "-"
        name = "standard input" if standard else path
        found = read_lines(name, encoding, sys.stdin.buffer if standard else None)
        lines += [(f"{name}:{number}", line) for number, line in enumerate(found, 1)]
    if not lines:
        raise CorpusError(f"{', '.join(files)} is empty: give text, one line or more")
    return lines


def tell_unseen(loaded: Loaded, lines: Sequence[str]) -> None:
    """Count what the model does not know."""
    from ner_rnn.encoding.symbols import split

    unseen = loaded.symbols.unseen(lines)
    if unseen:
        total = sum(len(split(line, loaded.symbols.unit)) for line in lines)
        most = ", ".join(f"{symbol!r} {count:,}" for symbol, count in unseen.most_common(5))
        console.notice(
            f"{loaded.name}: {unseen.total():,} of {total:,} symbols are unknown to it, "
            f"{len(unseen):,} distinct: {most}; each counts as the unknown one"
        )


SAMPLE = Action(_SAMPLE, _add_sample, _sample)
SCORE = Action(_SCORE, _add_score, _score)
