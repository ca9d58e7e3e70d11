"""How far the score of a name can be trusted, and the temperature that makes it so.

What probabilities are taken of is divided by one number, the temperature, chosen on the
development set so that the names found there are as probable as their scores say (Guo et al.
2017, section 4.2, here for whole names under a CRF). The best tags stay what they were.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ner_rnn.nn.batches import EncodedCorpus, corpus_emissions
from ner_rnn.nn.tagger import NameTagger
from ner_rnn.runtime.decode import Decoder
from ner_rnn.training.data_module import Gold
from ner_rnn.training.reliability import reliability

__all__ = ["Calibration", "calibrate"]

LOWEST, HIGHEST = 0.25, 8.0
"""Bounds of the temperature."""
BATCH_WORDS = 2048
CERTAIN = 1e-6
"""A score is held this far from 0 and 1, so that no single name decides."""


@dataclass(frozen=True)
class Calibration:
    """What was measured on the names found in the development set.

    Attributes:
        temperature: that scores are divided by from now on.
        names: found there.
        ece_before: expected calibration error without it, 10 bins.
        ece_after: and with it.
    """

    temperature: float
    names: int
    ece_before: float
    ece_after: float

    def to_dict(self) -> dict[str, Any]:
        """For metrics.json."""
        return asdict(self)


def calibrate(tagger: NameTagger, corpus: EncodedCorpus, gold: Gold) -> Calibration | None:
    """Choose the temperature on a development set.

    Args:
        tagger: trained.
        corpus: the development set as numbers.
        gold: and as it stands.

    Returns:
        None where no name is found, or none of them right, or none wrong: nothing to go by.
    """
    from scipy.optimize import minimize_scalar

    device = next(tagger.parameters()).device
    emissions = corpus_emissions(tagger, corpus, BATCH_WORDS, device)
    passages = corpus.segmentation.passages
    wanted = gold.names()

    def look(temperature: float) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return the scores of the names found, and whether each is right."""
        decoder = Decoder(tagger.tags, tagger.transition_scores(), temperature=temperature)
        found = decoder.scored_spans(emissions, corpus.ends, passages)
        scores = np.array([score for _, _, score in found], dtype=np.float64)
        return scores, np.array([name[:2] in wanted for name in found], dtype=np.bool_)

    def surprise(log_temperature: float) -> float:
        """Mean negative log-likelihood of being right or wrong, in nats."""
        scores, right = look(float(np.exp(log_temperature)))
        scores = np.clip(scores, CERTAIN, 1 - CERTAIN)
        return float(-np.where(right, np.log(scores), np.log1p(-scores)).mean())

    scores, right = look(1.0)
    if right.all() or not right.any():
        return None
    bounds = np.log(LOWEST), np.log(HIGHEST)
    best = minimize_scalar(surprise, bounds=bounds, method="bounded", options={"xatol": 0.02})
    temperature = round(float(np.exp(best.x)), 3)
    errors = [reliability(*names) for names in ((scores, right), look(temperature))]
    before, after = (error["ece"] if error else 0.0 for error in errors)
    return Calibration(temperature, len(right), round(before, 4), round(after, 4))
