"""Name lists of many cultures in Latin letters.

They are Faker's, and those of ``grammar/cultures.txt`` for cultures that Faker has in their own
script alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Any

from ner_rnn.corpora.sample.grammar import split_rules
from ner_rnn.corpora.sample.transcribe import romanise

__all__ = ["Culture", "cultures", "native_cultures"]

# Locales of Faker, their weights, and how their people join names ("" for the usual manner).
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
# Rules of grammar/cultures.txt with given names of men, of women, and surnames; weight, manner.
_OWN = (
    ("arabic_men", "arabic_women", "arabic_surnames", 8, "arabic"),
    ("south_asian_men", "south_asian_men", "south_asian_surnames", 6, ""),
    ("chinese_given", "chinese_given", "chinese_surnames", 6, "chinese"),
    ("israeli_men", "israeli_women", "israeli_surnames", 3, ""),
    ("korean_given", "korean_given", "korean_surnames", 3, "korean"),
    ("vietnamese_given", "vietnamese_given", "vietnamese_surnames", 1, "korean"),
    ("burmese_given", "burmese_given", "burmese_surnames", 1, ""),
)
_NATIVE = ("ru_RU", "el_GR", "ja_JP", "zh_CN", "ko_KR", "ar_AA", "hi_IN", "uk_UA", "ka_GE")
_FAMILY_FIRST = ("ja_JP", "zh_CN", "ko_KR")


@dataclass(frozen=True, slots=True)
class Culture:
    """Name lists of a culture, and its share of the people."""

    men: Sequence[str]
    women: Sequence[str]
    surnames: Sequence[str]
    weight: int
    manner: str


@cache
def cultures() -> tuple[Culture, ...]:
    """Return all cultures, their names in Latin letters."""
    text = (files(__package__) / "grammar" / "cultures.txt").read_text(encoding="utf-8")
    own = dict(split_rules(text))
    return (
        *(_from_faker(*row) for row in _LOCALES),
        *(
            Culture(own[men], own[women], own[surnames], weight, manner)
            for men, women, surnames, weight, manner in _OWN
        ),
    )


@cache
def native_cultures() -> tuple[Culture, ...]:
    """Return a few cultures, their names in their own script where Faker has it."""
    found = []
    for locale in _NATIVE:
        names = _tables(locale)
        men, surnames = _usable(names.first_names_male), _usable(names.last_names)
        found.append(Culture(men, men, surnames, 1, "east" if locale in _FAMILY_FIRST else ""))
    return tuple(found)


def _tables(locale: str) -> Any:
    # Faker has no public door to its tables; its version is held by the constraints file.
    return import_module(f"faker.providers.person.{locale}").Provider


def _from_faker(locale: str, weight: int, manner: str) -> Culture:
    names = _tables(locale)
    if locale == "ja_JP":
        pairs = (names.first_name_male_pairs, names.first_name_female_pairs, names.last_name_pairs)
        men, women, surnames = ([latin for _, _, latin in rows] for rows in pairs)
        return Culture(men, women, surnames, weight, manner)
    if locale == "zh_CN":
        given = _usable(names.first_romanized_names)
        return Culture(given, given, _usable(names.last_romanized_names), weight, manner)
    men = _usable(getattr(names, "first_names_male", None) or names.first_names)
    women = _usable(getattr(names, "first_names_female", None) or names.first_names)
    surnames = _usable(getattr(names, "last_names_male", None) or names.last_names)
    if locale == "pl_PL":
        surnames = _usable([*names.male_last_names, *names.unisex_last_names])
    return Culture(men, women, men if locale == "is_IS" else surnames, weight, manner)


def _usable(names: Iterable[str]) -> list[str]:
    """Return distinct names in order, in Latin letters where the script is known, without signs."""
    cleaned = (romanise(" ".join(name.split())) for name in names)
    return list(dict.fromkeys(n for n in cleaned if len(n) > 1 and not set(n) & set("().,/")))
