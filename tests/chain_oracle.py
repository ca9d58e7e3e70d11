"""Oracles of the linear chain: every tag sequence is enumerated, by definition and not by sums."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Scores = tuple[Array, Array, Array]
"""Start (tags,), transitions (tags, tags), end (tags,)."""


def is_bioes(names: Sequence[str]) -> bool:
    """Whether a sequence is valid, by consuming it span by span."""
    t = 0
    while t < len(names):
        if names[t][0] in "OS":
            t += 1
            continue
        if names[t][0] != "B":
            return False
        label = names[t][2:]
        t += 1
        while t < len(names) and names[t] == f"I-{label}":
            t += 1
        if t == len(names) or names[t] != f"E-{label}":
            return False
        t += 1
    return True


def paths(tags: int, length: int, scheme: Sequence[str] | None) -> Iterator[tuple[int, ...]]:
    """Yield every tag sequence of a length, of those that the scheme allows."""
    for path in itertools.product(range(tags), repeat=length):
        if scheme is None or is_bioes([scheme[tag] for tag in path]):
            yield path


def path_score(scores: Scores, emissions: Array, path: Sequence[int]) -> float:
    """Return the score of a path, one addition at a time; emissions are (time, tags)."""
    start, transitions, end = scores
    total = float(start[path[0]] + end[path[-1]])
    total += sum(float(emissions[t, tag]) for t, tag in enumerate(path))
    return total + sum(float(transitions[a, b]) for a, b in itertools.pairwise(path))


def enumerate_all(
    scores: Scores, emissions: Array, scheme: Sequence[str] | None = None
) -> dict[tuple[int, ...], float]:
    """Return the log probability of every path."""
    every = {
        path: path_score(scores, emissions, path)
        for path in paths(emissions.shape[1], len(emissions), scheme)
    }
    highest = max(every.values())
    total = highest + math.log(math.fsum(math.exp(value - highest) for value in every.values()))
    return {path: value - total for path, value in every.items()}
