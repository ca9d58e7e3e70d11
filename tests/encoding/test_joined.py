"""Joined words are the set and the dict of the same words, before and after they are indexed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ner_rnn.encoding.joined import SEARCHED, JoinedPaths, JoinedWords

words = st.text(st.characters(codec="utf-8") | st.sampled_from("ab"), max_size=3)
joined = st.lists(words, max_size=9).map("\t".join)


@given(joined, st.lists(words, min_size=1, max_size=SEARCHED + 3), st.booleans())
def test_words(text: str, asked: list[str], many: bool) -> None:
    found = JoinedWords(text)
    expected = frozenset(text.split("\t"))
    if many:
        assert found.index == expected
    for word in (*asked, *expected):
        assert (word in found) == (word in expected)
    assert found == expected == frozenset(found)
    assert len(found) == len(expected)


@given(
    st.dictionaries(st.text("01", max_size=4), joined, max_size=5),
    st.lists(words, max_size=SEARCHED + 3),
    st.booleans(),
)
def test_paths(words_of: dict[str, str], asked: list[str], many: bool) -> None:
    found = JoinedPaths(words_of)
    expected = {word: path for path, text in words_of.items() for word in text.split("\t")}
    if many:
        assert found.index == expected
    for word in (*asked, *expected):
        assert found.get(word) == expected.get(word)
    assert found == expected == dict(found)
    assert len(found) == len(expected)


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(TypeError):
        JoinedWords(["a"])  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        JoinedPaths({"0": 3})  # type: ignore[dict-item]
    with pytest.raises(AttributeError):
        JoinedPaths("0")  # type: ignore[arg-type]
