"""The best epoch of a run that was stopped, where the development score moves up and down."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch

from ner_rnn.model.bundle import read_bundle
from ner_rnn.model.settings import Config
from ner_rnn.training.checkpoint_files import WholeCheckpoints
from ner_rnn.training.fit import train

from .test_interrupt import development, same_weights, signal_at, silent, stop

EPOCHS = 6
NOW = (signal.SIGINT, signal.SIGINT)  # the second stops at once, and keeps nothing of the epoch


class Whole(NamedTuple):
    output: Path
    config: Config
    best: int
    steps: int


def best_of(output: Path) -> tuple[int, int]:
    """Epoch of the best checkpoint, and its steps so far."""
    saved = torch.load(output / "checkpoints" / "best.ckpt", weights_only=True)
    return saved["epoch"], saved["global_step"]


@pytest.fixture(scope="module")
def whole(recipe: Callable[..., Config], tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """A run left alone, whose best epoch is neither the first nor the last."""
    for seed in range(1, 7):  # steps so large differ between machines
        output = tmp_path_factory.mktemp("moving") / "run"
        config = recipe(seed=seed, trainer__epochs=EPOCHS, trainer__learning_rate=0.5)
        train(config, output, on_notice=silent)
        scores = development(output)
        best, steps = best_of(output)
        falls = any(scores[epoch] < scores[epoch - 1] for epoch in range(1, EPOCHS))
        if 0 < best < EPOCHS - 1 and falls and scores[best] == max(scores.values()):
            return Whole(output, config, best, steps // (best + 1))
    raise AssertionError("no score moved up and down")


def stop_between_checkpoints(patch: pytest.MonkeyPatch, epoch: int) -> None:
    """Stop at once when the best checkpoint of an epoch is written, and the last one is not."""
    original = WholeCheckpoints.save_checkpoint

    def save_checkpoint(self: WholeCheckpoints, checkpoint: Any, path: Any, **more: Any) -> None:
        if Path(path).name == "last.ckpt" and checkpoint["epoch"] == epoch:
            for number in NOW:
                os.kill(os.getpid(), number)
        original(self, checkpoint, path, **more)

    patch.setattr(WholeCheckpoints, "save_checkpoint", save_checkpoint)


@pytest.mark.parametrize("after", [-1, 0, 1, 2])
@pytest.mark.parametrize("numbers", [(signal.SIGTERM,), NOW], ids=["kept", "at once"])
def test_the_same_epoch_is_the_best(
    after: int, numbers: tuple[signal.Signals, ...], whole: Whole, tmp_path: Path
) -> None:
    epoch = min(whole.best + after, EPOCHS - 1)
    place = epoch * whole.steps + whole.steps // 2
    stop(whole.config, tmp_path / "run", lambda patch: signal_at(patch, place, *numbers))
    if after > 0:
        assert best_of(tmp_path / "run")[0] == whole.best, "it was stopped after the best epoch"
    check_resumed(whole, tmp_path / "run")


def test_a_run_stopped_between_its_two_checkpoints(whole: Whole, tmp_path: Path) -> None:
    stop(
        whole.config,
        tmp_path / "run",
        lambda patch: stop_between_checkpoints(patch, whole.best),
    )
    last = torch.load(tmp_path / "run" / "checkpoints" / "last.ckpt", weights_only=True)
    assert (last["epoch"], best_of(tmp_path / "run")[0]) == (whole.best - 1, whole.best)
    check_resumed(whole, tmp_path / "run")


def check_resumed(whole: Whole, output: Path) -> None:
    """Go on, and compare with the run left alone."""
    train(whole.config, output, resume=True, on_notice=silent)
    assert best_of(output) == best_of(whole.output)
    assert same_weights(output, whole.output)
    assert read_bundle(output).metrics["scores"] == read_bundle(whole.output).metrics["scores"]
