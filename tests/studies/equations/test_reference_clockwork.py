"""The clockwork RNN: which unit reads which, and when it is written."""

from __future__ import annotations

import numpy as np
import pytest

from ner_rnn.errors import ConfigError
from ner_rnn.studies.equations import Clockwork, Elman
from ner_rnn.studies.equations.network import Array

PERIODS = (1, 2, 4, 8)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(8)


def recurrent_matrix(network: Clockwork) -> Array:
    """W_aa as one matrix, zeros below the blocks."""
    matrix = np.zeros((len(network.b_a), len(network.b_a)))
    for g, block in zip(network.groups, network.W_aa, strict=True):
        matrix[g.start : g.end, g.source :] = block
    return matrix


def test_blocks_at_256_units(rng: np.random.Generator) -> None:
    network = Clockwork.random(rng, 3, 256, PERIODS)
    assert [block.shape for block in network.W_aa] == [(64, 256), (64, 192), (64, 128), (64, 64)]


def test_recurrent_matrix_is_block_upper_triangular(rng: np.random.Generator) -> None:
    matrix = recurrent_matrix(Clockwork.random(rng, 3, 256, PERIODS))
    group = np.arange(256) // 64
    reads = group[:, None] <= group[None, :]  # from its own group and from slower ones
    assert (matrix[~reads] == 0).all()
    assert (matrix[reads] != 0).all()


def test_a_group_is_written_only_at_its_ticks(rng: np.random.Generator) -> None:
    network = Clockwork.random(rng, 3, 16, PERIODS)
    a0 = rng.standard_normal((16, 2))
    a, _ = network.forward(rng.standard_normal((3, 2, 17)), a0=a0)
    before = np.concatenate([a0[:, :, None], a[:, :, :-1]], axis=2)
    for unit in range(16):
        for t in range(17):
            ticks = t % PERIODS[unit // 4] == 0
            assert (a[unit, :, t] != before[unit, :, t]).all() == ticks, (unit, t)
            assert (a[unit, :, t] == before[unit, :, t]).all() == (not ticks), (unit, t)


def test_fast_groups_never_reach_slow_ones(rng: np.random.Generator) -> None:
    network = Clockwork.random(rng, 3, 16, PERIODS)
    x = rng.standard_normal((3, 1, 17))

    def states(disturbed: int) -> Array:
        a0 = np.zeros((16, 1))
        a0[4 * disturbed : 4 * disturbed + 4] = 0.5
        return network.forward(x, a0=a0)[0]

    still = network.forward(x)[0]
    for group in range(4):
        moved = (states(group) != still).any(axis=(1, 2))
        assert not moved[4 * group + 4 :].any()  # slower groups
        assert moved[: 4 * group + 4].all()  # its own and all faster ones


@pytest.mark.parametrize("f", ["tanh", "relu"])
def test_it_is_elmans_network_when_all_periods_are_1(f: str, rng: np.random.Generator) -> None:
    clockwork = Clockwork.random(rng, 3, 16, (1, 1, 1, 1), f)  # type: ignore[arg-type]
    elman = Elman(clockwork.W_ax, recurrent_matrix(clockwork), clockwork.b_a, f)  # type: ignore[arg-type]
    assert (elman.W_aa != 0).all()
    x, a0 = rng.standard_normal((3, 2, 9)), rng.standard_normal((16, 2))
    a, caches = clockwork.forward(x, a0=a0)
    a_elman, caches_elman = elman.forward(x, a0=a0)
    np.testing.assert_allclose(a, a_elman, rtol=0, atol=1e-14)
    da = rng.standard_normal(a.shape)
    ours, theirs = clockwork.backward(da, caches), elman.backward(da, caches_elman)
    ours["W_aa"] = np.vstack([ours.pop(f"W_aa.{i}") for i in range(4)])
    assert set(ours) == set(theirs)
    for name, gradient in theirs.items():
        np.testing.assert_allclose(ours[name], gradient, rtol=0, atol=1e-13, err_msg=name)


@pytest.mark.parametrize("periods", [(), (2, 1), (0, 1), (1, 4, 2)])
def test_periods_that_do_not_ascend(periods: tuple[int, ...], rng: np.random.Generator) -> None:
    with pytest.raises(ConfigError, match="periods"):
        Clockwork.random(rng, 3, 12, periods)


def test_units_that_do_not_divide(rng: np.random.Generator) -> None:
    with pytest.raises(ConfigError, match="10 units do not divide into 4 equal groups"):
        Clockwork.random(rng, 3, 10, PERIODS)


def test_blocks_that_do_not_fit(rng: np.random.Generator) -> None:
    good = Clockwork.random(rng, 3, 16, PERIODS)
    with pytest.raises(ConfigError, match="W_aa has blocks"):
        Clockwork(good.W_ax, good.W_aa[::-1], good.b_a, PERIODS)
