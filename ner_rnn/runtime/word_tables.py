"""The encoder's input of a word, computed once per distinct word and kept in tables.

    forms = FormTables(model, vocabulary, weights)
    rows, tables = forms.rows(["Angela", "Merkel", "spoke"])
    tables.read[0][rows]  ->  (3, gates)  W_ih x + b of the first layer, forward direction

Vectors, letters and form features of a word follow from its spelling, and so does the first
layer's product with them. The tables are bounded: when they are full, the words seen most often
are kept. Looking up is safe from several threads: rows are only ever added to tables, and when
those are full, new tables are made; a thread that holds the old ones may go on reading them.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ner_rnn.model.settings import LETTER_WIDTH
from ner_rnn.runtime.cells import direction_weights, padding_row, torch_weights

if TYPE_CHECKING:
    from ner_rnn.encoding.vocabulary import FormArrays, Vocabulary
    from ner_rnn.model.settings import ModelConfig

__all__ = ["ROOM", "FormTables", "Tables", "embed_forms"]

Array = NDArray[np.float32]
Ids = NDArray[np.int64]

ROOM = 16_384
"""Distinct words that are kept."""
TOGETHER = 1024
"""Distinct words that are embedded together."""


@dataclass
class Tables:
    """Rows of distinct words; row 0 is padding.

    Attributes:
        row_of: from a word, as spelled, to its row.
        read: a table for each direction of the first layer, (rows, gates).
        keys: (rows,) the same number for words that differ in case alone.
        counts: (rows,) how often each was looked up.
        used: rows that are filled.
    """

    row_of: dict[str, int]
    read: list[Array]
    keys: Ids
    counts: Ids
    used: int = 1


_alive: weakref.WeakSet[FormTables] = weakref.WeakSet()
_held_by_fork: list[threading.Lock] = []


def _hold() -> None:
    """Wait until no thread adds words: a forked process has neither that thread nor its lock."""
    for tables in list(_alive):
        tables._lock.acquire()
        _held_by_fork.append(tables._lock)


def _release() -> None:
    while _held_by_fork:
        _held_by_fork.pop().release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_hold, after_in_parent=_release, after_in_child=_release)


class FormTables:
    """Tables of ``room`` distinct words, or more where one call has more; see this file's head."""

    def __init__(
        self,
        model: ModelConfig,
        vocabulary: Vocabulary,
        weights: Mapping[str, Array],
        room: int = ROOM,
    ) -> None:
        self._vocabulary = vocabulary
        self._weights = weights
        self._project = _projections(model, weights)
        self._padding = padding_row(model)  # zeros where there is no recurrence
        self._room = room
        self._lock = threading.Lock()
        _alive.add(self)
        self._key_of: dict[str, int] = {}
        self._tables = self._empty(room)

    def rows(self, words: Sequence[str]) -> tuple[Ids, Tables]:
        """Return the row of each word, and the tables that they are rows of."""
        tables = self._tables
        rows = np.array([tables.row_of.get(word, 0) for word in words], dtype=np.int64)
        if not rows.all():
            with self._lock:
                tables = self._learn(words)
            rows = np.array([tables.row_of[word] for word in words], dtype=np.int64)
        np.add.at(tables.counts, rows, 1)
        return rows, tables

    def _learn(self, words: Sequence[str]) -> Tables:
        """Return tables in which all these words have a row."""
        tables = self._tables
        new = [word for word in dict.fromkeys(words) if word not in tables.row_of]
        if tables.used + len(new) > len(tables.keys):
            tables = self._kept(words)
            new = [word for word in dict.fromkeys(words) if word not in tables.row_of]
        new.sort(key=len)  # letters are padded to the longest word embedded together
        for start in range(0, len(new), TOGETHER):
            self._add(tables, new[start : start + TOGETHER])
        self._tables = tables
        return tables

    def _add(self, tables: Tables, words: list[str]) -> None:
        """Fill the next rows; a word is found only when its row is there."""
        begin, end = tables.used, tables.used + len(words)
        x = embed_forms(self._vocabulary.encode_forms(words), self._weights)
        for table, project in zip(tables.read, self._project, strict=True):
            table[begin:end] = project(x)
        keys = self._key_of
        tables.keys[begin:end] = [keys.setdefault(word.lower(), len(keys)) for word in words]
        tables.counts[begin:end] = 0
        tables.used = end
        tables.row_of.update(zip(words, range(begin, end), strict=True))

    def _empty(self, room: int) -> Tables:
        shape = room + 1, len(self._padding)
        read = [np.empty(shape, dtype=np.float32) for _ in self._project]
        for table in read:
            table[0] = self._padding
        numbers = np.zeros((2, room + 1), dtype=np.int64)
        return Tables({}, read, numbers[0], numbers[1])

    def _kept(self, words: Sequence[str]) -> Tables:
        """Return new tables with the words looked up most often so far, and room for these."""
        old = self._tables
        distinct = len(set(words))
        tables = self._empty(max(self._room, 2 * distinct))
        kept = np.argsort(-old.counts[1 : old.used], kind="stable")[: self._room // 2] + 1
        order = dict(zip(old.row_of.values(), old.row_of, strict=True))
        for table, before in zip(tables.read, old.read, strict=True):
            table[1 : len(kept) + 1] = before[kept]
        spelled = [order[row] for row in kept.tolist()]
        self._key_of = {}
        tables.keys[1 : len(kept) + 1] = [
            self._key_of.setdefault(word.lower(), len(self._key_of)) for word in spelled
        ]
        tables.counts[1 : len(kept) + 1] = old.counts[kept] // 2
        tables.row_of = {word: row for row, word in enumerate(spelled, 1)}
        tables.used = len(kept) + 1
        return tables


def embed_forms(forms: FormArrays, weights: Mapping[str, Array]) -> Array:
    """Return the encoder's input of distinct words, (forms, input size); see ``nn/embeddings``."""
    parts = []
    if "words.vectors.weight" in weights:
        parts.append(weights["words.vectors.weight"][forms.words])
    if "forms.letters.filters.weight" in weights:
        parts.append(_letter_cnn(forms.letters, weights))
    elif "forms.letters.vectors.weight" in weights:
        parts.append(_letter_lstm(forms.letters, weights))
    if "forms.features.weight" in weights:
        parts.append(weights["forms.features.weight"][forms.features].reshape(len(forms.words), -1))
    return np.concatenate(parts, axis=1)


def _letter_cnn(letters: Ids, weights: Mapping[str, Array]) -> Array:
    """Embed letters (forms, letters) as (forms, filters); see ``nn.embeddings.LetterCNN``."""
    filters = weights["forms.letters.filters.weight"]
    vectors = weights["forms.letters.vectors.weight"]
    # a filter's answer is a sum over its places, each of which depends on one letter alone:
    # (characters, size) x (size, filters * places) once, instead of a product at every letter
    size = vectors.shape[1]
    answers = vectors @ filters.reshape(len(filters), size, LETTER_WIDTH).transpose(
        1, 2, 0
    ).reshape(size, -1)
    answers = answers.reshape(len(vectors), LETTER_WIDTH, len(filters))
    margin = LETTER_WIDTH // 2
    padded = np.pad(letters, ((0, 0), (margin, margin)))
    time = letters.shape[1]
    total = np.zeros((*letters.shape, len(filters)), dtype=np.float32)
    for place in range(LETTER_WIDTH):
        total += answers[:, place][padded[:, place : place + time]]
    total += weights["forms.letters.filters.bias"]
    np.maximum(total, 0, out=total)
    total[letters == 0] = 0
    best: Array = total.max(axis=1)
    return best


def _letter_lstm(letters: Ids, weights: Mapping[str, Array]) -> Array:
    """Embed letters (forms, letters) as (forms, 2 * hidden); see ``nn.embeddings.LetterLSTM``."""
    vectors = weights["forms.letters.vectors.weight"]
    lengths = np.maximum((letters != 0).sum(axis=1), 1)
    states = []
    for direction in ("forwards", "backwards"):
        read, recurrent, bias, inner = torch_weights(weights, f"forms.letters.{direction}.")
        table = vectors @ read.T  # (characters, gates)
        table += bias + inner
        h = np.zeros((len(letters), recurrent.shape[1]), dtype=np.float32)
        c = np.zeros_like(h)
        for step in range(letters.shape[1]):
            here = np.flatnonzero(step < lengths)
            place = step if direction == "forwards" else lengths[here] - 1 - step
            z = table[letters[here, place]] + h[here] @ recurrent.T
            i, f, g, o = np.split(z, 4, axis=1)  # torch's order
            c[here] = _sigmoid(f) * c[here] + _sigmoid(i) * np.tanh(g)
            h[here] = _sigmoid(o) * np.tanh(c[here])
        states.append(h)
    return np.concatenate(states, axis=1)


def _sigmoid(z: Array) -> Array:
    answer: Array = 0.5 * np.tanh(0.5 * z) + 0.5
    return answer


def _projections(
    model: ModelConfig, weights: Mapping[str, Array]
) -> list[Callable[[Array], Array]]:
    """Return what each direction computes of a word's input before the recurrence."""
    if model.cell == "none":  # no recurrence: the states themselves
        return [lambda x: _feed_forward(x, model, weights)]

    def projection(direction: int) -> Callable[[Array], Array]:
        own = direction_weights(model, weights, 0, direction)
        # Products of other sizes are rounded otherwise. In float64 that is lost in the rounding to
        # float32, so that what a word gets does not depend on the words that are new with it, and
        # the scores of a text not on the texts that a process read before.
        transposed = np.ascontiguousarray(own.input.T, dtype=np.float64)
        # the rest of the input, a word's context, is added at each occurrence
        return lambda x: (x @ transposed[: x.shape[1]] + own.bias).astype(np.float32)

    return [projection(direction) for direction in range(2 if model.bidirectional else 1)]


def _feed_forward(x: Array, model: ModelConfig, weights: Mapping[str, Array]) -> Array:
    for layer in range(model.layers):
        x = x @ weights[f"encoder.layers.{layer}.weight"].T
        x += weights[f"encoder.layers.{layer}.bias"]
        x = np.tanh(x) if model.nonlinearity == "tanh" else np.maximum(x, 0)
    return x
