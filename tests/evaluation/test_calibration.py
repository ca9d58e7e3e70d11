"""Reliability, calibration error, and precision against recall over the threshold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ner_rnn.evaluation.calibration import operating_points, scored_names
from ner_rnn.evaluation.counting import Found
from ner_rnn.training.recall_curve import curve, thin, whole_from
from ner_rnn.training.reliability import reliability


def test_calibration_worked_out_by_hand() -> None:
    scores = np.array([0.95, 0.95, 0.85, 1.0, 0.05])
    right = np.array([True, False, True, True, False])
    found = reliability(scores, right)
    assert found is not None
    last, eighth, first = found["bins"][9], found["bins"][8], found["bins"][0]
    assert (last["count"], last["mean_score"], last["precision"]) == (
        3, pytest.approx(2.9 / 3), pytest.approx(2 / 3),
    )  # fmt: skip
    assert (eighth["count"], eighth["precision"], first["precision"]) == (1, 1.0, 0.0)
    assert found["bins"][4] == {
        "low": 0.4, "high": 0.5, "count": 0, "mean_score": None, "precision": None,
    }  # fmt: skip
    assert found["ece"] == pytest.approx((3 * (2.9 / 3 - 2 / 3) + 0.15 + 0.05) / 5)


def test_scores_that_are_chances_have_no_error() -> None:
    chance = np.random.default_rng(1)
    scores = chance.random(200_000)
    found = reliability(scores, chance.random(200_000) < scores)
    assert found is not None
    assert found["ece"] < 0.005


def test_nothing_to_reliability() -> None:
    assert reliability(np.array([]), np.array([], dtype=bool)) is None
    assert curve(np.array([]), np.array([], dtype=bool), np.zeros(4)) == []
    assert operating_points([]) == (None, None)


@given(st.lists(st.tuples(st.integers(0, 10), st.booleans()), min_size=1, max_size=40))
def test_every_point_is_what_taking_those_names_gives(pairs: list[tuple[int, bool]]) -> None:
    scores = np.array([score / 10 for score, _ in pairs])
    right = np.array([hit for _, hit in pairs])
    whole = np.array([*scores[right], 0.0, 0.35, 0.0])
    support = len(whole)
    points = curve(scores, right, whole)
    assert [point["threshold"] for point in points] == sorted(set(scores), reverse=True)
    for point in points:
        taken = scores >= point["threshold"]
        assert point["precision"] == pytest.approx(right[taken].mean())
        assert point["recall"] == pytest.approx(right[taken].sum() / support)
        assert point["whole"] == pytest.approx((whole >= point["threshold"]).sum() / support)
        assert point["f1"] == pytest.approx(2 * right[taken].sum() / (support + taken.sum()))
    best, precise = operating_points(points)
    if right.any():
        assert best is not None
        assert best["f1"] == max(point["f1"] or 0 for point in points)
    if precise:
        assert (precise["precision"] or 0) >= 0.99


def test_the_precise_point_takes_as_many_names_as_it_can() -> None:
    scores = np.array([0.9, 0.8, 0.7, 0.6])
    right = np.array([True, True, False, True])
    whole = np.array([0.9, 0.8, 0.8, 0.0])
    _, precise = operating_points(curve(scores, right, whole))
    assert precise == {
        "threshold": 0.8, "precision": 1.0, "recall": 0.5, "whole": 0.75, "f1": 4 / 6,
    }  # fmt: skip
    assert operating_points(curve(scores, ~right, whole))[1] is None


def test_a_long_curve_is_thinned_and_keeps_its_ends() -> None:
    scores = np.linspace(0.001, 1, 5000)
    points = curve(scores, scores > 0.5, np.linspace(0, 1, 3000))
    kept = thin(points)
    assert 190 <= len(kept) <= 200
    assert (kept[0], kept[-1]) == (points[0], points[-1])
    reached = [point["whole"] or 0.0 for point in kept]
    assert max(np.diff(reached)) < 0.01, "no step of recall is left out"
    assert thin(points[:5]) == points[:5]


@given(
    st.lists(st.tuples(st.integers(0, 8), st.integers(1, 3)), max_size=5),
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3), st.integers(1, 9)), max_size=5),
)
def test_a_name_is_whole_where_every_word_is_in_a_found_name(
    names: list[tuple[int, int]], gaps: list[tuple[int, int, int]]
) -> None:
    gold = [(start, start + length) for start, length in names]
    found = []
    at = 0
    for gap, length, score in gaps:  # found names do not overlap
        found.append((at + gap, at + gap + length, score / 10))
        at += gap + length
    for name, threshold in zip(gold, whole_from(gold, found), strict=True):
        for level in [score / 10 for score in range(1, 10)]:
            inside = {w for start, end, score in found if score >= level for w in range(start, end)}
            assert inside.issuperset(range(*name)) == (threshold >= level)


def test_scores_of_persons_alone_and_none_where_one_has_none() -> None:
    gold = [[Found(0, 1)], []]
    predicted = [[Found(0, 1, "PER", 0.9), Found(2, 3, "ORG", 0.8)], [Found(1, 2, "PER", 0.4)]]
    found = scored_names(gold, predicted)
    assert found is not None
    assert [part.tolist() for part in found] == [[0.9, 0.4], [True, False], [0.9]]
    assert [part.tolist() for part in found.above(0.5)] == [[0.9], [True]]
    assert scored_names(gold, [[Found(0, 1)], []]) is None
