"""Numbers for words and back."""

import json

import numpy as np
import pytest

from ner_rnn.encoding.vocabulary import LETTERS_READ, UNKNOWN, Vocabulary
from ner_rnn.errors import BundleError

TAGS = ("O", "B-PER", "I-PER", "E-PER", "S-PER")
SENTENCES = [["Maria", "met", "Mario", "in", "1996"], ["Maria", "met", "nobody", "in", "1997"]]


@pytest.fixture
def vocabulary() -> Vocabulary:
    return Vocabulary.learn(SENTENCES, TAGS, min_count=2)


def test_frequent_words_come_first_and_rare_ones_are_unknown(vocabulary: Vocabulary) -> None:
    assert vocabulary.words == ("0000", "Maria", "in", "met")
    assert vocabulary.counts == (2, 2, 2, 2)
    ids = vocabulary.encode_forms(["Maria", "2024", "Mario"]).words.tolist()
    assert ids == [3, 2, UNKNOWN]


def test_letters_are_padded_on_the_right(vocabulary: Vocabulary) -> None:
    letters = vocabulary.encode_forms(["in", "Maria"]).letters
    assert letters.shape == (2, 5)
    assert letters[0, 2:].tolist() == [0, 0, 0]
    assert (letters[1] > 1).all()
    assert vocabulary.encode_forms(["Ω"]).letters.tolist() == [[UNKNOWN]]
    assert vocabulary.encode_forms(["x" * 10_000]).letters.shape == (1, LETTERS_READ)


def test_a_feature_never_seen_has_an_id_of_its_own(vocabulary: Vocabulary) -> None:
    known, unknown = vocabulary.encode_forms(["Mariana", "Ωmega"]).features
    assert known[1] != unknown[1], "prefix ma is shared by Maria and Mario"
    per_feature = [set() for _ in known]
    for row in vocabulary.encode_forms(["Maria", "Ωmega", "!", "of"]).features:
        for column, number in enumerate(row.tolist()):
            per_feature[column].add(number)
    every = [number for column in per_feature for number in column]
    assert len(every) == len(set(every)), "two features never share a row of the table"
    assert max(every) < vocabulary.feature_count


def test_no_words_encode_to_no_rows(vocabulary: Vocabulary) -> None:
    arrays = vocabulary.encode_forms([])
    assert arrays.words.shape == (0,)
    assert arrays.features.shape[0] == arrays.letters.shape[0] == 0


def test_json_round_trip(vocabulary: Vocabulary) -> None:
    again = Vocabulary.from_json(json.loads(json.dumps(vocabulary.to_json())))
    assert again == vocabulary
    words = ["Maria", "2024", "Ω"]
    for name in ("words", "letters", "features"):
        np.testing.assert_array_equal(
            getattr(again.encode_forms(words), name), getattr(vocabulary.encode_forms(words), name)
        )


def test_the_order_of_sentences_does_not_matter(vocabulary: Vocabulary) -> None:
    assert Vocabulary.learn(SENTENCES[::-1], TAGS, min_count=2) == vocabulary


def test_extra_words_get_vectors_though_they_are_rare() -> None:
    vocabulary = Vocabulary.learn(SENTENCES, TAGS, min_count=2, extra_words=["Mario", "Lisbon"])
    assert {"Mario", "Lisbon"} <= set(vocabulary.words)


def test_a_broken_vocabulary_is_told(vocabulary: Vocabulary) -> None:
    saved = vocabulary.to_json()
    del saved["features"]["shape"]
    with pytest.raises(BundleError, match=r"vocabulary\.json: missing or malformed part 'shape'"):
        Vocabulary.from_json(saved)


def test_the_cut_of_the_corpus_is_kept(vocabulary: Vocabulary) -> None:
    chinese = Vocabulary.learn(["王小明在北京。", "他走了。"], TAGS)
    assert (vocabulary.unit, chinese.unit) == ("words", "characters")
    assert Vocabulary.from_json(json.loads(json.dumps(chinese.to_json()))).unit == "characters"


def test_models_of_before_the_cut_was_kept_are_of_words(vocabulary: Vocabulary) -> None:
    saved = vocabulary.to_json()
    del saved["cut"]
    assert Vocabulary.from_json(saved) == vocabulary
    with pytest.raises(BundleError, match=r"vocabulary\.json: text cut into 'bytes'"):
        Vocabulary.from_json({**saved, "cut": "bytes"})


def test_tags_become_ids(vocabulary: Vocabulary) -> None:
    ids, allowed = vocabulary.encode_tags(["O", "B-PER", "E-PER"])
    assert ids.tolist() == [0, 1, 3]
    assert allowed is None


def test_tags_of_partial_annotation_become_rows_of_what_is_allowed(vocabulary: Vocabulary) -> None:
    known = len(vocabulary.tags)
    ids, allowed = vocabulary.encode_tags(["?", "O", "O|PER", "?"])
    assert ids.tolist() == [known, 0, known + 1, known]
    assert allowed is not None
    assert allowed[0].all()
    assert [tag for tag, fits in zip(vocabulary.tags, allowed[1], strict=True) if fits] == [
        tag for tag in vocabulary.tags if tag == "O" or tag.endswith("-PER")
    ]
    for wrong in ("B-XYZ", "PER", "LOC|PER"):
        with pytest.raises(KeyError):
            vocabulary.encode_tags(["O", wrong])
