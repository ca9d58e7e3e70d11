"""Doubt: bootstrap intervals and randomisation tests over counts, 10,000 rounds in a moment.

A corpus is a sample of units (documents; sentences where there are none), and each unit adds a row
of counts. Units with equal rows are alike, so a resample need not draw units: how often each kind
of row comes is one multinomial draw (bootstrap) or one binomial draw (randomisation), which is the
same distribution and far less work. All is seeded; the same counts give the same intervals.

Sources: percentile bootstrap, Efron (1979) and Efron & Tibshirani (1993, ch. 13); approximate
randomisation, Noreen (1989), as Yeh (2000) uses it for F1; p by (1 + count) / (1 + rounds), Davison
& Hinkley (1997, eq. 4.11).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ner_rnn.training.scoring import ratios

__all__ = [
    "by_unit",
    "difference_interval",
    "f1_samples",
    "intervals",
    "mean_interval",
    "randomisation",
    "resample",
]

LEVEL = 0.95
_BLOCK = 1 << 22  # numbers drawn at a time: 32 MB


def by_unit(counts: NDArray[np.int64], units: NDArray[np.int64]) -> NDArray[np.int64]:
    """Add up rows of counts that belong together.

    Args:
        counts: shape (sentences, columns).
        units: shape (sentences,): the unit of each sentence, from 0.

    Returns:
        shape (units, columns).
    """
    total = np.zeros((int(units.max(initial=-1)) + 1, counts.shape[1]), dtype=np.int64)
    np.add.at(total, units, counts)
    return total


def resample(counts: NDArray[np.int64], rounds: int, seed: int) -> NDArray[np.int64]:
    """Totals of samples of as many units, drawn with replacement.

    Columns of several models side by side are resampled together: the samples are paired.

    Args:
        counts: shape (units, columns).
        rounds: how many samples.
        seed: of the draws.

    Returns:
        shape (rounds, columns).
    """
    rows, alike = np.unique(counts, axis=0, return_counts=True)
    rng = np.random.default_rng(seed)
    share = alike / alike.sum()
    drawn = [
        _times(rng.multinomial(len(counts), share, size=size), rows)
        for size in _blocks(rounds, len(rows))
    ]
    return np.concatenate(drawn)


def intervals(sampled: NDArray[np.int64]) -> list[tuple[float, float] | None]:
    """Percentile intervals of precision, recall and F1.

    Samples in which a ratio is undefined are left out of its interval.

    Args:
        sampled: shape (rounds, 3): support, predicted, correct, from ``resample``.

    Returns:
        For each ratio (low, high) at 95 %, or None where no sample defines it.
    """
    return [_percentiles(column) for column in ratios(*sampled.T).T]


def f1_samples(sampled: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return F1 of each sample, NaN where undefined: (rounds, 3) from ``resample`` -> (rounds,)."""
    return _f1(sampled)


def mean_interval(
    samples: Sequence[NDArray[np.float64]], weights: Sequence[float], seed: int
) -> tuple[float, float] | None:
    """Percentile interval of a weighted mean of F1 over corpora.

    Args:
        samples: of each corpus, shape (rounds,). They may come from the same random numbers; each
            is put into another order, since corpora are resampled independently.
        weights: of the corpora, adding up to 1.
        seed: of these orders.
    """
    rng = np.random.default_rng(seed)
    mean = np.zeros(len(samples[0]))
    for values, weight in zip(samples, weights, strict=True):
        mean += weight * rng.permutation(values)
    return _percentiles(mean)


def difference_interval(a: NDArray[np.int64], b: NDArray[np.int64]) -> tuple[float, float] | None:
    """Percentile interval of F1 of b minus F1 of a, from paired samples, each (rounds, 3)."""
    return _percentiles(ratios(*b.T)[:, 2] - ratios(*a.T)[:, 2])


def randomisation(
    a: NDArray[np.int64], b: NDArray[np.int64], rounds: int, seed: int
) -> float | None:
    """Two-sided p of a difference in F1 as large as that of a and b, if there were none.

    Under that hypothesis each unit's two answers could as well have come from the other model:
    every round swaps those of each unit with probability one half.

    Args:
        a: shape (units, 3): support, predicted, correct.
        b: likewise, of the same units.
        rounds: how many times to swap.
        seed: of the draws.

    Returns:
        (1 + rounds with a difference at least as large) / (1 + rounds); None where F1 is
        undefined.
    """
    total_a, total_b = a.sum(axis=0), b.sum(axis=0)
    observed = abs(_f1(total_b) - _f1(total_a))
    if np.isnan(observed):
        return None
    rows, alike = np.unique(np.hstack([a, b])[(a != b).any(axis=1)], axis=0, return_counts=True)
    if not len(rows):
        return 1.0
    moved = rows[:, 3:] - rows[:, :3]  # what a swap adds to a and takes from b
    rng = np.random.default_rng(seed)
    as_large = 0
    for size in _blocks(rounds, len(rows)):
        swapped = _times(rng.binomial(alike, 0.5, size=(size, len(rows))), moved)
        difference = np.abs(_f1(total_b - swapped) - _f1(total_a + swapped))
        # NaN where all names went to one side, and as large as can be
        as_large += int((~(difference < observed - 1e-12)).sum())
    return (1 + as_large) / (1 + rounds)


def _times(draws: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Multiply whole numbers as floats: many times faster, and exact below 2**53."""
    return np.rint(draws.astype(np.float64) @ rows.astype(np.float64)).astype(np.int64)


def _f1(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    values: NDArray[np.float64] = ratios(counts[..., 0], counts[..., 1], counts[..., 2])[..., 2]
    return values


def _percentiles(values: NDArray[np.float64]) -> tuple[float, float] | None:
    defined = values[~np.isnan(values)]
    if not len(defined):
        return None
    low, high = np.quantile(defined, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _blocks(rounds: int, width: int) -> Iterator[int]:
    size = max(1, _BLOCK // max(1, width))
    for start in range(0, rounds, size):
        yield min(size, rounds - start)
