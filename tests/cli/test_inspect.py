"""``ner-rnn inspect memory`` as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ner_rnn_cli.main import main

from ner_rnn.studies import clipping, memory_probe


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_probe, "STEPS", 60)
    monkeypatch.setattr(memory_probe, "LAGS", (1, 3))
    monkeypatch.setattr(clipping, "STEPS", 10)
    monkeypatch.setenv("COLUMNS", "80")


def recipe(folder: Path, name: str, text: str) -> str:
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_recipes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [
        recipe(tmp_path, "plain", "model:\n  cell: rnn\n"),
        recipe(tmp_path, "gates", "model:\n  cell: lstm\n"),
        recipe(tmp_path, "alone", "model:\n  cell: none\n"),
        recipe(tmp_path, "wrong", "model:\n  cell: lsmt\n"),
    ]
    output = tmp_path / "report"
    status = main(
        ["inspect", "memory", "--config", *paths, "--output", str(output), "--seeds", "1",
         "--lags", "6", "--passages", "2", "--only", "gradients", "recall"]
    )  # fmt: skip
    shown = capsys.readouterr()
    assert status == 0, shown.err
    assert "alone.yaml: its model.cell is none" in shown.err
    assert "wrong.yaml:2: model.cell is 'lsmt': expected one of rnn, gru" in shown.err
    assert "Size of d h(T) / d h(T-k)" in shown.out
    assert max(map(len, shown.out.splitlines())) <= 80
    found = json.loads((output / "report.json").read_text())
    assert [(c["name"], c["state"]) for c in found["gradients"]["curves"]] == [
        ("plain", "h"), ("gates", "h"), ("gates", "c"),
    ]  # fmt: skip
    assert [c["names"] for c in found["recall"]["cells"]] == [["plain"], ["gates"]]
    assert len(found["left_out"]) == 2
    assert found["clipping"]["runs"] == []
    assert not (output / "clipping.svg").exists()


def test_clipping_alone_needs_no_network(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", "memory", "--only", "clipping", "--output", str(tmp_path / "r")]) == 0
    assert (
        "not clipped: loss or gradient is NaN or infinite from step 2 on" in capsys.readouterr().out
    )
    assert (tmp_path / "r" / "clipping.svg").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "there is no network to inspect: give --model or --config"),
        (["--config", "x.yaml", "--data", "y"], "--data is what the models of --model read"),
        (["--model", "nowhere"], "none of the networks given can be inspected"),
        (["--only", "colours"], "invalid choice: 'colours'"),
        (["--lags", "0"], "0 is not from 1 to 2147483647"),
        (["--seed", "-1"], "-1 is not from 0 to 2147483647"),
    ],
)
def test_bad_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    assert main(["inspect", "memory", "--output", str(tmp_path / "r"), *words]) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert message in error


def test_help_says_how_flags_combine(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["inspect", "--help"])
    shown = capsys.readouterr().out
    assert "where no --model is given" in shown
    assert "every --config and every --model" in shown
