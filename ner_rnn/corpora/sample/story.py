"""One document in the making: its tokens and tags, its people, and what it has mentioned so far.

A person introduced in full is called by the surname later on. Who ``{P}`` and ``{Q}`` are is drawn
anew for each sentence among the people of the document; ``{A}`` to ``{F}`` stay; ``{new}`` is
somebody who is not met again; ``{@}`` is the one being introduced. The forms:

    (none)   introduced by the rule ``intro``, then called as ``later``
    name     in full the first time, then called as ``later``
    later    by surname, now and then in full, by first name or with a title
    full     first names and surname        sur    surname alone
    first    first name alone               ini    initials and surname
    mr       title and surname; only the surname is in the span
    rev      surname, comma, first name: two tokens around a comma that is in no span
    he, him, his
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from ner_rnn.corpora.sample.grammar import Grammar, Piece
    from ner_rnn.corpora.sample.names import Names, Person

__all__ = ["Dice", "Story"]

_T = TypeVar("_T")


class Dice:
    """Random draws made from ``random()`` alone, the one method that never changes its series."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed).random

    def chance(self, probability: float) -> bool:
        """True as often as asked."""
        return self._random() < probability

    def below(self, limit: int) -> int:
        """A number from 0 up to, not including, the limit."""
        return int(self._random() * limit)

    def between(self, low: int, high: int) -> int:
        """A number from low to high, both included."""
        return low + int(self._random() * (high - low + 1))

    def pick(self, items: Sequence[_T]) -> _T:
        """One of the items."""
        return items[int(self._random() * len(items))]


class Story:
    """A document under way.

    Args:
        grammar: the rules to write by.
        names: where people come from.
        dice: the source of chance.
    """

    def __init__(self, grammar: Grammar, names: Names, dice: Dice) -> None:
        self.dice = dice
        self.topic = ""
        self.sentences: list[tuple[list[str], list[str]]] = []
        self._grammar = grammar
        self._names = names
        self._style = names.style(dice)
        self._tokens: list[str] = []
        self._tags: list[str] = []
        self._memory: dict[str, tuple[list[str], list[str]]] = {}
        self._cast: dict[str, Person] = {}
        self._introduced: set[str] = set()
        self._roles = {"P": "A", "Q": "B"}

    def write(self, rule: str) -> list[tuple[list[str], list[str]]]:
        """The sentences, as tokens and IOB2 tags, that the rule gives."""
        self.add_rule(rule)
        self.end_sentence()
        return self.sentences

    def add(self, token: str, tag: str = "O") -> None:
        """One more token."""
        self._tokens.append(token)
        self._tags.append(tag)

    def add_rule(self, name: str, change: str = "", memo: str = "") -> None:
        """What a rule gives: in capitals (^), title case (~) or lower case (_); or remembered."""
        key = f"{name}#{memo}"
        start, sentences = len(self._tokens), len(self.sentences)
        if memo and key in self._memory:
            tokens, tags = self._memory[key]
            self._tokens += tokens
            self._tags += tags
        else:
            rule = self._grammar.rules[name]
            rule.emit(self)
            if rule.label:
                self._tags[start:] = ["I-" + rule.label] * (len(self._tags) - start)
                self._tags[start : start + 1] = ["B-" + rule.label]
            if memo:
                self._memory[key] = self._tokens[start:], self._tags[start:]
        if change:
            turn = _CHANGES[change]
            if len(self.sentences) > sentences:
                start = 0
                for tokens, _ in self.sentences[sentences:]:
                    tokens[:] = map(turn, tokens)
            self._tokens[start:] = map(turn, self._tokens[start:])

    def emit_glued(self, piece: Piece, *, to_last: bool) -> None:
        """Let a piece write; its first token is joined to the last one if so asked."""
        place = len(self._tokens)
        piece.emit(self)
        if to_last and len(self._tokens) > place:
            self._tokens[place - 1] += self._tokens.pop(place)
            self._tags.pop(place)

    def end_sentence(self) -> None:
        """Close the sentence, its first letter a capital, and draw anew who P and Q are."""
        if self._tokens:
            first = self._tokens[0]
            self._tokens[0] = first[:1].upper() + first[1:]
            self.sentences.append((self._tokens, self._tags))
            self._tokens, self._tags = [], []
        order = ["A", "B", "C", "D"]
        first_role = order.pop(min(self.dice.below(7), 6) // 2 if self.dice.chance(0.5) else 0)
        self._roles = {"P": first_role, "Q": order[min(self.dice.below(3), self.dice.below(3))]}

    def add_person(self, who: str, form: str) -> None:
        """A person in one of the forms listed above."""
        letter = self._roles.get(who, who)
        if letter == "new":
            self._mention(self._names.person(self.dice, self._style), form or "full")
            return
        if letter not in self._cast:
            self._cast[letter] = self._names.person(self.dice, self._style)
        first = letter not in self._introduced
        if form in ("", "name", "full"):
            self._introduced.add(letter)
        if first and form == "":
            self._cast["@"] = self._cast[letter]
            topic = f"intro_{self.topic}" if self.topic else "intro"
            self.add_rule(topic)
        elif form in ("", "name"):
            self._mention(self._cast[letter], "full" if first else "later")
        else:
            self._mention(self._cast[letter], form)

    def _mention(self, person: Person, form: str) -> None:
        for token, tag in person.mention(form, self.dice):
            self.add(token, tag)


def _title(token: str) -> str:
    return token[:1].upper() + token[1:]


_CHANGES = {"^": str.upper, "~": _title, "_": str.lower}
