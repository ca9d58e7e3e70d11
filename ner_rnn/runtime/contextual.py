"""Contextual string embeddings without torch; see ``nn/contextual.py``.

Each language model is a graph like the tagger's own (``export.py``), one direction of it, over a
table of characters; a backward model reads reversed text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ner_rnn.encoding.characters import Context
from ner_rnn.encoding.packing import pack
from ner_rnn.model.language_model import reader_settings
from ner_rnn.runtime.cells import direction_weights, padding_row
from ner_rnn.runtime.export import reader_weights
from ner_rnn.runtime.sessions import open_session

__all__ = ["ContextNetwork"]

Array = NDArray[np.float32]
Ids = NDArray[np.int64]

TOGETHER = 16_384
"""Characters that a model reads in one batch, padding counted."""


class _LanguageModel(NamedTuple):
    """One direction's language model.

    Attributes:
        session: its recurrent layers.
        table: (symbols + 1, gates), row 0 the padding.
        project: (units, size), the part of the projection that reads its states.
    """

    session: Any
    table: Array
    project: Array


class ContextNetwork:
    """Language models that read words; safe to use from several threads.

    Args:
        context: their alphabet and settings.
        weights: of the tagger, by parameter name.
        graphs: by direction, each model's recurrent layers as ONNX.
    """

    def __init__(
        self, context: Context, weights: Mapping[str, Array], graphs: Mapping[str, bytes]
    ) -> None:
        self._context = context
        self._bias = weights["context.project.bias"]
        project = weights["context.project.weight"].T  # (states of all models, size)
        self._models: dict[str, _LanguageModel] = {}
        begin = 0
        for direction, model in reader_settings(context).items():
            own = reader_weights(weights, direction)
            layer = direction_weights(model, own, 0, 0)
            vectors = own.get("vectors.weight")
            characters = layer.input.T if vectors is None else vectors @ layer.input.T
            table = np.concatenate([padding_row(model)[None], characters + layer.bias])
            end = begin + model.hidden_size
            self._models[direction] = _LanguageModel(
                open_session(graphs[direction], model), table.astype(np.float32), project[begin:end]
            )
            begin = end

    def read(self, words: Sequence[str], passages: Ids) -> Array:
        """Return the projected states of the language models at each word.

        Args:
            words: of all passages.
            passages: (passages + 1,) where each begins, and where the last ends.

        Returns:
            (words, size).
        """
        pieces = self._context.pieces(words, passages.tolist())
        answer = np.repeat(self._bias[None], len(words), axis=0)
        for batch in pack([(1, length) for length in pieces.lengths.tolist()], TOGETHER):
            part, places = pieces.subset(batch)
            for direction, model in self._models.items():
                symbols = part.padded(direction)
                mask = np.arange(symbols.shape[1]) < part.lengths[:, None]
                index = np.where(mask, symbols + 1, 0).T  # (characters, pieces)
                inputs = {"index": np.ascontiguousarray(index), "table0": model.table}
                (states,) = model.session.run(["state0"], inputs)  # (characters, pieces, units)
                piece, step = part.places(direction)
                answer[places] += states[step, piece] @ model.project
        return answer
