"""From the annotation of a source to the one schema: schemes, labels of persons, position numbers.

Here alone tags are checked, their scheme is recognised, and it is decided what a corpus calls a
person. Where sentences come from is not known here: files and Hub rows both pass through.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from ner_rnn.corpora.corpus import LEFT_OPEN, PERSON, Corpus, no_person, place
from ner_rnn.corpora.settings import DataConfig
from ner_rnn.errors import CorpusError
from ner_rnn.text.tags import PREFIXES, Scheme, Span, faults, recognise, spans, split_tag
from ner_rnn.text.token_unit import without_positions

__all__ = ["Annotated", "OnFault", "find_persons", "unify"]

OnFault = Callable[[CorpusError], None]
"""Receives each line or tag that cannot be used."""

_NAMES_OF_PERSON = frozenset(
    ["per", "pers", "person", "persons", "people", "persname", "prs", "nr", "per.nam", "per-nam"]
)  # nr: the Chinese treebanks; prs: the Swedish ones; PER.NOM ("my aunt") names nobody


@dataclass(slots=True)
class Annotated:
    """Sentences of one source as the source has them.

    Attributes:
        source: the file, or the name of the source, for messages.
        tokens: the words of each sentence.
        tags: their tags.
        documents: the document of each sentence.
        lines: the line of each word, from 1; empty where the source has no lines.
        sha256: of the bytes that were read; None: the sentences came from no file.
        scheme: tag scheme where the source has spans and the tags were made of them; None: tags
            are as written, and the settings or the tags themselves say which scheme it is.
        notes: what the source was recognised as, and what reading it changed.
    """

    source: str
    tokens: list[Sequence[str]] = field(default_factory=list)
    tags: list[Sequence[str]] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    lines: list[Sequence[int]] = field(default_factory=list)
    sha256: str | None = None
    scheme: Scheme | None = None
    notes: list[str] = field(default_factory=list)


def unify(
    given: Annotated,
    data: DataConfig,
    *,
    left_open: Sequence[str] = (),
    needs_person: bool = False,
    on_fault: OnFault | None = None,
) -> Corpus:
    """Bring the annotation of a source into the one schema.

    Persons become PER, other labels stay as they are or are dropped (``data.labels``). A label
    that is called PER but is no person (where the user named others) becomes ``PER.other``. Labels
    that are left open become ``LEFT_OPEN``.

    Args:
        given: sentences as the source has them.
        data: scheme, labels of persons, and which labels to keep.
        left_open: labels that may or may not mean a person, letter case aside.
        needs_person: refuse a source in which no label means a person.
        on_fault: receives each tag that cannot be read, which then counts as O; None: the first
            one is raised.

    Raises:
        CorpusError: a tag that cannot be read (see ``on_fault``), or no person.
    """
    unreadable, scheme = _check_tags(given, given.scheme or data.scheme, on_fault)
    rows = given.tags
    if unreadable:
        rows = [["O" if tag in unreadable else tag for tag in tags] for tags in rows]
    found = [spans(tags, scheme) for tags in rows]
    counts = Counter(span.label for names in found for span in names)
    labels = dict(counts.most_common())
    persons = find_persons(labels, data.person_labels)
    if needs_person and not persons:
        raise no_person(labels, data.person_labels, given.source)
    others: Collection[str] = labels if data.labels == "all" else ()
    if data.types:
        others = [label for label in others if label in data.types]
    unsure = find_persons(labels, left_open) if left_open else frozenset()
    renamed = {PERSON: PERSON + ".other"} | dict.fromkeys(persons, PERSON)
    renamed |= dict.fromkeys(unsure, LEFT_OPEN)
    names = [
        [
            Span(start, end, renamed.get(label, label))
            for start, end, label in names
            if label in persons or label in unsure or label in others
        ]
        for names in found
    ]
    tokens = without_positions(given.tokens)
    corpus = Corpus(
        source=given.source,
        tokens=list(map(tuple, tokens)),
        spans=names,
        documents=given.documents,
        lines=given.lines,
        sha256=given.sha256 or "",
        scheme=scheme,
        labels=labels,
        persons=sorted(persons),
        breaks=[
            (sentence, word, what)
            for sentence, tags in enumerate(rows)
            if any(tag != "O" for tag in tags)
            for word, what in faults(tags, scheme)
        ],
        numbered=_changed(given.tokens, tokens),
        wanted=data.person_labels,
        reading=given.notes,
    )
    return corpus if corpus.sha256 else replace(corpus, sha256=_digest(corpus))


def find_persons(labels: Iterable[str], wanted: Sequence[str] = ()) -> frozenset[str]:
    """Choose the labels that mean a person's name, letter case aside.

    Args:
        labels: those of the corpus.
        wanted: what the user says persons are called; none: the names in common use.
    """
    names = frozenset(name.casefold() for name in wanted) or _NAMES_OF_PERSON
    return frozenset(label for label in labels if label.casefold() in names)


def _check_tags(
    given: Annotated, scheme: Literal["auto"] | Scheme, on_fault: OnFault | None
) -> tuple[set[str], Scheme]:
    """Check every tag; return those that cannot be read as names at all, and the scheme.

    Raises:
        CorpusError: a tag with an unknown prefix, without a label, of another scheme, or without
            a prefix where others have one.
    """
    unreadable: set[str] = set()
    faulty: dict[str, str] = {}
    labelled: dict[str, str] = {}
    for tag in sorted(set().union(*given.tags)):
        try:
            labelled[tag], _ = split_tag(tag)
        except CorpusError as error:
            faulty[tag] = str(error)
            unreadable.add(tag)
    prefixed = any("-" in tag for tag in labelled)
    for tag, prefix in labelled.items():
        if scheme != "auto" and prefix != "O" and prefix not in PREFIXES[scheme]:
            faulty[tag] = f"tag {tag!r} is not of the scheme {scheme}: choose another, or auto"
        elif prefixed and tag != "O" and "-" not in tag:
            faulty[tag] = f"tag {tag!r} has no prefix, which other tags have: write B-{tag}"
    if faulty:
        for sentence, tags in enumerate(given.tags):
            for word, tag in enumerate(tags):
                if tag in faulty:
                    fault = CorpusError(
                        f"{place(given.source, given.lines, sentence, word)}: {faulty[tag]}"
                    )
                    if on_fault is None:
                        raise fault
                    on_fault(fault)
    if scheme != "auto":
        return unreadable, scheme
    return unreadable, recognise(
        ["O" if tag in faulty else tag for tag in tags] if faulty else tags for tags in given.tags
    )


def _digest(corpus: Corpus) -> str:
    hasher = hashlib.sha256()
    for row in zip(corpus.tokens, corpus.tags, strict=True):
        hasher.update(json.dumps(row).encode())
    return hasher.hexdigest()


def _changed(before: Sequence[Sequence[str]], after: Sequence[Sequence[str]]) -> int:
    if before is after:
        return 0
    return sum(
        old != new
        for words, others in zip(before, after, strict=True)
        for old, new in zip(words, others, strict=True)
    )
