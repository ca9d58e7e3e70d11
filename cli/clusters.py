"""``ner-rnn clusters``: learn Brown clusters."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from ner_rnn.errors import ConfigError, Setting
from ner_rnn.training.clusters import learn

from . import console, settings
from .parser import Action, add_actions
from .progress import progress_bar

EXAMPLE = """\
examples:
  ner-rnn clusters train news.txt.xz --output models/clusters.txt.xz
  ner-rnn clusters train --help          (all options)
"""

EXAMPLE_TRAIN = """\
examples:
  ner-rnn clusters train news.txt.xz --output models/clusters.txt.xz
  ner-rnn clusters train news.txt talk.txt.gz --share talk.txt.gz=0.3 --lower \\
      --classes 500 --output models/clusters.txt
  ner-rnn train --config configs/conll2003.yaml --model.clusters models/clusters.txt.xz

Words that stand in like places get paths that begin alike in a binary tree. The classes are found
by the exchange algorithm (Kneser and Ney 1993; Martin, Liermann and Ney 1998) under the criterion
of Brown et al. (1992), and merged to a tree. The same text and settings give the same clusters.

Files may be packed (.gz, .xz, .bz2, .zst). The output is text in the format of wcluster: path, word
and count, with tabs between; its name ends in .txt, and .gz, .xz or .bz2 behind packs it. A .json
file beside it holds settings and provenance.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions and their arguments."""
    train = Action("learn Brown clusters from unlabelled text", EXAMPLE_TRAIN, _add_train, _train)
    add_actions(parser, {"train": train})


def _add_train(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="training text")
    parser.add_argument("--output", required=True, metavar="FILE", help="file of the clusters")
    parser.add_argument("--encoding", default="utf-8", help="text encoding of the files")
    parser.add_argument(
        "--share", action="append", default=[], metavar="FILE=X",
        help="read only this share of the documents of a FILE, spread evenly; a blank line ends a "
        "document (may be repeated)",
    )  # fmt: skip
    settings.add_flags(parser, learn.Settings, switches=True)


def _train(args: argparse.Namespace) -> int:
    chosen = settings.from_flags(learn.Settings, vars(args))
    shares = _shares(args.share, args.files)

    from ner_rnn.text.opening import checksum
    from ner_rnn.training.clusters.file import check_place, write_clusters
    from ner_rnn.training.learned_file import about

    check_place(args.output, args.files)
    checksums = {path: checksum(path) for path in args.files}
    with progress_bar() as bar:
        learned = learn.learn(
            args.files, chosen,
            shares=shares, encoding=args.encoding, on_progress=bar.show,
            on_notice=lambda text: bar.print(f"note: {text}"),
        )  # fmt: skip
    record = about(learned, chosen, checksums, args.encoding, "numpy", "scipy")
    record["shares"] = shares
    record["bits_per_word"] = {"before": learned.bits_before, "after": learned.bits_after}
    write_clusters(args.output, learned, record)
    _show(args.output, learned)
    print(f"Next:\n  {console.program()} train --model.clusters {args.output} ...")
    return 0


def _shares(given: Sequence[str], files: Sequence[str]) -> dict[str, float]:
    """Return the share of each file that one is given for."""
    shares = {}
    for text in given:
        path, _, number = text.rpartition("=")
        if path not in files:
            raise ConfigError(
                "expected one of the files, = and a number",
                where=Setting("share"),
                found=repr(text),
                do=f"give --share {files[0]}=0.5",
            )
        try:
            share = float(number)
        except ValueError:
            share = 0.0
        if not 0 < share <= 1:
            raise ConfigError(
                f"the share of {path} must be a number above 0 and at most 1",
                where=Setting("share"),
                found=repr(text),
            )
        shares[path] = share
    return shares


def _show(output: str, learned: learn.Learned) -> None:
    from rich.table import Column, Table

    table = Table(
        "", Column(justify="right", style="bold"), box=None, show_header=False, padding=(0, 2)
    )
    table.add_row("words", f"{len(learned.words):,}")
    table.add_row("classes", f"{learned.classes:,}")
    table.add_row("bits per word before", f"{learned.bits_before:.4f}")
    table.add_row("bits per word after", f"{learned.bits_after:.4f}")
    table.add_row("passes", f"{learned.iterations}")
    table.add_row("seconds", f"{learned.seconds:.0f}")
    console.show(output, table)
