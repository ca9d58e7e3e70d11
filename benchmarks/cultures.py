"""Names of a text swapped for those of another culture, for recall by culture.

Given names stand for given names and surnames for surnames, the same for the same within a
document; initials stay initials, capitals stay capitals, and particles (``van der``) go. The lists
are those of ``names/`` in the data folder. Used by ``kinds_of_text.py``.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from kinds import Texts

from ner_rnn.corpora.corpus import PERSON
from ner_rnn.text.tags import Span

CULTURES = {
    "Algeria": "fr_DZ",
    "Azerbaijan": "az_AZ",
    "Brazil": "pt_BR",
    "Czechia": "cs_CZ",
    "Finland": "fi_FI",
    "France": "fr_FR",
    "Germany": "de_DE",
    "Ghana": "tw_GH",
    "Hungary": "hu_HU",
    "India": "en_IN",
    "Indonesia": "id_ID",
    "Italy": "it_IT",
    "Japan": "JP",
    "Kenya": "en_KE",
    "Korea": "KR",
    "Mexico": "es_MX",
    "Pakistan": "en_PK",
    "Taiwan": "TW",
    "United States": "en_US",
    "Uzbekistan": "uz_UZ",
}
"""Cultures with names in Latin letters: locales with at least 90 given names and surnames. Two
letters are a country of the CC0 lists, which alone have East Asian ones: at least 36 and 77."""

_FILES = {
    True: ("cc0_forenames.tsv", "cc0_surnames.tsv"),
    False: ("faker_first.tsv", "faker_last.tsv"),
}
_INITIAL = re.compile(r"(?:[^\W\d_]\.)+-?(?:[^\W\d_]\.)*|[A-Z]")
_SUFFIXES = frozenset(["jr", "jr.", "sr", "sr.", "ii", "iii", "iv"])


class Names(NamedTuple):
    """Names of one culture, or of all that tell given names from surnames."""

    given: list[str]
    surnames: list[str]


def read_names(data: Path, place: str) -> Names:
    """Read the names of a locale or country that are written in Latin letters."""
    files = _FILES[len(place) == 2]
    return Names(*(list(_listed(data / "names" / file, place)) for file in files))


def with_persons(texts: Texts) -> Texts:
    """Keep the sentences with a person: recall needs no others, and there are many copies."""
    kept = Texts()
    for document, spans in zip(texts.documents, texts.names, strict=True):
        rows = [
            (words, found)
            for words, found in zip(document, spans, strict=True)
            if any(span.label == PERSON for span in found)
        ]
        kept.documents.append([words for words, _ in rows])
        kept.names.append([found for _, found in rows])
    return kept


def swap(texts: Texts, names: Names, given: frozenset[str], seed: str) -> Texts:
    """Give every person of a text a name from a list, with the form of the old one.

    Args:
        texts: annotated documents.
        names: the names to take.
        given: given names in lower case, to tell what a name of one word is where the document
            does not.
        seed: the same choice for the same seed.
    """
    swapped = Texts()
    for number, (document, spans) in enumerate(zip(texts.documents, texts.names, strict=True)):
        new = _Replacement(names, random.Random(f"{seed} {number}"))
        firsts, lasts = _roles(document, spans)
        sentences, rows = [], []
        for words, found in zip(document, spans, strict=True):
            sentence: list[str] = []
            row = []
            at = 0
            for span in found:
                sentence += words[at : span.start]
                old = words[span.start : span.end]
                start = len(sentence)
                sentence += new.name(old, firsts, lasts, given) if span.label == PERSON else old
                row.append(Span(start, len(sentence), span.label))
                at = span.end
            sentences.append(sentence + words[at:])
            rows.append(row)
        swapped.documents.append(sentences)
        swapped.names.append(rows)
    return swapped


class _Replacement:
    """New names of one document: the same word in the same place is replaced by the same."""

    def __init__(self, names: Names, generator: random.Random) -> None:
        self._names = names
        self._generator = generator
        self._taken: dict[tuple[bool, str], str] = {}

    def name(
        self,
        old: list[str],
        firsts: Mapping[str, int],
        lasts: Mapping[str, int],
        given: frozenset[str],
    ) -> list[str]:
        """Return the words of the new name."""
        parts = [at for at, word in enumerate(old) if _is_part(word, old)]
        new: list[str] = []
        for at, word in enumerate(old):
            if at not in parts:
                if not (parts and word.isalpha() and word.islower()):
                    new.append(word)
                continue
            if len(parts) > 1:
                is_given = at != parts[-1]
            else:
                key = word.lower()
                is_given = (firsts[key], key in given) > (lasts[key], False)
            new += self._word(word, is_given)
        return new

    def _word(self, old: str, is_given: bool) -> list[str]:
        key = is_given, old.lower()
        if key not in self._taken:
            self._taken[key] = self._generator.choice(self._names[0 if is_given else 1])
        new = self._taken[key]
        if _INITIAL.fullmatch(old):
            letters = iter(new[0] + "".join(self._generator.choices(_CAPITALS, k=len(old))))
            return ["".join(next(letters) if c.isalpha() else c for c in old)]
        if len(old) > 1 and old.isupper():
            new = new.upper()
        elif old.islower():
            new = new.lower()
        return new.split()


_CAPITALS = "ABCDEFGHIJKLMNOPRSTVW"


def _roles(document: list[list[str]], spans: list[list[Span]]) -> tuple[Counter[str], Counter[str]]:
    """Count the words that begin and that end a longer name, in lower case."""
    firsts: Counter[str] = Counter()
    lasts: Counter[str] = Counter()
    for words, found in zip(document, spans, strict=True):
        for span in found:
            name = words[span.start : span.end]
            parts = [word.lower() for word in name if _is_part(word, name)]
            if span.label == PERSON and len(parts) > 1:
                firsts[parts[0]] += 1
                lasts[parts[-1]] += 1
    return firsts, lasts


def _is_part(word: str, name: list[str]) -> bool:
    """Tell a word that is replaced from particles, marks and suffixes; case may be gone."""
    if not word[0].isalpha() or word.lower() in _SUFFIXES:
        return False
    return not word.islower() or all(other.islower() for other in name if other[0].isalpha())


def _listed(path: Path, place: str) -> Iterator[str]:
    for line in path.read_text(encoding="utf-8").splitlines():
        name, _, places = line.partition("\t")
        if place in places.split() and _is_latin(name):
            yield name


@lru_cache(maxsize=1 << 16)
def _is_latin(name: str) -> bool:
    return name[:1].isupper() and all(
        not c.isalpha() or unicodedata.name(c, "").startswith("LATIN") for c in name
    )
