"""The recall curve of a bundle, and the thresholds that are read from it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ner_rnn.errors import BundleError, ConfigError
from ner_rnn.model.bundle import Bundle
from ner_rnn.model.loader import read_tagger
from ner_rnn.model.recall import operating_point, recall_curve


@pytest.fixture(scope="module")
def bundle(small_model: Path) -> Bundle:
    return read_tagger(small_model)


def with_curve(bundle: Bundle, curve: Any) -> Bundle:
    return replace(bundle, metrics={**bundle.metrics, "candidates": {"curve": curve}})


def point(threshold: float, whole: float) -> dict[str, float]:
    return {"threshold": threshold, "precision": 0.5, "recall": 0.4, "whole": whole, "f1": 0.45}


CURVE = [point(0.9, 0.5), point(0.4, 0.8), point(0.1, 0.96), point(0.01, 0.96)]


@pytest.mark.parametrize(
    ("recall", "threshold"), [(0.0, 0.9), (0.5, 0.9), (0.51, 0.4), (0.8, 0.4), (0.96, 0.1)]
)
def test_the_highest_threshold_that_reaches_a_recall(
    bundle: Bundle, recall: float, threshold: float
) -> None:
    assert operating_point(with_curve(bundle, CURVE), recall)["threshold"] == threshold


def test_a_recall_that_was_never_reached_says_what_was(bundle: Bundle) -> None:
    with pytest.raises(ConfigError, match=r"recall is 0\.97: .* never reached .* 0\.96 or less"):
        operating_point(with_curve(bundle, CURVE), 0.97)


def test_a_bundle_without_a_curve(bundle: Bundle) -> None:
    old = replace(bundle, metrics={k: v for k, v in bundle.metrics.items() if k != "candidates"})
    assert recall_curve(old) == []
    with pytest.raises(ConfigError, match="no recall curve"):
        operating_point(old, 0.9)


@pytest.mark.parametrize(
    "curve", [3, [3], [{}], [point(2.0, 0.5)], [{**point(0.5, 0.5), "whole": "x"}], {"a": 1}]
)
def test_a_curve_of_another_shape_is_refused(bundle: Bundle, curve: Any) -> None:
    with pytest.raises(BundleError, match=r"candidates\.curve"):
        recall_curve(with_curve(bundle, curve))
