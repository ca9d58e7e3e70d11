"""The tagger: a bundle becomes something that finds names in text.

    tagger = Tagger.load("runs/conll")
    tagger.tag("Angela Merkel spoke.").names
 -> [Name(start=0, end=13, text='Angela Merkel', score=0.998)]

Sentences of all documents are put together by length, and cut where they are longer than the
network should read at once; neither changes an answer. Memory does not grow with the number of
documents. The network itself is met in ``Tagger.load`` and ``Tagger._run`` alone; torch is imported
there, on first use. Nothing of what trains is imported.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ner_rnn.tagging.documents import CutText, Document, Name
from ner_rnn.text.tokenize import Token, iter_sentences

if TYPE_CHECKING:
    from ner_rnn.data.vocabulary import Vocabulary
    from ner_rnn.nn.tagger import NameTagger

__all__ = ["CutText", "Document", "Name", "NameWords", "Tagger"]

PERSON = "PER"
LONGEST = 2000
"""Words of a sentence that the network reads at once; a longer one is read in parts."""
MARGIN = 100
"""Words that two such parts share on either side of the place where they are joined again."""
TOGETHER = 16_384
"""Words whose sentences are sorted by length together."""


class NameWords(NamedTuple):
    """A name by its words.

    Attributes:
        start: its first word in the sentence, from 0.
        end: the word after its last.
        score: the model's probability of exactly this name, from 0 to 1.
    """

    start: int
    end: int
    score: float


class Tagger:
    """Finds person names; made by ``Tagger.load``. Several threads may use one at once."""

    def __init__(
        self, network: NameTagger, vocabulary: Vocabulary, batch_words: int = 2048
    ) -> None:
        """Wrap a network.

        Args:
            network: in evaluation mode.
            vocabulary: that it was trained with.
            batch_words: words that the network reads at a time, padding counted.
        """
        self._network = network
        self._vocabulary = vocabulary
        self._batch_words = batch_words

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> Tagger:
        """Read a model from disk.

        Raises:
            BundleError: the folder is not a model, or one that this version cannot use.
        """
        from ner_rnn.bundle import read_bundle

        bundle = read_bundle(folder)  # before torch is waited for: a wrong path shows at once
        from ner_rnn.assembly import load_tagger

        return cls(*load_tagger(bundle))

    def tag(self, text: str | CutText, *, min_score: float = 0.0) -> Document:
        """Find the names of one text."""
        return next(self.pipe([text], min_score=min_score))

    def pipe(
        self, texts: Iterable[str | CutText], *, batch_size: int = 256, min_score: float = 0.0
    ) -> Iterator[Document]:
        """Find the names of many texts.

        Args:
            texts: any iterable; read as documents are taken out.
            batch_size: texts that are looked at together at most; more is faster for short texts,
                and changes no answer.
            min_score: names of a lower score are left out.

        Yields:
            One document a text, in the order of the texts.
        """
        if batch_size < 1:
            raise ValueError(f"batch_size is {batch_size}: it must be 1 or more")
        complete: list[Document] = []
        pending: list[tuple[Document, Sequence[Token]]] = []
        words = 0
        for document, sentence in _flow(texts):
            if sentence is None:
                complete.append(document)
            else:
                pending.append((document, sentence))
                words += len(sentence)
            if words >= TOGETHER or len(complete) >= batch_size:
                self._name(pending, min_score)
                yield from complete
                complete, pending, words = [], [], 0
        self._name(pending, min_score)
        yield from complete

    def tag_sentences(self, sentences: Sequence[Sequence[str]]) -> list[list[NameWords]]:
        """Find the names of sentences that are cut into words already.

        >>> tagger.tag_sentences([["Angela", "Merkel", "spoke"]])  # doctest: +SKIP
        [[NameWords(start=0, end=2, score=0.998)]]
        """
        windows: list[Sequence[str]] = []
        origins: list[tuple[int, int, int, int]] = []  # sentence, offset, where names may start
        for place, sentence in enumerate(sentences):
            for start, end, first, last in _windows(len(sentence)):
                windows.append(sentence if end - start == len(sentence) else sentence[start:end])
                origins.append((place, start, first, last))
        found: list[list[NameWords]] = [[] for _ in sentences]
        for (place, offset, first, last), names in zip(origins, self._run(windows), strict=True):
            so_far = found[place]
            for start, end, score in names:
                begin = max(first, so_far[-1].end) if so_far else first
                if begin <= start + offset < last:
                    so_far.append(NameWords(start + offset, end + offset, score))
        return found

    def _name(self, pending: Sequence[tuple[Document, Sequence[Token]]], min_score: float) -> None:
        """Add the names of sentences to the documents that they belong to."""
        forms = [[document.text[start:end] for start, end in cut] for document, cut in pending]
        found = self.tag_sentences(forms)
        for (document, sentence), names in zip(pending, found, strict=True):
            for name in names:
                if name.score >= min_score:
                    start, end = sentence[name.start][0], sentence[name.end - 1][1]
                    document.names.append(Name(start, end, document.text[start:end], name.score))

    def _run(self, sentences: Sequence[Sequence[str]]) -> list[list[NameWords]]:
        """The network's answer to sentences of bounded length, in their order."""
        from ner_rnn.data.batching import EncodedSentences, length_batches

        found: list[list[NameWords]] = [[] for _ in sentences]
        if not sentences:
            return found
        encoded = EncodedSentences(self._vocabulary, sentences)
        for places in length_batches(encoded.lengths, self._batch_words):
            for place, names in zip(places, self._network.find(encoded.batch(places)), strict=True):
                found[place] = [
                    NameWords(start, end, score)
                    for start, end, label, score in names
                    if label == PERSON
                ]
        return found


def _flow(
    texts: Iterable[str | CutText],
) -> Iterator[tuple[Document, Sequence[Token] | None]]:
    """The sentences of all documents in turn; None after the last one of each."""
    sentences: Iterable[Sequence[Token]]
    for text in texts:
        if isinstance(text, str):
            document, sentences = Document(text), iter_sentences(text)
        else:
            document, sentences = Document(text.text, cut=text.sentences), text.sentences
        for sentence in sentences:
            document.words += len(sentence)
            yield document, sentence
        yield document, None


def _windows(length: int) -> Iterator[tuple[int, int, int, int]]:
    """Cut a sentence into parts that overlap.

    Yields:
        The words that the network reads (start, end), and those at which a name of this part may
        start (first, last + 1): they lie ``MARGIN`` words inside, and follow on each other.
    """
    start = 0
    while length - start > LONGEST:
        end = start + LONGEST
        yield start, end, start + MARGIN if start else 0, end - MARGIN
        start = end - 2 * MARGIN
    if length:
        yield start, length, start + MARGIN if start else 0, length
