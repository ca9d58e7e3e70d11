"""A document -> the same with something else in place of every name.

    Angela Merkel met Barack Obama. Merkel smiled.
 -> [NAME] met [NAME]. [NAME] smiled.                        replacement "[NAME]"
 -> PERSON 1 met PERSON 2. PERSON 1 smiled.                  replacement "PERSON {n}"
 -> Alanna Macomber met Samson Duba. Macomber smiled.        replacement Surrogates(key)

Nothing else of the text is changed. Who is who is told by the names of one document alone
(``persons.py``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from ner_rnn.errors import ConfigError
from ner_rnn.runtime.documents import Document, Name
from ner_rnn.tagging.persons import Mention, Person, same_persons

if TYPE_CHECKING:
    from ner_rnn.tagging.surrogates.people import Surrogates

__all__ = ["NUMBER", "PSEUDONYMS", "Became", "Replacement", "as_replacement", "became", "redacted"]

NUMBER = "{n}"
"""Stands in a replacement for the number of the person."""
PSEUDONYMS = "PERSON {n}"
Replacement: TypeAlias = "str | Surrogates"


def as_replacement(given: str | None) -> str | None:
    """Return the replacement that a user means: ``"pseudonyms"`` is short for ``PSEUDONYMS``.

    Raises:
        ConfigError: ``"surrogates"``, which need a key: give ``Surrogates`` in its place.
    """
    if given == "surrogates":
        raise ConfigError(
            "surrogates need a key, which is not given", do="choose {redact} pseudonyms"
        )
    return PSEUDONYMS if given == "pseudonyms" else given


class Became(NamedTuple):
    """What stands in place of a name.

    Attributes:
        person: the fullest name that the document has of the person.
        name: the name, as it stands in the text.
        replacement: what stands there now.
    """

    person: str
    name: str
    replacement: str


def redacted(document: Document, replacement: Replacement) -> Document:
    """Replace every name of a document.

    Args:
        document: tagged.
        replacement: what is put in place of a name; ``{n}`` in it is the person's number, from 1
            in the order in which persons are met. ``Surrogates``: a made-up name.

    Returns:
        The new text; its names are the replacements, where they stand now. Its words are counted,
        but no longer known one by one.

    Raises:
        ConfigError: surrogates are wanted for a name in a script of which the lists have none.
    """
    new_names = _replacements(document, replacement)
    pieces: list[str] = []
    names: list[Name] = []
    position = length = 0
    for name in document.names:
        before = document.text[position : name.start]
        new = new_names[name.text]
        length += len(before)
        names.append(name._replace(start=length, end=length + len(new), text=new))
        length += len(new)
        pieces += before, new
        position = name.end
    pieces.append(document.text[position:])
    return Document("".join(pieces), names, document.words)


def became(before: Document, after: Document) -> list[Became]:
    """List who became whom, each name once.

    Args:
        before: tagged.
        after: the same, redacted.
    """
    mentions = same_persons(name.text for name in before.names)
    fullest: dict[Person, str] = {}
    for text, mention in mentions.items():
        if _is_full(text, mention):
            fullest.setdefault(mention.person, text)
    rows = (
        Became(fullest[mentions[old.text].person], old.text, new.text)
        for old, new in zip(before.names, after.names, strict=True)
    )
    return list(dict.fromkeys(rows))


def _is_full(text: str, mention: Mention) -> bool:
    keys = tuple(word.key for word in mention.words)
    return not keys or keys == mention.person


def _replacements(document: Document, replacement: Replacement) -> dict[str, str]:
    """Return what is put in place of each name, by its text."""
    texts = dict.fromkeys(name.text for name in document.names)
    if not isinstance(replacement, str):
        return replacement.names(same_persons(texts))
    if NUMBER not in replacement:
        return dict.fromkeys(texts, replacement)
    numbers: dict[Person, int] = {}
    return {
        text: replacement.replace(NUMBER, str(numbers.setdefault(mention.person, len(numbers) + 1)))
        for text, mention in same_persons(texts).items()
    }
