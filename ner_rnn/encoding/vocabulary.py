"""Words, letters, form features and tags as numbers, and back.

Learned from a training corpus, saved in a bundle as JSON. Id 0 is padding and id 1 unknown, except
for tags, which are a closed list.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from ner_rnn.encoding.characters import Context
from ner_rnn.encoding.features import FEATURES, form_features, letters, normalise
from ner_rnn.encoding.knowledge import NOTHING, Knowledge
from ner_rnn.errors import BundleError, shortened
from ner_rnn.text.token_unit import recognise_unit
from ner_rnn.text.tokenize import TokenUnit

__all__ = ["ANY_TAG", "PAD", "UNKNOWN", "FormArrays", "Vocabulary"]

ANY_TAG = "?"
"""Stands for any tag of the model, at a word that the annotation leaves open."""

PAD = 0
UNKNOWN = 1
LETTERS_READ = 24
"""Letters of a word that are read; a longer word is read at both ends."""

LARGEST_COUNT = 2**53
TAG = re.compile(r"O|[BIES]-.+", re.DOTALL)
"""A tag of the BIOES scheme."""

Ids = NDArray[np.int64]


@dataclass(frozen=True)
class FormArrays:
    """Distinct words as numbers.

    Attributes:
        words: (forms,) id of the word's own vector.
        letters: (forms, letters) character ids, padded with 0 on the right.
        features: (forms, features) ids into one table shared by all features.
    """

    words: Ids
    letters: Ids
    features: Ids


@dataclass(frozen=True)
class Vocabulary:
    """All that a model has an id for.

    Attributes:
        words: word keys in the order of their ids, from id 2.
        counts: occurrences of each of those words in training.
        characters: characters in the order of their ids, from id 2.
        features: values of each form feature; ids are numbered through all features.
        tags: the model's tags (BIOES over the entity types), in the order of their ids.
        knowledge: clusters and lists, as further form features.
        context: language models that text is read with as well, or None.
        unit: tokens of the corpus, and of text that is to be tagged: words or characters.
    """

    words: tuple[str, ...]
    counts: tuple[int, ...]
    characters: tuple[str, ...]
    features: tuple[tuple[str, ...], ...]
    tags: tuple[str, ...]
    unit: TokenUnit = "words"
    knowledge: Knowledge = NOTHING
    context: Context | None = None
    _character_table: Ids = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the characters, each of which must be one; words are indexed when first needed."""
        # ids by code point; a code point beyond the last known one maps to the row after it
        table = np.full(max(map(ord, self.characters), default=0) + 2, UNKNOWN, dtype=np.int64)
        table[[ord(character) for character in self.characters]] = range(
            2, len(self.characters) + 2
        )
        object.__setattr__(self, "_character_table", table)  # frozen: set once, here

    @cached_property
    def _word_ids(self) -> dict[str, int]:
        return {word: i for i, word in enumerate(self.words, 2)}

    @cached_property
    def _feature_ids(self) -> tuple[dict[str, int], ...]:
        tables = []
        start = 2
        for values in self.features:
            # each feature has an id of its own for unknown values
            tables.append({value: i for i, value in enumerate(("\0", *values), start)})
            start += len(values) + 1
        return tuple(tables)

    @classmethod
    def learn(
        cls,
        sentences: Iterable[Sequence[str]],
        tags: Sequence[str],
        *,
        min_count: int = 2,
        extra_words: Iterable[str] = (),
        knowledge: Knowledge = NOTHING,
    ) -> Vocabulary:
        """Build the vocabulary of training sentences.

        Args:
            sentences: tokens of each.
            tags: the model's tags.
            min_count: fewest occurrences of a word with a vector of its own.
            extra_words: words that have one regardless (those of pre-trained vectors).
            knowledge: clusters and lists.
        """
        forms: Counter[str] = Counter()
        for tokens in sentences:
            forms.update(tokens)
        words: Counter[str] = Counter()
        characters: Counter[str] = Counter()
        features: list[Counter[str]] = [Counter() for _ in (*FEATURES, *knowledge.names)]
        known = knowledge.of_words(tuple(forms))
        for (form, count), known_features in zip(forms.items(), known, strict=True):
            words[normalise(form)] += count
            characters.update(letters(form, LETTERS_READ))
            values = (*form_features(form), *known_features)
            for table, value in zip(features, values, strict=True):
                table[value] += 1
        for word in extra_words:
            words[normalise(word)] += min_count
        kept = sorted((w for w, n in words.items() if n >= min_count), key=lambda w: (-words[w], w))
        return cls(
            words=tuple(kept),
            counts=tuple(words[w] for w in kept),
            characters=tuple(sorted(characters)),
            # an affix of a single distinct word only repeats that word
            features=tuple(tuple(sorted(v for v, n in t.items() if n > 1)) for t in features),
            tags=tuple(tags),
            unit=recognise_unit(forms),
            knowledge=knowledge,
        )

    def extended(self, sentences: Iterable[Sequence[str]], *, min_count: int = 2) -> Vocabulary:
        """Return the vocabulary with new words and characters of further text after its own.

        Ids stay what they are; form features and tags gain none.

        Args:
            sentences: tokens of each.
            min_count: fewest occurrences there of a new word with a vector of its own.
        """
        forms = Counter(form for tokens in sentences for form in tokens)
        words: Counter[str] = Counter()
        for form, count in forms.items():
            words[normalise(form)] += count
        known, spelled = self._word_ids, set(self.characters)
        kept = [word for word, n in words.items() if n >= min_count and word not in known]
        kept.sort(key=lambda word: (-words[word], word))
        seen = {letter for form in forms for letter in letters(form, LETTERS_READ)}
        return replace(
            self,
            words=(*self.words, *kept),
            counts=(*self.counts, *(words[word] for word in kept)),
            characters=(*self.characters, *sorted(seen - spelled)),
        )

    @property
    def word_count(self) -> int:
        """Number of rows of the word table."""
        return len(self.words) + 2

    @property
    def character_count(self) -> int:
        """Number of rows of the character table."""
        return len(self.characters) + 2

    @property
    def feature_count(self) -> int:
        """Number of rows of the form-feature table."""
        return 2 + sum(len(values) + 1 for values in self.features)

    def encode_forms(self, forms: Sequence[str]) -> FormArrays:
        """Return the numbers of distinct words, one row a word."""
        spelled = [letters(form, LETTERS_READ) for form in forms]
        width = max(1, max(map(len, spelled), default=1))
        # all words at once, by their code points
        joined = "".join([word.ljust(width) for word in spelled])
        codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype="<u4")
        known = self._character_table
        characters = known[np.minimum(codes, len(known) - 1)].reshape(len(forms), width)
        lengths = np.fromiter(map(len, spelled), dtype=np.int64, count=len(spelled))
        characters[np.arange(width) >= lengths[:, None]] = PAD
        words = [self._word_ids.get(normalise(form), UNKNOWN) for form in forms]
        tables = self._feature_ids
        features = [
            [
                table.get(value, table["\0"])
                for table, value in zip(tables, (*form_features(form), *known), strict=True)
            ]
            for form, known in zip(forms, self.knowledge.of_words(forms), strict=True)
        ]
        return FormArrays(
            words=np.asarray(words, dtype=np.int64),
            letters=characters,
            features=np.asarray(features, dtype=np.int64).reshape(len(forms), len(self.features)),
        )

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the form features, in order."""
        return (*FEATURES, *self.knowledge.names)

    def unknown_knowledge(self) -> dict[int, int]:
        """Return the unknown id of each feature of clusters and lists, by the feature's index."""
        tables = enumerate(self._feature_ids)
        return {index: table["\0"] for index, table in tables if index >= len(FEATURES)}

    def encode_tags(self, tags: Iterable[str]) -> tuple[Ids, NDArray[np.bool_] | None]:
        """Return the ids of tags, and which tags a word of partial annotation may have.

        Args:
            tags: the model's own; ``?`` for any of them, ``O|LOC|ORG`` for O or any tag of these
                types.

        Returns:
            Ids (words,), those from ``len(self.tags)`` on being rows of the table; the table
            (patterns, tags), or None where every tag is known.
        """
        ids = {tag: i for i, tag in enumerate(self.tags)}
        known = len(ids)
        coded = np.fromiter((ids.setdefault(tag, len(ids)) for tag in tags), dtype=np.int64)
        if len(ids) == known:
            return coded, None
        patterns = [self._allowed(tag) for tag in list(ids)[known:]]
        return coded, np.array(patterns, dtype=np.bool_)

    def _allowed(self, pattern: str) -> list[bool]:
        types = pattern.split("|")
        if pattern != ANY_TAG and (len(types) < 2 or types[0] != "O"):
            raise KeyError(pattern)
        return [pattern == ANY_TAG or tag[2:] in types or tag == "O" for tag in self.tags]

    def to_json(self) -> dict[str, Any]:
        """Return the input of :meth:`from_json`."""
        return {
            "words": list(self.words),
            "counts": list(self.counts),
            "characters": list(self.characters),
            "features": {
                name: list(values)
                for name, values in zip(self.feature_names, self.features, strict=True)
            },
            "tags": list(self.tags),
            "cut": self.unit,
            **({"knowledge": self.knowledge.to_json()} if self.knowledge.names else {}),
            **({"context": self.context.to_json()} if self.context else {}),
        }

    @classmethod
    def from_json(cls, saved: dict[str, Any]) -> Vocabulary:
        """Read the vocabulary of a bundle.

        Raises:
            BundleError: a part is missing or of the wrong kind.
        """
        if "symbols" in saved:
            raise BundleError(
                "the model is a language model: use it by 'ner-rnn lm', or give a folder that "
                "'ner-rnn train' wrote"
            )
        unit = saved.get("cut", "words")  # older models have none
        if unit not in get_args(TokenUnit):
            raise BundleError(
                f"vocabulary.json: text cut into {unit!r} is not known to this version; use the "
                "version of ner-rnn that wrote the model"
            )
        try:
            knowledge = NOTHING
            if "knowledge" in saved:
                knowledge = Knowledge.from_json(saved["knowledge"])
            names = (*FEATURES, *knowledge.names)
            context = Context.from_json(saved["context"]) if "context" in saved else None
            counts = tuple(saved["counts"])
            vocabulary = cls(
                words=_texts(saved, "words"),
                counts=counts,
                characters=_texts(saved, "characters"),
                features=tuple(_texts(saved["features"], name) for name in names),
                tags=_texts(saved, "tags"),
                unit=unit,
                knowledge=knowledge,
                context=context,
            )
            if len(counts) != len(vocabulary.words) or not {int}.issuperset(map(type, counts)):
                raise ValueError("counts")
            if min(counts, default=0) < 0 or max(counts, default=0) > LARGEST_COUNT:
                raise ValueError("counts")
            if not all(TAG.fullmatch(tag) for tag in vocabulary.tags) or not vocabulary.tags:
                raise ValueError("tags")
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            part = shortened(str(error), 100)
            raise BundleError(
                f"vocabulary.json: missing or malformed part {part}; train the model again"
            ) from None
        return vocabulary


def _texts(saved: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return a list of texts.

    Raises:
        KeyError: it is missing.
        ValueError: it holds something else.
    """
    found = saved[name]
    if not isinstance(found, list) or not {str}.issuperset(map(type, found)):
        raise ValueError(repr(name))
    return tuple(found)
