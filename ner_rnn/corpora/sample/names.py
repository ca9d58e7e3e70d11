"""People, composed from the name lists of many cultures: given names, surnames, and how they join.

The lists are Faker's, brought to Latin letters where a culture writes otherwise, and a few of our
own in ``grammar/cultures.txt`` for cultures that Faker has in their own script alone. It says how
a person is called, not what is said of him or her.

Surnames, and a good part of the given names, are dealt out to the splits by their checksum, so
that most people of ``dev`` and ``test`` bear names that ``train`` has never seen.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any

from ner_rnn.corpora.sample.story import Dice
from ner_rnn.corpora.sample.transcribe import plain, romanise

__all__ = ["Culture", "Names", "Person", "cultures"]

# Locales of Faker, how often they come up, and how their people join names ("" for the usual way).
_LOCALES = (
    ("en_US", 16, "english"), ("en_GB", 14, "english"), ("en_IE", 7, "english"),
    ("en_NZ", 6, "english"), ("de_DE", 6, "german"), ("de_AT", 5, "german"),
    ("de_CH", 2, "german"), ("fr_FR", 5, "french"), ("fr_BE", 2, "french"),
    ("fr_CA", 2, "french"), ("it_IT", 7, ""), ("es_ES", 6, "spanish"), ("es_MX", 3, "spanish"),
    ("es_CL", 3, "spanish"), ("es_CO", 2, "spanish"), ("pt_BR", 3, "portuguese"),
    ("pt_PT", 1, "portuguese"), ("nl_NL", 6, "dutch"), ("nl_BE", 3, "dutch"), ("sv_SE", 4, ""),
    ("da_DK", 2, ""), ("no_NO", 2, ""), ("fi_FI", 3, ""), ("et_EE", 2, ""), ("lv_LV", 1, ""),
    ("pl_PL", 3, ""), ("cs_CZ", 3, ""), ("sk_SK", 3, ""), ("hu_HU", 2, ""), ("hr_HR", 3, ""),
    ("sl_SI", 2, ""), ("ro_RO", 2, ""), ("tr_TR", 2, ""), ("az_AZ", 1, ""), ("ru_RU", 7, ""),
    ("uk_UA", 3, ""), ("bg_BG", 2, ""), ("mk_MK", 1, ""), ("el_GR", 2, ""), ("ka_GE", 1, ""),
    ("hy_AM", 1, ""), ("ja_JP", 4, ""), ("zh_CN", 4, "chinese"), ("ko_KR", 3, "korean"),
    ("en_IN", 5, "indian"), ("en_PK", 4, "muslim"), ("fr_DZ", 2, ""), ("id_ID", 2, ""),
    ("en_TH", 1, ""), ("en_KE", 2, ""), ("en_NG", 2, ""), ("yo_NG", 1, ""), ("tw_GH", 1, ""),
    ("zu_ZA", 1, ""), ("sw", 1, ""), ("is_IS", 1, "icelandic"),
)  # fmt: skip
_NATIVE = ("ru_RU", "el_GR", "ja_JP", "zh_CN", "ko_KR", "ar_AA", "hi_IN", "uk_UA", "ka_GE")
_PARTICLES = {
    "dutch": ("van", "van der", "van den", "de", "van de", "ten"),
    "german": ("von", "von der", "zu"),
    "french": ("de", "de la", "du", "Le"),
    "spanish": ("de", "de la", "del", "de los"),
    "portuguese": ("da", "dos", "de", "do"),
    "arabic": ("al-", "el-", "al-", "bin ", "Abu ", "Ben ", "Al ", "Abdel "),
}
_OWN_SHARE = 0.75  # of the names of dev and test: from their own pool
_TENTHS = {"train": range(7), "dev": range(7, 9), "test": range(9, 10)}


@dataclass(frozen=True, slots=True)
class Culture:
    """Name lists of a culture and how often it comes up."""

    men: Sequence[str]
    women: Sequence[str]
    surnames: Sequence[str]
    weight: int
    manner: str


@dataclass(frozen=True, slots=True)
class Person:
    """A name as parts, each a string whose tokens stand apart by spaces."""

    given: str
    family: str
    female: bool
    family_first: bool = False
    middle: str = ""
    suffix: str = ""
    titles: Sequence[str] = field(default=("Mr.", "Mr"))

    def mention(self, form: str, dice: Dice) -> Iterator[tuple[str, str]]:
        """Tokens with IOB2 tags; the forms are those of ``story.py``, and ``later``.

        >>> list(Person("Anna", "van der Berg", female=True).mention("ini", Dice("")))
        [('A.', 'B-PER'), ('van', 'I-PER'), ('der', 'I-PER'), ('Berg', 'I-PER')]
        """
        if form in _PRONOUNS:
            yield _PRONOUNS[form][self.female], "O"
            return
        if form == "later":
            form = dice.pick(("sur",) * 17 + ("full", "first", "mr"))
        if form == "mr":
            yield dice.pick(self.titles), "O"
        whole = (self.given, self.middle, self.family, self.suffix)
        forms: dict[str, tuple[str, ...]] = {
            "full": (self.family, self.given) if self.family_first else whole,
            "ini": (f"{self.given[:1]}.", self.family),
            "first": (self.given,),
        }
        parts = forms.get(form, (self.family,))
        tokens = " ".join(part for part in parts if part).split()
        yield tokens[0], "B-PER"
        for token in tokens[1:]:
            yield token, "I-PER"
        if form == "rev":
            yield ",", "O"
            yield self.given.split()[0], "B-PER"


_PRONOUNS = {"he": ("he", "she"), "him": ("him", "her"), "his": ("his", "her")}


@dataclass(frozen=True, slots=True)
class Style:
    """What the names of one document have in common."""

    accents: bool
    native: bool
    home: int | None  # the culture that most people here belong to


class Names:
    """Composes the people of one split.

    Args:
        split: ``train``, ``dev`` or ``test``.
        own: cultures that Faker does not have in Latin letters.
    """

    def __init__(self, split: str, own: Iterable[Culture]) -> None:
        everybody = [*cultures(), *own]
        self._pools = [[_share(culture, split) for culture in everybody]]
        if split != "train":
            self._pools.append([_share(culture, "train") for culture in everybody])
        self._drawn = [
            number for number, culture in enumerate(everybody) for _ in range(culture.weight)
        ]

    def style(self, dice: Dice) -> Style:
        """How the names of a document are written."""
        home = dice.pick(self._drawn) if dice.chance(0.4) else None
        return Style(accents=dice.chance(0.12), native=dice.chance(0.015), home=home)

    def person(self, dice: Dice, style: Style) -> Person:
        """Somebody new."""
        if style.native:
            culture = dice.pick(_native())
            given = dice.pick(culture.men)
            return Person(given, dice.pick(culture.surnames), False, culture.manner == "east")
        at_home = style.home is not None and dice.chance(0.7)
        number = style.home if at_home and style.home is not None else dice.pick(self._drawn)
        person = self._compose(dice, number)
        return person if style.accents else _unaccented(person)

    def _pool(self, dice: Dice, number: int) -> Culture:
        known = len(self._pools) > 1 and not dice.chance(_OWN_SHARE)
        return self._pools[known][number]

    def _compose(self, dice: Dice, number: int) -> Person:
        female = dice.chance(0.22)
        culture = self._pool(dice, number)
        given = dice.pick(culture.women if female else culture.men)
        family = dice.pick(self._pool(dice, number).surnames)
        middle = suffix = ""
        manner = culture.manner
        other = dice.pick(culture.women if female else culture.men)
        often = 0.35 if manner == "arabic" else 0.14
        if " " not in family and manner in _PARTICLES and dice.chance(often):
            particle = dice.pick(_PARTICLES[manner])
            family = particle + family if particle[-1] in "- " else f"{particle} {family}"
        elif dice.chance(0.02) and "-" not in family and " " not in family:
            family += "-" + dice.pick(culture.surnames).split()[-1]
        elif manner in ("spanish", "portuguese") and dice.chance(0.2):
            suffix = dice.pick(culture.surnames)
        elif manner == "english" and dice.chance(0.04):
            family = dice.pick(("O'", "Mc", "Mac", "O'", "D'", "St. ", "Fitz")) + family
        if manner in ("chinese", "korean"):
            return self._eastern(dice, culture, given, family, female)
        if manner == "icelandic":
            family = dice.pick(culture.men) + ("sdottir" if female else "sson")
        elif manner == "french" and dice.chance(0.2) and "-" not in given:
            given = f"{given}-{other}"
        elif manner == "english":
            suffix = "Jr." if dice.chance(0.015) and not female else suffix
            if dice.chance(0.06):
                middle = f"{other[0]}."
            elif dice.chance(0.04):
                middle = other
            elif dice.chance(0.06):
                given = f"{given[0]}.{other[0]}."
        elif dice.chance(0.03):
            middle = other
        if dice.chance(0.006) and not middle:
            middle = f'" {dice.pick(culture.men)} "'
        women, men = ("Ms.", "Mrs.", "Miss", "Ms", "Mrs"), ("Mr.", "Mr")
        titles: tuple[str, ...] = women if female else men
        if dice.chance(0.08):
            titles = ("Dr.", "Dr", "Professor")
        return Person(given, family, female, middle=middle, suffix=suffix, titles=titles)

    def _eastern(
        self, dice: Dice, culture: Culture, given: str, family: str, female: bool
    ) -> Person:
        if culture.manner == "chinese" and dice.chance(0.5):
            given += dice.pick(culture.men).lower()
        elif culture.manner == "chinese" and dice.chance(0.2):
            given += "-" + dice.pick(culture.men).lower()
        return Person(given, family, female, family_first=dice.chance(0.9))


def _unaccented(person: Person) -> Person:
    return Person(
        plain(person.given),
        plain(person.family),
        person.female,
        person.family_first,
        plain(person.middle),
        plain(person.suffix),
        person.titles,
    )


def _share(culture: Culture, split: str) -> Culture:
    """The part of a culture's names that a split may use; all of them where there is no part."""

    def mine(names: Sequence[str]) -> list[str]:
        return [n for n in names if zlib.crc32(n.encode()) % 10 in _TENTHS[split]] or list(names)

    return Culture(
        mine(culture.men),
        mine(culture.women),
        mine(culture.surnames),
        culture.weight,
        culture.manner,
    )


