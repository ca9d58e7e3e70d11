"""Names of a document are replaced by others of the same form, each always by the same one.

Which word of a name is a given name and which a family name is told from its place and from lists;
new ones are drawn from one culture for most people of a document. Initials stay initials, particles
and ordinals stay, and capitals are as before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from random import Random

from ner_rnn.augmentation.document import Document, rewritten
from ner_rnn.corpora.corpus import PERSON
from ner_rnn.errors import FileError
from ner_rnn.text.accents import strip_accents
from ner_rnn.text.files import read_lines
from ner_rnn.text.tags import Span

__all__ = ["PARTICLES", "NamePool", "listed_names", "replace_names"]

_WORD = re.compile(r"[A-Za-zÀ-ɏḀ-ỿ'’.\-]+")
_LATIN = re.compile(r"[A-Za-zÀ-ɏḀ-ỿ'’\-]+( [A-Za-zÀ-ɏḀ-ỿ'’\-]+)?")
_INITIAL = re.compile(r"[A-Z]|(?:[A-Z]\.-?){1,3}")
_PARTICLES = """
de van der den von zu da di du la le bin ibn binti al el dos das del ten ter af of the and y e jr
sr jr. sr. ii iii iv esq md phd 's ’s abu ben bar st st. o' mac san
"""
PARTICLES = frozenset(_PARTICLES.split())
"""Words of a name that are no names: they stay."""
_FAMILY_FIRST = frozenset(["CN", "TW", "KR", "JP", "VN", "HU", "KH"])
"""Cultures where the family name comes first, which English text follows about half of the time."""
SMALLEST = 20
"""Names that a culture needs in both lists."""
COMMON, MAIN = 0.2, 0.65
"""Share of words drawn from lists without cultures; of people from the culture of the document."""


class NamePool:
    """Given and family names by culture, to draw from.

    Args:
        given: files of given names: names alone, the commonest first, or ``name TAB culture`` with
            one or more locales or countries (``nl_BE nl_NL``, ``KR``).
        family: files of family names.

    Attributes:
        given, family: names by culture.
        common_given, common_family: names of no culture.
        cultures: those with both kinds of names.
        known_given: every given name, in lower case.
        every: the names of all cultures that are of letters alone.

    Raises:
        FileError: a file is missing, or there are no names to draw.
    """

    def __init__(self, given: Iterable[str], family: Iterable[str]) -> None:
        self.given, self.common_given = _read(given)
        self.family, self.common_family = _read(family)
        self.cultures = sorted(self.given.keys() & self.family.keys())
        if not self.cultures:
            raise FileError(
                f"no culture has {SMALLEST} given and {SMALLEST} family names",
                do="give files of 'name TAB culture' lines with {augment.given_names} and "
                "{augment.family_names}",
            )
        given_names, family_names = (
            [name for names in table.values() for name in names]
            for table in (self.given, self.family)
        )
        self.known_given = {name.lower() for name in (*given_names, *self.common_given)}
        self.every = [name for name in (*given_names, *family_names) if name.isalpha()]

    def draw(self, random: Random, *, is_given: bool, culture: str) -> str:
        """Draw a name; in Latin script, capitalised as usual."""
        common = self.common_given if is_given else self.common_family
        if common and random.random() < COMMON:
            return common[int(len(common) * random.random() ** 3)]
        return random.choice((self.given if is_given else self.family)[culture])

    def draw_full(self, random: Random, culture: str) -> list[str]:
        """Draw a given and a family name, in words, sometimes with more between or behind."""
        given = self.draw(random, is_given=True, culture=culture).split()
        family = self.draw(random, is_given=False, culture=culture).split()
        kind = random.random()
        if kind < 0.06:
            given.append(random.choice("ABCDEFGHJKLMNPRSTW") + ".")
        elif kind < 0.10:
            given += self.draw(random, is_given=True, culture=culture).split()
        elif kind < 0.14:
            family += self.draw(random, is_given=False, culture=culture).split()
        elif kind < 0.18:
            family[-1] += "-" + self.draw(random, is_given=False, culture=culture).split()[0]
        elif kind < 0.21:
            given = [given[0][0] + "."]
        if culture in _FAMILY_FIRST and random.random() < 0.5:
            return family + given
        return given + family


def replace_names(document: Document, pool: NamePool, random: Random) -> Document:
    """Return a document in which every person has another name."""
    cultures = [random.choice(pool.cultures) for _ in range(3)]
    plain = random.random() < 0.3
    loud = random.random() < 0.03
    drawn: dict[str, list[str]] = {}

    def one(word: str, is_given: bool) -> list[str]:
        key = word.lower()
        if key not in drawn:
            culture = cultures[0] if random.random() < MAIN else random.choice(cultures)
            name = pool.draw(random, is_given=is_given, culture=culture)
            drawn[key] = (strip_accents(name) if plain else name).split()
        new = drawn[key]
        if (word.isupper() and len(word) > 1) or (loud and not is_given and not word.islower()):
            return [part.upper() for part in new]
        return [part.lower() for part in new] if word.islower() else new

    def inside(span: Span, words: Sequence[str]) -> Sequence[str]:
        if span.label != PERSON or not all(map(_WORD.fullmatch, words)):
            return words
        names = [i for i, word in enumerate(words) if _is_name(word)]
        new: list[str] = []
        for place, word in enumerate(words):
            if place in names:
                alone = len(names) == 1 and len(words) == 1
                is_given = place != names[-1] or (alone and word.lower() in pool.known_given)
                new += one(word, is_given)
            elif _INITIAL.fullmatch(word) and len(words) > 1:
                new.append(re.sub("[A-Z]", lambda _: random.choice("ABCDEFGHJKLMNPRSTVW"), word))
            else:
                new.append(word)
        return new

    return [rewritten(sentence, inside) if sentence.spans else sentence for sentence in document]


def listed_names(file: str) -> Iterator[tuple[str, str]]:
    """Yield the names of a list, capitalised, each with its locales or countries.

    Args:
        file: lines ``name`` or ``name TAB culture``, where a culture is ``nl_BE nl_NL`` or ``KR``.

    Raises:
        FileError: it cannot be read.
    """
    for line in read_lines(file):
        name, _, cultures = line.strip().partition("\t")
        yield name.capitalize() if name.isupper() or name.islower() else name, cultures


def _is_name(word: str) -> bool:
    return len(word) > 2 and word.lower() not in PARTICLES and not _INITIAL.fullmatch(word)


def _read(files: Iterable[str]) -> tuple[dict[str, list[str]], list[str]]:
    """Return names by culture, and those of no culture."""
    by_culture: dict[str, dict[str, None]] = {}
    common: dict[str, None] = {}
    for file in files:
        for name, cultures in listed_names(file):
            if not _LATIN.fullmatch(name) or len(name) < 2:
                continue
            for one in cultures.split():
                by_culture.setdefault(one.rpartition("_")[2], {})[name] = None
            if not cultures:
                common[name] = None
    large = {key: list(names) for key, names in by_culture.items() if len(names) >= SMALLEST}
    return large, list(common)
