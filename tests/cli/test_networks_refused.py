"""Networks that cannot be, as typed: one line that names the field, and nothing is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ner_rnn_cli.main import main

from ner_rnn.model.bundle import read_bundle, write_bundle

Captured = pytest.CaptureFixture[str]
RESERVOIR = ["--model.cell", "reservoir", "--model.hidden-size", "50", "--model.sparsity", "0.1"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([*RESERVOIR, "--model.spectral-radius", "1"], "--model.spectral-radius is 1.0: it must"),
        ([*RESERVOIR, "--model.spectral-radius", "0"], "--model.spectral-radius is 0.0: it must"),
        (
            [*RESERVOIR, "--model.spectral-radius=-1", "--model.allow-unstable", "true"],
            "--model.spectral-radius is -1.0: it must be above 0",
        ),
        ([*RESERVOIR, "--model.spectral-radius", "nan"], "--model.spectral-radius is 'nan'"),
        ([*RESERVOIR, "--model.sparsity", "0.001"], "--model.sparsity is 0.001: of 50 units none"),
        ([*RESERVOIR, "--model.sparsity", "0"], "--model.sparsity is 0.0: it must be above 0"),
        ([*RESERVOIR, "--model.layers", "2"], "--model.layers is 2: a reservoir is one layer"),
        (["--model.layers", "0"], "--model.layers is 0: it must be 1 or more"),
        (
            ["--model.cell", "clockwork", "--model.periods", "1,4,2"],
            "--model.periods is 1, 4, 2: the first must be 1 or more, and each longer than",
        ),
        (
            ["--model.cell", "clockwork", "--model.periods", "1,2,2"],
            "--model.periods is 1, 2, 2: the first must be 1 or more, and each longer than",
        ),
        (
            ["--model.cell", "clockwork", "--model.periods", "1,2,4", "--model.hidden-size", "256"],
            "--model.hidden-size is 256: it must be a multiple of 3, since each of model.periods",
        ),
    ],
)
def test_training(
    words: list[str],
    message: str,
    capsys: Captured,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["train", "--data.corpus", "open", "--output", "run", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error: {message}")
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_radius_of_one_or_more_is_warned_of(
    capsys: Captured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    Path("a.bio").write_text("Maria B-PER\nSilva I-PER\nspoke O\n\n" * 9)
    words = ["train", "--data.train", "a.bio", "--model.cell", "reservoir", "--output", "run"]
    words += ["--model.hidden-size", "50", "--model.spectral-radius", "1.2"]
    words += ["--model.allow-unstable", "true", "--trainer.epochs", "1", "--model.word-size", "4"]
    with pytest.warns(UserWarning, match="echo state property"):  # of the layer; muted in a process
        assert main(words) == 0
    said = "model.spectral_radius is 1.2: at 1 or more the echo state property may be lost"
    assert f"note: {said}" in capsys.readouterr().err
    assert said in Path("run/README.md").read_text("utf-8").replace("\\_", "_")  # Markdown
    # and such a model, a reservoir's, is whole
    capsys.readouterr()
    assert main(["info", "run", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["config"]["model"]["spectral_radius"] == 1.2


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"hidden_size": 17}, "model.hidden_size"),
        ({"layers": 2}, "model.layers"),
        ({"bidirectional": False}, "model.bidirectional"),
        ({"cell": "gru"}, "model.cell"),
        ({"word_size": 5}, "model.word_size"),
        ({"memory": False}, "model.memory"),
        ({"output": "softmax"}, "model.output"),
    ],
)
@pytest.mark.parametrize("command", ["info", "tag"])
def test_weights_that_do_not_fit_their_config(
    command: str, change: dict[str, Any], named: str, small_model: Path, tmp_path: Path,
    capsys: Captured,
) -> None:  # fmt: skip
    bundle = read_bundle(small_model)
    model = tmp_path / "model"
    write_bundle(
        model,
        config={"model": {**bundle.config["model"], **change}},
        vocabulary=bundle.vocabulary,
        weights=bundle.weights,
        metrics=bundle.metrics,
        card="",
    )
    text = tmp_path / "a.txt"
    text.write_text("Maria spoke.")
    words = ["info", str(model)] if command == "info" else ["tag", str(text), "--model", str(model)]
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error: {model}: the weights do not fit config.json: ")
    assert named in err
    assert err.count("\n") == 1
