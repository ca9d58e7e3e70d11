"""Settings that say which corpora to read, and how."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from ner_rnn.errors import ConfigError, Setting

__all__ = ["CorpusEntry", "DataConfig"]


@dataclass(frozen=True)
class CorpusEntry:
    """One of several corpora that a recipe merges.

    A recipe lists them under ``data.corpora``, each as a path or as these settings; what is said
    of labels, columns and scheme in ``data`` holds for all of them.
    """

    path: str
    """Annotated file, ``open:NAME`` for a corpus of the package, folder or Hub id."""
    split: Literal["train", "dev", "test"] = "train"
    """Split of the recipe that it belongs to, and the one taken of a source that has several."""
    weight: float = 1.0
    """Copies of each training document in an epoch; 0.5: half of the documents, drawn anew."""
    documents: Literal["marked", "sentence"] = "marked"
    """What a document is: as -DOCSTART- lines mark it, or each sentence by itself."""
    persons: tuple[str, ...] = ()
    """Labels that mean a person there; empty: those of ``data.person_labels``."""
    left_open: tuple[str, ...] = ()
    """Labels that may or may not be a person: neither is learned from their words."""
    open_words: tuple[str, ...] = ()
    """Words, in lower case, that are persons there and not elsewhere (borrower): names of such
    words alone are left open."""
    titles: Literal["outside", "inside"] = "outside"
    """inside: the names of this corpus include titles ("Mr. Tulkinghorn"), which are cut off."""

    def __post_init__(self) -> None:
        """Refuse an entry that cannot be meant.

        Raises:
            ConfigError: naming the entry.
        """
        if not self.path:
            raise ConfigError("an entry of data.corpora has no path")
        if not (math.isfinite(self.weight) and 0 < self.weight <= HEAVIEST):
            raise ConfigError(
                f"a weight must be above 0 and at most {HEAVIEST}",
                where=f"data.corpora, {self.path}: weight",
                found=f"{self.weight:g}",
            )
        if both := set(self.persons) & set(self.left_open):
            raise ConfigError(
                f"{', '.join(sorted(both))} cannot be a person and left open at once",
                where=f"data.corpora, {self.path}",
            )


HEAVIEST = 1000


@dataclass(frozen=True)
class DataConfig:
    """Which corpus, and how to read it."""

    corpus: str | None = None
    """``open``, ``open:NAME``, a folder of split files, a Hub id; or give train, dev and test."""
    corpora: tuple[CorpusEntry, ...] = ()
    """Several corpora, merged: paths to learn from; a recipe may say more of each."""
    train: str | None = None
    """Annotated file to learn from: columns, or as annotation tools write it (may be .gz)."""
    dev: str | None = None
    """Annotated file that every choice is made on."""
    test: str | None = None
    """Annotated file that is scored once, at the end."""
    labels: Literal["all", "person"] = "all"
    """Learn every entity type, or persons alone; scores are of persons either way."""
    types: tuple[str, ...] = ()
    """Entity types to learn, as in PER, LOC, ORG; other labels are read as O; empty: every type."""
    person_labels: tuple[str, ...] = ()
    """Labels that mean a person; empty: PER, PERSON, person, nr, PER.NAM and the like."""
    token_column: int = 0
    """Column of the token, from 0; negative counts from the right."""
    tag_column: int = -1
    """Column of the tag, from 0; negative counts from the right."""
    scheme: Literal["auto", "IO", "IOB1", "IOB2", "BIOES", "BMES"] = "auto"
    """Tag scheme of the files; auto: recognised from the tags."""
    encoding: str = "utf-8"
    """Text encoding of the files."""
    cache: str | None = None
    """Folder for prepared corpora; default: ~/.cache/ner-rnn."""

    def __post_init__(self) -> None:
        """Accept entries as JSON has them.

        Raises:
            ConfigError: an entry that cannot be meant, or a corpus given beside a list of corpora.
        """
        entries = tuple(
            CorpusEntry(**_known(entry)) if isinstance(entry, Mapping) else entry
            for entry in self.corpora
        )
        object.__setattr__(self, "corpora", entries)
        if entries and self.corpus is not None:
            raise ConfigError(
                "corpora are given as well",
                where=Setting("data.corpus"),
                found=self.corpus,
                do="add it to the list of {corpora}",
            )

    @property
    def names_text(self) -> bool:
        """Whether any corpus or file is named."""
        return any((self.corpus, self.corpora, self.train, self.dev, self.test))


def _known(entry: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.name for field in fields(CorpusEntry)}
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in entry.items()
        if name in names
    }
