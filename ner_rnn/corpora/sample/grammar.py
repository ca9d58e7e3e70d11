"""The language of the rules in ``grammar/*.txt``, and their parser.

    rule: first alternative | 3* second alternative, three times as likely | third alternative
        a further alternative, on an indented line
    rule/ORG: ...           the whole output is one span of type ORG
    {rule}                  the output of a rule; {rule#1} repeats the same output in a document
    {^rule} {~rule} {_rule} in ALL CAPS, in Title Case, in lower case
    {rule+3-8}              three to eight times, each its own sentence
    {1-99} {0.0-9.9}        a number in that range, with as many decimals
    [word {rule}]           left out half of the time
    //                      ends a sentence
    {P} {Q full} {new ini}  a person in some form (see ``story.py``)
    {!topic}                from here on, people are introduced by the rule ``intro_topic``

Tokens are separated by spaces, as in CoNLL files; ``{1-6}-{0-4}`` without spaces is one token.
Rules are parsed here and carried out in ``story.py``.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

__all__ = ["Grammar", "Node", "split_rules"]

_REFERENCE = re.compile(r"([\^~_]?)(\w+)(?:#(\w+))?(?:\+(\d+)-(\d+))?")
_NUMBER = re.compile(r"(\d+(?:\.(\d+))?)-(\d+(?:\.\d+)?)")
_MENTION = re.compile(r"([A-FPQ@]|new)(?: (\w+))?")
_HEAD = re.compile(r"(\w+)(?:/(\w+))?:")


@dataclass(frozen=True, slots=True)
class Word:
    """A token, written as it is."""

    text: str


@dataclass(frozen=True, slots=True)
class Number:
    """A random number between two bounds."""

    low: float
    high: float
    decimals: int


@dataclass(frozen=True, slots=True)
class Reference:
    """The output of another rule, ``low`` to ``high`` times."""

    rule: str
    change: str
    memo: str
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Mention:
    """A person's name."""

    who: str
    form: str


@dataclass(frozen=True, slots=True)
class Topic:
    """A change of topic."""

    name: str


@dataclass(frozen=True, slots=True)
class End:
    """The end of a sentence."""


@dataclass(frozen=True, slots=True)
class Glued:
    """Nodes without spaces between them."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Optional:
    """Nodes that are left out half of the time."""

    nodes: tuple[Node, ...]


Node = Word | Number | Reference | Mention | Topic | End | Glued | Optional


@dataclass(frozen=True, slots=True)
class Rule:
    """The alternatives of a rule, each as often as its weight, and the type of its span."""

    label: str
    alternatives: tuple[tuple[Node, ...], ...]


class Grammar:
    """Rules by name.

    Args:
        text: rules in the syntax above.
        lists: further rules, each a list of phrases with tokens separated by spaces; the key is
            the head of the rule, ``"name"`` or ``"name/LABEL"``.

    Raises:
        KeyError: a rule refers to one that does not exist, or is defined twice.
    """

    def __init__(self, text: str, lists: dict[str, list[str]]) -> None:
        self.rules: dict[str, Rule] = {}
        for head, alternatives in itertools.chain(split_rules(text), lists.items()):
            name, _, label = head.partition("/")
            if name in self.rules:
                raise KeyError(f"rule {name} is defined twice")
            self.rules[name] = Rule(label, tuple(itertools.chain(*map(_alternative, alternatives))))
        for name, rule in self.rules.items():
            for missing in set(_references(itertools.chain(*rule.alternatives))) - set(self.rules):
                raise KeyError(f"rule {name} refers to {missing}, which does not exist")


def split_rules(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the head of each rule and its alternatives, as text."""
    blocks: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        rest = line
        if head := _HEAD.match(line):
            blocks.append((line[: head.end() - 1], []))
            rest = line[head.end() :]
        blocks[-1][1].extend(part.strip() for part in rest.split("|") if part.strip())
    return iter(blocks)


def _alternative(text: str) -> list[tuple[Node, ...]]:
    """'3* a b' -> three times the nodes of 'a b'."""
    weight, star, rest = text.partition("* ")
    weighted = star and weight.isdigit()
    # 'a {P full} [b c]' -> 'a', '{P full}', '[', 'b', 'c', ']'
    words = re.findall(r"[\[\]]|(?:\{[^}]*\}|[^\s\[\]])+", rest if weighted else text)
    return [tuple(_parse(iter(words)))] * (int(weight) if weighted else 1)


def _parse(words: Iterator[str]) -> Iterator[Node]:
    """Yield the nodes up to the end, or up to a closing bracket."""
    for word in words:
        if word == "]":
            return
        if word == "[":
            yield Optional(tuple(_parse(words)))
        elif word == "//":
            yield End()
        else:
            nodes = [_node(part) for part in re.split(r"(\{[^}]*\})", word) if part]
            yield nodes[0] if len(nodes) == 1 else Glued(tuple(nodes))


def _node(part: str) -> Node:
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
    if reference := _REFERENCE.fullmatch(body):
        change, rule, memo, low, high = reference.groups()
        return Reference(rule, change, memo or "", int(low or 1), int(high or 1))
    raise KeyError(f"{part} is neither a rule, a person nor a number")


def _references(nodes: Iterable[Node]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, Reference):
            yield node.rule
        elif isinstance(node, Glued | Optional):
            yield from _references(node.nodes)
