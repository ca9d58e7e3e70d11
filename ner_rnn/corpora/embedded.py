"""The embedded corpora: annotated text under open licences that is part of the package.

    read_embedded("wnut17", "test")     one of them
    read_embedded(ALL, "train")         all of them, one after the other

``embedded/index.json`` describes them; ``pack_open.py`` makes their files. Labels stay as the
sources have them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from ner_rnn.corpora.annotation import Annotated
from ner_rnn.errors import CorpusError
from ner_rnn.shipped import EMBEDDED, MARK
from ner_rnn.text.conll import read_conll
from ner_rnn.text.opening import checksum

__all__ = [
    "ALL",
    "EmbeddedCorpus",
    "content_of",
    "embedded_corpora",
    "embedded_name",
    "packed_name",
    "read_embedded",
    "splits_of",
]

ALL = "open"
"""Name of all embedded corpora together."""


@dataclass(frozen=True)
class EmbeddedCorpus:
    """One of the embedded corpora.

    Attributes:
        name: as in ``open:NAME``.
        about: kind of text.
        splits: train, dev and test, as far as there are; test is never to be learned from.
        persons: labels that mean a person's name.
        left_open: labels under which names of persons stand beside other things, so that they tell
            neither that a word is one nor that it is not.
        licence: of the annotation, by its SPDX name; ``embedded/NOTICE`` has that of the texts.
        source: where it was published.
    """

    name: str
    about: str
    splits: tuple[str, ...]
    persons: tuple[str, ...]
    left_open: tuple[str, ...]
    licence: str
    source: str


@cache
def embedded_corpora() -> tuple[EmbeddedCorpus, ...]:
    """Return the embedded corpora, in the order in which they are merged."""
    index = json.loads((EMBEDDED / "index.json").read_text(encoding="utf-8"))
    return tuple(
        EmbeddedCorpus(
            name=name,
            about=entry["about"],
            splits=tuple(entry["splits"]),
            persons=tuple(entry["persons"]),
            left_open=tuple(entry["left_open"]),
            licence=entry["licence"],
            source=entry["source"],
        )
        for name, entry in index["corpora"].items()
    )


def embedded_name(source: str) -> str | None:
    """Return which embedded corpora a source means; None: it means something else.

    >>> embedded_name("open"), embedded_name("open:btc"), embedded_name("btc")
    ('open', 'btc', None)
    """
    return ALL if source == ALL else source.removeprefix(MARK) if source.startswith(MARK) else None


def splits_of(name: str) -> frozenset[str]:
    """Return the splits that an embedded corpus has, or all together.

    Raises:
        CorpusError: there is no such corpus.
    """
    return frozenset(split for corpus in _chosen(name) for split in corpus.splits)


def packed_name(name: str, split: str) -> str:
    """Return the file of a split of an embedded corpus, in the folder of the package's data."""
    return f"corpora/{name}.{split}.bio.xz"


def content_of(name: str, split: str) -> str:
    """Return a checksum of the files of a split: of one file, or of the checksums of several.

    Raises:
        CorpusError: there is no such corpus.
    """
    prints = [checksum(file) for _, file in _files(name, split)]
    return prints[0] if len(prints) == 1 else hashlib.sha256("".join(prints).encode()).hexdigest()


def read_embedded(name: str, split: str) -> Annotated:
    """Read a split of an embedded corpus, or of all, as it is annotated.

    Args:
        name: ``wnut17``, ... or ``open`` for all that have the split.
        split: train, dev or test.

    Raises:
        CorpusError: there is no such corpus, or no such split of it.
    """
    files = _files(name, split)
    given = Annotated(name if name == ALL else MARK + name, sha256=content_of(name, split))
    for corpus, file in files:
        for sentence in read_conll(file):
            given.tokens.append(sentence.tokens)
            given.tags.append(sentence.tags)
            given.documents.append(f"{corpus}/{sentence.document}")
    return given


def _chosen(name: str) -> Sequence[EmbeddedCorpus]:
    """Return one embedded corpus, or all."""
    known = embedded_corpora()
    found = [corpus for corpus in known if name in (corpus.name, ALL)]
    if not found:
        names = ", ".join(sorted(MARK + corpus.name for corpus in known))
        raise CorpusError(f"{MARK}{name} is no embedded corpus: they are {ALL} (all) and {names}")
    return found


def _files(name: str, split: str) -> list[tuple[str, str]]:
    """Return the corpora that have a split, each with its file."""
    chosen = _chosen(name)
    files = [(c.name, MARK + packed_name(c.name, split)) for c in chosen if split in c.splits]
    if not files:
        splits = ", ".join(chosen[0].splits)
        raise CorpusError(f"{MARK}{name} has no split {split}: it has {splits}")
    return files
