"""People composed of given names and surnames, and the forms in which a text mentions them.

Surnames, and many of the given names, are divided among the splits by their checksum, so that most
people of ``dev`` and ``test`` bear names that ``train`` has never seen.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ner_rnn.corpora.sample.cultures import Culture, cultures, native_cultures
from ner_rnn.corpora.sample.rng import Rng
from ner_rnn.corpora.sample.transcribe import plain

__all__ = ["Person", "Population", "Style"]

_PARTICLES = {
    "dutch": ("van", "van der", "van den", "de", "van de", "ten"),
    "german": ("von", "von der", "zu"),
    "french": ("de", "de la", "du", "Le"),
    "spanish": ("de", "de la", "del", "de los"),
    "portuguese": ("da", "dos", "de", "do"),
    "arabic": ("al-", "el-", "al-", "bin ", "Abu ", "Ben ", "Al ", "Abdel "),
}
_OWN_SHARE = 0.75
"""Share of the names of dev and test that are their own, and not those of train."""
_TENTHS = {"train": range(7), "dev": range(7, 9), "test": range(9, 10)}
_PRONOUNS = {"he": ("he", "she"), "him": ("him", "her"), "his": ("his", "her")}


@dataclass(frozen=True, slots=True)
class Person:
    """A name as parts, each a string with tokens separated by spaces."""

    given: str
    family: str
    female: bool
    family_first: bool = False
    middle: str = ""
    suffix: str = ""
    titles: Sequence[str] = ("Mr.", "Mr")

    def mention(self, form: str, rng: Rng) -> Iterator[tuple[str, str]]:
        """Yield tokens with IOB2 tags.

        Args:
            form: one of

                - ``full``: given names and surname; ``sur``: surname alone; ``first``: given name;
                - ``ini``: initial and surname; ``mr``: title, outside the span, and surname;
                - ``rev``: surname, comma, given name, which are two spans;
                - ``later``: by surname, now and then in full, by given name or with a title;
                - ``he``, ``him``, ``his``: a pronoun, which is no name.
            rng: the source of random draws.

        >>> list(Person("Anna", "van der Berg", female=True).mention("ini", Rng(lambda: 0.0)))
        [('A.', 'B-PER'), ('van', 'I-PER'), ('der', 'I-PER'), ('Berg', 'I-PER')]
        """
        if form in _PRONOUNS:
            yield _PRONOUNS[form][self.female], "O"
            return
        if form == "later":
            form = rng.pick(("sur",) * 17 + ("full", "first", "mr"))
        if form == "mr":
            yield rng.pick(self.titles), "O"
        parts: tuple[str, ...] = (self.family,)
        if form == "full" and self.family_first:
            parts = self.family, self.given
        elif form == "full":
            parts = self.given, self.middle, self.family, self.suffix
        elif form == "ini":
            parts = f"{self.given[:1]}.", self.family
        elif form == "first":
            parts = (self.given,)
        for position, token in enumerate(" ".join(parts).split()):
            yield token, "I-PER" if position else "B-PER"
        if form == "rev":
            yield ",", "O"
            yield self.given.split()[0], "B-PER"


@dataclass(frozen=True, slots=True)
class Style:
    """Spelling and origin that the names of one document share."""

    accents: bool
    native: bool
    home: int | None
    """Index of the culture that most people of the document belong to."""


class Population:
    """The people of one split: ``train``, ``dev`` or ``test``."""

    def __init__(self, split: str) -> None:
        known = cultures()
        self._pools = [[_share(culture, split) for culture in known]]
        if split != "train":
            self._pools.append([_share(culture, "train") for culture in known])
        self._drawn = [n for n, culture in enumerate(known) for _ in range(culture.weight)]

    def style(self, rng: Rng) -> Style:
        """Draw the style of a document."""
        home = rng.pick(self._drawn) if rng.chance(0.4) else None
        return Style(accents=rng.chance(0.12), native=rng.chance(0.015), home=home)

    def person(self, rng: Rng, style: Style) -> Person:
        """Draw a person."""
        if style.native:
            culture = rng.pick(native_cultures())
            given = rng.pick(culture.men)
            return Person(given, rng.pick(culture.surnames), False, culture.manner == "east")
        at_home = style.home is not None and rng.chance(0.7)
        number = style.home if at_home and style.home is not None else rng.pick(self._drawn)
        person = self._compose(rng, number)
        if style.accents:
            return person
        parts = ("given", "family", "middle", "suffix")
        bare: dict[str, Any] = {part: plain(getattr(person, part)) for part in parts}
        return replace(person, **bare)

    def _pool(self, rng: Rng, number: int) -> Culture:
        known = len(self._pools) > 1 and not rng.chance(_OWN_SHARE)
        return self._pools[known][number]

    def _compose(self, rng: Rng, number: int) -> Person:
        female = rng.chance(0.22)
        culture = self._pool(rng, number)
        same_sex = culture.women if female else culture.men
        given = rng.pick(same_sex)
        family = rng.pick(self._pool(rng, number).surnames)
        middle = suffix = ""
        manner = culture.manner
        other = rng.pick(same_sex)
        often = 0.35 if manner == "arabic" else 0.14
        if " " not in family and manner in _PARTICLES and rng.chance(often):
            particle = rng.pick(_PARTICLES[manner])
            family = particle + family if particle[-1] in "- " else f"{particle} {family}"
        elif rng.chance(0.02) and "-" not in family and " " not in family:
            family += "-" + rng.pick(culture.surnames).split()[-1]
        elif manner in ("spanish", "portuguese") and rng.chance(0.2):
            suffix = rng.pick(culture.surnames)
        elif manner == "english" and rng.chance(0.04):
            family = rng.pick(("O'", "Mc", "Mac", "O'", "D'", "St. ", "Fitz")) + family
        if manner in ("chinese", "korean"):
            if manner == "chinese" and rng.chance(0.5):
                given += rng.pick(culture.men).lower()
            elif manner == "chinese" and rng.chance(0.2):
                given += "-" + rng.pick(culture.men).lower()
            return Person(given, family, female, family_first=rng.chance(0.9))
        if manner == "icelandic":
            family = rng.pick(culture.men) + ("sdottir" if female else "sson")
        elif manner == "french" and rng.chance(0.2) and "-" not in given:
            given = f"{given}-{other}"
        elif manner == "english":
            suffix = "Jr." if rng.chance(0.015) and not female else suffix
            if rng.chance(0.06):
                middle = f"{other[0]}."
            elif rng.chance(0.04):
                middle = other
            elif rng.chance(0.06):
                given = f"{given[0]}.{other[0]}."
        elif rng.chance(0.03):
            middle = other
        if rng.chance(0.006) and not middle:
            middle = f'" {rng.pick(culture.men)} "'
        titles: tuple[str, ...] = ("Ms.", "Mrs.", "Miss", "Ms", "Mrs") if female else ("Mr.", "Mr")
        if rng.chance(0.08):
            titles = ("Dr.", "Dr", "Professor")
        return Person(given, family, female, middle=middle, suffix=suffix, titles=titles)


def _share(culture: Culture, split: str) -> Culture:
    """Return the names of a culture that a split may use: all of them where it has none."""

    def own(names: Sequence[str]) -> list[str]:
        return [n for n in names if zlib.crc32(n.encode()) % 10 in _TENTHS[split]] or list(names)

    men, women, surnames = own(culture.men), own(culture.women), own(culture.surnames)
    return replace(culture, men=men, women=women, surnames=surnames)
