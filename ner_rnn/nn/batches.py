"""A corpus as numbers: its windows and passages (see ``encoding/passages.py``) as batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ner_rnn.encoding.characters import Context
from ner_rnn.encoding.packing import pack
from ner_rnn.encoding.passages import Segmentation
from ner_rnn.encoding.vocabulary import PAD, Vocabulary
from ner_rnn.nn.contextual import Spelled
from ner_rnn.nn.tagger import Batch, NameTagger

__all__ = ["EncodedCorpus", "corpus_emissions"]

Ids = NDArray[np.int64]


class EncodedCorpus:
    """Sentences as numbers, each distinct word encoded once.

    Args:
        vocabulary: vocabulary of the model.
        sentences: tokens of each, at least one each.
        tags: the model's own tags of each; None without gold. ``O|LOC|ORG`` is a word that may be O
            or in a name of one of these types, ``?`` one that may have any tag.
        documents: the document of each, those of one document next to each other; None: each
            sentence is a document of its own.
        segmentation: windows and passages, where they are known already.

    Attributes:
        segmentation: bounds of sentences, passages and windows, in words.
        ends: (words,) True at the last word of each sentence.
        tags: (words,) ids of the gold tags, see ``Batch.tags``; None without gold.
        allowed: (patterns, tags) see ``Batch.allowed``; None where every tag is known.
        shapes: of each window, its number of passages and the words of the longest.
        words: all words in order, where language models read them.
        states: (words, width) states of the language models, where they are cached; any array
            that takes a list of word numbers.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        sentences: Sequence[Sequence[str]],
        *,
        tags: Iterable[Sequence[str]] | None = None,
        documents: Sequence[object] | None = None,
        segmentation: Segmentation | None = None,
    ) -> None:
        if segmentation is None:
            of = documents if documents is not None else range(len(sentences))
            segmentation = Segmentation.of([len(tokens) for tokens in sentences], of)
        self.segmentation, self.ends = segmentation, segmentation.ends
        forms: dict[str, int] = {}
        tokens = chain.from_iterable(sentences)
        self._index = np.fromiter(
            (forms.setdefault(token, len(forms)) for token in tokens), np.int64, len(self.ends)
        )
        self._forms = vocabulary.encode_forms(list(forms))
        keys: dict[str, int] = {}
        self._keys = np.array(
            [keys.setdefault(form.lower(), len(keys)) for form in forms], dtype=np.int64
        )
        self.tags: Ids | None = None
        self.allowed: NDArray[np.bool_] | None = None
        if tags is not None:
            self.tags, self.allowed = vocabulary.encode_tags(chain.from_iterable(tags))
        self._context = vocabulary.context
        self.words = list(chain.from_iterable(sentences)) if vocabulary.context else []
        self.states: NDArray[np.floating[Any]] | None = None
        self._lengths = np.diff(segmentation.passages)
        # first passage of each window, and the count of all passages
        self._windows = np.searchsorted(segmentation.passages, segmentation.windows)
        longest = np.maximum.reduceat(self._lengths, self._windows[:-1])
        self.shapes = list(zip(np.diff(self._windows).tolist(), longest.tolist(), strict=True))

    def __len__(self) -> int:
        """Return the number of windows."""
        return len(self.shapes)

    def places(self, passages: Sequence[int] | Ids) -> Ids:
        """Return the numbers of the words of passages, one passage after the other."""
        starts, lengths = self.segmentation.passages[passages], self._lengths[passages]
        before = np.cumsum(lengths) - lengths
        return np.repeat(starts - before, lengths) + np.arange(lengths.sum())

    def passage_words(self) -> Iterable[list[str]]:
        """Yield the words of each passage of a corpus that language models read."""
        for first, end in pairwise(self.segmentation.passages.tolist()):
            yield self.words[first:end]

    def batches(self, budget: int) -> Iterator[Batch]:
        """Yield batches of all windows, of so many words at most, padding counted."""
        for windows in pack(self.shapes, budget):
            yield self.batch(windows)

    def batch(self, windows: Sequence[int]) -> Batch:
        """Return the batch of some windows, each passage padded to the longest of them."""
        rows = [np.arange(self._windows[w], self._windows[w + 1]) for w in windows]
        passages = np.concatenate(rows)
        lengths, places = self._lengths[passages], self.places(passages)
        mask = np.arange(lengths.max()) < lengths[:, None]  # (batch, time)
        forms = self._index[places]  # (words,)
        present, of_word = np.unique(forms, return_inverse=True)
        window_of_word = np.repeat(np.repeat(np.arange(len(rows)), list(map(len, rows))), lengths)
        # the same lower-case word of the same window has the same number
        same = window_of_word * len(self._keys) + self._keys[forms]
        groups = np.unique(same, return_inverse=True)[1]
        letters = self._forms.letters[present]
        # no wider than the longest word of the batch
        width = max(1, int((letters != PAD).any(0).sum()))
        spelled = context = None
        if self._context is not None:
            if self.states is None:
                words = [self.words[place] for place in places.tolist()]
                spelled = _spelled(self._context, words, lengths, mask)
            else:
                context = _padded(self.states[places].astype(np.float32), mask)
        return Batch(
            index=_padded(of_word, mask),
            lengths=torch.from_numpy(lengths),
            words=torch.from_numpy(self._forms.words[present]),
            letters=torch.from_numpy(np.ascontiguousarray(letters[:, :width])),
            features=torch.from_numpy(self._forms.features[present]),
            groups=_padded(groups, mask),
            ends=_padded(self.ends[places], mask),
            passages=torch.from_numpy(passages),
            tags=None if self.tags is None else _padded(self.tags[places], mask),
            allowed=None if self.allowed is None else torch.from_numpy(self.allowed),
            spelled=spelled,
            context=context,
        )


def corpus_emissions(
    tagger: NameTagger, corpus: EncodedCorpus, batch_words: int
) -> NDArray[np.float32]:
    """Return a decoder's input (tags, words) for a corpus, by a tagger in evaluation mode."""
    device = next(tagger.parameters()).device
    emissions = np.empty((len(tagger.tags), len(corpus.ends)), dtype=np.float32)
    for batch in corpus.batches(batch_words):
        places = corpus.places(batch.passages.numpy())
        emissions[:, places] = tagger.decoder_emissions(batch.to(device))
    return emissions


def _padded(values: NDArray[np.generic], mask: NDArray[np.bool_]) -> torch.Tensor:
    """Spread (words, ...) over (batch, time, ...), zeros where the mask is False."""
    table = np.zeros((*mask.shape, *values.shape[1:]), dtype=values.dtype)
    table[mask] = values
    return torch.from_numpy(table)


def _spelled(
    context: Context, words: Sequence[str], lengths: NDArray[np.int64], mask: NDArray[np.bool_]
) -> dict[str, Spelled]:
    """Return passages as language models read them; the padding points at the first word."""
    pieces = context.pieces(words, [0, *np.cumsum(lengths)])
    spelled = {}
    for direction in context.settings:
        symbols = pieces.padded(direction)
        piece, step = pieces.places(direction)
        spelled[direction] = Spelled(
            torch.from_numpy(symbols),
            torch.from_numpy(pieces.lengths),
            _padded(piece * symbols.shape[1] + step, mask),
        )
    return spelled
