"""Persons of a document -> made-up names, the same for the same person.

    Surrogates(key).names(same_persons(["Angela Merkel", "MERKEL", "A. Merkel"]))
 -> {"Angela Merkel": "Annika Dressler", "MERKEL": "DRESSLER", "A. Merkel": "A. Dressler"}

Which name a person gets is told by a secret key and the person alone (``drawing.py``); what a
text has of the name of a person, it gets of the made-up one, with the same capitals.

In a document, no surrogate has a word of a real name, nor one by which another person could be
meant. Where the first draw has, the person gets the next one, in that document.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from ner_rnn.tagging.persons import Mention, Person
from ner_rnn.tagging.surrogates.drawing import Drawing, without_accents
from ner_rnn.tagging.surrogates.name_lists import NameLists, default_lists, plain
from ner_rnn.tagging.surrogates.name_words import is_initial

__all__ = ["Surrogates"]

_ATTEMPTS = 1000


@dataclass(frozen=True)
class Surrogates:
    """Surrogates under a key.

    Attributes:
        key: secret; by default random, so that the same is never drawn again.
        encoding: of the text; a name that it cannot write is written without accents.
        lists: to draw from; None: those of the package.
    """

    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    encoding: str = "utf-8"
    lists: NameLists | None = field(default=None, repr=False)

    def names(self, mentions: Mapping[str, Mention]) -> dict[str, str]:
        """Return a surrogate for each name of a document.

        Args:
            mentions: the names as they stand there, and whose they are (``same_persons``).

        Raises:
            ConfigError: the lists have no name in the script of a name.
        """
        lists = self.lists or default_lists()
        people: dict[Person, list[Mention]] = {}
        for mention in mentions.values():
            people.setdefault(mention.person, []).append(mention)
        document = _Document(people)
        drawn = {
            person: document.draw(Drawing(self.key, person, lists), mentioned)
            for person, mentioned in people.items()
        }
        return {
            name: self._writable(_written(name, mention, *drawn[mention.person]))
            for name, mention in mentions.items()
        }

    def _writable(self, name: str) -> str:
        try:
            name.encode(self.encoding)
        except UnicodeEncodeError:
            return without_accents(name)
        return name


class _Document:
    """Words that no further surrogate of a document may have.

    Args:
        people: everybody who is named.
    """

    def __init__(self, people: Mapping[Person, object]) -> None:
        self._real = {piece for person in people for word in person for piece in _keys(word)}
        self._words: set[str] = set()
        self._telling: set[str] = set()
        self._names: set[tuple[str, ...]] = set()

    def draw(self, drawing: Drawing, mentioned: list[Mention]) -> tuple[Drawing, list[str]]:
        """Draw the first surrogate of a person that cannot be taken for somebody else."""
        alone = {place for mention in mentioned for place in _standing_for_all(mention)}
        for attempt in range(_ATTEMPTS):
            new = drawing.draw(attempt)
            words: set[str] = set()
            telling: set[str] = set()  # words by which alone the person is meant
            for place, (word, part) in enumerate(zip(new, drawing.parts, strict=True)):
                if part != "kept" and len(word) > 1:
                    words.update(_keys(word))
                    if place in alone:
                        telling.update(_keys(word))
            if (
                words.isdisjoint(self._real)
                and words.isdisjoint(self._telling)
                and telling.isdisjoint(self._words)
                and tuple(new) not in self._names
                and tuple(map(plain, new)) != drawing.person
            ):
                break
        self._words |= words
        self._telling |= telling
        self._names.add(tuple(new))
        return drawing, new


def _standing_for_all(mention: Mention) -> set[int]:
    """Return the places of the words by which a text means a person without the rest of the name.

    Two full names may share a word as real ones do, as long as neither person is meant by it.
    """
    whole = [place for place, word in enumerate(mention.words) if not is_initial(word.key)]
    if len(whole) == len(mention.person) > 1:
        return set()
    return {mention.first + place for place in whole} or {mention.first}


def _keys(word: str) -> set[str]:
    """Return a word in plain form, and its parts between hyphens and apostrophes."""
    key = plain(word)
    parts = {*key.split("-"), *re.split("[-']", key)}
    return {key, *(part for part in parts if len(part) > 2)}


def _written(name: str, mention: Mention, drawing: Drawing, new: list[str]) -> str:
    """Write of a surrogate what a text has of the name, with the same capitals and signs."""
    if not mention.words:
        return " ".join(new)
    if mention.handle:
        [word] = mention.words
        first = new[0][:1] if mention.handle == "letter" else new[0]
        handle = "".join(filter(str.isalnum, without_accents(first + new[-1])))
        old = name[word.start : word.end]
        digits = drawing.digits(old[len(old.rstrip("0123456789")) :])
        return name[: word.start] + _like(old, handle) + digits + name[word.end :]
    pieces: list[str] = []
    position = 0
    for place, word in sorted(enumerate(mention.words, start=mention.first), key=_start):
        old = name[word.start : word.end]
        if drawing.parts[place] == "kept":
            changed = old
        elif is_initial(word.key) and drawing.parts[place] != "initial":
            changed = _like(old, new[place][:1])
        else:
            changed = _like(old, new[place])
        pieces += name[position : word.start], changed
        position = word.end
    rest = name[position:]
    is_plural = rest in ("'", "’") and old[-1:] in "sS" and changed[-1:] not in "sS"
    return "".join(pieces) + rest + ("s" if is_plural else "")


def _start(numbered: tuple[int, object]) -> int:
    return numbered[1].start  # type: ignore[attr-defined, no-any-return]


def _like(old: str, new: str) -> str:
    """Return a name with the capitals of another.

    ``("MERKEL", "Dressler")`` -> ``DRESSLER``; ``("Hyun-woo", "Min-Jun")`` -> ``Min-jun``
    """
    if old.islower():
        return new.lower()
    if old.isupper() and (len(old) > 1 or len(new) == 1):
        return new.upper()
    before, after = old.split("-"), new.split("-")
    if len(before) == len(after) > 1:
        return "-".join(
            then.lower() if now.islower() else then for now, then in zip(before, after, strict=True)
        )
    return new
