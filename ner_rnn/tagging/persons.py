"""Names of a document -> who is the same person: the one rule, for pseudonyms and surrogates.

It rather takes one person for two than two for one. A person is known by the fullest name that the
document has; names are compared by their words (``surrogates/name_words.py``): case, white space,
full stops, a possessive ``'s``, titles before the name and the order in ``Lindqvist, Anders`` do
not count; accents and middle names do. Another name is the same person's

- if its words stand in a row in the fuller name: ``Merkel``, in ``Angela Merkel``. But a name of
  two words or more is not that of ``Jr.``: ``John Smith`` and ``John Smith Jr.`` are two;
- if it has as many words, some of them as initials: ``J. Kowalski``, ``Jan Kowalski``;
- if it is a handle of the fuller name: ``jkowalski`` or ``jankowalski``, digits behind or not;

and if this is so for exactly one person: beside ``John Smith`` and ``Mary Smith``, a ``Smith`` is
neither of them but a third. What a document does not tell is not known: a ``Smith`` in another
document is not John Smith, but the same person as every ``Smith`` that stands alone like that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple, TypeAlias

from ner_rnn.tagging.surrogates.name_words import GENERATIONS, NameWord, is_initial, name_words
from ner_rnn.text.accents import strip_accents

__all__ = ["Mention", "Person", "same_persons"]

Person: TypeAlias = tuple[str, ...]
"""Words of the fullest name, as they are compared: who somebody is, in every document."""

_LONGEST = 10
"""Words of a name; in a longer one no other is looked for."""
_SHORTEST_HANDLE = 4


class Mention(NamedTuple):
    """A name as it stands in a text, and whose it is.

    Attributes:
        person: whose it is.
        words: its words, given names first; none if it has no letter and no digit.
        first: number of the first of them among the words of the person.
        handle: how a handle is made of the name of the person, if it is one: from the first
            letter and the last word, or from the first word and the last.
    """

    person: Person
    words: tuple[NameWord, ...]
    first: int = 0
    handle: Literal["", "letter", "word"] = ""


def same_persons(names: Iterable[str]) -> dict[str, Mention]:
    """Tell who is who in a document.

    Args:
        names: as they stand in the text.

    Returns:
        Each name, in order, with its person: for ``["Ann Lee", "Bo", "LEE"]``, ``Ann Lee`` and
        ``LEE`` have the person ``("ann", "lee")``.
    """
    words = {name: tuple(name_words(name)) for name in names}
    keys = {
        name: tuple(word.key for word in found) or (name.casefold(),)
        for name, found in words.items()
    }
    known = _Known()
    for key in sorted(dict.fromkeys(keys.values()), key=lambda key: (-len(key), _initials(key))):
        known.add(key)
    return {name: Mention(known.persons[key][0], words[name], *known.persons[key][1:])
            for name, key in keys.items()}  # fmt: skip


class _Known:
    """Persons met so far, from the longest name to the shortest."""

    def __init__(self) -> None:
        self.persons: dict[Person, tuple[Person, int, Literal["", "letter", "word"]]] = {}
        self._inside: dict[Person, dict[Person, int]] = {}
        self._by_word: dict[tuple[int, int, str], list[Person]] = {}
        self._handles: dict[str, dict[Person, Literal["letter", "word"]]] = {}

    def add(self, key: Person) -> None:
        """Find the person of a name, which has no more words than those before it."""
        owners = self._inside.get(key, {})
        if len(owners) == 1:
            self.persons[key] = *next(iter(owners.items())), ""
            return
        if not owners and _initials(key) and (full := self._by_initials(key)) is not None:
            self.persons[key] = full, 0, ""
            return
        if not owners and len(key) == 1 and len(key[0]) >= _SHORTEST_HANDLE:
            handles = self._handles.get(_plain(key[0].rstrip("0123456789")), {})
            if len(handles) == 1:
                owner, kind = next(iter(handles.items()))
                self.persons[key] = owner, 0, kind
                return
        self.persons[key] = key, 0, ""
        self._index(key)

    def _by_initials(self, key: Person) -> Person | None:
        """Return the one person whose name has these initials and these words."""
        sure = [place for place, word in enumerate(key) if not is_initial(word)]
        if not sure:
            return None
        fuller = self._by_word.get((len(key), sure[0], key[sure[0]]), [])
        found = [
            full
            for full in fuller
            if all(
                word == whole or (is_initial(word) and whole.startswith(word))
                for word, whole in zip(key, full, strict=True)
            )
        ]
        return found[0] if len(found) == 1 else None

    def _index(self, person: Person) -> None:
        if len(person) > _LONGEST:
            return
        has_generation = person[-1] in GENERATIONS
        for start in range(len(person)):
            for end in range(start + 1, len(person) + 1):
                part = person[start:end]
                is_father = has_generation and end == len(person) - 1 and end - start > 1
                if not is_father and (end - start > 1 or not is_initial(part[0])):
                    self._inside.setdefault(part, {}).setdefault(person, start)
        for place, word in enumerate(person):
            self._by_word.setdefault((len(person), place, word), []).append(person)
        if len(person) > 1 and not is_initial(person[0]):
            first, last = _plain(person[0]), _plain(person[-1])
            self._handles.setdefault(first[:1] + last, {})[person] = "letter"
            self._handles.setdefault(first + last, {})[person] = "word"


def _initials(key: Person) -> int:
    return sum(map(is_initial, key))


def _plain(word: str) -> str:
    return re.sub(r"['\-]", "", strip_accents(word))
