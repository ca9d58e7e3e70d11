"""``ner-rnn verify``: every row passes, and a wrong network is caught."""

from __future__ import annotations

import math

import numpy as np
import pytest
from ner_rnn_cli.main import main

from ner_rnn.studies.equations import Elman
from ner_rnn.studies.verify import Comparison


def test_every_network_passes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["verify"]) == 0
    shown = capsys.readouterr().out
    for network in ("Elman tanh", "Elman ReLU", "Jordan", "LSTM", "GRU reset before",
                    "GRU reset after", "clockwork 1, 2, 4, 8", "clockwork tanh, bi, 2 layers",
                    "echo state, ridge"):  # fmt: skip
        row = next(line for line in shown.splitlines() if line.startswith(network))
        assert row.split()[-1] == "pass"
    assert "FAIL" not in shown
    assert "all 26 pass; largest difference allowed 1e-10" in shown
    # one line a row on a narrow terminal
    assert len(shown.splitlines()) == 1 + 26 + 2


def test_a_wrong_equation_fails(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    right = Elman.cell_forward

    def wrong(self, x_t, a_prev):  # type: ignore[no-untyped-def]
        a_t, cache = right(self, x_t, a_prev)
        return a_t + 1e-9, cache

    monkeypatch.setattr(Elman, "cell_forward", wrong)
    assert main(["verify"]) == 1
    shown = capsys.readouterr().out
    failed = [line for line in shown.splitlines() if "FAIL" in line]
    assert all(line.startswith("Elman") for line in failed)
    assert f"{len(failed)} of 26 differ by more" in shown
    assert len(failed) == 8


def test_a_wrong_gradient_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Elman.cell_backward

    def wrong(self, da_t, cache):  # type: ignore[no-untyped-def]
        step = right(self, da_t, cache)
        return {**step, "b_a": step["b_a"] * (1 + 1e-8)}

    monkeypatch.setattr(Elman, "cell_backward", wrong)
    assert main(["verify", "--seed", "3"]) == 1


@pytest.mark.parametrize("value", [1e-9, math.nan, math.inf])
def test_what_does_not_pass(value: float) -> None:
    assert Comparison("a", "b", forward=1e-10, gradient=0.0, parameters=1).passed
    assert not Comparison("a", "b", forward=value, gradient=0.0, parameters=1).passed
    assert not Comparison("a", "b", forward=0.0, gradient=value, parameters=1).passed


def test_a_negative_seed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--seed", "-1"]) == 2
    assert "-1 is not 0 or more" in capsys.readouterr().err


def test_other_seeds_pass_too(capsys: pytest.CaptureFixture[str]) -> None:
    seed = int(np.random.default_rng().integers(2**31))
    assert main(["verify", "--seed", str(seed)]) == 0, seed
    capsys.readouterr()
