"""``ner-rnn vectors``: learn word vectors, and list similar words."""

from __future__ import annotations

import argparse

from ner_rnn.training.vectors import learn

from . import console, settings
from .parser import Action, add_actions, whole_number
from .progress import progress_bar

EXAMPLE = """\
examples:
  ner-rnn vectors train news.txt.xz --output models/vectors.txt.xz
  ner-rnn vectors like models/vectors.txt.xz London
  ner-rnn vectors train --help          (all options)
"""

EXAMPLE_TRAIN = """\
examples:
  ner-rnn vectors train news.txt.xz --output models/vectors.txt.xz
  ner-rnn vectors train a.txt b.txt.gz --method fasttext --size 50 --threads 4 --output fast.bin
  ner-rnn train --config configs/conll2003.yaml --model.vectors models/vectors.txt.xz

Files may be packed (.gz, .xz, .bz2, .zst). The output's name tells its format: .txt or .vec is text
in the layout of word2vec (packed with .gz, .xz or .bz2 at the end), .bin is word2vec's binary. A
.json file beside it holds settings and provenance. One thread repeats exactly under the same seed;
several are faster, and no two of their runs are alike.
"""


EXAMPLE_LIKE = """\
examples:
  ner-rnn vectors like models/vectors.txt.xz London
  ner-rnn vectors like models/vectors.txt.xz Smith --count 30

Takes any file of vectors that 'ner-rnn train --model.vectors' reads.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions and their arguments."""
    train = Action("learn word vectors from unlabelled text", EXAMPLE_TRAIN, _add_train, _train)
    like = Action("list the words with the most similar vectors", EXAMPLE_LIKE, _add_like, _like)
    add_actions(parser, {"train": train, "like": like})


def _add_train(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="training text")
    parser.add_argument("--output", required=True, metavar="FILE", help="file of the vectors")
    parser.add_argument("--encoding", default="utf-8", help="text encoding of the files")
    settings.add_flags(parser, learn.Settings)


def _train(args: argparse.Namespace) -> int:
    chosen = settings.from_flags(learn.Settings, vars(args))

    from ner_rnn.text.opening import checksum
    from ner_rnn.training.learned_file import about
    from ner_rnn.training.vectors.file import check_place, write_vectors

    check_place(args.output, args.files)
    checksums = {path: checksum(path) for path in args.files}
    with progress_bar() as bar:

        def on_progress(what: str, done: float, total: float) -> None:
            if bar.hidden and what == learn.LEARNING and done:
                console.notice(f"pass {done:.0f} of {total:.0f} is done")
            bar.show(what, done, total)

        learned = learn.learn(
            args.files, chosen,
            encoding=args.encoding, on_progress=on_progress, on_notice=console.notice,
        )  # fmt: skip
    record = about(learned, chosen, checksums, args.encoding, "gensim", "numpy")
    write_vectors(args.output, learned, record)
    print(
        f"{args.output}: {len(learned.words):,} words, {chosen.size} values each "
        f"({learned.seconds:.0f} s)"
    )
    print(f"Next:\n  {console.program()} train --model.vectors {args.output} ...")
    return 0


def _add_like(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="file of vectors")
    parser.add_argument("word", metavar="WORD", help="word as it is written in text")
    parser.add_argument("--count", type=whole_number(1), default=10, help="words to list")


def _like(args: argparse.Namespace) -> int:
    from ner_rnn.encoding.vectors import neighbours

    for word, cosine in neighbours(args.file, args.word, args.count):
        print(f"{cosine:.3f}  {word}")
    return 0
