"""How far the score of a name can be trusted, and the temperature that makes it so.

What probabilities are taken of is divided by one number, the temperature, chosen on the
development set so that the names found there are as probable as their scores say (Guo et al.
2017, section 4.2, here for whole names under a CRF). The best tags stay what they were.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ner_rnn.encoding.packing import pack
from ner_rnn.encoding.passages import Cut
from ner_rnn.nn.batches import EncodedCorpus
from ner_rnn.nn.tagger import NameTagger
from ner_rnn.runtime.decode import Chain, Passages, side_by_side
from ner_rnn.text.tags import spans
from ner_rnn.training.data_module import Gold
from ner_rnn.training.reliability import reliability

__all__ = ["Calibration", "calibrate"]

LABEL = "PER"
LOWEST, HIGHEST = 0.25, 8.0
"""Bounds of the temperature."""
BATCH_WORDS = 2048
LATTICE_WORDS = 32_768
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

    cut = Cut.of([len(words) for words in gold.tokens], gold.documents)
    emissions = _emissions(tagger, corpus, cut)
    ends = np.zeros(emissions.shape[1], dtype=np.bool_)
    ends[cut.sentences[1:] - 1] = True
    wanted = {
        (int(first) + span.start, int(first) + span.end)
        for first, tags in zip(cut.sentences, gold.tags, strict=False)
        for span in spans(tags, "IOB2")
        if span.label == LABEL
    }
    batches = list(side_by_side(cut, LATTICE_WORDS))

    def look(temperature: float) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Scores of the names, and which of these are right."""
        chain = Chain(tagger.tags, LABEL, _transitions(tagger), temperature)
        found = [name for some in batches for name in chain.find(emissions, ends, some)]
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


@torch.no_grad()
def _emissions(tagger: NameTagger, corpus: EncodedCorpus, cut: Cut) -> NDArray[np.float32]:
    """(tags, words), before names are kept within sentences."""
    answer = np.empty((len(tagger.tags), int(cut.sentences[-1])), dtype=np.float32)
    device = next(tagger.parameters()).device
    for windows in pack(corpus.shapes, BATCH_WORDS):
        batch = corpus.batch(windows)
        emitted = tagger.emit(tagger.read(batch.to(device))).float().cpu().numpy()
        lengths = batch.lengths.numpy()
        order = np.argsort(-lengths, kind="stable")
        starts = cut.passages[batch.passages.numpy()]
        places, there = Passages(starts[order], lengths[order]).places()  # (time, batch)
        answer[:, places[there]] = emitted[order].transpose(2, 1, 0)[:, there]
    return answer


def _transitions(
    tagger: NameTagger,
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]] | None:
    if tagger.crf is None:
        return None
    crf = tagger.crf
    start, moves, end = (p.detach().cpu().numpy() for p in (crf.start, crf.transitions, crf.end))
    return start, moves, end
