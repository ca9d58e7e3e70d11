"""``ner-rnn lm score`` and ``compare``: the log probability of lines under language models."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ner_rnn.errors import ConfigError, CorpusError

from .. import console
from ..parser import Action

if TYPE_CHECKING:
    from ner_rnn.nn.language_model_files import Loaded

__all__ = ["COMPARE", "SCORE", "add_direction"]

_SCORE = """\
examples:
  ner-rnn lm score models/names file.txt
  ner-rnn lm score models/names - < file.txt | sort -n        (the least probable first)

Prints a line's log probability in nats, its end included, a TAB and the line; in the last line,
after a #, perplexity and bits a symbol over all. For a model of running text, a blank line ends a
document, and a line's probability is the one given the lines above it.
"""

_COMPARE = """\
examples:
  ner-rnn lm compare models/names models/places file.txt
  ner-rnn lm compare models/names models/places labelled.txt --labels

Prints for each line the folder name of the model to which it is most probable, the lead over the
next model in nats, and the line, separated by TABs. With --labels each line of the file ends in a
TAB and the right folder name, and the last line printed, after a #, is the share of right answers.
"""


def _add_score(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="FOLDER", help="language model")
    parser.add_argument("files", nargs="+", metavar="FILE", help="text; - is standard input")
    parser.add_argument("--total", action="store_true", help="print the last line only")
    parser.add_argument("--encoding", default="utf-8", help="text encoding of the files")
    add_direction(parser)


def add_direction(parser: argparse.ArgumentParser) -> None:
    """Declare the direction of a model of both."""
    parser.add_argument(
        "--direction",
        choices=["forward", "backward"],
        help="model to use where the folder holds both [forward]",
    )


def _score(args: argparse.Namespace) -> int:
    from ner_rnn.language_model.likelihood import score_lines, total_of
    from ner_rnn.nn.language_model_files import load_language_model

    from ..progress import progress_bar

    loaded = load_language_model(args.model, args.direction)
    lines = [line for _, line in _read(args.files, args.encoding)]
    _notice_unknown(loaded, lines)
    with progress_bar("scoring", sum(len(line) + 1 for line in lines)) as bar:
        scored = score_lines(loaded, lines, bar.advance)
    if not args.total:
        for (log_p, _), line in zip(scored, lines, strict=True):
            print(f"{log_p:.6f}\t{console.printable(line)}")
    total = total_of(scored)
    print(
        f"# {total.lines:,} lines, {total.symbols:,} symbols with their ends: "
        f"{total.nats_a_symbol:.4f} nats, {total.bits_a_symbol:.4f} bits a symbol, "
        f"perplexity {total.perplexity:.4f}"
    )
    return 0


def _read(files: Sequence[str], encoding: str) -> list[tuple[str, str]]:
    """Return each line with its place, ``file:line``."""
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


def _notice_unknown(loaded: Loaded, lines: Sequence[str]) -> None:
    """Notify the user of symbols that the model does not know."""
    from ner_rnn.encoding.units import split

    unseen = loaded.symbols.unseen(lines)
    if unseen:
        total = sum(len(split(line, loaded.symbols.unit)) for line in lines)
        most = ", ".join(f"{symbol!r} {count:,}" for symbol, count in unseen.most_common(5))
        console.notice(
            f"{loaded.name}: {unseen.total():,} of {total:,} symbols are unknown to it, "
            f"{len(unseen):,} distinct: {most}; each counts as the unknown one"
        )


def _add_compare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="FOLDER", help="language model")
    parser.add_argument("others", nargs="+", metavar="FOLDER", help="further language models")
    parser.add_argument("file", metavar="FILE", help="lines; - is standard input")
    parser.add_argument(
        "--labels", action="store_true", help="each line ends in a TAB and the right model's name"
    )
    parser.add_argument("--total", action="store_true", help="print the last line only")
    parser.add_argument("--encoding", default="utf-8", help="text encoding of the file")


def _compare(args: argparse.Namespace) -> int:
    import numpy as np

    from ner_rnn.language_model.classify import accuracy, classify
    from ner_rnn.nn.language_model_files import load_language_model

    if args.total and not args.labels:
        raise ConfigError("--total prints only the share of right answers: add --labels")
    models = [load_language_model(folder) for folder in (args.model, *args.others)]
    names = [model.name for model in models]
    if len(set(names)) < len(names):
        raise ConfigError(
            f"two models are called {max(names, key=names.count)}: rename the folder of one"
        )
    placed = _read([args.file], args.encoding)
    labels: list[str] = []
    lines = [line for _, line in placed]
    if args.labels:
        lines, labels = _labelled(placed, names)
    for model in models:
        _notice_unknown(model, lines)
    log_p = classify(models, lines)
    if not args.total:
        two = np.sort(log_p, axis=1)[:, -2:]
        for best, (second, first), line in zip(log_p.argmax(axis=1), two, lines, strict=True):
            print(f"{names[best]}\t{first - second:.4f}\t{console.printable(line)}")
    if labels:
        found = accuracy(log_p, names, labels)
        each = ", ".join(
            f"{label} {100 * found.right[label] / count:.2f} % of {count:,}"
            for label, count in sorted(found.lines.items())
        )
        print(
            f"# right: {100 * found.share:.2f} % of {len(lines):,} lines ({each}); "
            f"mean of these {100 * found.balanced:.2f} %"
        )
    return 0


def _labelled(placed: list[tuple[str, str]], names: list[str]) -> tuple[list[str], list[str]]:
    """Separate lines and labels."""
    lines, labels = [], []
    for place, whole in placed:
        line, _, label = whole.rpartition("\t")
        if label not in names:
            raise CorpusError(
                f"expected a TAB and one of {', '.join(names)} at the line's end",
                where=f"{place}: the label",
                found=repr(label),
            )
        lines.append(line)
        labels.append(label)
    return lines, labels


SCORE = Action("print the log probability of each line", _SCORE, _add_score, _score)
COMPARE = Action(
    "name the model to which each line is most probable", _COMPARE, _add_compare, _compare
)
