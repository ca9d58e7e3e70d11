"""A corpus tells how it was cut, also those that are in use."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from ner_rnn.text.conll import read_conll
from ner_rnn.text.token_unit import recognise_unit, without_positions
from ner_rnn.text.tokenize import tokenize

DATA = Path(__file__).parents[3] / "shared" / "data"


def test_words_are_told_from_characters() -> None:
    assert recognise_unit(Counter("王小明在北京。")) == "characters"
    assert recognise_unit(Counter(["王小明", "在", "北京", "。"])) == "words"
    assert recognise_unit(Counter(["Ann", "left", "."])) == "words"
    assert recognise_unit(Counter(["e\u0301", "👩\u200d👧"])) == "characters"
    assert recognise_unit({}) == "words"


def test_what_is_not_nearly_all_decides_nothing() -> None:
    assert recognise_unit({"王": 96, "Windows": 4}) == "characters"
    assert recognise_unit({"王": 94, "Windows": 6}) == "words"


def test_positions_are_taken_away() -> None:
    sentences = [["口0", "腔1", "溃2"], ["10", "20", "\ufffd0"]]
    assert without_positions(sentences) == [("口", "腔", "溃"), ("1", "2", "\ufffd")]


@pytest.mark.parametrize("sentences", [[], [[]], [["Ann", "of", "A1"], ["B2", "left"]]])
def test_other_corpora_are_left_alone(sentences: list[list[str]]) -> None:
    assert without_positions(sentences) == sentences


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("weibo_zh/train.bio", "characters"),
        ("weibo_zh/dev.bio", "characters"),
        ("peoplesdaily_zh/dev.bio", "characters"),
        ("conll2003/eng.testa", "words"),
        ("germeval2014_de/dev.bio", "words"),
        ("wnut17/dev.bio", "words"),
    ],
)
def test_real_corpora(name: str, expected: str) -> None:
    if not (DATA / name).exists():
        pytest.skip(f"needs {name} in ../shared/data")
    given = [sentence.tokens for sentence in read_conll(DATA / name)]
    sentences = without_positions(given)
    assert (sentences != given) == name.startswith("weibo")
    assert recognise_unit(Counter(token for tokens in sentences for token in tokens)) == expected


@pytest.mark.parametrize("name", ["weibo_zh/dev.bio", "peoplesdaily_zh/dev.bio"])
def test_text_is_cut_into_the_characters_of_the_corpus(name: str) -> None:
    if not (DATA / name).exists():
        pytest.skip(f"needs {name} in ../shared/data")
    given = [sentence.tokens for sentence in read_conll(DATA / name)]
    same = total = 0
    for tokens in without_positions(given):
        text = "".join(tokens)
        words = [text[a:b] for part in tokenize(text, "characters") for a, b in part]
        same += words == list(tokens)
        total += 1
    assert same >= 0.99 * total  # what differs: emoji that the corpus broke, marks of their own
