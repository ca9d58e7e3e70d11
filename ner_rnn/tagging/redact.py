"""A document -> the same with something else in place of every name.

    Angela Merkel met Barack Obama. Merkel smiled.
 -> [NAME] met [NAME]. [NAME] smiled.                        replacement "[NAME]"
 -> PERSON 1 met PERSON 2. PERSON 1 smiled.                  replacement "PERSON {n}"

Nothing else of the text is changed. Who is who is told by the names of one document alone:

- names that differ in case or white space only are the same person's;
- a name whose words stand in a row in a longer name of the document ("Merkel", in "Angela Merkel")
  is that person's; where the longer names are several persons', it is a person of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from ner_rnn.runtime.documents import Document, Name

__all__ = ["NUMBER", "PSEUDONYMS", "as_replacement", "redacted", "same_persons"]

NUMBER = "{n}"
"""Stands in a replacement for the number of the person."""
PSEUDONYMS = "PERSON {n}"

_Words: TypeAlias = tuple[str, ...]
_LONGEST = 10
"""Words of a name; in a longer one no other is looked for."""


def as_replacement(given: str | None) -> str | None:
    """Return the replacement that a user means: ``"pseudonyms"`` is short for ``PSEUDONYMS``."""
    return PSEUDONYMS if given == "pseudonyms" else given


def redacted(document: Document, replacement: str) -> Document:
    """Replace every name of a document.

    Args:
        document: tagged.
        replacement: what is put in place of a name; ``{n}`` in it is the person's number, from 1
            in the order in which persons are met.

    Returns:
        The new text; its names are the replacements, where they stand now. Its words are counted,
        but no longer known one by one.
    """
    numbers = same_persons(name.text for name in document.names) if NUMBER in replacement else {}
    pieces: list[str] = []
    names: list[Name] = []
    position = length = 0
    for name in document.names:
        before = document.text[position : name.start]
        new = replacement.replace(NUMBER, str(numbers.get(name.text, "")))
        length += len(before)
        names.append(Name(length, length + len(new), new, name.score))
        length += len(new)
        pieces += before, new
        position = name.end
    pieces.append(document.text[position:])
    return Document("".join(pieces), names, document.words)


def same_persons(names: Iterable[str]) -> dict[str, int]:
    """Number the persons of a document.

    Args:
        names: as they stand in the text, in order.

    Returns:
        The person of each: ``["Ann Lee", "Bo", "LEE"]`` -> ``{"Ann Lee": 1, "Bo": 2, "LEE": 1}``.
    """
    words = {name: tuple(name.casefold().split()) for name in names}
    persons: dict[_Words, _Words] = {}
    inside: dict[_Words, set[_Words]] = {}
    for known in sorted(dict.fromkeys(words.values()), key=len, reverse=True):
        owners = inside.get(known, set())
        person = next(iter(owners)) if len(owners) == 1 else known
        persons[known] = person
        for start in range(len(known)) if len(known) <= _LONGEST else ():
            for end in range(start + 1, len(known) + 1):
                inside.setdefault(known[start:end], set()).add(person)
    numbers: dict[_Words, int] = {}
    return {
        name: numbers.setdefault(persons[known], len(numbers) + 1) for name, known in words.items()
    }
