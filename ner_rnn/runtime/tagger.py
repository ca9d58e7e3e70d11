"""The tagger: a bundle becomes something that finds names in text.

    tagger = Tagger.load("runs/conll")
    tagger.tag("Angela Merkel spoke.").names
 -> [Name(start=0, end=13, text='Angela Merkel', score=0.998)]

Many texts are looked at together, and a sentence is cut where it is longer than the network should
read at once; what is found in a text depends on that text alone. Memory does not grow with the
number of texts. How the network is run is for ``networks.py``: nothing here knows torch or
onnxruntime, and nothing of what trains is imported.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from ner_rnn.encoding.passages import Segmentation
from ner_rnn.machine import cores
from ner_rnn.runtime.documents import CutText, Document, Name, NameWords
from ner_rnn.text.tokenize import Token, iter_sentences

if TYPE_CHECKING:
    from ner_rnn.runtime.decode import ScoredSpan
    from ner_rnn.runtime.load import Device, Network, Precision
    from ner_rnn.text.tokenize import Cut as Unit

__all__ = ["CutText", "Document", "Name", "NameWords", "Tagger"]

LONGEST = 2000
"""Words of a sentence that the network reads at once; a longer one is read in pieces."""
MARGIN = 100
"""Words that two such pieces share on either side of the place where they are joined again."""
TOGETHER = 8192
"""Words that are looked at together by one thread."""


class _Piece(NamedTuple):
    """A sentence, or a part of a long one.

    Attributes:
        number: of the document among all.
        document: that it belongs to.
        places: offsets of its words in the document.
        words: the words.
        first, last: the words at which a name of this piece may start, the last one excluded.
    """

    number: int
    document: Document
    places: Sequence[Token]
    words: Sequence[str]
    first: int
    last: int


class Tagger:
    """Finds person names; made by ``Tagger.load``. Several threads may use one at once."""

    def __init__(self, network: Network, *, threads: int = 1) -> None:
        """Wrap a network.

        Args:
            network: see ``networks.py``.
            threads: portions of text that are looked at side by side.
        """
        if threads < 1:
            raise ValueError(f"threads is {threads}: it must be 1 or more")
        self._network = network
        self._threads = threads

    @classmethod
    def load(
        cls,
        folder: str | os.PathLike[str],
        *,
        device: Device = "auto",
        precision: Precision = "fp32",
        threads: int | None = None,
        room: int | None = None,
    ) -> Tagger:
        """Read a model from disk.

        Args:
            folder: as written by ``ner-rnn train``.
            device: auto (a GPU where there is one), cpu or cuda.
            precision: of the recurrent weights on a CPU, fp32 or int8, which is faster and gives
                another answer for a word in many thousands.
            threads: portions of text looked at side by side; default: one a core.
            room: distinct words that are remembered on a CPU: fewer take less memory, and time to
                look at again; default: 16,384.

        Raises:
            BundleError: the folder is not a model, or one that this version cannot use.
            ConfigError: the model cannot be run in this way.
        """
        from ner_rnn.model.bundle import read_bundle
        from ner_rnn.runtime.load import load_network

        bundle = read_bundle(folder)
        network = load_network(bundle, device=device, precision=precision, room=room)
        return cls(network, threads=cores() if threads is None else threads)

    def tag(self, text: str | CutText, *, min_score: float = 0.0) -> Document:
        """Find the names of one text."""
        return next(self.pipe([text], min_score=min_score))

    def tag_sentences(self, sentences: Iterable[Sequence[str]]) -> list[list[NameWords]]:
        """Find the names of one text that is cut into sentences and words already.

        >>> tagger.tag_sentences([["Angela", "Merkel", "spoke"]])  # doctest: +SKIP
        [[NameWords(start=0, end=2, score=0.998)]]
        """
        rows = [list(sentence) for sentence in sentences]
        if any(len(words) > LONGEST for words in rows):
            document = self.tag(CutText.join(rows))
            return [names for _, names in document.named_sentences()]
        places = [place for place, words in enumerate(rows) if words]
        answers: list[list[NameWords]] = [[] for _ in rows]
        filled = [rows[place] for place in places]
        segmentation = Segmentation.of([len(words) for words in filled], [0] * len(filled))
        for sentence, start, end, score in self._find(filled, segmentation):
            answers[places[sentence]].append(NameWords(start, end, score))
        return answers

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
        together = TOGETHER * self._threads
        for document, piece in _flow(texts, self._network.unit):
            if piece is None:
                complete.append(document)
            else:
                pieces.append(piece)
                words += len(piece.words)
            if words >= together or len(complete) >= batch_size * self._threads:
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
        if not pieces:
            return []
        segmentation = Segmentation.of([len(p.words) for p in pieces], [p.number for p in pieces])
        done = len(pieces)
        if more:
            done = segmentation.finished
            segmentation = segmentation.first_windows(len(segmentation.windows) - 2)
        words = [piece.words for piece in pieces[:done]]
        for place, begin, stop, score in self._find(words, segmentation):
            piece = pieces[place]
            document = piece.document
            start, end = piece.places[begin][0], piece.places[stop - 1][1]
            is_new = not document.names or document.names[-1].end <= start
            if is_new and piece.first <= begin < piece.last and score >= min_score:
                document.names.append(Name(start, end, document.text[start:end], score))
        return pieces[done:]

    def _find(
        self, sentences: Sequence[Sequence[str]], segmentation: Segmentation
    ) -> Iterator[tuple[int, int, int, float]]:
        """Yield names in order: sentence, first word and word after the last there, score."""
        share = -(-int(segmentation.sentences[-1]) // self._threads)
        portions = segmentation.portions(max(1, min(TOGETHER, share)))

        def look(portion: tuple[int, int, Segmentation]) -> list[ScoredSpan]:
            first, last, part = portion
            return self._network.find(sentences[first:last], part)

        several = self._threads > 1 and len(portions) > 1
        found = self._pool.map(look, portions) if several else map(look, portions)
        for (first, _, part), spans in zip(portions, found, strict=True):
            inside = part.sentence_of([start for start, _, _ in spans])
            before = part.sentences[inside].tolist()
            for (start, end, score), sentence, offset in zip(
                spans, inside.tolist(), before, strict=True
            ):
                yield first + sentence, start - offset, end - offset, score

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._threads, thread_name_prefix="ner-rnn")


def _flow(texts: Iterable[str | CutText], unit: Unit) -> Iterator[tuple[Document, _Piece | None]]:
    """The pieces of all documents in turn; None after the last one of each."""
    for number, text in enumerate(texts):
        sentences: Iterable[Sequence[Token]]
        given: Iterator[Sequence[str]] | None = None
        if isinstance(text, str):
            document, sentences = Document(text, unit=unit), iter_sentences(text, unit)
        else:
            document, sentences = Document(text.text, cut=text.sentences), text.sentences
            given = iter(text.words) if text.words is not None else None
        whole = document.text
        for places in sentences:
            words = next(given) if given else [whole[start:end] for start, end in places]
            document.words += len(words)
            if len(words) <= LONGEST:
                if words:
                    yield document, _Piece(number, document, places, words, 0, len(words))
                continue
            for start, end, first, last in _parts(len(words)):
                part = places[start:end], words[start:end]
                yield document, _Piece(number, document, *part, first - start, last - start)
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
