"""Temperature scaling: names should be right as often as their scores say.

All scores are divided by one number, the temperature, before probabilities are computed. It is
chosen on the development set (Guo et al. 2017, section 4.2, here for whole names under a CRF). The
best tags stay the same.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ner_rnn.corpora.corpus import Corpus
from ner_rnn.nn.batches import EncodedCorpus, corpus_emissions
from ner_rnn.nn.tagger import NameTagger
from ner_rnn.runtime.decode import Decoder
from ner_rnn.training.reliability import reliability

__all__ = ["calibrate"]

LOWEST, HIGHEST = 0.25, 8.0
"""Bounds of the temperature."""
BATCH_WORDS = 2048
CERTAIN = 1e-6
"""Distance kept from scores of 0 and 1, so that no single name decides."""


def calibrate(tagger: NameTagger, corpus: EncodedCorpus, gold: Corpus) -> dict[str, float] | None:
    """Choose the temperature on a development set.

    Args:
        tagger: the trained network.
        corpus: the development set as numbers.
        gold: the development set.

    Returns:
        As ``metrics.json`` holds it: the temperature, the number of names found, and the expected
        calibration error (10 bins) before, at a temperature of 1, and after. None if no name is
        found, or all are right, or all are wrong: there is nothing to fit.
    """
    from scipy.optimize import minimize_scalar

    tagger.eval()  # scores of a network with dropout are not those of the tagger in use
    emissions = corpus_emissions(tagger, corpus, BATCH_WORDS)
    passages = corpus.segmentation.passages
    wanted = gold.flat_names()

    def measure(temperature: float) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return the scores of the names found, and whether each is right."""
        decoder = Decoder(tagger.tags, tagger.transition_scores(), temperature=temperature)
        found = decoder.scored_spans(emissions, corpus.ends, passages)
        scores = np.array([name.score for name in found], dtype=np.float64)
        return scores, np.array([name[:2] in wanted for name in found], dtype=np.bool_)

    def loss(log_temperature: float) -> float:
        """Return the mean negative log-likelihood of being right or wrong, in nats."""
        scores, right = measure(float(np.exp(log_temperature)))
        scores = np.clip(scores, CERTAIN, 1 - CERTAIN)
        return float(-np.where(right, np.log(scores), np.log1p(-scores)).mean())

    scores, right = measure(1.0)
    if right.all() or not right.any():
        return None
    bounds = np.log(LOWEST), np.log(HIGHEST)
    best = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 0.02})
    temperature = round(float(np.exp(best.x)), 3)
    errors = [reliability(*names) for names in ((scores, right), measure(temperature))]
    before, after = (error["ece"] if error else 0.0 for error in errors)
    return {
        "temperature": temperature,
        "names": len(right),
        "ece_before": round(before, 4),
        "ece_after": round(after, 4),
    }
