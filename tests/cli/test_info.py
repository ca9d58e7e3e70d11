"""What is said of a model: everything that one would ask before trusting it."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from ner_rnn_cli.main import main

from ner_rnn.corpora.settings import DataConfig
from ner_rnn.encoding.vocabulary import Vocabulary
from ner_rnn.model.bundle import write_bundle
from ner_rnn.model.contents import weight_shapes
from ner_rnn.model.settings import Config

VOCABULARY = Vocabulary.learn([["Ann", "spoke"]], ["O", *(f"{p}-PER" for p in "BIES")])

SCORE = {"precision": 0.5, "recall": 0.25, "f1": 1 / 3, "support": 4, "predicted": 2, "correct": 1}
NOTHING = {"precision": None, "recall": None, "f1": None, "support": 0}
PARAMETERS = sum(math.prod(s) for s in weight_shapes(Config().model, VOCABULARY).values())


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    shapes = weight_shapes(Config().model, VOCABULARY)
    write_bundle(
        "m",
        config=asdict(Config(data=DataConfig(train="a.txt"), seed=41)),
        vocabulary=VOCABULARY.to_json(),
        weights={name: np.zeros(shape, np.float32) for name, shape in shapes.items()},
        metrics={
            "scores": {"test": {"names": SCORE, "words": NOTHING}},
            "data": {"train": {"sentences": 12345, "sha256": "feed"}},
        },
        card="",
    )
    return "m"


def test_info(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", model]) == 0
    lines = capsys.readouterr().out.splitlines()
    rows = {line.split()[0]: " ".join(line.split()[1:]) for line in lines if line.strip()}
    assert rows["parameters"] == f"{PARAMETERS:,}"
    assert rows["network"] == (
        "1 layer of bidirectional lstm, 128 units a direction; cnn over letters; document memory; "
        "crf output"
    )
    assert rows["train"] == "12,345 sentences, sha256 feed"
    assert rows["seed"] == "41"
    assert "train a.txt" in rows["corpus"]
    assert rows["test"] == "4 50.00 25.00 33.33 0 – – –"


def test_info_as_json(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", model, "--json"]) == 0
    known = json.loads(capsys.readouterr().out)
    assert known["parameters"] == PARAMETERS
    assert known["config"]["seed"] == 41
    assert known["metrics"]["scores"]["test"]["names"] == SCORE


def test_a_folder_that_is_no_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", str(tmp_path)]) == 2
    shown = capsys.readouterr().err
    assert shown.startswith(f"error: {tmp_path}")
    assert shown.count("\n") == 1
