"""The corpora of a report: annotated files read once, with all that must be told of them.

Nothing is dropped or changed in silence: labels that count as persons, a scheme that was
converted, broken tags and empty words all end up in the corpus's row. Knows no model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ner_rnn.corpora.annotation import PERSON, Annotated, count_labels, find_persons
from ner_rnn.corpora.corpus import read_file
from ner_rnn.corpora.settings import DataConfig
from ner_rnn.evaluation.counting import Found
from ner_rnn.evaluation.schema import CorpusRow
from ner_rnn.text.conll import Sentence
from ner_rnn.text.files import checksum
from ner_rnn.text.tags import Scheme, faults, spans

__all__ = ["Corpus", "empty_row", "is_cut_into_characters", "read_corpus"]

FEW = 20
"""Documents below which an interval by document is rough."""
LOST = "\ufffd"


@dataclass(frozen=True)
class Corpus:
    """Annotated sentences, and what the report says of them.

    Attributes:
        row: name, checksum, counts and notes.
        tokens: the words of each sentence.
        gold: the names of each sentence, of every type; a person is PER.
        documents: the document of each sentence.
        lines: the lines of each sentence's words in the file, from 1.
    """

    row: CorpusRow
    tokens: Sequence[Sequence[str]]
    gold: Sequence[Sequence[Found]]
    documents: Sequence[str]
    lines: Sequence[Sequence[int]]

    @property
    def name(self) -> str:
        """As in the report."""
        return self.row["name"]

    @property
    def unit(self) -> Literal["document", "sentence"]:
        """What chance draws whole: a document, or a sentence where all are in one document."""
        return "document" if self.row["documents"] > 1 else "sentence"

    @property
    def units(self) -> NDArray[np.int64]:
        """The unit of each sentence, from 0."""
        if self.unit == "sentence":
            return np.arange(len(self.tokens), dtype=np.int64)
        return np.unique(np.asarray(self.documents), return_inverse=True)[1].astype(np.int64)


def read_corpus(path: str | Path, name: str, data: DataConfig) -> Corpus:
    """Read an annotated file.

    Args:
        path: the file.
        name: in the report.
        data: its columns, scheme, encoding, and what it calls a person.

    Raises:
        UserError: the file cannot be used.
    """
    sentences, scheme = read_file(path, data)
    tags: list[Sequence[str]] = [sentence.tags for sentence in sentences]
    labels = count_labels(tags, scheme)
    persons = find_persons(labels, data.person_labels)
    row = empty_row(name, str(path))
    row["sha256"] = checksum(path)
    row["sentences"] = len(sentences)
    row["tokens"] = sum(map(len, tags))
    row["names"] = sum(labels[label] for label in persons)
    row["documents"] = len({sentence.document for sentence in sentences})
    row["labels"] = dict(labels.most_common())
    row["persons"] = sorted(persons)
    row["scheme"] = scheme
    row["repaired"] = sum(len(faults(sequence, scheme)) for sequence in tags)
    row["notes"] = _notes(row, sentences, scheme, data)
    unified = Annotated(tags=tags).unify(scheme, persons, keep_others=True)
    return Corpus(
        row=row,
        tokens=[sentence.tokens for sentence in sentences],
        gold=[[Found(*span) for span in spans(sequence)] for sequence in unified.tags],
        documents=[sentence.document for sentence in sentences],
        lines=[sentence.lines for sentence in sentences],
    )


def empty_row(name: str, path: str, problem: str | None = None) -> CorpusRow:
    """What is known of a corpus before it is read, or when it cannot be."""
    return {
        "name": name,
        "path": path,
        "sha256": None,
        "sentences": 0,
        "tokens": 0,
        "names": 0,
        "documents": 0,
        "labels": {},
        "persons": [],
        "scheme": None,
        "repaired": 0,
        "dropped": 0,
        "notes": [],
        "stress": None,
        "base": None,
        "problem": problem,
    }


def is_cut_into_characters(words: Sequence[str], counts: Sequence[int] | None = None) -> bool:
    """Tell whether words are single letters: how Chinese corpora are often cut.

    Args:
        words: those of a text, or of a vocabulary.
        counts: how often each occurs; None: once.
    """
    letters = np.array([sum(map(str.isalpha, word)) for word in words], dtype=np.int64)
    weight = np.ones(len(words)) if counts is None else np.asarray(counts, dtype=np.float64)
    total = weight[letters > 0].sum()
    return bool(total) and bool(weight[letters == 1].sum() > 0.9 * total)


def _notes(
    row: CorpusRow, sentences: Sequence[Sentence], scheme: Scheme, data: DataConfig
) -> list[str]:
    notes = []
    if not row["labels"]:
        notes.append("no name is tagged, every tag is O: is this the tag column?")
    elif not row["persons"]:
        wanted = ", ".join(data.person_labels)
        asked = f"none of {wanted}" if wanted else "no label that is known to mean a person"
        notes.append(
            f"{asked}; labels found: {', '.join(row['labels'])}; say with --data.person-labels "
            "which is right"
        )
    elif row["persons"] != [PERSON]:
        notes.append(f"a person is called {', '.join(row['persons'])} there; read as {PERSON}")
    if scheme != "IOB2":
        notes.append(f"tags converted from {scheme} to IOB2")
    if row["repaired"]:
        notes.append(
            f"{row['repaired']:,} tags break the scheme {scheme} and were read as conlleval reads "
            "them"
        )
    if lost := sum(word == LOST for sentence in sentences for word in sentence.tokens):
        notes.append(f"{lost:,} empty words were read as U+FFFD")
    texts = [sentence.tokens for sentence in sentences]
    if repeats := len(texts) - len(set(texts)):
        notes.append(f"{repeats:,} sentences repeat an earlier one word for word")
    if 1 < row["documents"] < FEW:
        notes.append(f"{row['documents']} documents only: intervals by document are rough")
    return notes
