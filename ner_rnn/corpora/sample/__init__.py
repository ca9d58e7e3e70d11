"""The corpus that ships with the package: made by a grammar, copied from nowhere.

    grammar/*.txt   what is written: kinds of documents, sentences, words, places, firms
    grammar.py      reads those rules and carries them out
    story.py        one document: its people, and what it has mentioned so far
    names.py        composes people from many cultures
    rest.py         common words and towns from Faker
    transcribe.py   names in Latin letters, names without accents

The text makes no sense and is not meant to: it puts names, and what looks like names, into the
company they keep in news, results, letters and lists, so that a tagger has form and context to
learn from.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from ner_rnn.corpora.sample.grammar import Grammar, split_rules
from ner_rnn.corpora.sample.names import Culture, Names
from ner_rnn.corpora.sample.rest import lists
from ner_rnn.corpora.sample.story import Dice, Story

__all__ = ["SIZES", "generate"]

SIZES = {"train": 5000, "dev": 1000, "test": 1000}
# Cultures in grammar/cultures.txt: lists of given names, of surnames, weight, manner.
_OWN = (
    ("arabic_men", "arabic_women", "arabic_surnames", 8, "arabic"),
    ("south_asian_men", "south_asian_men", "south_asian_surnames", 6, ""),
    ("chinese_given", "chinese_given", "chinese_surnames", 6, "chinese"),
    ("israeli_men", "israeli_women", "israeli_surnames", 3, ""),
    ("korean_given", "korean_given", "korean_surnames", 3, "korean"),
    ("vietnamese_given", "vietnamese_given", "vietnamese_surnames", 1, "korean"),
    ("burmese_given", "burmese_given", "burmese_surnames", 1, ""),
)


def generate(split: str, seed: int = 1) -> Iterator[tuple[str, list[str], list[str]]]:
    """The sentences of a split, document by document.

    The same seed gives the same corpus on every platform and version of Python; another version
    of Faker, whose lists of names and words it draws from, gives another corpus of the same kind.

    Args:
        split: ``train``, ``dev`` or ``test``. Most people of ``dev`` and ``test`` bear names that
            ``train`` never uses.
        seed: which of the many corpora.

    Yields:
        The document's id, tokens, and IOB2 tags with the labels PER, LOC, ORG and MISC.

    Raises:
        KeyError: there is no such split.
    """
    size = SIZES[split]
    names = Names(split, _own_cultures())
    grammar = _grammar()
    dice = Dice(f"{split} {seed}")
    written = document = 0
    while written < size:
        story = Story(grammar, names, dice)
        for tokens, tags in story.write("document")[: size - written]:
            yield f"{split}-{document}", tokens, tags
            written += 1
        document += 1


@cache
def _grammar() -> Grammar:
    return Grammar("\n".join(_texts()), lists())


def _texts() -> Iterator[str]:
    folder = files(__package__) / "grammar"
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".txt"):
            yield file.read_text(encoding="utf-8")


@cache
def _own_cultures() -> tuple[Culture, ...]:
    text = (files(__package__) / "grammar" / "cultures.txt").read_text(encoding="utf-8")
    names = dict(split_rules(text))
    return tuple(
        Culture(names[men], names[women], names[surnames], weight, manner)
        for men, women, surnames, weight, manner in _OWN
    )
