"""The words of a person's name -> which are given names, family names, initials, and what stays.

("angela", "merkel")            ->  given, family
("j", "r", "de", "vries")       ->  initial, initial, kept, family
("nguyen", "thi", "minh")       ->  family, given, given
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, TypeAlias

from ner_rnn.augmentation.names import PARTICLES
from ner_rnn.tagging.surrogates.cultures import FAMILY_FIRST
from ner_rnn.tagging.surrogates.name_lists import NameLists, plain
from ner_rnn.tagging.surrogates.name_words import GENERATIONS, is_initial

__all__ = ["Part", "name_parts"]

Part: TypeAlias = Literal["given", "family", "initial", "kept"]

_NAMES_TOO = frozenset(["al", "ben", "mac", "san", "bar", "st"])
"""Particles that begin a name as given names do: Al Gore, Ben Stiller."""
_LETTERS = re.compile(r"[bcdfghjklmnpqrstvwxz]{2,3}")
"""Initials without full stops: JFK, PJ."""


def name_parts(words: Sequence[str], lists: NameLists) -> list[Part]:
    """Tell the parts of a name from their places and from lists.

    Args:
        words: of the name, as they are compared, given names first.
        lists: known names.

    Returns:
        The part that each word is; at least one is not kept.
    """
    parts: list[Part | None] = [_sure_part(words, place, lists) for place in range(len(words))]
    names = [place for place, part in enumerate(parts) if part is None]
    if not names and "initial" not in parts:  # particles alone
        parts, names = [None] * len(words), list(range(len(words)))
    for place in names:
        parts[place] = "given"
    if len(names) == 1:
        if _is_family(words, names[0], parts, lists):
            parts[names[0]] = "family"
    elif names:
        parts[names[0 if _is_turned(words, names, lists) else -1]] = "family"
        for place in names[1:-1]:
            if parts[place - 1] == "kept" or (
                lists.knows(plain(words[place]), given=False)
                and not lists.knows(plain(words[place]), given=True)
            ):
                parts[place] = "family"
    return [part or "given" for part in parts]


def _sure_part(words: Sequence[str], place: int, lists: NameLists) -> Part | None:
    """Return the part that a word is by itself, if it is one."""
    word = words[place]
    if is_initial(word):
        return "initial"
    if len(words) > 1 and (
        (word in GENERATIONS and place == len(words) - 1)
        or (word in PARTICLES and place < len(words) - 1 and (place or word not in _NAMES_TOO))
    ):
        return "kept"
    known = any(lists.knows(word, given=given) for given in (True, False))
    return "initial" if _LETTERS.fullmatch(word) and not known else None


def _is_family(
    words: Sequence[str], place: int, parts: Sequence[Part | None], lists: NameLists
) -> bool:
    """Return whether the only name among initials and particles is a family name."""
    if place and parts[place - 1] in ("initial", "kept"):
        return True
    if "initial" in parts[place + 1 :]:
        return False
    return not lists.resembles_given(plain(words[place]))


def _is_turned(words: Sequence[str], names: Sequence[int], lists: NameLists) -> bool:
    """Return whether the family name comes first, as it does in some cultures."""
    first, last = plain(words[names[0]]), plain(words[names[-1]])
    family = FAMILY_FIRST & lists.groups(first, given=False).keys()
    if not family or not lists.knows(first, given=False) or lists.knows(first, given=True):
        return False
    is_family = lists.knows(last, given=False) and family & lists.groups(last, given=False).keys()
    return not is_family
