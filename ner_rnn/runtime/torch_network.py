"""The tagger as torch runs it: on a GPU, and for networks that cannot be exported."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ner_rnn.encoding.passages import Segmentation
from ner_rnn.model.contents import temperature
from ner_rnn.runtime.decode import Decoder, ScoredSpan

if TYPE_CHECKING:
    from ner_rnn.encoding.vocabulary import Vocabulary
    from ner_rnn.model.bundle import Bundle
    from ner_rnn.nn.tagger import NameTagger

__all__ = ["TorchNetwork", "load_torch_network"]

BATCH_WORDS = {"cpu": 2048, "cuda": 65_536}
"""Words read at a time, padding counted; a GPU needs many to be busy."""


def load_torch_network(bundle: Bundle, device: str) -> TorchNetwork:
    """Return the network of a bundle on a device."""
    from ner_rnn.nn.assembly import load_tagger

    network, vocabulary = load_tagger(bundle)
    return TorchNetwork(network.to(device), vocabulary, temperature=temperature(bundle))


class TorchNetwork:
    """Finds spans of one label; safe to use from several threads.

    Args:
        network: in evaluation mode, on the device.
        vocabulary: the vocabulary it was trained with.
        temperature: divisor of all scores before probabilities are computed.
    """

    def __init__(
        self, network: NameTagger, vocabulary: Vocabulary, *, temperature: float = 1.0
    ) -> None:
        self.unit = vocabulary.unit
        self._network, self._vocabulary = network, vocabulary
        # in float32: the scores that bundles were measured with follow from this rounding
        self._temperature = by = np.float32(temperature)
        scores = network.transition_scores()
        if scores is not None:
            scores = scores[0] / by, scores[1] / by, scores[2] / by
        self._decoder = Decoder(network.tags, scores)

    def find(
        self,
        sentences: Sequence[Sequence[str]],
        segmentation: Segmentation,
        *,
        min_score: float = 0.0,
        overlapping: bool = False,
        entropies: NDArray[np.float64] | None = None,
    ) -> list[ScoredSpan]:
        """Find spans, as ``FastNetwork.find`` does."""
        from ner_rnn.nn.batches import EncodedCorpus, corpus_emissions

        corpus = EncodedCorpus(self._vocabulary, sentences, segmentation=segmentation)
        words = BATCH_WORDS[next(self._network.parameters()).device.type]
        emissions = corpus_emissions(self._network, corpus, words) / self._temperature
        return self._decoder.scored_spans(
            emissions,
            corpus.ends,
            segmentation.passages,
            min_score=min_score,
            overlapping=overlapping,
            entropies=entropies,
        )
