"""Spans in characters -> sentences of our tokenizer with tags.

The rules, each counted in the notes of the corpus:

- A span that ends inside a word grows to the whole word.
- Of spans that overlap, a person is kept before others, of others the longer; two persons that
  overlap are an error.
- Of two spans inside one word, the first has the word.
- Sentences that a span goes across are joined to one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable
from itertools import accumulate

from ner_rnn.corpora.annotation import Annotated, find_persons
from ner_rnn.corpora.settings import DataConfig
from ner_rnn.corpora.spans.marked_text import Mark, MarkedFile, MarkedText
from ner_rnn.corpora.spans.offsets import settle_offsets
from ner_rnn.errors import CorpusError, counted, shortened
from ner_rnn.text.tags import Span, to_tags
from ner_rnn.text.tokenize import Token

__all__ = ["cut_spans"]

_SHOWN = 40  # characters of a text in a message


def cut_spans(
    source: str, given: MarkedFile, data: DataConfig, fault: Callable[[CorpusError], None]
) -> Annotated:
    """Divide documents into sentences and words, and their spans into tags.

    Args:
        source: its name in messages.
        given: documents with their marks.
        data: what a person is called.
        fault: receives each error; the document is then left out.

    Raises:
        CorpusError: nothing is annotated.
    """
    if not given.texts:
        why = "; ".join(given.told()[bool(given.kinds) :]) or "no record that can be used"
        raise CorpusError(f"nothing is annotated there: {why}", where=source)
    texts, notes = settle_offsets(given.texts, fault)
    cutter = _Cutter(data)
    made = Annotated(source, scheme="IOB2")
    for number, one in enumerate(texts):
        try:
            sentences, names = cutter.cut(one)
        except CorpusError as problem:
            fault(problem)
            continue
        firsts = accumulate(map(len, sentences), initial=0)
        for first, words in zip(firsts, sentences, strict=False):
            inside = [
                Span(span.start - first, span.end - first, span.label)
                for span in names
                if first <= span.start < first + len(words)
            ]
            made.tokens.append([one.text[start:end] for start, end in words])
            made.tags.append(to_tags(inside, len(words)))
            made.documents.append(str(number))
            made.lines.append([one.line] * len(words))
    if not any(map(any, made.lines)):
        made.lines = []
    made.notes = [*given.told(), *notes, *cutter.notes()]
    return made


class _Cutter:
    """Cuts one document after another, and counts what the rules change."""

    def __init__(self, data: DataConfig) -> None:
        self._wanted = data.person_labels
        self._counts = {"grown": 0, "nested": 0, "shared": 0, "joined": 0}
        self._first: dict[str, str] = {}

    def notes(self) -> list[str]:
        """Return what was changed, a line each."""
        lines = {
            "grown": "began or ended inside a word and grew to the whole word",
            "nested": "overlapped another and left out: a person is kept before others, "
            "of others the longer",
            "shared": "left out or shortened, whose word belongs to the span before",
            "joined": "went across the end of a sentence, which was joined with the next",
        }
        return [
            f"{counted(self._counts[rule], 'span')} {line} (the first: {self._first[rule]})"
            for rule, line in lines.items()
            if self._counts[rule]
        ]

    def cut(self, one: MarkedText) -> tuple[list[list[Token]], list[Span]]:
        """Return the sentences of a document, and its spans by words counted over all of them.

        Raises:
            CorpusError: a span without a word, or persons that overlap.
        """
        words = [word for sentence in one.sentences for word in sentence]
        starts, ends = [word[0] for word in words], [word[1] for word in words]
        spans: list[Span] = []
        for mark in self._apart(one):
            first, last = bisect_right(ends, mark.start), bisect_left(starts, mark.end)
            if first >= last:
                shown = one.text[mark.start : mark.end]
                raise CorpusError(
                    f"{mark.place}: the span {mark.start}-{mark.end} ({mark.label}) holds no "
                    f"word, only {shown!r}",
                    do="remove the span",
                )
            if starts[first] < mark.start or ends[last - 1] > mark.end:
                grown = one.text[starts[first] : ends[last - 1]]
                self._count("grown", one, mark, f" -> {shortened(grown, _SHOWN)!r}")
            if spans and first < spans[-1].end:
                self._count("shared", one, mark)
                first = spans[-1].end
            if first < last:
                spans.append(Span(first, last, mark.label))
        return self._joined(one, spans), spans

    def _apart(self, one: MarkedText) -> list[Mark]:
        """Return the marks without those that overlap one of more weight, in order."""
        marks = {(mark.start, mark.end, mark.label): mark for mark in one.marks}
        persons = find_persons({mark.label for mark in one.marks}, self._wanted)
        kept: dict[int, Mark] = {}
        starts: list[int] = []  # of those kept, in order
        ordered = sorted(
            marks.values(),
            key=lambda mark: (mark.label not in persons, mark.start - mark.end, mark.start),
        )
        for mark in ordered:
            before = bisect_left(starts, mark.end)
            other = kept[starts[before - 1]] if before else None
            if other is None or other.end <= mark.start:
                insort(starts, mark.start)
                kept[mark.start] = mark
                continue
            if mark.label in persons:
                both = sorted([other, mark], key=lambda mark: mark.start)
                found = " and ".join(
                    f"{shortened(one.text[m.start : m.end], _SHOWN)!r} ({m.label}, "
                    f"{m.start}-{m.end})"
                    for m in both
                )
                raise CorpusError(
                    f"{mark.place}: two persons overlap: {found}", do="remove one of them"
                )
            self._count("nested", one, mark)
        return [kept[start] for start in starts]

    def _joined(self, one: MarkedText, spans: list[Span]) -> list[list[Token]]:
        """Return the sentences, those that a span goes across as one."""
        bounds = list(accumulate(map(len, one.sentences), initial=0))
        inside = {
            bound
            for span in spans
            for bound in bounds[bisect_right(bounds, span.start) : bisect_left(bounds, span.end)]
        }
        if not inside:
            return one.sentences
        self._counts["joined"] += len(inside)
        self._first.setdefault("joined", one.place)
        sentences: list[list[Token]] = []
        for first, words in zip(bounds, one.sentences, strict=False):
            if first in inside:
                sentences[-1].extend(words)
            else:
                sentences.append(list(words))
        return sentences

    def _count(self, rule: str, one: MarkedText, mark: Mark, more: str = "") -> None:
        shown = shortened(one.text[mark.start : mark.end], _SHOWN)
        self._counts[rule] += 1
        self._first.setdefault(rule, f"{mark.place}, {shown!r}{more}")
