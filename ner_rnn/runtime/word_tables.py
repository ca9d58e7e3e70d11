"""The encoder's input of a word, computed once per distinct word and kept in tables.

    forms = FormTables(model, vocabulary, weights)
    rows, tables = forms.rows(["Angela", "Merkel", "spoke"])
    tables.read[0][rows]  ->  (3, gates)  W_ih x + b of the first layer, forward direction

Vectors, letters and form features of a word follow from its spelling, and so does the first
layer's product with them. The tables are bounded: when they are full, the words seen most often
are kept. Looking up is safe from several threads: to tables that a thread was given, rows are only
added; when they are full, they are copied, or used again if nobody else reads them any more.
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

__all__ = ["ROOM", "FormTables", "Tables", "form_embedding"]

Array = NDArray[np.float32]
Ids = NDArray[np.int64]

ROOM = 16_384
"""Distinct words that are kept."""
TOGETHER = 256
"""Distinct words that are embedded together; 1,024 take 15 MB while they are, and no less time."""


@dataclass(frozen=True, eq=False)
class Tables:
    """Tables with a row for each word that was looked up; row 0 is padding.

    While this object is held, no row that is filled changes; a reader has to hold it until the end.

    Attributes:
        read: a table for each direction of the first layer, (rows, gates).
        keys: (rows,) the same number for words that differ in case alone.
    """

    read: tuple[Array, ...]
    keys: Ids


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
        self._embed = form_embedding(weights)
        self._project = _projections(model, weights)
        self._padding = padding_row(model)  # zeros where there is no recurrence
        self._room = room
        self._lock = threading.Lock()
        _alive.add(self)
        self._row_of: dict[str, int] = {}
        self._key_of: dict[str, int] = {}
        self._used = 1
        self._read = [self._empty(room) for _ in self._project]
        self._keys, self._counts = np.zeros((2, room + 1), dtype=np.int64)
        self._lent: weakref.WeakSet[Tables] = weakref.WeakSet()

    def rows(self, words: Sequence[str]) -> tuple[Ids, Tables]:
        """Return the row of each word, and the tables that they are rows of."""
        with self._lock:
            row_of = self._row_of
            rows = np.array([row_of.get(word, 0) for word in words], dtype=np.int64)
            if not rows.all():
                self._learn(words)
                row_of = self._row_of
                rows = np.array([row_of[word] for word in words], dtype=np.int64)
            np.add.at(self._counts, rows, 1)
            tables = Tables(tuple(self._read), self._keys)
            self._lent.add(tables)
            return rows, tables

    def _learn(self, words: Sequence[str]) -> None:
        """Give all these words a row."""
        new = [word for word in dict.fromkeys(words) if word not in self._row_of]
        if self._used + len(new) > len(self._keys):
            self._forget(max(self._room, 2 * len(set(words))))
            new = [word for word in dict.fromkeys(words) if word not in self._row_of]
        new.sort(key=len)  # letters are padded to the longest word embedded together
        for start in range(0, len(new), TOGETHER):
            self._add(new[start : start + TOGETHER])

    def _add(self, words: list[str]) -> None:
        """Fill the next rows."""
        begin, end = self._used, self._used + len(words)
        x = self._embed(self._vocabulary.encode_forms(words))
        for table, project in zip(self._read, self._project, strict=True):
            table[begin:end] = project(x)
        self._keys[begin:end] = self._keys_of(words)
        self._row_of.update(zip(words, range(begin, end), strict=True))
        self._used = end

    def _keys_of(self, words: list[str]) -> list[int]:
        keys = self._key_of
        return [keys.setdefault(word.lower(), len(keys)) for word in words]

    def _empty(self, room: int) -> Array:
        table = np.empty((room + 1, len(self._padding)), dtype=np.float32)
        table[0] = self._padding
        return table

    def _forget(self, room: int) -> None:
        """Keep the words looked up most often so far, in tables of that room."""
        often = np.argsort(-self._counts[1 : self._used], kind="stable")[: self._room // 2] + 1
        kept = np.sort(often)  # rows move towards the first one, so that none is overwritten unread
        is_free = not self._lent and len(self._keys) == room + 1
        for direction, before in enumerate(self._read):
            table = before if is_free else self._empty(room)
            for start in range(0, len(kept), TOGETHER):
                rows = kept[start : start + TOGETHER]
                table[start + 1 : start + len(rows) + 1] = before[rows]
            self._read[direction] = table
        end = len(kept) + 1
        counts = self._counts[kept] // 2
        word_of = dict(zip(self._row_of.values(), self._row_of, strict=True))
        self._key_of = {}
        self._keys_of([word_of[row] for row in often.tolist()])
        words = [word_of[row] for row in kept.tolist()]
        self._keys, self._counts = np.zeros((2, room + 1), dtype=np.int64)
        self._keys[1:end], self._counts[1:end] = self._keys_of(words), counts
        self._row_of = {word: row for row, word in enumerate(words, 1)}
        self._used = end


def form_embedding(weights: Mapping[str, Array]) -> Callable[[FormArrays], Array]:
    """Return what gives the encoder's input of distinct words, (forms, input size).

    See ``nn/embeddings.py``.
    """
    parts: list[Callable[[FormArrays], Array]] = []
    if "words.vectors.weight" in weights:
        vectors = weights["words.vectors.weight"]
        parts.append(lambda forms: vectors[forms.words])
    if "forms.letters.filters.weight" in weights:
        letter_cnn = _letter_cnn(weights)
        parts.append(lambda forms: letter_cnn(forms.letters))
    elif "forms.letters.vectors.weight" in weights:
        own = {name: value for name, value in weights.items() if name.startswith("forms.letters.")}
        parts.append(lambda forms: _letter_lstm(forms.letters, own))
    if "forms.features.weight" in weights:
        features = weights["forms.features.weight"]
        parts.append(lambda forms: features[forms.features].reshape(len(forms.words), -1))
    return lambda forms: np.concatenate([part(forms) for part in parts], axis=1)


def _letter_cnn(weights: Mapping[str, Array]) -> Callable[[Ids], Array]:
    """Return what embeds letters (forms, letters) as (forms, filters).

    See ``nn.embeddings.LetterCNN``.
    """
    vectors, filters = (weights[f"forms.letters.{name}.weight"] for name in ("vectors", "filters"))
    bias = weights["forms.letters.filters.bias"]
    # a filter's answer is a sum over its places, each of which depends on one letter alone:
    # (characters, size) x (size, filters * places) once, instead of a product at every letter
    size = vectors.shape[1]
    answers = vectors @ filters.reshape(len(filters), size, LETTER_WIDTH).transpose(
        1, 2, 0
    ).reshape(size, -1)
    answers = answers.reshape(len(vectors), LETTER_WIDTH, len(filters))
    margin = LETTER_WIDTH // 2

    def embed(letters: Ids) -> Array:
        padded = np.pad(letters, ((0, 0), (margin, margin)))
        time = letters.shape[1]
        total = np.zeros((*letters.shape, len(filters)), dtype=np.float32)
        for place in range(LETTER_WIDTH):
            total += answers[:, place][padded[:, place : place + time]]
        total += bias
        np.maximum(total, 0, out=total)
        total[letters == 0] = 0
        best: Array = total.max(axis=1)
        return best

    return embed


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
        transposed, bias = np.ascontiguousarray(own.input.T, dtype=np.float64), own.bias
        # the rest of the input, a word's context, is added at each occurrence
        return lambda x: (x @ transposed[: x.shape[1]] + bias).astype(np.float32)

    return [projection(direction) for direction in range(2 if model.bidirectional else 1)]


def _feed_forward(x: Array, model: ModelConfig, weights: Mapping[str, Array]) -> Array:
    for layer in range(model.layers):
        x = x @ weights[f"encoder.layers.{layer}.weight"].T
        x += weights[f"encoder.layers.{layer}.bias"]
        x = np.tanh(x) if model.nonlinearity == "tanh" else np.maximum(x, 0)
    return x
