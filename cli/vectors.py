"""``ner-rnn vectors``: learn word vectors, and look at them."""

from __future__ import annotations

import argparse
import dataclasses
from typing import get_args, get_origin, get_type_hints

from ner_rnn.errors import ConfigError
from ner_rnn.training import word_vectors
from ner_rnn.training.word_vectors import Settings

from . import console
from .progress import progress_bar
from .settings import docstrings

EXAMPLE = """\
examples:
  ner-rnn vectors train news.txt.xz --output models/vectors.txt.xz
  ner-rnn vectors like models/vectors.txt.xz London
  ner-rnn vectors train --help          (what can be told)
"""

EXAMPLE_TRAIN = """\
examples:
  ner-rnn vectors train news.txt.xz --output models/vectors.txt.xz
  ner-rnn vectors train a.txt b.txt.gz --method fasttext --size 50 --threads 4 --output fast.bin
  ner-rnn train --config configs/conll2003.yaml --model.vectors models/vectors.txt.xz

Files may be packed (.gz, .xz, .bz2, .zst). The output's name tells its format: .txt or .vec is text
in the layout of word2vec (packed where .gz, .xz or .bz2 stands behind), .bin is word2vec's binary.
Beside it goes a .json that says what it was learned from and how. One thread repeats exactly under
the same seed; several are faster, and no two of their runs are quite alike.
"""


EXAMPLE_LIKE = """\
examples:
  ner-rnn vectors like models/vectors.txt.xz London
  ner-rnn vectors like models/vectors.txt.xz Smith --count 30

Any file of vectors that 'ner-rnn train --model.vectors' reads will do.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions and their arguments."""
    actions = parser.add_subparsers(metavar="ACTION", required=True, parser_class=type(parser))
    what = "learn word vectors from unlabelled text"
    train = actions.add_parser(
        "train", help=what, description=what[0].upper() + what[1:] + ".", epilog=EXAMPLE_TRAIN
    )
    train.add_argument("files", nargs="+", metavar="FILE", help="text to learn from")
    train.add_argument("--output", required=True, metavar="FILE", help="where the vectors go")
    train.add_argument("--encoding", default="utf-8", help="of the files [utf-8]")
    hints, help = get_type_hints(Settings), docstrings(word_vectors)
    for setting in dataclasses.fields(Settings):
        kind = hints[setting.name]
        choices = list(get_args(kind)) if get_origin(kind) else None
        train.add_argument(
            f"--{setting.name.replace('_', '-')}",
            type=str if choices else kind,
            choices=choices,
            metavar=None if choices else "N",
            default=setting.default,
            help=f"{help['Settings', setting.name]} [{setting.default}]",
        )
    train.set_defaults(action=_train)
    what = "list the words whose vectors are nearest to a word's"
    like = actions.add_parser(
        "like", help=what, description=what[0].upper() + what[1:] + ".", epilog=EXAMPLE_LIKE
    )
    like.add_argument("file", metavar="FILE", help="vectors")
    like.add_argument("word", metavar="WORD", help="as it is written in text")
    like.add_argument("--count", type=int, default=10, metavar="N", help="words to list [10]")
    like.set_defaults(action=_like)


def run(args: argparse.Namespace) -> int:
    """Do what was asked for."""
    status: int = args.action(args)
    return status


def _train(args: argparse.Namespace) -> int:
    names = [field.name for field in dataclasses.fields(Settings)]
    settings = Settings(**{name: getattr(args, name) for name in names})

    from ner_rnn.text.files import checksum
    from ner_rnn.training.vectors_file import about, check_place, write_vectors

    check_place(args.output, args.files)
    checksums = {path: checksum(path) for path in args.files}
    with progress_bar() as bar:

        def on_progress(what: str, done: float, total: float) -> None:
            if bar.hidden and what == word_vectors.LEARNING and done:
                console.notice(f"pass {done:.0f} of {total:.0f} is done")
            bar.show(what, done, total)

        learned = word_vectors.learn(
            args.files,
            settings,
            encoding=args.encoding,
            on_progress=on_progress,
            on_notice=console.notice,
        )
    write_vectors(args.output, learned, about(learned, settings, checksums, args.encoding))
    print(
        f"{args.output}: {len(learned.words):,} words, {settings.size} values each "
        f"({learned.seconds:.0f} s)"
    )
    print(f"Next:\n  {console.program()} train --model.vectors {args.output} ...")
    return 0


def _like(args: argparse.Namespace) -> int:
    if args.count < 1:
        raise ConfigError(f"--count is {args.count}: it must be 1 or more")
    from ner_rnn.encoding.neighbours import neighbours

    for word, cosine in neighbours(args.file, args.word, args.count):
        print(f"{cosine:.3f}  {word}")
    return 0
