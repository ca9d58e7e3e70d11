"""Best tag sequences and span probabilities of many passages at once, in NumPy.

The same answers as ``nn/crf.py`` and ``nn/lattice.py``, held against them by tests. Passages stand
longest first, so that at every step those that go on are the first ones, and nothing is computed
in the padding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ner_rnn.encoding.passages import Cut
from ner_rnn.text.bioes import FORBIDDEN, LARGEST, bioes_rules

__all__ = ["Chain", "Passages", "Span", "side_by_side"]

Array = NDArray[np.float32]
Wide = NDArray[np.float64]
Ids = NDArray[np.int64]

FLOOR = -600.0
"""Nats below a word's best tag at which a score is held, so that its exponential is not zero."""

Span = tuple[int, int, float]
"""First word, word after the last, both counted over all passages, and the score."""


@dataclass(frozen=True)
class Passages:
    """Passages of like length side by side, longest first.

    Attributes:
        starts: (batch,) place of each one's first word.
        lengths: (batch,) falling.
    """

    starts: Ids
    lengths: Ids

    @property
    def active(self) -> Ids:
        """(time,): how many passages have a word at each step."""
        steps = np.arange(self.lengths[0])
        return np.searchsorted(-self.lengths, -steps, side="left")

    def places(self) -> tuple[Ids, NDArray[np.bool_]]:
        """(time, batch): the word at each step of each passage, and whether there is one."""
        steps = np.arange(self.lengths[0])[:, None]
        there = steps < self.lengths
        return np.where(there, self.starts + steps, 0), there


