"""The LightningDataModule: a prepared corpus as batches of one process.

Sentences become numbers once, here; what makes up a step is ``batching.py``'s business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

import pytorch_lightning as pl
from torch.utils.data import Dataset

from ner_rnn.encoding.vocabulary import Vocabulary
from ner_rnn.nn.batches import EncodedCorpus
from ner_rnn.nn.tagger import Batch
from ner_rnn.text.tags import convert, spans
from ner_rnn.training.batching import BatchSampler, ResumableLoader

__all__ = ["Gold", "TaggingData"]

EVALUATION_TOKENS = 8192
"""Words a batch where no gradient is kept."""


class Gold:
    """Sentences with their tags, as columns.

    Args:
        tokens: of each sentence.
        tags: IOB2, of each sentence.
        documents: which document each sentence belongs to.
    """

    def __init__(
        self, tokens: Sequence[list[str]], tags: Sequence[list[str]], documents: Sequence[str]
    ) -> None:
        self.tokens = tokens
        self.tags = tags
        self.documents = documents

    @classmethod
    def of(cls, rows: Any) -> Gold:
        """The columns of a ``datasets.Dataset``, read once."""
        return cls(rows["tokens"][:], rows["tags"][:], rows["document"][:])

    def labels(self) -> list[str]:
        """Entity types, the person first."""
        found = {tag[2:] for tags in self.tags for tag in tags if tag != "O"}
        return sorted(found, key=lambda label: (label != "PER", label))

    def names(self) -> set[tuple[int, int]]:
        """Return the person names: first word, word after the last, over all sentences."""
        firsts = accumulate(map(len, self.tags), initial=0)
        return {
            (first + span.start, first + span.end)
            for first, tags in zip(firsts, self.tags, strict=False)
            for span in spans(tags)
            if span.label == "PER"
        }


class _Batches(Dataset[Batch]):
    """Makes a batch of some windows."""

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
        train: Gold | None,
        scored: Mapping[str, Gold],
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
                tags=[convert(tags, "IOB2", "BIOES") for tags in train.tags],
                documents=train.documents,
            )
        self.encoded = {
            name: EncodedCorpus(vocabulary, gold.tokens, documents=gold.documents)
            for name, gold in scored.items()
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
        """Batches of this epoch, drawn by the seed."""
        if self.encoded_train is None:
            raise RuntimeError("there is nothing to learn from")
        return self._loader(self.encoded_train, self.batch_tokens, shuffle=True)

    def val_dataloader(self) -> list[ResumableLoader[Batch]]:
        """The development set, if there is one."""
        dev = [corpus for name, corpus in self.encoded.items() if name == "dev"]
        return [self._loader(corpus, EVALUATION_TOKENS, shuffle=False) for corpus in dev]

    def test_dataloader(self) -> list[ResumableLoader[Batch]]:
        """Every scored set, in order."""
        return [
            self._loader(corpus, EVALUATION_TOKENS, shuffle=False)
            for corpus in self.encoded.values()
        ]
