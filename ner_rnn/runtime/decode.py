"""Decoding a linear chain: best tags (Viterbi), marginals and exact span probabilities, in NumPy.

The one decoder of the package: training scores, calibrates and selects with it, and models tag
with it, whether torch or onnxruntime computed the emissions. The CRF's likelihood is in
``nn/crf.py``. Passages are decoded side by side, longest first (see ``encoding/packing.py``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ner_rnn.encoding.packing import Passages, pack_passages
from ner_rnn.text.bioes import FORBIDDEN, LARGEST, bioes_rules

__all__ = ["Decoder", "ScoredSpan", "Transitions"]

Array = NDArray[np.float32]
Wide = NDArray[np.float64]
Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]

BATCH_WORDS = 16_384
"""Words decoded side by side, padding counted."""
SAFE = 250.0
"""Nats between the best and the worst score of a step up to which scaled sums are exact."""

ScoredSpan = tuple[int, int, float]
"""First word, word after the last, and the probability of exactly this span."""
Transitions = tuple[Array, Array, Array]
"""Scores of a CRF: start (tags,), transitions (tags, tags) from row to column, end (tags,)."""


@dataclass(frozen=True)
class _Batch:
    """Passages side by side, with their best tags.

    Attributes:
        passages: the passages.
        mask: (time, batch) True where there is a word.
        emissions: (tags, time, batch), each at most ``LARGEST``.
        ends: (time, batch) True at the last word of a sentence.
        best: (time, batch) the best tag sequence; anything in the padding.
    """

    passages: Passages
    mask: Mask
    emissions: Array
    ends: Mask
    best: Ids

    def select(self, rows: Ids) -> _Batch:
        """Return the batch of some of the passages."""
        passages = Passages(self.passages.starts[rows], self.passages.lengths[rows])
        time = int(passages.lengths[0])
        part = slice(time), rows
        emissions = self.emissions[:, :time, rows]
        return _Batch(passages, self.mask[part], emissions, self.ends[part], self.best[part])


class Decoder:
    """Finds the spans of one label in emissions.

    In every method ``emissions`` is (tags, words), ``ends`` (words,) is True at the last word of a
    sentence, beyond which no span goes on, and ``bounds`` (passages + 1,) holds the number of the
    first word of each passage and the count of all words.

    Args:
        tags: tags of the model, BIOES over the entity types.
        transitions: scores of the CRF; None: each word is decided by itself (softmax).
        label: the entity type to find.
        temperature: divisor of all scores before probabilities are computed.
    """

    def __init__(
        self,
        tags: Sequence[str],
        transitions: Transitions | None,
        *,
        label: str = "PER",
        temperature: float = 1.0,
    ) -> None:
        self._opens = np.array([tag in (f"B-{label}", f"S-{label}") for tag in tags])
        self._closes = np.array([tag in (f"E-{label}", f"S-{label}") for tag in tags])
        self._inside = np.array([tag[2:] == label for tag in tags])
        tables = [np.array(table) for table in bioes_rules(tags)]
        self._penalty = np.where(tables[2], 0.0, FORBIDDEN).astype(np.float32)
        self._temperature = temperature
        self._scores = None
        if transitions is not None:
            self._scores = [
                np.where(table, score, np.float32(FORBIDDEN)).astype(np.float32)
                for table, score in zip(tables, transitions, strict=True)
            ]
        self._logs = [score.astype(np.float64) / temperature for score in self._scores or ()]
        self._factors = [np.exp(score) for score in self._logs]
        allowed = [score[table] for score, table in zip(self._logs, tables, strict=False)]
        self._is_wide = any(np.ptp(score) > SAFE for score in allowed)

    def best_tags(self, emissions: Array, ends: Mask, bounds: Ids) -> Ids:
        """Return the best tag sequence of each passage: (words,) tag ids."""
        tags = np.zeros(emissions.shape[1], dtype=np.int64)
        for batch in self._batches(emissions, ends, bounds):
            places, mask = batch.passages.words()
            tags[places[mask]] = batch.best[mask]
        return tags

    def spans(self, emissions: Array, ends: Mask, bounds: Ids) -> list[tuple[int, int]]:
        """Return the spans of the best tags, in order: first word, word after the last."""
        found: list[tuple[int, int]] = []
        for batch in self._batches(emissions, ends, bounds):
            rows, first, last = self._spans(batch)
            starts = batch.passages.starts[rows]
            found += zip((starts + first).tolist(), (starts + last + 1).tolist(), strict=True)
        found.sort()
        return found

    def scored_spans(self, emissions: Array, ends: Mask, bounds: Ids) -> list[ScoredSpan]:
        """Return the spans of the best tags with their exact probabilities, in order."""
        found: list[ScoredSpan] = []
        for batch in self._batches(emissions, ends, bounds):
            rows = np.flatnonzero((self._inside[batch.best] & batch.mask).any(axis=0))
            if not len(rows):
                continue
            named = batch.select(rows)  # the others cost no more
            spans = self._spans(named)
            scores = self._span_probabilities(named, *spans)
            starts = named.passages.starts[spans[0]]
            first, after = starts + spans[1], starts + spans[2] + 1
            found += zip(first.tolist(), after.tolist(), scores.tolist(), strict=True)
        found.sort()
        return found

    def marginals(self, emissions: Array, ends: Mask, bounds: Ids) -> Wide:
        """Return the probability of each tag at each word: (tags, words)."""
        marginals = np.zeros(emissions.shape)
        for batch in self._batches(emissions, ends, bounds):
            places, mask = batch.passages.words()
            weights = self._weights(batch)
            if weights is None:
                forward, backward, _ = self._log_sums(batch)
                found = np.exp((forward + backward)[:, mask])
            else:
                forward, backward, _ = self._scaled_sums(weights, batch.passages)
                found = (forward * backward)[:, mask]
            marginals[:, places[mask]] = found
        return marginals

    def _batches(self, emissions: Array, ends: Mask, bounds: Ids) -> Iterator[_Batch]:
        """Decode passages in batches of like length."""
        for passages in pack_passages(bounds, BATCH_WORDS):
            places, mask = passages.words()
            emitted = emissions[:, places].clip(-LARGEST, LARGEST)  # (tags, time, batch)
            last = ends[places]
            held = np.where(last, emitted + self._penalty[:, None, None], emitted)
            yield _Batch(passages, mask, emitted, last, self._viterbi(held, passages))

    def _viterbi(self, emitted: Array, passages: Passages) -> Ids:
        """Return the best tag sequences (time, batch); ``emitted`` is overwritten."""
        if self._scores is None:
            separate: Ids = emitted.argmax(axis=0)
            return separate
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
                origins = states[:, t, :after] + transitions[:, tag[:after]]
                tag[:after] = origins.argmax(axis=0)
            after = active[t]
            best[t, :after] = tag[:after]
        return best

    def _spans(self, batch: _Batch) -> tuple[Ids, Ids, Ids]:
        """Return passage, first step and last step of each span, by the rules of conlleval."""
        tags = np.where(batch.mask, batch.best, -1).T  # (batch, time)
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

    def _span_probabilities(self, batch: _Batch, rows: Ids, first: Ids, last: Ids) -> Wide:
        """Return the probability of exactly the best tags from first to last step: (spans,)."""
        lengths = last - first + 1
        span = np.repeat(np.arange(len(rows)), lengths)
        row = rows[span]
        step = first[span] + np.arange(len(span)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        tag = batch.best[step, row]
        opening = batch.best[first, rows], first, rows
        closing = batch.best[last, rows], last, rows
        # of the words within a span: how probable its tag is after the one before
        on = step > first[span]
        move = batch.best[step[on] - 1, row[on]], tag[on]
        word = tag[on], step[on], row[on]
        weights = self._weights(batch)
        if weights is None:
            forward, backward, emitted = self._log_sums(batch)
            if self._scores is None:
                return np.exp(_sum_by(forward[tag, step, row], span, len(rows)))
            value = forward[opening] + backward[closing]
            inner = self._logs[1][move] + emitted[word]
        else:
            forward, backward, scale = self._scaled_sums(weights, batch.passages)
            if self._scores is None:
                return np.exp(_sum_by(np.log(forward[tag, step, row]), span, len(rows)))
            value = np.log(forward[opening]) + np.log(backward[closing])
            inner = np.log(self._factors[1][move] * weights[word] / scale[word[1:]])
        return np.minimum(np.exp(value + _sum_by(inner, span[on], len(rows))), 1.0)

    def _weights(self, batch: _Batch) -> Wide | None:
        """Return exponentials of the emissions, scaled by the best of each word.

        Returns:
            (tags, time, batch) in float64; None where scores lie so far apart, as those of a
            network that has exploded do, that sums of exponentials could lose a path that is bad
            halfway and the best in the end.
        """
        scaled = batch.emissions.astype(np.float64) / self._temperature
        scaled -= scaled.max(axis=0)
        if self._is_wide or scaled.min() < -SAFE:
            return None
        weights: Wide = np.exp(scaled)
        weights[self._penalty < 0] *= ~batch.ends
        return weights

    def _scaled_sums(self, weights: Wide, passages: Passages) -> tuple[Wide, Wide, Wide]:
        """Return the scaled forward and backward sums and the scales (Rabiner 1989, V.A).

        The product of the sums, (tags, time, batch) each, is the marginals; scales (time, batch).
        """
        if self._scores is None:
            scale = weights.sum(axis=0)
            return weights / scale, np.ones_like(weights), scale
        start, transitions, end = self._factors
        lengths, active = passages.lengths, passages.active.tolist()
        forward, scale = np.zeros_like(weights), np.ones(weights.shape[1:])
        back = np.ascontiguousarray(transitions.T)
        state = start[:, None] * weights[:, 0]
        for t, going in enumerate(active):
            if t:
                state = (back @ state[:, :going]) * weights[:, t, :going]
            total = state.sum(axis=0)
            scale[t, :going] = total
            state = state / total
            forward[:, t, :going] = state
        last = forward[:, lengths - 1, np.arange(len(lengths))]  # (tags, batch)
        # of each passage, until its own words come: the sum after its last one
        state = end[:, None] / (end @ last)
        backward = np.empty_like(weights)
        after = 0
        for t in range(len(active) - 1, -1, -1):
            if after:
                message = weights[:, t + 1, :after] * state[:, :after] / scale[t + 1, :after]
                state[:, :after] = transitions @ message
            after = active[t]
            backward[:, t, :after] = state[:, :after]
        return forward, backward, scale

    def _log_sums(self, batch: _Batch) -> tuple[Wide, Wide, Wide]:
        """Return forward sums less log Z, backward sums and the emissions summed, as logarithms.

        All are (tags, time, batch), exact for scores of any size; slower.
        """
        held = np.where(batch.ends, self._penalty[:, None, None], 0.0)
        emitted = (batch.emissions.astype(np.float64) + held) / self._temperature
        if self._scores is None:
            return emitted - np.logaddexp.reduce(emitted, axis=0), np.zeros_like(emitted), emitted
        start, transitions, end = (score[..., None] for score in self._logs)
        forward, backward = np.zeros_like(emitted), np.zeros_like(emitted)
        active = batch.passages.active.tolist()
        state = start + emitted[:, 0]
        for t, going in enumerate(active):
            if t:
                state = np.logaddexp.reduce(state[:, None, :going] + transitions, axis=0)
                state += emitted[:, t, :going]
            forward[:, t, :going] = state
        lengths = batch.passages.lengths
        last = forward[:, lengths - 1, np.arange(len(lengths))]
        forward -= np.logaddexp.reduce(last + end, axis=0)
        state = np.repeat(end, len(lengths), axis=1)
        after = 0
        for t in range(len(active) - 1, -1, -1):
            message = emitted[:, t + 1, :after] + state[:, :after] if after else state[:, :0]
            state[:, :after] = np.logaddexp.reduce(transitions + message, axis=1)
            after = active[t]
            backward[:, t, :after] = state[:, :after]
        return forward, backward, emitted


def _sum_by(values: Wide, groups: Ids, count: int) -> Wide:
    return np.bincount(groups, weights=values, minlength=count).astype(np.float64)
