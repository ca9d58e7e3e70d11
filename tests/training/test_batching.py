"""Which windows go together, and how processes share them."""

from itertools import chain

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ner_rnn.encoding.packing import pack
from ner_rnn.training.batching import BatchSampler

SHAPES = st.lists(st.tuples(st.integers(1, 12), st.integers(1, 60)), min_size=1, max_size=60)
SEEDS = st.one_of(st.none(), st.integers(0, 9))
EPOCHS = 4


@given(SHAPES, st.integers(1, 400), SEEDS)
def test_every_window_once_within_the_budget(
    shapes: list[tuple[int, int]], budget: int, seed: int | None
) -> None:
    generator = None if seed is None else np.random.default_rng(seed)
    batches = pack(shapes, budget, generator=generator)
    assert sorted(chain(*batches)) == list(range(len(shapes)))
    for batch in batches:
        passages = sum(shapes[place][0] for place in batch)
        longest = max(shapes[place][1] for place in batch)
        assert passages * longest <= budget or len(batch) == 1


@given(SHAPES, st.integers(1, 400))
def test_without_chance_the_shortest_come_first(shapes: list[tuple[int, int]], budget: int) -> None:
    places = list(chain(*pack(shapes, budget)))
    keys = [(shapes[place][1], place) for place in places]
    assert keys == sorted(keys)


def test_chance_moves_windows_of_one_length_and_whole_batches() -> None:
    shapes = [(1, 3)] * 40 + [(1, 7)] * 40
    first = pack(shapes, 21, generator=np.random.default_rng(1))
    second = pack(shapes, 21, generator=np.random.default_rng(2))
    assert {frozenset(batch) for batch in first} != {frozenset(batch) for batch in second}
    assert [len(batch) for batch in first] != sorted((len(b) for b in first), reverse=True)
    assert first == pack(shapes, 21, generator=np.random.default_rng(1))


@given(SHAPES, st.integers(1, 400), st.integers(1, 5), SEEDS)
def test_all_processes_take_as_many_steps_in_every_epoch_and_miss_nothing(
    shapes: list[tuple[int, int]], budget: int, world: int, seed: int | None
) -> None:
    samplers = [
        BatchSampler(shapes, budget, epochs=EPOCHS, seed=seed, rank=rank, world=world)
        for rank in range(world)
    ]
    steps = len(samplers[0])
    assert steps >= 1
    for epoch in range(EPOCHS):
        for sampler in samplers:
            sampler.set_epoch(epoch)
        taken = [list(sampler) for sampler in samplers]
        assert [len(batches) for batches in taken] == [steps] * world
        places = list(chain(*chain(*taken)))
        assert set(places) == set(range(len(shapes)))
        assert all(chain(*taken)), "no step is empty"
        if len(places) > len(shapes):  # taken twice only where nothing is left to be halved
            assert all(len(batch) == 1 for batch in chain(*taken))


@given(SHAPES, st.integers(1, 400), st.integers(1, 3))
def test_halving_never_breaks_the_budget(
    shapes: list[tuple[int, int]], budget: int, world: int
) -> None:
    sampler = BatchSampler(shapes, budget, epochs=EPOCHS, seed=1, world=world)
    for batch in sampler:
        passages = sum(shapes[place][0] for place in batch)
        longest = max(shapes[place][1] for place in batch)
        assert passages * longest <= max(1, budget // world) or len(batch) == 1


def test_a_new_epoch_draws_anew_and_an_old_one_the_same() -> None:
    sampler = BatchSampler([(1, 2)] * 50, 10, epochs=2, seed=1)
    epochs = []
    for epoch in (0, 1, 0):
        sampler.set_epoch(epoch)
        epochs.append(list(sampler))
    assert epochs[0] != epochs[1]
    assert epochs[0] == epochs[2]
    other = BatchSampler([(1, 2)] * 50, 10, epochs=2, seed=2)
    assert list(other) != epochs[0]
    same = BatchSampler([(1, 2)] * 50, 10, epochs=2, seed=1)
    assert list(same) == epochs[0]


@given(SHAPES, st.integers(1, 400), st.integers(1, 2), st.data())
def test_a_resumed_epoch_goes_on_where_it_stopped(
    shapes: list[tuple[int, int]], budget: int, world: int, data: st.DataObject
) -> None:
    sampler = BatchSampler(shapes, budget, epochs=2, seed=1, world=world)
    sampler.set_epoch(1)
    whole = list(sampler)
    assert sampler.done == 0, "an epoch that is over leaves nothing to skip"
    stop = data.draw(st.integers(1, len(whole)))
    steps = iter(sampler)
    assert [next(steps) for _ in range(stop)] == whole[:stop]
    assert sampler.done == stop % len(whole)
    resumed = BatchSampler(shapes, budget, epochs=2, seed=1, world=world)
    resumed.set_epoch(1)
    resumed.skip = stop % len(whole)
    assert list(resumed) == whole[stop % len(whole) :]
    assert list(resumed) == whole, "only the first epoch is shortened"


@given(SHAPES, st.integers(1, 400), st.integers(1, 3), SEEDS, st.data())
def test_each_epoch_reads_its_own_windows(
    shapes: list[tuple[int, int]], budget: int, world: int, seed: int | None, data: st.DataObject
) -> None:
    cut = data.draw(st.integers(1, len(shapes)))
    windows = [range(cut), range(cut, len(shapes))] if cut < len(shapes) else [range(cut)]
    samplers = [
        BatchSampler(
            shapes, budget, epochs=EPOCHS, windows=windows, seed=seed, rank=rank, world=world
        )
        for rank in range(world)
    ]
    for epoch in range(EPOCHS):
        for sampler in samplers:
            sampler.set_epoch(epoch)
        batches = [list(sampler) for sampler in samplers]
        assert len(set(map(len, batches))) == 1, "all processes take as many steps"
        read = set(chain(*chain(*batches)))
        assert read == set(windows[epoch % len(windows)])
