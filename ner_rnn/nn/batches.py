"""A corpus as numbers: its windows and passages (see ``passages.py``) as batches of tensors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from ner_rnn.encoding.characters import Context
from ner_rnn.encoding.passages import PASSAGE, WINDOW, runs
from ner_rnn.encoding.vocabulary import PAD, Vocabulary
from ner_rnn.nn.contextual import Spelled
from ner_rnn.nn.tagger import Batch

__all__ = ["EncodedCorpus"]

T = TypeVar("T")


class EncodedCorpus:
    """Sentences as numbers, each distinct word looked at once.

    Args:
        vocabulary: of the model.
        sentences: tokens of each, at least one each.
        tags: the model's own tags of each, or None where there is no gold.
        documents: which document each belongs to, those of one standing together; None: each is
            a document of its own.

    Attributes:
        shapes: of each window, its passages and the words of the longest.
        words: of all sentences, where language models read them.
        states: (words, width) what language models make of each word, in order, where that is
            known already; any array that takes a list of places.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        sentences: Sequence[Sequence[str]],
        *,
        tags: Sequence[Sequence[str]] | None = None,
        documents: Sequence[object] | None = None,
    ) -> None:
        forms: dict[str, int] = {}
        self._index = [
            np.array([forms.setdefault(token, len(forms)) for token in tokens], dtype=np.int64)
            for tokens in sentences
        ]
        self._forms = vocabulary.encode_forms(list(forms))
        keys: dict[str, int] = {}
        self._keys = np.array(
            [keys.setdefault(form.lower(), len(keys)) for form in forms], dtype=np.int64
        )
        self._tags = None
        if tags is not None:
            self._tags = [np.array(vocabulary.encode_tags(t), dtype=np.int64) for t in tags]
        self._context = vocabulary.context
        self.words: list[str] = []
        if vocabulary.context:
            self.words = [word for tokens in sentences for word in tokens]
        self._firsts = np.array([0, *accumulate(map(len, sentences))], dtype=np.int64)
        self.states: NDArray[np.floating[Any]] | None = None
        of = documents if documents is not None else range(len(sentences))
        lengths = [len(tokens) for tokens in sentences]
        self._lengths = lengths
        self._passages: list[list[int]] = []  # sentences of each
        self._windows: list[range] = []  # passages of each
        self.shapes: list[tuple[int, int]] = []
        for window in runs(range(len(sentences)), lengths, of, WINDOW):
            first = len(self._passages)
            self._passages += runs(window, lengths, of, PASSAGE)
            self._windows.append(range(first, len(self._passages)))
            longest = max(map(self._words, self._windows[-1]))
            self.shapes.append((len(self._windows[-1]), longest))

    def _words(self, passage: int) -> int:
        return sum(self._lengths[sentence] for sentence in self._passages[passage])

    def __len__(self) -> int:
        """How many windows."""
        return len(self._windows)

    def places(self, passages: Iterable[int]) -> NDArray[np.int64]:
        """Where among all words those of some passages stand, in order."""
        sentences = [sentence for passage in passages for sentence in self._passages[passage]]
        return np.concatenate(
            [np.arange(self._firsts[s], self._firsts[s + 1], dtype=np.int64) for s in sentences]
        )

    def passage_words(self) -> Iterable[list[str]]:
        """The words of each passage; of a corpus that language models read."""
        for sentences in self._passages:
            yield self.words[self._firsts[sentences[0]] : self._firsts[sentences[-1] + 1]]

    def batch(self, windows: Sequence[int]) -> Batch:
        """Some of the windows, each passage padded to the longest of them."""
        passages = [passage for window in windows for passage in self._windows[window]]
        sentences = [sentence for passage in passages for sentence in self._passages[passage]]
        lengths = np.array([self._words(passage) for passage in passages])
        mask = np.arange(lengths.max()) < lengths[:, None]  # (batch, time)
        forms = np.concatenate([self._index[sentence] for sentence in sentences])  # (words,)
        present, of_word = np.unique(forms, return_inverse=True)
        window_of_word = np.repeat(
            np.repeat(np.arange(len(windows)), [len(self._windows[w]) for w in windows]), lengths
        )
        # the same lower-case word of the same window has the same number
        same = window_of_word * len(self._keys) + self._keys[forms]
        groups = np.unique(same, return_inverse=True)[1]
        ends = np.zeros(len(forms), dtype=np.bool_)
        ends[np.cumsum([self._lengths[sentence] for sentence in sentences]) - 1] = True
        letters = self._forms.letters[present]
        # no wider than the longest word that is here
        width = max(1, int((letters != PAD).any(0).sum()))
        tags = None
        if self._tags is not None:
            tags = _padded(np.concatenate([self._tags[s] for s in sentences]), mask)
        spelled = context = None
        if self._context is not None:
            places = self.places(passages)
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
            ends=_padded(ends, mask),
            passages=torch.tensor(passages),
            tags=tags,
            spelled=spelled,
            context=context,
        )

    def by_sentence(
        self, passages: Sequence[int], found: Sequence[Sequence[tuple[int, int, T]]]
    ) -> Iterable[tuple[int, list[tuple[int, int, T]]]]:
        """What was found in passages, sentence by sentence.

        Args:
            passages: as a batch names them.
            found: for each, in order: first word, word after the last, anything.

        Yields:
            The place of a sentence, and what was found there, counted from its own first word.
        """
        for passage, some in zip(passages, found, strict=True):
            rest = iter(some)
            following = next(rest, None)
            begin = 0
            for sentence in self._passages[passage]:
                end = begin + self._lengths[sentence]
                inside = []
                while following is not None and following[0] < end:
                    start, stop, what = following
                    inside.append((start - begin, stop - begin, what))
                    following = next(rest, None)
                yield sentence, inside
                begin = end


def _padded(values: NDArray[np.generic], mask: NDArray[np.bool_]) -> torch.Tensor:
    """(words, ...) in order -> (batch, time, ...), zeros where the mask is False."""
    table = np.zeros((*mask.shape, *values.shape[1:]), dtype=values.dtype)
    table[mask] = values
    return torch.from_numpy(table)


def _spelled(
    context: Context, words: Sequence[str], lengths: NDArray[np.int64], mask: NDArray[np.bool_]
) -> Spelled:
    """Passages as language models read them; the padding stands where the first word does."""
    pieces = context.pieces(words, [0, *np.cumsum(lengths)])
    symbols = {way: pieces.padded(way) for way in context.settings}
    places = {}
    for way, table in symbols.items():
        piece, step = pieces.places(way)
        places[way] = _padded(piece * table.shape[1] + step, mask)
    return Spelled(
        symbols={way: torch.from_numpy(table) for way, table in symbols.items()},
        lengths=torch.from_numpy(pieces.lengths),
        places=places,
    )
