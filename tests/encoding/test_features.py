"""What a word's spelling says."""

import doctest

from hypothesis import given
from hypothesis import strategies as st

from ner_rnn.encoding import features
from ner_rnn.encoding.features import FEATURES, form_features, letters, normalise, shape


def test_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(features).failed == 0
    assert doctest.testmod(features).attempted >= 4


@given(st.text(min_size=1))
def test_any_word_has_every_feature(word: str) -> None:
    found = form_features(word)
    assert len(found) == len(FEATURES)
    assert len(found[0]) <= 8


@given(st.text(min_size=1), st.integers(1, 40))
def test_letters_are_bounded_and_keep_both_ends(word: str, longest: int) -> None:
    read = letters(word, longest)
    assert len(read) == min(len(word), longest)
    assert read[0] == word[0]
    if longest > 1:
        assert read[-1] == word[-1]


def test_a_word_of_ten_thousand_characters_is_as_cheap_as_any() -> None:
    word = "A" + "b" * 9_998 + "c"
    assert shape(word) == "Xxx"
    assert form_features(word)[-1] == "bbbc"
    assert letters(word, 24) == "A" + "b" * 22 + "c"


def test_short_words_have_no_affix_that_is_the_word_itself() -> None:
    assert form_features("of") == ("xx", "", "", "f", "", "", "")


def test_digits_are_one_and_letters_stay() -> None:
    assert normalise("24-year-old") == "00-year-old"
    assert normalise("Tyson") == "Tyson"
    assert normalise("٣٤") == "00"
