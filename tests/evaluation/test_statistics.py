"""Intervals and p-values: against plain resampling, in time, and covering what they promise."""

from __future__ import annotations

import time

import numpy as np
import pytest
from numpy.typing import NDArray

from ner_rnn.evaluation.statistics import (
    by_unit,
    difference_interval,
    intervals,
    randomisation,
    resample,
)
from ner_rnn.training.scoring import ratios

Counts = NDArray[np.int64]


def documents(
    chance: np.random.Generator, count: int, recall: float = 0.9, extra: float = 0.5
) -> Counts:
    """Counts of names in documents whose difficulty differs, as it does in a real corpus."""
    support = chance.poisson(7, size=count)
    ease = chance.beta(20 * recall, 20 * (1 - recall), size=count)
    correct = chance.binomial(support, ease)
    predicted = correct + chance.poisson(extra, size=count)
    return np.stack([support, predicted, correct], axis=1).astype(np.int64)


def test_sentences_add_up_to_documents() -> None:
    counts = np.array([[1, 1, 1], [2, 0, 0], [3, 3, 1]])
    assert by_unit(counts, np.array([0, 1, 0])).tolist() == [[4, 4, 2], [2, 0, 0]]


def test_resamples_have_the_distribution_of_plain_ones() -> None:
    """Counting kinds of rows must not change what drawing row by row gives."""
    chance = np.random.default_rng(5)
    counts = np.concatenate([documents(chance, 60), documents(chance, 60)[:, :3] * 0])
    fast = resample(counts, 4000, seed=1)
    plain = np.array(
        [counts[chance.integers(0, len(counts), len(counts))].sum(axis=0) for _ in range(4000)]
    )
    for ours, theirs in zip(ratios(*fast.T).T, ratios(*plain.T).T, strict=True):
        assert ours.mean() == pytest.approx(theirs.mean(), abs=0.002)
        assert ours.std() == pytest.approx(theirs.std(), rel=0.08)
        for share in (0.025, 0.975):
            assert np.quantile(ours, share) == pytest.approx(np.quantile(theirs, share), abs=0.006)


def test_systems_are_resampled_together() -> None:
    counts = documents(np.random.default_rng(1), 50)
    both = resample(np.hstack([counts, counts]), 500, seed=3)
    assert (both[:, :3] == both[:, 3:]).all()
    assert difference_interval(both[:, :3], both[:, 3:]) == (0.0, 0.0)


def test_the_same_seed_gives_the_same_interval() -> None:
    counts = documents(np.random.default_rng(2), 80)
    first, again, other = (intervals(resample(counts, 500, seed)) for seed in (1, 1, 2))
    assert first == again != other


def test_what_is_undefined_has_no_interval() -> None:
    nothing = np.zeros((10, 3), dtype=np.int64)
    assert intervals(resample(nothing, 100, 1)) == [None, None, None]
    assert randomisation(nothing, nothing, 100, 1) is None


def test_a_perfect_model_has_an_interval_without_width() -> None:
    counts = np.tile(np.array([[3, 3, 3]]), (20, 1))
    assert intervals(resample(counts, 100, 1)) == [(1.0, 1.0)] * 3


def plain_randomisation(a: Counts, b: Counts, rounds: int, seed: int) -> float:
    chance = np.random.default_rng(seed)

    def f1(counts: Counts) -> float:
        support, predicted, correct = counts.sum(axis=0)
        return float(2 * correct / (support + predicted))

    observed = abs(f1(b) - f1(a))
    as_large = 0
    for _ in range(rounds):
        swap = chance.random(len(a)) < 0.5
        left, right = np.where(swap[:, None], b, a), np.where(swap[:, None], a, b)
        as_large += abs(f1(right) - f1(left)) >= observed - 1e-12
    return (1 + as_large) / (1 + rounds)


@pytest.mark.parametrize("recall", [0.9, 0.87, 0.8])
def test_p_is_that_of_plain_randomisation(recall: float) -> None:
    chance = np.random.default_rng(11)
    a = documents(chance, 60)
    b = a.copy()
    b[:, 2] = chance.binomial(a[:, 2], recall / 0.9)
    expected = plain_randomisation(a, b, 3000, seed=4)
    assert randomisation(a, b, 20_000, seed=9) == pytest.approx(expected, abs=0.03)


def test_p_of_equal_models_is_one_and_never_zero() -> None:
    a = documents(np.random.default_rng(3), 100)
    assert randomisation(a, a, 1000, seed=1) == 1.0
    worse = a.copy()
    worse[:, 2] = 0
    assert randomisation(a, worse, 999, seed=1) == 1 / 1000


def test_p_falls_below_a_twentieth_one_time_in_twenty() -> None:
    """Two models that are equally good: the test must not find more than it promises."""
    chance = np.random.default_rng(8)
    below = 0
    for _ in range(300):
        support = chance.poisson(7, size=60)
        ease = chance.beta(18, 2, size=60)
        sides = [chance.binomial(support, ease) for _ in range(2)]
        extra = [chance.poisson(0.5, size=60) for _ in range(2)]
        a, b = (
            np.stack([support, side + more, side], axis=1).astype(np.int64)
            for side, more in zip(sides, extra, strict=True)
        )
        p = randomisation(a, b, 199, seed=1)
        assert p is not None
        below += p < 0.05
    assert 0.02 < below / 300 < 0.085


def coverage(samples: int, rounds: int) -> float:
    """How often the interval of F1 holds the F1 of the whole population."""
    chance = np.random.default_rng(17)
    truth = ratios(*documents(chance, 500_000).sum(axis=0))[2]
    held = 0
    for number in range(samples):
        interval = intervals(resample(documents(chance, 231), rounds, seed=number))[2]
        assert interval is not None
        held += interval[0] <= truth <= interval[1]
    return held / samples


def test_intervals_cover_what_they_promise() -> None:
    assert 0.9 <= coverage(samples=100, rounds=200) <= 0.99


@pytest.mark.slow
def test_intervals_cover_95_of_100() -> None:
    assert 0.93 <= coverage(samples=2000, rounds=1000) <= 0.97


def test_ten_thousand_resamples_in_time() -> None:
    """As many documents as eng.testb has, and as many sentences as a corpus without them."""
    chance = np.random.default_rng(1)
    for units in (231, 3_453):
        counts = documents(chance, units)
        began = time.process_time()
        intervals(resample(np.hstack([counts, counts]), 10_000, seed=1)[:, :3])
        randomisation(counts, documents(chance, units), 10_000, seed=1)
        assert time.process_time() - began < 2
