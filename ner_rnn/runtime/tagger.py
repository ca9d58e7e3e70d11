"""The tagger: finds names in text with the model of a bundle.

    tagger = Tagger.load()                # the built-in model "en"; or Tagger.load("runs/mine")
    tagger.tag("Angela Merkel spoke.").names
 -> [Name(start=0, end=13, text='Angela Merkel', score=0.998, on_best_path=True)]

Many texts are read together, and a sentence longer than the network should read at once is read
in overlapping parts; the names of a text depend on that text alone. The memory needed does not
grow with the number of texts. ``load.py`` chooses how the network runs; neither torch nor
onnxruntime is imported here.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ner_rnn.encoding.passages import Segmentation
from ner_rnn.model.builtin import DEFAULT
from ner_rnn.runtime.documents import Document, Name, NameWords, TokenizedText
from ner_rnn.text.tokenize import Token, iter_sentences

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ner_rnn.runtime.decode import ScoredSpan
    from ner_rnn.runtime.load import Device, Network, Precision
    from ner_rnn.text.tokenize import TokenUnit

__all__ = ["Document", "Name", "NameWords", "Tagger", "TokenizedText"]

LONGEST_SENTENCE = 2000
"""Words of a sentence that the network reads at once; a longer one is read in parts."""
MARGIN = 100
"""Words that two such parts share on either side of the point where they are joined."""
PORTION_WORDS = 8192
"""Words that one thread reads together."""


class _Part(NamedTuple):
    """A sentence, or a part of a long one.

    Attributes:
        number: number of its document.
        document: the document.
        offsets: of its words in the document.
        words: the words.
        first, last: range of the words at which a name of this part may start, last excluded.
    """

    number: int
    document: Document
    offsets: Sequence[Token]
    words: Sequence[str]
    first: int
    last: int


class Tagger:
    """Finds person names; made by ``Tagger.load``. Safe to use from several threads."""

    def __init__(self, network: Network, *, threads: int = 1) -> None:
        """Wrap a network (see ``load.py``) that reads portions of text in so many threads."""
        if threads < 1:
            raise ValueError(f"threads is {threads}: it must be 1 or more")
        self._network = network
        self._threads = threads
        self._threads_of: tuple[int, ThreadPoolExecutor] | None = None

    @classmethod
    def load(
        cls,
        model: str | os.PathLike[str] = DEFAULT,
        *,
        device: Device = "auto",
        precision: Precision = "fp32",
        threads: int = 1,
        room: int | None = None,
    ) -> Tagger:
        """Read a model from disk.

        Args:
            model: name of a built-in model, or folder of another, as written by ``ner-rnn
                train``. A name without a slash is a folder if a model lies in it, else built in.
            device: auto (a GPU where there is one), cpu or cuda.
            precision: of the recurrent weights on a CPU: fp32, or int8, which is faster and
                changes the answer for one word in many thousands.
            threads: portions of text read in parallel. More than one may help networks of 512
                units; smaller ones get slower, since looking up words and decoding, most of their
                work, hold Python's lock. Processes use all cores: ``ner-rnn tag --workers``, or
                ``ner_rnn.integrations`` on Ray and Spark.
            room: distinct words whose vectors are cached on a CPU; fewer take less memory and
                more time; default: 16,384.

        Raises:
            BundleError: there is no such model, or one that this version cannot use.
            ConfigError: the model cannot run on that device or in that precision.
        """
        from ner_rnn.model.loader import read_tagger
        from ner_rnn.runtime.load import load_network

        bundle = read_tagger(model)
        network = load_network(bundle, device=device, precision=precision, room=room)
        return cls(network, threads=threads)

    def tag(self, text: str | TokenizedText, *, min_score: float = 0.0) -> Document:
        """Find the names of one text; ``min_score`` as in ``pipe``."""
        return next(self.pipe([text], min_score=min_score))

    def tag_sentences(
        self, sentences: Iterable[Sequence[str]], *, min_score: float = 0.0
    ) -> list[list[NameWords]]:
        """Find the names of one text that is divided into sentences and words already.

        ``min_score`` as in ``pipe``.

        >>> tagger.tag_sentences([["Angela", "Merkel", "spoke"]])  # doctest: +SKIP
        [[NameWords(start=0, end=2, score=0.998, on_best_path=True)]]
        """
        _check_score(min_score)
        rows = [list(sentence) for sentence in sentences]
        if any(len(words) > LONGEST_SENTENCE for words in rows):
            document = self.tag(TokenizedText.join(rows), min_score=min_score)
            return [names for _, names in document.named_sentences()]
        places = [place for place, words in enumerate(rows) if words]
        answers: list[list[NameWords]] = [[] for _ in rows]
        filled = [rows[place] for place in places]
        segmentation = Segmentation.of([len(words) for words in filled], [0] * len(filled))
        for sentence, name in self._find(filled, segmentation, min_score):
            answers[places[sentence]].append(name)
        return answers

    def probable_names(
        self, documents: Iterable[Sequence[Sequence[str]]], min_score: float
    ) -> list[list[tuple[int, NameWords]]]:
        """Find every name that is so probable, also such as overlap, with exact probabilities.

        What is probable at a word adds up to 1 at most, since of names that overlap a reading of
        the text has one.

        Args:
            documents: the words of each sentence of each document, all read together; a sentence
                is read at once, however long.
            min_score: least probability, above 0.

        Returns:
            For each document, in order, the number of the sentence and the name by its words there.
        """
        texts = list(documents)
        rows = [(d, s, words) for d, text in enumerate(texts) for s, words in enumerate(text)]
        rows = [row for row in rows if row[2]]
        segmentation = Segmentation.of([len(row[2]) for row in rows], [row[0] for row in rows])
        answers: list[list[tuple[int, NameWords]]] = [[] for _ in texts]
        words = [row[2] for row in rows]
        for place, name in self._find(words, segmentation, min_score, overlapping=True):
            document, sentence, _ = rows[place]
            answers[document].append((sentence, name))
        return answers

    def pipe(
        self,
        texts: Iterable[str | TokenizedText],
        *,
        batch_size: int = 256,
        min_score: float = 0.0,
        entropy: bool = False,
    ) -> Iterator[Document]:
        """Find the names of many texts.

        Args:
            texts: any iterable; read only as documents are taken.
            batch_size: texts read together at most; more is faster for short texts, and changes no
                answer.
            min_score: 0: the names of the most probable reading of each text, whatever their
                score. Above 0: every name of at least this score, also one that is not of that
                reading; of names that overlap, the one of the higher score. Lower values find more
                names and more that are none.
            entropy: fill ``Document.entropies``: how unsure the model is of each word.

        Yields:
            One document a text, in the order of the texts.
        """
        if batch_size < 1:
            raise ValueError(f"batch_size is {batch_size}: it must be 1 or more")
        _check_score(min_score)
        complete: list[Document] = []
        parts: list[_Part] = []
        words = 0
        together = PORTION_WORDS * self._threads
        for document, part in _flow(texts, self._network.unit):
            if part is None:
                complete.append(document)
            else:
                parts.append(part)
                words += len(part.words)
            if words >= together or len(complete) >= batch_size * self._threads:
                parts = self._name(parts, min_score, more=part is not None, entropy=entropy)
                words = sum(len(held.words) for held in parts)
                yield from complete
                complete = []
        self._name(parts, min_score, more=False, entropy=entropy)
        yield from complete

    def _name(
        self, parts: list[_Part], min_score: float, *, more: bool, entropy: bool
    ) -> list[_Part]:
        """Add names found in parts, in order, to their documents; ``more``: the last one goes on.

        Returns:
            The parts at the end that share a window with those to come.
        """
        if not parts:
            return []
        segmentation = Segmentation.of([len(p.words) for p in parts], [p.number for p in parts])
        done = len(parts)
        if more:
            segmentation = segmentation.finished()
            done = len(segmentation.sentences) - 1
        words = [part.words for part in parts[:done]]
        entropies = np.zeros(int(segmentation.sentences[-1])) if entropy else None
        for place, found in self._find(words, segmentation, min_score, entropies):
            part = parts[place]
            document = part.document
            start, end = part.offsets[found.start][0], part.offsets[found.end - 1][1]
            is_new = not document.names or document.names[-1].end <= start
            if is_new and part.first <= found.start < part.last:
                name = Name(start, end, document.text[start:end], found.score, found.on_best_path)
                document.names.append(name)
        if entropies is not None:
            for part, at in zip(parts[:done], segmentation.sentences.tolist(), strict=False):
                part.document.entropies += entropies[at + part.first : at + part.last].tolist()
        return parts[done:]

    def _find(
        self,
        sentences: Sequence[Sequence[str]],
        segmentation: Segmentation,
        min_score: float,
        entropies: NDArray[np.float64] | None = None,
        *,
        overlapping: bool = False,
    ) -> Iterator[tuple[int, NameWords]]:
        """Yield names in order: the sentence, and the name by its words there.

        ``entropies``, (words,), is filled by the time of the last one.
        """
        share = -(-int(segmentation.sentences[-1]) // self._threads)
        portions = segmentation.portions(max(1, min(PORTION_WORDS, share)))

        def find(portion: tuple[int, int, Segmentation]) -> list[ScoredSpan]:
            first, last, part = portion
            measured = None
            if entropies is not None:
                low, high = segmentation.sentences[[first, last]]
                measured = entropies[low:high]  # a view: portions fill their own part
            return self._network.find(
                sentences[first:last],
                part,
                min_score=min_score,
                overlapping=overlapping,
                entropies=measured,
            )

        several = self._threads > 1 and len(portions) > 1
        found = self._pool().map(find, portions) if several else map(find, portions)
        for (first, _, part), spans in zip(portions, found, strict=True):
            inside = part.sentence_of([span.start for span in spans])
            before = part.sentences[inside].tolist()
            for span, sentence, offset in zip(spans, inside.tolist(), before, strict=True):
                start, end = span.start - offset, span.end - offset
                yield first + sentence, NameWords(start, end, span.score, span.on_best_path)

    def _pool(self) -> ThreadPoolExecutor:
        """Return the threads of this process: those of a parent do not live on after a fork."""
        process = os.getpid()
        if self._threads_of is None or self._threads_of[0] != process:
            pool = ThreadPoolExecutor(self._threads, thread_name_prefix="ner-rnn")
            self._threads_of = process, pool
        return self._threads_of[1]


def _check_score(score: float) -> None:
    if not 0 <= score <= 1:
        raise ValueError(f"min_score is {score}: it must be from 0 to 1")


def _flow(
    texts: Iterable[str | TokenizedText], unit: TokenUnit
) -> Iterator[tuple[Document, _Part | None]]:
    """Yield the parts of each document in turn, and None after its last."""
    for number, text in enumerate(texts):
        sentences: Iterable[Sequence[Token]]
        given: Iterator[Sequence[str]] | None = None
        if isinstance(text, str):
            document, sentences = Document(text, unit=unit), iter_sentences(text, unit)
        else:
            document, sentences = Document(text.text, offsets=text.sentences), text.sentences
            given = iter(text.words) if text.words is not None else None
        whole = document.text
        for offsets in sentences:
            words = next(given) if given else [whole[start:end] for start, end in offsets]
            document.words += len(words)
            if len(words) <= LONGEST_SENTENCE:
                if words:
                    yield document, _Part(number, document, offsets, words, 0, len(words))
                continue
            for start, end, first, last in overlapping_parts(len(words)):
                part = offsets[start:end], words[start:end]
                yield document, _Part(number, document, *part, first - start, last - start)
        yield document, None


def overlapping_parts(length: int) -> Iterator[tuple[int, int, int, int]]:
    """Divide a sentence into parts that overlap.

    Yields:
        The range of words that the network reads (start, end), and the range in which a name of
        this part may start (first, last): ``MARGIN`` words inside, one range after the other.
    """
    start = 0
    while length - start > LONGEST_SENTENCE:
        end = start + LONGEST_SENTENCE
        yield start, end, start + MARGIN if start else 0, end - MARGIN
        start = end - 2 * MARGIN
    if length:
        yield start, length, start + MARGIN if start else 0, length
