"""The LightningDataModule: a prepared corpus as batches of one process.

Sentences become numbers once, here; which of them make up a step is ``batching.py``'s business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytorch_lightning as pl
from torch.utils.data import DataLoader, Dataset

from ner_rnn.data.batching import EncodedSentences, LengthBatches
from ner_rnn.data.vocabulary import Vocabulary
from ner_rnn.nn.tagger import Batch
from ner_rnn.text.tags import convert

__all__ = ["Gold", "TaggingData"]

EVALUATION_TOKENS = 8192
"""Words a batch where no gradient is kept."""


class Gold:
    """Sentences with their tags, as columns.

    Args:
        tokens: of each sentence.
        tags: IOB2, of each sentence.
    """

    def __init__(self, tokens: Sequence[list[str]], tags: Sequence[list[str]]) -> None:
        self.tokens = tokens
        self.tags = tags

    @classmethod
    def of(cls, rows: Any) -> Gold:
        """The columns of a ``datasets.Dataset``, read once."""
        return cls(rows["tokens"][:], rows["tags"][:])

    def labels(self) -> list[str]:
        """Entity types, the person first."""
        found = {tag[2:] for tags in self.tags for tag in tags if tag != "O"}
        return sorted(found, key=lambda label: (label != "PER", label))


class _Batches(Dataset[Batch]):
    """Makes a batch of the sentences at some places."""

    def __init__(self, sentences: EncodedSentences) -> None:
        self.sentences = sentences

    def __getitem__(self, places: list[int]) -> Batch:
        return self.sentences.batch(places)


class _Loader(DataLoader[Batch]):
    """A loader that can go on in the middle of an epoch: Lightning keeps its state."""

    sampler: LengthBatches

    def state_dict(self) -> dict[str, int]:
        """How many steps of the epoch are done."""
        return {"done": self.sampler.done}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Leave out what was done before."""
        self.sampler.skip = state["done"]


class TaggingData(pl.LightningDataModule):
    """Batches to learn from and batches to be scored on.

    Args:
        vocabulary: of the model.
        train: to learn from; None where a model is only scored.
        scored: by name, to be tagged and scored; the first is the development set.
        batch_tokens: words a step over all processes.
        seed: fixes the batches of every epoch.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        *,
        train: Gold | None,
        scored: Mapping[str, Gold],
        batch_tokens: int,
        seed: int,
    ) -> None:
        super().__init__()
        self.vocabulary = vocabulary
        self.scored = scored
        self.batch_tokens = batch_tokens
        self.seed = seed
        self.encoded_train = None
        if train is not None:
            bioes = [convert(tags, "IOB2", "BIOES") for tags in train.tags]
            self.encoded_train = EncodedSentences(vocabulary, train.tokens, bioes)
        self._encoded: dict[str, EncodedSentences] = {}

    def _loader(self, sentences: EncodedSentences, budget: int, *, shuffle: bool) -> _Loader:
        rank, world = 0, 1
        if self.trainer is not None:
            rank, world = self.trainer.global_rank, self.trainer.world_size
        sampler = LengthBatches(
            sentences.lengths, budget, seed=self.seed, rank=rank, world=world, shuffle=shuffle
        )
        # batch_size=None: the sampler's answer is a whole batch
        return _Loader(_Batches(sentences), sampler=sampler, batch_size=None)

    def _scored_loader(self, name: str) -> _Loader:
        if name not in self._encoded:
            gold = self.scored[name]
            self._encoded[name] = EncodedSentences(self.vocabulary, gold.tokens)
        return self._loader(self._encoded[name], EVALUATION_TOKENS, shuffle=False)

    def train_dataloader(self) -> _Loader:
        """Batches of this epoch, drawn by the seed."""
        if self.encoded_train is None:
            raise RuntimeError("there is nothing to learn from")
        return self._loader(self.encoded_train, self.batch_tokens, shuffle=True)

    def val_dataloader(self) -> list[_Loader]:
        """The development set, if there is one."""
        return [self._scored_loader("dev")] if "dev" in self.scored else []

    def test_dataloader(self) -> list[_Loader]:
        """Every scored set, in order."""
        return [self._scored_loader(name) for name in self.scored]
