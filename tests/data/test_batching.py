"""Which sentences go together, and how they are padded."""

from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ner_rnn.data.batching import EncodedSentences, LengthBatches, collate, length_batches
from ner_rnn.data.vocabulary import Vocabulary

LENGTHS = st.lists(st.integers(1, 60), min_size=1, max_size=80)


@given(LENGTHS, st.integers(1, 200), st.one_of(st.none(), st.integers(0, 9)))
def test_every_sentence_once_and_the_budget_is_kept(
    lengths: list[int], budget: int, seed: int | None
) -> None:
    generator = None if seed is None else np.random.default_rng(seed)
    batches = length_batches(lengths, budget, generator=generator)
    assert sorted(chain(*batches)) == list(range(len(lengths)))
    for batch in batches:
        padded = max(lengths[place] for place in batch) * len(batch)
        assert padded <= budget or len(batch) == 1
    assert len(batches) == len(length_batches(lengths, budget)), "the same number every epoch"


def test_chance_moves_sentences_of_one_length_and_whole_batches() -> None:
    lengths = [3] * 40 + [7] * 40
    first = length_batches(lengths, 21, generator=np.random.default_rng(1))
    second = length_batches(lengths, 21, generator=np.random.default_rng(2))
    assert first != second
    assert {frozenset(b) for b in first} != {frozenset(b) for b in second}
    assert first == length_batches(lengths, 21, generator=np.random.default_rng(1))


@given(LENGTHS, st.integers(1, 5), st.booleans())
def test_processes_share_all_sentences_and_take_equal_steps(
    lengths: list[int], world: int, shuffle: bool
) -> None:
    samplers = [
        LengthBatches(lengths, 50, seed=3, rank=rank, world=world, shuffle=shuffle)
        for rank in range(world)
    ]
    taken = [list(sampler) for sampler in samplers]
    assert {len(steps) for steps in taken} == {len(samplers[0])}
    places = list(chain(*chain(*taken)))
    assert set(places) == set(range(len(lengths)))
    repeated = len(list(chain(*taken))) - len(length_batches(lengths, max(1, 50 // world)))
    assert 0 <= repeated < world, "no more batches are taken twice than make the steps even"


def test_a_new_epoch_draws_anew_and_an_old_one_the_same() -> None:
    sampler = LengthBatches([2] * 50, 10, seed=1)
    epochs = []
    for epoch in (0, 1, 0):
        sampler.set_epoch(epoch)
        epochs.append(list(sampler))
    assert epochs[0] != epochs[1]
    assert epochs[0] == epochs[2]


def test_a_resumed_epoch_goes_on_where_it_stopped() -> None:
    sampler = LengthBatches([2] * 50, 10, seed=1)
    whole = list(sampler)
    assert sampler.done == 0, "an epoch that is over leaves nothing to skip"
    some = iter(sampler)
    assert [next(some) for _ in range(4)] == whole[:4]
    assert sampler.done == 4
    resumed = LengthBatches([2] * 50, 10, seed=1)
    resumed.skip = 4
    assert list(resumed) == whole[4:]
    assert list(resumed) == whole, "only the first epoch is shortened"


@pytest.fixture
def vocabulary() -> Vocabulary:
    return Vocabulary.learn([["Ann", "Lee", "sings"]] * 2, ("O", "B-PER", "E-PER"))


def test_a_batch_holds_each_distinct_word_once(vocabulary: Vocabulary) -> None:
    sentences = [["Ann", "sings"], ["Lee", "Lee", "Lee"], ["Ann"]]
    batch = collate(vocabulary, sentences)
    assert batch.index.shape == (3, 3)
    assert batch.lengths.tolist() == [2, 3, 1]
    assert len(batch.words) == 3
    assert len(set(batch.index[1].tolist())) == 1
    assert batch.index[0, 0] == batch.index[2, 0]
    assert batch.tags is None


def test_a_batch_is_cut_from_a_corpus(vocabulary: Vocabulary) -> None:
    sentences = [["Ann", "Lee", "sings"], ["x" * 20], ["sings"]]
    tags = [["B-PER", "E-PER", "O"], ["O"], ["O"]]
    encoded = EncodedSentences(vocabulary, sentences, tags)
    batch = encoded.batch([2, 0])
    assert batch.rows is not None
    assert batch.tags is not None
    assert batch.rows.tolist() == [2, 0]
    assert batch.tags.tolist() == [[0, 0, 0], [1, 2, 0]]
    assert batch.letters.shape[1] == 5, "no wider than the longest word that is in it"
    alone = collate(vocabulary, [sentences[2], sentences[0]])
    for row in range(2):
        length = int(batch.lengths[row])
        for name in ("words", "letters", "features"):
            ours, theirs = getattr(batch, name), getattr(alone, name)
            assert (
                ours[batch.index[row, :length]].tolist()
                == theirs[alone.index[row, :length]].tolist()
            )
