"""Temperature scaling: names should be right as often as their scores say.

All scores are divided by one number, the temperature, before probabilities are computed. It is
chosen on the development set (Guo et al. 2017, section 4.2, here for whole names under a CRF). The
best tags stay the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ner_rnn.corpora.corpus import Corpus
from ner_rnn.nn.batches import EncodedCorpus, corpus_emissions
from ner_rnn.nn.tagger import NameTagger
from ner_rnn.runtime.decode import Decoder, ScoredSpan
from ner_rnn.training.recall_curve import CURVE_SCORE, SHOWN_SCORE, curve, thin, whole_from
from ner_rnn.training.reliability import reliability

__all__ = ["calibrate"]

LOWEST, HIGHEST = 0.25, 8.0
"""Bounds of the temperature."""
BATCH_WORDS = 2048
CERTAIN = 1e-6
"""Distance kept from scores of 0 and 1, so that no single name decides."""


def calibrate(tagger: NameTagger, corpus: EncodedCorpus, gold: Corpus) -> dict[str, Any]:
    """Choose the temperature on a development set, and measure recall against the threshold.

    Args:
        tagger: the trained network.
        corpus: the development set as numbers.
        gold: the development set.

    Returns:
        Sections of ``metrics.json``. ``calibration``: the temperature, the number of names found,
        and the expected calibration error (10 bins) before, at a temperature of 1, and after; it is
        missing if no name is found, or all are right, or all are wrong: there is nothing to fit.
        ``candidates``: the number of names, the error of candidates with a probability of at least
        0.05, and the curve of ``model/recall.py``.
    """
    from scipy.optimize import minimize_scalar

    tagger.eval()  # scores of a network with dropout are not those of the tagger in use
    emissions = corpus_emissions(tagger, corpus, BATCH_WORDS)
    passages = corpus.segmentation.passages
    wanted = gold.flat_names()

    def find(temperature: float, min_score: float = 0.0) -> list[ScoredSpan]:
        decoder = Decoder(tagger.tags, tagger.transition_scores(), temperature=temperature)
        return decoder.scored_spans(emissions, corpus.ends, passages, min_score=min_score)

    def compare(found: list[ScoredSpan]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return scores, and whether each is right."""
        scores = np.array([span.score for span in found], dtype=np.float64)
        return scores, np.array([span[:2] in wanted for span in found], dtype=np.bool_)

    def loss(log_temperature: float) -> float:
        """Return the mean negative log-likelihood of being right or wrong, in nats."""
        scores, right = compare(find(float(np.exp(log_temperature))))
        scores = np.clip(scores, CERTAIN, 1 - CERTAIN)
        return float(-np.where(right, np.log(scores), np.log1p(-scores)).mean())

    metrics: dict[str, Any] = {}
    temperature = 1.0
    scores, right = compare(find(temperature))
    if right.any() and not right.all():
        bounds = np.log(LOWEST), np.log(HIGHEST)
        best = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 0.02})
        temperature = round(float(np.exp(best.x)), 3)
        errors = [reliability(*names) for names in ((scores, right), compare(find(temperature)))]
        before, after = (error["ece"] if error else 0.0 for error in errors)
        metrics["calibration"] = {
            "temperature": temperature,
            "names": len(right),
            "ece_before": round(before, 4),
            "ece_after": round(after, 4),
        }
    candidates = find(temperature, CURVE_SCORE)
    scores, right = compare(candidates)
    shown = scores >= SHOWN_SCORE
    error = reliability(scores[shown], right[shown])
    whole = whole_from(sorted(wanted), [span[:3] for span in candidates])
    metrics["candidates"] = {
        "names": len(wanted),
        "ece": round(error["ece"], 4) if error else None,
        "curve": thin(curve(scores, right, np.array(whole))) if wanted else [],
    }
    return metrics
