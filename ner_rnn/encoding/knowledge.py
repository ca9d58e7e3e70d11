"""External knowledge of words as form features: Brown clusters and lists of names.

    knowledge = load_knowledge(clusters="brown.txt.xz", prefixes=(4, 6), lists=["surnames.txt"])
    knowledge.names          ->  ("cluster4", "cluster6", "list surnames")
    knowledge.of("Merkel")   ->  ("0010", "001011", "Xx")

A Brown cluster is a path of bits down a binary tree, learned from unlabelled text; words whose
paths begin alike occur in like places (Brown et al. 1992; as prefixes of several lengths: Miller,
Guinness & Zamanian 2004). The feature of a list is empty for a word outside it, and the case of
the word otherwise. Like all form features, they are computed once per distinct word; clusters and
lists are part of the bundle, so that the files are needed for training alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from ner_rnn.encoding.features import normalise
from ner_rnn.encoding.joined import SEARCHED, JoinedPaths, JoinedWords
from ner_rnn.errors import FileError
from ner_rnn.text.files import read_lines

__all__ = ["NOTHING", "Knowledge", "load_knowledge"]


@dataclass(frozen=True)
class Knowledge:
    """Clusters and lists.

    Attributes:
        prefixes: lengths at which cluster paths are cut.
        paths: path of each word, as spelled.
        lists: words of each list, in lower case, by its name.
    """

    prefixes: tuple[int, ...] = ()
    paths: Mapping[str, str] = field(default_factory=dict, repr=False)
    lists: Mapping[str, Set[str]] = field(default_factory=dict, repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features, in the order of :meth:`of`."""
        return (*(f"cluster{n}" for n in self.prefixes), *(f"list {name}" for name in self.lists))

    def of(self, word: str) -> tuple[str, ...]:
        """Return one string per feature, empty where nothing is known."""
        path = self._path(word) if self.prefixes else ""
        lower = word.lower()
        case = _case(word)
        return (
            *(path[:length] for length in self.prefixes),
            *(case if lower in known else "" for known in self.lists.values()),
        )

    def for_words(self, count: int) -> Knowledge:
        """Return the same knowledge in the form that is fastest for so many distinct words."""
        return self._indexed if count > SEARCHED else self

    @cached_property
    def _indexed(self) -> Knowledge:
        paths = self.paths.index if isinstance(self.paths, JoinedPaths) else self.paths
        return Knowledge(
            self.prefixes,
            paths,
            {
                name: words.index if isinstance(words, JoinedWords) else words
                for name, words in self.lists.items()
            },
        )

    def _path(self, word: str) -> str:
        """Return the path of the word as written, or with its digits or case changed."""
        paths = self.paths
        capitalised = (word.capitalize(),) if word.isupper() else ()
        lower = word.lower()
        # each form once: a look-up may be a search
        for form in dict.fromkeys((word, normalise(word), *capitalised, lower, normalise(lower))):
            if path := paths.get(form, ""):
                return path
        return ""

    def to_json(self) -> dict[str, Any]:
        """Return the input of :meth:`from_json`: words joined by tabs, as they hold none."""
        words_of: dict[str, list[str]] = {}
        for word, path in self.paths.items():
            words_of.setdefault(path, []).append(word)
        return {
            "prefixes": list(self.prefixes),
            "clusters": {path: "\t".join(words) for path, words in words_of.items()},
            "lists": {name: "\t".join(sorted(words)) for name, words in self.lists.items()},
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
        return cls(
            prefixes=prefixes,
            paths=JoinedPaths(saved["clusters"]),
            lists={name: JoinedWords(words) for name, words in saved["lists"].items()},
        )


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
    known: dict[str, frozenset[str]] = {}
    for file in lists:
        name = Path(file).name.partition(".")[0]
        if name in known:
            raise FileError(f"{file}: there is a list called {name} already; rename one")
        known[name] = frozenset(word.lower() for line in read_lines(file) for word in line.split())
        if not known[name]:
            raise FileError(f"{file} is empty: expected a list of names, one a line")
    if not clusters:
        return Knowledge(lists=known)
    return Knowledge(tuple(prefixes), _paths(clusters), known)


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


def _case(word: str) -> str:
    """Return the case of a word: small letters, capitals, or a capital first.

    >>> _case("rose"), _case("Rose"), _case("ROSE")
    ('x', 'Xx', 'XX')
    """
    if word == word.lower():
        return "x"
    return "XX" if word == word.upper() and len(word) > 1 else "Xx"
