"""The echo state network: its four knobs, leak, feedback, and the readout in closed form."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ner_rnn.errors import ConfigError, UserError
from ner_rnn.studies.equations import EchoState, Unidirectional
from ner_rnn.studies.equations.echo_state import extended_states, largest_eigenvalue, ridge


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(21)


@settings(max_examples=20, deadline=None)
@given(wanted=st.floats(0.05, 0.99), seed=st.integers(0, 2**32 - 1))
def test_spectral_radius_is_the_one_asked_for(wanted: float, seed: int) -> None:
    network = EchoState.random(
        np.random.default_rng(seed), 3, 80, spectral_radius=wanted, sparsity=0.1
    )
    # by another road than eigvals: |W^k|^(1/k) tends to the spectral radius (Gelfand)
    power, log_norm = network.W.copy(), 0.0
    for _ in range(12):  # W^2, W^4, ... W^4096, kept at norm 1
        norm = np.linalg.norm(power)
        power = (power / norm) @ (power / norm)
        log_norm = 2 * (log_norm + np.log(norm))
    gelfand = np.exp((log_norm + np.log(np.linalg.norm(power))) / 2**12)
    assert gelfand == pytest.approx(wanted, rel=5e-3)
    assert largest_eigenvalue(network.W) == pytest.approx(wanted, rel=1e-10)


def test_sparsity_is_the_share_of_connections(rng: np.random.Generator) -> None:
    network = EchoState.random(rng, 3, 200, sparsity=0.03)
    share = np.count_nonzero(network.W) / network.W.size
    assert share == pytest.approx(0.03, abs=5 * np.sqrt(0.03 * 0.97 / 200**2))


def test_input_scale_bounds_what_comes_in(rng: np.random.Generator) -> None:
    network = EchoState.random(rng, 40, 100, input_scale=0.25, n_y=7)
    assert network.W_back is not None
    for matrix in (network.W_in, network.W_back):
        assert 0.24 < np.abs(matrix).max() <= 0.25
        assert matrix.min() < 0 < matrix.max()


def test_equal_seeds_make_equal_reservoirs() -> None:
    one, two = (EchoState.random(np.random.default_rng(4), 3, 50) for _ in range(2))
    np.testing.assert_array_equal(one.W, two.W)
    np.testing.assert_array_equal(one.W_in, two.W_in)


def test_the_start_is_forgotten_below_1_and_not_above(rng: np.random.Generator) -> None:
    x = np.zeros((3, 1, 400))

    def memory_of_start(radius: float) -> float:
        network = EchoState.random(
            np.random.default_rng(2), 3, 100, spectral_radius=radius, input_scale=1e-3,
            allow_unstable=True,
        )  # fmt: skip
        ends = [network.forward(x, a0=a0)[0][:, :, -1] for a0 in (np.zeros((100, 1)), start)]
        return float(np.abs(ends[0] - ends[1]).max())

    start = rng.standard_normal((100, 1))
    assert memory_of_start(0.8) < 1e-12
    assert memory_of_start(1.5) > 0.1


def test_leak_rate(rng: np.random.Generator) -> None:
    """With leak 1 the state is new; with leak l it moves that share of the way there."""
    whole = EchoState.random(rng, 3, 30, sparsity=0.2)
    slow = EchoState(whole.W_in, whole.W, whole.b, leak=0.2)
    x_t, a_prev = rng.standard_normal((3, 4)), rng.standard_normal((30, 4))
    new, _ = whole.cell_forward(x_t, a_prev)
    np.testing.assert_allclose(
        new, np.tanh(whole.W_in @ x_t + whole.W @ a_prev + whole.b), atol=1e-15
    )
    moved, _ = slow.cell_forward(x_t, a_prev)
    np.testing.assert_allclose(moved - a_prev, 0.2 * (new - a_prev), atol=1e-15)


def test_feedback_adds_what_came_out_a_step_before(rng: np.random.Generator) -> None:
    network = EchoState.random(rng, 3, 30, sparsity=0.2, n_y=2)
    assert network.W_back is not None
    x, y = rng.standard_normal((3, 4, 6)), rng.standard_normal((2, 4, 6))
    a, _ = network.forward(x, y=y)
    # the same network without feedback, told of y_(t-1) as three more inputs of its own
    late = np.concatenate([np.zeros((2, 4, 1)), y[:, :, :-1]], axis=2)
    plain = EchoState(np.hstack([network.W_in, network.W_back]), network.W, network.b)
    wanted, _ = plain.forward(np.concatenate([x, late]))
    np.testing.assert_allclose(a, wanted, rtol=0, atol=1e-14)


def test_generating_is_teacher_forcing_with_its_own_outputs(rng: np.random.Generator) -> None:
    network = EchoState.random(rng, 1, 60, sparsity=0.1, n_y=1, input_scale=0.3)
    t = np.arange(401)
    wave = np.sin(t / 4.0)[None, None, :]
    x = np.zeros((1, 1, 400))
    target = wave[:, :, 1:]
    a, _ = network.forward(x, y=target)
    kept = slice(100, 300)  # the first steps still carry the start
    W_out = ridge(extended_states(x, a)[:, 0, kept], target[:, 0, kept], 1e-9)
    # set off from the last state of training, it goes on by itself
    y, states = network.generate(x[:, :, 300:], W_out, a[:, :, 299])
    again, _ = network.forward(x[:, :, 300:], a0=a[:, :, 299], y=y)
    np.testing.assert_allclose(states, again, rtol=0, atol=1e-12)
    np.testing.assert_allclose(
        y, np.tensordot(W_out, extended_states(x[:, :, 300:], states), axes=1), atol=1e-12
    )


def test_a_readout_with_feedback_learns_to_hum_a_sine(rng: np.random.Generator) -> None:
    network = EchoState.random(rng, 1, 100, sparsity=0.1, n_y=1, input_scale=0.5)
    target = np.sin(np.arange(600) / 4.0)[None, None, :]
    x = np.zeros((1, 1, 600))
    a, _ = network.forward(x, y=target)
    W_out = ridge(extended_states(x, a)[:, 0, 100:], target[:, 0, 100:], 1e-8)
    fitted = W_out @ extended_states(x, a)[:, 0, 100:]
    assert np.abs(fitted - target[:, 0, 100:]).max() < 1e-3
    assert W_out.shape == (1, 1 + 1 + 100)


@settings(max_examples=50, deadline=None)
@given(
    units=st.integers(1, 30),
    samples=st.integers(1, 60),
    strength=st.floats(1e-3, 1e3),
    seed=st.integers(0, 2**32 - 1),
)
def test_ridge_is_least_squares_over_the_augmented_system(
    units: int, samples: int, strength: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    S, Y = rng.standard_normal((units, samples)), rng.standard_normal((3, samples))
    augmented = np.vstack([S.T, np.sqrt(strength) * np.eye(units)])
    wanted = np.linalg.lstsq(augmented, np.vstack([Y.T, np.zeros((units, 3))]), rcond=None)[0].T
    np.testing.assert_allclose(ridge(S, Y, strength), wanted, rtol=0, atol=1e-10)


def test_ridge_over_the_words_of_padded_sentences(rng: np.random.Generator) -> None:
    """Steps in the padding are left out by the mask, and then do not matter."""
    network = Unidirectional(EchoState.random(rng, 3, 20, sparsity=0.2))
    x, y = rng.standard_normal((3, 2, 6)), rng.standard_normal((2, 2, 6))
    lengths = np.array([6, 4])
    keep = np.arange(6) < lengths[:, None]

    def learn() -> np.ndarray:
        a, _ = network.forward(x, lengths)
        return ridge(extended_states(x, a)[:, keep], y[:, keep], 0.1)

    before = learn()
    x[:, 1, 4:], y[:, 1, 4:] = np.inf, np.nan
    np.testing.assert_array_equal(before, learn())


@pytest.mark.parametrize(
    ("knob", "value"),
    [
        ("spectral_radius", 0.0),
        ("spectral_radius", 1.0),
        ("spectral_radius", -0.5),
        ("sparsity", 0.0),
        ("sparsity", 1.5),
        ("sparsity", 1e-4),
        ("leak", 0.0),
        ("leak", 1.1),
    ],
)
def test_a_knob_out_of_range_is_named(knob: str, value: float, rng: np.random.Generator) -> None:
    with pytest.raises(ConfigError, match=rf"{knob} is {value}"):
        EchoState.random(rng, 3, 20, **{knob: value})  # type: ignore[arg-type]


def test_negative_ridge_strength() -> None:
    with pytest.raises(ConfigError, match="ridge strength is -1"):
        ridge(np.eye(2), np.eye(2), -1)


def test_feedback_and_its_outputs_go_together(rng: np.random.Generator) -> None:
    x = np.zeros((3, 1, 4))
    with pytest.raises(UserError, match="W_back"):
        EchoState.random(rng, 3, 20, sparsity=0.2, n_y=2).forward(x)
    with pytest.raises(UserError, match="W_back"):
        EchoState.random(rng, 3, 20, sparsity=0.2).forward(x, y=np.zeros((2, 1, 4)))
