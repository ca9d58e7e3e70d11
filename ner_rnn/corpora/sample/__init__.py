"""The embedded corpus: written by a grammar, copied from nowhere.

    grammar/*.txt   the rules: kinds of documents, sentences, words, places, firms
    grammar.py      parses the rules
    story.py        carries them out: one document, its people, and what it has mentioned so far
    people.py       composes people and mentions them
    cultures.py     given names and surnames of many cultures
    words.py        common words and towns
    transcribe.py   names in Latin letters, names without accents
    rng.py          random draws

The text makes no sense and is not meant to: it puts names, and what looks like names, into the
contexts that they have in news, results, letters and lists, so that a tagger has form and context
to learn from.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from ner_rnn.corpora.sample.grammar import Grammar
from ner_rnn.corpora.sample.people import Population
from ner_rnn.corpora.sample.rng import Rng
from ner_rnn.corpora.sample.story import Story
from ner_rnn.corpora.sample.words import word_lists

__all__ = ["SIZES", "generate"]

SIZES = {"train": 5000, "dev": 1000, "test": 1000}
"""Sentences of each split."""


def generate(split: str, seed: int = 1) -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield the sentences of a split, document by document.

    The same seed gives the same corpus on every platform and version of Python; another version
    of Faker, whose lists of names and words are used, gives another corpus of the same kind.

    Args:
        split: ``train``, ``dev`` or ``test``. Most people of ``dev`` and ``test`` bear names that
            ``train`` never uses.
        seed: random seed; each gives another corpus.

    Yields:
        The document's id, tokens, and IOB2 tags with the labels PER, LOC, ORG and MISC.

    Raises:
        KeyError: there is no such split.

    Example:
        >>> document, tokens, tags = next(generate("dev"))
        >>> document
        'dev-0'
    """
    size = SIZES[split]
    population = Population(split)
    grammar = _grammar()
    rng = Rng(random.Random(f"{split} {seed}").random)
    written = document = 0
    while written < size:
        story = Story(grammar, population, rng)
        for tokens, tags in story.write("document")[: size - written]:
            yield f"{split}-{document}", tokens, tags
            written += 1
        document += 1


@cache
def _grammar() -> Grammar:
    folder = files(__package__) / "grammar"
    rules = sorted((file for file in folder.iterdir() if file.name.endswith(".txt")), key=str)
    return Grammar("\n".join(file.read_text(encoding="utf-8") for file in rules), word_lists())
