"""What the reference promises as a room: NumPy alone, names, and errors of one line."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import ner_rnn.studies.equations
from ner_rnn.errors import ConfigError, UserError
from ner_rnn.studies.equations import (
    GRU,
    LSTM,
    Bidirectional,
    Elman,
    Output,
    Stacked,
    Unidirectional,
    parameters,
)
from ner_rnn.studies.equations.compose import inside, reverse


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(12)


def test_the_reference_needs_no_torch() -> None:
    code = (
        "import sys, ner_rnn.studies.equations; "
        "print('torch' in sys.modules, 'numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_public_names_exist() -> None:
    for name in ner_rnn.studies.equations.__all__:
        assert hasattr(ner_rnn.studies.equations, name)


def test_parameters_are_the_arrays_themselves_by_dotted_name(rng: np.random.Generator) -> None:
    inner = Elman.random(rng, 3, 4)
    network = Stacked((Bidirectional(inner, LSTM.random(rng, 3, 4)), Unidirectional(inner)))
    found = parameters(network)
    assert found["layers.0.forwards.W_ax"] is inner.W_ax
    assert found["layers.0.backwards.b_o"].shape == (4, 1)
    assert len(found) == 3 + 8 + 3
    assert set(parameters(GRU.random(rng, 3, 4, "after"))) - set(
        parameters(GRU.random(rng, 3, 4, "before"))
    ) == {"b_ca"}


def test_softmax_and_sigmoid_do_not_overflow(rng: np.random.Generator) -> None:
    a = np.full((4, 2, 3), 1e6) * np.array([1, -1])[:, None][None]
    for g in ("softmax", "sigmoid"):
        y, _ = Output.random(rng, 4, 5, g).forward(a)  # type: ignore[arg-type]
        assert np.isfinite(y).all()
        assert ((y >= 0) & (y <= 1)).all()
        if g == "softmax":
            np.testing.assert_allclose(y.sum(axis=0), 1.0, rtol=1e-15)


def test_reverse_turns_each_example_within_its_length() -> None:
    x = np.array([[[1.0, 2, 3, 0], [4, 5, 6, 7]]])
    keep = inside(np.array([3, 4]), 2, 4)
    np.testing.assert_array_equal(reverse(x, keep), [[[3, 2, 1, 0], [7, 6, 5, 4]]])
    np.testing.assert_array_equal(reverse(reverse(x, keep), keep), x)


def test_padding_changes_no_state_and_no_gradient(rng: np.random.Generator) -> None:
    network = Bidirectional(LSTM.random(rng, 3, 4), GRU.random(rng, 3, 4))
    x = rng.standard_normal((3, 1, 5))
    padded = np.concatenate([x, np.full((3, 1, 4), np.nan)], axis=2)
    a, caches = network.forward(x)
    a_padded, caches_padded = network.forward(padded, np.array([5]))
    np.testing.assert_array_equal(a_padded[:, :, :5], a)
    assert not a_padded[:, :, 5:].any()
    da = rng.standard_normal((8, 1, 9))  # what is asked of the padding is not heard
    ours, wanted = network.backward(da, caches_padded), network.backward(da[:, :, :5], caches)
    assert not ours["x"][:, :, 5:].any()
    ours["x"] = ours["x"][:, :, :5]
    for name, gradient in wanted.items():
        np.testing.assert_allclose(ours[name], gradient, rtol=0, atol=1e-14, err_msg=name)


@pytest.mark.parametrize("lengths", [[5, 1, 1], [7, 1], [-1, 2]])
def test_lengths_that_do_not_fit(lengths: list[int], rng: np.random.Generator) -> None:
    with pytest.raises(UserError, match="lengths"):
        Unidirectional(Elman.random(rng, 3, 4)).forward(np.zeros((3, 2, 6)), np.array(lengths))


def test_an_initial_state_of_no_part(rng: np.random.Generator) -> None:
    network = Unidirectional(Elman.random(rng, 3, 4))
    with pytest.raises(UserError, match=r"'backwards\.a0' belongs to no part"):
        network.forward(np.zeros((3, 2, 6)), **{"backwards.a0": np.zeros((4, 2))})


def test_an_initial_state_of_another_kind_of_cell(rng: np.random.Generator) -> None:
    with pytest.raises(TypeError, match="Elman has no initial state c0"):
        Elman.random(rng, 3, 4).forward(np.zeros((3, 2, 6)), c0=np.zeros((4, 2)))


def test_a_stack_of_nothing() -> None:
    with pytest.raises(ConfigError, match="layers is empty"):
        Stacked(())


def test_choices_that_do_not_exist(rng: np.random.Generator) -> None:
    with pytest.raises(ConfigError, match="activation f is 'sin'"):
        Elman.random(rng, 3, 4, "sin")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="output g is 'max'"):
        Output.random(rng, 4, 2, "max")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="GRU reset is 'during'"):
        GRU.random(rng, 3, 4, "during")  # type: ignore[arg-type]
    before = GRU.random(rng, 3, 4)
    with pytest.raises(ConfigError, match="b_ca"):
        GRU(**{**parameters(before), "reset": "after"})  # type: ignore[arg-type]
