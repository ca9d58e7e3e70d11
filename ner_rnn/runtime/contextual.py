"""What language models make of words in their place, without torch; see ``nn/context.py``.

Each model is a graph like the tagger's own (``export.py``), one direction of it, over a table of
characters; text to be read from its end is handed over reversed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ner_rnn.encoding.characters import Context, Pieces
from ner_rnn.encoding.packing import pack
from ner_rnn.runtime.export import direction_weights, padding_row, reader_weights
from ner_rnn.runtime.sessions import open_session

__all__ = ["ContextNetwork"]

Array = NDArray[np.float32]
Ids = NDArray[np.int64]

TOGETHER = 16_384
"""Characters that a model reads side by side, padding counted."""


class _Reader(NamedTuple):
    """One model.

    Attributes:
        session: its recurrent layers.
        table: (symbols + 1, gates), row 0 the padding.
        project: (units, size), the part of the projection that reads its states.
    """

    session: Any
    table: Array
    project: Array


class ContextNetwork:
    """Reads words with language models; safe to use from several threads.

    Args:
        context: what they know.
        weights: of the tagger, by parameter name.
        graphs: by direction, each model's recurrent layers as ONNX.
    """

    def __init__(
        self, context: Context, weights: Mapping[str, Array], graphs: Mapping[str, bytes]
    ) -> None:
        self._context = context
        self._bias = weights["context.project.bias"]
        project = weights["context.project.weight"].T  # (states of all models, size)
        self._readers: dict[str, _Reader] = {}
        begin = 0
        for way, settings in context.settings.items():
            model, own = settings.network(), reader_weights(weights, way)
            read, bias, _, _ = direction_weights(model, own, 0, 0)
            vectors = own.get("vectors.weight")
            characters = read.T if vectors is None else vectors @ read.T
            table = np.concatenate([padding_row(model)[None], characters + bias])
            end = begin + model.hidden_size
            self._readers[way] = _Reader(
                open_session(graphs[way]), table.astype(np.float32), project[begin:end]
            )
            begin = end

    def read(self, words: Sequence[str], passages: Ids) -> Array:
        """What the tagger is told of words.

        Args:
            words: of all passages.
            passages: (passages + 1,) where each begins, and where the last ends.

        Returns:
            (words, size).
        """
        pieces = self._context.pieces(words, passages.tolist())
        answer = np.repeat(self._bias[None], len(words), axis=0)
        for some in pack([(1, length) for length in pieces.lengths.tolist()], TOGETHER):
            part = pieces.some(some)
            places = np.concatenate(
                [np.arange(pieces.bounds[p], pieces.bounds[p + 1]) for p in some]
            )
            for way, reader in self._readers.items():
                answer[places] += self._states(part, way, reader) @ reader.project
        return answer

    @staticmethod
    def _states(pieces: Pieces, way: str, reader: _Reader) -> Array:
        """(words, units)."""
        symbols = pieces.padded(way)
        there = np.arange(symbols.shape[1]) < pieces.lengths[:, None]
        index = np.where(there, symbols + 1, 0).T  # (characters, pieces)
        given = {"index": np.ascontiguousarray(index), "table0": reader.table}
        states: Array = reader.session.run(["state0"], given)[0]
        piece, step = pieces.places(way)
        return states[step, piece]