@cache
def cultures() -> tuple[Culture, ...]:
    """Faker's cultures, in Latin letters."""
    return tuple(_read(locale, weight, manner) for locale, weight, manner in _LOCALES)


@cache
def _native() -> tuple[Culture, ...]:
    """Some of Faker's cultures in their own letters."""
    found = []
    for locale in _NATIVE:
        provider = _provider(locale)
        manner = "east" if locale in ("ja_JP", "zh_CN", "ko_KR") else ""
        men, surnames = _usable(provider.first_names_male), _usable(provider.last_names)
        found.append(Culture(men, men, surnames, 1, manner))
    return tuple(found)


def _provider(locale: str) -> Any:
    # Faker has no public door to its tables; its version is held by the constraints file.
    return import_module(f"faker.providers.person.{locale}").Provider


def _read(locale: str, weight: int, manner: str) -> Culture:
    provider = _provider(locale)
    if locale == "ja_JP":
        men, women, surnames = (
            [pair[2] for pair in pairs]
            for pairs in (
                provider.first_name_male_pairs,
                provider.first_name_female_pairs,
                provider.last_name_pairs,
            )
        )
        return Culture(men, women, surnames, weight, manner)
    if locale == "zh_CN":
        given = _usable(provider.first_romanized_names)
        return Culture(given, given, _usable(provider.last_romanized_names), weight, manner)
    men, women = (
        _usable(getattr(provider, f"first_names_{sex}", None) or provider.first_names)
        for sex in ("male", "female")
    )
    surnames = getattr(provider, "last_names_male", None) or provider.last_names
    if locale == "pl_PL":
        surnames = [*provider.male_last_names, *provider.unisex_last_names]
    elif locale == "is_IS":
        surnames = men
    return Culture(men, women, _usable(surnames), weight, manner)


def _usable(names: Iterable[str]) -> list[str]:
    """Distinct names in Latin letters where we know how, in order, without oddities."""
    cleaned = (romanise(" ".join(name.split())) for name in names)
    return list(dict.fromkeys(n for n in cleaned if len(n) > 1 and not set(n) & set("().,/")))
