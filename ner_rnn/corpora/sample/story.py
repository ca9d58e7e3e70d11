"""One document in the making: its tokens and tags, its people, and what it has mentioned so far.

A person introduced in full is called by the surname later on. ``{P}`` and ``{Q}`` are drawn anew
for each sentence among the people of the document; ``{A}`` to ``{F}`` stay the same; ``{new}`` is
a person who is mentioned once; ``{@}`` is the one being introduced. The forms:

    (none)   introduced by the rule ``intro``, then called as ``later``
    name     in full the first time, then called as ``later``
    and those of ``people.py``
"""

from __future__ import annotations

from collections.abc import Sequence

from ner_rnn.corpora.sample import grammar
from ner_rnn.corpora.sample.grammar import Grammar, Node
from ner_rnn.corpora.sample.people import Person, Population
from ner_rnn.corpora.sample.rng import Rng

__all__ = ["Story"]


class Story:
    """A document in the making."""

    def __init__(self, rules: Grammar, population: Population, rng: Rng) -> None:
        self._rules = rules.rules
        self._population = population
        self._rng = rng
        self._topic = ""
        self._style = population.style(rng)
        self._sentences: list[tuple[list[str], list[str]]] = []
        self._tokens: list[str] = []
        self._tags: list[str] = []
        self._memory: dict[str, tuple[list[str], list[str]]] = {}
        self._cast: dict[str, Person] = {}
        self._introduced: set[str] = set()
        self._roles = {"P": "A", "Q": "B"}

    def write(self, rule: str) -> list[tuple[list[str], list[str]]]:
        """Return the sentences of the rule's output, each as tokens and IOB2 tags."""
        self._write_rule(rule)
        self._end_sentence()
        return self._sentences

    def _write(self, nodes: Sequence[Node]) -> None:
        for node in nodes:
            match node:
                case grammar.Word(text):
                    self._add(text)
                case grammar.Reference(rule, change, memo, low, high):
                    for turn in range(self._rng.between(low, high)):
                        if turn:
                            self._end_sentence()
                        self._write_rule(rule, change, memo)
                case grammar.Mention(who, form):
                    self._write_person(who, form)
                case grammar.Number():
                    self._write_number(node)
                case grammar.Optional(inner):
                    if self._rng.chance(0.5):
                        self._write(inner)
                case grammar.Glued(inner):
                    self._write_glued(inner)
                case grammar.End():
                    self._end_sentence()
                case grammar.Topic(name):
                    self._topic = name

    def _add(self, token: str, tag: str = "O") -> None:
        self._tokens.append(token)
        self._tags.append(tag)

    def _write_rule(self, name: str, change: str = "", memo: str = "") -> None:
        """Write a rule's output, or the remembered one: in capitals (^), title (~), lower case."""
        key = f"{name}#{memo}"
        start, sentences = len(self._tokens), len(self._sentences)
        if memo and key in self._memory:
            tokens, tags = self._memory[key]
            self._tokens += tokens
            self._tags += tags
        else:
            rule = self._rules[name]
            self._write(self._rng.pick(rule.alternatives))
            if rule.label:
                self._tags[start:] = ["I-" + rule.label] * (len(self._tags) - start)
                self._tags[start : start + 1] = ["B-" + rule.label]
            if memo:
                self._memory[key] = self._tokens[start:], self._tags[start:]
        if change:
            changed = _CHANGES[change]
            if len(self._sentences) > sentences:
                start = 0
                for tokens, _ in self._sentences[sentences:]:
                    tokens[:] = map(changed, tokens)
            self._tokens[start:] = map(changed, self._tokens[start:])

    def _write_number(self, number: grammar.Number) -> None:
        """Write a number, with thousands separated by commas from 10,000 on."""
        scale = 10**number.decimals
        drawn = self._rng.between(round(number.low * scale), round(number.high * scale)) / scale
        self._add(f"{drawn:{',' if drawn >= 10_000 else ''}.{number.decimals}f}")

    def _write_glued(self, nodes: Sequence[Node]) -> None:
        """Write nodes, the first token of each joined to the last token before it."""
        for position, node in enumerate(nodes):
            place = len(self._tokens)
            self._write((node,))
            if position and len(self._tokens) > place:
                self._tokens[place - 1] += self._tokens.pop(place)
                self._tags.pop(place)

    def _end_sentence(self) -> None:
        """Close the sentence, its first letter a capital, and draw anew who P and Q are."""
        if self._tokens:
            self._tokens[0] = _title(self._tokens[0])
            self._sentences.append((self._tokens, self._tags))
            self._tokens, self._tags = [], []
        order = ["A", "B", "C", "D"]
        first = order.pop(self._rng.below(7) // 2 if self._rng.chance(0.5) else 0)
        self._roles = {"P": first, "Q": order[min(self._rng.below(3), self._rng.below(3))]}

    def _write_person(self, who: str, form: str) -> None:
        """Write a person in one of the forms listed above."""
        letter = self._roles.get(who, who)
        if letter == "new":
            self._mention(self._population.person(self._rng, self._style), form or "full")
            return
        if letter not in self._cast:
            self._cast[letter] = self._population.person(self._rng, self._style)
        first = letter not in self._introduced
        if form in ("", "name", "full"):
            self._introduced.add(letter)
        if first and form == "":
            self._cast["@"] = self._cast[letter]
            self._write_rule(f"intro_{self._topic}" if self._topic else "intro")
        elif form in ("", "name"):
            self._mention(self._cast[letter], "full" if first else "later")
        else:
            self._mention(self._cast[letter], form)

    def _mention(self, person: Person, form: str) -> None:
        for token, tag in person.mention(form, self._rng):
            self._add(token, tag)


def _title(token: str) -> str:
    return token[:1].upper() + token[1:]


_CHANGES = {"^": str.upper, "~": _title, "_": str.lower}
