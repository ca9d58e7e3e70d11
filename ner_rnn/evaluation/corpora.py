"""Evaluation sets: the corpora of a report, each with its entry there."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ner_rnn.corpora.corpus import Corpus
from ner_rnn.corpora.read import read
from ner_rnn.corpora.settings import DataConfig
from ner_rnn.evaluation.schema import CorpusRow

__all__ = ["EvaluationSet", "empty_row", "read_set"]

FEW = 20
"""Documents below which an interval by document is rough."""


@dataclass(frozen=True, kw_only=True)
class EvaluationSet(Corpus):
    """A corpus that systems are scored on.

    Attributes:
        row: its entry in the report: name, provenance, notes.
    """

    row: CorpusRow

    @property
    def name(self) -> str:
        """As in the report."""
        return self.row["name"]

    @property
    def resampled(self) -> Literal["document", "sentence"]:
        """Unit of resampling: documents, or sentences where all are in one document."""
        return "document" if self.row["documents"] > 1 else "sentence"

    @property
    def units(self) -> NDArray[np.int64]:
        """(sentences,) number of the document or sentence that is resampled, from 0."""
        if self.resampled == "sentence":
            return np.arange(len(self.tokens), dtype=np.int64)
        return np.unique(np.asarray(self.documents), return_inverse=True)[1].astype(np.int64)


def read_set(
    path: str | Path, name: str, data: DataConfig, kind: str | None = None
) -> EvaluationSet:
    """Read an annotated file to score systems on, under its name in the report.

    ``kind`` is the kind of text that it belongs to [one of its own].

    Raises:
        UserError: the file cannot be used.
    """
    corpus = read(path, data)
    row: CorpusRow = {**empty_row(name, str(path), kind=kind), **corpus.record()}
    if 1 < row["documents"] < FEW:
        row["notes"].append(f"{row['documents']} documents only: intervals by document are rough")
    return EvaluationSet(**{one.name: getattr(corpus, one.name) for one in fields(corpus)}, row=row)


def empty_row(
    name: str, path: str, problem: str | None = None, kind: str | None = None
) -> CorpusRow:
    """Return the entry of a corpus that has not been read, or cannot be."""
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
        "kind": kind or name,
        "stress": None,
        "base": None,
        "problem": problem,
    }
