"""Annotated text in the one schema: what every source of a corpus becomes.

A person is PER, and a span is the number of its first word, the number of the word after its last,
and a label. ``read.py`` makes corpora; everyone else reads their attributes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import TypedDict

from ner_rnn.errors import CorpusError
from ner_rnn.text.conll import LOST
from ner_rnn.text.tags import Scheme, Span, to_tags
from ner_rnn.text.token_unit import recognise_unit
from ner_rnn.text.tokenize import TokenUnit

__all__ = [
    "LEFT_OPEN",
    "PERSON",
    "Corpus",
    "Part",
    "Record",
    "no_person",
    "place",
]


PERSON = "PER"
LEFT_OPEN = "?"
"""Label of a span of which the annotation does not say whether it is a name of a type learned."""


class Record(TypedDict):
    """Provenance of a corpus, as models (``metrics.json``) and reports keep it."""

    path: str
    """File, or name of the source."""
    sha256: str | None
    """SHA-256 of the bytes that were read; of the sentences where they came from no file."""
    sentences: int
    tokens: int
    names: int
    """Names of persons."""
    documents: int
    labels: dict[str, int]
    """Entity types as the source calls them -> spans, most frequent first."""
    persons: list[str]
    """Those that were read as PER."""
    scheme: str | None
    """Tag scheme of the source: IO, IOB1, IOB2, BIOES or BMES."""
    repaired: int
    """Tags that break the scheme."""
    notes: list[str]
    """Changes made while reading, and unusual content."""


@dataclass(frozen=True)
class Part:
    """One of the corpora that a merged corpus is made of.

    Attributes:
        corpus: the corpus, whose sentences follow those of the part before.
        weight: copies of each document in an epoch of training.
        annotated: entity types that are annotated there; empty: those of the corpus.
    """

    corpus: Corpus
    weight: float = 1.0
    annotated: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Take the entity types of the corpus where none are given."""
        if not self.annotated:
            object.__setattr__(self, "annotated", tuple(self.corpus.entity_types))

    @property
    def words(self) -> float:
        """Words of the part in an epoch, on average."""
        return self.weight * sum(map(len, self.corpus.tokens))


