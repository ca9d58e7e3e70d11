"""The survey of listed corpora: what they share, words on which their guidelines disagree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ner_rnn.corpora.corpus import LEFT_OPEN, Corpus
from ner_rnn.corpora.overlap import overlap_notes, overlaps
from ner_rnn.corpora.settings import CorpusEntry, DataConfig
from ner_rnn.corpora.survey import (
    Surveyed,
    disagreements,
    entries_of,
    look,
    seem_titled,
    shared,
    splits_of_list,
)
from ner_rnn.errors import ConfigError
from ner_rnn.text.tags import Span

Sentence = tuple[str, ...]
Text = list[list[Sentence]]
"""Documents of sentences."""

WORDS = st.lists(st.sampled_from("ab"), min_size=1, max_size=3).map(tuple)
TEXTS = st.lists(st.lists(WORDS, min_size=1, max_size=3), min_size=1, max_size=4)
LISTS = st.lists(st.tuples(TEXTS, st.sampled_from(["train", "dev", "test"])), max_size=4)


def surveyed(
    text: Text,
    names: Sequence[Sequence[Span]] = (),
    *,
    path: str = "made.bio",
    titled: int = 0,
    **said: object,
) -> Surveyed:
    sentences = [words for document in text for words in document]
    corpus = Corpus(
        source=path,
        tokens=sentences,
        spans=names or [() for _ in sentences],
        documents=[str(number) for number, document in enumerate(text) for _ in document],
        lines=(),
        sha256="",
        scheme="IOB2",
        labels={},
        persons=("PER",),
    )
    return Surveyed(CorpusEntry(path, **said), corpus, titled)  # type: ignore[arg-type]


def lengthened(text: Text) -> Text:
    """Make every document so long that it is not alike by chance."""
    return [[(*words, *"12345678") for words in document] for document in text]


@given(made=LISTS)
def test_what_is_shared_is_what_a_plain_search_finds(made: list[tuple[Text, str]]) -> None:
    made = [(lengthened(text), split) for text, split in made]
    found = {
        (one.later, one.earlier): (one.sentences, one.documents)
        for one in shared([surveyed(text, split=split) for text, split in made])
    }
    ranks = [("train", "dev", "test").index(split) for _, split in made]
    expected = {}
    for later, (text, _) in enumerate(made):
        for earlier, (other, split) in enumerate(made):
            if split != "train" or (ranks[earlier], earlier) >= (ranks[later], later):
                continue
            known = [words for document in other for words in document]
            sentences = sum(words in known for document in text for words in document)
            if sentences:
                expected[later, earlier] = (sentences, sum(one in other for one in text))
        sentences = [words for document in text for words in document]
        if twice := sum(one in text[:place] for place, one in enumerate(text)):
            again = sum(words in sentences[:place] for place, words in enumerate(sentences))
            expected[later, later] = (again, twice)
    assert found == expected


@given(texts=st.lists(TEXTS, max_size=4))
def test_overlaps_of_sentences_are_those_of_each_pair(texts: list[Text]) -> None:
    corpora = [(number, surveyed(text).corpus) for number, text in enumerate(texts)]
    expected = []
    for earlier, first in corpora:
        for later, second in corpora[earlier + 1 :]:
            if count := sum(words in first.tokens for words in second.tokens):
                expected.append((later, earlier, count))
    assert overlaps(corpora) == expected


def test_short_documents_are_alike_by_chance_unless_they_are_all_there_is() -> None:
    thanks: Text = [[("Thanks", "!")], [("Bye", ".")]]
    assert shared([surveyed(thanks), surveyed(thanks)])[0].documents == 0
    assert shared([surveyed(thanks[:1]), surveyed(thanks[:1])])[0].documents == 1


def test_corpora_that_share_documents_are_told_in_one_note() -> None:
    text: Text = [[("a", *"12345678")], [("b", *"12345678")], [("c", *"12345678")]]
    name = [(Span(0, 1, "PER"),)] * 3
    made = [
        surveyed(text, name, path="one.bio"),
        surveyed(text[:2], name[:2], path="two.bio"),
        surveyed(text[1:], name[1:], path="test.bio", split="test"),
    ]
    assert overlap_notes(splits_of_list(made)) == [
        "2 of the 2 sentences of test (100.0%) stand word for word in train",
        "documents learned from in two corpora alike: one.bio and two.bio 2",
    ]


def counted(word: str, inside: int, outside: int, **said: object) -> Surveyed:
    """A corpus with a word so often inside and outside names."""
    names = [(Span(0, 1, "PER"),)] * inside + [()] * outside
    return surveyed([[(word, "x")] * (inside + outside)], names, **said)


COUNTS = st.tuples(st.integers(0, 9), st.integers(0, 9))


@given(counts=st.lists(COUNTS, min_size=1, max_size=4))
def test_a_word_disagrees_where_it_is_mostly_a_name_in_one_and_mostly_not_in_another(
    counts: list[tuple[int, int]],
) -> None:
    made = [counted("Mr.", *count) for count in counts]
    found = disagreements(made, 20)
    tagged = [number for number, (i, o) in enumerate(counts) if i > o and i >= 2]
    untagged = [number for number, (i, o) in enumerate(counts) if o > i and o >= 2]
    assert len(found) == bool(tagged and untagged)
    for one in found:
        assert one.word == "Mr."
        assert one.tagged in tagged
        assert one.untagged in untagged
        assert one.tagged_counts == counts[one.tagged]
        assert one.untagged_counts == counts[one.untagged]
        assert one.strength > 0


def test_the_word_with_most_evidence_comes_first_and_lower_case_stands_apart() -> None:
    def merge(*parts: Surveyed) -> Surveyed:
        joined = [row for part in parts for row in part.corpus.spans]
        return surveyed([[tuple(w) for part in parts for w in part.corpus.tokens]], joined)

    novels = merge(counted("Mr.", 9, 1), counted("Rose", 9, 0), counted("LORD", 3, 0))
    news = merge(counted("Mr.", 0, 9), counted("rose", 0, 9), counted("Lord", 0, 3))
    assert [one.word for one in disagreements([news, novels], 20)] == ["Mr.", "Lord"]
    assert [one.word for one in disagreements([news, novels], 1)] == ["Mr."]


def test_what_is_left_open_counts_neither_way() -> None:
    bands = surveyed([[("Queen", "x")] * 9], [(Span(0, 1, LEFT_OPEN),)] * 9)
    assert bands.left_open == 9
    assert bands.others == 0
    assert not disagreements([counted("Queen", 9, 0), bands], 20)


def test_names_that_begin_with_titles_give_a_hint() -> None:
    said = [
        counted("Obi", 100, 0, path="few.bio", titled=2),
        counted("Obi", 100, 0, path="many.bio", titled=30),
        counted("Obi", 100, 0, path="cut.bio", titled=30, titles="inside"),
    ]
    assert seem_titled(said) == [("many.bio", 0.3)]
    assert [one.titles_cut for one in said] == [0, 0, 30]


def test_look_reads_what_training_reads(tmp_path: object) -> None:
    from pathlib import Path

    from ner_rnn.corpora.read import read_splits

    path = Path(str(tmp_path)) / "novel.bio"
    path.write_text("Mr. B-PER\nObi I-PER\n\nAda B-PER\nin O\nRome B-LOC\n")
    entry = CorpusEntry(str(path), titles="inside", documents="sentence")
    data = DataConfig(cache=str(tmp_path), corpora=(entry,))
    one = look(entry, data)
    merged = read_splits(data)["train"].parts[0].corpus
    assert one.corpus.spans == merged.spans
    assert one.corpus.documents == merged.documents
    assert (one.titled, one.titles_cut, one.others) == (1, 1, 1)


def test_files_of_a_recipe_are_listed_in_place_of_entries() -> None:
    listed = (CorpusEntry("a.bio"), CorpusEntry("b.bio", "dev"))
    data = DataConfig(corpora=listed, dev="own.bio")
    assert entries_of(data) == [listed[0], CorpusEntry("own.bio", "dev")]
    assert entries_of(DataConfig(train="a.bio")) == [CorpusEntry("a.bio")]
    embedded = entries_of(DataConfig(corpus="open:wikigold"))
    assert [entry.split for entry in embedded] == ["train", "dev", "test"]
    assert entries_of(replace(data, corpora=listed[:1])) == entries_of(data)
    with pytest.raises(ConfigError, match=r"no corpus is given"):
        entries_of(DataConfig())
    with pytest.raises(ConfigError, match=r"list its splits under data\.corpora"):
        entries_of(DataConfig(corpus="owner/name"))
