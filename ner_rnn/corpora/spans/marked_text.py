"""Text with spans marked by character offsets, as tools for annotation write it.

What every reader of spans returns (``spans_json.py``, ``label_studio.py``, ``brat.py``,
``doc_bin.py``); ``offsets.py`` checks it, ``cut_spans.py`` makes sentences and tags of it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

from ner_rnn.corpora.spans.json_values import plain_text
from ner_rnn.errors import CorpusError, counted
from ner_rnn.text.tokenize import Token, tokenize

__all__ = ["Mark", "MarkedFile", "MarkedText", "check_mark"]


@dataclass(slots=True)
class Mark:
    """A span as it was annotated.

    Attributes:
        start: offset of its first character.
        end: offset after its last.
        label: entity type.
        text: what the source says stands there; None: it does not say.
        place: ``file:line`` of the span.
    """

    start: int
    end: int
    label: str
    text: str | None
    place: str


@dataclass
class MarkedText:
    """One document with its marks.

    Attributes:
        text: the document.
        marks: spans in the order of the source.
        place: ``file:line``, or the row.
        line: the line in the file, from 1; 0: the source has no lines.
    """

    text: str
    marks: list[Mark]
    place: str
    line: int = 0

    @cached_property
    def sentences(self) -> list[list[Token]]:
        """The offsets of the words of each sentence."""
        return tokenize(self.text)


@dataclass
class MarkedFile:
    """The documents of a source, and what has to be told of it.

    Attributes:
        texts: documents that are annotated.
        kinds: what the documents were recognised as, with their numbers.
        left_out: reasons for which documents are left out, with their numbers.
        first: the place of the first document left out for a reason.
        notes: anything else that reading changed.
    """

    texts: list[MarkedText] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def leave_out(self, why: str, place: str) -> None:
        """Count a document that is left out."""
        self.left_out[why] += 1
        self.first.setdefault(why, place)

    def told(self) -> list[str]:
        """Return the notes of the source, a line each."""
        kinds = ", ".join(kind for kind, _ in self.kinds.most_common())
        return [
            *([f"read as {kinds}"] if kinds else []),
            *(
                f"{counted(count, 'record')} left out, {why} (the first: {self.first[why]})"
                for why, count in self.left_out.items()
            ),
            *self.notes,
        ]


def check_mark(start: object, end: object, label: object, text: object, place: str) -> Mark:
    """Return a mark of what a source gives, checked but for the text it stands in.

    Raises:
        CorpusError: offsets that are no whole numbers, negative, or not in order; no label.
    """
    where = f"{start}-{end}"
    if not isinstance(label, str) or not label.strip():
        found = "a number" if isinstance(label, (int, float)) else repr(label)
        raise CorpusError(
            f"{place}: the label of the span {where} is {found}, not a name",
            do="export labels by name, as in PER",
        )
    if not (type(start) is int and type(end) is int):
        raise CorpusError(
            f"{place}: the span {where} has no start and end in whole numbers",
            do="give the offsets of its first character and of the one after its last",
        )
    if start < 0 or end <= start:
        what = "begins before the text" if start < 0 else "ends before it begins"
        if start == end:
            what = "is empty"
        raise CorpusError(
            f"{place}: the span {where} ({label}) {what}",
            do="give the offsets of its first character, from 0, and of the one after its last",
        )
    shown = plain_text(text) if isinstance(text, str) else None
    return Mark(start, end, label.strip(), shown, place)
