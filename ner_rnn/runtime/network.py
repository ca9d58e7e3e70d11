"""The tagger without torch: tables of words, the encoder in onnxruntime, the rest in NumPy.

Words are looked up in the tables of ``word_tables.py``, passages of like length go through
``encoder.onnx`` side by side, the states of a word are shared within its window (document memory),
and ``decode.py`` finds the best tags. Tests compare it with ``nn/tagger.py``: the same names, the
same probabilities up to rounding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ner_rnn.encoding.packing import Passages, pack_passages
from ner_rnn.encoding.passages import Segmentation
from ner_rnn.encoding.vocabulary import Vocabulary
from ner_rnn.model.contents import pooled_units
from ner_rnn.runtime.cells import direction_weights
from ner_rnn.runtime.decode import Decoder, ScoredSpan
from ner_rnn.runtime.sessions import open_session
from ner_rnn.runtime.word_tables import ROOM, FormTables, Tables

if TYPE_CHECKING:
    from ner_rnn.model.settings import ModelConfig
    from ner_rnn.runtime.contextual import ContextNetwork

__all__ = ["FastNetwork"]

Array = NDArray[np.float32]
Ids = NDArray[np.int64]

BATCH_WORDS = 2048
"""Words encoded side by side, padding counted."""
ROUNDS = 8
"""Occurrences of a word compared for all words at once; further ones are compared word by word."""


class FastNetwork:
    """Finds spans of one label; safe to use from several threads.

    Args:
        model: the recipe.
        vocabulary: the vocabulary it was trained with.
        weights: parameters of the bundle, by name.
        encoder: ``encoder.onnx``; None for a feed-forward network, which reads each word alone.
        context: language models that the words are read with as well, or None.
        temperature: divisor of all scores before probabilities are computed.
        batch_words: words encoded side by side, padding counted.
        room: distinct words that are cached, 4 kB each for a bidirectional LSTM of 128 units.
    """

    def __init__(
        self,
        model: ModelConfig,
        vocabulary: Vocabulary,
        weights: Mapping[str, Array],
        encoder: bytes | None,
        context: ContextNetwork | None = None,
        *,
        temperature: float = 1.0,
        batch_words: int = BATCH_WORDS,
        room: int = ROOM,
    ) -> None:
        self.unit = vocabulary.unit
        self._forms = FormTables(model, vocabulary, weights, room)
        self._session = None if encoder is None else open_session(encoder, model)
        self._memory = model.memory
        self._periods = model.periods if model.cell == "clockwork" else ()
        directions = 2 if encoder is not None and model.bidirectional else 1
        self._states = [f"state{direction}" for direction in range(directions)]
        self._context = context
        # the weights of the context, which is the last part of the input
        self._read_context = [
            np.ascontiguousarray(
                direction_weights(model, weights, 0, direction)[0][:, -model.context_size :].T
            )
            for direction in range(directions if context else 0)
        ]
        self._units = model.hidden_size
        # one part of the output layer for the states of each direction, one for those it shares
        size = model.hidden_size * directions
        emit = weights["emit.weight"]
        units = pooled_units(size, model.memory_units)
        self._emit_own = np.split(emit[:, :size], directions, axis=1)
        self._emit_shared: list[Array] = []
        self._shared: list[Ids | slice] = []
        for direction in range(directions if model.memory else 0):
            of = units // self._units == direction
            self._emit_shared.append(emit[:, size:][:, of])
            whole = len(units) == size
            self._shared.append(slice(None) if whole else units[of] % self._units)
        self._emit_bias = weights["emit.bias"]
        scores = None
        if model.output == "crf":
            scores = weights["crf.start"], weights["crf.transitions"], weights["crf.end"]
        self._decoder = Decoder(vocabulary.tags, scores, temperature=temperature)
        self._batch_words = batch_words

    def find(
        self,
        sentences: Sequence[Sequence[str]],
        segmentation: Segmentation,
        *,
        min_score: float = 0.0,
        overlapping: bool = False,
        entropies: NDArray[np.float64] | None = None,
    ) -> list[ScoredSpan]:
        """Return the spans of all sentences, words counted over all of them, in order."""
        emissions = self.emissions(sentences, segmentation)
        return self._decoder.scored_spans(
            emissions,
            segmentation.ends,
            segmentation.passages,
            min_score=min_score,
            overlapping=overlapping,
            entropies=entropies,
        )

    def emissions(self, sentences: Sequence[Sequence[str]], segmentation: Segmentation) -> Array:
        """Return the scores of the output layer: (tags, words), over the words of all sentences."""
        words = list(chain.from_iterable(sentences))
        rows, tables = self._forms.rows(words)
        passages = segmentation.passages
        context = self._context.read(words, passages) if self._context else None
        states, slots = self._encode(rows, tables, passages, context)
        emissions = np.repeat(self._emit_bias[:, None], len(rows), axis=1)
        for own, read in zip(self._emit_own, states, strict=True):
            emissions += (own @ read.T)[:, slots]
        if self._memory:
            windows = segmentation.windows
            window = np.repeat(np.arange(len(windows) - 1), np.diff(windows))
            emissions += self._remember(states, slots, window, tables.keys[rows])
        return emissions

    def _encode(
        self, rows: Ids, tables: Tables, bounds: Ids, context: Array | None
    ) -> tuple[list[Array], Ids]:
        """Return each direction's states, (slots, units), padding between, and each word's slot."""
        if self._session is None:
            return [tables.read[0][rows]], np.arange(len(rows))
        batches = list(pack_passages(bounds, self._batch_words))
        sizes = [int(packed.lengths[0]) * len(packed.lengths) for packed in batches]
        states = [np.empty((sum(sizes), self._units), dtype=np.float32) for _ in self._states]
        slots = np.empty(len(rows), dtype=np.int64)
        end = 0
        for passages, size in zip(batches, sizes, strict=True):
            words, mask = passages.words()
            read: Sequence[Array] = tables.read
            index = np.where(mask, rows[words], 0)
            if context is not None:  # no two occurrences of a word are alike: each has a row
                read = self._in_context(tables, rows[words[mask]], context[words[mask]])
                index[mask] = np.arange(1, mask.sum() + 1)
            given: dict[str, Any] = {"index": index}
            for direction, table in enumerate(read):
                given[f"table{direction}"] = table
            if self._periods:
                given.update(self._phases(passages))
            slots[words[mask]] = end + np.flatnonzero(mask)
            answers = self._session.run(self._states, given)
            for kept, answer in zip(states, answers, strict=True):
                kept[end : end + size] = answer.reshape(size, self._units)
            end += size
        return states, slots

    def _in_context(self, tables: Tables, rows: Ids, context: Array) -> list[Array]:
        """Return tables with a row for each word of a batch in its context, row 0 the padding."""
        answers = []
        for table, weight in zip(tables.read, self._read_context, strict=True):
            read = table[np.append(0, rows)]
            read[1:] += context @ weight
            answers.append(read)
        return answers

    def _phases(self, passages: Passages) -> dict[str, Ids]:
        """Return the clock of each direction at each step."""
        cycle = int(np.lcm.reduce(self._periods))
        steps = np.arange(passages.lengths[0])[:, None]
        ahead = np.broadcast_to(steps, (len(steps), len(passages.lengths)))
        back = np.maximum(passages.lengths - 1 - steps, 0)
        phases = (ahead, back)[: len(self._states)]
        return {f"phase{direction}": phase % cycle for direction, phase in enumerate(phases)}

    def _remember(self, states: Sequence[Array], slots: Ids, window: Ids, keys: Ids) -> Array:
        """Return the scores from the strongest states of the same word: (tags, words)."""
        same = window * (int(keys.max()) + 1) + keys
        order = np.argsort(same, kind="stable")  # like words together
        starts = np.flatnonzero(np.diff(same[order], prepend=-1))
        counts = np.diff(starts, append=len(same))
        members = slots[order]
        answers = np.zeros((len(self._emit_bias), len(starts)), dtype=np.float32)
        for weight, units, read in zip(self._emit_shared, self._shared, states, strict=True):
            answers += weight @ _strongest(read[:, units], members, starts, counts).T
        shared = np.empty((len(self._emit_bias), len(same)), dtype=np.float32)
        shared[:, order] = np.repeat(answers, counts, axis=1)
        return shared


def _strongest(states: Array, members: Ids, starts: Ids, counts: Ids) -> Array:
    """Return the elementwise maximum of each group's states: (groups, units).

    Several times as fast as ``np.maximum.reduceat``, which takes one number at a time.

    Args:
        states: (words, units).
        members: words, those of a group next to each other.
        starts: (groups,) index of each group's first member.
        counts: (groups,) members of each.
    """
    order = np.argsort(-counts, kind="stable")
    falling = counts[order]
    best = states[members[starts[order]]]
    for place in range(1, ROUNDS):
        larger = int(np.searchsorted(-falling, -place, side="left"))
        if not larger:
            break
        rival = states[members[starts[order[:larger]] + place]]
        np.maximum(best[:larger], rival, out=best[:larger])
    for row in range(int(np.searchsorted(-falling, -ROUNDS, side="left"))):
        start = starts[order[row]]
        rest = states[members[start + ROUNDS : start + falling[row]]]
        np.maximum(best[row], rest.max(axis=0), out=best[row])
    answer = np.empty_like(best)
    answer[order] = best
    return answer
