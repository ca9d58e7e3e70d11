"""External knowledge of words as form features: Brown clusters and lists of names.

    knowledge = load_knowledge(clusters="brown.txt.xz", prefixes=(4, 6), lists=["surnames.txt"])
    knowledge.names                       ->  ("cluster4", "cluster6", "list surnames")
    list(knowledge.of_words(["Merkel"]))  ->  [("0010", "001011", "Xx")]

A Brown cluster is a path of bits down a binary tree, learned from unlabelled text; words whose
paths begin alike occur in like places (Brown et al. 1992; as prefixes of several lengths: Miller,
Guinness & Zamanian 2004). The feature of a list is empty for a word outside it, and the case of
the word otherwise. Like all form features, they are computed once per distinct word; clusters and
lists are part of the bundle, so that the files are needed for training alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np

from ner_rnn.encoding.features import normalise
from ner_rnn.encoding.joined import JoinedWords, as_bytes
from ner_rnn.errors import FileError
from ner_rnn.text.files import read_lines

__all__ = ["NOTHING", "Knowledge", "load_knowledge"]


@dataclass(frozen=True)
class Knowledge:
    """Clusters and lists.

    Attributes:
        prefixes: lengths at which cluster paths are cut.
        clusters: words as spelled, grouped by their paths; of a word in two, the later one counts.
        lists: words in lower case, grouped by the names of their lists.
    """

    prefixes: tuple[int, ...] = ()
    clusters: JoinedWords = field(default_factory=lambda: JoinedWords({}), repr=False)
    lists: JoinedWords = field(default_factory=lambda: JoinedWords({}), repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features, in the order of :meth:`of_words`."""
        clusters = (f"cluster{length}" for length in self.prefixes)
        return (*clusters, *(f"list {name}" for name in self.lists.groups))

    def of_words(self, words: Sequence[str]) -> Iterator[tuple[str, ...]]:
        """Yield one string per feature of each word, empty where nothing is known."""
        if not self.names:
            yield from repeat((), len(words))
            return
        known = np.zeros((len(words), len(self.lists.groups)), dtype=np.bool_)
        known[self.lists.find([as_bytes(word.lower()) for word in words])] = True
        paths = self._paths(words) if self.prefixes else repeat("", len(words))
        for word, path, is_known in zip(words, paths, known.tolist(), strict=True):
            case = _case(word)
            yield (
                *(path[:length] for length in self.prefixes),
                *(case if is_in else "" for is_in in is_known),
            )

    def _paths(self, words: Sequence[str]) -> Iterator[str]:
        """Yield the path of each word as written, or with its digits or case changed."""
        forms = [_forms(word) for word in words]
        found = self.clusters.find([as_bytes(form) for of_word in forms for form in of_word])
        path_of = {
            index: self.clusters.groups[group]
            for index, group in zip(*map(np.ndarray.tolist, found), strict=True)
        }
        end = 0
        for of_word in forms:
            start, end = end, end + len(of_word)
            yield next((path_of[i] for i in range(start, end) if path_of.get(i)), "")

    def to_json(self) -> dict[str, Any]:
        """Return the input of :meth:`from_json`: words joined by tabs, as they hold none."""
        return {
            "prefixes": list(self.prefixes),
            "clusters": self.clusters.words_of,
            "lists": self.lists.words_of,
        }

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Knowledge:
        """Read the knowledge of a bundle.

        Raises:
            KeyError, TypeError, ValueError, AttributeError: a part is missing or malformed.
        """
        prefixes = tuple(saved["prefixes"])
        if not all(type(length) is int and length > 0 for length in prefixes):
            raise ValueError("'prefixes'")
        if len(set(prefixes)) < len(prefixes):  # each has a table of its own
            raise ValueError("'prefixes'")
        return cls(prefixes, JoinedWords(saved["clusters"]), JoinedWords(saved["lists"]))


NOTHING = Knowledge()
"""Knowledge without clusters and lists."""


def load_knowledge(
    *, clusters: str | None = None, prefixes: Sequence[int] = (), lists: Sequence[str] = ()
) -> Knowledge:
    """Read clusters and lists from disk.

    Args:
        clusters: a file with ``path TAB word TAB count`` a line, as wcluster writes it; may be
            packed.
        prefixes: lengths at which paths are cut.
        lists: files with a name a line, each word of which counts; may be packed.

    Raises:
        FileError: a file is missing, empty, or not of that shape, with file:line.
    """
    known: dict[str, str] = {}
    for file in lists:
        name = Path(file).name.partition(".")[0]
        if name in known:
            raise FileError(f"{file}: there is a list called {name} already; rename one")
        words = {word.lower() for line in read_lines(file) for word in line.split()}
        if not words:
            raise FileError(f"{file} is empty: expected a list of names, one a line")
        known[name] = "\t".join(sorted(words))
    if not clusters:
        return Knowledge(lists=JoinedWords(known))
    words_of: dict[str, list[str]] = {}
    for word, path in _paths(clusters).items():
        words_of.setdefault(path, []).append(word)
    joined = JoinedWords({path: "\t".join(words) for path, words in words_of.items()})
    return Knowledge(tuple(prefixes), joined, JoinedWords(known))


def _paths(file: str) -> dict[str, str]:
    """Return the path of each word."""
    paths = {}
    for number, line in enumerate(read_lines(file), 1):
        if not line:
            continue
        fields = line.split("\t")
        if len(fields) != 3 or not fields[0] or fields[0].strip("01") or not fields[1]:
            raise FileError(
                f"{file}:{number}: {line[:60]!r} is not a line of Brown clusters; expected a path "
                "of 0 and 1, a word and a count, with tabs between"
            )
        paths[fields[1]] = fields[0]
    if not paths:
        raise FileError(f"{file} is empty: expected Brown clusters, a word a line")
    return paths


def _forms(word: str) -> dict[str, None]:
    """Return the spellings under which a word's path is looked for, each once, the nearest first.

    >>> list(_forms("BERLIN-7"))
    ['BERLIN-7', 'BERLIN-0', 'Berlin-7', 'berlin-7', 'berlin-0']
    """
    lower = word.lower()
    capitalised = (word.capitalize(),) if word.isupper() else ()
    return dict.fromkeys((word, normalise(word), *capitalised, lower, normalise(lower)))


def _case(word: str) -> str:
    """Return the case of a word: small letters, capitals, or a capital first.

    >>> _case("rose"), _case("Rose"), _case("ROSE")
    ('x', 'Xx', 'XX')
    """
    if word == word.lower():
        return "x"
    return "XX" if word == word.upper() and len(word) > 1 else "Xx"
