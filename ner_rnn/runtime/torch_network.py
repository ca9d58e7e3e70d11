"""The tagger as torch runs it: on a GPU, and for networks that cannot be exported.

The only file of the runtime that knows ``nn/``; decoding is the runtime's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ner_rnn.encoding.passages import Segmentation
from ner_rnn.runtime.decode import Decoder, ScoredSpan

if TYPE_CHECKING:
    from ner_rnn.encoding.vocabulary import Vocabulary
    from ner_rnn.model.bundle import Bundle
    from ner_rnn.nn.tagger import NameTagger

__all__ = ["TorchNetwork"]

BATCH_WORDS = {"cpu": 2048, "cuda": 65_536}
"""Words read at a time, padding counted; a GPU needs many to be busy."""


class TorchNetwork:
    """Finds spans of one label; safe to use from several threads.

    Args:
        network: in evaluation mode, on the device.
        vocabulary: the vocabulary it was trained with.
        device: as torch names it.
        temperature: divisor of all scores before probabilities are computed.
        batch_words: words read at a time, padding counted.
    """

    def __init__(
        self,
        network: NameTagger,
        vocabulary: Vocabulary,
        *,
        device: str = "cpu",
        temperature: float = 1.0,
        batch_words: int | None = None,
    ) -> None:
        self.unit = vocabulary.unit
        self._network, self._vocabulary = network, vocabulary
        transitions = network.transition_scores()
        self._decoder = Decoder(network.tags, transitions, temperature=temperature)
        self._batch_words = batch_words or BATCH_WORDS[device.partition(":")[0]]

    @classmethod
    def load(cls, bundle: Bundle, *, device: str, temperature: float) -> TorchNetwork:
        """Build the network of a bundle on a device.

        Raises:
            BundleError: the weights do not fit the recipe, or the recipe is not one.
        """
        from ner_rnn.nn.assembly import load_tagger

        network, vocabulary = load_tagger(bundle)
        return cls(network.to(device), vocabulary, device=device, temperature=temperature)

    def find(
        self, sentences: Sequence[Sequence[str]], segmentation: Segmentation
    ) -> list[ScoredSpan]:
        """Find spans, as ``FastNetwork.find`` does."""
        from ner_rnn.nn.batches import EncodedCorpus, corpus_emissions

        corpus = EncodedCorpus(self._vocabulary, sentences, segmentation=segmentation)
        emissions = corpus_emissions(self._network, corpus, self._batch_words)
        return self._decoder.scored_spans(emissions, corpus.ends, segmentation.passages)
