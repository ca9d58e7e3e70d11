"""Passages of random scores, with the log probability of each of their tag sequences."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ner_rnn.runtime.lattice import Transitions

from .chain_oracle import enumerate_all


class Case:
    """Passages of random scores, some of several sentences.

    Args:
        seed: random seed.
        tags: of the model.
        lengths: words of each passage.
        scale: standard deviation of the emissions.
        one_sentence: each passage is one sentence.
    """

    def __init__(
        self,
        seed: int,
        tags: Sequence[str],
        lengths: Sequence[int],
        *,
        scale: float = 2.0,
        one_sentence: bool = False,
    ) -> None:
        rng = np.random.default_rng(seed)
        self.tags, n = tags, len(tags)
        self.transitions: Transitions = tuple(  # type: ignore[assignment]
            rng.normal(size=shape).astype(np.float32) for shape in ((n,), (n, n), (n,))
        )
        self.bounds = np.cumsum([0, *lengths])
        self.emissions = rng.normal(scale=scale, size=(n, sum(lengths))).astype(np.float32)
        self.ends = np.zeros(sum(lengths), dtype=np.bool_)
        if not one_sentence:
            self.ends = rng.random(sum(lengths)) < 0.3
        self.ends[self.bounds[1:] - 1] = True

    def passages(self) -> Iterator[tuple[int, int, dict[tuple[int, ...], float]]]:
        """Yield the bounds of each passage and the log probability of each of its paths."""
        scores = tuple(table.astype(np.float64) for table in self.transitions)
        for first, end in itertools.pairwise(self.bounds.tolist()):
            emissions = self.emissions[:, first:end].T.astype(np.float64)
            paths = enumerate_all(scores, emissions, self.tags)  # type: ignore[arg-type]
            lasts = [t for t in range(end - first) if self.ends[first + t]]
            allowed = {
                path: value
                for path, value in paths.items()
                if all(self.tags[path[t]][0] in "OES" for t in lasts)
            }
            high = max(allowed.values())
            total = high + math.log(math.fsum(math.exp(v - high) for v in allowed.values()))
            yield first, end, {path: value - total for path, value in allowed.items()}

    def arrays(self) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.int64]]:
        return self.emissions, self.ends, self.bounds
