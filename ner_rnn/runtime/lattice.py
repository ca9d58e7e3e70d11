"""Sums over all tag sequences of a linear chain: marginals and exact span probabilities, in NumPy.

``decode.py`` finds the best sequence; here are the probabilities of the CRF that ``nn/crf.py``
defines. The probability of a sequence of tags from one word to a later one is the product of the
forward sum of its first tag, the factors of its steps, and the backward sum of its last tag
(Lafferty, McCallum and Pereira 2001).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ner_rnn.encoding.packing import Passages
from ner_rnn.text.bioes import FORBIDDEN, bioes_rules

__all__ = ["Chain", "Lattice", "Transitions"]

Array = NDArray[np.float32]
Wide = NDArray[np.float64]
Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]

SAFE = 250.0
"""Nats between the best and the worst score of a step up to which scaled sums are exact."""

Transitions = tuple[Array, Array, Array]
"""Scores of a CRF: start (tags,), transitions (tags, tags) from row to column, end (tags,)."""


class Chain:
    """The scores of a linear chain over BIOES tags, forbidden transitions excluded.

    Args:
        tags: tags of the model, BIOES over the entity types.
        transitions: scores of the CRF; None: each word is decided by itself (softmax).
        temperature: divisor of all scores before probabilities are computed.

    Attributes:
        scores: start, transitions and end, as given, ``FORBIDDEN`` where the scheme forbids; None
            for softmax.
        penalty: (tags,) ``FORBIDDEN`` for tags that cannot end a sentence, else 0.
        temperature: as given.
        logs: the scores divided by the temperature; empty for softmax.
        factors: exponentials of these.
        is_wide: scores lie so far apart that scaled sums are not exact.
    """

    def __init__(
        self, tags: Sequence[str], transitions: Transitions | None, temperature: float
    ) -> None:
        tables = [np.array(table) for table in bioes_rules(tags)]
        self.penalty: Array = np.where(tables[2], 0.0, FORBIDDEN).astype(np.float32)
        self.temperature = temperature
        self.scores: list[Array] | None = None
        if transitions is not None:
            self.scores = [
                np.where(table, score, np.float32(FORBIDDEN)).astype(np.float32)
                for table, score in zip(tables, transitions, strict=True)
            ]
        self.logs: list[Wide] = [
            score.astype(np.float64) / temperature for score in self.scores or ()
        ]
        self.factors: list[Wide] = [np.exp(score) for score in self.logs]
        allowed = [score[table] for score, table in zip(self.logs, tables, strict=False)]
        self.is_wide = any(np.ptp(score) > SAFE for score in allowed)


class Lattice:
    """Forward and backward sums over all tag sequences of passages side by side.

    Args:
        chain: scores of the tags.
        emissions: (tags, time, batch) scores of the words.
        ends: (time, batch) True at the last word of a sentence, beyond which no name goes on.
        passages: the passages.
    """

    def __init__(self, chain: Chain, emissions: Array, ends: Mask, passages: Passages) -> None:
        self._chain = chain
        self._active: list[int] = passages.active.tolist()
        weights = _weights(chain, emissions, ends)
        self._is_log = weights is None
        if weights is None:
            self._forward, self._backward, self._words = _log_sums(chain, emissions, ends, passages)
        else:
            self._forward, self._backward, scale = _scaled_sums(chain, weights, passages)
            self._words = weights  # a step's factor is a transition by one of these
            self._words /= scale

    def marginals(self) -> Wide:
        """Return the probability of each tag at each word: (tags, time, batch).

        Values in the padding have no meaning.
        """
        if self._is_log:
            return np.exp(self._forward + self._backward)
        return self._forward * self._backward

    def entropies(self, ends: Mask) -> Wide:
        """Return the entropy of each word's tag, given that of the word before: (time, batch).

        In nats. For the first word of a sentence, it is the entropy of its tag alone. By the chain
        rule the sum over a sentence is the entropy of its tag sequence, whatever stands around it:
        of a sentence that is a passage, log Z less the expected score. Values in the padding have
        no meaning.

        Args:
            ends: (time, batch) True at the last word of a sentence.
        """
        own = _entropy(self.marginals(), axes=(0,))
        if self._chain.scores is None or len(own) == 1:
            return own
        pairs = self._log_pairs() if self._is_log else self._scaled_pairs()
        given = np.maximum(pairs - own[:-1], 0.0)
        answer: Wide = own.copy()
        answer[1:] = np.where(ends[:-1], own[1:], given)
        return answer

    def _scaled_pairs(self) -> Wide:
        """Return the entropy of the tags of each word and the one before: (time - 1, batch).

        The log probability of a pair is a sum, so that its expectation is one of the marginals and
        of the transitions; no table of pairs is made.
        """
        factors, marginals = self._chain.factors[1], self.marginals()
        before, after = self._forward[:, :-1], self._words[:, 1:] * self._backward[:, 1:]
        moved = np.tensordot((factors * self._chain.logs[1]).T, before, axes=1)
        expected = (moved * after).sum(axis=0)
        expected += (marginals[:, :-1] * _finite_log(before)).sum(axis=0)
        expected += (marginals[:, 1:] * _finite_log(after)).sum(axis=0)
        pairs: Wide = -expected
        return pairs

    def _log_pairs(self) -> Wide:
        """Return the same, of sums that are kept as logarithms."""
        moves = self._chain.logs[1][:, :, None]
        pairs = np.zeros((len(self._active) - 1, self._active[0]))
        for t, going in enumerate(self._active[1:]):
            after = self._words[:, t + 1, :going] + self._backward[:, t + 1, :going]
            logs = self._forward[:, t, :going][:, None] + moves + after[None]
            pairs[t, :going] = _entropy(np.exp(logs), axes=(0, 1))
        return pairs

    def begin(self, tag: Ids, step: Ids, row: Ids) -> Wide:
        """Return the logarithm of what all beginnings that end in a tag there amount to."""
        return self._log(self._forward[tag, step, row])

    def move(self, before: Ids, tag: Ids, step: Ids, row: Ids) -> Wide:
        """Return the logarithm of the factor of a tag there, after a tag at the word before."""
        if self._chain.scores is None:
            return self.begin(tag, step, row)
        word = self._words[tag, step, row]
        if self._is_log:
            logs: Wide = self._chain.logs[1][before, tag] + word
            return logs
        return self._log(self._chain.factors[1][before, tag] * word)

    def finish(self, tag: Ids, step: Ids, row: Ids) -> Wide:
        """Return the logarithm of what all continuations after a tag there amount to.

        ``begin`` of a first tag, plus ``move`` of each further one, plus ``finish`` of the last, is
        the log probability of exactly these tags.
        """
        return self._log(self._backward[tag, step, row])

    def _log(self, values: Wide) -> Wide:
        if self._is_log:
            return values
        with np.errstate(divide="ignore"):  # what the scheme forbids is -inf
            logs: Wide = np.log(values)
        return logs


def _entropy(chances: Wide, axes: tuple[int, ...]) -> Wide:
    """Return the entropy of distributions along some axes, in nats; 0 log 0 is 0."""
    entropy: Wide = -(chances * _finite_log(chances)).sum(axis=axes)
    return entropy


def _finite_log(values: Wide) -> Wide:
    """Return logarithms, 0 where there is none."""
    return np.log(values, out=np.zeros_like(values), where=values > 0)


def _weights(chain: Chain, emissions: Array, ends: Mask) -> Wide | None:
    """Return exponentials of the emissions, scaled by the best of each word.

    Returns:
        (tags, time, batch) in float64; None where scores lie so far apart, as those of a network
        that has exploded do, that sums of exponentials could lose a path that is bad halfway and
        the best in the end.
    """
    scaled = emissions.astype(np.float64) / chain.temperature
    scaled -= scaled.max(axis=0)
    if chain.is_wide or scaled.min() < -SAFE:
        return None
    weights: Wide = np.exp(scaled)
    weights[chain.penalty < 0] *= ~ends
    return weights


def _scaled_sums(chain: Chain, weights: Wide, passages: Passages) -> tuple[Wide, Wide, Wide]:
    """Return the scaled forward and backward sums and the scales (Rabiner 1989, V.A).

    The product of the sums, (tags, time, batch) each, is the marginals; scales (time, batch).
    """
    if chain.scores is None:
        scale = weights.sum(axis=0)
        return weights / scale, np.ones_like(weights), scale
    start, transitions, end = chain.factors
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
    backward = np.zeros_like(weights)
    after = 0
    for t in range(len(active) - 1, -1, -1):
        if after:
            message = weights[:, t + 1, :after] * state[:, :after] / scale[t + 1, :after]
            state[:, :after] = transitions @ message
        after = active[t]
        backward[:, t, :after] = state[:, :after]
    return forward, backward, scale


def _log_sums(
    chain: Chain, emissions: Array, ends: Mask, passages: Passages
) -> tuple[Wide, Wide, Wide]:
    """Return forward sums less log Z, backward sums and the emissions summed, as logarithms.

    All are (tags, time, batch), exact for scores of any size; slower.
    """
    held = np.where(ends, chain.penalty[:, None, None], 0.0)
    emitted = (emissions.astype(np.float64) + held) / chain.temperature
    if chain.scores is None:
        return emitted - np.logaddexp.reduce(emitted, axis=0), np.zeros_like(emitted), emitted
    start, transitions, end = (score[..., None] for score in chain.logs)
    forward, backward = np.full_like(emitted, -np.inf), np.zeros_like(emitted)
    active = passages.active.tolist()
    state = start + emitted[:, 0]
    for t, going in enumerate(active):
        if t:
            state = np.logaddexp.reduce(state[:, None, :going] + transitions, axis=0)
            state += emitted[:, t, :going]
        forward[:, t, :going] = state
    lengths = passages.lengths
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
