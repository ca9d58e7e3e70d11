"""What column files hold, and everything that is wrong with them: no fault hides the next.

Nothing is printed here, and nothing is prepared for training: that is ``corpus.py``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

from ner_rnn.corpora.annotation import count_labels, find_persons, missing_person
from ner_rnn.corpora.corpus import read_file
from ner_rnn.corpora.settings import DataConfig
from ner_rnn.errors import CorpusError, FileError, UserError
from ner_rnn.text.conll import Sentence
from ner_rnn.text.tags import faults, split_tag

__all__ = ["Survey", "check_file", "shared_sentences"]


@dataclass
class Survey:
    """What was found in one file; a file that cannot be read has errors and nothing else.

    Attributes:
        path: the file.
        errors: every fault that keeps the file from being used, in order.
        breaks: ``file:line: ...`` for each broken sequence of tags, which is read as conlleval
            reads it.
        sentences: their tokens.
        tokens: how many.
        documents: how many.
        scheme: the tag scheme, recognised or given.
        labels: how many names each label has, as the file calls them.
        persons: the labels that mean a person.
        longest_sentence: its tokens and its first line.
        longest_word: the word and its line.
    """

    path: str
    errors: list[UserError] = field(default_factory=list)
    breaks: list[str] = field(default_factory=list)
    sentences: list[tuple[str, ...]] = field(default_factory=list)
    tokens: int = 0
    documents: int = 0
    scheme: str = ""
    labels: Counter[str] = field(default_factory=Counter)
    persons: frozenset[str] = frozenset()
    longest_sentence: tuple[int, int] = (0, 0)
    longest_word: tuple[str, int] = ("", 0)

    @property
    def names(self) -> int:
        """How many names of persons there are."""
        return sum(self.labels[label] for label in self.persons)

    @property
    def duplicates(self) -> int:
        """How many sentences repeat an earlier one word for word."""
        return len(self.sentences) - len(set(self.sentences))


def check_file(path: str, data: DataConfig) -> Survey:
    """Survey a column file.

    Args:
        path: the file.
        data: its columns, scheme, encoding, and what it calls a person.

    Raises:
        ConfigError: settings that fit no file.
    """
    survey = Survey(path)
    try:
        sentences, scheme = read_file(path, data, survey.errors.append)
    except (CorpusError, FileError) as error:
        survey.errors.append(error)
        return survey
    tags = [[_readable(tag) for tag in sentence.tags] for sentence in sentences]
    survey.scheme = scheme
    survey.sentences = [sentence.tokens for sentence in sentences]
    survey.tokens = sum(map(len, survey.sentences))
    survey.documents = len({sentence.document for sentence in sentences})
    survey.labels = count_labels(tags, scheme)
    survey.persons = find_persons(survey.labels, data.person_labels)
    if not survey.persons and not survey.errors:
        survey.errors.append(missing_person(path, survey.labels, data.person_labels))
    longest = max(sentences, key=lambda sentence: len(sentence.tokens))
    survey.longest_sentence = len(longest.tokens), longest.lines[0]
    survey.longest_word = _longest_word(sentences)
    survey.breaks = [
        f"{path}:{sentence.lines[index]}: {what}"
        for sentence, marks in zip(sentences, tags, strict=True)
        for index, what in faults(marks, scheme)
    ]
    return survey


def shared_sentences(surveys: Sequence[Survey]) -> list[tuple[str, str, int]]:
    """Count the sentences of a file that stand word for word in one before it.

    Returns:
        (file, earlier file, count), pairs with none left out.
    """
    counts = []
    for earlier, later in combinations(surveys, 2):
        known = set(earlier.sentences)
        if count := sum(sentence in known for sentence in later.sentences):
            counts.append((later.path, earlier.path, count))
    return counts


def _readable(tag: str) -> str:
    """Take a tag that was reported as an error for O, so that the rest can be counted."""
    try:
        split_tag(tag)
    except CorpusError:
        return "O"
    return tag


def _longest_word(sentences: Sequence[Sentence]) -> tuple[str, int]:
    words = (found for one in sentences for found in zip(one.tokens, one.lines, strict=True))
    return max(words, key=lambda found: len(found[0]))  # the first of several
