"""``ner-rnn compare``: from recipes to a report; what is kept, what is refused, what fails."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from ner_rnn_cli.main import main

from ner_rnn.corpora.settings import DataConfig
from ner_rnn.model.settings import Config, ModelConfig, TrainerConfig

Captured = pytest.CaptureFixture[str]

SENTENCES = (
    "Maria B-PER\nSilva I-PER\nspoke O\nin O\nParis B-LOC\n. O\n\n"
    "The O\nfirm O\nhired O\nIvan B-PER\nPetrov I-PER\n. O\n\n"
)
SMALL = {
    "model.hidden-size": 8, "model.word-size": 8, "model.char-size": 4, "model.char-hidden": 4,
    "model.form-size": 2, "trainer.epochs": 1,
}  # fmt: skip
FLAGS = [f"--{key}={value}" for key, value in SMALL.items()]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to stand in, with a corpus and recipes; prepared corpora are kept elsewhere."""
    stand = tmp_path / "stand"
    (stand / "corpus").mkdir(parents=True)
    monkeypatch.chdir(stand)
    monkeypatch.setenv("MPLCONFIGDIR", os.path.expanduser("~/.cache/matplotlib"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "120")
    for split, times in (("train", 30), ("dev", 5), ("test", 6)):
        Path(f"corpus/{split}.txt").write_text(SENTENCES * times)
    Path("gru.yaml").write_text("model:\n  cell: gru\n")
    Path("twin.yaml").write_text("model:\n  cell: gru\ntrainer:\n  epochs: 9\n")
    Path("rnn.yaml").write_text("model:\n  cell: rnn\n")
    return stand


def small(cell: str = "gru", **data: str | None) -> Config:
    return Config(
        DataConfig(**{"corpus": "corpus", **data}),  # type: ignore[arg-type]
        ModelConfig(
            cell=cell, hidden_size=8, word_size=8, char_size=4, char_hidden=4, form_size=2  # type: ignore[arg-type]
        ),
        trainer=TrainerConfig(epochs=1),
    )  # fmt: skip


def trained(config: Config, folder: str) -> None:
    from ner_rnn.training.fit import train

    train(config, Path(folder), on_notice=lambda text: None)


def test_from_recipes_to_a_report(capsys: Captured) -> None:
    """One real training, one that fails as it begins, and two recipes that are the same."""
    Path("vectors.yaml").write_text("model:\n  vectors: absent.txt\n")
    words = ["compare", "gru.yaml", "vectors.yaml", "twin.yaml", "--data", "corpus",
             "--output", "out", *FLAGS]  # fmt: skip
    assert main(words) == 1
    out, err = capsys.readouterr()
    assert "gru, twin, seed 1: test F1 " in err
    assert "vectors, seed 1: failed: absent.txt does not exist" in err
    assert "note: vectors, seed 1 failed: absent.txt does not exist" in err
    assert "gru, twin" in out
    assert "1 epoch over the training data, 1,600 words a batch, seed 1" in out
    report = json.loads(Path("out/report.json").read_text("utf-8"))
    (row,) = report["rows"]
    assert row["names"] == ["gru", "twin"]
    assert row["runs"][0]["epochs"] == 1
    assert row["words_per_second"] > 0
    assert report["settings"]["model.hidden_size"] == "8"
    assert list(report["failures"]) == ["vectors, seed 1"]
    assert report["data"]["test"]["sentences"] == 12
    assert report["command"].startswith("ner-rnn compare gru.yaml vectors.yaml twin.yaml --data")
    for file in ("report.md", "report.html", "comparison.svg", "cost.svg", "runs/gru/seed-1.log"):
        assert Path("out", file).stat().st_size > 0
    saved = json.loads(Path("out/runs/gru/seed-1/config.json").read_text("utf-8"))
    assert saved["trainer"]["epochs"] == 1

    # what is trained is kept, and found again under the other name
    before = Path("out/runs/gru/seed-1/manifest.json").stat().st_mtime_ns
    assert main(["compare", "twin.yaml", "gru.yaml", "--data", "corpus", "--output", "out",
                 "--resume", *FLAGS]) == 0  # fmt: skip
    out, err = capsys.readouterr()
    assert "1 of 1 trainings are done already" in err
    assert "twin, gru" in out
    assert Path("out/runs/gru/seed-1/manifest.json").stat().st_mtime_ns == before


def test_without_a_test_split_dev_is_reported(capsys: Captured) -> None:
    Path("corpus/test.txt").unlink()
    trained(small(), "out/runs/gru/seed-1")
    assert main(["compare", "gru.yaml", "--data", "corpus", "--output", "out", "--resume",
                 *FLAGS]) == 0  # fmt: skip
    out, err = capsys.readouterr()
    assert "note: there is no test split: the scores are of dev" in err
    assert "dev F1" in out
    assert "test F1" not in out
    report = json.loads(Path("out/report.json").read_text("utf-8"))
    assert report["split"] == "dev"


def test_a_model_of_other_settings_is_refused(capsys: Captured) -> None:
    trained(small(), "out/runs/gru/seed-1")
    assert main(["compare", "gru.yaml", "--data", "corpus", "--output", "out", "--resume", *FLAGS,
                 "--model.memory", "false"]) == 2  # fmt: skip
    assert capsys.readouterr().err == (
        "error: out/runs/gru/seed-1: model.memory of the model there is true: the same setting "
        "is false now; give another --output, or remove that folder\n"
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["absent.yaml"], "absent.yaml does not exist: check the path"),
        (
            ["gru.yaml", "./gru.yaml"],
            "./gru.yaml is given twice: give each config once",
        ),
        (
            ["gru.yaml", "broken.yaml"],
            "broken.yaml:2: model.layers is 'many': expected a whole number",
        ),
        (
            ["gru.yaml", "rnn.yaml", "--model.nonlinearity", "relu"],
            "gru.yaml: --model.nonlinearity is 'relu' but model.cell is 'gru': only rnn, clockwork "
            "and none have a choice of nonlinearity; leave it out",
        ),
        (["gru.yaml", "--seeds", "1", "2", "1"], "--seeds holds 1 twice: give each seed once"),
        (["gru.yaml", "--seeds", "-1"], "argument --seeds: -1 is not from 0 to"),
        (["gru.yaml", "--seeds", "x"], "argument --seeds: invalid whole number value: 'x'"),
        (
            ["gru.yaml", "--seeds", str(2**32)],
            f"argument --seeds: {2**32} is not from 0 to {2**32 - 1}; see ner-rnn compare --help",
        ),
        (["gru.yaml", "--workers", "0"], "argument --workers: 0 is not from 1 to"),
        (["gru.yaml", "--trainer.epochs", "0"], "gru.yaml: --trainer.epochs is 0: it must be 1"),
        (["gru.yaml", "--model.layer", "2"], "there is no flag --model.layer; did you mean"),
        (["gru.yaml", "--output", "corpus"], "corpus is there already: add --resume to keep"),
        (["gru.yaml", "--output", "gru.yaml"], "gru.yaml is there already: add --resume"),
        (
            ["gru.yaml", "--data", "corpus/nowhere"],
            "corpus/nowhere does not exist: give a folder, a Hub id",
        ),
    ],
)
def test_bad_input(words: list[str], message: str, capsys: Captured) -> None:
    Path("broken.yaml").write_text("model:\n  layers: many\n")
    before = sorted(Path().rglob("*"))
    given = ["--data", "corpus", "--output", "out"]
    assert main(["compare", *given, *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error: {message}")
    assert err.count("\n") == 1
    assert sorted(Path().rglob("*")) == before, "nothing may be left behind"


def test_recipes_of_different_data(capsys: Captured) -> None:
    Path("other.yaml").write_text("data:\n  corpus: open\nmodel:\n  cell: rnn\n")
    words = ["compare", "gru.yaml", "other.yaml", "--output", "out"]
    assert main(words) == 2
    assert "other.yaml: data.corpus is open, and in gru.yaml it is null" in capsys.readouterr().err


def test_nothing_to_score_on(capsys: Captured) -> None:
    words = ["compare", "gru.yaml", "--data.train", "corpus/train.txt", "--output", "out"]
    assert main(words) == 2
    assert capsys.readouterr().err == (
        "error: there is nothing to score on: give --data.test or --data.dev\n"
    )


def test_without_matplotlib_nothing_is_trained(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert main(["compare", "gru.yaml", "--data", "corpus", "--output", "out"]) == 2
    assert "pip install 'ner-rnn[plots]'" in capsys.readouterr().err
    assert not Path("out").exists()


def test_help_has_examples(capsys: Captured) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["compare", "--help"])
    assert stop.value.code == 0
    shown = capsys.readouterr().out
    assert "ner-rnn compare configs/*.yaml --data corpora/conll2003 --seeds 1 2 3" in shown
    assert "--model.memory" in shown
