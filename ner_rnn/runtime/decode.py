"""Decoding a linear chain: best tags (Viterbi), and spans with their exact probabilities, in NumPy.

The one decoder of the package: training scores, calibrates and selects with it, and models tag
with it, whether torch or onnxruntime computed the emissions. Probabilities are those of
``lattice.py``; the CRF's likelihood is in ``nn/crf.py``. Passages are decoded side by side, longest
first (see ``encoding/packing.py``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ner_rnn.encoding.packing import Passages, pack_passages
from ner_rnn.runtime.candidates import Spans, probable_spans, settle
from ner_rnn.runtime.lattice import Chain, Lattice, Transitions
from ner_rnn.text.bioes import LARGEST

__all__ = ["Decoder", "ScoredSpan"]

Array = NDArray[np.float32]
Wide = NDArray[np.float64]
Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]

BATCH_WORDS = 16_384
"""Words decoded side by side, padding counted."""


class ScoredSpan(NamedTuple):
    """A span with its probability.

    Attributes:
        start: its first word.
        end: the word after its last.
        score: the probability of exactly this span.
        on_best_path: the most probable tag sequence of its passage holds it.
    """

    start: int
    end: int
    score: float
    on_best_path: bool = True


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
        self._tags, self._label = tags, label
        self._opens = np.array([tag in (f"B-{label}", f"S-{label}") for tag in tags])
        self._closes = np.array([tag in (f"E-{label}", f"S-{label}") for tag in tags])
        self._inside = np.array([tag[2:] == label for tag in tags])
        self._chain = Chain(tags, transitions, temperature)

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

    def scored_spans(
        self,
        emissions: Array,
        ends: Mask,
        bounds: Ids,
        *,
        min_score: float = 0.0,
        overlapping: bool = False,
        entropies: Wide | None = None,
    ) -> list[ScoredSpan]:
        """Return spans with their exact probabilities, in order.

        With a ``min_score`` of 0 they are the spans of the best tags, whatever their probability.
        Above 0 they are all spans that are at least so probable, also off the best path; of spans
        that overlap, the more probable one, or with ``overlapping`` each of them.

        ``entropies``, (words,), is filled with the entropy of each word's tag, given that of the
        word before (``Lattice.entropies``); None: not wanted.
        """
        found: list[ScoredSpan] = []
        for decoded in self._batches(emissions, ends, bounds):
            batch = decoded
            if entropies is not None:
                places, mask = batch.passages.words()
                entropies[places[mask]] = self._lattice(batch).entropies(batch.ends)[mask]
            if not min_score:  # passages without a name cost no more
                rows = np.flatnonzero(self._is_named(decoded).any(axis=0))
                if not len(rows):
                    continue
                batch = decoded.select(rows)
            lattice = self._lattice(batch)
            best = self._spans(batch)
            spans = Spans(*best, self._probabilities(batch, lattice, *best))
            on_path = np.ones(len(spans.rows), dtype=np.bool_)
            if min_score:
                spans, on_path = self._candidates(batch, lattice, spans, min_score, overlapping)
            starts = batch.passages.starts[spans.rows]
            columns = starts + spans.first, starts + spans.last + 1, spans.scores, on_path
            found += map(ScoredSpan._make, zip(*(one.tolist() for one in columns), strict=True))
        found.sort()
        return found

    def marginals(self, emissions: Array, ends: Mask, bounds: Ids) -> Wide:
        """Return the probability of each tag at each word: (tags, words)."""
        marginals = np.zeros(emissions.shape)
        for batch in self._batches(emissions, ends, bounds):
            places, mask = batch.passages.words()
            marginals[:, places[mask]] = self._lattice(batch).marginals()[:, mask]
        return marginals

    def _batches(self, emissions: Array, ends: Mask, bounds: Ids) -> Iterator[_Batch]:
        """Decode passages in batches of like length."""
        for passages in pack_passages(bounds, BATCH_WORDS):
            places, mask = passages.words()
            emitted = emissions[:, places].clip(-LARGEST, LARGEST)  # (tags, time, batch)
            last = ends[places]
            held = np.where(last, emitted + self._chain.penalty[:, None, None], emitted)
            yield _Batch(passages, mask, emitted, last, self._viterbi(held, passages))

    def _viterbi(self, emitted: Array, passages: Passages) -> Ids:
        """Return the best tag sequences (time, batch); ``emitted`` is overwritten."""
        if self._chain.scores is None:
            separate: Ids = emitted.argmax(axis=0)
            return separate
        start, transitions, end = self._chain.scores
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
        inside = self._is_named(batch).T
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

    def _is_named(self, batch: _Batch) -> Mask:
        """Return where the best tag is one of the label: (time, batch)."""
        named: Mask = self._inside[batch.best] & batch.mask
        return named

    def _lattice(self, batch: _Batch) -> Lattice:
        return Lattice(self._chain, batch.emissions, batch.ends, batch.passages)

    def _candidates(
        self, batch: _Batch, lattice: Lattice, best: Spans, least: float, overlapping: bool
    ) -> tuple[Spans, Mask]:
        """Return spans that are probable enough, and whether each is one of the best tags."""
        probable = probable_spans(lattice, self._tags, self._label, batch.mask, least)
        # a softmax may have best tags that the scheme forbids, which no sum over it holds
        both = [np.concatenate(parts) for parts in zip(best, probable, strict=True)]
        spans = Spans(*both)
        longest = len(batch.mask)
        keys = (spans.rows * longest + spans.first) * longest + spans.last
        first = np.unique(keys, return_index=True)[1]  # the best tags come first
        kept = first[spans.scores[first] >= least]
        if not overlapping:
            starts = spans.rows[kept] * longest + spans.first[kept]
            ends = starts + spans.last[kept] - spans.first[kept] + 1
            kept = kept[settle(starts, ends, spans.scores[kept])]
        return Spans(*(part[kept] for part in spans)), kept < len(best.rows)

    def _probabilities(
        self, batch: _Batch, lattice: Lattice, rows: Ids, first: Ids, last: Ids
    ) -> Wide:
        """Return the probability of exactly the best tags from first to last step: (spans,)."""
        lengths = last - first + 1
        span = np.repeat(np.arange(len(rows)), lengths)
        row = rows[span]
        step = first[span] + np.arange(len(span)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        on = step > first[span]  # words within a span, each after the one before
        before, tag = batch.best[step[on] - 1, row[on]], batch.best[step[on], row[on]]
        value = lattice.begin(batch.best[first, rows], first, rows)
        value += lattice.finish(batch.best[last, rows], last, rows)
        inner = lattice.move(before, tag, step[on], row[on])
        value += np.bincount(span[on], weights=inner, minlength=len(rows))
        return np.minimum(np.exp(value), 1.0)
