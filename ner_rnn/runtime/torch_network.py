"""The tagger as torch runs it: on a GPU, and for networks that cannot be exported."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ner_rnn.encoding.passages import Cut
from ner_rnn.runtime.decode import Span

if TYPE_CHECKING:
    from ner_rnn.encoding.vocabulary import Vocabulary
    from ner_rnn.nn.tagger import NameTagger

__all__ = ["TorchNetwork"]

BATCH_WORDS = {"cpu": 2048, "cuda": 65_536}
"""Words that the network reads at a time, padding counted; a GPU needs many to be busy."""


class TorchNetwork:
    """Finds spans of one label; safe to use from several threads.

    Args:
        network: in evaluation mode, on the device.
        vocabulary: that it was trained with.
        device: as torch names it.
        temperature: what scores are divided by before probabilities are taken.
        label: the entity type that is asked for.
        batch_words: words that the network reads at a time, padding counted.
    """

    def __init__(
        self,
        network: NameTagger,
        vocabulary: Vocabulary,
        *,
        device: str = "cpu",
        temperature: float = 1.0,
        label: str = "PER",
        batch_words: int | None = None,
    ) -> None:
        self.unit = vocabulary.cut
        self._network, self._vocabulary, self._device = network, vocabulary, device
        self._temperature, self._label = temperature, label
        self._batch_words = batch_words or BATCH_WORDS[device.partition(":")[0]]

    def find(self, sentences: Sequence[Sequence[str]], cut: Cut) -> list[Span]:
        """As ``FastNetwork.find``."""
        from ner_rnn.encoding.packing import pack
        from ner_rnn.nn.batches import EncodedCorpus

        # no window holds sentences of two documents, so that each may be called one
        windows = np.searchsorted(cut.windows, cut.sentences[:-1], side="right").tolist()
        corpus = EncodedCorpus(self._vocabulary, sentences, documents=windows)
        firsts = cut.sentences.tolist()
        spans: list[Span] = []
        for some in pack(corpus.shapes, self._batch_words):
            batch = corpus.batch(some)
            found = [
                [(start, end, score) for start, end, label, score in names if label == self._label]
                for names in self._network.find(batch.to(self._device), self._temperature)
            ]
            for place, names in corpus.by_sentence(batch.passages.tolist(), found):
                first = firsts[place]
                spans += [(first + start, first + end, score) for start, end, score in names]
        spans.sort()
        return spans
