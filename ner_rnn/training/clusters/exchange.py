"""Word classes by the exchange algorithm: every word moves to the class where it fits best.

The criterion is that of Brown et al. (1992): the likelihood of the text under a class bigram
model, P(w | v) = P(class of w | class of v) P(w | class of w). The algorithm is that of Kneser and
Ney (1993) in the form of Martin, Liermann and Ney (1998): pass after pass over the words, the most
frequent first, each is taken out of its class and put where the likelihood is highest. With
f(n) = n log n, numbers of bigrams N(a, b) and of words N(a) per class,

    log-likelihood = sum f(N(a, b)) - sum f(N(a, *)) - sum f(N(*, b)) + sum f(N(w))

whose change by a move concerns only the rows and columns of two classes. The sentence boundary and
the rare words keep classes of their own, which no other word joins.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ner_rnn.training.clusters.bigrams import SPECIAL

__all__ = ["Exchange", "bits_per_word", "class_table", "exchange", "first_classes", "xlogx"]

Classes: TypeAlias = NDArray[np.int64]
Table: TypeAlias = NDArray[np.float64]

_LEAST_GAIN = 1e-6
"""Rise of the log-likelihood below which a move is rounding, in nats."""
_REPORT_EVERY = 1000  # words


class Exchange(NamedTuple):
    """Result of the exchange algorithm.

    Attributes:
        classes: class of each word, (numbers).
        moved: words that changed their class in each pass; the last is 0 where no single move is
            an improvement any more.
    """

    classes: Classes
    moved: list[int]


def xlogx(numbers: Any) -> Any:
    """Return n log n of each number, 0 for 0."""
    return numbers * np.log(np.maximum(numbers, 1))


def first_classes(size: int, count: int) -> Classes:
    """Return the classes to start from: words are dealt out in turn, the most frequent first.

    Args:
        size: numbers of words, the special ones included.
        count: classes, without those of the special numbers.
    """
    classes = np.arange(size, dtype=np.int64)
    classes[SPECIAL:] = SPECIAL + (classes[SPECIAL:] - SPECIAL) % count
    return classes


def class_table(matrix: Any, classes: Classes) -> Table:
    """Return the numbers of class bigrams, (classes, classes), the special ones first."""
    count = int(classes.max()) + 1
    pairs = matrix.tocoo()
    where = classes[pairs.row] * count + classes[pairs.col]
    numbers = np.bincount(where, pairs.data, minlength=count * count)
    return numbers.astype(np.float64, copy=False).reshape(count, count)


def bits_per_word(matrix: Any, classes: Classes) -> float:
    """Return the cross entropy of the text under its class bigram model, in bits per word.

    Sentence ends count as words, and rare words as one word.
    """
    table = class_table(matrix, classes)
    words = np.asarray(matrix.sum(axis=0), dtype=np.float64)
    likelihood = (
        xlogx(table).sum()
        - xlogx(table.sum(axis=1)).sum()
        - xlogx(table.sum(axis=0)).sum()
        + xlogx(words).sum()
    )
    return float(-likelihood / math.log(2) / words.sum())


def exchange(
    matrix: Any,
    classes: Classes,
    iterations: int,
    *,
    on_word: Callable[[int], None] = lambda done: None,
    on_pass: Callable[[int, int, Classes], None] = lambda number, moved, classes: None,
) -> Exchange:
    """Move words between classes until no single move raises the likelihood.

    Args:
        matrix: sparse counts of neighbouring words, as ``Bigrams.matrix``.
        classes: classes to start from, as of ``first_classes``; they are not changed.
        iterations: passes over the words at most.
        on_word: called now and then with the number of words done, of all passes.
        on_pass: called after each pass with its number, the words that moved, and the classes.
    """
    classes = classes.copy()
    own = matrix.diagonal().astype(np.float64)
    others = (matrix - _diagonal(matrix)).tocsr()
    others.eliminate_zeros()
    after, before = _Neighbours(others), _Neighbours(others.T.tocsr())
    counts = _ClassCounts(class_table(matrix, classes))
    sizes = np.bincount(classes)
    size, history = len(classes), []
    for number in range(1, iterations + 1):
        moved = 0
        for word in range(SPECIAL, size):
            old = int(classes[word])
            if sizes[old] > 1:  # to join another class with all of one's own is never better
                place = _Place(after.of(word, classes), before.of(word, classes), own[word])
                counts.shift(old, place, -1)
                gains = counts.gains(place)
                best = int(gains.argmax())
                new = best if gains[best] > gains[old] + _LEAST_GAIN else old
                counts.shift(new, place, 1)
                if new != old:
                    classes[word] = new
                    sizes[old] -= 1
                    sizes[new] += 1
                    moved += 1
            if word % _REPORT_EVERY == 0:
                on_word((number - 1) * (size - SPECIAL) + word - SPECIAL)
        history.append(moved)
        on_pass(number, moved, classes)
        if not moved:
            break
    on_word(iterations * (size - SPECIAL))
    return Exchange(classes, history)


class _Beside(NamedTuple):
    """Classes on one side of a word, and how often each stands there."""

    classes: NDArray[np.intp]
    counts: Table


class _Place(NamedTuple):
    """What a word brings to the class that it joins.

    Attributes:
        after: classes that follow the word, itself left out.
        before: classes that the word follows, itself left out.
        itself: how often the word follows itself.
    """

    after: _Beside
    before: _Beside
    itself: float


class _Neighbours:
    """Words on one side of each word."""

    def __init__(self, matrix: Any) -> None:
        self._starts = matrix.indptr.tolist()
        self._words, self._counts = matrix.indices, matrix.data

    def of(self, word: int, classes: Classes) -> _Beside:
        """Return the classes on this side of a word."""
        part = slice(self._starts[word], self._starts[word + 1])
        found = np.bincount(classes[self._words[part]], self._counts[part])
        there = found.nonzero()[0]
        return _Beside(there, found[there].astype(np.float64, copy=False))


class _ClassCounts:
    """Numbers of class bigrams while words come and go.

    Each table is kept with its transpose, so that the numbers of a class with all others lie side
    by side in memory, on either side of it.
    """

    def __init__(self, table: Table) -> None:
        self._table, self._flipped = table, np.ascontiguousarray(table.T)
        self._terms, self._flipped_terms = xlogx(self._table), xlogx(self._flipped)
        self._first, self._second = table.sum(axis=1), table.sum(axis=0)

    def shift(self, into: int, place: _Place, sign: int) -> None:
        """Add a word to a class (sign 1), or take it out (sign -1)."""
        (after, then), (before, ahead), itself = place
        table, flipped = self._table, self._flipped
        table[into, after] += sign * then
        table[before, into] += sign * ahead
        table[into, into] += sign * itself
        self._first[into] += sign * (then.sum() + itself)
        self._second[into] += sign * (ahead.sum() + itself)
        for rows, columns in ((into, after), (before, into), (into, into)):
            now = table[rows, columns]
            flipped[columns, rows] = now
            self._terms[rows, columns] = self._flipped_terms[columns, rows] = xlogx(now)

    def gains(self, place: _Place) -> Table:
        """Return the rise of the log-likelihood by adding a word, for each class; (classes)."""
        (after, then), (before, ahead), itself = place
        gains = _rise(self._flipped[after], then, self._flipped_terms[after])
        gains += _rise(self._table[before], ahead, self._terms[before])
        # a class that stands beside the word: its own bigrams grow by both sides at once
        own = self._table.diagonal()
        right, left = np.zeros_like(own), np.zeros_like(own)
        right[after], left[before] = then, ahead
        gains += xlogx(own + right + left + itself) + xlogx(own)
        gains -= xlogx(own + right) + xlogx(own + left)
        for total, more in ((self._first, then), (self._second, ahead)):
            gains -= xlogx(total + (more.sum() + itself)) - xlogx(total)
        gains[:SPECIAL] = -np.inf
        return gains


def _rise(rows: Table, more: Table, terms: Table) -> Table:
    """Return the sum of f(n + more) - f(n) over rows, of which ``terms`` has f(n); (columns)."""
    rows += more[:, None]  # a copy, made by the caller's index; nowhere 0 now
    grown = np.log(rows)
    grown *= rows
    grown -= terms
    rise: Table = grown.sum(axis=0)
    return rise


def _diagonal(matrix: Any) -> Any:
    from scipy import sparse

    return sparse.diags(matrix.diagonal(), dtype=matrix.dtype)
