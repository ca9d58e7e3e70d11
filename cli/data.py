"""``ner-rnn data check``: what annotated files or listed corpora hold, or their errors."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ner_rnn.corpora.settings import DataConfig
from ner_rnn.errors import ConfigError, CorpusError, UserError, counted, shortened

from . import console, settings
from .progress import progress_bar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ner_rnn.corpora.corpus import Corpus
    from ner_rnn.corpora.survey import Disagreement, Overlap, Surveyed
    from ner_rnn.text.report_table import Table

EXAMPLE = """\
examples:
  ner-rnn data check eng.train
  ner-rnn data check train.bio dev.bio test.bio       (and what they have in common)
  ner-rnn data check doccano.jsonl brat/              (spans; docs/corpora.md has all formats)
  ner-rnn data check corpus.conllu.gz --token-column 1 --tag-column 2
  ner-rnn data check --config many.yaml               (the corpora that a recipe lists)

many.yaml:
  data:
    corpora:
      - open:wikigold
      - {path: novels.bio, titles: inside, weight: 2}
      - {path: songs.bio, documents: sentence, left_open: [band]}
      - {path: test.bio, split: test}
"""

_SETTINGS = {"token_column", "tag_column", "scheme", "encoding", "person_labels"}
_SHOWN = 40  # characters of the longest word
_BREAKS_SHOWN = 3
_ROWS_SHOWN = 20  # of overlaps, and of words
_NAME_SHOWN = 22  # characters of a corpus, where two stand in a row
_NAME = 14  # least characters of the first column


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("action", choices=["check"], help="check: read files, find every error")
    parser.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help="annotated files: CoNLL columns, or what an annotation tool wrote "
        "(docs/corpora.md); also compressed",
    )
    parser.add_argument(
        "--config",
        metavar="RECIPE",
        help="YAML recipe: compare the corpora that it lists (data.corpora)",
    )
    parser.add_argument(
        "--strict", action="store_true", help="take broken sequences of tags for errors too"
    )
    settings.add_flags(parser, DataConfig, only=_SETTINGS)


def run(args: argparse.Namespace) -> int:
    """Check files, or the corpora of a recipe; errors first, then one line that says how many."""
    if args.config is not None:
        if args.files:
            raise ConfigError("files and a recipe are checked one at a time", do="leave out one")
        return _check_list(args)
    if not args.files:
        raise ConfigError(
            "there is nothing to check", do="give column files, or a recipe with {config}"
        )
    return _check_files(args)


def _check_files(args: argparse.Namespace) -> int:
    from ner_rnn.corpora.overlap import overlaps
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
            for note in corpus.reading:
                console.notice(f"{corpus.source}: {note}")
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


def _check_list(args: argparse.Namespace) -> int:
    """Print what the corpora of a recipe hold, what they share, and where they disagree."""
    from ner_rnn.corpora.overlap import overlap_notes
    from ner_rnn.corpora.survey import (
        disagreements,
        entries_of,
        look,
        seem_titled,
        shared,
        splits_of_list,
    )
    from ner_rnn.text.report_table import percent, to_rich

    flags = {f"data.{name}": value for name, value in vars(args).items() if name in _SETTINGS}
    recipe = settings.recipe_of(args.config)
    data = settings.load(args.config, flags).data
    entries = entries_of(data)
    listed = recipe.get("data.corpora")
    places = dict(zip(map(id, data.corpora), listed.items if listed else (), strict=False))
    surveyed: list[Surveyed] = []
    errors: list[str] = []
    with progress_bar() as bar:
        for number, entry in enumerate(entries):
            bar.show("reading", number, len(entries))
            place = places.get(id(entry), args.config)
            try:
                one = look(entry, data)
            except UserError as problem:
                errors.append(f"{place}: {problem.line(args.parser.flag)}")
                continue
            surveyed.append(one)
            breaks = one.corpus.breaks if args.strict else ()
            errors += [f"{place}: {one.corpus.place(*at)}: {what}" for *at, what in breaks]
    for line in errors:
        print(console.one_line(line))
    if surveyed:
        names = _names(surveyed)
        console.show(to_rich(_sizes(surveyed, names), first=_NAME, tight=True))
        names = [  # a split that is not learned from is named
            shortened(name, _NAME_SHOWN - len(split)) + split
            for name, one in zip(names, surveyed, strict=True)
            for split in [f" {one.entry.split}" if one.entry.split != "train" else ""]
        ]
        if pairs := shared(surveyed):
            console.show(to_rich(_overlaps(pairs, surveyed, names), first=_NAME, tight=True))
        if words := disagreements(surveyed, _ROWS_SHOWN):
            console.show(to_rich(_words(words, names), tight=True))
        for note in overlap_notes(splits_of_list(surveyed)):
            console.notice(note)
    if titled := [f"{path} ({percent(share, 0)} %)" for path, share in seem_titled(surveyed)]:
        console.notice(
            f"many names begin with a title in {', '.join(titled)}: where the guidelines of a "
            "corpus put titles inside, say titles: inside in its entry"
        )
    if errors:
        raise CorpusError(
            f"{counted(len(errors), 'error')} in the {len(entries)} corpora of {args.config}, "
            "listed above"
        )
    return 0


def _names(surveyed: Sequence[Surveyed]) -> list[str]:
    """Return a name for each corpus: its path without what all paths begin with."""
    import os

    paths = [one.entry.path for one in surveyed]
    folders = {os.path.dirname(path) for path in paths if not path.startswith("open:")}
    common = os.path.commonpath(folders) if len({os.path.isabs(f) for f in folders}) == 1 else ""
    return [path.removeprefix(f"{common}/") if common else path for path in paths]


def _sizes(surveyed: Sequence[Surveyed], names: Sequence[str]) -> Table[tuple[str, Surveyed]]:
    from ner_rnn.text.report_table import Column, Table

    columns: list[Column[tuple[str, Surveyed]]] = [
        Column("corpus", lambda row: row[0], left=True),
        Column("split", lambda row: row[1].entry.split, left=True),
        Column("weight", lambda row: f"{row[1].entry.weight:g}"),
        Column("sentences", lambda row: len(row[1].corpus.tokens)),
        Column("tokens", lambda row: sum(map(len, row[1].corpus.tokens))),
        Column("documents", lambda row: len(set(row[1].corpus.documents))),
        Column("persons", lambda row: row[1].corpus.names),
    ]
    rows = list(zip(names, surveyed, strict=True))
    some: list[Column[tuple[str, Surveyed]]] = [
        Column("others", lambda row: row[1].others),
        Column("open", lambda row: row[1].left_open),
        Column("titles", lambda row: row[1].titles_cut),
    ]  # what is there nowhere has no column
    columns += [column for column in some if any(map(column.get, rows))]
    label = "Corpora (names of persons and others; spans left open; titles cut off)"
    return Table(label, columns, rows)


def _overlaps(
    pairs: Sequence[Overlap], surveyed: Sequence[Surveyed], names: Sequence[str]
) -> Table[Overlap]:
    from ner_rnn.text.report_table import Column, Table, percent

    def share(pair: Overlap) -> str | None:
        return percent(pair.sentences / len(surveyed[pair.later].corpus.tokens), 1)

    columns: list[Column[Overlap]] = [
        Column("of", lambda pair: names[pair.later], left=True),
        Column(
            "also in",
            lambda pair: "itself" if pair.later == pair.earlier else names[pair.earlier],
            left=True,
        ),
        Column("sentences", lambda pair: pair.sentences),
        Column("%", share),
        Column("documents", lambda pair: pair.documents),
    ]
    label = "Word for word in two corpora, or twice in one"
    if len(pairs) > _ROWS_SHOWN:
        label += f" ({_ROWS_SHOWN} of {len(pairs)} pairs)"
    return Table(label, columns, pairs[:_ROWS_SHOWN])


def _words(words: Sequence[Disagreement], names: Sequence[str]) -> Table[Disagreement]:
    from ner_rnn.text.report_table import Column, Table

    columns: list[Column[Disagreement]] = [
        Column("word", lambda word: shortened(word.word, _SHOWN), left=True),
        Column("tagged in", lambda word: names[word.tagged], left=True),
        Column("in/out", lambda word: "{:,}/{:,}".format(*word.tagged_counts)),
        Column("not in", lambda word: names[word.untagged], left=True),
        Column("in/out", lambda word: "{:,}/{:,}".format(*word.untagged_counts)),
    ]
    label = "Words that are persons in one corpus and not in another (inside / outside names)"
    return Table(label, columns, words)


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
    sentence = max(range(len(corpus.tokens)), key=lambda at: len(corpus.tokens[at]))
    longest = len(corpus.tokens[sentence])
    yield "longest sentence", f"{longest:,}", f"tokens, {_where(corpus, sentence, 0)}"
    word, sentence, at = max(
        (
            (word, sentence, at)
            for sentence, words in enumerate(corpus.tokens)
            for at, word in enumerate(words)
        ),
        key=lambda found: len(found[0]),
    )
    shown = shortened(word, _SHOWN)
    where = _where(corpus, sentence, at)
    yield "longest word", f"{len(word):,}", f"characters, {where}: {shown}"
    yield "duplicates", f"{corpus.duplicates:,}", "sentences that repeat an earlier one"
    yield "broken sequences", f"{record['repaired']:,}", "read as conlleval reads them"
    if corpus.numbered:
        yield "position numbers", f"{corpus.numbered:,}", "removed from the end of words"


def _where(corpus: Corpus, sentence: int, word: int) -> str:
    if corpus.lines:
        return f"at line {corpus.lines[sentence][word]:,}"
    return f"in sentence {sentence + 1:,}"
