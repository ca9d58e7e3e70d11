"""Reliability, calibration error, and precision against recall over the threshold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ner_rnn.evaluation.calibration import curve, operating_points, scored_names, thin
from ner_rnn.evaluation.counting import Found
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
    assert curve(np.array([]), np.array([], dtype=bool), 4) == []
    assert operating_points([]) == (None, None)


@given(st.lists(st.tuples(st.integers(0, 10), st.booleans()), min_size=1, max_size=40))
def test_every_point_is_what_taking_those_names_gives(pairs: list[tuple[int, bool]]) -> None:
    scores = np.array([score / 10 for score, _ in pairs])
    right = np.array([hit for _, hit in pairs])
    support = int(right.sum()) + 3
    points = curve(scores, right, support)
    assert [point["threshold"] for point in points] == sorted(set(scores), reverse=True)
    for point in points:
        taken = scores >= point["threshold"]
        assert point["precision"] == pytest.approx(right[taken].mean())
        assert point["recall"] == pytest.approx(right[taken].sum() / support)
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
    _, precise = operating_points(curve(scores, right, 4))
    assert precise == {"threshold": 0.8, "precision": 1.0, "recall": 0.5, "f1": 4 / 6}
    assert operating_points(curve(scores, ~right, 4))[1] is None


def test_a_long_curve_is_thinned_and_keeps_its_ends() -> None:
    scores = np.linspace(0, 1, 5000)
    points = curve(scores, scores > 0.5, 3000)
    kept = thin(points)
    assert len(kept) == 200
    assert (kept[0], kept[-1]) == (points[0], points[-1])
    assert thin(points[:5]) == points[:5]


def test_scores_of_persons_alone_and_none_where_one_has_none() -> None:
    gold = [[Found(0, 1)], []]
    predicted = [[Found(0, 1, "PER", 0.9), Found(2, 3, "ORG", 0.8)], [Found(1, 2, "PER", 0.4)]]
    found = scored_names(gold, predicted)
    assert found is not None
    assert (found[0].tolist(), found[1].tolist()) == ([0.9, 0.4], [True, False])
    assert scored_names(gold, [[Found(0, 1)], []]) is None