@dataclass(frozen=True)
class Corpus:
    """Annotated sentences of one source, or of several that were merged.

    Attributes:
        source: the file, or the name of the source, for messages.
        tokens: the words of each sentence.
        spans: the names of each sentence, in order and without overlap; a person is PER.
        documents: the document of each sentence.
        lines: the line of each word in the file, from 1; empty where the source has no lines.
        sha256: of the bytes that were read, or of the sentences where they came from no file.
        scheme: tag scheme of the source.
        labels: entity types as the source calls them -> spans, most frequent first.
        persons: those of them that were read as PER.
        breaks: (sentence, word, what is wrong) of each tag that breaks the scheme; such sequences
            are read as conlleval reads them.
        numbered: words whose position number was removed (``token_unit.without_positions``).
        wanted: labels that the user says mean a person; empty: the names in common use.
        parts: the corpora that were merged into this one; empty where it is of one source.
        reading: what the source was recognised as where it is no column file, and what was changed
            to make sentences of its spans.
    """

    source: str
    tokens: Sequence[Sequence[str]]
    spans: Sequence[Sequence[Span]]
    documents: Sequence[str]
    lines: Sequence[Sequence[int]]
    sha256: str
    scheme: Scheme
    labels: Mapping[str, int]
    persons: Sequence[str]
    breaks: Sequence[tuple[int, int, str]] = ()
    numbered: int = 0
    wanted: Sequence[str] = ()
    parts: Sequence[Part] = ()
    reading: Sequence[str] = ()

    @property
    def as_parts(self) -> list[Part]:
        """The corpora that were merged into this one, or it itself."""
        return list(self.parts) or [Part(self)]

    @cached_property
    def tags(self) -> list[list[str]]:
        """The spans of each sentence as IOB2 tags."""
        return [
            to_tags(spans, len(words)) for words, spans in zip(self.tokens, self.spans, strict=True)
        ]

    @cached_property
    def unit(self) -> TokenUnit:
        """Unit of the text: words, or single characters."""
        return recognise_unit(Counter(word for words in self.tokens for word in words))

    @cached_property
    def texts(self) -> list[tuple[Sequence[str], ...]]:
        """The sentences of each document; short documents, alike by chance, are left out."""
        together: dict[str, list[Sequence[str]]] = {}
        for document, words in zip(self.documents, self.tokens, strict=True):
            together.setdefault(document, []).append(words)
        return [
            tuple(sentences)
            for sentences in together.values()
            if len(together) == 1 or sum(map(len, sentences)) >= _BY_CHANCE
        ]

    @property
    def entity_types(self) -> list[str]:
        """Labels of the spans but those left open, the person first, then by name."""
        found = {span.label for spans in self.spans for span in spans} - {LEFT_OPEN}
        return sorted(found, key=lambda label: (label != PERSON, label))

    @property
    def names(self) -> int:
        """Number of names of persons."""
        return sum(span.label == PERSON for spans in self.spans for span in spans)

    def flat_names(self) -> set[tuple[int, int]]:
        """Return names of persons by words numbered over all sentences: (first, after the last)."""
        firsts = accumulate(map(len, self.tokens), initial=0)
        return {
            (first + span.start, first + span.end)
            for first, spans in zip(firsts, self.spans, strict=False)
            for span in spans
            if span.label == PERSON
        }

    @property
    def duplicates(self) -> int:
        """Number of sentences that repeat an earlier one word for word."""
        return len(self.tokens) - len(set(self.tokens))

    @cached_property
    def notes(self) -> list[str]:
        """Changes made while reading, and unusual content, a line each."""
        if self.parts:
            return [f"{p.corpus.source}: {note}" for p in self.parts for note in p.corpus.notes]
        notes = list(self.reading)
        if not self.persons:
            notes.append(no_person(self.labels, self.wanted, self.source).what)
        elif list(self.persons) != [PERSON]:
            notes.append(f"a person is called {', '.join(self.persons)} there; read as {PERSON}")
        if self.scheme != "IOB2":
            notes.append(f"tags converted from {self.scheme} to IOB2")
        if self.breaks:
            notes.append(
                f"{len(self.breaks):,} tags break the scheme {self.scheme} and were read as "
                "conlleval reads them"
            )
        if self.numbered:
            notes.append(f"position numbers were removed from the end of {self.numbered:,} words")
        if lost := sum(word == LOST for words in self.tokens for word in words):
            notes.append(f"{lost:,} words are U+FFFD: empty, or lost before, in the source")
        if self.duplicates:
            notes.append(f"{self.duplicates:,} sentences repeat an earlier one word for word")
        return notes

    def place(self, sentence: int, word: int) -> str:
        """Name the place of a word in messages: ``file:line``, or the row of a source."""
        return place(self.source, self.lines, sentence, word)

    def record(self) -> Record:
        """Return the provenance of this text, as models and reports keep it."""
        return {
            "path": self.source,
            "sha256": self.sha256,
            "sentences": len(self.tokens),
            "tokens": sum(map(len, self.tokens)),
            "names": self.names,
            "documents": len(set(self.documents)),
            "labels": dict(self.labels),
            "persons": list(self.persons),
            "scheme": self.scheme,
            "repaired": len(self.breaks),
            "notes": list(self.notes),
        }


def place(source: str, lines: Sequence[Sequence[int]], sentence: int, word: int) -> str:
    """Name the place of a word in messages: ``file:line``, or the row of a source."""
    return f"{source}:{lines[sentence][word]}" if lines else f"{source}, row {sentence}"


def no_person(
    labels: Mapping[str, int], wanted: Sequence[str], where: str, do: str = ""
) -> CorpusError:
    """Return the error of a source in which no label means a person, with the labels found.

    Args:
        labels: those found -> spans.
        wanted: labels that the user says mean a person.
        where: the source.
        do: how to name the right one; empty: by settings.
    """
    if not labels:
        what = "no name is tagged, every tag is O: is this the tag column?"
        return CorpusError(what, where=where)
    found = ", ".join(f"{label} ({count:,})" for label, count in list(labels.items())[:_LISTED])
    if len(labels) > _LISTED:
        found += f" and {len(labels) - _LISTED:,} more"
    missing = (
        f"none of {', '.join(wanted)}" if wanted else "no label that is known to mean a person"
    )
    return CorpusError(
        f"{missing}; labels found: {found}",
        where=where,
        do=do
        or "say with {data.person_labels} which is right, or with {data.tag_column} where the tags "
        "are",
    )


_LISTED = 20
_BY_CHANCE = 8
"""Words below which documents are alike by chance: "Thank you !"."""
