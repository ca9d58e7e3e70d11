"""Input and output of the tagger: tokenized texts, and documents with their names.

Plain data without a model or a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ner_rnn.text.tokenize import Token, TokenUnit, iter_sentences

__all__ = ["Document", "Name", "NameWords", "TokenizedText"]


class Name(NamedTuple):
    """A person's name in a text.

    Attributes:
        start: offset of its first character in the exact input, in Unicode code points.
        end: offset after its last character.
        text: ``input[start:end]``.
        score: the model's probability of exactly this name, from 0 to 1.
        on_best_path: whether the most probable reading of the whole text has it; others are found
            by a ``min_score`` above 0 alone.
    """

    start: int
    end: int
    text: str
    score: float
    on_best_path: bool = True


class NameWords(NamedTuple):
    """A name by its words.

    Attributes:
        start: its first word in the sentence, from 0.
        end: the word after its last.
        score: the model's probability of exactly this name, from 0 to 1.
        on_best_path: see ``Name``.
    """

    start: int
    end: int
    score: float
    on_best_path: bool = True


@dataclass(frozen=True, slots=True)
class TokenizedText:
    """A text that is divided into sentences and words already.

    Attributes:
        text: the text.
        sentences: offsets of the words of each sentence, in order and without overlap.
        words: the words themselves, if they are known.
    """

    text: str
    sentences: Sequence[Sequence[Token]]
    words: Sequence[Sequence[str]] | None = field(default=None, repr=False, compare=False)

    @classmethod
    def join(cls, sentences: Iterable[Sequence[str]]) -> TokenizedText:
        r"""Join words to a text: a space between words, a line break between sentences.

        >>> TokenizedText.join([["A", "b"], ["C"]])
        TokenizedText(text='A b\nC', sentences=[[(0, 1), (2, 3)], [(4, 5)]])
        """
        given = [list(words) for words in sentences]
        lines: list[str] = []
        cut: list[list[Token]] = []
        offset = 0
        for words in given:
            places: list[Token] = []
            for word in words:
                places.append((offset, offset + len(word)))
                offset += len(word) + 1
            offset += not words  # an empty sentence is an empty line
            lines.append(" ".join(words))
            cut.append(places)
        return cls("\n".join(lines), cut, given)


@dataclass(slots=True)
class Document:
    """A text and the names found in it.

    Attributes:
        text: the exact input.
        names: in order, without overlap.
        words: number of its words.
        offsets: of the words of each sentence as given; None: ``tokenize`` finds them.
        unit: tokens that it finds.
        entropies: of each word's tag in order, given that of the word before, in nats; empty unless
            they were asked for.
    """

    text: str
    names: list[Name] = field(default_factory=list)
    words: int = 0
    offsets: Sequence[Sequence[Token]] | None = None
    unit: TokenUnit = "words"
    entropies: list[float] = field(default_factory=list, repr=False)

    @property
    def entropy(self) -> float:
        """Entropy of the tags of all words, in nats: how unsure the model is of the text."""
        return sum(self.entropies)

    def sentences(self) -> Iterator[Sequence[Token]]:
        """Yield the offsets of the words of each sentence, as the model read them.

        They are not kept but computed again: they take far more memory than the text.
        """
        found = iter_sentences(self.text, self.unit) if self.offsets is None else self.offsets
        yield from found

    def named_sentences(self) -> Iterator[tuple[Sequence[Token], list[NameWords]]]:
        """Yield each sentence: the offsets of its words, and the names in it by their words."""
        names = iter(self.names)
        name = next(names, None)
        for sentence in self.sentences():
            inside: list[NameWords] = []
            at = 0
            while name is not None and sentence and name.start < sentence[-1][1]:
                while sentence[at][0] < name.start:
                    at += 1
                first = at
                while at < len(sentence) and sentence[at][1] <= name.end:
                    at += 1
                inside.append(NameWords(first, at, name.score, name.on_best_path))
                name = next(names, None)
            yield sentence, inside
