"""``ner-rnn tag``: the person names in text."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from ner_rnn.errors import BundleError, ConfigError, FileError

from . import console

if TYPE_CHECKING:
    from ner_rnn.tagging.documents import CutText, Document
    from ner_rnn.tagging.engine import Tagger

EXAMPLE = """\
examples:
  ner-rnn tag letter.txt                              names highlighted in the terminal
  ner-rnn tag letter.txt notes/ --output names.jsonl  one line of JSON a document
  echo "Maria Silva met J. Kowalski." | ner-rnn tag -
  ner-rnn tag news.txt.gz --format conll --min-score 0.9
  ner-rnn tag eng.testb --input conll --model runs/conll

a line of JSON (offsets count characters, from 0):
  {"source": "letter.txt", "text": "Maria Silva wrote.",
   "names": [{"start": 0, "end": 11, "text": "Maria Silva", "score": 0.9871}]}
"""

DEFAULT_MODEL = "runs/sample"
STDIN = "-"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="text files (may be .gz, .xz or .bz2), folders of them, or - for standard input",
    )
    parser.add_argument(
        "--model",
        metavar="FOLDER",
        help=f"a trained model; default: {DEFAULT_MODEL}, which 'make train' makes",
    )
    parser.add_argument(
        "--format",
        choices=["text", "jsonl", "conll"],
        help="highlighted text, JSON lines, or a word and its tag a line; "
        "default: text on a terminal, jsonl otherwise",
    )
    parser.add_argument("--output", metavar="FILE", help="write there instead of to the screen")
    parser.add_argument(
        "--input",
        choices=["text", "conll"],
        default="text",
        help="plain text, or columns with a word a line; default: %(default)s",
    )
    parser.add_argument(
        "--token-column",
        type=int,
        default=0,
        metavar="N",
        help="column of the word in --input conll, from 0; default: %(default)s",
    )
    parser.add_argument(
        "--min-score",
        type=_probability,
        default=0.0,
        metavar="P",
        help="leave out names less probable than this, 0 to 1; default: %(default)s",
    )
    parser.add_argument(
        "--encoding", default="utf-8", help="of the text; default: %(default)s", metavar="NAME"
    )
    parser.add_argument(
        "--errors",
        choices=["strict", "replace"],
        default="strict",
        help="stop at bytes that are not text, or read them as U+FFFD; default: %(default)s",
    )


def run(args: argparse.Namespace) -> int:
    """Tag; results to stdout or the output file, one summary line to stderr."""
    _check_paths(args)
    tagger = _load(args.model)
    from ner_rnn.tagging.writers import replacing

    began = time.perf_counter()
    texts = names = words = 0
    with replacing(args.output) if args.output else nullcontext(sys.stdout) as file:
        show = _writer(args, file)
        for path, number, document in _tagged(tagger, args):
            show(path, number, document)
            texts, names, words = texts + 1, names + len(document.names), words + document.words
        file.flush()
    where = f", written to {args.output}" if args.output else ""
    console.notice(
        f"{_count(names, 'name')} in {_count(words, 'word')} of {_count(texts, 'text')}, "
        f"{time.perf_counter() - began:.1f} s{where}"
    )
    return 0


def _check_paths(args: argparse.Namespace) -> None:
    """Find wrong paths at once, not when their turn comes."""
    for path in args.paths:
        if path == STDIN:
            continue
        if not os.path.exists(path):
            raise FileError(f"{path} does not exist: check the path")
        if args.output and os.path.exists(args.output) and os.path.samefile(path, args.output):
            raise ConfigError(f"--output {args.output} would replace the text that is read")


def _load(folder: str | None) -> Tagger:
    from ner_rnn.tagging.engine import Tagger

    if folder is None:
        if not Path(DEFAULT_MODEL).exists():
            raise BundleError(
                f"there is no model in {DEFAULT_MODEL}: run 'make train' to make one, "
                "or name another with --model FOLDER"
            )
        folder = DEFAULT_MODEL
    return Tagger.load(folder)


def _tagged(tagger: Tagger, args: argparse.Namespace) -> Iterator[tuple[str, str, Document]]:
    """Every document with the file it came from and its number there."""
    from ner_rnn.tagging.stream import read_columns, read_texts

    if args.input == "conll":
        sources = read_columns(args.paths, token_column=args.token_column, encoding=args.encoding)
    else:
        sources = read_texts(args.paths, encoding=args.encoding, errors=args.errors)
    origins: deque[tuple[str, str]] = deque()

    def texts() -> Iterator[str | CutText]:
        for source in sources:
            origins.append((source.path, source.document))
            yield source.text

    for document in tagger.pipe(texts(), min_score=args.min_score):
        yield *origins.popleft(), document


def _writer(args: argparse.Namespace, file: TextIO) -> Callable[[str, str, Document], object]:
    """What to do with each document: file, number in the file, document."""
    from ner_rnn.tagging import writers

    on_terminal = file is sys.stdout and file.isatty()
    chosen = args.format or ("text" if on_terminal else "jsonl")
    if chosen != "text" and hasattr(file, "reconfigure"):
        file.reconfigure(encoding="utf-8", newline="\n")  # whatever the terminal's language
    if chosen == "jsonl":
        return lambda path, number, document: file.write(writers.json_line(document, path, number))
    if chosen == "conll":
        return lambda path, number, document: file.writelines(writers.columns(document))
    if not on_terminal:
        return lambda path, number, document: file.writelines(writers.bracketed(document))

    from rich.console import Console

    screen = Console(file=file)
    several = len(args.paths) > 1 or os.path.isdir(args.paths[0])

    def show(path: str, number: str, document: Document) -> None:
        if several:
            screen.out(console.one_line(f"{path} {number}".strip()), style="dim", highlight=False)
        writers.highlight(document, screen)

    return show


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _probability(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not from 0 to 1")
    return value
