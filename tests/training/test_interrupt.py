"""Runs that a signal stops: what is kept, and that resuming leads to the very same weights."""

from __future__ import annotations

import csv
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import torch

from ner_rnn.errors import UserError
from ner_rnn.model.bundle import read_bundle
from ner_rnn.model.settings import Config
from ner_rnn.training.fit import train
from ner_rnn.training.module import TaggerModule

Recipe = Callable[..., Config]
EPOCHS = 3


def silent(line: str) -> None:
    """Nobody listens."""


def signal_at(patch: pytest.MonkeyPatch, step: int, *numbers: signal.Signals) -> None:
    """Send signals to this process while a step is being taken."""
    original = TaggerModule.training_step

    def training_step(self: TaggerModule, batch: object, batch_idx: int) -> torch.Tensor:
        loss = original(self, batch, batch_idx)  # type: ignore[arg-type]
        if self.global_step == step:
            for number in numbers:
                os.kill(os.getpid(), number)
        return loss

    patch.setattr(TaggerModule, "training_step", training_step)


def signal_while_scoring(patch: pytest.MonkeyPatch, epoch: int, number: signal.Signals) -> None:
    original = TaggerModule.on_validation_epoch_end

    def on_validation_epoch_end(self: TaggerModule) -> None:
        if self.current_epoch == epoch:
            os.kill(os.getpid(), number)
        original(self)

    patch.setattr(TaggerModule, "on_validation_epoch_end", on_validation_epoch_end)


def stop(config: Config, output: Path, prepare: Callable[[pytest.MonkeyPatch], None]) -> list[str]:
    """Train until the signal comes; what was said."""
    said: list[str] = []
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with pytest.MonkeyPatch.context() as patch:
        prepare(patch)
        with pytest.raises(KeyboardInterrupt):
            train(config, output, on_notice=said.append)
    assert [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)] == handlers
    assert not (output / "manifest.json").exists(), "half a model is no model"
    return said


def same_weights(one: Path, other: Path) -> bool:
    a, b = read_bundle(one).weights, read_bundle(other).weights
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a)


