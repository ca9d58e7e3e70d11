"""Windows, passages and batches: every word once, no two documents in one, and back again."""

from itertools import chain, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ner_rnn.encoding.passages import PASSAGE, WINDOW
from ner_rnn.encoding.vocabulary import Vocabulary
from ner_rnn.nn.batches import EncodedCorpus
from ner_rnn.nn.tagger import Batch

FORMS = ("Ann", "ann", "ANN", "Lee", "sings", ".", "O'Neill", "1996", "Ångström")
TAGS = ("O", "B-PER", "I-PER", "E-PER", "S-PER")
VOCABULARY = Vocabulary.learn([FORMS], TAGS, min_count=1)

# lengths around the size of a passage, so that some fill it exactly and some are longer
LENGTH = st.one_of(st.integers(1, 8), st.integers(PASSAGE - 2, PASSAGE + 2))
CORPORA = st.lists(st.tuples(LENGTH, st.booleans()), min_size=1, max_size=25)


def corpus_of(drawn: list[tuple[int, bool]], seed: int = 0) -> tuple[list[list[str]], list[int]]:
    """Sentences of those lengths, and documents that begin where a boolean says so."""
    generator = np.random.default_rng(seed)
    sentences = [generator.choice(FORMS, length).tolist() for length, _ in drawn]
    return sentences, np.cumsum([begins for _, begins in drawn]).tolist()


def sentences_of(corpus: EncodedCorpus, passages: list[int]) -> list[list[int]]:
    """Return the sentences of each passage."""
    places = [corpus.places([passage]) for passage in passages]
    return [np.unique(corpus.segmentation.sentence_of(words)).tolist() for words in places]


def spelled(batch: Batch, row: int) -> list[tuple[int, ...]]:
    """All that a batch says of the words of a passage, but which row of the forms each has."""
    places = batch.index[row, : batch.lengths[row]]
    letters = [tuple(i for i in word if i) for word in batch.letters[places].tolist()]
    rest = np.column_stack([batch.words[places], batch.features[places]]).tolist()
    return [(*of_word, *more) for of_word, more in zip(letters, rest, strict=True)]


@given(CORPORA, st.integers(0, 9))
def test_every_sentence_once_in_order_and_no_window_mixes_documents(
    drawn: list[tuple[int, bool]], seed: int
) -> None:
    sentences, documents = corpus_of(drawn, seed)
    corpus = EncodedCorpus(VOCABULARY, sentences, documents=documents)
    batches = [corpus.batch([window]) for window in range(len(corpus))]
    passages = list(chain(*(batch.passages.tolist() for batch in batches)))
    assert list(chain(*sentences_of(corpus, passages))) == list(range(len(sentences)))
    for batch, (count, longest) in zip(batches, corpus.shapes, strict=True):
        assert tuple(batch.index.shape) == (count, longest)
        parts = sentences_of(corpus, batch.passages.tolist())
        assert len({documents[sentence] for sentence in chain(*parts)}) == 1
        assert batch.lengths.tolist() == [sum(drawn[s][0] for s in part) for part in parts]


@given(CORPORA)
def test_passages_are_as_long_as_they_may_be(drawn: list[tuple[int, bool]]) -> None:
    sentences, documents = corpus_of(drawn)
    corpus = EncodedCorpus(VOCABULARY, sentences, documents=documents)
    batch = corpus.batch(range(len(corpus)))
    parts = sentences_of(corpus, batch.passages.tolist())
    for part, length in zip(parts, batch.lengths.tolist(), strict=True):
        assert length <= PASSAGE or len(part) == 1
    for before, after in pairwise(parts):
        words = sum(drawn[s][0] for s in before) + drawn[after[0]][0]
        assert words > PASSAGE or documents[before[0]] != documents[after[0]]


