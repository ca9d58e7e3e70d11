"""The LightningDataModule of a tagger: corpora as batches of one process.

Sentences become numbers once, here; ``batching.py`` decides which of them make up a step.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np
import pytorch_lightning as pl

from ner_rnn.corpora.corpus import LEFT_OPEN, Corpus
from ner_rnn.encoding.vocabulary import ANY_TAG, Vocabulary
from ner_rnn.model.settings import TrainerConfig
from ner_rnn.nn.batches import EncodedCorpus
from ner_rnn.nn.tagger import Batch
from ner_rnn.text.tags import Span, to_tags
from ner_rnn.training.batching import ResumableLoader, batch_loader, place

__all__ = ["TaggingData", "gold_tags"]

EVALUATION_TOKENS = 8192
"""Words a batch where no gradient is kept."""


class TaggingData(pl.LightningDataModule):
    """Batches to learn from and batches to be scored on.

    Args:
        vocabulary: vocabulary of the model.
        train: training data.
        scored: corpora to be tagged and scored, by name; ``dev`` is the development set.
        settings: size of the batches and number of epochs.
        seed: random seed of the batches of every epoch.
        epochs: text of each epoch where they differ; empty: ``train`` in every epoch.

    Attributes:
        train: the training data as numbers.
        scored: the scored corpora as numbers, by name.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        train: Corpus,
        scored: Mapping[str, Corpus],
        settings: TrainerConfig,
        seed: int,
        epochs: Sequence[Corpus] = (),
    ) -> None:
        super().__init__()
        self.settings, self.seed = settings, seed
        texts = epochs or [train]
        types = dict.fromkeys(tag[2:] for tag in vocabulary.tags if tag != "O")
        self.train = EncodedCorpus(
            vocabulary,
            [words for text in texts for words in text.tokens],
            tags=(tags for text in texts for tags in gold_tags(text, types)),
            documents=[(n, name) for n, text in enumerate(texts) for name in text.documents],
        )
        # windows hold sentences of one document, so that each is of one epoch
        ends = np.cumsum([sum(map(len, text.tokens)) for text in texts])
        bounds = [0, *np.searchsorted(self.train.segmentation.windows, ends).tolist()]
        self._windows = [range(first, end) for first, end in pairwise(bounds)]
        self.scored = {
            name: EncodedCorpus(vocabulary, corpus.tokens, documents=corpus.documents)
            for name, corpus in scored.items()
        }

    def train_dataloader(self) -> ResumableLoader[Batch]:
        """Return the batches of this epoch, drawn by the random seed."""
        return batch_loader(
            self.train,
            self.settings.batch_tokens,
            epochs=self.settings.epochs,
            windows=self._windows,
            seed=self.seed,
            place=place(self),
        )

    def val_dataloader(self) -> list[ResumableLoader[Batch]]:
        """Return the batches of the development set, if there is one."""
        return [self._evaluated(self.scored[name]) for name in ("dev",) if name in self.scored]

    def test_dataloader(self) -> list[ResumableLoader[Batch]]:
        """Return the batches of every scored set, in order."""
        return [self._evaluated(corpus) for corpus in self.scored.values()]

    def _evaluated(self, corpus: EncodedCorpus) -> ResumableLoader[Batch]:
        return batch_loader(corpus, EVALUATION_TOKENS, place=place(self))


def gold_tags(corpus: Corpus, types: Iterable[str]) -> list[list[str]]:
    """Return the tags of each sentence as ``EncodedCorpus`` takes them.

    Words of a span that is left open may have any tag. A word outside every name may be in one of a
    type that its corpus, or its part of a merged one, does not annotate.

    Args:
        corpus: annotated text.
        types: entity types that the model knows.
    """
    outside = []
    for part in corpus.as_parts:
        missing = sorted(set(types).difference(part.annotated))
        outside += ["|".join(["O", *missing])] * len(part.corpus.tokens)
    return [
        _patterns(to_tags(spans, len(words), "BIOES"), spans, other)
        for words, spans, other in zip(corpus.tokens, corpus.spans, outside, strict=True)
    ]


def _patterns(tags: list[str], spans: Sequence[Span], outside: str) -> list[str]:
    """Replace the tags of open spans, and O by what a word outside names may be."""
    if outside != "O":
        tags = [outside if tag == "O" else tag for tag in tags]
    for span in spans:
        if span.label == LEFT_OPEN:
            tags[span.start : span.end] = [ANY_TAG] * (span.end - span.start)
    return tags
