"""Words with the most similar vectors."""

from __future__ import annotations

import sys

import numpy as np

from ner_rnn.encoding.features import normalise
from ner_rnn.encoding.vectors import MISSING, load_vectors
from ner_rnn.errors import VectorsError

__all__ = ["neighbours"]


def neighbours(path: str, word: str, count: int = 10) -> list[tuple[str, float]]:
    """Return the words nearest to a word by cosine similarity, the nearest first.

    Args:
        path: a file of vectors, as ``load_vectors`` reads it; all of it is held in memory.
        word: looked up as a tagger does, also in lower case.
        count: largest number of words.

    Returns:
        Words with their cosine similarity.

    Raises:
        FileError, VectorsError: as ``load_vectors``, or the file has no vector for the word.
    """
    vectors = load_vectors(path, [normalise(word)], further=sys.maxsize)
    if vectors.found[0] == MISSING:
        raise VectorsError(f"{path} holds no vector of {word!r}", do="try another word")
    lengths = np.linalg.norm(vectors.matrix, axis=1)
    cosines = vectors.matrix @ vectors.matrix[0] / np.maximum(lengths * lengths[0], 1e-30)
    order = np.argsort(-cosines[1:], kind="stable")[:count] + 1
    return [(vectors.words[index], float(cosines[index])) for index in order]
