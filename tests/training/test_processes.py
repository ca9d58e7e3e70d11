"""Two processes on one machine: the same report as one, through the command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ner_rnn.model.bundle import read_bundle
from ner_rnn.model.settings import Config
from ner_rnn.training.fit import train

TWO = ("--trainer.devices", "2", "--trainer.strategy", "ddp")


ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith("PL_")} | {
    "OMP_NUM_THREADS": "1"
}


def ner_rnn(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ner_rnn_cli", *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
        env=ENVIRONMENT,
    )


@pytest.fixture(scope="module")
def half_learned(recipe: Callable[..., Config], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that still makes mistakes, so that a lost sentence would show."""
    output = tmp_path_factory.mktemp("half") / "run"
    train(recipe(trainer__epochs=3), output, on_notice=lambda line: None)
    return output


def test_two_processes_report_what_one_reports(
    half_learned: Path, corpus: Path, scores_of: Callable[..., dict[str, Any]]
) -> None:
    one_sentence = corpus / "one sentence.txt"
    one_sentence.write_text("Maria X B-PER\nSilva X I-PER\nsang X O\n", encoding="utf-8")
    files = [str(corpus / "test.txt"), str(corpus / "train.txt"), str(one_sentence)]
    alone = scores_of(half_learned, files)
    assert [alone[file]["sentences"] for file in files] == [23, 60, 1]
    assert 0 < alone[files[1]]["names"]["correct"] < alone[files[1]]["names"]["support"]
    ran = ner_rnn("evaluate", "--model", str(half_learned), "--data", *files, "--json", *TWO)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == alone, "one report, to the last digit"


def train_words(corpus: Path, output: Path, epochs: int) -> list[str]:
    settings = {
        "data.train": corpus / "train.txt", "data.dev": corpus / "dev.txt",
        "data.test": corpus / "test.txt", "data.cache": corpus / "cache",
        "model.hidden-size": 8, "model.word-size": 8, "model.char-hidden": 4,
        "model.input-dropout": 0.1, "model.dropout": 0.1, "model.word-dropout": 0.2,
        "trainer.epochs": epochs, "trainer.batch-tokens": 64, "trainer.learning-rate": 0.05,
    }  # fmt: skip
    flags = [word for key, value in settings.items() for word in (f"--{key}", str(value))]
    return ["train", *flags, "--output", str(output), *TWO]


def test_two_processes_train_one_model(
    corpus: Path, tmp_path: Path, scores_of: Callable[..., dict[str, Any]]
) -> None:
    output = tmp_path / "run"
    ran = ner_rnn(*train_words(corpus, output, epochs=6))
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count("The model is in") == 1, "one process speaks for all"
    said = ran.stderr.splitlines()
    assert len(set(said)) == len(said), "and says everything once"
    metrics = read_bundle(output).metrics
    assert metrics["processes"] == 2
    assert metrics["scores"]["test"]["names"]["correct"] > 0
    files = [str(corpus / "dev.txt"), str(corpus / "test.txt")]
    alone = scores_of(output, files)
    assert [metrics["scores"]["dev"], metrics["scores"]["test"]] == [alone[f] for f in files]
    assert not list(output.glob(".writing*"))


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_one_of_two_processes_stops_both(
    number: signal.Signals, corpus: Path, tmp_path: Path
) -> None:
    output = tmp_path / "run"
    running = subprocess.Popen(
        [sys.executable, "-m", "ner_rnn_cli", *train_words(corpus, output, epochs=10_000)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=ENVIRONMENT,
    )
    try:
        assert running.stderr is not None
        for line in running.stderr:
            if "epoch 2" in line:
                running.send_signal(number)
                break
        stdout, stderr = running.communicate(timeout=120)
    finally:
        running.kill()
    assert running.returncode == 130, stderr
    assert "last.ckpt is kept" in stderr
    assert "error" not in stderr.lower()
    assert "The model is in" not in stdout
    assert (output / "checkpoints" / "last.ckpt").is_file()
    assert not (output / "manifest.json").exists()
