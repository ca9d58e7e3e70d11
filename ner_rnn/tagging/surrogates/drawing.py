"""A person and a secret key -> a made-up name of the same form.

A name is drawn from lists by HMAC-SHA256 of the person under the key (RFC 2104), so that every
process and every run with that key draws the same one. Family names follow family names, given
names follow given names of the like culture and, where the lists tell it, gender; for an initial
stands any letter. Particles, and ``Jr.`` and the like, stay.
"""

from __future__ import annotations

import hmac
import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from ner_rnn.errors import ConfigError
from ner_rnn.tagging.persons import Person
from ner_rnn.tagging.surrogates.cultures import ENGLISH
from ner_rnn.tagging.surrogates.name_lists import Gender, NameLists, plain, script_of
from ner_rnn.tagging.surrogates.name_parts import Part, name_parts
from ner_rnn.text.accents import strip_accents

__all__ = ["Drawing", "without_accents"]

_LABEL = b"ner-rnn surrogates 1\0"
"""Keeps the draws apart from other uses of the same key."""
_LETTERS = "ABCDEFGHJKLMNPRSTVW"
_ENGLISH = 0.1
"""Weight by which a name of which the lists tell little is English."""
_ANY_CULTURE, _DOUBLE = 40, 80
"""Attempts from which names of any culture are drawn, and then double names."""
_TRIES = 100
_PREFIXES = frozenset(
    [
        "al",
        "el",
        "ar",
        "as",
        "ash",
        "at",
        "an",
        "ad",
        "abu",
        "bin",
        "ben",
        "ibn",
        "ait",
        "o",
        "d",
        "m'",
    ]
)
_ARABIC = frozenset(["al", "el", "bin", "ibn", "abu", "ben"])
_DIGITS = re.compile(r"\d+")
_PLAIN = str.maketrans(
    dict(zip("łøđðıəŁØĐÐƏ", "loddiaLODDA", strict=True))
    | {
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "Æ": "Ae",
        "Œ": "Oe",
        "Þ": "Th",
        "ẞ": "SS",
        "ə": "a",
        "Ə": "A",
    }
)


