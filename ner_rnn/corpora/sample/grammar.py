"""A small language for writing text with names in it, and the machine that writes it.

Rules live in ``grammar/*.txt``. This file knows their syntax and how a rule becomes tokens and
tags; it knows no word of English and composes no name (see ``names.py``).

    rule: first way | 3* second way, three times as likely | third way
        a further way, on an indented line
    rule/ORG: ...           whatever comes out is one span of type ORG
    {rule}                  what the rule gives; {rule#1} gives the same again in one document
    {^rule} {~rule} {_rule} in ALL CAPS, in Title Case, in lower case
    {rule+3-8}              three to eight times, each its own sentence
    {1-99} {0.0-9.9}        a number in that range, with as many decimals
    [word {rule}]           in half of the cases
    //                      ends a sentence
    {P} {Q full} {new ini}  a person (see ``story.py``), in some form
    {!topic}                from here on, people are introduced by the rule ``intro_topic``

Tokens stand apart by spaces, as in CoNLL files; ``{1-6}-{0-4}`` without spaces is one token.
"""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ner_rnn.corpora.sample.story import Story

__all__ = ["Grammar", "split_rules"]

_REFERENCE = re.compile(r"([\^~_]?)(\w+)(?:#(\w+))?(?:\+(\d+)-(\d+))?")
_NUMBER = re.compile(r"(\d+(?:\.(\d+))?)-(\d+(?:\.\d+)?)")
_MENTION = re.compile(r"([A-FPQ@]|new)(?: (\w+))?")
_HEAD = re.compile(r"(\w+)(?:/(\w+))?:")


@dataclass(frozen=True, slots=True)
class Word:
    """A token as it stands."""

    text: str

    def emit(self, story: Story) -> None:
        story.add(self.text)


@dataclass(frozen=True, slots=True)
class Number:
    """A random number, with thousands separated by commas from 10,000 on."""

    low: float
    high: float
    decimals: int

    def emit(self, story: Story) -> None:
        scale = 10**self.decimals
        drawn = story.dice.between(round(self.low * scale), round(self.high * scale)) / scale
        story.add(f"{drawn:{',' if drawn >= 10_000 else ''}.{self.decimals}f}")


@dataclass(frozen=True, slots=True)
class Reference:
    """What another rule gives."""

    rule: str
    change: str
    memo: str
    low: int
    high: int

    def emit(self, story: Story) -> None:
        for turn in range(story.dice.between(self.low, self.high)):
            if turn:
                story.end_sentence()
            story.add_rule(self.rule, self.change, self.memo)


@dataclass(frozen=True, slots=True)
class Mention:
    """A person's name."""

    who: str
    form: str

    def emit(self, story: Story) -> None:
        story.add_person(self.who, self.form)


@dataclass(frozen=True, slots=True)
class Topic:
    """A change of topic."""

    name: str

    def emit(self, story: Story) -> None:
        story.topic = self.name


@dataclass(frozen=True, slots=True)
class End:
    """The end of a sentence."""

    def emit(self, story: Story) -> None:
        story.end_sentence()


@dataclass(frozen=True, slots=True)
class Glued:
    """Pieces without spaces between them."""

    pieces: tuple[Piece, ...]

    def emit(self, story: Story) -> None:
        for position, piece in enumerate(self.pieces):
            story.emit_glued(piece, to_last=position > 0)


@dataclass(frozen=True, slots=True)
class Maybe:
    """Pieces that are left out half of the time."""

    pieces: tuple[Piece, ...]

    def emit(self, story: Story) -> None:
        if story.dice.chance(0.5):
            for piece in self.pieces:
                piece.emit(story)


Piece = Word | Number | Reference | Mention | Topic | End | Glued | Maybe


@dataclass(frozen=True, slots=True)
class Rule:
    """The ways a rule can go, as running totals of their weights, and the type of its span."""

    label: str
    totals: tuple[int, ...]
    ways: tuple[tuple[Piece, ...], ...]

    def emit(self, story: Story) -> None:
        drawn = story.dice.below(self.totals[-1])
        for piece in self.ways[bisect.bisect_right(self.totals, drawn)]:
            piece.emit(story)


class Grammar:
    """Rules by name.

    Args:
        text: rules in the syntax above.
        lists: further rules, each a list of phrases whose tokens stand apart by spaces; the key
            is the head of the rule, ``"name"`` or ``"name/LABEL"``.

    Raises:
        KeyError: a rule refers to one that is not there, or is there twice.
    """

    def __init__(self, text: str, lists: dict[str, list[str]]) -> None:
        self.rules: dict[str, Rule] = {}
        for head, ways in itertools.chain(split_rules(text), lists.items()):
            name, _, label = head.partition("/")
            if name in self.rules:
                raise KeyError(f"rule {name} is there twice")
            weighted = [_weigh(way) for way in ways]
            self.rules[name] = Rule(
                label,
                tuple(itertools.accumulate(weight for weight, _ in weighted)),
                tuple(tuple(_parse(iter(_words(way)))) for _, way in weighted),
            )
        for name, rule in self.rules.items():
            for missing in set(_references(itertools.chain(*rule.ways))) - set(self.rules):
                raise KeyError(f"rule {name} refers to {missing}, which is not there")


def split_rules(text: str) -> Iterator[tuple[str, list[str]]]:
    """The heads of rules and their ways, as text."""
    blocks: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        head = _HEAD.match(line)
        if head:
            blocks.append((line[: head.end() - 1], []))
            line = line[head.end() :]  # noqa: PLW2901
        blocks[-1][1].extend(way.strip() for way in line.split("|") if way.strip())
    return iter(blocks)


def _weigh(way: str) -> tuple[int, str]:
    """'3* a b' -> (3, 'a b')."""
    weight, star, rest = way.partition("* ")
    return (int(weight), rest) if star and weight.isdigit() else (1, way)


def _words(way: str) -> list[str]:
    """'a {P full} [b c]' -> ['a', '{P full}', '[', 'b', 'c', ']']."""
    return re.findall(r"[\[\]]|(?:\{[^}]*\}|[^\s\[\]])+", way)


def _parse(words: Iterator[str]) -> Iterator[Piece]:
    """Pieces up to the end, or up to a closing bracket."""
    for word in words:
        if word == "]":
            return
        if word == "[":
            yield Maybe(tuple(_parse(words)))
        elif word == "//":
            yield End()
        else:
            parts = [part for part in re.split(r"(\{[^}]*\})", word) if part]
            pieces = [_piece(part) for part in parts]
            yield pieces[0] if len(pieces) == 1 else Glued(tuple(pieces))


def _piece(part: str) -> Piece:
    if not part.startswith("{"):
        return Word(part)
    body = part[1:-1]
    if body.startswith("!"):
        return Topic(body[1:])
    if number := _NUMBER.fullmatch(body):
        low, decimals, high = number.groups()
        return Number(float(low), float(high), len(decimals or ""))
    if mention := _MENTION.fullmatch(body):
        return Mention(mention[1], mention[2] or "")
    reference = _REFERENCE.fullmatch(body)
    if reference is None:
        raise KeyError(f"{part} is neither a rule, a person nor a number")
    change, rule, memo, low, high = reference.groups()
    return Reference(rule, change, memo or "", int(low or 1), int(high or 1))


def _references(pieces: Iterable[Piece]) -> Iterator[str]:
    for piece in pieces:
        if isinstance(piece, Reference):
            yield piece.rule
        elif isinstance(piece, Glued | Maybe):
            yield from _references(piece.pieces)