class States:
    """The weights that every training in the block ended with, of whichever epoch is kept."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.ends: list[dict[str, torch.Tensor]] = []

        def on_train_end(module: TaggerModule) -> None:
            self.ends.append({k: v.clone() for k, v in module.state_dict().items()})

        patch.setattr(TaggerModule, "on_train_end", on_train_end)

    def identical(self) -> bool:
        first, *others = self.ends
        return all(torch.equal(first[k], other[k]) for other in others for k in first)


@pytest.fixture
def states(monkeypatch: pytest.MonkeyPatch) -> States:
    return States(monkeypatch)


def development(output: Path) -> dict[int, float]:
    """F1 of each epoch, as logged before and after the run was resumed."""
    scores: dict[int, float] = {}
    for log in sorted(output.glob("logs*/metrics.csv")):
        with log.open(newline="") as file:
            rows = [row for row in csv.DictReader(file) if row.get("dev_f1")]
        scores |= {int(row["epoch"]): float(row["dev_f1"]) for row in rows}
    return scores


class Whole(NamedTuple):
    output: Path
    steps: int
    """Of an epoch."""
    end: dict[str, torch.Tensor]


@pytest.fixture(scope="module")
def whole(recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """A run left alone."""
    output = tmp_path_factory.mktemp("whole") / "run"
    with pytest.MonkeyPatch.context() as patch:
        states = States(patch)
        train(recipe(trainer__epochs=EPOCHS), output, on_notice=silent)
    saved = torch.load(output / "checkpoints" / "best.ckpt", weights_only=True)
    steps = saved["global_step"] // (saved["epoch"] + 1)
    assert steps > 4
    return Whole(output, steps, states.ends[0])


# (epoch, step of it counted from the end where negative)
@pytest.mark.parametrize(
    ("epoch", "step"), [(0, 0), (0, -1), (0, -2), (1, 0), (1, 2), (1, -1), (2, 1), (2, -2)]
)
def test_a_run_that_goes_on_ends_in_the_same_weights(
    epoch: int, step: int, whole: Whole, recipe: Recipe, tmp_path: Path, states: States
) -> None:
    output, steps, end = whole
    states.ends.append(end)
    place = epoch * steps + step % steps
    number = signal.SIGTERM if step % 2 else signal.SIGINT
    config = recipe(trainer__epochs=EPOCHS)
    said = stop(config, tmp_path / "run", lambda patch: signal_at(patch, place, number))
    assert any(number.name in line for line in said)
    assert any("resume to go on from there" in line for line in said)
    kept = torch.load(tmp_path / "run" / "checkpoints" / "last.ckpt", weights_only=True)
    assert kept["global_step"] == place + 1, "the step was finished and no other begun"
    train(config, tmp_path / "run", resume=True, on_notice=silent)
    assert len(states.ends) == 2
    assert states.identical()
    assert same_weights(tmp_path / "run", output)
    logged = development(tmp_path / "run")
    assert logged
    assert logged == {k: v for k, v in development(output).items() if k in logged}
    ours, theirs = (read_bundle(path).metrics for path in (tmp_path / "run", output))
    assert ours["scores"] == theirs["scores"]
    assert ours["epochs"] == theirs["epochs"] == EPOCHS


def test_stopped_twice_and_without_a_development_set(recipe: Recipe, tmp_path: Path) -> None:
    config = recipe(trainer__epochs=EPOCHS, data__dev=None)
    train(config, tmp_path / "whole", on_notice=silent)
    stop(config, tmp_path / "run", lambda patch: signal_at(patch, 3, signal.SIGINT))
    with pytest.MonkeyPatch.context() as patch:
        signal_at(patch, 6, signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            train(config, tmp_path / "run", resume=True, on_notice=silent)
    train(config, tmp_path / "run", resume=True, on_notice=silent)
    assert same_weights(tmp_path / "run", tmp_path / "whole")


def test_a_signal_while_the_development_set_is_scored(
    whole: Whole, recipe: Recipe, tmp_path: Path, states: States
) -> None:
    config = recipe(trainer__epochs=EPOCHS)
    states.ends.append(whole.end)
    stop(config, tmp_path / "run", lambda patch: signal_while_scoring(patch, 1, signal.SIGTERM))
    kept = torch.load(tmp_path / "run" / "checkpoints" / "last.ckpt", weights_only=True)
    assert kept["global_step"] == 2 * whole.steps
    train(config, tmp_path / "run", resume=True, on_notice=silent)
    assert len(states.ends) == 2
    assert states.identical()
    assert same_weights(tmp_path / "run", whole.output)


def test_epochs_of_one_step_can_be_stopped_too(
    recipe: Recipe, tmp_path: Path, states: States
) -> None:
    config = recipe(trainer__epochs=4, trainer__batch_tokens=100_000)
    train(config, tmp_path / "whole", on_notice=silent)
    stop(config, tmp_path / "run", lambda patch: signal_at(patch, 1, signal.SIGTERM))
    train(config, tmp_path / "run", resume=True, on_notice=silent)
    assert len(states.ends) == 2
    assert states.identical()
    assert same_weights(tmp_path / "run", tmp_path / "whole")


def test_a_signal_in_the_last_step_lets_the_run_end(
    whole: Whole, recipe: Recipe, tmp_path: Path
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        signal_at(patch, EPOCHS * whole.steps - 1, signal.SIGTERM)
        train(recipe(trainer__epochs=EPOCHS), tmp_path / "run", on_notice=silent)
    assert same_weights(tmp_path / "run", whole.output)


def test_a_second_ctrl_c_stops_at_once(recipe: Recipe, tmp_path: Path) -> None:
    config = recipe(trainer__epochs=EPOCHS)
    twice = (signal.SIGINT, signal.SIGINT)
    # a shell that starts this in the background has SIGINT ignored
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        said = stop(config, tmp_path / "run", lambda patch: signal_at(patch, 2, *twice))
    finally:
        signal.signal(signal.SIGINT, before)
    assert not any("--resume" in line for line in said), "nothing was kept of this epoch"
    assert not (tmp_path / "run" / "checkpoints" / "last.ckpt").exists()


def test_another_network_cannot_be_resumed(recipe: Recipe, tmp_path: Path) -> None:
    config = recipe(trainer__epochs=EPOCHS)
    stop(config, tmp_path / "run", lambda patch: signal_at(patch, 2, signal.SIGTERM))
    other = recipe(trainer__epochs=EPOCHS, model__hidden_size=9)
    with pytest.raises(UserError, match=r"last\.ckpt") as caught:
        train(other, tmp_path / "run", resume=True, on_notice=silent)
    assert "\n" not in str(caught.value)


def test_a_damaged_checkpoint_is_told(recipe: Recipe, tmp_path: Path) -> None:
    config = recipe(trainer__epochs=EPOCHS)
    last = tmp_path / "run" / "checkpoints" / "last.ckpt"
    stop(config, tmp_path / "run", lambda patch: signal_at(patch, 2, signal.SIGTERM))
    last.write_bytes(last.read_bytes()[:1000])
    with pytest.raises(UserError, match=r"last\.ckpt") as caught:
        train(config, tmp_path / "run", resume=True, on_notice=silent)
    assert "\n" not in str(caught.value)
