"""Training runs: stopped and resumed, limited in time, clipped."""

from __future__ import annotations

import math
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from pytorch_lightning import LightningModule

from ner_rnn.errors import BundleError, ConfigError
from ner_rnn.language_model import batches as data
from ner_rnn.language_model.fit import train
from ner_rnn.language_model.module import LanguageModule
from ner_rnn.model.language_model import Settings
from ner_rnn.nn.language_model_files import load_language_model

SMALL: dict[str, Any] = {"hidden_size": 8, "embedding_size": 4, "dropout": 0.2, "layers": 2}
LINES = {**SMALL, "epochs": 2, "batch_symbols": 128}
RUNNING = {**SMALL, "epochs": 1, "running": True, "rows": 3, "window": 20}


@pytest.fixture
def text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(data, "PART", 6)
    path = tmp_path / "text.txt"
    path.write_text("".join(f"line {n} of the text, {n * n}\n" for n in range(60)))
    return str(path)


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_language_model(folder).model.state_dict()


def stop_at(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Have a signal come right after a step, as Ctrl-C would."""
    before: Callable[..., None] = LanguageModule.on_train_batch_end

    def ended(module: LanguageModule, *rest: Any) -> None:
        before(module, *rest)
        if module.global_step == step:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(LanguageModule, "on_train_batch_end", ended)


@pytest.mark.parametrize(("settings", "step"), [(LINES, 9), (RUNNING, 3), (RUNNING, 8)])
def test_a_resumed_run_ends_where_it_would_have(
    tmp_path: Path, text: str, settings: dict[str, Any], step: int
) -> None:
    notices: list[str] = []
    whole = train([text], Settings(**settings), tmp_path / "whole", on_notice=notices.append)
    with pytest.MonkeyPatch.context() as patch:
        stop_at(patch, step)
        with pytest.raises(KeyboardInterrupt):
            train([text], Settings(**settings), tmp_path / "part", on_notice=notices.append)
    assert "resume to go on from there" in notices[-1]
    with pytest.raises(BundleError):
        load_language_model(tmp_path / "part")
    resumed = train(
        [text], Settings(**settings), tmp_path / "part", resume=True, on_notice=notices.append
    )
    assert whole is not None and resumed is not None
    assert resumed.bits_a_symbol == whole.bits_a_symbol
    expected = weights(tmp_path / "whole")
    for name, found in weights(tmp_path / "part").items():
        assert torch.equal(found, expected[name]), name


def test_what_a_resumed_run_keeps(tmp_path: Path, text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        stop_at(patch, 3)
        with pytest.raises(KeyboardInterrupt):
            train([text], Settings(**RUNNING), tmp_path / "run", on_notice=str)
    with pytest.raises(ConfigError, match="rows is 2: it was 3 when this run began"):
        changed = Settings(**{**RUNNING, "rows": 2})
        train([text], changed, tmp_path / "run", resume=True, on_notice=str)
    with pytest.raises(ConfigError, match="of another network or corpus"):
        changed = Settings(**{**RUNNING, "hidden_size": 4})
        train([text], changed, tmp_path / "run", resume=True, on_notice=str)


def test_the_state_is_carried_on(
    tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    before = LanguageModule.training_step

    def step(module: LanguageModule, batch: Any, batch_idx: int) -> torch.Tensor:
        seen.append((batch[2], module.carried))
        return before(module, batch, batch_idx)

    monkeypatch.setattr(LanguageModule, "training_step", step)
    train([text], Settings(**RUNNING), tmp_path / "run", on_notice=str)
    assert [fresh for fresh, _ in seen] == [True] + [False] * (len(seen) - 1)
    assert seen[0][1] is None
    assert len(seen) > 8  # beyond a part
    for place, (_, state) in enumerate(seen[1:], 1):
        assert state.step == 20 * place
        assert not any(part.requires_grad for layer in state.layers for part in layer)


def test_time_is_up(tmp_path: Path, text: str) -> None:
    notices: list[str] = []
    settings = Settings(**{**LINES, "epochs": 400, "minutes": 0.02})
    found = train([text], settings, tmp_path / "run", on_notice=notices.append)
    assert found is not None
    assert math.isfinite(found.bits_a_symbol)
    assert " of 400: " in notices[-1]


def test_each_value_of_the_gradient_is_clipped(
    tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    largest: list[float] = []

    def before_step(module: LightningModule, optimizer: torch.optim.Optimizer) -> None:
        # Lightning calls this before it clips; what is left after it shows in the step of SGD
        largest.append(max(float(p.grad.abs().max()) for p in module.parameters()))

    monkeypatch.setattr(LanguageModule, "on_before_optimizer_step", before_step)
    moved: list[float] = []
    step = torch.optim.SGD.step

    def stepped(optimizer: torch.optim.SGD, closure: Any = None) -> Any:
        answer = step(optimizer, closure)
        grads = [p.grad for group in optimizer.param_groups for p in group["params"]]
        moved.append(max(float(grad.abs().max()) for grad in grads if grad is not None))
        return answer

    monkeypatch.setattr(torch.optim.SGD, "step", stepped)
    settings = Settings(**{**LINES, "clip_value": 0.001, "clip": 0.0, "optimizer": "sgd"})
    train([text], settings, tmp_path / "run", on_notice=str)
    assert max(largest) > 0.01
    assert max(moved) <= 0.001 * (1 + 1e-6)


@pytest.mark.parametrize("changes", [{"cell": "clockwork"}, {"cell": "reservoir", "layers": 1,
                                     "sparsity": 0.5}, {"cell": "none"}])  # fmt: skip
def test_running_text_with_other_cells(tmp_path: Path, text: str, changes: dict[str, Any]) -> None:
    found = train([text], Settings(**{**RUNNING, **changes}), tmp_path / "run", on_notice=str)
    assert found is not None and found.perplexity < 40  # symbols


def test_a_damaged_model_is_refused(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "run"
    train([text], Settings(**{**LINES, "epochs": 1}), folder, on_notice=str)
    (folder / "weights.safetensors").write_bytes(b"\0" * 10)
    with pytest.raises(BundleError, match="truncated"):
        load_language_model(folder)
