"""``ner-rnn models``, and the commands that take a built-in model by name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ner_rnn_cli.main import main

from ner_rnn.model import builtin

from ..conftest import write_corpus

ABOUT = {
    "language": "English",
    "licence": "CC BY-SA 4.0",
    "corpora": ["wnut17 (CC BY 4.0)", "btc (CC BY 4.0)"],
    "scores": [
        {
            "kind": "novels",
            "corpus": "litbank",
            "f1": 0.8412,
            "low": 0.81,
            "high": 0.87,
            "lower_f1": None,
            "spacy_md_f1": 0.7,
        }
    ],
}

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def described(built_in: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COLUMNS", "120")
    (built_in / "en" / "about.json").write_text(json.dumps(ABOUT))
    return built_in


def test_a_table(capsys: Captured) -> None:
    assert main(["models"]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "en English 0.1 MB CC BY-SA 4.0" in lines
    assert "en learned from wnut17 (CC BY 4.0), btc (CC BY 4.0)" in lines
    # what nobody measured has no column
    assert "kind of text corpus F1 95 % spaCy md" in lines
    assert "novels litbank 84.1 81.0 to 87.0 70.0" in lines


def test_as_json(described: Path, capsys: Captured) -> None:
    assert main(["models", "--json"]) == 0
    (model,) = json.loads(capsys.readouterr().out)
    assert model["name"] == "en"
    assert model["folder"] == str(described / "en")
    assert model["corpora"] == ABOUT["corpora"]
    assert model["scores"][0]["f1"] == 0.8412
    assert model["scores"][0]["upper_f1"] is None


def test_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.setattr(builtin, "FOLDER", tmp_path / "absent")
    assert main(["models"]) == 0
    assert capsys.readouterr().err == "note: this installation has no built-in model\n"
    assert main(["models", "--json"]) == 0
    assert capsys.readouterr().out == "[]\n"


def test_other_commands_take_the_name(letter: Path, capsys: Captured) -> None:
    write_corpus(Path("test.txt"), 20, 3)
    assert main(["info", "en"]) == 0
    assert "bidirectional lstm" in capsys.readouterr().out
    assert main(["evaluate", "--model", "en", "--data", "test.txt", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["test.txt"]["names"]["f1"] > 0.5
    words = ["inspect", "memory", "--model", "en", "--data", "test.txt", "--only", "gradients"]
    assert main([*words, "--lags", "4", "--passages", "4", "--output", "memory"]) == 0
    assert " en " in capsys.readouterr().out