def test_windows_hold_so_many_words_and_no_more() -> None:
    sentences = [["Ann"] * 40] * (3 * WINDOW // 40)
    corpus = EncodedCorpus(VOCABULARY, sentences, documents=[0] * len(sentences))
    assert len(corpus) == 3
    assert [count for count, _ in corpus.shapes] == [WINDOW // 40] * 3
    longer = EncodedCorpus(VOCABULARY, [["Ann"] * (WINDOW + 1), ["Lee"]], documents=[0, 0])
    assert longer.shapes == [(1, WINDOW + 1), (1, 1)]


def test_without_documents_each_sentence_is_its_own() -> None:
    corpus = EncodedCorpus(VOCABULARY, [["Ann"], ["Ann", "Lee"]])
    assert corpus.shapes == [(1, 1), (1, 2)]
    batch = corpus.batch([0, 1])
    assert batch.groups[0, 0] != batch.groups[1, 0]


@given(CORPORA, st.randoms())
def test_groups_join_the_same_word_of_the_same_window_and_nothing_else(
    drawn: list[tuple[int, bool]], random: object
) -> None:
    sentences, documents = corpus_of(drawn)
    corpus = EncodedCorpus(VOCABULARY, sentences, documents=documents)
    order = list(range(len(corpus)))
    random.shuffle(order)  # type: ignore[attr-defined]
    batch = corpus.batch(order)
    window_of = {p: w for w in order for p in corpus.batch([w]).passages.tolist()}
    numbers: dict[tuple[int, str], set[int]] = {}
    for row, passage in enumerate(batch.passages.tolist()):
        words = [w for s in sentences_of(corpus, [passage])[0] for w in sentences[s]]
        for column, word in enumerate(words):
            key = window_of[passage], word.lower()
            numbers.setdefault(key, set()).add(int(batch.groups[row, column]))
    assert all(len(of_one) == 1 for of_one in numbers.values())
    assert len(set().union(*numbers.values())) == len(numbers)
    assert max(set().union(*numbers.values())) < batch.index.numel(), "what DocumentMemory asks"


@given(CORPORA)
def test_ends_stand_at_the_last_word_of_each_sentence(drawn: list[tuple[int, bool]]) -> None:
    sentences, documents = corpus_of(drawn)
    corpus = EncodedCorpus(VOCABULARY, sentences, documents=documents)
    batch = corpus.batch(range(len(corpus)))
    for row, part in enumerate(sentences_of(corpus, batch.passages.tolist())):
        ends = (np.cumsum([len(sentences[s]) for s in part]) - 1).tolist()
        assert batch.ends[row].nonzero().flatten().tolist() == ends


@given(CORPORA, st.data())
def test_a_batch_says_of_a_window_what_it_says_alone(
    drawn: list[tuple[int, bool]], data: st.DataObject
) -> None:
    sentences, documents = corpus_of(drawn)
    tags = [np.random.default_rng(1).choice(TAGS, len(s)).tolist() for s in sentences]
    corpus = EncodedCorpus(VOCABULARY, sentences, tags=tags, documents=documents)
    order = data.draw(st.permutations(range(len(corpus))))
    together = corpus.batch(order)
    assert len(together.words) == len({w for s in sentences for w in s}), "each form once"
    assert together.tags is not None
    row = 0
    for window in order:
        alone = corpus.batch([window])
        assert alone.tags is not None
        for own, passage in enumerate(alone.passages.tolist()):
            length = int(alone.lengths[own])
            assert together.passages[row] == passage
            assert together.lengths[row] == length
            assert spelled(together, row) == spelled(alone, own)
            assert together.tags[row].tolist()[:length] == alone.tags[own].tolist()[:length]
            for table in (together.tags, together.index, together.ends, together.groups):
                assert not table[row, length:].any(), "zeros in the padding"
            of_passage = sentences_of(corpus, [passage])[0]
            expected = [TAGS.index(tag) for s in of_passage for tag in tags[s]]
            assert alone.tags[own].tolist()[:length] == expected
            row += 1
    assert row == len(together.passages)


def test_letters_are_no_wider_than_the_longest_word_of_the_batch() -> None:
    corpus = EncodedCorpus(VOCABULARY, [["Ann", "."], ["O'Neill"]])
    assert corpus.batch([0]).letters.shape[1] == 3
    assert corpus.batch([0, 1]).letters.shape[1] == 7
    assert corpus.batch([0]).tags is None


def test_words_never_seen_are_unknown_and_very_long_ones_no_trouble() -> None:
    corpus = EncodedCorpus(VOCABULARY, [["x" * 10_000, "李"]])
    batch = corpus.batch([0])
    assert batch.words.tolist() == [1, 1]
    assert batch.letters.shape[1] < 100


def test_a_tag_that_is_not_the_models_is_refused() -> None:
    with pytest.raises(KeyError):
        EncodedCorpus(VOCABULARY, [["Ann"]], tags=[["B-LOC"]])
