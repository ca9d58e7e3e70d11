"""The LightningDataModule of a tagger: corpora as batches of one process.

Sentences become numbers once, here; ``batching.py`` decides which of them make up a step.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytorch_lightning as pl

from ner_rnn.corpora.corpus import Corpus
from ner_rnn.encoding.vocabulary import Vocabulary
from ner_rnn.model.settings import TrainerConfig
from ner_rnn.nn.batches import EncodedCorpus
from ner_rnn.nn.tagger import Batch
from ner_rnn.text.tags import to_tags
from ner_rnn.training.batching import ResumableLoader, batch_loader, place

__all__ = ["TaggingData"]

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
    ) -> None:
        super().__init__()
        self.settings, self.seed = settings, seed
        tags = [
            to_tags(spans, len(words), "BIOES")
            for words, spans in zip(train.tokens, train.spans, strict=True)
        ]
        self.train = EncodedCorpus(vocabulary, train.tokens, tags=tags, documents=train.documents)
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
