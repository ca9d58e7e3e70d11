"""Kinds of text that a model is judged on: test sets, their cases, and counts of names.

Used by ``kinds_of_text.py`` and ``leave_domain_out.py``. Nothing here runs a model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

import numpy as np

from ner_rnn.corpora.corpus import PERSON, Corpus
from ner_rnn.corpora.read import read
from ner_rnn.text.tags import Span
from ner_rnn.training.recall_curve import whole_from
from ner_rnn.training.reliability import reliability
from ner_rnn.training.scoring import Score

Words = Sequence[str]
Document = Sequence[Words]

CASES: dict[str, Callable[[str], str]] = {"cased": str, "lower": str.lower, "upper": str.upper}
LEFT_OUT = frozenset(["musicartist"])
"""Labels that may mean a person: such a span is neither a name nor a place without one."""


class TestSet(NamedTuple):
    """One file of annotated text.

    Attributes:
        path: below the data folder.
        family: sets of one family count once in the mean; "": a set by itself.
        split: each sentence is a document by itself.
        last: only so many documents, from the end; 0: all.
    """

    path: str
    family: str = ""
    split: bool = False
    last: int = 0

    @property
    def name(self) -> str:
        """As in tables."""
        return self.path.removesuffix(".bio")


SETS = (
    TestSet("conll2003/eng.testb"),
    TestSet("wnut17/test.bio", split=True),
    TestSet("uner_en_ewt/test.bio"),
    TestSet("gum_open/test.bio"),
    TestSet("gum_research/test.bio"),
    *(
        TestSet(f"crossner/{field}_test.bio", family="crossner", split=True)
        for field in ("politics", "science", "music", "literature", "ai")
    ),
    TestSet("tweebank_ner/test.bio", split=True),
    TestSet("finer_ord/test.bio"),
    TestSet("sec_filings/test.bio"),
    TestSet("worldwide/dev.bio"),
    TestSet("btc/h.bio", split=True),
    TestSet("litbank/names.bio", last=20),
    TestSet("wikigold/all.bio", last=30),
)


class FoundName(NamedTuple):
    """A name that a system found; words are counted over a whole set.

    Attributes:
        start: its first word.
        end: the word after its last.
        score: its probability; None: the system gives none.
    """

    start: int
    end: int
    score: float | None = None


@dataclass
class Texts:
    """Annotated documents.

    Attributes:
        documents: sentences of words.
        names: of each document, the spans of each sentence.
    """

    documents: list[list[list[str]]] = field(default_factory=list)
    names: list[list[list[Span]]] = field(default_factory=list)

    @property
    def words(self) -> int:
        """Number of words."""
        return sum(len(words) for document in self.documents for words in document)

    def spans(self) -> list[Span]:
        """Return all spans, by words counted over the whole set."""
        found, first = [], 0
        for document, names in zip(self.documents, self.names, strict=True):
            for words, spans in zip(document, names, strict=True):
                found += [Span(first + s.start, first + s.end, s.label) for s in spans]
                first += len(words)
        return found

    def in_case(self, case: str) -> list[list[list[str]]]:
        """Return the documents in another case; the words stay as many as they are."""
        change = CASES[case]
        return [
            [[change(word) for word in words] for words in document] for document in self.documents
        ]


def read_texts(data: Path, test: TestSet) -> Texts:
    """Read a set as the table of kinds takes it.

    Raises:
        UserError: the file is missing or cannot be read.
    """
    texts = texts_of(read(data / test.path), split=test.split)
    kept = slice(-test.last, None) if test.last else slice(None)
    return Texts(texts.documents[kept], texts.names[kept])


def texts_of(corpus: Corpus, *, split: bool = False) -> Texts:
    """Return the documents of a corpus; ``split``: each sentence is one by itself."""
    rows = zip(corpus.documents, corpus.tokens, corpus.spans, strict=True)
    texts = Texts()
    for _, sentences in groupby(enumerate(rows), key=lambda r: r[0] if split else r[1][0]):
        parts = [row for _, row in sentences]
        texts.documents.append([list(words) for _, words, _ in parts])
        texts.names.append([list(spans) for _, _, spans in parts])
    return texts


def count(gold: Iterable[Span], found: Iterable[FoundName]) -> dict[str, Any]:
    """Count exact names; those that touch a span of ``LEFT_OUT`` count neither way.

    Returns:
        tp, fp, fn, left_out (found names), f1, precision and recall in percent (None: undefined),
        ece, the expected calibration error in percent (None: there are no scores), and whole, the
        percentage of names every word of which is in a found name.
    """
    gold = list(gold)
    open_words = {
        word for span in gold if span.label in LEFT_OUT for word in range(span.start, span.end)
    }
    wanted = {(span.start, span.end) for span in gold if span.label == PERSON}
    found = list(found)
    names = [name for name in found if open_words.isdisjoint(range(name.start, name.end))]
    right = [(name.start, name.end) in wanted for name in names]
    score = Score.of(len(wanted), len(names), sum(right))
    whole = whole_from(sorted(wanted), [(name.start, name.end, 1.0) for name in found])
    calibration = None
    if all(name.score is not None for name in names):
        scores = np.array([name.score for name in names], dtype=np.float64)
        calibration = reliability(scores, np.array(right, dtype=np.bool_))
    return {
        "tp": score.correct,
        "fp": score.predicted - score.correct,
        "fn": score.support - score.correct,
        "left_out": len(found) - len(names),
        "f1": _percent(score.f1),
        "precision": _percent(score.precision),
        "recall": _percent(score.recall),
        "ece": _percent(calibration and calibration["ece"]),
        "whole": _percent(fmean(whole) if whole else None),
    }


def mean_of_kinds(
    values: Mapping[str, float | None], sets: Iterable[TestSet] = SETS
) -> float | None:
    """Average over sets; a family counts once, by its own mean, and an undefined value not at all.

    >>> sets = [TestSet("a"), TestSet("b", "family"), TestSet("c", "family")]
    >>> mean_of_kinds({"a": 1.0, "b": 2.0, "c": 4.0}, sets)
    2.0
    """
    groups: dict[str, list[float]] = {}
    for test in sets:
        if (value := values.get(test.name)) is not None:
            groups.setdefault(test.family or test.name, []).append(value)
    return fmean(map(fmean, groups.values())) if groups else None


def _percent(value: float | None) -> float | None:
    return None if value is None else round(100 * value, 2)
