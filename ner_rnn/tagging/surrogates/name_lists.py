"""Lists of given and family names, by culture, script and gender, to draw surrogates from.

    lists = default_lists()                        # those of the package, read once a process
    lists.groups("merkel", given=False)            ->  {"german": 1.0}
    lists.draw_from("german", "LATIN", given=True, gender="F")  ->  ["Anke", "Annika", ...]

Names are looked up in all lists. Drawn are those in Latin script that a tagger takes for names in
most sentences (``benchmarks/surrogate_names.py`` chose them), so that a text with surrogates reads
as it did; not those that are words as well, nor the commonest, so that a surrogate is rarely the
real name of somebody else. In other scripts, all.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Set
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

from ner_rnn.augmentation.names import SMALLEST, listed_names
from ner_rnn.shipped import locate
from ner_rnn.tagging.surrogates.cultures import ENGLISH, group_of
from ner_rnn.text.accents import strip_accents
from ner_rnn.text.files import read_lines

__all__ = [
    "FAMILY",
    "GIVEN",
    "KINDS",
    "Drawn",
    "Gender",
    "NameLists",
    "default_lists",
    "plain",
    "read_lists",
    "script_of",
]

Gender: TypeAlias = Literal["F", "M", ""]
"""Of a given name; empty where the lists do not tell."""

GIVEN = ("open:names/faker_first.tsv.xz", "open:names/cc0_forenames.tsv.xz")
FAMILY = ("open:names/faker_last.tsv.xz", "open:names/cc0_surnames.tsv.xz")
_GENDERS = "open:genders.txt.xz"
_GENDER: Mapping[str, Gender] = {"F": "F", "M": "M", "": ""}
_DRAWN = "open:surrogates.tsv.xz"
KINDS = ("given", "family", "English given", "English family")
"""Second column of that file."""
_FEW = 200
"""Added to the size of each list of names, so that short ones tell little."""
_SMALLEST_WITH_SIGN = 5
"""Names with a hyphen or an apostrophe that a culture needs."""
_ENDING = 3
"""Last letters by which the culture of an unknown name is told."""
_ONE_WORD = re.compile(r"[^\W\d_](?:[^\s()/.,\d]*[^\s()/.,\d'’-])?")
_OF_WOMEN = re.compile(r"(?:ová|[sc]ká|dóttir|[ое]ва|ина|[сц]кая)$")
"""Family names of women in Czech, Slovak, Icelandic and Russian."""

_Names: TypeAlias = "Iterable[tuple[str, str]]"


class Drawn(NamedTuple):
    """Names in Latin script that may be drawn.

    Attributes:
        given, family: for every culture that has them.
        english_given, english_family: all that are drawn for English names.
    """

    given: Set[str]
    family: Set[str]
    english_given: Set[str]
    english_family: Set[str]


class NameLists:
    """Names to look up and to draw.

    Args:
        given: given names, each with its locales or countries: ``nl_BE nl_NL``, ``KR``.
        family: family names.
        genders: gender of given names, by their plain form (``plain``).
        drawn: names in Latin script that may be drawn; None: all of them.
    """

    def __init__(
        self,
        given: _Names,
        family: _Names,
        genders: Mapping[str, Gender] | None = None,
        drawn: Drawn | None = None,
    ) -> None:
        self._genders = genders or {}
        self._groups: tuple[dict[str, tuple[str, ...]], ...] = ({}, {})  # one for each locale
        self._named: tuple[dict[str, list[str]], ...] = ({}, {})
        self._endings: tuple[dict[str, Counter[str]], ...] = ({}, {})
        self._drawn: dict[tuple[str, str, bool, Gender, str], list[str]] = {}
        grouped: dict[str, tuple[tuple[str, ...], frozenset[str]]] = {}
        for is_given, names in ((False, family), (True, given)):
            known, named = self._groups[is_given], self._named[is_given]
            for name, codes in names:
                if codes not in grouped:
                    groups = tuple(map(group_of, codes.split()))
                    grouped[codes] = groups, frozenset(groups)
                groups, distinct = grouped[codes]
                key = plain(name)
                known[key] = known[key] + groups if key in known else groups
                for group in distinct:
                    named.setdefault(group, []).append(name)
        self._sizes = tuple(
            {group: len(names) for group, names in named.items()} for named in self._named
        )
        self._allowed: tuple[Set[str], Set[str]] | None = None
        if drawn is not None:
            self._allowed = drawn.family | drawn.english_family, drawn.given | drawn.english_given
            self._named[True][ENGLISH] = list(drawn.english_given)
            self._named[False][ENGLISH] = list(drawn.english_family)

    def groups(self, key: str, *, given: bool) -> dict[str, float]:
        """Return the groups that have a name, the weights of which add up to 1.

        For an unknown one, groups whose names end alike, with less weight.

        Args:
            key: the name in plain form.
            given: look it up among given names, not family names.
        """
        found = Counter(self._groups[given].get(key, ()))
        counts = found or self._alike(key, given)
        # many names are in long lists by accident, and few in short ones by chance
        weights = {
            group: count / (self._sizes[given][group] + _FEW) ** 0.5
            for group, count in counts.items()
        }
        total = sum(weights.values()) * (1 if found else 2)
        return {group: weight / total for group, weight in weights.items()}

    def _alike(self, key: str, given: bool) -> Counter[str]:
        """Return how many names of each group end like a name."""
        endings = self._endings[given]
        if not endings:  # built when the first unknown name is met
            for name, groups in self._groups[given].items():
                endings.setdefault(name[-_ENDING:], Counter()).update(dict.fromkeys(groups, 1))
        return endings.get(key[-_ENDING:], Counter())

    def cultures_of(self, name: str, *, given: bool) -> Counter[str]:
        """Return the groups that have a name, each with the number of its locales that do."""
        return Counter(self._groups[given].get(plain(name), ()))

    def knows(self, key: str, *, given: bool) -> bool:
        """Return whether a name, in plain form, is in the lists."""
        return key in self._groups[given]

    def resembles_given(self, key: str) -> bool:
        """Return whether a name that stands alone is rather a given name than a family name."""
        family, given = (len(table.get(key, ())) for table in self._groups)
        if not given and not family:
            family, given = (self._alike(key, is_given).total() for is_given in (False, True))
        return given >= family

    def gender(self, key: str) -> Gender:
        """Return the gender of a given name in plain form."""
        return self._genders.get(key, "")

    def draw_from(
        self, group: str, script: str, *, given: bool, gender: Gender = "", sign: str = ""
    ) -> list[str]:
        """Return the names that may be drawn, in an order that is always the same.

        Args:
            group: a culture; empty: all. Where it has too few names of the form, all.
            script: first word of the Unicode names of the letters: ``LATIN``.
            given: given names, not family names.
            gender: of the person; empty: given names of both.
            sign: hyphen or apostrophe that they have; empty: neither.

        Returns:
            Names of one word, capitalised as usual; none if there is none in the script.
        """
        key = (group, script, given, gender, sign)
        if key not in self._drawn:
            named = self._named[given]
            every = [name for names in named.values() for name in names]
            for pool, its_gender in (
                (named.get(group, ()), gender),
                (named.get(group, ()) if given else (), ""),
                (every, gender),
            ):
                names = self._fit(pool, script, given, its_gender)
                self._drawn[key] = found = [name for name in names if _sign_of(name) == sign]
                if len(found) >= (_SMALLEST_WITH_SIGN if sign else SMALLEST):
                    break
        return self._drawn[key]

    def _fit(self, names: Iterable[str], script: str, given: bool, gender: str) -> list[str]:
        """Return the names of one word that are nothing but names, of a script and gender."""
        allowed = self._allowed[given] if self._allowed and script == "LATIN" else None

        def fits(name: str) -> bool:
            if allowed is not None and name not in allowed:
                return False
            if given:
                return gender in ("", self._genders.get(plain(name)))
            return gender == "F" or not _OF_WOMEN.search(name)

        return sorted(
            {
                name
                for name in names
                if _ONE_WORD.fullmatch(name) and script_of(name) == script and fits(name)
            }
        )


def _sign_of(name: str) -> str:
    return "-" if "-" in name else "'" if "'" in name or "’" in name else ""


@lru_cache(maxsize=1 << 17)
def plain(name: str) -> str:
    """Return a name as lists are searched: without case and accents."""
    return strip_accents(name).casefold()


def script_of(text: str) -> str:
    """Return the script of the first letter, as Unicode names it (``CYRILLIC``); Latin if none."""
    for sign in text:
        if sign.isascii() and sign.isalpha():
            break
        if sign.isalpha() and (name := unicodedata.name(sign, "")):
            script = name.replace("-", " ").split()[0]
            return {"HIRAGANA": "CJK", "KATAKANA": "CJK", "FULLWIDTH": "LATIN"}.get(script, script)
    return "LATIN"


@lru_cache(maxsize=1)
def default_lists() -> NameLists:
    """Read the lists of the package.

    Raises:
        FileError: the package is damaged.
    """
    kinds: dict[str, list[str]] = {}
    for line in read_lines(locate(_DRAWN)):
        name, kind = line.split("\t")
        kinds.setdefault(kind, []).append(name)
    return read_lists(Drawn(*(frozenset(kinds[kind]) for kind in KINDS)))


def read_lists(drawn: Drawn | None) -> NameLists:
    """Read the lists of the package, to draw from some of the names: see ``NameLists``."""
    first, *others = (list(listed_names(str(locate(file)))) for file in (*GIVEN, *FAMILY))
    genders: dict[str, Gender] = {}
    for (name, _), gender in zip(first, read_lines(locate(_GENDERS)), strict=True):
        key = plain(name)
        genders[key] = _GENDER[gender] if genders.get(key, gender) == gender else ""
    return NameLists(first + others[0], others[1] + others[2], genders, drawn)
