"""The tagger: a bundle becomes something that finds names in text.

    tagger = Tagger.load("runs/conll")
    tagger.tag("Angela Merkel spoke.").names
 -> [Name(start=0, end=13, text='Angela Merkel', score=0.998)]

Many texts are looked at together, and a sentence is cut where it is longer than the network should
read at once; what is found in a text depends on that text alone. Memory does not grow with the
number of texts. The network itself is met in ``Tagger.load`` and ``Tagger._find`` alone; torch is
imported there, on first use. Nothing of what trains is imported.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ner_rnn.tagging.documents import CutText, Document, Name, NameWords
from ner_rnn.text.tokenize import Token, iter_sentences

if TYPE_CHECKING:
    from ner_rnn.data.vocabulary import Vocabulary
    from ner_rnn.nn.tagger import NameTagger

__all__ = ["CutText", "Document", "Name", "NameWords", "Tagger"]

PERSON = "PER"
LONGEST = 2000
"""Words of a sentence that the network reads at once; a longer one is read in pieces."""
MARGIN = 100
"""Words that two such pieces share on either side of the place where they are joined again."""
TOGETHER = 16_384
"""Words that are looked at together."""


class _Piece(NamedTuple):
    """A sentence, or a part of a long one.

    Attributes:
        number: of the document among all.
        document: that it belongs to.
        words: offsets of its words in the document.
        first, last: the words at which a name of this piece may start, the last one excluded.
    """

    number: int
    document: Document
    words: Sequence[Token]
    first: int
    last: int


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

    def tag_sentences(self, sentences: Iterable[Sequence[str]]) -> list[list[NameWords]]:
        """Find the names of one text that is cut into sentences and words already.

        >>> tagger.tag_sentences([["Angela", "Merkel", "spoke"]])  # doctest: +SKIP
        [[NameWords(start=0, end=2, score=0.998)]]
        """
        document = self.tag(CutText.join(sentences))
        return [names for _, names in document.named_sentences()]

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
        pieces: list[_Piece] = []
        words = 0
        for document, piece in _flow(texts):
            if piece is None:
                complete.append(document)
            else:
                pieces.append(piece)
                words += len(piece.words)
            if words >= TOGETHER or len(complete) >= batch_size:
                pieces = self._name(pieces, min_score, more=piece is not None)
                words = sum(len(held.words) for held in pieces)
                yield from complete
                complete = []
        self._name(pieces, min_score, more=False)
        yield from complete

    def _name(self, pieces: list[_Piece], min_score: float, *, more: bool) -> list[_Piece]:
        """Add what is found to the documents.

        Args:
            pieces: in order.
            min_score: names of a lower score are left out.
            more: the last document goes on.

        Returns:
            The pieces, at the end, that must be looked at with those to come.
        """
        done = 0
        for piece, names in zip(pieces, self._find(pieces, more), strict=False):
            document, done = piece.document, done + 1
            for name in names:
                start, end = piece.words[name.start][0], piece.words[name.end - 1][1]
                is_new = not document.names or document.names[-1].end <= start
                if is_new and piece.first <= name.start < piece.last and name.score >= min_score:
                    document.names.append(Name(start, end, document.text[start:end], name.score))
        return pieces[done:]

    def _find(self, pieces: Sequence[_Piece], more: bool) -> list[list[NameWords]]:
        """Ask the network: the names of each piece, but for those of an unfinished window."""
        from ner_rnn.data.batching import pack
        from ner_rnn.data.encoded import EncodedCorpus

        if not pieces:
            return []
        corpus = EncodedCorpus(
            self._vocabulary,
            [[piece.document.text[start:end] for start, end in piece.words] for piece in pieces],
            documents=[piece.number for piece in pieces],
        )
        found: dict[int, list[NameWords]] = {}
        for windows in pack(corpus.shapes[: -1 if more else None], self._batch_words):
            if not windows:  # none is finished yet
                continue
            batch = corpus.batch(windows)
            persons = [
                [(start, end, score) for start, end, label, score in some if label == PERSON]
                for some in self._network.find(batch)
            ]
            for place, names in corpus.by_sentence(batch.passages.tolist(), persons):
                found[place] = [NameWords(*name) for name in names]
        return [found[place] for place in range(len(found))]


def _flow(texts: Iterable[str | CutText]) -> Iterator[tuple[Document, _Piece | None]]:
    """The pieces of all documents in turn; None after the last one of each."""
    sentences: Iterable[Sequence[Token]]
    for number, text in enumerate(texts):
        if isinstance(text, str):
            document, sentences = Document(text), iter_sentences(text)
        else:
            document, sentences = Document(text.text, cut=text.sentences), text.sentences
        for words in sentences:
            document.words += len(words)
            for start, end, first, last in _parts(len(words)):
                part = words if end - start == len(words) else words[start:end]
                yield document, _Piece(number, document, part, first - start, last - start)
        yield document, None


def _parts(length: int) -> Iterator[tuple[int, int, int, int]]:
    """Cut a sentence into parts that overlap.

    Yields:
        The words that the network reads (start, end), and those at which a name of this part may
        start (first, last excluded): they lie ``MARGIN`` words inside, and follow on each other.
    """
    start = 0
    while length - start > LONGEST:
        end = start + LONGEST
        yield start, end, start + MARGIN if start else 0, end - MARGIN
        start = end - 2 * MARGIN
    if length:
        yield start, length, start + MARGIN if start else 0, length
