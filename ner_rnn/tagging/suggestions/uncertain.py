"""The passages that a model is least sure of, as what to annotate first.

A passage is a sentence, or a part of a long one. It is as uncertain as the entropy of its tags over
all tag sequences (Settles and Craven 2008, sequence entropy). Of passages that are nearly alike one
is taken, so that the choice is not one form letter two hundred times.
"""

from __future__ import annotations

import heapq
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, BinaryIO, NamedTuple, TypeAlias

from ner_rnn.runtime.documents import Document, Name
from ner_rnn.tagging.stream import Source
from ner_rnn.tagging.writers import Ending, Format, Tagged, Writer
from ner_rnn.text.tokenize import Token

__all__ = ["Uncertain", "unlike"]

LONGEST = 100
"""Words of a passage; a longer sentence, such as a table without full stops, is cut."""
ALIKE = 0.8
"""Words that two passages have in common, of all words of both (Jaccard), from which on they are
nearly alike; digits and letter case aside."""
ROOM = 10
"""Passages kept for each that is wanted, since many may turn out to be alike."""
LEAST_ROOM = 1000

_DIGIT = re.compile(r"\d")


class _Passage(NamedTuple):
    """A passage; smaller is more certain, and of equals the later.

    Attributes:
        entropy: in nats.
        order: minus the number of the passage in the run, so that the first of equals wins.
        form: its distinct words, digits and letter case aside.
        source: the file and the offset.
        document: the passage with its names.
    """

    entropy: float
    order: tuple[int, ...]
    form: frozenset[str]
    source: Source
    document: Document


_Kept: TypeAlias = dict[frozenset[str], _Passage]


@dataclass(frozen=True, slots=True)
class Uncertain:
    """The most uncertain passages of all inputs, written in another format.

    Attributes:
        format: the format of the passages.
        most: number of passages.
    """

    format: Format
    most: int

    @property
    def ending(self) -> Ending:
        """File name extension of the format."""
        return self.format.ending

    @property
    def room(self) -> int:
        """Passages that are kept until the end."""
        return max(ROOM * self.most, LEAST_ROOM)

    def render(self, tagged: Tagged) -> list[_Passage]:
        """Return the passages that may be among the most uncertain."""
        kept: _Kept = {}
        number = 0
        for source, document in tagged:
            for passage in _passages(source, document):
                _keep(kept, passage._replace(order=(-number,)))
                number += 1
        return heapq.nlargest(self.room, kept.values(), key=_rank)

    def writer(self, file: BinaryIO) -> Writer:
        """Return a writer that keeps the most uncertain until the end."""
        return _Ranking(self, file)


class _Ranking:
    """Keeps passages of distinct words, the most uncertain, in bounded memory.

    Which are kept does not depend on how a run was divided into parts.
    """

    def __init__(self, format: Uncertain, file: BinaryIO) -> None:
        self._format = format
        self._writer = format.format.writer(file)
        self._kept: _Kept = {}
        self._parts = 0

    def add(self, part: list[_Passage]) -> None:
        for passage in part:
            _keep(self._kept, passage._replace(order=(-self._parts, *passage.order)))
        self._parts += 1
        if len(self._kept) > 2 * self._format.room:
            best = heapq.nlargest(self._format.room, self._kept.values(), key=_rank)
            self._kept = {passage.form: passage for passage in best}

    def close(self) -> None:
        ordered = sorted(self._kept.values(), key=_rank, reverse=True)
        for passage in unlike(ordered, self._format.most):
            tagged = [(passage.source, passage.document)]
            self._writer.add(self._format.format.render(tagged))
        self._writer.close()


def _rank(passage: _Passage) -> tuple[float, tuple[int, ...]]:
    return passage.entropy, passage.order


def _keep(kept: _Kept, passage: _Passage) -> None:
    known = kept.get(passage.form)
    if known is None or _rank(passage) > _rank(known):
        kept[passage.form] = passage


def unlike(passages: Iterable[Any], most: int) -> list[Any]:
    """Return the first passages, in order, of which no two are nearly alike.

    Each is compared with those that share one of its rare words: two sets of which at least
    ``ALIKE`` is common must share one of the first words of each in any fixed order (prefix
    filtering; Chaudhuri, Ganti and Kaushik 2006).

    Args:
        passages: each with its distinct words as ``form``.
        most: passages that are returned.
    """
    given = list(passages)
    count = Counter(word for passage in given for word in passage.form)
    holders: defaultdict[str, list[int]] = defaultdict(list)
    taken: list[Any] = []
    for passage in given:
        if len(taken) == most:
            break
        form = passage.form
        ordered = sorted(form, key=lambda word: (count[word], word))
        rare = ordered[: len(form) - math.ceil(ALIKE * len(form)) + 1]
        near = {number for word in rare for number in holders[word]}
        if any(_overlap(form, taken[number].form) >= ALIKE for number in near):
            continue
        for word in rare:
            holders[word].append(len(taken))
        taken.append(passage)
    return taken


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    common = len(one & other)
    return common / (len(one) + len(other) - common)


def _passages(source: Source, document: Document) -> Iterator[_Passage]:
    """Yield the passages of a document."""
    at = 0
    names = iter(document.names)
    name = next(names, None)
    line, seen = source.line, 0
    for sentence in document.sentences():
        entropies = document.entropies[at : at + len(sentence)]
        at += len(sentence)
        inside: list[Name] = []
        while name is not None and sentence and name.start < sentence[-1][1]:
            inside.append(name)
            name = next(names, None)
        for first, last in _cuts(sentence, inside):
            words = sentence[first:last]
            start, end = words[0][0], words[-1][1]
            if source.by_line:
                line += document.text.count("\n", seen, start)
                seen = start
            entropy = sum(entropies[first:last])
            part = replace(
                document,
                text=document.text[start:end],
                names=[
                    one._replace(start=one.start - start, end=one.end - start)
                    for one in inside
                    if start <= one.start < end
                ],
                words=len(words),
                offsets=[[(low - start, high - start) for low, high in words]],
                entropies=entropies[first:last],
            )
            where = source._replace(
                text=part.text, offset=(source.offset or 0) + start, line=line, mark=None, row=None
            )
            form = frozenset(
                _DIGIT.sub("0", document.text[low:high].casefold()) for low, high in words
            )
            yield _Passage(0.0 if math.isnan(entropy) else entropy, (), form, where, part)


def _cuts(sentence: Iterable[Token], names: list[Name]) -> Iterator[tuple[int, int]]:
    """Cut a sentence into passages, never inside a name; yield first word, word after the last."""
    words = list(sentence)
    first = 0
    while len(words) - first > LONGEST:
        last = first + LONGEST
        across = next((one for one in names if one.start < words[last][0] < one.end), None)
        if across is not None:
            before = next(at for at in range(first, last) if words[at][0] >= across.start)
            last = before if before > first else last
        yield first, last
        first = last
    if words[first:]:
        yield first, len(words)
