"""Survey of the corpora that a recipe lists: sizes, what they share, guidelines that disagree.

``look`` reads one of them, as training would, and the other functions compare what was read.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal

from ner_rnn.corpora.corpus import LEFT_OPEN, PERSON, Corpus, Part
from ner_rnn.corpora.embedded import embedded_name, splits_of
from ner_rnn.corpora.folder import split_files
from ner_rnn.corpora.merge import adapted, merged
from ner_rnn.corpora.overlap import overlaps
from ner_rnn.corpora.read import read_entry
from ner_rnn.corpora.settings import CorpusEntry, DataConfig
from ner_rnn.corpora.titles import without_title
from ner_rnn.errors import ConfigError

__all__ = [
    "Disagreement",
    "Overlap",
    "Surveyed",
    "disagreements",
    "entries_of",
    "look",
    "seem_titled",
    "shared",
    "splits_of_list",
]

_SPLITS: tuple[Literal["train", "dev", "test"], ...] = ("train", "dev", "test")
_LEAST_SEEN = 2
"""Occurrences of a word that say how a corpus tags it; one may be a slip."""
_TITLED = 0.05
"""Share of names with a title in front above which titles seem to be inside: at most 2.4 % in the
embedded corpora (``Queen``, ``Pope Francis``), 28 % in LitBank as it is annotated at its source."""


@dataclass(frozen=True)
class Surveyed:
    """One of the listed corpora, as it would be learned from.

    Attributes:
        entry: what the recipe says of it.
        corpus: its sentences.
        titled: names that begin with a title, before titles were cut off.
    """

    entry: CorpusEntry
    corpus: Corpus
    titled: int

    @property
    def others(self) -> int:
        """Number of names of other types that are learned."""
        return self._spans - self.corpus.names - self.left_open

    @property
    def left_open(self) -> int:
        """Number of spans that may or may not be a person."""
        return sum(span.label == LEFT_OPEN for spans in self.corpus.spans for span in spans)

    @property
    def titles_cut(self) -> int:
        """Number of names that a title was cut off."""
        return self.titled if self.entry.titles == "inside" else 0

    @property
    def _spans(self) -> int:
        return sum(map(len, self.corpus.spans))


@dataclass(frozen=True)
class Overlap:
    """Text that stands word for word in two of the listed corpora, or twice in one.

    Attributes:
        later: number of the corpus that repeats it.
        earlier: number of the corpus that has it first; that of ``later``: it repeats itself.
        sentences: sentences of ``later`` that are repeated.
        documents: documents of ``later`` that are repeated.
    """

    later: int
    earlier: int
    sentences: int
    documents: int


@dataclass(frozen=True)
class Disagreement:
    """A word that one corpus tags as a person and another does not.

    Attributes:
        word: with a capital where it was written with any; ``rose`` and ``Rose`` are two words.
        tagged: number of the corpus in which it stands inside names, mostly.
        tagged_counts: occurrences there (inside, outside) names of persons.
        untagged: number of the corpus in which it stands outside.
        untagged_counts: occurrences there, likewise.
        strength: difference of the log odds, in standard errors.
    """

    word: str
    tagged: int
    tagged_counts: tuple[int, int]
    untagged: int
    untagged_counts: tuple[int, int]
    strength: float


def entries_of(data: DataConfig) -> list[CorpusEntry]:
    """Return what training reads: the list, and files of splits, which are in place of it.

    Raises:
        ConfigError: nothing is listed or given.
    """
    files: dict[str, str] = {}
    if data.train or data.dev or data.test or not data.corpora:
        files = split_files(replace(data, corpora=()))
    if data.corpus is not None and (name := embedded_name(data.corpus)) is not None:
        files = dict.fromkeys(splits_of(name), data.corpus) | files
    if not files and not data.corpora:
        raise ConfigError(
            f"{data.corpus} cannot be listed by split", do="list its splits under {data.corpora}"
        )
    entries = [entry for entry in data.corpora if entry.split not in files]
    return entries + [CorpusEntry(files[split], split) for split in _SPLITS if split in files]


def look(entry: CorpusEntry, data: DataConfig) -> Surveyed:
    """Read one of the corpora that a recipe lists.

    Raises:
        UserError: as ``read_entry``.
    """
    whole = read_entry(replace(entry, titles="outside"), data)
    titled = sum(
        without_title(words, span) != span
        for words, spans in zip(whole.tokens, whole.spans, strict=True)
        for span in spans
        if span.label == PERSON
    )
    return Surveyed(entry, adapted(whole, entry), titled)


def splits_of_list(surveyed: Sequence[Surveyed]) -> dict[str, Corpus]:
    """Return the splits that the corpora are merged into, as ``read_splits`` does."""
    return {
        split: merged([Part(one.corpus, one.entry.weight) for one in parts])
        for split in _SPLITS
        if (parts := [one for one in surveyed if one.entry.split == split])
    }


def shared(surveyed: Sequence[Surveyed]) -> list[Overlap]:
    """Count what stands in two corpora, one of them learned from, and documents that repeat.

    Returns:
        Pairs with anything in common, most documents and then most sentences first; of a pair the
        corpus that is learned from is the earlier.
    """
    order = sorted(
        range(len(surveyed)), key=lambda number: _SPLITS.index(surveyed[number].entry.split)
    )
    corpora = [(number, surveyed[number].corpus) for number in order]
    sentences = {pair[:2]: pair[2] for pair in overlaps(corpora)}
    documents = {pair[:2]: pair[2] for pair in overlaps(corpora, unit="document")}
    found = [
        Overlap(later, earlier, sentences.get((later, earlier), 0), count)
        for later, earlier in {**sentences, **documents}
        if surveyed[earlier].entry.split == "train"
        for count in [documents.get((later, earlier), 0)]
    ]
    for number, corpus in corpora:
        texts = corpus.texts
        if repeated := len(texts) - len(set(texts)):
            found.append(Overlap(number, number, corpus.duplicates, repeated))
    return sorted(found, key=lambda one: (-one.documents, -one.sentences, one.later, one.earlier))


def disagreements(surveyed: Sequence[Surveyed], most: int) -> list[Disagreement]:
    """Find words that one corpus tags as persons, mostly, and another does not.

    Words are compared with case folded, but those in lower case apart from the others: ``rose``
    says nothing of ``Rose``. What a corpus leaves open counts neither way. Of several pairs of
    corpora that disagree on a word, the one with most evidence is taken: log odds with half an
    occurrence added to each count, divided by their standard error (Monroe, Colaresi and Quinn
    2008, without prior).

    Args:
        surveyed: the corpora.
        most: words that are returned, those with most evidence first.
    """
    usages = [_usage(one.corpus) for one in surveyed]
    tagged: dict[str, list[int]] = {}
    for number, usage in enumerate(usages):
        for word, (inside, outside) in usage.items():
            if inside > outside and inside >= _LEAST_SEEN:
                tagged.setdefault(word, []).append(number)
    found = []
    for word, holders in tagged.items():
        against = [
            number
            for number, usage in enumerate(usages)
            if (count := usage.get(word)) and count[1] > count[0] and count[1] >= _LEAST_SEEN
        ]
        pairs = [
            Disagreement(word, a, counts, b, others, _strength(counts, others))
            for a, b in product(holders, against)
            for counts, others in [(usages[a][word], usages[b][word])]
        ]
        if pairs:
            found.append(max(pairs, key=lambda pair: pair.strength))
    return sorted(found, key=lambda one: (-one.strength, one.word))[:most]


def seem_titled(surveyed: Sequence[Surveyed]) -> list[tuple[str, float]]:
    """Return corpora whose names seem to include titles, although the recipe says they do not.

    Returns:
        Path and share of the names that begin with a title.
    """
    return [
        (one.entry.path, one.titled / one.corpus.names)
        for one in surveyed
        if one.entry.titles == "outside" and one.titled > _TITLED * one.corpus.names
    ]


def _usage(corpus: Corpus) -> dict[str, tuple[int, int]]:
    """Return how often each word stands inside and outside names of persons."""
    inside: Counter[str] = Counter()
    outside = Counter(word for words in corpus.tokens for word in words)
    for words, spans in zip(corpus.tokens, corpus.spans, strict=True):
        for span in spans:
            if span.label in (PERSON, LEFT_OPEN):
                outside.subtract(words[span.start : span.end])
            if span.label == PERSON:
                inside.update(words[span.start : span.end])
    usage: dict[str, tuple[int, int]] = {}
    for word, count in outside.items():
        form = word if word.islower() else word.capitalize()
        before = usage.get(form, (0, 0))
        usage[form] = (before[0] + inside[word], before[1] + count)
    return usage


def _strength(one: tuple[int, int], other: tuple[int, int]) -> float:
    counts = [count + 0.5 for count in (*one, *other)]
    difference = math.log(counts[0] / counts[1]) - math.log(counts[2] / counts[3])
    return difference / math.sqrt(sum(1 / count for count in counts))
