"""``ner-rnn data check``: what annotated files hold, or every error in them."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ner_rnn.corpora.settings import DataConfig
from ner_rnn.errors import CorpusError, counted, shortened

from . import console, settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ner_rnn.corpora.corpus import Corpus

EXAMPLE = """\
examples:
  ner-rnn data check eng.train
  ner-rnn data check train.bio dev.bio test.bio       (and what they have in common)
  ner-rnn data check corpus.conllu.gz --token-column 1 --tag-column 2
"""

_SETTINGS = {"token_column", "tag_column", "scheme", "encoding", "person_labels"}
_SHOWN = 40  # characters of the longest word
_BREAKS_SHOWN = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("action", choices=["check"], help="check: read files, find every error")
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="CoNLL column files (may be .gz, .xz or .bz2)"
    )
    parser.add_argument(
        "--strict", action="store_true", help="take broken sequences of tags for errors too"
    )
    settings.add_flags(parser, DataConfig, only=_SETTINGS)


def run(args: argparse.Namespace) -> int:
    """Check each file; errors first to last, then one line that says how many."""
    from ner_rnn.corpora.corpus import overlaps
    from ner_rnn.corpora.read import check_file

    data = settings.from_flags(DataConfig, vars(args))
    surveys = [check_file(path, data) for path in args.files]
    total = faulty = 0
    for corpus, found in surveys:
        errors = [error.line(args.parser.flag) for error in found]
        breaks = []
        if corpus is not None:
            breaks = [f"{corpus.place(*at)}: {what}" for *at, what in corpus.breaks]
        if args.strict:
            errors += breaks
        for line in errors:
            print(console.one_line(line))
        if not errors and corpus is not None:
            _show(corpus, breaks)
        total += len(errors)
        faulty += bool(errors)
    readable = [
        (path, corpus) for path, (corpus, _) in zip(args.files, surveys, strict=True) if corpus
    ]
    for later, earlier, count in overlaps(readable):
        console.notice(f"{later}: sentences also in {earlier}, word for word: {count:,}")
    if total:
        raise CorpusError(
            f"{counted(total, 'error')} in {faulty} of {len(surveys)} files, listed above"
        )
    return 0


def _show(corpus: Corpus, breaks: Sequence[str]) -> None:
    from rich.table import Column, Table

    table = Table(
        "", Column(justify="right", style="bold"), Column(overflow="fold"),
        title=corpus.source, title_justify="left", title_style="bold", box=None,
        show_header=False, padding=(0, 2, 0, 2),
    )  # fmt: skip
    for row in _rows(corpus):
        table.add_row(*row)
    console.show(table)
    for line in breaks[:_BREAKS_SHOWN]:
        console.notice(line)
    if len(breaks) > _BREAKS_SHOWN:
        console.notice(f"{len(breaks) - _BREAKS_SHOWN:,} more such places; see --strict")


def _rows(corpus: Corpus) -> Iterator[tuple[str, str, str]]:
    record = corpus.record()
    yield "sentences", f"{record['sentences']:,}", ""
    yield "tokens", f"{record['tokens']:,}", ""
    yield "documents", f"{record['documents']:,}", ""
    yield "scheme", corpus.scheme, ""
    yield "person names", f"{corpus.names:,}", f"labelled {', '.join(corpus.persons)}"
    for label, count in corpus.labels.items():
        if label not in corpus.persons:
            yield "other names", f"{count:,}", f"labelled {label}"
    tokens, line = max(  # the first of several
        ((len(words), lines[0]) for words, lines in zip(corpus.tokens, corpus.lines, strict=True)),
        key=lambda found: found[0],
    )
    yield "longest sentence", f"{tokens:,}", f"tokens, at line {line:,}"
    word, line = max(
        (
            found
            for words, lines in zip(corpus.tokens, corpus.lines, strict=True)
            for found in zip(words, lines, strict=True)
        ),
        key=lambda found: len(found[0]),
    )
    shown = shortened(word, _SHOWN)
    yield "longest word", f"{len(word):,}", f"characters, at line {line:,}: {shown}"
    yield "duplicates", f"{corpus.duplicates:,}", "sentences that repeat an earlier one"
    yield "broken sequences", f"{record['repaired']:,}", "read as conlleval reads them"
    if corpus.numbered:
        yield "position numbers", f"{corpus.numbered:,}", "removed from the end of words"
