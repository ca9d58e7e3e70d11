"""Text that stands word for word in several corpora, and what should be known before training."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Literal, TypeVar

from ner_rnn.corpora.corpus import Corpus
from ner_rnn.errors import counted

__all__ = ["overlap_notes", "overlaps"]

Name = TypeVar("Name")
_PAIRS_LISTED = 3


def overlaps(
    corpora: Iterable[tuple[Name, Corpus]], *, unit: Literal["sentence", "document"] = "sentence"
) -> list[tuple[Name, Name, int]]:
    """Count the sentences of a corpus that occur word for word in one before it.

    Args:
        corpora: names and corpora, in order.
        unit: what is compared; document: see ``Corpus.texts``.

    Returns:
        (corpus, earlier corpus, sentences or documents), pairs with none left out.
    """
    names: list[Name] = []
    holders: dict[Hashable, list[int]] = {}
    counts: Counter[tuple[int, int]] = Counter()
    for later, (name, corpus) in enumerate(corpora):
        names.append(name)
        units: Sequence[Hashable] = corpus.tokens if unit == "sentence" else corpus.texts
        for one in units:
            for earlier in holders.get(one, ()):
                counts[earlier, later] += 1
        for one in set(units):
            holders.setdefault(one, []).append(later)
    return [
        (names[later], names[earlier], counts[earlier, later]) for earlier, later in sorted(counts)
    ]


def overlap_notes(splits: Mapping[str, Corpus]) -> list[str]:
    """Describe what should be known before scores are believed: overlap, splits without persons."""
    notes = []
    for later, earlier, count in overlaps(splits.items()):
        total = len(splits[later].tokens)
        notes.append(
            f"{count:,} of the {total:,} sentences of {later} ({count / total:.1%}) stand word for "
            f"word in {earlier}"
        )
    if "train" in splits:
        parts = [part.corpus for part in splits["train"].parts]
        twice = overlaps(enumerate(parts), unit="document")
        if twice:
            twice.sort(key=lambda pair: -pair[2])
            pairs = [
                f"{parts[earlier].source} and {parts[later].source} {count:,}"
                for later, earlier, count in twice[:_PAIRS_LISTED]
            ]
            if len(twice) > len(pairs):
                pairs.append(f"{counted(len(twice) - len(pairs), 'more pair')}")
            notes.append(f"documents learned from in two corpora alike: {', '.join(pairs)}")
    for split, corpus in splits.items():
        if not corpus.names:
            notes.append(f"{split} holds no person name: its scores will say nothing")
    return notes
