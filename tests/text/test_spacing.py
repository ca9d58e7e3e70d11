"""Words as running text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ner_rnn.text.spacing import is_spaced, written

CASES = {
    "He said ( twice ) .": "He said (twice).",
    'They " agree " , all .': 'They "agree", all.',
    "Mr. O'Neill 's plan did n't work": "Mr. O'Neill's plan didn't work",
    "profit of $ 3.5 million ( 12 % )": "profit of $3.5 million (12%)",
    "李 娜 说 。": "李娜说。",
    "李 娜 met Ann": "李娜 met Ann",
    "A - B": "A - B",
    '" " "': '"" "',
    "": "",
}


@pytest.mark.parametrize("words", CASES)
def test_signs_stand_at_their_words(words: str) -> None:
    assert written(words.split())[0] == CASES[words]


@given(st.lists(st.text(max_size=5), max_size=20))
def test_every_word_is_written_in_order(words: list[str]) -> None:
    spaced = is_spaced(words)
    assert len(spaced) == len(words)
    assert not any(spaced[:1])
    text, starts = written(words)
    assert len(text) == sum(map(len, words)) + sum(spaced)
    place = 0
    for word, space in zip(words, spaced, strict=True):
        place += space
        assert text[place : place + len(word)] == word
        assert starts.pop(0) == place
        place += len(word)
