"""Training text as one epoch reads it: documents by weight, each changed by its own draws.

All draws for a document depend on the seed, the epoch, the corpus and the document alone, so that
every process and a resumed run see the same text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from random import Random

from ner_rnn.augmentation import case, noise
from ner_rnn.augmentation.document import Document, Sentence
from ner_rnn.augmentation.layout import laid_out
from ner_rnn.augmentation.nameless import nameless
from ner_rnn.augmentation.names import NamePool, replace_names
from ner_rnn.corpora.corpus import Corpus, Part
from ner_rnn.corpora.merge import merged
from ner_rnn.model.augmentation import AugmentConfig

__all__ = ["Renderer", "is_rendered"]

LONGEST = 40
"""Sentences of a document that are changed alike; a longer one is divided."""
NAMELESS_WORDS = 120
"""Words of a document without names."""


def is_rendered(corpus: Corpus, config: AugmentConfig) -> bool:
    """Return whether epochs differ from the corpus as it is."""
    return config.is_active or any(part.weight != 1 for part in corpus.parts)


class Renderer:
    """Makes the training text of each epoch.

    Args:
        corpus: training data, of one source or merged.
        config: what to change.
        seed: random seed.

    Raises:
        UserError: a list of names is missing or holds none.
    """

    def __init__(self, corpus: Corpus, config: AugmentConfig, seed: int) -> None:
        self._parts = corpus.as_parts
        self._config, self._seed = config, seed
        self._pool: NamePool | None = None
        if config.names or config.layout:
            self._pool = NamePool(config.given_names, config.family_names)

    def epoch(self, number: int, *further: Part) -> Corpus:
        """Return the text of an epoch, changed.

        Args:
            number: number of the epoch.
            further: text of this epoch alone, beside that of the corpus.

        Returns:
            A corpus whose parts are those of the corpus, the further ones, and nameless text.
        """
        given = enumerate((*self._parts, *further))
        parts = [self._rendered(place, part, number) for place, part in given]
        if self._config.nameless:
            parts.append(self._nameless(sum(part.words for part in parts), number))
        return merged(parts)

    def _rendered(self, place: int, part: Part, number: int) -> Part:
        documents: list[Document] = []
        for count, document in enumerate(_documents(part.corpus)):
            random = Random(f"{self._seed} {number} {place} {count}")
            copies = int(part.weight) + (random.random() < part.weight % 1)
            documents += (self._changed(document, random) for _ in range(copies))
        return _part(part.corpus, documents, part.annotated)

    def _changed(self, document: Document, random: Random) -> Document:
        config, pool = self._config, self._pool
        if pool is not None:
            if random.random() < config.names:
                document = replace_names(document, pool, random)
            if random.random() < config.layout:
                document = laid_out(document, pool, random)
        if random.random() < config.lower_names:
            document = case.lower_names(document)
        if random.random() < config.typing:
            document = noise.typed(document, random)
        if random.random() < config.scan:
            document = noise.scanned(document, random)
        if random.random() < config.punctuation:
            document = noise.punctuation(document, random)
        if random.random() < config.sentences:
            document = noise.resegmented(document, random)
        if random.random() < config.accents:
            document = case.without_accents(document)
        letters = random.random()
        if letters < config.lower:
            return case.lower(document)
        if letters < config.lower + config.upper:
            return case.upper(document)
        if letters < config.lower + config.upper + config.title:
            return case.title(document, random)
        return document

    def _nameless(self, words: float, number: int) -> Part:
        documents = []
        names = self._pool.every if self._pool else ()
        for count in range(round(self._config.nameless * words / NAMELESS_WORDS)):
            random = Random(f"{self._seed} {number} nameless {count}")
            documents.append(nameless(random, NAMELESS_WORDS, names))
        types = tuple(sorted({label for part in self._parts for label in part.annotated}))
        return _part(self._parts[0].corpus, documents, types)


def _documents(corpus: Corpus) -> Iterator[Document]:
    """Yield the documents of a corpus, long ones in several parts."""
    rows = zip(corpus.documents, corpus.tokens, corpus.spans, strict=True)
    for _, sentences in groupby(rows, key=lambda row: row[0]):
        document = [Sentence(words, spans) for _, words, spans in sentences]
        for first in range(0, len(document), LONGEST):
            yield document[first : first + LONGEST]


def _part(corpus: Corpus, documents: list[Document], annotated: tuple[str, ...]) -> Part:
    """Return documents as a part, with what is known of the corpus that they come from."""
    made = replace(
        corpus,
        tokens=[tuple(sentence.words) for document in documents for sentence in document],
        spans=[sentence.spans for document in documents for sentence in document],
        documents=[str(count) for count, document in enumerate(documents) for _ in document],
        lines=(),
        parts=(),
    )
    return Part(made, 1.0, annotated)
