"""Joined words are found as in sets of the same words, by search and by the table alike."""

from __future__ import annotations

import random
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ner_rnn.encoding.joined import SEARCHED, JoinedWords, as_bytes

words = st.text(st.characters() | st.sampled_from("ab\t"), max_size=3)  # half characters as well
joined = st.lists(words, max_size=9).map("\t".join)


def expected(words_of: dict[str, str], asked: list[str]) -> list[tuple[int, int]]:
    """Index and group of each place, by comparing all words."""
    return [
        (index, group)
        for index, word in enumerate(asked)
        for group, text in enumerate(words_of.values())
        for known in text.split("\t")
        if known == word
    ]


def find(known: JoinedWords, asked: list[str]) -> list[tuple[int, int]]:
    indices, groups = known.find([as_bytes(word) for word in asked])
    return list(zip(indices.tolist(), groups.tolist(), strict=True))


@given(st.dictionaries(st.text(max_size=4), joined, max_size=5), st.lists(words, max_size=9))
def test_what_is_found(words_of: dict[str, str], asked: list[str]) -> None:
    known = JoinedWords(words_of)
    asked += [word for text in words_of.values() for word in text.split("\t")]
    searched = [pair for word in asked[:SEARCHED] for pair in find(known, [word])]
    assert searched == [(0, group) for _, group in expected(words_of, asked[:SEARCHED])]
    assert find(known, asked + [""] * SEARCHED) == expected(words_of, asked + [""] * SEARCHED)
    assert known.words_of == words_of
    assert known == JoinedWords(words_of)
    assert list(known) == [word for text in words_of.values() for word in text.split("\t")]
    assert known.groups == tuple(words_of)


def test_words_of_the_same_sum_are_told_apart() -> None:
    """Two of ten thousand words or more have the same sum of 32 bits sooner or later."""
    chance = random.Random(0)
    seen: dict[int, str] = {}
    pairs = []
    while len(pairs) < 4:
        word = "".join(chance.choices("abcdefghij", k=9))
        other = seen.setdefault(crc32(word.encode()), word)
        if other != word:
            pairs.append((other, word))
    kept = [pair[0] for pair in pairs]
    known = JoinedWords({"a": "\t".join(kept), "b": "\t".join([*pairs[0], "x"])})
    asked = [word for pair in pairs for word in pair] * SEARCHED
    assert find(known, asked) == expected(known.words_of, asked)


def test_a_hundred_thousand_words() -> None:
    chance = random.Random(1)
    drawn = ["".join(chance.choices("aeiouknrst", k=chance.randint(1, 6))) for _ in range(120_000)]
    lists = {"one": drawn[:30_000], "two": drawn[20_000:60_000]}
    known = JoinedWords({name: "\t".join(set(found)) for name, found in lists.items()})
    sets = [frozenset(found) for found in lists.values()]
    found = set(find(known, drawn))
    assert found == {
        (index, group)
        for index, word in enumerate(drawn)
        for group, held in enumerate(sets)
        if word in held
    }


def test_no_group_has_no_word() -> None:
    assert find(JoinedWords({}), ["", "a"] * SEARCHED) == find(JoinedWords({}), ["", "a"]) == []


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(AttributeError):
        JoinedWords({"0": 3})  # type: ignore[dict-item]
    with pytest.raises(AttributeError):
        JoinedWords("0")  # type: ignore[arg-type]
