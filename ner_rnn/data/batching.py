"""Sentences into batches: numbers, padding, and which sentences go together.

Training batches hold sentences of like length, so that little is padding, up to a budget of
words; which ones is drawn anew each epoch from the seed. Over several processes each takes the
same number of batches, of about the same size.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch.utils.data import Sampler

from ner_rnn.data.vocabulary import PAD, Vocabulary
from ner_rnn.nn.tagger import Batch

__all__ = ["EncodedSentences", "LengthBatches", "collate", "length_batches"]


class EncodedSentences:
    """Sentences as numbers, each distinct word looked at once.

    Args:
        vocabulary: of the model.
        sentences: tokens of each, at least one each.
        tags: the model's own tags of each, or None where there is no gold.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        sentences: Sequence[Sequence[str]],
        tags: Sequence[Sequence[str]] | None = None,
    ) -> None:
        forms: dict[str, int] = {}
        self.index = [
            np.array([forms.setdefault(token, len(forms)) for token in tokens], dtype=np.int64)
            for tokens in sentences
        ]
        self.lengths = [len(tokens) for tokens in sentences]
        self.forms = vocabulary.encode_forms(list(forms))
        self.tags = None
        if tags is not None:
            self.tags = [np.array(vocabulary.encode_tags(t), dtype=np.int64) for t in tags]

    def __len__(self) -> int:
        """How many sentences."""
        return len(self.index)

    def batch(self, places: Sequence[int]) -> Batch:
        """Some of the sentences, padded to the longest of them."""
        lengths = [self.lengths[place] for place in places]
        mask = np.arange(max(lengths)) < np.array(lengths)[:, None]  # (batch, time)
        present, places_of = np.unique(
            np.concatenate([self.index[place] for place in places]), return_inverse=True
        )
        index = np.zeros(mask.shape, dtype=np.int64)
        index[mask] = places_of
        tags = None
        if self.tags is not None:
            tags = np.zeros(mask.shape, dtype=np.int64)
            tags[mask] = np.concatenate([self.tags[place] for place in places])
        letters = self.forms.letters[present]
        # no wider than the longest word that is here
        width = max(1, int((letters != PAD).any(0).sum()))
        return Batch(
            index=torch.from_numpy(index),
            lengths=torch.tensor(lengths),
            words=torch.from_numpy(self.forms.words[present]),
            letters=torch.from_numpy(np.ascontiguousarray(letters[:, :width])),
            features=torch.from_numpy(self.forms.features[present]),
            tags=None if tags is None else torch.from_numpy(tags),
            rows=torch.tensor(list(places)),
        )


def collate(vocabulary: Vocabulary, sentences: Sequence[Sequence[str]]) -> Batch:
    """Sentences without gold as one batch, in their order."""
    return EncodedSentences(vocabulary, sentences).batch(range(len(sentences)))


def length_batches(
    lengths: Sequence[int], budget: int, *, generator: np.random.Generator | None = None
) -> list[list[int]]:
    """Group sentences of like length.

    The lengths that stand together are the same every time; which of the sentences of one length
    take those places, and the order of the batches, is drawn. So every epoch has as many batches
    as the last, and hardly any padding.

    Args:
        lengths: words in each sentence.
        budget: words a batch at most, padding counted; a longer sentence stands alone.
        generator: source of chance; None: shortest first, in the order given.

    Returns:
        Places of sentences, each exactly once.
    """
    sizes = np.asarray(lengths)
    ties = np.arange(len(sizes)) if generator is None else generator.permutation(len(sizes))
    batches: list[list[int]] = [[]]
    for place in np.lexsort((ties, sizes)).tolist():
        # in this order the newest sentence is the longest
        if batches[-1] and lengths[place] * (len(batches[-1]) + 1) > budget:
            batches.append([])
        batches[-1].append(place)
    if generator is not None:
        return [batches[i] for i in generator.permutation(len(batches)).tolist()]
    return batches


class LengthBatches(Sampler[list[int]]):
    """Which sentences make up each step of this process, anew each epoch.

    Every process takes the same number of steps: where the batches do not come out even, some are
    taken twice.

    Args:
        lengths: words in each sentence.
        budget: words a step over all processes.
        seed: where chance starts from; with the epoch it fixes every batch.
        rank: number of this process.
        world: how many processes there are.
        shuffle: draw batches (training) or take them in order of length (evaluation).
    """

    def __init__(
        self,
        lengths: Sequence[int],
        budget: int,
        *,
        seed: int = 0,
        rank: int = 0,
        world: int = 1,
        shuffle: bool = True,
    ) -> None:
        self.lengths = lengths
        self.budget = max(1, budget // world)
        self.seed, self.rank, self.world, self.shuffle = seed, rank, world, shuffle
        self.epoch = 0
        self.skip = 0
        """Steps of the next epoch to leave out, since a run that is resumed has taken them."""
        self.done = 0
        """Steps handed out in this epoch; 0 again when all are."""
        self._steps = math.ceil(len(length_batches(lengths, self.budget)) / world)

    def set_epoch(self, epoch: int) -> None:
        """Lightning tells the epoch, so that a resumed run draws the same batches."""
        self.epoch = epoch

    def __iter__(self) -> Iterator[list[int]]:
        """Places of the sentences of each step."""
        generator = np.random.default_rng((self.seed, self.epoch)) if self.shuffle else None
        batches = length_batches(self.lengths, self.budget, generator=generator)
        first, self.skip = self.skip, 0
        for step in range(first, self._steps):
            self.done = (step + 1) % self._steps
            yield batches[(step * self.world + self.rank) % len(batches)]

    def __len__(self) -> int:
        """Steps of this process in an epoch."""
        return self._steps