def side_by_side(cut: Cut, words: int) -> Iterator[Passages]:
    """Passages of like length together, longest first; so many words, padding counted."""
    lengths = np.diff(cut.passages)
    order = np.argsort(-lengths, kind="stable")
    starts, lengths = cut.passages[:-1][order], lengths[order]
    begin = 0
    while begin < len(lengths):
        end = begin + max(1, words // int(lengths[begin]))
        yield Passages(starts[begin:end], lengths[begin:end])
        begin = end


class Chain:
    """How tags follow one another: a linear chain, or nothing at all.

    Args:
        tags: of the model, BIOES over the entity types.
        label: the type that is asked for.
        scores: start (tags,), transitions (tags, tags), end (tags,); None: each word by itself.
        temperature: what scores are divided by before probabilities are taken.
    """

    def __init__(
        self,
        tags: Sequence[str],
        label: str,
        scores: tuple[Array, Array, Array] | None,
        temperature: float = 1.0,
    ) -> None:
        self._opens = np.array([tag in (f"B-{label}", f"S-{label}") for tag in tags])
        self._closes = np.array([tag in (f"E-{label}", f"S-{label}") for tag in tags])
        self._inside = np.array([tag[2:] == label for tag in tags])
        tables = [np.array(table) for table in bioes_rules(tags)]
        self._penalty = np.where(tables[2], 0.0, FORBIDDEN).astype(np.float32)
        self._temperature = temperature
        self._scores = None
        if scores is not None:
            self._scores = tuple(
                np.where(table, score, np.float32(FORBIDDEN)).astype(np.float32)
                for table, score in zip(tables, scores, strict=True)
            )

    def find(self, emissions: Array, ends: NDArray[np.bool_], passages: Passages) -> list[Span]:
        """The spans of the label.

        Args:
            emissions: (tags, words), of all words.
            ends: (words,) whether a sentence ends with the word: no span goes on after it.
            passages: some of the words.

        Returns:
            Spans and the probability of each, in no order.
        """
        places, there = passages.places()
        emitted = emissions[:, places].clip(-LARGEST, LARGEST)  # (tags, time, batch)
        last = ends[places]
        best = self._best(np.where(last, emitted + self._penalty[:, None, None], emitted), passages)
        named = (self._inside[best] & there).any(axis=0)
        if not named.any():
            return []
        rows = np.flatnonzero(named)  # the others cost no more
        some = Passages(passages.starts[rows], passages.lengths[rows])
        time = int(some.lengths[0])
        best, last = best[:time, rows], last[:time, rows]
        spans = self._spans(best, there[:time, rows])
        scores = self._span_scores(best, emitted[:, :time, rows], last, some, spans)
        first = (some.starts[spans[0]] + spans[1]).tolist()
        after = (some.starts[spans[0]] + spans[2] + 1).tolist()
        return list(zip(first, after, scores.tolist(), strict=True))

    def _spans(self, best: Ids, there: NDArray[np.bool_]) -> tuple[Ids, Ids, Ids]:
        """Passage, first and last word of each span, as conlleval reads tags out of order."""
        tags = np.where(there, best, -1).T  # (batch, time)
        inside = (tags >= 0) & self._inside[tags]
        before = np.roll(inside, 1, axis=1)
        before[:, 0] = False
        closed_before = np.roll((tags >= 0) & self._closes[tags], 1, axis=1)
        closed_before[:, 0] = True
        begins = inside & (self._opens[tags] | ~before | closed_before)
        after = np.roll(inside & ~begins, -1, axis=1)
        after[:, -1] = False
        stops = inside & ~after
        rows, first = np.nonzero(begins)
        return rows, first, np.nonzero(stops)[1]

    def _best(self, emitted: Array, passages: Passages) -> Ids:
        """(time, batch): the best sequence; anything in the padding."""
        if self._scores is None:
            separately: Ids = emitted.argmax(axis=0)
            return separately
        start, transitions, end = self._scores
        active = passages.active.tolist()
        _, time, batch = emitted.shape
        states = emitted  # summed up in place
        states[:, 0] += start[:, None]
        final = states[:, 0].copy()
        moves = transitions[:, :, None]  # (from, to, 1)
        for t in range(1, time):
            going = active[t]
            reached = (final[:, None, :going] + moves).max(axis=0)
            reached += states[:, t, :going]
            states[:, t, :going] = final[:, :going] = reached
        best = np.zeros((time, batch), dtype=np.int64)
        tag = (final + end[:, None]).argmax(axis=0)  # of each passage's last word
        after = 0
        for t in range(time - 1, -1, -1):
            if after:
                came = states[:, t, :after] + transitions[:, tag[:after]]
                tag[:after] = came.argmax(axis=0)
            after = active[t]
            best[t, :after] = tag[:after]
        return best

    def _span_scores(
        self,
        best: Ids,
        emitted: Array,
        last: NDArray[np.bool_],
        passages: Passages,
        spans: tuple[Ids, Ids, Ids],
    ) -> Wide:
        """(spans,): the probability of exactly these tags from the first word to the last."""
        rows, first, final = spans
        # scaled by each word's best, in float64: no sum overflows, and none that counts is lost
        scaled = emitted.astype(np.float64) / self._temperature
        scaled -= scaled.max(axis=0)
        weights = np.exp(np.maximum(scaled, FLOOR))  # (tags, time, batch)
        weights[self._penalty < 0] *= ~last
        lengths = final - first + 1
        span = np.repeat(np.arange(len(rows)), lengths)
        row = rows[span]
        step = first[span] + np.arange(len(span)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        tag = best[step, row]
        if self._scores is None:
            chances = weights[tag, step, row] / weights[:, step, row].sum(axis=0)
            return np.exp(_sums(np.log(chances), span, len(rows)))
        start, transitions, end = (
            np.exp(score.astype(np.float64) / self._temperature) for score in self._scores
        )
        forward, scale = _forward(weights, start, transitions, passages)
        backward = _backward(weights, forward, scale, transitions, end, passages)
        # of the words within a span: how likely its tag is after the one before
        on = step > first[span]
        moved = transitions[best[step[on] - 1, row[on]], tag[on]]
        inner = np.log(moved * weights[tag[on], step[on], row[on]] / scale[step[on], row[on]])
        value = np.log(forward[best[first, rows], first, rows])
        value += np.log(backward[best[final, rows], final, rows])
        value += _sums(inner, span[on], len(rows))
        return np.minimum(np.exp(value), 1.0)


def _sums(values: Wide, groups: Ids, count: int) -> Wide:
    return np.bincount(groups, weights=values, minlength=count).astype(np.float64)


def _forward(
    weights: Wide, start: Wide, transitions: Wide, passages: Passages
) -> tuple[Wide, Wide]:
    """Scaled forward sums (tags, time, batch), and the scales (time, batch): Rabiner 1989, V.A."""
    states, scale = np.zeros_like(weights), np.ones(weights.shape[1:])
    back = np.ascontiguousarray(transitions.T)
    state = start[:, None] * weights[:, 0]
    for t, going in enumerate(passages.active.tolist()):
        if t:
            state = (back @ state[:, :going]) * weights[:, t, :going]
        total = state.sum(axis=0)
        scale[t, :going] = total
        state = state / total
        states[:, t, :going] = state
    return states, scale


def _backward(
    weights: Wide, forward: Wide, scale: Wide, transitions: Wide, end: Wide, passages: Passages
) -> Wide:
    """Backward sums (tags, time, batch): times the forward ones, the chance of a tag at a word."""
    active = passages.active.tolist()
    last = forward[:, passages.lengths - 1, np.arange(len(passages.lengths))]  # (tags, batch)
    # of each passage, until its own words come: what stands after its last one
    state = end[:, None] / (end @ last)
    states = np.empty_like(weights)
    after = 0
    for t in range(len(active) - 1, -1, -1):
        if after:
            told = weights[:, t + 1, :after] * state[:, :after] / scale[t + 1, :after]
            state[:, :after] = transitions @ told
        after = active[t]
        states[:, t, :after] = state[:, :after]
    return states
