"""The layers of ``nn/`` against the reference, given the same weights."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ner_rnn.studies import rivals
from ner_rnn.studies.equations import Clockwork
from ner_rnn.studies.verify import N_A, compare, random_inputs, stack_of


@settings(max_examples=40, deadline=None)
@given(
    periods=st.sets(st.sampled_from([1, 2, 3, 4, 5, 8, 20]), min_size=1, max_size=4),
    f=st.sampled_from(["tanh", "relu"]),
    layers=st.integers(1, 3),
    bidirectional=st.booleans(),
    lengths=st.tuples(*[st.integers(1, 17)] * 4),
    seed=st.integers(0, 2**32 - 1),
)
def test_clockwork_is_the_textbook_network(
    periods: set[int], f: Any, layers: int, bidirectional: bool, lengths: tuple[int, ...], seed: int
) -> None:
    """Any periods, those that do not divide one another and those beyond the sentence too."""
    rng = np.random.default_rng(seed)
    clock = tuple(sorted(periods))
    stack = stack_of(
        lambda rng, n_x: Clockwork.random(rng, n_x, N_A, clock, f), layers, bidirectional, rng
    )
    inputs = random_inputs(stack, rng, initial=False)
    rival = rivals.own_encoder(stack, lengths)
    found = compare(stack, rival, inputs, rng, lengths=lengths)
    assert found.passed, found
