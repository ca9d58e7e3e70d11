"""Every gradient of every network against central differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ner_rnn.studies.equations import (
    GRU,
    LSTM,
    Bidirectional,
    Clockwork,
    EchoState,
    Elman,
    Jordan,
    Output,
    Stacked,
    Unidirectional,
    parameters,
)
from ner_rnn.studies.equations.network import Array

N_X, N_A, N_Y, M, T_X = 3, 4, 2, 3, 6
STEP = 1e-5
LENGTHS = np.array([6, 1, 4])


def normal(rng: np.random.Generator, *shape: int) -> Array:
    return rng.standard_normal(shape)


def numerical(loss: Callable[[], float], array: Array) -> Array:
    """Central differences of a loss in every entry of an array, which is changed in place."""
    gradient = np.zeros_like(array)
    for at in np.ndindex(array.shape):
        kept = array[at]
        array[at] = kept + STEP
        above = loss()
        array[at] = kept - STEP
        gradient[at] = (above - loss()) / (2 * STEP)
        array[at] = kept
    return gradient


def check(network: Any, inputs: dict[str, Array], **extra: Any) -> None:
    """Compare every gradient, and see that none is missing or invented."""
    rng = np.random.default_rng(99)
    y, caches = network.forward(**inputs, **extra)
    weights = rng.standard_normal(y.shape)

    def loss() -> float:
        return float((network.forward(**inputs, **extra)[0] * weights).sum())

    gradients = network.backward(weights, caches)
    arrays = {**parameters(network), **inputs}
    assert set(gradients) == set(arrays)
    for name, array in arrays.items():
        assert gradients[name].shape == array.shape, name
        np.testing.assert_allclose(
            gradients[name], numerical(loss, array), rtol=1e-7, atol=2e-9, err_msg=name
        )


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(3)


@pytest.fixture
def inputs(rng: np.random.Generator) -> dict[str, Array]:
    return {"x": normal(rng, N_X, M, T_X), "a0": normal(rng, N_A, M)}


@pytest.mark.parametrize("f", ["tanh", "relu"])
def test_elman(f: Any, rng: np.random.Generator, inputs: dict[str, Array]) -> None:
    check(Elman.random(rng, N_X, N_A, f), inputs)


@pytest.mark.parametrize("f", ["tanh", "relu"])
@pytest.mark.parametrize("g", ["softmax", "sigmoid"])
@pytest.mark.parametrize("decay", [0.0, 0.6])
def test_jordan(f: Any, g: Any, decay: float, rng: np.random.Generator) -> None:
    network = Jordan.random(rng, N_X, N_A, N_Y, f=f, g=g, decay=decay)
    check(network, {"x": normal(rng, N_X, M, T_X), "s0": normal(rng, N_Y, M)})


def test_lstm(rng: np.random.Generator, inputs: dict[str, Array]) -> None:
    check(LSTM.random(rng, N_X, N_A), {**inputs, "c0": normal(rng, N_A, M)})


def test_lstm_with_a_loss_on_the_cell_states(
    rng: np.random.Generator, inputs: dict[str, Array]
) -> None:
    network = LSTM.random(rng, N_X, N_A)
    inputs["c0"] = normal(rng, N_A, M)
    on_a, on_c = normal(rng, N_A, M, T_X), normal(rng, N_A, M, T_X)

    def loss() -> float:
        a, caches = network.forward(**inputs)
        c = np.stack([cache.c_t for cache in caches], axis=2)
        return float((a * on_a).sum() + (c * on_c).sum())

    gradients = network.backward(on_a, network.forward(**inputs)[1], dc=on_c)
    for name, array in {**parameters(network), **inputs}.items():
        np.testing.assert_allclose(
            gradients[name], numerical(loss, array), rtol=1e-7, atol=2e-9, err_msg=name
        )


@pytest.mark.parametrize("reset", ["before", "after"])
def test_gru(reset: Any, rng: np.random.Generator, inputs: dict[str, Array]) -> None:
    check(GRU.random(rng, N_X, N_A, reset), inputs)


@pytest.mark.parametrize("f", ["tanh", "relu"])
@pytest.mark.parametrize("periods", [(1, 2), (1, 3), (2, 4), (1, 1), (1, 2, 2, 5)])
def test_clockwork(
    f: Any, periods: tuple[int, ...], rng: np.random.Generator, inputs: dict[str, Array]
) -> None:
    check(Clockwork.random(rng, N_X, N_A, periods, f), inputs)


@pytest.mark.parametrize("leak", [1.0, 0.3])
def test_echo_state(leak: float, rng: np.random.Generator) -> None:
    network = EchoState.random(rng, N_X, 6, sparsity=0.4, leak=leak)
    check(network, {"x": normal(rng, N_X, M, T_X), "a0": normal(rng, 6, M)})


def test_echo_state_with_feedback(rng: np.random.Generator) -> None:
    network = EchoState.random(rng, N_X, 6, sparsity=0.4, leak=0.7, n_y=N_Y)
    inputs = {
        "x": normal(rng, N_X, M, T_X),
        "a0": normal(rng, 6, M),
        "y": normal(rng, N_Y, M, T_X),
    }
    check(network, inputs)


@pytest.mark.parametrize("g", ["softmax", "sigmoid"])
@pytest.mark.parametrize("shape", [(N_A, M), (N_A, M, T_X)])
def test_output(g: Any, shape: tuple[int, ...], rng: np.random.Generator) -> None:
    check(Output.random(rng, N_A, N_Y, g), {"a": normal(rng, *shape)})


@pytest.mark.parametrize(
    ("kind", "states"),
    [
        (lambda rng, n_x: Elman.random(rng, n_x, N_A), ("a0",)),
        (lambda rng, n_x: GRU.random(rng, n_x, N_A), ("a0",)),
        (lambda rng, n_x: LSTM.random(rng, n_x, N_A), ("a0", "c0")),
        (lambda rng, n_x: Clockwork.random(rng, n_x, N_A, (1, 2)), ("a0",)),
        (lambda rng, n_x: EchoState.random(rng, n_x, N_A, sparsity=0.9), ("a0",)),
    ],
    ids=["elman", "gru", "lstm", "clockwork", "echo state"],
)
def test_stacks_of_any_cell_with_padding(
    kind: Callable[..., Any], states: tuple[str, ...], rng: np.random.Generator
) -> None:
    network = Stacked(
        (
            Bidirectional(kind(rng, N_X), kind(rng, N_X)),
            Unidirectional(kind(rng, 2 * N_A)),
            Bidirectional(kind(rng, N_A), kind(rng, N_A)),
        )
    )
    inputs = {"x": normal(rng, N_X, M, T_X)}
    for part in ("0.forwards", "0.backwards", "1.forwards", "2.forwards", "2.backwards"):
        for state in states:
            inputs[f"layers.{part}.{state}"] = normal(rng, N_A, M)
    check(network, inputs, lengths=LENGTHS)


def test_directions_of_different_kinds_and_widths(rng: np.random.Generator) -> None:
    network = Bidirectional(Elman.random(rng, N_X, 2), LSTM.random(rng, N_X, 5))
    inputs = {
        "x": normal(rng, N_X, M, T_X),
        "forwards.a0": normal(rng, 2, M),
        "backwards.a0": normal(rng, 5, M),
        "backwards.c0": normal(rng, 5, M),
    }
    check(network, inputs, lengths=LENGTHS)
