"""The LightningDataModule: corpora as batches of one process.

Sentences become numbers once, here; ``batching.py`` decides which of them make up a step.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytorch_lightning as pl
from torch.utils.data import Dataset

from ner_rnn.corpora.corpus import Corpus
from ner_rnn.encoding.vocabulary import Vocabulary
from ner_rnn.nn.batches import EncodedCorpus
from ner_rnn.nn.tagger import Batch
from ner_rnn.text.tags import to_tags
from ner_rnn.training.batching import BatchSampler, ResumableLoader

__all__ = ["TaggingData"]

EVALUATION_TOKENS = 8192
"""Words a batch where no gradient is kept."""


class _Batches(Dataset[Batch]):
    """Batches of given windows."""

    def __init__(self, corpus: EncodedCorpus) -> None:
        self.corpus = corpus

    def __getitem__(self, windows: list[int]) -> Batch:
        return self.corpus.batch(windows)


class TaggingData(pl.LightningDataModule):
    """Batches to learn from and batches to be scored on.

    Args:
        vocabulary: of the model.
        train: to learn from; None where a model is only scored.
        scored: by name, to be tagged and scored; the first is the development set.
        batch_tokens: words a step over all processes.
        epochs: passes over the training data at most.
        seed: fixes the batches of every epoch.

    Attributes:
        encoded: what is scored, by name, as numbers.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        *,
        train: Corpus | None,
        scored: Mapping[str, Corpus],
        batch_tokens: int = 1,
        epochs: int = 1,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.batch_tokens, self.epochs, self.seed = batch_tokens, epochs, seed
        self.encoded_train = None
        if train is not None:
            self.encoded_train = EncodedCorpus(
                vocabulary,
                train.tokens,
                tags=[
                    to_tags(spans, len(words), "BIOES")
                    for words, spans in zip(train.tokens, train.spans, strict=True)
                ],
                documents=train.documents,
            )
        self.encoded = {
            name: EncodedCorpus(vocabulary, corpus.tokens, documents=corpus.documents)
            for name, corpus in scored.items()
        }

    def _loader(
        self, corpus: EncodedCorpus, budget: int, *, shuffle: bool
    ) -> ResumableLoader[Batch]:
        rank, world = 0, 1
        if self.trainer is not None:
            rank, world = self.trainer.global_rank, self.trainer.world_size
        sampler = BatchSampler(
            corpus.shapes,
            budget,
            epochs=self.epochs,
            seed=self.seed if shuffle else None,
            rank=rank,
            world=world,
        )
        # batch_size=None: the sampler's answer is a whole batch
        return ResumableLoader(_Batches(corpus), sampler=sampler, batch_size=None)

    def train_dataloader(self) -> ResumableLoader[Batch]:
        """Return the batches of this epoch, drawn by the random seed."""
        if self.encoded_train is None:
            raise RuntimeError("there is nothing to learn from")
        return self._loader(self.encoded_train, self.batch_tokens, shuffle=True)

    def val_dataloader(self) -> list[ResumableLoader[Batch]]:
        """Return the batches of the development set, if there is one."""
        dev = [corpus for name, corpus in self.encoded.items() if name == "dev"]
        return [self._loader(corpus, EVALUATION_TOKENS, shuffle=False) for corpus in dev]

    def test_dataloader(self) -> list[ResumableLoader[Batch]]:
        """Return the batches of every scored set, in order."""
        return [
            self._loader(corpus, EVALUATION_TOKENS, shuffle=False)
            for corpus in self.encoded.values()
        ]
