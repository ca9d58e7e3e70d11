"""The reservoir against its reference, and radius, sparsity, redraws."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from ner_rnn.errors import ConfigError
from ner_rnn.model.settings import ModelConfig
from ner_rnn.nn.encoder import padding_mask
from ner_rnn.nn.reservoir import Reservoir
from ner_rnn.studies import rivals
from ner_rnn.studies.verify import N_X, compare, same_reservoir

INPUT = 3
GOLDEN_INDEX = [[1, 2, 3], [1, 3, 5], [0, 1, 3], [1, 3, 4], [0, 4, 5], [2, 3, 4]]
GOLDEN_WEIGHT = [0.366552472, -0.118882157, -0.091388792]
GOLDEN_INPUT = [-0.084360197, -0.972782791]


def make(units: int = 20, *, seed: int = 0, **options: object) -> Reservoir:
    torch.manual_seed(seed)
    settings = {"sparsity": 0.2, "leak": 0.7} | options
    return Reservoir(INPUT, units, **settings).double()  # type: ignore[arg-type]


def dense(reservoir: Reservoir, direction: int = 0) -> np.ndarray:
    index, weight = reservoir.index[direction].long(), reservoir.weight[direction]
    units = len(index)
    return torch.zeros(units, units, dtype=weight.dtype).scatter_(1, index, weight).numpy()


def draw(lengths: list[int], seed: int = 1) -> tuple[Tensor, Tensor]:
    """Sentences with large numbers in the padding."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(len(lengths), max(lengths), INPUT, generator=generator, dtype=torch.float64)
    sizes = torch.tensor(lengths)
    return torch.where(padding_mask(sizes, x.shape[1])[..., None], x, x * 100), sizes