@dataclass(frozen=True)
class Drawing:
    """What is drawn for one person.

    Attributes:
        key: the secret.
        person: whose name is replaced.
        lists: to draw from.
    """

    key: bytes
    person: Person
    lists: NameLists

    @cached_property
    def parts(self) -> list[Part]:
        """The part that each word of the name is."""
        return name_parts(self.person, self.lists)

    def draw(self, attempt: int = 0) -> list[str]:
        """Draw a name.

        Args:
            attempt: number of the name, of any number that can be drawn; the first is 0.

        Returns:
            A word for each of the person's, capitalised as usual; for one that is kept, itself.

        Raises:
            ConfigError: the lists have no name in the script of a word.
        """
        new: list[str] = []
        for place, (word, part) in enumerate(zip(self.person, self.parts, strict=True)):
            if part == "kept":
                new.append(word)
            elif part == "initial" and attempt < _DOUBLE:
                new.append("".join(self._letter(place, attempt, n) for n in range(len(word))))
            else:
                new.append(self._word(place, attempt, new))
        if all(map(str.isascii, self.person)):
            return list(map(without_accents, new))
        return new

    def digits(self, text: str) -> str:
        """Return a text with other digits."""
        return _DIGITS.sub(
            lambda found: "".join(
                str(self._number(10, "digit", found.start() + n)) for n in range(len(found[0]))
            ),
            text,
        )

    def _word(self, place: int, attempt: int, others: list[str]) -> str:
        """Draw a word that is none of the person's own, nor one drawn for it."""
        own = {plain(part) for word in self.person for part in (word, *word.split("-"))}
        own.update(map(plain, others))
        word = self.person[place]
        pieces: list[str] = []
        for number, piece in enumerate(_pieces(word, self._hyphened(place))):
            if number < len(_pieces(word, False)) - 1 and piece in _PREFIXES:
                pieces.append(piece.capitalize())
                continue
            for tried in range(_TRIES):
                name = self._name(place, attempt, number, tried, piece)
                if plain(name) not in own:
                    break
            own.add(plain(name))
            pieces.append(name)
            if attempt >= _DOUBLE:
                pieces.append(self._name(place, attempt, number, _TRIES, piece))
        return "-".join(pieces)

    def _hyphened(self, place: int) -> bool:
        """Return whether a word with a hyphen is one name of its culture: ``Hyun-woo``."""
        return "-" in self.person[place] and self._culture[0] in ("korean", "chinese")

    def _name(self, place: int, attempt: int, number: int, tried: int, piece: str) -> str:
        """Draw a name for a piece of a word between hyphens."""
        culture, gender = self._culture
        script = script_of(piece)
        group = culture if attempt < _ANY_CULTURE else ""
        sign = "-" if "-" in piece else "'" if "'" in piece[:-1] else ""
        is_given = self.parts[place] != "family"
        at = (place, attempt, number, tried)
        if not any(map(str.isalpha, piece)) and any(map(str.isdigit, piece)):
            return "".join(str(self._number(10, *at, n)) for n in range(len(piece)))

        def drawn(given: bool, *more: object) -> str:
            for its_sign in dict.fromkeys((sign, "", "-", "'")):
                names = self.lists.draw_from(
                    group, script, given=given, gender=gender, sign=its_sign
                )
                if names:
                    name = names[self._number(len(names), *at, *more)]
                    return name if sign or its_sign != "-" else name.replace("-", "").capitalize()
            kind = "given" if given else "family"
            raise ConfigError(
                f"the lists have no {kind} name in {script.capitalize()} script",
                do="choose {redact} pseudonyms",
            )

        is_joined = script in ("CJK", "HANGUL") and len(self.person) == 1 and len(piece) > 1
        if is_joined and not self.lists.knows(plain(piece), given=True):
            return drawn(False) + drawn(True, "given")
        name = drawn(is_given)
        return name + self.digits(found[0]) if (found := _DIGITS.search(piece)) else name

    @cached_property
    def _culture(self) -> tuple[str, Gender]:
        """The culture to which most of the name points, and the gender of its given names."""
        weights: Counter[str] = Counter()
        gender: Gender = ""
        for word, part in zip(self.person, self.parts, strict=True):
            if (word in _ARABIC and part == "kept") or word.split("-")[0] in _ARABIC:
                weights["arabic"] += 1
            if part in ("initial", "kept"):
                continue
            is_given = part == "given"
            for piece in [word] if self.lists.knows(plain(word), given=is_given) else _all(word):
                weights.update(self.lists.groups(plain(piece), given=is_given))
                if is_given and not gender:
                    gender = self.lists.gender(plain(piece))
        if script_of(self.person[0]) == "LATIN":
            weights[ENGLISH] += _ENGLISH  # type: ignore[assignment]
        # sets of groups have no order, and sums of floats depend on theirs
        best = max(
            ((round(weight, 9), group) for group, weight in weights.items()), default=(0, "")
        )
        return best[1], gender

    def _letter(self, *at: object) -> str:
        return _LETTERS[self._number(len(_LETTERS), "letter", *at)]

    def _number(self, below: int, *at: object) -> int:
        """Return a number from 0 that only the key, the person and the place in a name tell."""
        message = _LABEL + "\0".join((*self.person, "", *map(str, at))).encode("utf-8", "replace")
        return int.from_bytes(hmac.digest(self.key, message, "sha256")[:12], "big") % below


def without_accents(text: str) -> str:
    """Return a Latin text in ASCII as far as it can be: ``Łódź`` -> ``Lodz``."""
    plain_text = strip_accents(text).translate(_PLAIN)
    return (
        plain_text.encode("ascii", "ignore").decode() if script_of(text) == "LATIN" else plain_text
    )


def _pieces(word: str, is_one: bool) -> list[str]:
    return [word] if is_one else [piece for piece in word.split("-") if piece]


def _all(word: str) -> list[str]:
    return [word, *word.split("-")] if "-" in word else [word]
