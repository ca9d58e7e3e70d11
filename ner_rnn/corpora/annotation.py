"""From the tags of a source to the one schema: IOB2 strings in which a person is PER.

Here alone tags are checked, their scheme is recognised, and it is decided what a corpus calls a
person. Where sentences come from is not known here: files and Hub rows both pass through.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ner_rnn.errors import CorpusError
from ner_rnn.text.tags import PREFIXES, Scheme, Span, recognise, spans, split_tag, to_tags

__all__ = ["PERSON", "Annotated", "check_tags", "count_labels", "find_persons", "missing_person"]

PERSON = "PER"

_NAMES_OF_PERSON = frozenset(
    ["per", "pers", "person", "persons", "people", "persname", "prs", "nr", "per.nam", "per-nam"]
)  # nr: the Chinese treebanks; prs: the Swedish ones; PER.NOM ("my aunt") names nobody


@dataclass(slots=True)
class Annotated:
    """Sentences of one source, side by side.

    Attributes:
        tokens: the words of each sentence.
        tags: their tags, as the source has them until ``unify``.
        documents: the document that each sentence belongs to.
    """

    tokens: list[Sequence[str]] = field(default_factory=list)
    tags: list[Sequence[str]] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)

    def unify(self, scheme: Scheme, persons: Collection[str], *, keep_others: bool) -> Annotated:
        """Rewrite the tags: IOB2, persons as PER, other labels as they are or as O.

        A label that is called PER but is no person (where the user named others) becomes
        ``PER.other``.
        """
        renamed = dict.fromkeys(persons, PERSON)
        if PERSON not in persons:
            renamed[PERSON] = PERSON + ".other"
        rewritten: list[Sequence[str]] = []
        for tags in self.tags:
            found = [
                Span(start, end, renamed.get(label, label))
                for start, end, label in spans(tags, scheme)
                if keep_others or label in persons
            ]
            rewritten.append(to_tags(found, len(tags)) if found else ["O"] * len(tags))
        return Annotated(self.tokens, rewritten, self.documents)


def check_tags(
    sentences: Sequence[Sequence[str]],
    scheme: Literal["auto"] | Scheme,
    place: Callable[[int, int], str],
    on_fault: Callable[[CorpusError], None] | None = None,
) -> Scheme:
    """Check every tag, and recognise the scheme where it is not given.

    Args:
        sentences: the tags of each sentence.
        scheme: the one to hold the prefixes against; "auto": recognise it.
        place: names the place of (sentence, token) in messages, as ``file:line``.
        on_fault: takes each tag that cannot be read; None: the first one is raised.

    Raises:
        CorpusError: a tag with an unknown prefix, without a label, of another scheme, or without
            a prefix where others have one.
    """
    distinct = set().union(*sentences)
    faulty: dict[str, str] = {}
    prefixed = any("-" in tag and _is_readable(tag) for tag in distinct)
    for tag in sorted(distinct):
        try:
            prefix, _ = split_tag(tag)
        except CorpusError as error:
            faulty[tag] = str(error)
            continue
        if scheme != "auto" and prefix != "O" and prefix not in PREFIXES[scheme]:
            faulty[tag] = f"tag {tag!r} is not of the scheme {scheme}: choose another, or auto"
        elif prefixed and tag != "O" and "-" not in tag:
            faulty[tag] = f"tag {tag!r} has no prefix, which other tags have: write B-{tag}"
    if faulty:
        for index, tags in enumerate(sentences):
            for token, tag in enumerate(tags):
                if tag in faulty:
                    fault = CorpusError(f"{place(index, token)}: {faulty[tag]}")
                    if on_fault is None:
                        raise fault
                    on_fault(fault)
    if scheme != "auto":
        return scheme
    if not faulty:
        return recognise(sentences)
    return recognise(["O" if tag in faulty else tag for tag in tags] for tags in sentences)


def count_labels(sentences: Iterable[Sequence[str]], scheme: Scheme) -> Counter[str]:
    """Count the spans of each label."""
    return Counter(span.label for tags in sentences for span in spans(tags, scheme))


def find_persons(labels: Iterable[str], wanted: Sequence[str] = ()) -> frozenset[str]:
    """Choose the labels that mean a person's name, letter case aside.

    Args:
        labels: those of the corpus.
        wanted: what the user says persons are called; none: the names in common use.
    """
    names = frozenset(name.casefold() for name in wanted) or _NAMES_OF_PERSON
    return frozenset(label for label in labels if label.casefold() in names)


def missing_person(where: str, labels: Counter[str], wanted: Sequence[str]) -> CorpusError:
    """Say that no label means a person, and which labels there are."""
    if not labels:
        return CorpusError(f"{where}: no name is tagged, every tag is O: is this the tag column?")
    most = labels.most_common(_LISTED)
    found = ", ".join(f"{label} ({count:,})" for label, count in most)
    if len(labels) > _LISTED:
        found += f" and {len(labels) - _LISTED:,} more"
    asked = f"none of {', '.join(wanted)}" if wanted else "no label that is known to mean a person"
    return CorpusError(
        f"{where}: {asked}; labels found: {found}; say with --person-labels which is right, or "
        "with --tag-column where the tags are"
    )


_LISTED = 20


def _is_readable(tag: str) -> bool:
    try:
        split_tag(tag)
    except CorpusError:
        return False
    return True
