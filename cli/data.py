"""``ner-rnn data check``: what annotated files hold, or every error in them."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ner_rnn.errors import CorpusError, counted, shortened

from . import console

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ner_rnn.corpora.check import Survey

EXAMPLE = """\
examples:
  ner-rnn data check eng.train
  ner-rnn data check train.bio dev.bio test.bio       (and what they have in common)
  ner-rnn data check corpus.conllu.gz --token-column 1 --tag-column 2
"""

_SHOWN = 40  # characters of the longest word
_BREAKS_SHOWN = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("action", choices=["check"], help="check: read files, find every error")
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="CoNLL column files (may be .gz, .xz or .bz2)",
    )
    parser.add_argument(
        "--token-column",
        type=int,
        default=0,
        metavar="N",
        help="column of the token, from 0; negative: from the right [0]",
    )
    parser.add_argument(
        "--tag-column",
        type=int,
        default=-1,
        metavar="N",
        help="column of the tag, likewise [-1]",
    )
    parser.add_argument(
        "--scheme",
        choices=["auto", "IO", "IOB1", "IOB2", "BIOES", "BMES"],
        default="auto",
        help="how the tags mark names [auto]",
    )
    parser.add_argument("--encoding", default="utf-8", help="text encoding of the files [utf-8]")
    parser.add_argument(
        "--person-labels",
        default="",
        metavar="A,B",
        help="what the files call a person [PER, PERSON, nr, PER.NAM and the like]",
    )
    parser.add_argument(
        "--strict", action="store_true", help="take broken sequences of tags for errors too"
    )


def run(args: argparse.Namespace) -> int:
    """Check each file; errors first to last, then one line that says how many."""
    from ner_rnn.corpora.check import check_file, shared_sentences
    from ner_rnn.corpora.settings import DataConfig

    labels = tuple(label.strip() for label in args.person_labels.split(",") if label.strip())
    data = DataConfig(
        token_column=args.token_column,
        tag_column=args.tag_column,
        scheme=args.scheme,
        encoding=args.encoding,
        person_labels=labels,
    )
    surveys = [check_file(path, data) for path in args.files]
    total = faulty = 0
    for survey in surveys:
        errors = [str(error) for error in survey.errors]
        if args.strict:
            errors += survey.breaks
        for line in errors:
            print(console.one_line(line))
        if not errors:
            _show(survey)
        total += len(errors)
        faulty += bool(errors)
    for later, earlier, count in shared_sentences(surveys):
        console.notice(f"{later}: sentences also in {earlier}, word for word: {count:,}")
    if total:
        raise CorpusError(
            f"{counted(total, 'error')} in {faulty} of {len(surveys)} files, listed above"
        )
    return 0


def _show(survey: Survey) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title=Text(survey.path), title_justify="left", title_style="bold", box=None,
        show_header=False, padding=(0, 2, 0, 2),
    )  # fmt: skip
    table.add_column()
    table.add_column(justify="right", style="bold")
    table.add_column(overflow="fold")
    for name, value, remark in _rows(survey):
        table.add_row(name, value, Text(remark))
    Console(highlight=False).print(table)
    for line in survey.breaks[:_BREAKS_SHOWN]:
        console.notice(line)
    if len(survey.breaks) > _BREAKS_SHOWN:
        console.notice(f"{len(survey.breaks) - _BREAKS_SHOWN:,} more such places; see --strict")


def _rows(survey: Survey) -> Iterator[tuple[str, str, str]]:
    persons = ", ".join(sorted(survey.persons))
    yield "sentences", f"{len(survey.sentences):,}", ""
    yield "tokens", f"{survey.tokens:,}", ""
    yield "documents", f"{survey.documents:,}", ""
    yield "scheme", survey.scheme, ""
    yield "person names", f"{survey.names:,}", f"labelled {persons}"
    for label, count in survey.labels.most_common():
        if label not in survey.persons:
            yield "other names", f"{count:,}", f"labelled {label}"
    tokens, line = survey.longest_sentence
    yield "longest sentence", f"{tokens:,}", f"tokens, at line {line:,}"
    word, line = survey.longest_word
    yield (
        "longest word",
        f"{len(word):,}",
        f"characters, at line {line:,}: {shortened(word, _SHOWN)}",
    )
    yield "duplicates", f"{survey.duplicates:,}", "sentences that repeat an earlier one"
    yield "broken sequences", f"{len(survey.breaks):,}", "read as conlleval reads them"