@settings(max_examples=30)
@given(
    bidirectional=st.booleans(),
    lengths=st.tuples(*[st.integers(1, 17)] * 4),
    units=st.integers(20, 60),
    leak=st.floats(0.05, 1.0),
    seed=st.integers(0, 2**32 - 1),
)
def test_it_is_the_textbook_network(
    bidirectional: bool, lengths: tuple[int, ...], units: int, leak: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    reservoir, reference = same_reservoir(rng, bidirectional=bidirectional, units=units, leak=leak)
    x = rng.standard_normal((N_X, len(lengths), max(lengths)))
    rival = rivals.own_reservoir(reservoir, lengths)
    found = compare(reference, rival, {"x": x}, rng, lengths=lengths, trained=False)
    assert found.passed, found


@settings(max_examples=25)
@given(
    units=st.integers(5, 60),
    radius=st.floats(0.05, 0.99),
    share=st.floats(0.05, 1.0),
    seed=st.integers(0, 2**31),
)
def test_radius_and_sparsity_are_as_asked(
    units: int, radius: float, share: float, seed: int
) -> None:
    degree = round(share * units)
    if degree == 0:
        return
    torch.manual_seed(seed)
    reservoir = Reservoir(INPUT, units, spectral_radius=radius, sparsity=share)
    for direction in range(2):
        W = dense(reservoir, direction).astype(float)
        assert ((W != 0).sum(1) == degree).all()
        # of a matrix that is nearly nilpotent, eigenvalues are known to few digits
        if degree > 2:
            assert np.abs(np.linalg.eigvals(W)).max() == pytest.approx(radius, rel=1e-4)
    assert not torch.equal(reservoir.weight[0], reservoir.weight[1])


def test_the_radius_of_a_large_reservoir() -> None:
    """Beyond the size at which all eigenvalues are computed."""
    torch.manual_seed(0)
    W = dense(Reservoir(INPUT, 600, spectral_radius=0.8, sparsity=0.02)).astype(float)
    assert np.abs(np.linalg.eigvals(W)).max() == pytest.approx(0.8, rel=1e-5)


def test_inputs_are_of_the_scale_asked_for() -> None:
    reservoir = make(400, input_scale=0.25)
    for weights in (reservoir.inputs, reservoir.bias):
        assert 0.24 < weights.abs().max() <= 0.25
        assert abs(weights.mean()) < 0.03


def test_the_same_for_ever() -> None:
    """The numbers behind a seed are part of the format of a model: they must never change."""
    reservoir = Reservoir(2, 6, bidirectional=False, sparsity=0.5)
    reservoir.load_state_dict({"seed": torch.tensor(7), "scale": torch.ones(1).double()})
    assert reservoir.index[0].tolist() == GOLDEN_INDEX
    assert reservoir.weight[0, 0].tolist() == pytest.approx(GOLDEN_WEIGHT, abs=1e-7)
    assert reservoir.inputs[0, 0].tolist() == pytest.approx(GOLDEN_INPUT, abs=1e-7)


def test_a_model_keeps_two_numbers_and_draws_the_rest_anew() -> None:
    torch.manual_seed(0)
    reservoir, other = (Reservoir(INPUT, 20, sparsity=0.2, spectral_radius=0.6) for _ in range(2))
    empty = Reservoir(INPUT, 20, sparsity=0.2, fresh=False)
    saved = reservoir.state_dict()
    assert set(saved) == {"seed", "scale"}
    x, lengths = draw([4, 2])
    y, _ = reservoir(x.float(), lengths)
    assert not torch.equal(other(x.float(), lengths)[0], y)
    for loaded in (empty, copy.deepcopy(other)):
        loaded.load_state_dict(saved)
        assert torch.equal(loaded(x.float(), lengths)[0], y)


def test_gradients_are_finite_whatever_is_in_the_padding() -> None:
    model = make()
    x, lengths = draw([2, 5])
    x[0, 2:] = torch.nan
    x.requires_grad_()
    (gradient,) = torch.autograd.grad(model(x, lengths)[0].sum(), x)
    assert not gradient[0, 2:].any()
    assert torch.isfinite(gradient).all()
    assert gradient[0, :2].abs().min() > 0


def test_nothing_is_trained() -> None:
    assert list(make().parameters()) == []


def test_single_precision_and_bfloat16_are_close() -> None:
    model = make()
    x, lengths = draw([4, 6])
    exact, _ = model(x, lengths)
    model.float()
    torch.testing.assert_close(model(x.float(), lengths)[0].double(), exact, rtol=1e-4, atol=1e-5)
    with torch.autocast("cpu", torch.bfloat16):
        torch.testing.assert_close(
            model(x.float(), lengths)[0].double(), exact, rtol=1e-4, atol=1e-5
        )


@settings(max_examples=10)
@given(st.integers(0, 2**31))
def test_echoes_fade(seed: int) -> None:
    """Two pasts, one present: below a spectral radius of 1 the states come together."""
    model = make(60, seed=seed, bidirectional=False, spectral_radius=0.5)
    x, lengths = draw([40, 40])
    x[1, 5:] = x[0, 5:]
    y, _ = model(x, lengths)
    apart = (y[0] - y[1]).norm(dim=1)
    assert apart[39] < 1e-3 * apart[4]


def test_a_radius_of_one_or_more_is_warned_of() -> None:
    with pytest.warns(UserWarning, match="echo state property"):
        make(spectral_radius=1.2)


@pytest.mark.parametrize(
    "changes",
    [
        {"spectral_radius": 1.0},
        {"spectral_radius": 0.0},
        {"spectral_radius": -0.5, "allow_unstable": True},
        {"input_scale": 0.0},
        {"leak": 0.0},
        {"leak": 1.5},
        {"sparsity": 0.0},
        {"sparsity": 1.1},
        {"sparsity": 0.001, "hidden_size": 100},
        {"layers": 2},
    ],
)
def test_bad_settings_are_named(changes: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=rf"^model\.{next(iter(changes))} is "):
        ModelConfig(cell="reservoir", **changes)  # type: ignore[arg-type]


def test_an_unstable_radius_can_be_asked_for() -> None:
    model = ModelConfig(cell="reservoir", spectral_radius=1.2, allow_unstable=True)
    assert model.spectral_radius == 1.2


def test_ridge_needs_a_reservoir() -> None:
    with pytest.raises(ConfigError, match=r"^model\.output is 'ridge' but model\.cell is 'gru'"):
        ModelConfig(cell="gru", output="ridge")
